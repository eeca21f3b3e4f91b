/** Where to stand: one piece of advice at a time, from the landmarks of a lifter who stands upright. No DOM. */
import type { Point } from "./wire.ts";

export type Advice =
  | "nobody"
  | "several"
  | "upside_down"
  | "step_back"
  | "come_closer"
  | "raise_phone"
  | "level"
  | "turn"
  | "slow"
  | "good";

const VISIBLE = 0.5;
const NOSE = 0;
const LEFT = { shoulder: 11, wrist: 15, hip: 23, ankle: 27, heel: 29, foot: 31 };
const RIGHT = { shoulder: 12, wrist: 16, hip: 24, ankle: 28, heel: 30, foot: 32 };
const LEVEL_DEG = 6;
/** Trunk over legs in height: 0.59 of somebody who stands. */
const UPRIGHT = 0.45;
const LEAST_FPS = 10;
/** Shoulders as a share of the trunk below which the far side is hidden, and with it hip and knee behind the plate. */
const PROFILE = 0.12;

export interface Sight {
  people: number;
  points: readonly Point[] | null;
  width: number;
  height: number;
  fps: number;
}

function middle(a: Point, b: Point): { x: number; y: number } {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function outside(p: Point): boolean {
  return p.x < 0.01 || p.x > 0.99 || p.y < 0.01 || p.y > 0.99 || (p.visibility ?? 0) < VISIBLE;
}

/** The most important thing that is wrong, or "good". */
export function adviceFor(sight: Sight): Advice {
  const { points } = sight;
  if (!points || points.length !== 33) return "nobody";
  if (sight.people > 1) return "several";
  const at = (index: number): Point => points[index] as Point;
  const shoulder = middle(at(LEFT.shoulder), at(RIGHT.shoulder));
  const hip = middle(at(LEFT.hip), at(RIGHT.hip));
  const ankle = middle(at(LEFT.ankle), at(RIGHT.ankle));
  if (shoulder.y > hip.y + 0.05) return "upside_down";
  const nose = at(NOSE);
  const feetOut = [LEFT.foot, RIGHT.foot].every((index) => outside(at(index)));
  if (nose.y < 0.02 && !feetOut) return "raise_phone";
  if (feetOut || nose.y < 0.02) return "step_back";
  // Bent over the bar nothing can be said of the place.
  if (hip.y - shoulder.y < UPRIGHT * (ankle.y - hip.y)) return "good";
  const tall = ankle.y - nose.y;
  if (tall > 0.9) return "step_back";
  if (tall < 0.35) return "come_closer";
  const dx = (shoulder.x - ankle.x) * sight.width;
  const dy = (ankle.y - shoulder.y) * sight.height;
  if (Math.abs((Math.atan2(dx, dy) * 180) / Math.PI) > LEVEL_DEG) return "level";
  const trunk = Math.hypot((shoulder.x - hip.x) * sight.width, (shoulder.y - hip.y) * sight.height);
  const across = Math.abs(at(LEFT.shoulder).x - at(RIGHT.shoulder).x) * sight.width;
  if (across < PROFILE * trunk) return "turn";
  return sight.fps > 0 && sight.fps < LEAST_FPS ? "slow" : "good";
}
