/** Rating a film: steps and speed for the film, number keys for the points, the total as it stands. */
import { all, find, setText } from "./common/dom.ts";
import { next, totalOf } from "./rating/points.ts";
import { Player } from "./result/player.ts";
import { wireTransport } from "./result/transport.ts";

const FRAME_S = 1 / 30; // nothing measured comes to this page

function radios(criterion: HTMLElement): HTMLInputElement[] {
  return all<HTMLInputElement>(criterion, "input[type=radio]");
}

function wirePoints(form: HTMLFormElement): void {
  const criteria = all<HTMLElement>(form, "[data-criterion]");
  const total = find<HTMLElement>(form, "[data-total]");
  const chosen = (): (number | null)[] =>
    criteria.map((one) => {
      const box = radios(one).find((radio) => radio.checked);
      return box ? Number(box.value) : null;
    });
  const show = (): void => {
    if (total) setText(total, totalOf(chosen()) ?? "–");
  };
  form.addEventListener("change", show);
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || !/^\d$/.test(event.key)) return;
    if (at instanceof HTMLElement && at.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) return;
    const focused = criteria.findIndex((one) => at instanceof Node && one.contains(at));
    const here = focused >= 0 ? focused : next(chosen(), -1);
    const criterion = criteria[here];
    const box = criterion && radios(criterion).find((radio) => radio.value === event.key);
    if (!box) return;
    event.preventDefault();
    box.checked = true;
    show();
    const following = criteria[next(chosen(), here)] ?? criterion;
    const boxes = radios(following);
    (boxes.find((radio) => radio.checked) ?? boxes[0])?.focus();
  });
  show();
}

const root = find<HTMLElement>(document, "[data-rating]");
const video = root && find<HTMLVideoElement>(root, "video");
if (root && video) wireTransport(root, new Player(video, 0), [], FRAME_S);
const form = root && find<HTMLFormElement>(root, "form[data-points]");
if (form) wirePoints(form);
if (root) root.dataset["ready"] = "true";
