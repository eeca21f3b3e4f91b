import assert from "node:assert/strict";
import { test } from "node:test";
import { angleCells } from "../result/angle_table.ts";
import { frameStep, hasAngles, indexAt, parseSeries, readingAt, upSpans, type Series } from "../result/series.ts";

const series: Series = {
  time_s: [0, 0.1, 0.2, 0.3, 0.4],
  extension: [0, 0.2, 1, 1, 0.5],
  p_up: [0.1, null, 0.79, 0.9, 0.26],
  rep_count: [0, 0, 1, 1, 1],
  hip_deg: [90, null, 170, 175, 120],
  knee_deg: [120, 130, 170, 172, 140],
  trunk_deg: [50, 40, 3, 2, 30],
  phase: ["down", null, "up", "up", "down"],
  stance: [null, null, "narrow", "narrow", "neutral"],
  stance_score: [null, null, 0.54, 0.54, 0.42],
  lean: [null, null, "left", "left", "right"],
  lean_score: [null, null, 0.48, 0.48, 0.63],
};

test("the sample is that of the picture shown: the last that has begun", () => {
  assert.equal(indexAt([0, 1, 2], 0.6), 0);
  assert.equal(indexAt([0, 1, 2], 1), 1);
  assert.equal(indexAt([0, 1, 2], 1.999), 2, "a millisecond of rounding");
  assert.equal(indexAt([0, 1, 2], 1.99), 1);
});

test("times outside the curves give the first and the last sample", () => {
  assert.equal(indexAt([0.5, 1], -3), 0);
  assert.equal(indexAt([0.5, 1], 99), 1);
  assert.equal(indexAt([], 1), -1);
});

test("the probability shown is that of the class shown", () => {
  assert.equal(readingAt(series, 0.2)?.prob, 0.79);
  const down = readingAt(series, 0.4);
  assert.equal(down?.phase, "down");
  assert.ok(Math.abs((down?.prob ?? 0) - 0.74) < 1e-12);
});

test("a moment without a skeleton has no probability and no angles, but keeps the count", () => {
  const gap = readingAt(series, 0.1);
  assert.equal(gap?.prob, null);
  assert.equal(gap?.hip, null);
  assert.equal(gap?.reps, 0);
});

test("the up phase is shaded to the moment it ends", () => {
  assert.deepEqual(upSpans(series), [{ start: 0.2, end: 0.4 }]);
  assert.deepEqual(upSpans({ ...series, phase: ["up", "up", "down", "down", "up"] }), [
    { start: 0, end: 0.2 },
    { start: 0.4, end: 0.4 },
  ]);
});

test("columns of different length are refused", () => {
  assert.throws(() => parseSeries({ ...series, hip_deg: [1, 2] }), /hip_deg has 2 values, time_s 5/);
  assert.throws(() => parseSeries({ ...series, lean: undefined }), /no lean/);
  assert.throws(() => parseSeries(null), /not an object/);
});

test("the arrow keys' step is the usual frame, not the gap where frames were lost", () => {
  assert.ok(Math.abs(frameStep([0, 0.04, 0.08, 2, 2.04, 2.08]) - 0.04) < 1e-9);
  assert.equal(frameStep([0]), 1 / 30);
});

test("the table under the graph has the angles at lift-off and lockout, and a dash where none was measured", () => {
  const cells = angleCells(series, { number: 1, start: 0.1, lockout: 0.3, end: 0.4 });
  assert.deepEqual(cells, ["–", "175°", "130°", "172°", "40°", "2°"]);
});

test("a front view has no angles, and one measured value is enough to draw them", () => {
  const none = [null, null, null, null, null];
  const front = { ...series, hip_deg: none, knee_deg: none, trunk_deg: none };
  assert.equal(hasAngles(front), false);
  assert.equal(hasAngles({ ...front, knee_deg: [null, null, 140, null, null] }), true);
});
