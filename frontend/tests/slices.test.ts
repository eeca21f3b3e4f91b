import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_TRIES, markOf, readPlace, waitBefore } from "../upload/slices.ts";

test("the server's place is where the next slice goes and begins", () => {
  const place = readPlace('{"slice_url": "/sessions/uploads/1/", "offset": 0, "slice_bytes": 4000000}');
  assert.deepEqual(place, { sliceUrl: "/sessions/uploads/1/", offset: 0, sliceBytes: 4_000_000 });
});

test("a refusal, and an answer that is not our JSON, is no place", () => {
  for (const body of ['{"code": "too_large"}', "null", "<html>", ""]) {
    assert.equal(readPlace(body).sliceUrl, null);
    assert.equal(readPlace(body).offset, null);
  }
});

test("the same file has the same mark after a reload, one that was filmed later has another", () => {
  const file = { lastModified: 1_700_000_000_000, type: "video/mp4" };
  assert.equal(markOf(file), markOf({ ...file }));
  assert.notEqual(markOf(file), markOf({ ...file, lastModified: 1_700_000_000_001 }));
  assert.ok(markOf({ ...file, type: "x".repeat(200) }).length <= 64);
});

test("tries come further and further apart, and last for minutes", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 9].map(waitBefore), [1000, 2000, 4000, 8000, 15_000, 15_000]);
  let all = 0;
  for (let tries = 1; tries <= MOST_TRIES; tries++) all += waitBefore(tries);
  assert.ok(all > 240_000 && all < 360_000);
});
