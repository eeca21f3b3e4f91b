/** A set from the camera's permission to the stored result: guide, countdown, set, finish. */
import { find, need } from "../common/dom.ts";
import { Awake, CameraProblem, openCamera } from "./camera.ts";
import { HandSignal, Stillness } from "./gestures.ts";
import { adviceFor } from "./guide.ts";
import { Latency } from "./latency.ts";
import { Link, type Message, type Opened, type Wire } from "./link.ts";
import { IndexedFrames, Outbox } from "./outbox.ts";
import { type Found, PoseFinder } from "./pose.ts";
import { Recorder, uploadFilm } from "./recorder.ts";
import type { Screen, Stage } from "./screen.ts";
import { Skeleton } from "./skeleton.ts";
import { type Tempo, tempoOf } from "./tempo.ts";
import { Voice } from "./voice.ts";
import { encodeFrame } from "./wire.ts";

interface Begun extends Opened {
  token_url: string;
  keeps_video: boolean;
  participant: number;
  loss_alert_percent: number | null;
}

const COUNTDOWN_S = 3;
const ADVICE_EVERY_MS = 700;

export class LiveStage {
  private readonly video: HTMLVideoElement;
  private readonly skeleton: Skeleton;
  private readonly voice = new Voice();
  private readonly awake = new Awake();
  private readonly hand = new HandSignal();
  private still = new Stillness();
  private latency = new Latency();
  private readonly recorder = new Recorder();
  private finder: PoseFinder | null = null;
  private stream: MediaStream | null = null;
  private begun: Begun | null = null;
  private link: Link | null = null;
  private outbox: Outbox | null = null;
  private stage: Stage = "setup";
  private size = { width: 0, height: 0 };
  private startedAt = 0;
  private baseMs = 0;
  private count = 0;
  private advisedAt = 0;
  private finished = false;
  private facts = { stance: "", lean: "", speed: "", tempo: "" };

  constructor(
    private readonly root: HTMLElement,
    private readonly form: HTMLFormElement,
    private readonly screen: Screen,
  ) {
    this.video = need(root, "video");
    this.skeleton = new Skeleton(need(root, "canvas"));
    need(root, "[data-start]").addEventListener("click", () => void this.countDown());
    need(root, "[data-stop]").addEventListener("click", () => this.finish());
    for (const close of root.querySelectorAll("[data-close]")) close.addEventListener("click", () => location.reload());
    addEventListener("beforeunload", (event) => {
      if (this.stage === "set" || this.stage === "finishing") event.preventDefault();
    });
  }

  private to(stage: Stage): void {
    this.stage = stage;
    this.screen.show(stage);
  }

  /** Camera and model, then the guide. */
  async open(): Promise<void> {
    if (await this.prepare()) this.guide();
  }

  /** A set that was left: with its own address, on from where it stopped. */
  async goOn(tokenUrl: string): Promise<void> {
    const begun = await this.post(tokenUrl, new FormData());
    if (!begun) return location.reload();
    this.begun = begun;
    if (await this.prepare()) this.guide();
  }

  private async prepare(): Promise<boolean> {
    this.voice.unlock();
    this.voice.speaks = find<HTMLInputElement>(this.form, "[name=speak]")?.checked ?? false;
    this.voice.beeps = find<HTMLInputElement>(this.form, "[name=beep]")?.checked ?? true;
    this.screen.problem("");
    this.to("loading");
    this.screen.message(this.screen.text("loading"), "info");
    try {
      const facing = find<HTMLSelectElement>(this.form, "[name=facing]")?.value ?? "user";
      this.stream = await openCamera(this.video, facing);
      this.root.dataset["facing"] = facing;
      const at = this.root.dataset;
      this.finder ??= await PoseFinder.load({
        model: at["model"] ?? "",
        loader: at["loader"] ?? "",
        binary: at["binary"] ?? "",
        plainLoader: at["plainLoader"] ?? "",
        plainBinary: at["plainBinary"] ?? "",
      });
    } catch (error) {
      this.fail(error instanceof CameraProblem ? error.code : "model_failed");
      return false;
    }
    this.root.dataset["delegate"] = this.finder.delegate;
    this.awake.on();
    this.watch();
    return true;
  }

