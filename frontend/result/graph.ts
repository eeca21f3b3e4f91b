/** The graph under the video: hip, knee and trunk over time, shaded where the lift is "up", a line per repetition, a moving cursor.
 *
 * A front view hides those angles; then it shows how far up the lifter stands.
 * It is one slider to the keyboard and to a screen reader (arrows: one frame; with Shift or Page keys: one second; Home, End),
 * and a surface to scrub on to a mouse or finger. What it shows stands as numbers in the table under it.
 */
import uPlot from "uplot";
import { all, find, need, setText } from "../common/dom.ts";
import { onThemeChange } from "../common/theme_choice.ts";
import { clock, degrees, fill, percent } from "../common/words.ts";
import { drawGround, options, type Curve } from "./graph_look.ts";
import type { Player } from "./player.ts";
import type { RepTimes } from "./reps.ts";
import { frameStep, hasAngles, readingAt, type Series } from "./series.ts";

function curvesOf(series: Series): Curve[] {
  if (!hasAngles(series)) {
    const values = series.extension.map((share) => (share === null ? null : 100 * share));
    return [{ name: "extension", dash: [], values, read: (now) => percent(now.extension) }];
  }
  return [
    { name: "hip", dash: [], values: series.hip_deg, read: (now) => degrees(now.hip) },
    { name: "knee", dash: [9, 4], values: series.knee_deg, read: (now) => degrees(now.knee) },
    { name: "trunk", dash: [2, 4], values: series.trunk_deg, read: (now) => degrees(now.trunk) },
  ];
}

export class Graph {
  private readonly curves: readonly Curve[];
  private readonly plot: uPlot;
  private readonly slider: HTMLElement;
  private readonly head: HTMLElement;
  private readonly step: number;
  private readonly sentence: string;

  constructor(
    private readonly root: HTMLElement,
    private readonly series: Series,
    reps: readonly RepTimes[],
    private readonly player: Player,
  ) {
    this.slider = need<HTMLElement>(root, "[data-graph-slider]");
    this.curves = curvesOf(series);
    this.step = frameStep(series.time_s);
    const angles = hasAngles(series);
    for (const part of all<HTMLElement>(root, "[data-angles]")) part.hidden = !angles;
    for (const part of all<HTMLElement>(root, "[data-no-angles]")) part.hidden = angles;
    this.sentence = this.slider.dataset[angles ? "value" : "valueExtension"] ?? "{time}";
    const look = options(this.curves, angles ? "°" : " %", this.slider.clientWidth, drawGround(series, reps));
    this.plot = new uPlot(look, [series.time_s, ...this.curves.map((curve) => curve.values)], this.slider);
    this.head = document.createElement("div");
    this.head.className = "graph__head";
    this.plot.over.append(this.head);
    this.wirePointer();
    this.wireKeys();
    this.wireCurveSwitches();
    this.wireLayout();
    this.slider.setAttribute("aria-valuemax", player.duration.toFixed(1));
    player.onTime((seconds) => this.show(seconds));
  }

  private show(seconds: number): void {
    const left = Math.min(Math.max(0, this.plot.valToPos(seconds, "x")), this.plot.over.clientWidth);
    this.head.style.transform = `translateX(${left}px)`;
    const now = readingAt(this.series, seconds);
    const values: Record<string, string> = { time: clock(seconds) };
    for (const curve of this.curves) {
      const text = now ? curve.read(now) : "–";
      values[curve.name] = text;
      const readout = find(this.root, `[data-readout=${curve.name}]`);
      if (readout) setText(readout, text);
    }
    this.slider.setAttribute("aria-valuenow", seconds.toFixed(2));
    this.slider.setAttribute("aria-valuetext", fill(this.sentence, values));
  }

  private wirePointer(): void {
    const over = this.plot.over;
    const seek = (event: PointerEvent): void => {
      const left = event.clientX - over.getBoundingClientRect().left;
      this.player.seek(this.plot.posToVal(left, "x"));
    };
    over.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      over.setPointerCapture(event.pointerId);
      this.slider.focus({ preventScroll: true });
      seek(event);
    });
    over.addEventListener("pointermove", (event) => {
      if (over.hasPointerCapture(event.pointerId)) seek(event);
    });
  }

  private wireKeys(): void {
    const moves: Record<string, (step: number) => number> = {
      ArrowRight: (step) => this.player.time + step,
      ArrowUp: (step) => this.player.time + step,
      ArrowLeft: (step) => this.player.time - step,
      ArrowDown: (step) => this.player.time - step,
      PageUp: () => this.player.time + 1,
      PageDown: () => this.player.time - 1,
      Home: () => 0,
      End: () => this.player.duration,
    };
    this.slider.addEventListener("keydown", (event) => {
      const move = moves[event.key];
      if (event.key === " ") this.player.toggle();
      else if (move) this.player.show(move(event.shiftKey ? 1 : this.step));
      else return;
      event.preventDefault();
    });
  }

  private wireCurveSwitches(): void {
    for (const box of all<HTMLInputElement>(this.root, "input[data-curve]")) {
      const index = this.curves.findIndex(({ name }) => name === box.dataset["curve"]) + 1;
      if (index > 0) box.addEventListener("change", () => this.plot.setSeries(index, { show: box.checked }));
    }
  }

  private wireLayout(): void {
    new ResizeObserver(() => {
      const width = this.slider.clientWidth;
      if (!width || width === this.plot.width) return;
      this.plot.setSize({ width, height: this.plot.height });
      this.show(this.player.time);
    }).observe(this.slider);
    onThemeChange(() => this.plot.redraw(false));
  }
}
