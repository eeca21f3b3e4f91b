import assert from "node:assert/strict";
import { test } from "node:test";
import { HandSignal, Stillness } from "../live/gestures.ts";
import { adviceFor } from "../live/guide.ts";
import { Latency } from "../live/latency.ts";
import { Link, type Message, type Wire, waitBefore } from "../live/link.ts";
import { OneEuro } from "../live/one_euro.ts";
import { type FrameStore, Outbox } from "../live/outbox.ts";
import { tempoOf } from "../live/tempo.ts";
import { points as linePoints, sorted } from "../live/wall_sets.ts";
import { encodeFrame, FRAME_BYTES, HEADER_BYTES, type Point, sequenceOf, timeOf } from "../live/wire.ts";

const SIZE = { width: 480, height: 640 };

/** A lifter who stands upright in the middle of the picture, shares of it. */
function standing(changes: Readonly<Record<number, Partial<Point>>> = {}): Point[] {
  const y: Record<number, number> = { 0: 0.15, 11: 0.3, 12: 0.3, 15: 0.52, 16: 0.52, 23: 0.53, 24: 0.53, 25: 0.7, 26: 0.7 };
  return Array.from({ length: 33 }, (_, i) => {
    const side = i === 0 ? 0 : i % 2 ? 0.06 : -0.06;
    return { x: 0.5 + side, y: y[i] ?? (i > 26 ? 0.85 : 0.16), z: 0, visibility: 0.99, ...changes[i] };
  });
}

test("a frame is written as the server reads it", () => {
  const image = standing();
  const world = image.map((_, i) => ({ x: i / 100, y: -i / 100, z: 0.5 }));
  const view = new DataView(encodeFrame(7, 1234.5, image, world, SIZE));
  assert.equal(view.byteLength, FRAME_BYTES);
  assert.deepEqual([view.getUint8(0), view.getUint8(1), view.getUint8(2), view.getUint8(3)], [0x4c, 1, 1, 0]);
  assert.equal(view.getUint32(4, true), 7);
  assert.equal(view.getFloat64(8, true), 1234.5);
  assert.equal(view.getFloat32(16, true), Math.fround(0.5 * 480));
  assert.equal(view.getFloat32(20, true), Math.fround(0.15 * 640));
  const lastWorld = HEADER_BYTES + 4 * (33 * 4 + 33 * 3 - 2);
  assert.equal(view.getFloat32(lastWorld, true), Math.fround(-0.32));
});

test("a picture without a person is a head and nothing else", () => {
  const frame = encodeFrame(8, 40, null, null, SIZE);
  assert.equal(frame.byteLength, HEADER_BYTES);
  assert.deepEqual([sequenceOf(frame), timeOf(frame), new DataView(frame).getUint8(2)], [8, 40, 0]);
});

class Table implements FrameStore {
  readonly kept = new Map<number, ArrayBuffer>();
  async put(_set: string, frame: ArrayBuffer): Promise<void> {
    this.kept.set(sequenceOf(frame), frame);
  }
  async drop(_set: string, next: number): Promise<void> {
    for (const key of this.kept.keys()) if (key < next) this.kept.delete(key);
  }
  async all(): Promise<ArrayBuffer[]> {
    return [...this.kept.values()];
  }
}

const frame = (sequence: number): ArrayBuffer => encodeFrame(sequence, 40 * sequence, null, null, SIZE);

test("a page that is opened again has the frames that were not acknowledged, and goes on behind them", async () => {
  const table = new Table();
  const first = new Outbox("set", table);
  for (let i = 0; i < 10; i++) first.add(frame(i));
  first.acked(6);
  const second = new Outbox("set", table);
  await second.restore();
  assert.deepEqual([second.waiting, second.next, second.lastMs], [4, 10, 360]);
  assert.equal(second.get(5), undefined);
});

/** A server end without a network: keeps what it was sent. */
class Server {
  readonly frames: number[] = [];
  readonly words: Message[] = [];
  wire: Wire | null = null;
  connections = 0;
  tokens = 0;
  private readonly due: (() => void)[] = [];
  readonly heard: string[] = [];

