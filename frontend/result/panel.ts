/** The panel beside the video: PROB, CLASS, REPS and FORM ANALYSIS at the moment shown, as in the paper's figures 3 and 4. */
import { find, need, setText } from "../common/dom.ts";
import { probability } from "../common/words.ts";
import type { Player } from "./player.ts";
import { readingAt, type Maybe, type Series } from "./series.ts";

/** For each label of a measure: its name and advice, translated by the server. */
type Words = Readonly<Record<string, { name: string; advice: string }>>;

function wordsFrom(element: HTMLElement): Words {
  return JSON.parse(element.dataset["words"] ?? "{}") as Words;
}

class FormLine {
  private readonly words: Words;
  private readonly unseen: string;
  private readonly name: HTMLElement;
  private readonly score: HTMLElement;
  private readonly meter: HTMLMeterElement;
  private readonly advice: HTMLElement;

  constructor(root: HTMLElement) {
    this.words = wordsFrom(root);
    this.unseen = root.dataset["unseen"] ?? "";
    this.name = need(root, "[data-name]");
    this.score = need(root, "[data-score]");
    this.meter = need(root, "meter");
    this.advice = need(root, "[data-advice]");
  }

  show(label: string | null, score: Maybe): void {
    const words = label === null ? undefined : this.words[label];
    setText(this.name, words?.name ?? label ?? this.unseen);
    setText(this.score, probability(score));
    this.meter.value = score ?? 0;
    setText(this.advice, words?.advice ?? "");
  }
}

export function followPanel(root: HTMLElement, series: Series, player: Player): void {
  const prob = need<HTMLElement>(root, "[data-panel=prob]");
  const phase = need<HTMLElement>(root, "[data-panel=class]");
  const reps = need<HTMLElement>(root, "[data-panel=reps]");
  const phases = wordsFrom(phase);
  const line = (name: string): FormLine | null => {
    const element = find<HTMLElement>(root, `[data-form=${name}]`);
    return element && "words" in element.dataset ? new FormLine(element) : null;
  };
  const stance = line("stance");
  const lean = line("lean");
  player.onTime((seconds) => {
    const now = readingAt(series, seconds);
    if (!now) return;
    setText(prob, probability(now.prob));
    setText(phase, now.phase === null ? "–" : (phases[now.phase]?.name ?? now.phase));
    phase.dataset["phase"] = now.phase ?? "";
    setText(reps, String(now.reps));
    stance?.show(now.stance, now.stanceScore);
    lean?.show(now.lean, now.leanScore);
  });
}
