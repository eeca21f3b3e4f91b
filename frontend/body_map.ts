/** A touch on the body chooses the side too. Without this script the label chooses the region alone. */
import { all, find } from "./common/dom.ts";

for (const map of all<HTMLElement>(document, "[data-body-map]")) {
  map.addEventListener("click", (event) => {
    const spot = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-side]") : null;
    if (!spot) return;
    const side = find<HTMLInputElement>(map, `input[name=side][value=${spot.dataset["side"]}]`);
    if (side) side.checked = true;
  });
}
