"""Pasted text to printed figures: SPSS's Independent Samples Test, ANOVA and Group Statistics, and APA sentences.

Cells may be separated by tabs, spaces or line breaks, as a copy from a PDF, Word or SPSS's viewer comes. Figures stay
text: what was printed is what is checked.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from analysis.stats.check import PrintedAnova, PrintedRow, Statistic

LONGEST, MOST_PEOPLE = 200_000, 1_000_000
"""Characters of pasted text that are read."""

FIGURE = r"[<>]?\s?[-\u2212\u2013]?(?:\d+\.?\d*|\.\d+)"
_FIGURES = re.compile(rf"(?<![\w.,]){FIGURE}(?:[Ee]-?\d+)?(?![\w%])")
_EQUAL = re.compile(r"equal\s+variances\s+(?P<not>not\s+)?assumed", re.IGNORECASE)
_SOURCE = re.compile(
    r"^[^\S\n]*(?P<source>between|within|total|error|residual)\b[^\d\n<>.-]*", re.IGNORECASE | re.MULTILINE
)
_APA = re.compile(
    r"(?<![A-Za-z])(?P<what>t|F|r|z|\u03c72|\u03c7\u00b2|chi2|X2|x2)\s*"
    r"(?:[\(\[]\s*(?P<df1>\d+(?:\.\d+)?)\s*(?:,\s*(?:N\s*=\s*)?(?P<df2>\d+(?:\.\d+)?)\s*)?[\)\]])?\s*=\s*"
    r"(?P<value>[-\u2212\u2013]?(?:\d+\.?\d*|\.\d+))\s*[,;]\s*(?P<p>p\s*(?P<sign>[=<>])\s*(?P<figure>\d*\.?\d+)|n\.?\s?s\.?)",
)
LETTERS: dict[str, Statistic] = {"t": "t", "F": "F", "r": "r", "z": "z"}
_WORD_OF_FIGURE = re.compile(rf"{FIGURE}")
_TAIL = re.compile(r"one[- ](?:tailed|sided)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TTable:
    """An Independent Samples Test: Levene's F and p, and one or both rows; "" and None where not printed."""

    levene_f: str
    levene_p: str
    pooled: PrintedRow | None
    welch: PrintedRow | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A line of Group Statistics."""

    name: str
    n: int
    mean: str
    sd: str
    se: str = ""


@dataclass(frozen=True, slots=True)
class ApaResult:
    """A test in a sentence. `p` may be a bound such as "< .001"; "" for n.s. `one_sided` is what the text says."""

    text: str
    statistic: Statistic
    value: str
    df1: str
    df2: str
    p: str
    one_sided: bool


@dataclass(frozen=True, slots=True)
class Found:
    """All that could be read, in the order of the text."""

    t_tables: tuple[TTable, ...]
    anovas: tuple[PrintedAnova, ...]
    groups: tuple[GroupRow, ...]
    sentences: tuple[ApaResult, ...]
    unread: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not (self.t_tables or self.anovas or self.groups or self.sentences)


def read(text: str) -> Found:
    """Everything that looks like a table or a test. `unread` names tables that began but lack figures."""
    text = _tidy(text)
    unread: list[str] = []
    t_tables = _t_tables(text, unread)
    anovas = _anovas(text, unread)
    return Found(t_tables, anovas, _groups(text), _sentences(text), tuple(unread))


def _tidy(text: str) -> str:
    """No long runs of blanks, so that no pattern takes long over them: a tab between cells, a space between words."""
    text = re.sub(r"\r\n?", "\n", text[:LONGEST])
    text = re.sub(r"[^\S\n]*\t[^\S\n]*|[^\S\n]{2,}", "\t", text)
    return re.sub(r"\n\s*\n", "\n\n", re.sub(r"[^\S\n\t]", " ", text))


def figures(text: str) -> list[str]:
    """The printed numbers of a stretch of text, as one writes them: minus signs made plain, "< .001" kept together."""
    return [re.sub(r"[\u2212\u2013]", "-", re.sub(r"\s", "", found)) for found in _FIGURES.findall(text)]


def _t_tables(text: str, unread: list[str]) -> tuple[TTable, ...]:
    """Rows by their labels. A row has t, df, p, difference, SE and two limits; SPSS 27 prints p one- and two-sided."""
    starts = list(_EQUAL.finditer(text))
    tables: list[TTable] = []
    for at, match in enumerate(starts):
        end = starts[at + 1].start() if at + 1 < len(starts) else min(len(text), match.end() + 400)
        cells = figures(_until_prose(text[match.end() : end]))
        assumed = not match["not"]
        levene = cells[:2] if assumed and len(cells) in {9, 10} else ["", ""]
        rest = cells[2:] if levene[0] else cells
        if len(rest) not in {7, 8} or not _sound(rest[:1] + rest[-4:], rest[1]):
            unread.append(f"{match[0]}: {len(cells)} figures")
            continue
        row = _row(rest)
        if assumed or not tables or tables[-1].welch is not None:
            tables.append(TTable(levene[0], levene[1], row if assumed else None, None if assumed else row))
        else:
            last = tables[-1]
            tables[-1] = TTable(last.levene_f, last.levene_p, last.pooled, row)
    return tuple(tables)


def _sound(cells: list[str], df: str) -> bool:
    """No bound such as "< 1" but in the column of p, and positive degrees of freedom."""
    return not any(cell.startswith(("<", ">")) for cell in (*cells, df)) and float(df) > 0


def _until_prose(text: str) -> str:
    """Up to the first line with words of a sentence or an equals sign: a table's cells are figures."""
    lines = []
    for line in text.splitlines():
        if "=" in line or len(re.findall(r"[A-Za-z]{3,}", line)) > 4:
            break
        lines.append(line)
    return "\n".join(lines)


