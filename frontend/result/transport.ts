/** The bar under a film: from repetition to repetition, from frame to frame, slower. */
import { all, find, need, setText } from "../common/dom.ts";
import { clock } from "../common/words.ts";
import type { Player } from "./player.ts";
import { nextRep, previousRep, type RepTimes } from "./reps.ts";

/** Bring the video into view when a button far down the page moved it. */
export function reveal(video: HTMLVideoElement): void {
  const box = video.getBoundingClientRect();
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  if (box.top < 0 || box.top > innerHeight * 0.6) video.scrollIntoView({ block: "center", behavior });
}

export function wireTransport(root: HTMLElement, player: Player, reps: readonly RepTimes[], step: number): void {
  const bar = find<HTMLElement>(root, "[data-transport]");
  if (!bar) return;
  const actions: Record<string, () => void> = {
    "previous-rep": () => player.show(previousRep(reps, player.time)?.start ?? 0),
    "previous-frame": () => player.show(player.time - step),
    "next-frame": () => player.show(player.time + step),
    "next-rep": () => {
      const next = nextRep(reps, player.time);
      if (next) player.show(next.start);
    },
  };
  for (const button of all<HTMLButtonElement>(bar, "button[data-action]")) {
    const action = actions[button.dataset["action"] ?? ""];
    if (action) button.addEventListener("click", action);
  }
  const speed = need<HTMLSelectElement>(bar, "select");
  speed.addEventListener("change", () => {
    player.setSpeed(Number(speed.value));
  });
  const time = need<HTMLElement>(bar, "[data-time]");
  player.onTime((seconds) => setText(time, clock(seconds)));
  bar.hidden = false;
}
