/** What somebody three metres away reads: one huge number, one word, one sentence. Shape, text and colour say the same. */
import { find, need, setText } from "../common/dom.ts";
import { fill } from "../common/words.ts";

export type Stage = "setup" | "loading" | "guide" | "countdown" | "set" | "finishing" | "done" | "failed";
export type Tone = "good" | "warn" | "bad" | "info";

export class Screen {
  private readonly words: Readonly<Record<string, string>>;
  private readonly stage: HTMLElement;

  constructor(private readonly root: HTMLElement) {
    this.words = JSON.parse(need(document, "#live-words").textContent ?? "{}") as Record<string, string>;
    this.stage = need(root, "[data-stage]");
  }

  text(name: string, values: Readonly<Record<string, string | number>> = {}): string {
    return fill(this.words[name] ?? name, values);
  }

  show(stage: Stage): void {
    this.root.dataset["live"] = stage;
    const full = stage !== "setup";
    need<HTMLElement>(this.root, "[data-setup]").hidden = full;
    this.stage.hidden = !full;
    document.documentElement.classList.toggle("has-live-stage", full);
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-for]")) {
      button.hidden = !(button.dataset["for"] ?? "").split(" ").includes(stage);
    }
  }

  count(value: string): void {
    setText(need(this.root, "[data-count]"), value);
  }

  phase(phase: string | null, p: number | null): void {
    const box = need<HTMLElement>(this.root, "[data-phase]");
    box.dataset["phase"] = phase ?? "none";
    setText(need(box, "[data-phase-word]"), this.text(`phase_${phase ?? "none"}`));
    setText(need(box, "[data-phase-p]"), p === null ? "" : p.toFixed(2));
  }

  /** One message at a time; the last one stays until the next. */
  message(sentence: string, tone: Tone): void {
    const box = need<HTMLElement>(this.root, "[data-message]");
    box.dataset["tone"] = tone;
    for (const mark of box.querySelectorAll<HTMLElement>("[data-mark]")) mark.hidden = mark.dataset["mark"] !== tone;
    setText(need(box, "[data-message-text]"), sentence);
  }

  /** Small print: stance, lean, speed, frames a second. */
  facts(lines: readonly string[]): void {
    setText(need(this.root, "[data-facts]"), lines.filter(Boolean).join(" · "));
  }

  hand(share: number): void {
    need<HTMLProgressElement>(this.root, "[data-hand]").value = share;
  }

  problem(sentence: string): void {
    const box = need<HTMLElement>(this.root, "[data-problem]");
    box.hidden = sentence === "";
    setText(need(box, "[data-problem-text]"), sentence);
  }

  result(url: string | null, sentence: string): void {
    this.message(sentence, "good");
    const link = find<HTMLAnchorElement>(this.root, "[data-result-link]");
    if (!link) return;
    link.hidden = url === null;
    if (url) link.href = url;
  }
}
