import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldSeconds } from "../result/reviews.ts";

test("a moment of the film goes into the field with a point and milliseconds, whatever the locale", () => {
  assert.equal(fieldSeconds(3.14159), "3.142");
  assert.equal(fieldSeconds(83), "83.000");
  assert.equal(fieldSeconds(-0.002), "0.000");
});
