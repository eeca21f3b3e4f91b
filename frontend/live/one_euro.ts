/** Casiez, Roussel and Vogel 2012. For the drawing only: the server gets the landmarks as the model made them, like an upload's,
 * and smooths them itself.
 */
export class OneEuro {
  private time = Number.NaN;
  private value = Number.NaN;
  private rate = 0;

  constructor(
    private readonly minCutoffHz: number,
    private readonly beta: number,
    private readonly rateCutoffHz = 1,
  ) {}

  filter(seconds: number, value: number): number {
    const dt = seconds - this.time;
    if (Number.isNaN(dt) || dt > 1) {
      [this.time, this.value, this.rate] = [seconds, value, 0];
      return value;
    }
    if (dt > 0) {
      this.rate += weight(this.rateCutoffHz, dt) * ((value - this.value) / dt - this.rate);
      this.value += weight(this.minCutoffHz + this.beta * Math.abs(this.rate), dt) * (value - this.value);
      this.time = seconds;
    }
    return this.value;
  }
}

function weight(cutoffHz: number, dt: number): number {
  const r = 2 * Math.PI * cutoffHz * dt;
  return r / (r + 1);
}
