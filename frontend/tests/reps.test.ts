import assert from "node:assert/strict";
import { test } from "node:test";
import { nextRep, previousRep, repAt } from "../result/reps.ts";

const reps = [
  { number: 1, start: 1, lockout: 2, end: 3 },
  { number: 2, start: 4, lockout: 5, end: 6 },
];

test("between two repetitions none is current", () => {
  assert.equal(repAt(reps, 2.9)?.number, 1);
  assert.equal(repAt(reps, 3), null);
  assert.equal(repAt(reps, 4)?.number, 2);
});

test("next goes to the next beginning, and stays at the last", () => {
  assert.equal(nextRep(reps, 0)?.number, 1);
  assert.equal(nextRep(reps, 1)?.number, 2);
  assert.equal(nextRep(reps, 5), null);
});

test("previous goes to the beginning of this one, and from its beginning to the one before", () => {
  assert.equal(previousRep(reps, 5)?.number, 2);
  assert.equal(previousRep(reps, 4.2)?.number, 1);
  assert.equal(previousRep(reps, 1.1), null);
});
