/** The per-frame curves of a session: read, checked, and looked up by the video's time. No DOM. */

export type Maybe = number | null;
export type Phase = "up" | "down" | null;

export interface Series {
  time_s: number[];
  extension: Maybe[];
  p_up: Maybe[];
  rep_count: number[];
  hip_deg: Maybe[];
  knee_deg: Maybe[];
  trunk_deg: Maybe[];
  phase: Phase[];
  stance: (string | null)[];
  stance_score: Maybe[];
  lean: (string | null)[];
  lean_score: Maybe[];
}

/** What the panel shows at one moment. `prob` is the probability of the class shown, as in the paper's figures 3 and 4. */
export interface Reading {
  phase: Phase;
  prob: Maybe;
  reps: number;
  stance: string | null;
  stanceScore: Maybe;
  lean: string | null;
  leanScore: Maybe;
  hip: Maybe;
  knee: Maybe;
  trunk: Maybe;
  /** How far up the lifter stands, 0 (bar on the floor) to 1 (lockout). */
  extension: Maybe;
}

export interface Span {
  start: number;
  end: number;
}

const COLUMNS = [
  "time_s",
  "extension",
  "p_up",
  "rep_count",
  "hip_deg",
  "knee_deg",
  "trunk_deg",
  "phase",
  "stance",
  "stance_score",
  "lean",
  "lean_score",
] as const satisfies readonly (keyof Series)[];

/** Check the shape of a series document. Throws when a column is missing or the columns differ in length. */
export function parseSeries(raw: unknown): Series {
  if (typeof raw !== "object" || raw === null) throw new Error("the series is not an object");
  const columns = raw as Record<string, unknown>;
  const times = columns["time_s"];
  if (!Array.isArray(times)) throw new Error("the series has no time_s");
  for (const name of COLUMNS) {
    const column = columns[name];
    if (!Array.isArray(column)) throw new Error(`the series has no ${name}`);
    if (column.length !== times.length) throw new Error(`${name} has ${column.length} values, time_s ${times.length}`);
  }
  return raw as Series;
}

/** WebM keeps times in whole milliseconds, the series too; either may have been rounded the other way. */
const ROUNDING_S = 0.002;

/** Index of the picture that a video shows at this time: the last that began at or before it; the first before all.
 *
 * -1 for an empty series. `times` must not decrease.
 */
export function indexAt(times: readonly number[], seconds: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= seconds + ROUNDING_S) low = middle + 1;
    else high = middle;
  }
  return times.length === 0 ? -1 : Math.max(0, low - 1);
}

export function readingAt(series: Series, seconds: number): Reading | null {
  const i = indexAt(series.time_s, seconds);
  if (i < 0) return null;
  const up = series.p_up[i] ?? null;
  const phase = series.phase[i] ?? null;
  return {
    phase,
    prob: up === null || phase === null ? null : phase === "up" ? up : 1 - up,
    reps: series.rep_count[i] ?? 0,
    stance: series.stance[i] ?? null,
    stanceScore: series.stance_score[i] ?? null,
    lean: series.lean[i] ?? null,
    leanScore: series.lean_score[i] ?? null,
    hip: series.hip_deg[i] ?? null,
    knee: series.knee_deg[i] ?? null,
    trunk: series.trunk_deg[i] ?? null,
    extension: series.extension[i] ?? null,
  };
}

/** Whether any joint angle was measured: from the front, none can be. */
export function hasAngles(series: Series): boolean {
  return [series.hip_deg, series.knee_deg, series.trunk_deg].some((curve) => curve.some((value) => value !== null));
}

/** The stretches of time with the class "up", for shading. */
export function upSpans(series: Series): Span[] {
  const spans: Span[] = [];
  let open: Span | null = null;
  series.phase.forEach((phase, i) => {
    const time = series.time_s[i] ?? 0;
    if (phase === "up") {
      open ??= { start: time, end: time };
      open.end = time;
    } else if (open) {
      open.end = time;
      spans.push(open);
      open = null;
    }
  });
  if (open) spans.push(open);
  return spans;
}

/** Median distance between samples: the step of the arrow keys. One thirtieth of a second where it can't be told. */
export function frameStep(times: readonly number[]): number {
  const gaps = times
    .slice(1)
    .map((time, i) => time - (times[i] ?? 0))
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b);
  return gaps[gaps.length >> 1] ?? 1 / 30;
}
