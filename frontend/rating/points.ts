/** The points of a rubric as they stand: null where a criterion has none yet. */

/** Whole points of all criteria together, as text; null while one is missing. */
export function totalOf(points: readonly (number | null)[]): string | null {
  let sum = 0;
  for (const one of points) {
    if (one === null) return null;
    sum += one;
  }
  return points.length ? String(sum) : null;
}

/** The criterion to go to after `here`: the next without points, from the start again; else `here` stays (0 at least). */
export function next(points: readonly (number | null)[], here: number): number {
  for (let step = 1; step <= points.length; step++) {
    const at = (here + step) % points.length;
    if (points[at] === null) return at;
  }
  return Math.max(here, 0);
}
