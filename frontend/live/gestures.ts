/** Start and stop without touching: a hand above the head for a second, or standing still at the end. No DOM. */
import type { Point } from "./wire.ts";

const NOSE = 0;
const SHOULDERS = [11, 12] as const;
const WRISTS = [15, 16] as const;
const HIPS = [23, 24] as const;
const SURE = 0.6;

function mean(points: readonly Point[], pair: readonly [number, number]): { x: number; y: number } {
  const [a, b] = [points[pair[0]] as Point, points[pair[1]] as Point];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** Whether one hand, and not both, is above the head. */
export function handIsUp(points: readonly Point[]): boolean {
  const trunk = mean(points, HIPS).y - mean(points, SHOULDERS).y;
  if (!(trunk > 0)) return false;
  const line = (points[NOSE] as Point).y - 0.3 * trunk;
  const up = WRISTS.filter((index) => {
    const wrist = points[index] as Point;
    return wrist.y < line && (wrist.visibility ?? 0) > SURE;
  });
  return up.length === 1;
}

/** Says once that a hand was up for as long as asked; then it has to come down first. */
export class HandSignal {
  private since: number | null = null;
  private given = false;

  constructor(private readonly holdMs = 1000) {}

  /** 0..1: how far the signal is. `given` is true in the one frame in which it is complete. */
  update(timeMs: number, points: readonly Point[] | null): { share: number; given: boolean } {
    if (!points || !handIsUp(points)) {
      this.since = null;
      this.given = false;
      return { share: 0, given: false };
    }
    this.since ??= timeMs;
    const share = Math.min(1, (timeMs - this.since) / this.holdMs);
    const given = share >= 1 && !this.given;
    if (given) this.given = true;
    return { share, given };
  }
}

/** Says that somebody stands upright and has not moved for a while. */
export class Stillness {
  private anchor: { x: number; y: number; wristY: number } | null = null;
  private since = 0;

  constructor(
    private readonly holdMs = 8000,
    private readonly share = 0.08,
  ) {}

  update(timeMs: number, points: readonly Point[] | null): boolean {
    if (!points) {
      this.anchor = null;
      return false;
    }
    const shoulder = mean(points, SHOULDERS);
    const trunk = mean(points, HIPS).y - shoulder.y;
    const wristY = mean(points, WRISTS).y;
    const limit = this.share * Math.abs(trunk);
    const moved =
      !this.anchor ||
      Math.hypot(shoulder.x - this.anchor.x, shoulder.y - this.anchor.y) > limit ||
      Math.abs(wristY - this.anchor.wristY) > limit;
    if (moved) {
      this.anchor = { ...shoulder, wristY };
      this.since = timeMs;
      return false;
    }
    return timeMs - this.since >= this.holdMs;
  }
}
