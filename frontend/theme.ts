/** Loaded in the head, before anything is painted: the stored theme, if the person chose one. */
import { storedTheme } from "./common/theme_choice.ts";

const chosen = storedTheme();
if (chosen) document.documentElement.dataset["theme"] = chosen;
