/** Sends a film in slices. A connection that breaks costs the slice that was on its way; a page that was reloaded goes on where the
 * server says that the film ends so far. No DOM.
 */
import { type Answer, readAnswer } from "./rules.ts";

export interface Place {
  /** Where slices go; null in a refusal. */
  sliceUrl: string | null;
  offset: number | null;
  sliceBytes: number;
}

/** Where to send, and how much is there. Anything but our JSON gives nothing. */
export function readPlace(body: string): Place {
  const nothing = { sliceUrl: null, offset: null, sliceBytes: 0 };
  try {
    const parsed = (JSON.parse(body) ?? {}) as Record<string, unknown>;
    const { slice_url, offset, slice_bytes } = parsed;
    return {
      sliceUrl: typeof slice_url === "string" ? slice_url : null,
      offset: typeof offset === "number" ? offset : null,
      sliceBytes: typeof slice_bytes === "number" ? slice_bytes : 0,
    };
  } catch {
    return nothing;
  }
}

/** Tells one file from another of the same name and size. */
export function markOf(file: Pick<File, "lastModified" | "type">): string {
  return `${file.lastModified}-${file.type}`.slice(0, 64);
}

/** Milliseconds until the next try: 1, 2, 4, 8 s, and so on every 15 s. */
export function waitBefore(tries: number): number {
  return Math.min(15_000, 1000 * 2 ** Math.max(0, tries - 1));
}

/** Tries in a row without an answer, about five minutes, after which the person decides. */
export const MOST_TRIES = 22;

export interface Reply {
  /** 0: no answer came. */
  status: number;
  body: string;
}

export interface Listener {
  progress(sent: number): void;
  /** The connection is gone, and it is tried again. */
  waiting(): void;
  done(url: string): void;
  refused(answer: Answer, status: number): void;
  /** Nothing came through for minutes. */
  offline(): void;
}

export class SliceSender {
  private request: XMLHttpRequest | null = null;
  private place: Place = { sliceUrl: null, offset: null, sliceBytes: 0 };
  private wake: (() => void) | null = null;
  private cancelled = false;

  constructor(
    private readonly file: File,
    private readonly beginUrl: string,
    private readonly fields: FormData,
    private readonly token: string,
    private readonly listener: Listener,
  ) {
    this.fields.set("name", file.name);
    this.fields.set("size", String(file.size));
    this.fields.set("mark", markOf(file));
  }

  async send(): Promise<void> {
    let tries = 0;
    while (!this.cancelled) {
      const reply = this.place.sliceUrl ? await this.sendSlice(this.place.sliceUrl) : await this.begin();
      if (this.cancelled) return;
      if (reply.status === 0 || reply.status >= 502) {
        if (++tries > MOST_TRIES) return this.listener.offline();
        this.listener.waiting();
        await this.pause(waitBefore(tries));
        if (this.place.sliceUrl) this.place = { ...this.place, offset: null };
        continue;
      }
      tries = 0;
      if (this.judge(reply)) return;
    }
  }

  /** Stop, and have the server forget what it got. */
  cancel(): void {
    this.cancelled = true;
    this.request?.abort();
    this.wake?.();
    if (this.place.sliceUrl) void this.ask("DELETE", this.place.sliceUrl, null);
  }

  /** Whether this reply ended the upload. */
  private judge(reply: Reply): boolean {
    const answer = readAnswer(reply.body);
    if (reply.status < 300 && answer.url) {
      this.listener.done(answer.url);
      return true;
    }
    const place = readPlace(reply.body);
    if (place.sliceUrl && place.offset !== null) {
      this.place = place;
      this.listener.progress(place.offset);
      return false;
    }
    this.listener.refused(answer, reply.status);
    return true;
  }

  private begin(): Promise<Reply> {
    return this.ask("POST", this.beginUrl, this.fields);
  }

  /** The next slice; where it has to begin is asked first when that is not known. */
  private sendSlice(url: string): Promise<Reply> {
    const { offset, sliceBytes } = this.place;
    if (offset === null) return this.ask("GET", url, null);
    const slice = this.file.slice(offset, offset + sliceBytes);
    return this.ask("POST", url, slice, offset);
  }

  private ask(method: string, url: string, body: FormData | Blob | null, offset?: number): Promise<Reply> {
    return new Promise((answered) => {
      const request = new XMLHttpRequest();
      this.request = request;
      if (offset !== undefined) {
        request.upload.addEventListener("progress", (event) => this.listener.progress(offset + event.loaded));
      }
      request.addEventListener("load", () => answered({ status: request.status, body: request.responseText }));
      for (const name of ["error", "abort", "timeout"]) {
        request.addEventListener(name, () => answered({ status: 0, body: "" }));
      }
      request.open(method, url);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-CSRFToken", this.token);
      if (offset !== undefined) {
        request.setRequestHeader("Content-Type", "application/octet-stream");
        request.setRequestHeader("Upload-Offset", String(offset));
      }
      request.send(body);
    });
  }

  /** Wait, but no longer than until the browser says that it is online again. */
  private pause(milliseconds: number): Promise<void> {
    return new Promise((over) => {
      const wake = (): void => {
        removeEventListener("online", wake);
        this.wake = null;
        over();
      };
      this.wake = wake;
      addEventListener("online", wake);
      setTimeout(wake, milliseconds);
    });
  }
}
