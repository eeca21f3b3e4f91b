/** The upload form: choose, film or drop a clip, look at it, send it with a progress bar, cancel. A plain form without this script. */
import { all, find, need, setText } from "./common/dom.ts";
import { clock, fill, megabytes } from "./common/words.ts";
import { problemWith, readAnswer, secondsLeft } from "./upload/rules.ts";

class UploadForm {
  private readonly inputs: HTMLInputElement[];
  private readonly zone: HTMLElement;
  private readonly chosen: HTMLElement;
  private readonly preview: HTMLVideoElement;
  private readonly progress: HTMLElement;
  private readonly bar: HTMLProgressElement;
  private readonly send: HTMLButtonElement;
  private file: File | null = null;
  private request: XMLHttpRequest | null = null;

  constructor(private readonly form: HTMLFormElement) {
    this.inputs = all<HTMLInputElement>(form, "input[type=file]");
    this.zone = need(form, "[data-drop-zone]");
    this.chosen = need(form, "[data-chosen]");
    this.preview = need(form, "[data-chosen] video");
    this.progress = need(form, "[data-progress]");
    this.bar = need(form, "progress");
    this.send = need(form, "[data-send]");
    this.form.classList.add("is-enhanced");
    this.wireChoosing();
    this.wireDropping();
    need<HTMLButtonElement>(form, "[data-forget]").addEventListener("click", () => this.choose(null));
    need<HTMLButtonElement>(form, "[data-cancel]").addEventListener("click", () => this.request?.abort());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    addEventListener("beforeunload", (event) => {
      if (this.request) event.preventDefault();
    });
    // What the server said about the last try stays until another film is chosen.
    this.show(null);
  }

  private text(name: string): string {
    return this.form.dataset[name] ?? "";
  }

  private wireChoosing(): void {
    for (const input of this.inputs) {
      input.addEventListener("change", () => {
        const file = input.files?.[0];
        if (file) this.choose(file);
      });
    }
  }

  private wireDropping(): void {
    const lit = (on: boolean): void => void this.zone.classList.toggle("is-over", on);
    this.zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      lit(true);
    });
    this.zone.addEventListener("dragleave", (event) => {
      if (!(event.relatedTarget instanceof Node && this.zone.contains(event.relatedTarget))) lit(false);
    });
    this.zone.addEventListener("drop", (event) => {
      event.preventDefault();
      lit(false);
      const file = event.dataTransfer?.files[0];
      if (file) this.choose(file);
    });
  }

  private say(problem: string, existingUrl: string | null = null): void {
    const box = need<HTMLElement>(this.form, "[data-problem]");
    setText(need(box, "[data-problem-text]"), problem);
    const link = need<HTMLElement>(box, "[data-existing]");
    link.hidden = existingUrl === null;
    if (existingUrl) need<HTMLAnchorElement>(link, "a").href = existingUrl;
    box.hidden = problem === "";
  }

  private choose(file: File | null): void {
    const max = Number(this.form.dataset["maxBytes"] ?? Number.POSITIVE_INFINITY);
    const problem = file ? problemWith(file, max) : null;
    this.say(file && problem ? fill(this.text(problem), { size: megabytes(file.size), limit: megabytes(max) }) : "");
    this.show(problem ? null : file);
  }

  private show(file: File | null): void {
    this.file = file;
    if (this.preview.src) URL.revokeObjectURL(this.preview.src);
    this.preview.removeAttribute("src");
    this.preview.hidden = true;
    this.chosen.hidden = !this.file;
    this.zone.hidden = this.file !== null;
    this.send.disabled = !this.file;
    if (this.file) this.showChosen(this.file);
    else for (const input of this.inputs) input.value = "";
  }

  private showChosen(file: File): void {
    const facts = need<HTMLElement>(this.chosen, "[data-chosen-facts]");
    setText(need(this.chosen, "[data-chosen-name]"), file.name);
    setText(facts, megabytes(file.size));
    this.preview.addEventListener(
      "loadedmetadata",
      () => {
        if (this.file !== file || !Number.isFinite(this.preview.duration)) return;
        setText(facts, `${clock(this.preview.duration)} · ${megabytes(file.size)}`);
        this.preview.hidden = this.preview.videoWidth === 0;
        const limit = Number(this.form.dataset["maxSeconds"] ?? Number.POSITIVE_INFINITY);
        if (this.preview.duration > limit) this.say(this.text("too_long"));
      },
      { once: true },
    );
    this.preview.src = URL.createObjectURL(file);
    this.send.focus({ preventScroll: true });
  }

  /** The form's own fields, with the chosen file under the first file input's name, wherever it came from. */
  private body(file: File): FormData {
    const data = new FormData(this.form);
    const name = this.inputs[0]?.name ?? "video";
    for (const input of this.inputs) data.delete(input.name);
    data.append(name, file, file.name);
    return data;
  }

  private submit(): void {
    if (!this.file || this.request || !this.form.reportValidity()) return;
    const request = new XMLHttpRequest();
    const started = performance.now();
    this.request = request;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) this.showProgress(event.loaded, event.total, performance.now() - started);
    });
    request.addEventListener("load", () => this.finish(request));
    request.addEventListener("error", () => this.stop(this.text("offline")));
    request.addEventListener("abort", () => this.stop("", this.text("cancelled")));
    request.open("POST", this.form.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.setRequestHeader("Accept", "application/json");
    this.busy(true);
    this.say("");
    this.showProgress(0, this.file.size, 0);
    request.send(this.body(this.file));
  }

  private showProgress(sent: number, total: number, elapsedMs: number): void {
    const percent = total > 0 ? Math.floor((100 * sent) / total) : 0;
    this.bar.value = percent;
    const left = secondsLeft(sent, total, elapsedMs);
    const values = { percent, sent: megabytes(sent), total: megabytes(total), left: left ?? "" };
    const name = percent >= 100 ? "checking" : left === null ? "sending" : "sendingLeft";
    setText(need(this.progress, "[data-progress-text]"), fill(this.text(name), values));
    // Aloud only at every quarter: a live region that changes ten times a second is no use to anybody.
    const quarter = Math.floor(percent / 25) * 25;
    this.announce(percent >= 100 ? this.text("checking") : fill(this.text("spoken"), { percent: quarter }));
  }

  private announce(sentence: string): void {
    const region = find<HTMLElement>(document, "[data-announcements]");
    if (region) setText(region, sentence);
  }

  private busy(on: boolean): void {
    this.progress.hidden = !on;
    this.send.hidden = on;
    need<HTMLButtonElement>(this.form, "[data-forget]").hidden = on;
    this.form.setAttribute("aria-busy", String(on));
    if (on) need<HTMLButtonElement>(this.form, "[data-cancel]").focus();
  }

  private finish(request: XMLHttpRequest): void {
    const answer = readAnswer(request.responseText);
    if (request.status < 300 && answer.url) {
      this.request = null;
      location.assign(answer.url);
      return;
    }
    const fallback = request.status === 413 ? this.text("too_large_server") : this.text("refused");
    this.stop(answer.message ?? fallback, "", answer.existingUrl);
  }

  private stop(problem: string, spoken = "", existingUrl: string | null = null): void {
    this.request = null;
    this.busy(false);
    this.say(problem, existingUrl);
    this.announce(spoken);
    this.send.focus();
  }
}

const form = find<HTMLFormElement>(document, "form[data-upload]");
if (form) new UploadForm(form);
