/** The upload form: choose, film or drop a clip, look at it, send it with a progress bar, cancel. A plain form without this script. */
import { all, find, need, setText } from "./common/dom.ts";
import { clock, fill, megabytes } from "./common/words.ts";
import { type Answer, problemWith, secondsLeft } from "./upload/rules.ts";
import { SliceSender } from "./upload/slices.ts";

class UploadForm {
  private readonly inputs: HTMLInputElement[];
  private readonly zone: HTMLElement;
  private readonly chosen: HTMLElement;
  private readonly preview: HTMLVideoElement;
  private readonly progress: HTMLElement;
  private readonly bar: HTMLProgressElement;
  private readonly send: HTMLButtonElement;
  private file: File | null = null;
  private sender: SliceSender | null = null;

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
    need<HTMLButtonElement>(form, "[data-cancel]").addEventListener("click", () => this.cancel());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    addEventListener("beforeunload", (event) => {
      if (this.sender) event.preventDefault();
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

  /** The form's own fields without the files: what is said about the film before it comes. */
  private fields(): FormData {
    const data = new FormData(this.form);
    for (const input of this.inputs) data.delete(input.name);
    return data;
  }

  private submit(): void {
    const file = this.file;
    if (!file || this.sender || !this.form.reportValidity()) return;
    const begin = this.form.dataset["beginUrl"] ?? this.form.action;
    const token = need<HTMLInputElement>(this.form, "[name=csrfmiddlewaretoken]").value;
    let started: { at: number; sent: number } | null = null;
    this.sender = new SliceSender(file, begin, this.fields(), token, {
      progress: (sent) => {
        // What was here before this page says nothing about how fast it goes.
        started ??= { at: performance.now(), sent };
        this.showProgress(sent, file.size, started.sent, performance.now() - started.at);
      },
      waiting: () => {
        started = null;
        setText(need(this.progress, "[data-progress-text]"), this.text("waiting"));
        this.announce(this.text("waiting"));
      },
      done: (url) => {
        this.sender = null;
        location.assign(url);
      },
      refused: (answer, status) => this.refused(answer, status),
      offline: () => this.stop(this.text("offline")),
    });
    this.busy(true);
    this.say("");
    this.showProgress(0, file.size, 0, 0);
    void this.sender.send();
  }

  private cancel(): void {
    this.sender?.cancel();
    this.stop("", this.text("cancelled"));
  }

  private showProgress(sent: number, total: number, before: number, elapsedMs: number): void {
    const percent = total > 0 ? Math.floor((100 * sent) / total) : 0;
    this.bar.value = percent;
    const left = secondsLeft(sent - before, total - before, elapsedMs);
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

  private refused(answer: Answer, status: number): void {
    const fallback = status === 413 ? this.text("too_large_server") : this.text("refused");
    this.stop(answer.message ?? fallback, "", answer.existingUrl);
  }

  private stop(problem: string, spoken = "", existingUrl: string | null = null): void {
    this.sender = null;
    this.busy(false);
    this.say(problem, existingUrl);
    this.announce(spoken);
    this.send.focus();
  }
}

const form = find<HTMLFormElement>(document, "form[data-upload]");
if (form) new UploadForm(form);
