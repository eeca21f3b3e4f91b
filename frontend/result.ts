/** The result page: video, panel, graph and repetition table move together. Without this script each still stands by itself. */
import "uplot/dist/uPlot.min.css";
import { all, find, need, numberFrom } from "./common/dom.ts";
import { fillAngleTable } from "./result/angle_table.ts";
import { Graph } from "./result/graph.ts";
import { followPanel } from "./result/panel.ts";
import { Player } from "./result/player.ts";
import { repAt, type RepTimes } from "./result/reps.ts";
import { wireReviews } from "./result/reviews.ts";
import { frameStep, parseSeries, type Series } from "./result/series.ts";
import { reveal, wireTransport } from "./result/transport.ts";

interface RepRow extends RepTimes {
  element: HTMLElement;
}

function repRows(root: HTMLElement): RepRow[] {
  return all<HTMLElement>(root, "[data-rep]").map((element) => ({
    element,
    number: numberFrom(element, "rep"),
    start: numberFrom(element, "start"),
    lockout: numberFrom(element, "lockout"),
    end: numberFrom(element, "end"),
  }));
}

function wireJumps(root: HTMLElement, player: Player): void {
  for (const button of all<HTMLButtonElement>(root, "button[data-show-at], button[data-play-from]")) {
    button.addEventListener("click", () => {
      const from = numberFrom(button, "playFrom");
      const until = numberFrom(button, "playUntil");
      if (Number.isFinite(from)) player.playFrom(from, Number.isFinite(until) ? until : undefined);
      else player.show(numberFrom(button, "showAt"));
      if (player.video) reveal(player.video);
    });
    button.hidden = false;
  }
}

function markCurrentRep(rows: readonly RepRow[], player: Player): void {
  player.onTime((seconds) => {
    const now = repAt(rows, seconds);
    for (const row of rows) row.element.classList.toggle("is-current", row === now);
  });
}

async function fetchSeries(url: string): Promise<Series> {
  const response = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!response.ok) throw new Error(`series: ${response.status}`);
  return parseSeries(await response.json());
}

async function start(root: HTMLElement): Promise<void> {
  const video = find<HTMLVideoElement>(root, "video");
  const url = root.dataset["seriesUrl"];
  if (!url) return;
  const rows = repRows(root);
  const graph = find<HTMLElement>(root, "[data-graph]");
  try {
    const series = await fetchSeries(url);
    const player = new Player(video, series.time_s.at(-1) ?? 0);
    wireJumps(root, player);
    wireReviews(root, player, reveal);
    wireTransport(root, player, rows, frameStep(series.time_s));
    markCurrentRep(rows, player);
    const panel = find<HTMLElement>(root, "[data-live-panel]");
    if (panel) followPanel(panel, series, player);
    if (graph) {
      graph.hidden = false;
      new Graph(graph, series, rows, player);
      fillAngleTable(need(graph, "[data-angle-rows]"), series, rows);
    }
    root.dataset["ready"] = "true";
  } catch (error) {
    console.error(error);
    const failed = find<HTMLElement>(root, "[data-graph-failed]");
    if (failed) failed.hidden = false;
    const player = new Player(video, 0);
    wireJumps(root, player);
    if (video) wireReviews(root, player, reveal);
  }
}

const root = find<HTMLElement>(document, "[data-result]");
if (root) void start(root);
