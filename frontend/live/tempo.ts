/** Tempo of a repetition in the field's order of four: down, at the bottom, up, at the top. */
export interface Tempo {
  eccentric_s: number | null;
  floor_s: number | null;
  concentric_s: number | null;
  top_s: number | null;
}

const figure = (seconds: number | null): string => (seconds === null ? "–" : seconds.toFixed(1));

/** For the screen; a dash where a part was not seen, or is not over yet. */
export function tempoOf(tempo: Tempo): Record<"down" | "floor" | "up" | "top", string> {
  return {
    down: figure(tempo.eccentric_s),
    floor: figure(tempo.floor_s),
    up: figure(tempo.concentric_s),
    top: figure(tempo.top_s),
  };
}
