import assert from "node:assert/strict";
import { test } from "node:test";
import { next, totalOf } from "../rating/points.ts";

test("there is no total before the last criterion has points, and 0 points are points", () => {
  assert.equal(totalOf([2, null, 0]), null);
  assert.equal(totalOf([2, 1, 0]), "3");
  assert.equal(totalOf([]), null);
});

test("after a criterion comes the next without points, from the start again", () => {
  assert.equal(next([2, null, null], 0), 1);
  assert.equal(next([null, 1, 1], 2), 0);
  assert.equal(next([null, null, null], -1), 0);
  assert.equal(next([1, 1, 1], 1), 1);
});