  private fail(code: string): void {
    this.awake.off();
    this.stopCamera();
    this.to("setup");
    this.screen.problem(this.screen.text(code));
  }

  private stopCamera(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }

  private guide(): void {
    this.to("guide");
    this.screen.count("–");
    this.screen.phase(null, null);
    this.screen.message(this.screen.text("guide_nobody"), "info");
  }

  /** The newest picture, as often as the model is free. It runs after the page was painted, not before: else each answer
   * of the server would wait for one more picture to be looked at.
   */
  private watch(): void {
    const video = this.video;
    let capturedMs = 0;
    let waiting = false;
    const look = (now: number, frame: VideoFrameCallbackMetadata): void => {
      if (!this.stream) return;
      video.requestVideoFrameCallback(look);
      capturedMs = frame.captureTime ?? now;
      if (waiting) return;
      waiting = true;
      setTimeout(() => {
        waiting = false;
        this.onPicture(capturedMs);
      });
    };
    if (typeof video.requestVideoFrameCallback === "function") {
      video.requestVideoFrameCallback(look);
      return;
    }
    let last = -1;
    const tick = (now: number): void => {
      if (!this.stream) return;
      requestAnimationFrame(tick);
      if (video.currentTime === last) return;
      last = video.currentTime;
      this.onPicture(now);
    };
    requestAnimationFrame(tick);
  }

