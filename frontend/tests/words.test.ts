import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, degrees, fill, megabytes, probability } from "../common/words.ts";

test("seconds never round up to sixty", () => {
  assert.equal(clock(59.97), "1:00.0");
  assert.equal(clock(83.456), "1:23.5");
  assert.equal(clock(-1), "0:00.0");
  assert.equal(clock(Number.NaN), "–");
});

test("probabilities have two digits, as in the paper's panel", () => {
  assert.equal(probability(0.784), "0.78");
  assert.equal(probability(null), "–");
});

test("an angle that was not measured is a dash, not zero", () => {
  assert.equal(degrees(null), "–");
  assert.equal(degrees(169.6), "170°");
});

test("sizes count as phones count", () => {
  assert.equal(megabytes(29_040_000), "29.0 MB");
  assert.equal(megabytes(500_000_000), "500 MB");
});

test("a place without a value stays visible", () => {
  assert.equal(fill("{percent} % of {total}", { percent: 4 }), "4 % of {total}");
});
