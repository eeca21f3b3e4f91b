/** What can be said about a file before it is sent, and how the sending goes. No DOM. The server checks everything again. */

export type Problem = "too_large" | "empty" | "not_a_video";

const ENDINGS = /\.(mp4|m4v|mov|webm|mkv|avi|3gp|mpe?g|ts|mts|m2ts|ogv|wmv)$/i;

/** The reason not to send this file, or null. Phones leave the type empty for some videos: then the ending counts. */
export function problemWith(file: Pick<File, "name" | "size" | "type">, maxBytes: number): Problem | null {
  if (file.size === 0) return "empty";
  if (!file.type.startsWith("video/") && !ENDINGS.test(file.name)) return "not_a_video";
  return file.size > maxBytes ? "too_large" : null;
}

/** Time left from the mean rate so far, in whole seconds; null in the first two seconds, when it would only jump about. */
export function secondsLeft(sent: number, total: number, elapsedMs: number): number | null {
  if (elapsedMs < 2000 || sent <= 0) return null;
  return Math.max(0, Math.round(((total - sent) / sent) * (elapsedMs / 1000)));
}

export interface Answer {
  url: string | null;
  message: string | null;
  /** Where the same film already is, when it was sent before. */
  existingUrl: string | null;
}

/** What the server said: where to go, or why not. Anything but our JSON gives nothing. */
export function readAnswer(body: string): Answer {
  const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
  try {
    const parsed: unknown = JSON.parse(body);
    const { url, advice, existing_url } = (parsed ?? {}) as Record<string, unknown>;
    return { url: text(url), message: text(advice), existingUrl: text(existing_url) };
  } catch {
    return { url: null, message: null, existingUrl: null };
  }
}
