/** The connection of a set: says hello, sends what the outbox holds, comes back after a break, and finishes. No DOM. */
import type { Outbox } from "./outbox.ts";
import { VERSION } from "./wire.ts";

export interface Opened {
  id: string;
  token: string;
  socket: string;
}

/** What the server says; docs/live.md lists the fields. */
export interface Message {
  type: string;
  [field: string]: unknown;
}

export interface Wire {
  send(data: string | ArrayBuffer): void;
  close(): void;
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onmessage: ((text: string) => void) | null;
  onclose: ((code: number) => void) | null;
}

export interface Surroundings {
  connect(path: string): Wire;
  /** A fresh token; null when the set is over or no longer ours. */
  freshToken(): Promise<string | null>;
  later(work: () => void, milliseconds: number): void;
}

export interface Listener {
  message(message: Message): void;
  online(yes: boolean): void;
  /** It does not go on; `code` says why. */
  over(code: string): void;
}

const AT_ONCE = 16;
const EVERY_MS = 100;
const FULL_BYTES = 262_144;
const NO_RETURN = new Set(["no_such_set", "opened_elsewhere", "version"]);
const NEEDS_TOKEN = new Set(["token_invalid"]);

/** Milliseconds before the next try: half a second, doubled up to eight. */
export function waitBefore(tries: number): number {
  return Math.min(8000, 500 * 2 ** Math.max(0, tries - 1));
}

export class Link {
  private wire: Wire | null = null;
  private cursor = 0;
  private ready = false;
  private finishing = false;
  private asked = false;
  private pumping = false;
  private ended = false;
  private tries = 0;
  private refused = "";

  constructor(
    private readonly opened: Opened,
    private readonly size: { width: number; height: number },
    private readonly outbox: Outbox,
    private readonly around: Surroundings,
    private readonly listener: Listener,
  ) {}

  open(): void {
    const wire = this.around.connect(this.opened.socket);
    this.wire = wire;
    this.refused = "";
    wire.onopen = () => {
      const hello = { type: "hello", version: VERSION, token: this.opened.token, ...this.size };
      wire.send(JSON.stringify(hello));
    };
    wire.onmessage = (text) => this.hear(JSON.parse(text) as Message);
    wire.onclose = () => void this.closed();
  }

  /** A frame is in the outbox. */
  push(): void {
    if (this.ready) this.pump();
  }

  /** Send what is left, then have the set judged. */
  finish(): void {
    this.finishing = true;
    this.push();
  }

  get isReady(): boolean {
    return this.ready;
  }

  private hear(message: Message): void {
    if (message.type === "welcome") {
      this.tries = 0;
      this.cursor = Number(message["next"]);
      this.outbox.acked(this.cursor);
      this.ready = true;
      this.asked = false;
      this.listener.online(true);
    } else if (message.type === "ack") this.outbox.acked(Number(message["next"]));
    else if (message.type === "token") this.opened.token = String(message["token"]);
    else if (message.type === "error") this.refused = String(message["code"]);
    else if (message.type === "finished") {
      this.ended = true;
      this.outbox.acked(this.outbox.next);
    }
    this.listener.message(message);
    if (message.type === "welcome") this.pump();
  }

  /** Frames in order, never faster than the server takes them: what piled up goes out in small steps. */
  private pump(): void {
    if (this.pumping || !this.wire) return;
    for (let sent = 0; sent < AT_ONCE; sent++) {
      const frame = this.outbox.get(this.cursor);
      if (!frame || this.wire.bufferedAmount > FULL_BYTES) break;
      this.wire.send(frame);
      this.cursor++;
    }
    if (this.cursor < this.outbox.next) {
      this.pumping = true;
      this.around.later(() => {
        this.pumping = false;
        if (this.ready) this.pump();
      }, EVERY_MS);
    } else if (this.finishing && !this.asked) {
      this.asked = true;
      this.wire.send(JSON.stringify({ type: "finish" }));
    }
  }

  private async closed(): Promise<void> {
    this.ready = false;
    this.wire = null;
    if (this.ended) return;
    if (NO_RETURN.has(this.refused)) return this.end(this.refused);
    this.listener.online(false);
    if (NEEDS_TOKEN.has(this.refused) || this.refused === "set_over" || this.refused === "not_signed_in") {
      const token = await this.around.freshToken().catch(() => undefined);
      if (token === null) return this.end(this.refused);
      if (token !== undefined) this.opened.token = token;
    }
    this.around.later(() => this.open(), waitBefore(++this.tries));
  }

  private end(code: string): void {
    this.ended = true;
    this.listener.over(code);
  }
}
