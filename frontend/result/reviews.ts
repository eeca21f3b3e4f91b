/** The review form's buttons: the film's moment into a field, and a field's moment on the film.
 *
 * Clicks are caught on the page's part that stays, because htmx replaces the forms one by one.
 */
import { all, find, setText } from "../common/dom.ts";
import { clock, fill } from "../common/words.ts";
import type { Player } from "./player.ts";

/** Seconds as a number field takes them: a point, milliseconds. */
export function fieldSeconds(seconds: number): string {
  return Math.max(0, seconds).toFixed(3);
}

function fieldOf(button: HTMLButtonElement, name: "setTime" | "showField"): HTMLInputElement | null {
  const field = document.getElementById(button.dataset[name] ?? "");
  return field instanceof HTMLInputElement ? field : null;
}

export function wireReviews(root: HTMLElement, player: Player, reveal: (video: HTMLVideoElement) => void): void {
  const said = find<HTMLElement>(document, "[data-announcements]");
  root.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const taken = fieldOf(button, "setTime");
    if (taken) {
      taken.value = fieldSeconds(player.time);
      taken.dispatchEvent(new Event("input", { bubbles: true }));
      if (said) setText(said, fill(button.dataset["said"] ?? "", { time: clock(player.time) }));
    }
    const shown = fieldOf(button, "showField");
    if (shown && shown.value !== "") {
      player.show(shown.valueAsNumber);
      if (player.video) reveal(player.video);
    }
  });
  const tell = (): void => {
    for (const place of all<HTMLElement>(root, "[data-film-time]")) setText(place, clock(player.time));
  };
  player.onTime(tell);
  document.addEventListener("htmx:afterSettle", tell);
  root.dataset["clock"] = "true";
}
