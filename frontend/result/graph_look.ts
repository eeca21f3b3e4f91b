/** How the graph is drawn: axes and curves in the theme's colours, shading and repetition lines under them. */
import type uPlot from "uplot";
import type { RepTimes } from "./reps.ts";
import { upSpans, type Maybe, type Reading, type Series } from "./series.ts";

export interface Curve {
  name: "hip" | "knee" | "trunk" | "extension";
  /** Tells the curves apart without colour. */
  dash: number[];
  values: Maybe[];
  read: (now: Reading) => string;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Shade the "up" stretches and mark each repetition's lockout with its number. */
export function drawGround(series: Series, reps: readonly RepTimes[]): (plot: uPlot) => void {
  const spans = upSpans(series);
  return (plot) => {
    const { ctx } = plot;
    const { top, height } = plot.bbox;
    const dot = devicePixelRatio;
    const x = (seconds: number): number => plot.valToPos(seconds, "x", true);
    ctx.save();
    ctx.fillStyle = colour("--phase-up");
    for (const span of spans) ctx.fillRect(x(span.start), top, x(span.end) - x(span.start), height);
    ctx.strokeStyle = colour("--line-strong");
    ctx.fillStyle = colour("--muted");
    ctx.lineWidth = dot;
    ctx.font = `600 ${12 * dot}px ${colour("--font")}`;
    ctx.textAlign = "center";
    ctx.setLineDash([3 * dot, 3 * dot]);
    for (const rep of reps) {
      const at = x(rep.lockout);
      ctx.beginPath();
      ctx.moveTo(at, top + 18 * dot);
      ctx.lineTo(at, top + height);
      ctx.stroke();
      ctx.fillText(String(rep.number), at, top + 13 * dot);
    }
    ctx.restore();
  };
}

function axis(unit: string, size: number): uPlot.Axis {
  return {
    stroke: () => colour("--muted"),
    grid: { stroke: () => colour("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${colour("--font")}`,
    size,
    values: (_plot: uPlot, splits: number[]) => splits.map((value) => `${value}${unit}`),
  };
}

/** `unit` is that of the curves: degrees need room up to 180, percent up to 100; both some more for the numbers on top. */
export function options(
  curves: readonly Curve[],
  unit: "°" | " %",
  width: number,
  ground: (plot: uPlot) => void,
): uPlot.Options {
  const most = unit === "°" ? 205 : 118;
  return {
    width,
    height: width < 560 ? 200 : 260,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
    scales: { x: { time: false }, y: { range: (_plot, low, high) => [Math.min(0, low ?? 0), Math.max(most, (high ?? 0) + 20)] } },
    axes: [axis(" s", 28), axis(unit, 52)],
    series: [
      {},
      ...curves.map(({ name, dash }) => ({
        stroke: () => colour(`--curve-${name === "extension" ? "hip" : name}`),
        width: 2,
        dash,
        points: { show: false },
        spanGaps: false,
      })),
    ],
    hooks: { drawClear: [ground] },
  };
}