  readonly around = {
    connect: (): Wire => {
      this.connections++;
      const wire: Wire = {
        send: (data) => {
          if (typeof data === "string") this.words.push(JSON.parse(data) as Message);
          else this.frames.push(sequenceOf(data));
        },
        close: () => undefined,
        bufferedAmount: 0,
        onopen: null,
        onmessage: null,
        onclose: null,
      };
      this.wire = wire;
      return wire;
    },
    freshToken: async (): Promise<string | null> => `token ${++this.tokens}`,
    later: (work: () => void): void => void this.due.push(work),
  };
  readonly listener = {
    message: (message: Message): void => void this.heard.push(message.type),
    online: (yes: boolean): void => void this.heard.push(yes ? "online" : "offline"),
    over: (code: string): void => void this.heard.push(`over ${code}`),
  };

  say(message: Message): void {
    this.wire?.onmessage?.(JSON.stringify(message));
  }

  /** Let time pass until nothing is waiting for it. */
  async pass(): Promise<void> {
    for (let i = 0; i < 200 && this.due.length; i++) {
      this.due.shift()?.();
      await Promise.resolve();
    }
  }
}

function opened(server: Server): { link: Link; outbox: Outbox } {
  const outbox = new Outbox("set", new Table());
  const set = { id: "set", token: "first", socket: "/ws/live/set/" };
  const link = new Link(set, SIZE, outbox, server.around, server.listener);
  link.open();
  server.wire?.onopen?.();
  server.say({ type: "welcome", next: 0, last_ms: null });
  return { link, outbox };
}

test("after a break the frames go on where the server stands, in order, and then the set is finished", async () => {
  const server = new Server();
  const { link, outbox } = opened(server);
  for (let i = 0; i < 30; i++) {
    outbox.add(frame(i));
    link.push();
  }
  server.wire?.onclose?.(1006);
  for (let i = 30; i < 90; i++) {
    outbox.add(frame(i));
    link.push();
  }
  await server.pass();
  assert.equal(server.connections, 2);
  server.frames.length = 0;
  server.wire?.onopen?.();
  server.say({ type: "welcome", next: 25, last_ms: 960 });
  link.finish();
  await server.pass();
  assert.deepEqual(server.frames, Array.from({ length: 65 }, (_, i) => 25 + i));
  assert.equal(server.words.at(-1)?.type, "finish");
  assert.deepEqual(server.heard, ["online", "welcome", "offline", "online", "welcome"]);
});

test("a token that has run out is asked for anew before the next try", async () => {
  const server = new Server();
  opened(server);
  server.say({ type: "error", code: "token_invalid" });
  server.wire?.onclose?.(4403);
  await new Promise((over) => setImmediate(over));
  await server.pass();
  server.wire?.onopen?.();
  assert.equal(server.words.at(-1)?.["token"], "token 1");
});

test("a set that goes on in another window is not taken back", async () => {
  const server = new Server();
  opened(server);
  server.say({ type: "error", code: "opened_elsewhere" });
  server.wire?.onclose?.(4409);
  await server.pass();
  assert.equal(server.connections, 1);
  assert.equal(server.heard.at(-1), "over opened_elsewhere");
});

test("tries come slower, but never slower than every eight seconds", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 9].map(waitBefore), [500, 1000, 2000, 4000, 8000, 8000]);
});

