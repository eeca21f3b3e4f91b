/** What the wall knows of a set, and how it is drawn. No DOM. */

export interface SetOnWall {
  set: string;
  name: string;
  on: boolean;
  count: number;
  cue: { code: string; text: string } | null;
  trend: { number: number; mean: number }[];
}

/** Sets that go on first, then by name. */
export function sorted(sets: readonly SetOnWall[]): SetOnWall[] {
  return [...sets].sort((a, b) => Number(b.on) - Number(a.on) || a.name.localeCompare(b.name));
}

/** A line of 100 x 30: the fastest repetition at the top, standing still at the bottom. Empty before the second. */
export function points(trend: readonly { mean: number }[]): string {
  const best = Math.max(...trend.map((one) => one.mean));
  if (trend.length < 2 || !(best > 0)) return "";
  return trend
    .map((one, i) => `${((100 * i) / (trend.length - 1)).toFixed(1)},${(29 - (28 * one.mean) / best).toFixed(1)}`)
    .join(" ");
}
