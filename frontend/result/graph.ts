/** The angle graph: hip, knee and trunk over time, shaded where the lift is "up", a line per repetition, a moving cursor.
 *
 * It is one slider to the keyboard and to a screen reader (arrows: one frame; with Shift or Page keys: one second; Home, End),
 * and a surface to scrub on to a mouse or finger. What it shows stands as numbers in the table under it.
 */
import uPlot from "uplot";
import { all, find, need, setText } from "../common/dom.ts";
import { onThemeChange } from "../common/theme_choice.ts";
import { clock, degrees, fill } from "../common/words.ts";
import type { Player } from "./player.ts";
import type { RepTimes } from "./reps.ts";
import { frameStep, readingAt, upSpans, type Series } from "./series.ts";

const CURVES = [
  { name: "hip", dash: [] },
  { name: "knee", dash: [9, 4] },
  { name: "trunk", dash: [2, 4] },
] as const;

const HEIGHT_WIDE = 260;
const HEIGHT_NARROW = 200;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Shade the "up" stretches and mark each repetition's lockout with its number, under the curves. */
function drawGround(series: Series, reps: readonly RepTimes[]): (plot: uPlot) => void {
  const spans = upSpans(series);
  return (plot) => {
    const { ctx } = plot;
    const { top, height } = plot.bbox;
    const x = (seconds: number): number => plot.valToPos(seconds, "x", true);
    ctx.save();
    ctx.fillStyle = colour("--phase-up");
    for (const span of spans) ctx.fillRect(x(span.start), top, x(span.end) - x(span.start), height);
    ctx.strokeStyle = colour("--line-strong");
    ctx.fillStyle = colour("--muted");
    ctx.lineWidth = devicePixelRatio;
    ctx.font = `600 ${12 * devicePixelRatio}px ${colour("--font")}`;
    ctx.textAlign = "center";
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const rep of reps) {
      const at = x(rep.lockout);
      ctx.beginPath();
      ctx.moveTo(at, top + 18 * devicePixelRatio);
      ctx.lineTo(at, top + height);
      ctx.stroke();
      ctx.fillText(String(rep.number), at, top + 13 * devicePixelRatio);
    }
    ctx.restore();
  };
}

function axis(values: (plot: uPlot, splits: number[]) => string[], size: number): uPlot.Axis {
  return {
    stroke: () => colour("--muted"),
    grid: { stroke: () => colour("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${colour("--font")}`,
    size,
    values,
  };
}

function options(series: Series, reps: readonly RepTimes[], width: number): uPlot.Options {
  return {
    width,
    height: width < 560 ? HEIGHT_NARROW : HEIGHT_WIDE,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
    scales: { x: { time: false }, y: { range: (_plot, low, high) => [Math.min(0, low), Math.max(205, high + 20)] } },
    axes: [
      axis((_plot, splits) => splits.map((s) => `${s} s`), 28),
      axis((_plot, splits) => splits.map((v) => `${v}°`), 44),
    ],
    series: [
      {},
      ...CURVES.map(({ name, dash }) => ({
        stroke: () => colour(`--curve-${name}`),
        width: 2,
        dash: [...dash],
        points: { show: false },
        spanGaps: false,
      })),
    ],
    hooks: { drawClear: [drawGround(series, reps)] },
  };
}

export class AngleGraph {
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
    this.sentence = this.slider.dataset["value"] ?? "{time}";
    this.step = frameStep(series.time_s);
    const data: uPlot.AlignedData = [series.time_s, series.hip_deg, series.knee_deg, series.trunk_deg];
    this.plot = new uPlot(options(series, reps, this.slider.clientWidth), data, this.slider);
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
    const values = { hip: degrees(now?.hip ?? null), knee: degrees(now?.knee ?? null), trunk: degrees(now?.trunk ?? null) };
    for (const { name } of CURVES) {
      const readout = find(this.root, `[data-readout=${name}]`);
      if (readout) setText(readout, values[name]);
    }
    this.slider.setAttribute("aria-valuenow", seconds.toFixed(2));
    this.slider.setAttribute("aria-valuetext", fill(this.sentence, { time: clock(seconds), ...values }));
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
    const moves: Record<string, () => number> = {
      ArrowRight: () => this.player.time + this.step,
      ArrowUp: () => this.player.time + this.step,
      ArrowLeft: () => this.player.time - this.step,
      ArrowDown: () => this.player.time - this.step,
      PageUp: () => this.player.time + 1,
      PageDown: () => this.player.time - 1,
      Home: () => 0,
      End: () => this.player.duration,
    };
    this.slider.addEventListener("keydown", (event) => {
      if (event.key === " ") this.player.toggle();
      else if (event.shiftKey && event.key.startsWith("Arrow")) {
        this.player.show(this.player.time + (event.key === "ArrowRight" || event.key === "ArrowUp" ? 1 : -1));
      } else {
        const move = moves[event.key];
        if (!move) return;
        this.player.show(move());
      }
      event.preventDefault();
    });
  }

  private wireCurveSwitches(): void {
    for (const box of all<HTMLInputElement>(this.root, "input[data-curve]")) {
      const index = CURVES.findIndex(({ name }) => name === box.dataset["curve"]) + 1;
      box.addEventListener("change", () => this.plot.setSeries(index, { show: box.checked }));
    }
  }

  private wireLayout(): void {
    new ResizeObserver(() => {
      const width = this.slider.clientWidth;
      if (!width || width === this.plot.width) return;
      this.plot.setSize({ width, height: width < 560 ? HEIGHT_NARROW : HEIGHT_WIDE });
      this.show(this.player.time);
    }).observe(this.slider);
    onThemeChange(() => this.plot.redraw(false));
  }
}