test("the guide says the most important thing", () => {
  const sight = { people: 1, points: standing(), ...SIZE, fps: 25 };
  assert.equal(adviceFor(sight), "good");
  assert.equal(adviceFor({ ...sight, points: null }), "nobody");
  assert.equal(adviceFor({ ...sight, people: 2 }), "several");
  const feetOut = { 31: { y: 1.05 }, 32: { y: 1.05 } };
  assert.equal(adviceFor({ ...sight, points: standing(feetOut) }), "step_back");
  assert.equal(adviceFor({ ...sight, points: standing({ 0: { y: -0.02 } }) }), "raise_phone");
  const far = standing().map((p) => ({ ...p, y: 0.5 + (p.y - 0.5) * 0.3 }));
  assert.equal(adviceFor({ ...sight, points: far }), "come_closer");
  const upsideDown = standing().map((p) => ({ ...p, y: 1 - p.y }));
  assert.equal(adviceFor({ ...sight, points: upsideDown }), "upside_down");
  const tilted = standing().map((p) => ({ ...p, x: p.x + 0.4 * (0.85 - p.y) }));
  assert.equal(adviceFor({ ...sight, points: tilted }), "level");
  const profile = standing().map((p) => ({ ...p, x: 0.5 + (p.x - 0.5) * 0.05 }));
  assert.equal(adviceFor({ ...sight, points: profile }), "turn");
  assert.equal(adviceFor({ ...sight, fps: 8 }), "slow");
});

test("a hand has to be up for a second, and counts once", () => {
  const hand = new HandSignal();
  const up = standing({ 15: { y: 0.02 } });
  assert.equal(hand.update(0, up).given, false);
  assert.equal(hand.update(900, up).given, false);
  assert.equal(hand.update(1000, up).given, true);
  assert.equal(hand.update(2500, up).given, false);
  hand.update(2600, standing());
  hand.update(2700, up);
  assert.equal(hand.update(3700, up).given, true);
});

test("two hands above the head, or one that is only guessed, start nothing", () => {
  const hand = new HandSignal();
  const both = standing({ 15: { y: 0.02 }, 16: { y: 0.02 } });
  const guessed = standing({ 15: { y: 0.02, visibility: 0.2 } });
  for (const points of [both, guessed, null]) {
    hand.update(0, points);
    assert.equal(hand.update(5000, points).given, false);
  }
});

test("who stands still for eight seconds has finished, who breathes has not moved", () => {
  const still = new Stillness();
  for (let t = 0; t < 8000; t += 100) {
    const breath = 0.004 * Math.sin(t / 500);
    assert.equal(still.update(t, standing({ 11: { y: 0.3 + breath } })), false);
  }
  assert.equal(still.update(8000, standing()), true);
  assert.equal(still.update(8100, standing({ 15: { y: 0.6 }, 16: { y: 0.6 } })), false);
});

test("the drawing's filter is the coach's", () => {
  // coaching.vision.signal.OneEuro(1.5, 0.3) on the same values.
  const filter = new OneEuro(1.5, 0.3);
  const out = [0, 1, 0.5, 2].map((value, i) => filter.filter(i / 10, value));
  assert.deepEqual(out.map((value) => value.toFixed(6)), ONE_EURO);
});
const ONE_EURO = ["0.000000", "0.625444", "0.554590", "1.550008"];

test("latency is that of the answers that were shown", () => {
  const latency = new Latency();
  for (let i = 0; i < 100; i++) {
    latency.sent(i, i * 50);
    latency.shown(i, i * 50 + i);
  }
  latency.shown(5000, 1);
  assert.equal(latency.fps, 20);
  assert.deepEqual([latency.answers, latency.quantile(0.5), latency.quantile(0.95)], [100, 50, 95]);
});

test("the wall shows who lifts before who has finished, and a line from the second repetition on", () => {
  const one = { cue: null, trend: [], count: 0 };
  const order = sorted([
    { ...one, set: "1", name: "Zoe", on: true },
    { ...one, set: "2", name: "Ann", on: false },
    { ...one, set: "3", name: "Bob", on: true },
  ]);
  assert.deepEqual(order.map((set) => set.name), ["Bob", "Zoe", "Ann"]);
  assert.equal(linePoints([{ mean: 0.4 }]), "");
  assert.equal(linePoints([{ mean: 0.4 }, { mean: 0.2 }]), "0.0,1.0 100.0,15.0");
});

test("tempo is told in the order of coaches, with a dash for what is not over yet", () => {
  const told = tempoOf({ eccentric_s: 2.04, floor_s: null, concentric_s: 1.5, top_s: 0 });
  assert.deepEqual(told, { down: "2.0", floor: "–", up: "1.5", top: "0.0" });
});
