"""One prediction with its probability for every row, or sequence, of a landmark table that nobody has seen before.

The answer is CSV on the standard output; lines that begin with `#` say what was found out about the table and, where
truth was given, how right the answers are.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coaching.training.landmark_tables import read_tables
from coaching.training.picture_shape import in_shares, picture_shape
from coaching.training.sequences import DEPTH_IS_REAL, from_the_front, judge_sequence
from coaching.vision.frame_form import FORM_CLASSES, form_probabilities
from coaching.vision.frame_labels import CLASSES, body_of_frames, frame_features, probabilities, why_unusable
from coaching.vision.layouts import LAYOUTS
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.training.landmark_tables import LandmarkTable
    from coaching.training.sequences import JudgedSequence
    from coaching.vision.settings_table import Settings

    Array = NDArray[np.float64]
    Say = Callable[[str], None]

TASKS = (*CLASSES, "form")
SEEN_FROM_THE_FRONT = ("stance", "lean")
WORDS = {**CLASSES, "form": FORM_CLASSES}
SHORTEST_S = 0.3
# Words that tables use for a lift done right, and for one that is not.
RIGHT, WRONG = ("correct", "good", "right"), ("incorrect", "bad", "wrong")
UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class Judged:
    """One row: the winning class and its probability, or why there is none."""

    label: str | None
    p: float
    all_p: tuple[float, ...]
    note: str = ""


def judge_rows(table: LandmarkTable, task: str, settings: Settings = DEFAULT, aspect: float = 1.0) -> list[Judged]:
    """Every row of a table. aspect: picture width over height, for tables in shares of the picture (only used where
    nobody stands upright, so that the table does not show its own widths).
    """
    points = table.landmarks * np.array([aspect, 1.0, aspect, 1.0])
    body = body_of_frames(points)
    if task == "form":
        given = form_probabilities(points, settings, body)
        reasons = ["" if known else "neither hands nor head are seen" for known in np.isfinite(given).all(axis=1)]
    else:
        given = probabilities(task, frame_features(task, points, body), settings)
        reasons = why_unusable(task, points, body)
    out = []
    for row, p in enumerate(given):
        broken = table.broken[row] if row < len(table.broken) else ""
        reason = reasons[row] and (broken or reasons[row])
        if reason or not np.isfinite(p).all():
            out.append(Judged(None, float("nan"), (), f"{UNUSABLE}: {reason or 'a landmark is missing'}"))
            continue
        best = int(np.argmax(p))
        out.append(Judged(WORDS[task][best], float(p[best]), tuple(p.tolist()), broken))
    return out


def truth_of(table: LandmarkTable, task: str, everywhere: str | None = None) -> list[str | None]:
    """The class of each row by the table's own words, None where they name none of the task's classes."""
    words = (everywhere,) * len(table.landmarks) if everywhere else (table.words or ())
    return form_words(words) if task == "form" else [_class_in(word, CLASSES[task]) for word in words]


def form_words(words: Sequence[str]) -> list[str | None]:
    """FORM_CLASSES of a table's own words: those that say correct, and, where some do, all others as incorrect."""
    parts = [set(word.strip().lower().replace("-", "_").replace(" ", "_").split("_")) for word in words]
    some_right = any(part & set(RIGHT) and not part & set(WRONG) for part in parts)
    found: list[str | None] = []
    for part in parts:
        wrong = bool(part & set(WRONG)) or (some_right and bool(part - {""}) and not part & set(RIGHT))
        found.append("incorrect" if wrong else "correct" if part & set(RIGHT) else None)
    return found


def _class_in(word: str, classes: Sequence[str]) -> str | None:
    """`up`, `UP`, `d_correct_up` and `lean-left` all end in a class."""
    last = word.strip().lower().replace("-", "_").replace(" ", "_").split("_")[-1]
    return last if last in classes else None


def score(pairs: Sequence[tuple[str, str | None]], classes: Sequence[str]) -> list[str]:
    """Balanced accuracy, recalls and confusion of (truth, answer); a row without an answer is wrong."""
    table = {t: [sum(1 for a, b in pairs if a == t and b == c) for c in (*classes, None)] for t in classes}
    present = [t for t in classes if sum(table[t])]
    if not present:
        return ["no row has a label of this task"]
    recall = {t: table[t][list(classes).index(t)] / sum(table[t]) for t in present}
    lines = [f"balanced accuracy {np.mean(list(recall.values())):.3f} on {len(pairs)} labelled rows"]
    lines.append("truth \\ said," + ",".join((*classes, UNUSABLE)))
    lines.extend(f"{t}," + ",".join(str(n) for n in table[t]) for t in present)
    return lines


