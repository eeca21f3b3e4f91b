/** The film of the set: recorded on this device, and uploaded in slices after it, where the student agreed to films. */
import { SliceSender } from "../upload/slices.ts";

const TYPES = ["video/webm;codecs=vp8", "video/webm", "video/mp4"];

export class Recorder {
  private recorder: MediaRecorder | null = null;
  private readonly parts: Blob[] = [];

  start(stream: MediaStream): void {
    if (typeof MediaRecorder === "undefined") return;
    const type = TYPES.find((name) => MediaRecorder.isTypeSupported(name));
    if (!type) return;
    try {
      this.recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 4_000_000 });
    } catch {
      return;
    }
    this.recorder.addEventListener("dataavailable", (event) => {
      if (event.data.size) this.parts.push(event.data);
    });
    this.recorder.start(2000);
  }

  /** The film, or null where there is none. */
  async stop(): Promise<File | null> {
    const recorder = this.recorder;
    if (!recorder) return null;
    this.recorder = null;
    if (recorder.state !== "inactive") {
      const stopped = new Promise((done) => recorder.addEventListener("stop", done, { once: true }));
      recorder.stop();
      await stopped;
    }
    if (!this.parts.length) return null;
    const kind = recorder.mimeType.startsWith("video/mp4") ? "mp4" : "webm";
    return new File(this.parts, `live-set.${kind}`, { type: recorder.mimeType });
  }
}

/** Upload the film like any other; `about` says of which set it is. Resolves with the id of its session; null when it was not taken. */
export function uploadFilm(
  film: File,
  beginUrl: string,
  about: Readonly<Record<string, string>>,
  token: string,
  onProgress: (share: number) => void,
): Promise<string | null> {
  const fields = new FormData();
  for (const [name, value] of Object.entries(about)) fields.set(name, value);
  return new Promise((done) => {
    const sender = new SliceSender(film, beginUrl, fields, token, {
      progress: (sent) => onProgress(sent / film.size),
      waiting: () => undefined,
      done: (url) => done(/[0-9a-f-]{36}/.exec(url)?.[0] ?? null),
      refused: () => done(null),
      offline: () => done(null),
    });
    void sender.send();
  });
}
