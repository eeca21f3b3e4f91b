/** The graph in numbers: the angles at lift-off and lockout of each repetition. */
import { degrees } from "../common/words.ts";
import type { RepTimes } from "./reps.ts";
import { readingAt, type Series } from "./series.ts";

/** Hip, knee and trunk, each at lift-off and at lockout, as the table's cells. */
export function angleCells(series: Series, rep: RepTimes): string[] {
  const start = readingAt(series, rep.start);
  const top = readingAt(series, rep.lockout);
  return (["hip", "knee", "trunk"] as const).flatMap((joint) => [
    degrees(start?.[joint] ?? null),
    degrees(top?.[joint] ?? null),
  ]);
}

export function fillAngleTable(body: HTMLTableSectionElement, series: Series, reps: readonly RepTimes[]): void {
  for (const rep of reps) {
    const row = body.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = String(rep.number);
    row.append(head);
    for (const text of angleCells(series, rep)) {
      const cell = row.insertCell();
      cell.className = "num";
      cell.textContent = text;
    }
  }
}