def judge(
    path: Path,
    layout: str,
    task: str,
    say: Say,
    *,
    scored: bool = False,
    everywhere: str | None = None,
    aspect: float | None = None,
    fps: float = 30.0,
    models: Path | None = None,
    per: str = "auto",
) -> None:
    """Print the judgement of a file or folder, one line a row or, for form in films, a table.

    per: "row", "sequence", "repetition", or "auto": `rows_are_frames` tells, or that no lift is found.
    Raises FileNotFoundError, UnreadableTable.
    """
    tables = read_tables(path, LAYOUTS[layout])
    if layout in DEPTH_IS_REAL and task in SEEN_FROM_THE_FRONT:
        tables = [replace(one, landmarks=from_the_front(one.landmarks)) for one in tables]
    for table in tables[:1]:
        say(f"# {layout}, {len(tables)} table(s); {table.name}: {'; '.join(table.notes) or 'as expected'}")
    sequences = None
    if task == "form" and per != "row" and (per != "auto" or not all(rows_are_frames(one, fps) for one in tables)):
        sequences = [judge_sequence(_in_shape(table, layout, aspect, say), layout, fps, models) for table in tables]
        if per == "auto" and all(one.label is None for one in sequences):
            say(f"# {sequences[0].name}: no film of a lift ({sequences[0].note}); so each row by itself")
            sequences = None
    if sequences is None:
        pairs = _say_rows(tables, task, say, everywhere, aspect or 1.0)
    else:
        say(f"# {fps:g} frames a second {'(assumed; --fps changes it)' if fps == 30.0 else ''}".rstrip())
        pairs = _say_sequences(sequences, say, everywhere, per)
    if scored or everywhere:
        for line in score(pairs, WORDS[task]):
            say(f"# {line}")


def rows_are_frames(table: LandmarkTable, fps: float) -> bool:
    """Whether a table is a collection of frames, not a film: it has a word for each row, or half of the time the phase
    lasts for less than SHORTEST_S. Nobody lifts that fast.
    """
    if table.words and len(set(table.words)) > 1:
        return True
    up = np.array([one.label or "" for one in judge_rows(table, "phase")])
    change = np.flatnonzero(up[1:] != up[:-1])
    runs = np.diff(np.concatenate([[0], change + 1, [len(up)]]))
    return bool(len(up) < 2 or np.median(np.repeat(runs, runs)) < SHORTEST_S * fps)


def _in_shape(table: LandmarkTable, layout: str, aspect: float | None, say: Say) -> LandmarkTable:
    """The table with widths in the unit of its heights, where they are shares of a picture."""
    if layout in DEPTH_IS_REAL or not in_shares(table.landmarks):
        return table
    shape = aspect or picture_shape(table.landmarks)
    say(f"# {table.name}: in shares of a picture {shape:.2f} times as wide as high ({'told' if aspect else 'found'})")
    return replace(table, landmarks=table.landmarks * np.array([shape, 1.0, shape, 1.0]))


def _say_rows(
    tables: Sequence[LandmarkTable], task: str, say: Say, everywhere: str | None, aspect: float
) -> list[tuple[str, str | None]]:
    classes = WORDS[task]
    say(_line(("table", "row", "label", "p", *(f"p_{c}" for c in classes), "note")))
    pairs: list[tuple[str, str | None]] = []
    for table in tables:
        found = judge_rows(table, task, aspect=aspect)
        for number, one in enumerate(found, start=1):
            numbers = [f"{p:.4f}" for p in (one.p, *one.all_p)] if one.label else [""] * (1 + len(classes))
            say(_line((table.name, number, one.label or UNUSABLE, *numbers, one.note)))
        truth = truth_of(table, task, everywhere)
        pairs.extend((t, one.label) for t, one in zip(truth, found, strict=False) if t)
    return pairs


def _say_sequences(
    sequences: Sequence[JudgedSequence], say: Say, everywhere: str | None, per: str
) -> list[tuple[str, str | None]]:
    if per == "repetition":
        say(_line(("table", "repetition", "start_s", "lockout_s", "end_s", "view", "p_correct", "faults", "note")))
    else:
        say(_line(("table", "label", "p", "p_incorrect", "p_correct", "repetitions", "views", "faults", "note")))
    pairs: list[tuple[str, str | None]] = []
    for found in sequences:
        if per == "repetition":
            for row in found.repetitions:
                say(_line(row))
        else:
            say(_line(found.line()))
        if truth := everywhere or form_words((found.name,))[0]:
            pairs.append((truth, found.label))
    return pairs


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
