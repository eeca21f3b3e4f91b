/** The skeleton over the camera's picture, smoothed for the eye only. */
import { OneEuro } from "./one_euro.ts";
import type { Point } from "./wire.ts";

const BONES: readonly (readonly [number, number])[] = [
  [11, 12], [11, 23], [12, 24], [23, 24],
  [11, 13], [13, 15], [12, 14], [14, 16],
  [23, 25], [25, 27], [24, 26], [26, 28],
  [27, 29], [29, 31], [28, 30], [30, 32],
  [7, 11], [8, 12],
];
const SURE = 0.4;

export class Skeleton {
  private readonly filters = Array.from({ length: 66 }, () => new OneEuro(2, 0.3));

  constructor(private readonly canvas: HTMLCanvasElement) {}

  draw(points: readonly Point[] | null, timeMs: number, width: number, height: number): void {
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const pen = this.canvas.getContext("2d");
    if (!pen) return;
    pen.clearRect(0, 0, width, height);
    if (!points) return;
    const seconds = timeMs / 1000;
    const at = points.map((p, i) => ({
      x: this.filter(2 * i, seconds, p.x) * width,
      y: this.filter(2 * i + 1, seconds, p.y) * height,
      seen: (p.visibility ?? 0) > SURE,
    }));
    // Light on dark: to be seen on any wall and any shirt.
    for (const [colour, thick] of [["#0e1217", 8], ["#ffd54a", 4]] as const) {
      pen.strokeStyle = colour;
      pen.lineWidth = (thick * Math.max(width, height)) / 640;
      pen.lineCap = "round";
      pen.beginPath();
      for (const [from, to] of BONES) {
        const [a, b] = [at[from], at[to]];
        if (!a?.seen || !b?.seen) continue;
        pen.moveTo(a.x, a.y);
        pen.lineTo(b.x, b.y);
      }
      pen.stroke();
    }
  }

  private filter(index: number, seconds: number, value: number): number {
    return this.filters[index]?.filter(seconds, value) ?? value;
  }
}
