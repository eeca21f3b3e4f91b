/** Frames as bytes, the same as `coaching/live/protocol.py` reads them. No DOM. */

export const VERSION = 1;
export const HEADER_BYTES = 16;
export const FRAME_BYTES = HEADER_BYTES + 4 * (33 * 4 + 33 * 3);
const MAGIC = 0x4c;
const SEEN = 1;

export interface Point {
  x: number;
  y: number;
  z: number;
  visibility?: number;
}

/** One frame. `image` in shares of the picture as the model gives them; they leave as pixels, like an upload's. */
export function encodeFrame(
  sequence: number,
  timeMs: number,
  image: readonly Point[] | null,
  world: readonly Point[] | null,
  size: { width: number; height: number },
): ArrayBuffer {
  const seen = image?.length === 33 && world?.length === 33;
  const buffer = new ArrayBuffer(seen ? FRAME_BYTES : HEADER_BYTES);
  const view = new DataView(buffer);
  view.setUint8(0, MAGIC);
  view.setUint8(1, VERSION);
  view.setUint8(2, seen ? SEEN : 0);
  view.setUint32(4, sequence, true);
  view.setFloat64(8, timeMs, true);
  if (!seen) return buffer;
  let at = HEADER_BYTES;
  const put = (value: number): void => {
    view.setFloat32(at, value, true);
    at += 4;
  };
  for (const p of image) {
    put(p.x * size.width);
    put(p.y * size.height);
    put(p.z * size.width); // MediaPipe scales z like x
    put(p.visibility ?? 0);
  }
  for (const p of world) {
    put(p.x);
    put(p.y);
    put(p.z);
  }
  return buffer;
}

export function timeOf(frame: ArrayBuffer): number {
  return new DataView(frame).getFloat64(8, true);
}

export function sequenceOf(frame: ArrayBuffer): number {
  return new DataView(frame).getUint32(4, true);
}