def _row(cells: list[str]) -> PrintedRow:
    t, df = cells[:2]
    p, difference, se, low, high = cells[-5:]
    return PrintedRow(t=t, df=df, p=p, mean_difference=difference, se=se, ci_low=low, ci_high=high)


def _anovas(text: str, unread: list[str]) -> tuple[PrintedAnova, ...]:
    parts: dict[str, list[str]] = {}
    tables = []
    starts = list(_SOURCE.finditer(text))
    for at, match in enumerate(starts):
        end = starts[at + 1].start() if at + 1 < len(starts) else min(len(text), match.end() + 200)
        source = match["source"].lower()
        source = "within" if source in {"error", "residual"} else source
        cells = figures(_until_prose(text[match.end() : end]))
        needed = {"between": 5, "within": 3, "total": 2}[source]
        if len(cells) < needed:
            if source == "between" and cells:
                unread.append(f"{match[0].strip()}: {len(cells)} figures")
            continue
        if source == "between":
            parts = {}
        parts[source] = cells[:needed]
        if source == "total" and set(parts) == {"between", "within", "total"}:
            table = _anova(parts)
            tables += [table] if table else []
            unread += [] if table else ["ANOVA: figures that can't be"]
            parts = {}
    return tuple(tables)


def _anova(parts: dict[str, list[str]]) -> PrintedAnova | None:
    between, within, total = parts["between"], parts["within"], parts["total"]
    if not all(cell.isdigit() and int(cell) > 0 for cell in (between[1], within[1], total[1])):
        return None
    if not _sound([between[0], *between[2:4], within[0], within[2], total[0]], within[1]):
        return None
    return PrintedAnova(
        ss_between=between[0],
        df_between=int(between[1]),
        ms_between=between[2],
        f=between[3],
        p=between[4],
        ss_within=within[0],
        df_within=int(within[1]),
        ms_within=within[2],
        ss_total=total[0],
        df_total=int(total[1]),
    )


def _groups(text: str) -> tuple[GroupRow, ...]:
    """Lines that end in N, mean, SD, and maybe SE of the mean, after a name."""
    rows = []
    for line in text.splitlines():
        words = line.split()
        cells = list(itertools.takewhile(_WORD_OF_FIGURE.fullmatch, reversed(words)))[::-1]
        name = " ".join(words[: len(words) - len(cells)])
        if len(cells) not in {3, 4} or not re.search(r"[^\W\d]", name) or _SOURCE.match(name) or _EQUAL.search(name):
            continue
        n, mean, sd = cells[:3]
        if not n.isdigit() or not 2 <= int(n) <= MOST_PEOPLE or "." not in sd or sd[0] not in ".0123456789":
            continue
        rows.append(GroupRow(name, int(n), figures(mean)[0], sd, cells[3] if len(cells) == 4 else ""))
    return tuple(rows)


def _sentences(text: str) -> tuple[ApaResult, ...]:
    text = re.sub(r"\s+", " ", text)
    matches = list(_APA.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)][: len(matches)]
    results = [
        _sentence(match, text[match.start() : min(end, match.end() + 40)])
        for match, end in zip(matches, ends, strict=True)
    ]
    return tuple(result for result in results if result is not None)


def _sentence(match: re.Match[str], nearby: str) -> ApaResult | None:
    what = LETTERS.get(match["what"], "chi2")
    df1, df2 = match["df1"] or "", match["df2"] or ""
    if (what == "F" and not df2) or (what in {"t", "r"} and (df2 or not df1)) or (what == "chi2" and not df1):
        return None
    sign = match["sign"] or ""
    return ApaResult(
        text=match[0],
        statistic=what,
        value=re.sub(r"[\u2212\u2013]", "-", match["value"]),
        df1=df1,
        df2=df2 if what == "F" else "",
        p=f"{'' if sign == '=' else sign + ' '}{match['figure']}" if sign else "",
        one_sided=bool(_TAIL.search(nearby)),
    )
