"""`python -m analysis.stats.integrity FILE|-`: check pasted tables and sentences, print every figure with its verdict.

Leaves with 0 when everything fits, 1 when a figure does not, 2 when nothing could be read.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.stats.integrity.checker import Options, check_text
from analysis.stats.samples import InvalidSample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.integrity.checker import DataCheck, IntegrityReport, TableReport

WORDS = {"consistent": "fits", "inconsistent": "does not fit", "decision_error": "does not fit, and the decision turns"}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m analysis.stats.integrity", description=__doc__)
    parser.add_argument("file", help="a text file with the pasted table, or - for standard input")
    parser.add_argument("--n", nargs=2, type=int, metavar=("FIRST", "SECOND"), help="sizes of the two groups")
    parser.add_argument("--items", type=int, default=1, help="whole-number items behind each person's score")
    parser.add_argument("--not-whole", action="store_true", help="scores are no whole numbers: check the p's alone")
    parser.add_argument("--alpha", type=float, default=0.05, help="level of the decisions")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    given = parser.parse_args(arguments)
    options = Options(n=given.n and tuple(given.n), items=given.items, whole=not given.not_whole, alpha=given.alpha)
    try:
        text = sys.stdin.read() if given.file == "-" else Path(given.file).read_text(encoding="utf-8", errors="replace")
        report = check_text(text, options)
    except (InvalidSample, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(_json(report) if given.json else _text(report))
    return 0 if all(table.worst == "consistent" for table in report.tables) else 1


def _text(report: IntegrityReport) -> str:
    lines = [line for table in report.tables for line in _table(table)]
    lines += [f"not read: {what}" for what in report.unread]
    wrong = sum(finding.verdict != "consistent" for table in report.tables for finding in table.findings)
    return "\n".join([*lines, f"{report.figures} figures checked, {wrong} of them do not fit."])


def _table(table: TableReport) -> list[str]:
    lines = [table.title]
    for found in table.findings:
        line = f"  {found.what:44} {found.printed:>9}   {_range(found.low, found.high):28} {WORDS[found.verdict]}"
        if found.needed is not None:
            line += f"; the printed p needs {found.needed:.4g} ({_range(found.needed_low, found.needed_high)})"
        lines.append(line)
    for grain in table.granularity:
        verdict = "whole numbers can give it" if grain.possible else f"impossible: {grain.reason}"
        if grain.share == 1.0 and grain.possible:
            verdict += " (so they can any mean)"
        lines.append(f"  {grain.test:8} M = {grain.mean} SD = {grain.sd or '?'} n = {grain.n}: {verdict}")
    for test in table.recomputed:
        df = f"{test.df2:.6g}" if test.ci_low is not None else f"{test.df1:g}, {test.df2:g}"
        line = f"  {test.test:8} ({df}) = {test.range.at:.4f} ({_range(test.range.low, test.range.high)})"
        line += f"  p = {test.p:.3g} ({_range(test.p_low, test.p_high)})"
        lines.append(line if test.ci_low is None else f"{line}  95 % {test.ci_low:.3f} to {test.ci_high:.3f}")
    return lines + (_data(table.data) if table.data else [])


def _data(data: DataCheck) -> list[str]:
    n = f"n = {data.n[0]} + {data.n[1]}{' (taken from the df)' if data.n_assumed else ''}"
    found = data.found
    if found is None:
        return [f"  whole-number data, {n}: not searched ({data.problem})"]
    if not found.possible:
        return [f"  whole-number data, {n}: none gives every printed digit"]
    count = "some" if found.count is None else f"{found.count:,}"
    lines = [f"  whole-number data, {n}: {count} pairs of distributions give every printed digit"]
    if found.distinct is not None and found.distinct != found.pairs:
        lines[0] += f", {len(found.distinct)} of them when mirror images are one"
    sums = {tuple(sorted(split.ss)) for split in found.splits}
    if len(sums) == 1:
        a, b = sums.pop()
        sds = sorted(math.sqrt(s / (n - 1)) for s, n in zip((a, b), data.n, strict=True))
        lines.append(f"  forced: sums of squares {a:.2f} and {b:.2f}, SD {sds[0]:.3f} and {sds[1]:.3f}")
    if found.pairs:
        lines.append(f"  the shortest scale that holds one has {min(pair.reach for pair in found.pairs) + 1} points")
    return lines


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None or math.isinf(high):
        return "" if low is None else f"{low:.5g} and more"
    return f"{low:.5g}" if low == high else f"{low:.5g} to {high:.5g}"


def _json(report: IntegrityReport) -> str:
    def plain(value: object) -> object:
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, dict):
            return {key: plain(x) for key, x in value.items()}
        return [plain(x) for x in value] if isinstance(value, list | tuple) else value

    return json.dumps(plain(dataclasses.asdict(report)), indent=1, allow_nan=False)


if __name__ == "__main__":
    sys.exit(main())
