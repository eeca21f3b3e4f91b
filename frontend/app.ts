/** On every page: htmx, the theme button, menus that close, and stage changes said aloud. */
import htmx from "htmx.org";
import { all, find, need, setText } from "./common/dom.ts";
import { chooseTheme, currentTheme, onThemeChange } from "./common/theme_choice.ts";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
window.htmx = htmx;

function wireThemeButton(): void {
  const button = find<HTMLButtonElement>(document, "[data-theme-toggle]");
  if (!button) return;
  const show = (): void => {
    const theme = currentTheme();
    button.setAttribute("aria-pressed", String(theme === "dark"));
    need<HTMLElement>(button, "[data-when=light]").hidden = theme === "dark";
    need<HTMLElement>(button, "[data-when=dark]").hidden = theme === "light";
  };
  button.addEventListener("click", () => chooseTheme(currentTheme() === "dark" ? "light" : "dark"));
  onThemeChange(show);
  show();
  button.hidden = false;
}

/** A <details> menu closes on Escape (focus back on its button) and on a click elsewhere. */
function wireMenus(): void {
  const menus = all<HTMLDetailsElement>(document, "details[data-menu]");
  document.addEventListener("click", (event) => {
    for (const menu of menus) if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus) {
      if (!menu.open) continue;
      menu.open = false;
      find<HTMLElement>(menu, "summary")?.focus();
    }
  });
}

/** A live region must outlive the partial that htmx replaces; so the partial carries the sentence, and the page says it. */
function wireAnnouncements(): void {
  const region = find<HTMLElement>(document, "[data-announcements]");
  if (!region) return;
  const say = (): void => {
    const sentence = find<HTMLElement>(document, "[data-announce]")?.dataset["announce"];
    if (sentence) setText(region, sentence);
  };
  document.addEventListener("htmx:afterSettle", say);
}

/** A phone's film may be coded in a way that this browser can't read: say so instead of showing a black box. */
function wireFilms(): void {
  for (const film of all<HTMLVideoElement>(document, "video[data-film]")) {
    const message = find<HTMLElement>(film.parentElement ?? document, "[data-film-failed]");
    const fail = (): void => {
      if (!message) return;
      message.hidden = false;
      film.hidden = true;
    };
    // The last source's error means that none could be read; it may have come before this script.
    all<HTMLSourceElement>(film, "source").at(-1)?.addEventListener("error", fail);
    film.addEventListener("error", fail);
    film.addEventListener("loadedmetadata", () => {
      if (film.videoWidth === 0) fail();
    });
    if (film.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) fail();
  }
}

wireThemeButton();
wireMenus();
wireFilms();
wireAnnouncements();
