/** The repetitions as the table lists them: where each begins and ends, and which one the video shows. No DOM. */

export interface RepTimes {
  number: number;
  start: number;
  lockout: number;
  end: number;
}

/** The repetition under way at this time, or null between two of them. */
export function repAt(reps: readonly RepTimes[], seconds: number): RepTimes | null {
  return reps.find((rep) => rep.start <= seconds && seconds < rep.end) ?? null;
}

/** The next repetition to begin after this time; null after the last. */
export function nextRep(reps: readonly RepTimes[], seconds: number): RepTimes | null {
  return reps.find((rep) => rep.start > seconds + 0.05) ?? null;
}

/** The start of the repetition under way, or, within its first 0.7 s, of the one before: as "previous" works on a music player. */
export function previousRep(reps: readonly RepTimes[], seconds: number): RepTimes | null {
  return [...reps].reverse().find((rep) => rep.start < seconds - 0.7) ?? null;
}
