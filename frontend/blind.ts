/** Reviewing a set before the verdict: the film stays, htmx brings one repetition after the other. */
import { all, find, numberFrom } from "./common/dom.ts";
import { Player } from "./result/player.ts";
import type { RepTimes } from "./result/reps.ts";
import { wireReviews } from "./result/reviews.ts";
import { reveal, wireTransport } from "./result/transport.ts";

const FRAME_S = 1 / 30; // nothing measured comes to this page, not even the film's frame times

function listed(root: HTMLElement): RepTimes[] {
  return all<HTMLElement>(root, "[data-rep]").map((element) => ({
    number: numberFrom(element, "rep"),
    start: numberFrom(element, "start"),
    lockout: numberFrom(element, "lockout"),
    end: numberFrom(element, "end"),
  }));
}

/** Plays from the start of the repetition to its end. A jump by hand or a pause ends that. */
class Span {
  private stopAt = Number.NaN;

  constructor(private readonly player: Player) {
    player.onTime((seconds) => {
      if (seconds < this.stopAt) return;
      if (Number.isFinite(this.stopAt)) player.video?.pause();
    });
    player.video?.addEventListener("pause", () => {
      this.stopAt = Number.NaN;
    });
  }

  play(start: number, end: number): void {
    this.player.playFrom(start);
    this.stopAt = end;
  }
}

function start(root: HTMLElement, video: HTMLVideoElement): void {
  const player = new Player(video, 0);
  const span = new Span(player);
  const step = (): HTMLElement | null => find<HTMLElement>(root, "[data-step-start]");
  const show = (): void => {
    const button = find<HTMLButtonElement>(root, "[data-play-step]");
    if (button) button.hidden = false;
    const here = step();
    if (here) player.show(numberFrom(here, "stepStart"));
  };
  root.addEventListener("click", (event) => {
    const here = step();
    if (!here || !(event.target instanceof Element) || !event.target.closest("[data-play-step]")) return;
    span.play(numberFrom(here, "stepStart"), numberFrom(here, "stepEnd"));
    reveal(video);
  });
  wireReviews(root, player, reveal);
  wireTransport(root, player, listed(root), FRAME_S);
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) show();
  else video.addEventListener("loadedmetadata", show, { once: true });
  document.addEventListener("htmx:afterSettle", show);
  root.dataset["ready"] = "true";
}

const root = find<HTMLElement>(document, "[data-blind]");
const video = root && find<HTMLVideoElement>(root, "video");
if (root && video) start(root, video);
