/** Frames that the server has not acknowledged, in memory and in IndexedDB, so that neither a dead connection nor a closed
 * tab loses one.
 */
import { sequenceOf, timeOf } from "./wire.ts";

export interface FrameStore {
  put(set: string, frame: ArrayBuffer): Promise<void>;
  /** Forget the frames before `next`. */
  drop(set: string, next: number): Promise<void>;
  all(set: string): Promise<ArrayBuffer[]>;
}

export class Outbox {
  private readonly frames = new Map<number, ArrayBuffer>();
  /** Sequence of the next frame that is made. */
  next = 0;
  /** Time of the newest frame that an earlier visit left, in the set's clock. */
  lastMs = 0;
  private oldest = 0;

  constructor(
    private readonly set: string,
    private readonly store: FrameStore,
  ) {}

  /** What an earlier visit left. */
  async restore(): Promise<void> {
    for (const frame of await this.store.all(this.set)) {
      const sequence = sequenceOf(frame);
      this.frames.set(sequence, frame);
      this.next = Math.max(this.next, sequence + 1);
      this.lastMs = Math.max(this.lastMs, timeOf(frame));
    }
  }

  add(frame: ArrayBuffer): void {
    const sequence = sequenceOf(frame);
    this.frames.set(sequence, frame);
    this.next = sequence + 1;
    void this.store.put(this.set, frame).catch(() => undefined); // a private window: memory has to do
  }

  /** The server has everything before `next`. */
  acked(next: number): void {
    for (; this.oldest < next; this.oldest++) this.frames.delete(this.oldest);
    this.next = Math.max(this.next, next);
    void this.store.drop(this.set, next).catch(() => undefined);
  }

  get(sequence: number): ArrayBuffer | undefined {
    return this.frames.get(sequence);
  }

  get waiting(): number {
    return this.frames.size;
  }
}

const WRITE_EVERY_MS = 500;

/** Frames of all sets in one table, by set and sequence. Written together: a transaction for each would cost more than its
 * frame, on the same processor as the model.
 */
export class IndexedFrames implements FrameStore {
  private db: Promise<IDBDatabase> | null = null;
  private waiting: { set: string; frame: ArrayBuffer }[] = [];
  private writing: Promise<void> | null = null;

  constructor() {
    // A tab that is closed or put away may not come back.
    document.addEventListener("visibilitychange", () => void this.write().catch(() => undefined));
  }

  private open(): Promise<IDBDatabase> {
    this.db ??= new Promise((opened, failed) => {
      const request = indexedDB.open("liftlab-live", 1);
      request.addEventListener("upgradeneeded", () => request.result.createObjectStore("frames"));
      request.addEventListener("success", () => opened(request.result));
      request.addEventListener("error", () => failed(request.error));
    });
    return this.db;
  }

  private async run<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const db = await this.open();
    return new Promise((done, failed) => {
      const request = work(db.transaction("frames", mode).objectStore("frames"));
      request.addEventListener("success", () => done(request.result));
      request.addEventListener("error", () => failed(request.error));
    });
  }

  put(set: string, frame: ArrayBuffer): Promise<void> {
    this.waiting.push({ set, frame });
    this.writing ??= new Promise<void>((later) => setTimeout(later, WRITE_EVERY_MS)).then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    this.writing = null;
    const [first, ...rest] = this.waiting.splice(0);
    if (!first) return;
    await this.run("readwrite", (table) => {
      for (const one of rest) table.put(one.frame, [one.set, sequenceOf(one.frame)]);
      return table.put(first.frame, [first.set, sequenceOf(first.frame)]);
    });
  }

  async drop(set: string, next: number): Promise<void> {
    this.waiting = this.waiting.filter((one) => one.set !== set || sequenceOf(one.frame) >= next);
    await this.run("readwrite", (table) => table.delete(IDBKeyRange.bound([set, 0], [set, next], false, true)));
  }

  async all(set: string): Promise<ArrayBuffer[]> {
    const range = IDBKeyRange.bound([set, 0], [set, Number.MAX_SAFE_INTEGER]);
    return this.run("readonly", (table) => table.getAll(range) as IDBRequest<ArrayBuffer[]>);
  }
}