  private onPicture(capturedMs: number): void {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!this.finder || !width || this.stage === "done" || this.stage === "finishing") return;
    const found = this.finder.detect(this.video, capturedMs);
    this.skeleton.draw(found.image, capturedMs, width, height);
    if (this.stage === "set") this.onSet(found, capturedMs, width, height);
    else if (this.stage === "guide") this.onGuide(found, capturedMs, width, height);
  }

  private onGuide(found: Found, timeMs: number, width: number, height: number): void {
    this.latency.tick(timeMs);
    if (timeMs - this.advisedAt > ADVICE_EVERY_MS) {
      this.advisedAt = timeMs;
      const fps = this.latency.fps;
      const advice = adviceFor({ people: found.people, points: found.image, width, height, fps });
      this.screen.message(this.screen.text(`guide_${advice}`), advice === "good" ? "good" : "warn");
      this.root.dataset["advice"] = advice;
    }
    const signal = this.hand.update(timeMs, found.image);
    this.screen.hand(signal.share);
    if (signal.given) void this.countDown();
  }

  private async countDown(): Promise<void> {
    if (this.stage !== "guide") return;
    this.to("countdown");
    this.screen.hand(0);
    if (!(await this.connect())) return;
    await this.finder?.lookFor(1);
    for (let left = COUNTDOWN_S; left > 0; left--) {
      this.screen.count(String(left));
      this.screen.message(this.screen.text("ready"), "info");
      this.voice.beep(660);
      await new Promise((over) => setTimeout(over, 1000));
    }
    this.voice.beep(990, 0.4);
    this.startedAt = performance.now();
    this.still = new Stillness();
    this.latency = new Latency();
    if (this.begun?.keeps_video && this.stream && this.keepsFilm()) this.recorder.start(this.stream);
    this.to("set");
    this.screen.count(String(this.count));
    this.screen.message(this.screen.text("go"), "good");
  }

  private keepsFilm(): boolean {
    return find<HTMLInputElement>(this.form, "[name=keep_film]")?.checked ?? false;
  }

  private async connect(): Promise<boolean> {
    this.begun ??= await this.post(this.form.action, new FormData(this.form));
    if (!this.begun) return false;
    this.size = { width: this.video.videoWidth, height: this.video.videoHeight };
    this.outbox = new Outbox(this.begun.id, new IndexedFrames());
    await this.outbox.restore().catch(() => undefined);
    this.link = new Link(this.begun, this.size, this.outbox, surroundings(this.begun.token_url, this.csrf()), {
      message: (message) => this.hear(message),
      online: (yes) => {
        this.root.dataset["online"] = String(yes);
        if (!yes && this.stage === "set") this.screen.message(this.screen.text("offline"), "warn");
      },
      over: (code) => this.fail(code),
    });
    this.link.open();
    return true;
  }

  private onSet(found: Found, capturedMs: number, width: number, height: number): void {
    if (!this.outbox || !this.link) return;
    const turned = width !== this.size.width || height !== this.size.height;
    const seen = found.image && !turned;
    if (turned) this.screen.message(this.screen.text("turned"), "warn");
    const timeMs = this.baseMs + (capturedMs - this.startedAt);
    if (timeMs < 0) return;
    const sequence = this.outbox.next;
    this.outbox.add(encodeFrame(sequence, timeMs, seen ? found.image : null, found.world, this.size));
    this.latency.sent(sequence, capturedMs);
    this.link.push();
    const signal = this.hand.update(capturedMs, found.image);
    this.screen.hand(signal.share);
    const resting = this.still.update(capturedMs, found.image) && this.count > 0;
    if (signal.given || resting) this.finish();
  }

  private hear(message: Message): void {
    if (message.type === "welcome") {
      const last = message["last_ms"];
      // A set that goes on after a break: its clock goes on too.
      if (typeof last === "number" && this.stage !== "set") this.baseMs = Math.max(last, this.outbox?.lastMs ?? 0) + 500;
      if (typeof message["count"] === "number") this.showCount(message["count"]);
    } else if (message.type === "state") this.onState(message);
    else if (message.type === "recording") {
      this.screen.count("●");
      this.screen.message(this.screen.text("recording"), "info");
    } else if (message.type === "repetition") this.onRepetition(message);
    else if (message.type === "finished") void this.onFinished(message);
    else if (message.type === "error") console.info(`live: ${String(message["code"])}`);
  }

  private onState(message: Message): void {
    this.showCount(Number(message["count"]));
    this.screen.phase(message["phase"] as string | null, message["p_up"] as number | null);
    const sequence = Number(message["sequence"]);
    requestAnimationFrame(() => {
      this.latency.shown(sequence, performance.now());
      const { latency } = this;
      this.root.dataset["p95"] = latency.quantile(0.95).toFixed(0);
      this.root.dataset["p50"] = latency.quantile(0.5).toFixed(0);
      this.root.dataset["fps"] = latency.fps.toFixed(1);
      this.root.dataset["answers"] = String(latency.answers);
    });
  }

  private showCount(count: number): void {
    if (count > this.count && this.stage === "set") this.voice.beep();
    this.count = count;
    if (this.stage === "set" || this.stage === "finishing") this.screen.count(String(count));
  }

  private onRepetition(message: Message): void {
    const refused = message["refused"] as { advice: string } | null;
    if (refused) return this.screen.message(refused.advice, "warn");
    const repetition = message["repetition"] as { number: number; verdict: string | null } | null;
    if (!repetition) return;
    const cue = message["cue"] as { text: string } | null;
    const alert = this.speedAlert(message["velocity"] as Velocity);
    this.noteFacts(message);
    const tone = cue || repetition.verdict === "incorrect" ? "warn" : "good";
    const sentence = alert || (cue?.text ?? this.screen.text(repetition.verdict === "incorrect" ? "unsure" : "well_done"));
    this.screen.message(sentence, alert ? "bad" : tone);
    this.voice.say(sentence);
  }

  private speedAlert(velocity: Velocity): string {
    const limit = this.begun?.loss_alert_percent;
    const newest = velocity.repetitions.at(-1);
    this.facts.speed = newest ? this.screen.text("speed", { mean: newest.mean, sigma: newest.sigma, unit: velocity.unit }) : "";
    if (!limit || velocity.loss === null || 100 * velocity.loss < limit) return "";
    const sigma = Math.round(100 * (velocity.loss_sigma ?? 0));
    return this.screen.text("slower", { percent: Math.round(100 * velocity.loss), sigma });
  }

  private noteFacts(message: Message): void {
    for (const name of ["stance", "lean"] as const) {
      const found = message[name] as { label: string | null; score: number | null };
      this.facts[name] = found.label
        ? `${this.screen.text(name)} ${this.screen.text(`${name}_${found.label}`)} ${(found.score ?? 0).toFixed(2)}`
        : "";
    }
    this.facts.tempo = this.screen.text("tempo", tempoOf(message["repetition"] as Tempo));
    this.screen.facts([this.facts.stance, this.facts.lean, this.facts.speed, this.facts.tempo]);
  }

  private finish(): void {
    if (this.stage !== "set") return;
    this.to("finishing");
    this.screen.message(this.screen.text("storing"), "info");
    this.voice.beep(440, 0.4);
    this.link?.finish();
  }

  private async onFinished(message: Message): Promise<void> {
    if (this.finished) return;
    this.finished = true;
    this.awake.off();
    const film = await this.recorder.stop();
    this.stopCamera();
    const session = message["session"] as string | null;
    const base = this.root.dataset["sessions"] ?? "";
    this.to("done");
    if (!session) {
      this.screen.result(null, this.screen.text("too_short"));
      return;
    }
    const words = message["code"] === "too_long" ? "stored_too_long" : "count" in message ? "stored" : "stored_recording";
    const sentence = this.screen.text(words, { count: Number(message["count"] ?? 0) });
    this.screen.result(`${base}${session}/`, sentence);
    this.root.dataset["session"] = session;
    if (film && this.begun) await this.sendFilm(film, this.begun, sentence);
  }

  private async sendFilm(film: File, begun: Begun, sentence: string): Promise<void> {
    const said = new FormData(this.form);
    const told = ["load_kg", "stature_cm", "plate_mm", "loss_alert_percent"].map((name) => [name, String(said.get(name) ?? "")]);
    const about = { participant: String(begun.participant), live_set: begun.id, ...Object.fromEntries(told) } as Record<string, string>;
    const note = (share: number): void => {
      this.screen.message(`${sentence} ${this.screen.text("film", { percent: Math.floor(100 * share) })}`, "good");
    };
    const id = await uploadFilm(film, this.root.dataset["upload"] ?? "", about, this.csrf(), note);
    this.screen.message(`${sentence} ${this.screen.text(id ? "film_sent" : "film_not_sent")}`, "good");
    this.root.dataset["film"] = id ?? "none";
  }

  private csrf(): string {
    return need<HTMLInputElement>(this.form, "[name=csrfmiddlewaretoken]").value;
  }

  private async post(url: string, fields: FormData): Promise<Begun | null> {
    const headers = { "X-CSRFToken": this.csrf(), Accept: "application/json" };
    const answer = await fetch(url, { method: "POST", body: fields, headers }).catch(() => null);
    const body: unknown = await answer?.json().catch(() => null);
    if (answer?.ok) return body as Begun;
    const advice = (body as { advice?: string } | null)?.advice;
    this.fail("no_server");
    if (advice) this.screen.problem(advice);
    return null;
  }
}

