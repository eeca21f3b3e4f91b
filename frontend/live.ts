/** The page in front of the camera. The script runs a set; what is said about the lift comes from the server. */
import { all, find, need } from "./common/dom.ts";
import { LiveStage } from "./live/stage.ts";
import { canRun } from "./live/pose.ts";
import { Screen } from "./live/screen.ts";

function start(root: HTMLElement): void {
  const screen = new Screen(root);
  if (!canRun()) {
    screen.problem(screen.text("no_webgl"));
    for (const button of all<HTMLButtonElement>(root, "[data-open]")) button.disabled = true;
    return;
  }
  const form = need<HTMLFormElement>(root, "form[data-begin]");
  const stage = new LiveStage(root, form, screen);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) void stage.open();
  });
  for (const button of all<HTMLButtonElement>(root, "[data-continue]")) {
    button.addEventListener("click", () => void stage.goOn(button.dataset["continue"] ?? ""));
  }
  const noscript = find<HTMLElement>(root, "[data-needs-script]");
  if (noscript) noscript.hidden = true;
}

const root = find<HTMLElement>(document, "[data-live]");
if (root) start(root);
