import assert from "node:assert/strict";
import { test } from "node:test";
import { problemWith, readAnswer, secondsLeft } from "../upload/rules.ts";

const MAX = 500_000_000;

test("a phone's film without a type is accepted by its ending", () => {
  assert.equal(problemWith({ name: "IMG_0042.MOV", size: 10, type: "" }, MAX), null);
  assert.equal(problemWith({ name: "notes.pdf", size: 10, type: "application/pdf" }, MAX), "not_a_video");
});

test("the limit itself may be sent, one byte more not", () => {
  assert.equal(problemWith({ name: "a.mp4", size: MAX, type: "video/mp4" }, MAX), null);
  assert.equal(problemWith({ name: "a.mp4", size: MAX + 1, type: "video/mp4" }, MAX), "too_large");
});

test("an empty file is named as such", () => {
  assert.equal(problemWith({ name: "a.mp4", size: 0, type: "video/mp4" }, MAX), "empty");
});

test("time left is told after two seconds, from the mean rate", () => {
  assert.equal(secondsLeft(10, 100, 500), null);
  assert.equal(secondsLeft(25, 100, 5000), 15);
  assert.equal(secondsLeft(100, 100, 5000), 0);
});

test("an answer that is not our JSON gives nothing", () => {
  const nothing = { url: null, message: null, existingUrl: null };
  assert.deepEqual(readAnswer("<html>"), nothing);
  assert.deepEqual(readAnswer("null"), nothing);
});

test("the server's answer is an address, or a sentence and perhaps the earlier upload", () => {
  assert.equal(readAnswer('{"url": "/sessions/1/"}').url, "/sessions/1/");
  const refused = readAnswer('{"code": "duplicate", "advice": "Sent before.", "existing_url": "/sessions/2/"}');
  assert.deepEqual(refused, { url: null, message: "Sent before.", existingUrl: "/sessions/2/" });
});