interface Velocity {
  unit: string;
  loss: number | null;
  loss_sigma: number | null;
  repetitions: { number: number; mean: number; sigma: number }[];
}

function surroundings(tokenUrl: string, csrf: string): {
  connect(path: string): Wire;
  freshToken(): Promise<string | null>;
  later(work: () => void, milliseconds: number): void;
} {
  return {
    connect: (path) => socket(path),
    later: (work, milliseconds) => void setTimeout(work, milliseconds),
    freshToken: async () => {
      const answer = await fetch(tokenUrl, { method: "POST", headers: { "X-CSRFToken": csrf } });
      return answer.ok ? ((await answer.json()) as Begun).token : null;
    },
  };
}

function socket(path: string): Wire {
  const inner = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
  inner.binaryType = "arraybuffer";
  const wire: Wire = {
    send: (data) => {
      if (inner.readyState === WebSocket.OPEN) inner.send(data);
    },
    close: () => inner.close(),
    get bufferedAmount() {
      return inner.bufferedAmount;
    },
    onopen: null,
    onmessage: null,
    onclose: null,
  };
  inner.addEventListener("open", () => wire.onopen?.());
  inner.addEventListener("message", (event) => wire.onmessage?.(String(event.data)));
  inner.addEventListener("close", (event) => wire.onclose?.(event.code));
  return wire;
}
