/** From the camera's picture to the answer on the screen, over the last frames that were answered. No DOM. */

const KEPT = 300;

export class Latency {
  private readonly captured = new Map<number, number>();
  private readonly taken: number[] = [];
  private readonly frames: number[] = [];

  sent(sequence: number, capturedMs: number): void {
    this.captured.set(sequence, capturedMs);
    this.captured.delete(sequence - KEPT);
    this.tick(capturedMs);
  }

  /** A picture that needs no answer. */
  tick(capturedMs: number): void {
    this.frames.push(capturedMs);
    if (this.frames.length > KEPT) this.frames.shift();
  }

  shown(sequence: number, nowMs: number): void {
    const captured = this.captured.get(sequence);
    if (captured === undefined) return;
    this.taken.push(nowMs - captured);
    if (this.taken.length > KEPT) this.taken.shift();
  }

  get fps(): number {
    const [first, last] = [this.frames[0], this.frames.at(-1)];
    return first === undefined || last === undefined || last <= first ? 0 : (1000 * (this.frames.length - 1)) / (last - first);
  }

  /** Milliseconds that the share of the answers did not exceed; NaN before any. */
  quantile(share: number): number {
    const sorted = [...this.taken].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  }

  get answers(): number {
    return this.taken.length;
  }
}
