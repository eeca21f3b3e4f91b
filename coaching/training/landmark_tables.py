"""Landmark tables of unknown make: CSV with or without header, npz of key points, lines of points.

Which numbers are the coordinates is found out, not assumed: by the header's words where there are any, else by trying
every place where a skeleton fits and taking the one that looks most like a body.
"""

from __future__ import annotations

import csv
import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision.layouts import LAYOUTS, landmarks_of, upright

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.vision.layouts import Layout

    Array = NDArray[np.float64]
    Cells = list[list[str]]

MAX_LEADING = 6  # class, frame, time, person, file ...
KEYPOINTS = "__kp"
_AXIS = r"(?P<axis>x|y|z|v|vis|visibility|c|conf|confidence|score|p)"
_BY_NUMBER = re.compile(rf"^{_AXIS}[_ .]?(?P<point>\d+)$", re.IGNORECASE)
_BY_NAME = re.compile(rf"^(?P<point>.+)[_ .]{_AXIS}$", re.IGNORECASE)
_LABEL_WORDS = {"class", "label", "target", "y", "category", "stance", "lean", "phase"}


class UnreadableTable(ValueError):
    """No skeleton of this layout can be read from the file. The text says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class LandmarkTable:
    """Rows in the file's order: landmarks (n, 33, 4) with y down, words (n,) or None, and why a row is no use.

    notes: what was found out about the file, for the reader of the output.
    """

    name: str
    landmarks: Array
    words: tuple[str, ...] | None = None
    broken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Grid:
    """Numbers (n, m) of a text table, NaN where a cell is no number, and the text columns that it had."""

    numbers: Array
    header: list[str]
    texts: dict[int, list[str]]
    broken: list[str] = field(default_factory=list)


def read_tables(path: Path, layout: Layout) -> list[LandmarkTable]:
    """Every table of a file, an npz or a folder. Raises FileNotFoundError and UnreadableTable."""
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
        if not files:
            raise UnreadableTable(f"{path} holds no files")
        return [table for file in files for table in read_tables(file, layout)]
    if path.suffix.lower() == ".npz":
        return _read_npz(path, layout)
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise UnreadableTable(f"{path.name} is empty")
    if _is_points(lines[0]):
        return [_finished(path.name, *_read_points(lines, layout), layout)]
    return [_read_csv(path.name, lines, layout)]


def _finished(name: str, points: Array, broken: list[str], layout: Layout, notes: Sequence[str] = ()) -> LandmarkTable:
    landmarks, turned = upright(landmarks_of(points, layout))
    more = (*notes, "y ran upwards and was turned") if turned else tuple(notes)
    return LandmarkTable(name, landmarks, None, tuple(broken), more)


def _read_npz(path: Path, layout: Layout) -> list[LandmarkTable]:
    found = []
    with np.load(path, allow_pickle=False) as data:
        keys = [k for k in data.files if k.endswith(KEYPOINTS)] or list(data.files)
        for key in keys:
            points = np.asarray(data[key]) if data[key].dtype.kind == "f" else np.empty(0)
            if points.ndim == 3 and points.shape[1] >= layout.joints and 2 <= points.shape[2] <= 4:
                name = key.removesuffix(KEYPOINTS)
                found.append(_finished(name, points.astype(np.float64), [""] * len(points), layout))
    if not found:
        raise UnreadableTable(f"{path.name} has no array (frames, {layout.joints}, 2 to 4) for {layout.name}")
    return found


def _is_points(line: str) -> bool:
    """Points separated by `;`, their coordinates by `,`: as the Kinect files are written."""
    parts = [p for p in line.split(";") if p.strip()]
    return len(parts) > 3 and sum(p.count(",") in {1, 2, 3} for p in parts) > 0.8 * len(parts)


def _read_points(lines: list[str], layout: Layout) -> tuple[Array, list[str]]:
    """Frames a line; a point that breaks off, and those behind it, are missing."""
    size = max(part.count(",") + 1 for part in lines[0].split(";"))
    out = np.full((len(lines), layout.joints, size), np.nan)
    broken = []
    for row, line in enumerate(lines):
        parts = [part.split(",") for part in line.rstrip("; ").split(";")]
        whole = [part for part in parts if len(part) == size]
        for place, part in enumerate(parts[: layout.joints]):
            if len(part) == size:
                out[row, place] = [_number(cell) for cell in part]
        short = len(whole) < layout.joints
        broken.append(f"{len(whole)} of {layout.joints} points" if short else "")
    return out, broken


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _is_number(cell: str) -> bool:
    return cell.strip().lower() in {"", "nan", "na", "null", "none", "-"} or not np.isnan(_number(cell))


def _read_csv(name: str, lines: list[str], layout: Layout) -> LandmarkTable:
    grid = _grid(lines)
    if not len(grid.numbers):
        raise UnreadableTable(f"{name} has a header and no rows")
    placed = _by_header(grid, layout)
    where, points = placed if placed is not None else _by_looks(name, grid, layout)
    table = _finished(name, points, grid.broken, layout, (where,))
    words = _words(grid)
    return LandmarkTable(name, table.landmarks, words, table.broken, table.notes)


def _grid(lines: list[str]) -> _Grid:
    counts = {mark: lines[min(1, len(lines) - 1)].count(mark) for mark in ",;\t"}
    mark = max(counts, key=counts.__getitem__)
    rows = (
        list(csv.reader(lines, delimiter=mark, skipinitialspace=True))
        if counts[mark]
        else [line.split() for line in lines]
    )
    header: list[str] = []
    if sum(not _is_number(cell) for cell in rows[0]) > 0.5 * len(rows[0]):
        header = [cell.strip() for cell in rows.pop(0)]
    lengths = [len(row) for row in rows]
    wide = len(header) or (max(set(lengths), key=lengths.count) if lengths else 0)
    numbers = np.full((len(rows), wide), np.nan)
    broken = []
    for i, row in enumerate(rows):
        given = row[:wide]
        numbers[i, : len(given)] = [_number(cell) for cell in given]
        broken.append("" if len(row) == wide else f"{len(row)} cells instead of {wide}")
        if len(row) != wide:
            numbers[i] = np.nan  # which of them are missing is anybody's guess
    return _Grid(numbers, header, _text_columns(rows, wide), broken)


def _text_columns(rows: Cells, wide: int) -> dict[int, list[str]]:
    found = {}
    for column in range(wide):
        cells = [row[column].strip() if column < len(row) else "" for row in rows]
        if sum(not _is_number(cell) for cell in cells) > 0.5 * len(cells):
            found[column] = cells
    return found


def _words(grid: _Grid) -> tuple[str, ...] | None:
    """The label column: the one so called, else the first column of words."""
    called = [i for i, title in enumerate(grid.header) if title.lower() in _LABEL_WORDS]
    column = next((i for i in called if i in grid.texts), next(iter(grid.texts), None))
    return None if column is None else tuple(grid.texts[column])


def _by_header(grid: _Grid, layout: Layout) -> tuple[str, Array] | None:
    """Points by the header's words (x1, y1 ... or nose_x, nose_y ...), in the order in which they stand there.

    Raises UnreadableTable where the header has the points of another layout.
    """
    places: dict[str, dict[str, int]] = {}
    for column, title in enumerate(grid.header):
        match = _BY_NUMBER.match(title) or _BY_NAME.match(title)
        if match and column not in grid.texts:
            axis = match["axis"].lower()[0]
            places.setdefault(match["point"].lower(), {})[axis if axis in "xyz" else "v"] = column
    whole = [axes for axes in places.values() if {"x", "y"} <= set(axes)]
    others = [other.name for other in LAYOUTS.values() if other.joints == len(whole) != layout.joints]
    if others:
        raise UnreadableTable(f"the header names {len(whole)} points: is this {others[0]} rather than {layout.name}?")
    if len(whole) < layout.joints:
        return None
    order = [axis for axis in "xyzv" if all(axis in axes for axes in whole[: layout.joints])]
    columns = [[axes[axis] for axis in order] for axes in whole[: layout.joints]]
    return f"{''.join(order)} by header", _with_four(grid.numbers[:, columns], order, layout)


def _with_four(points: Array, order: Sequence[str], layout: Layout) -> Array:
    """x, y, v of an engine whose third number is a depth gets an unknown depth."""
    if list(order) != ["x", "y", "v"] or layout.has_confidence:
        return points
    return np.concatenate([points[..., :2], np.full_like(points[..., :1], np.nan), points[..., 2:]], axis=2)


def _by_looks(name: str, grid: _Grid, layout: Layout) -> tuple[str, Array]:
    """Try 4, 3 and 2 numbers a point from every possible first column; the most body-like reading wins."""
    numeric = [column for column in range(grid.numbers.shape[1]) if column not in grid.texts]
    values = grid.numbers[:, numeric]
    best: tuple[float, str, Array] | None = None
    for size in (4, 3, 2):
        spare = values.shape[1] - layout.joints * size
        if spare < 0:
            continue
        for lead in sorted({*range(min(spare, MAX_LEADING) + 1), spare}):
            points = values[:, lead : lead + layout.joints * size].reshape(len(values), layout.joints, size)
            # Of equally good readings the one that leaves fewer numbers unexplained is right.
            score = _looks(points, layout) - 0.002 * spare
            if best is None or score > best[0]:
                best = (score, f"{size} numbers a point after {lead + len(grid.texts)} other columns", points)
    if best is None:
        found = values.shape[1]
        raise UnreadableTable(
            f"{name} has {found} numbers a row; {layout.name} needs {2 * layout.joints} to {4 * layout.joints}"
        )
    return best[1], best[2]


def _looks(points: Array, layout: Layout) -> float:
    """How much like a body the points look, 0..1: rows with shoulders, hips, knees and ankles in one order of height,
    both of each pair near each other, and a visibility that is one.
    """
    sample = points[:: max(1, len(points) // 200)]
    marks = landmarks_of(sample, layout)
    xy = marks[..., :2]
    pairs = [(xy[:, a] + xy[:, a + 1]) / 2 for a in (g.LEFT_SHOULDER, g.LEFT_HIP, g.LEFT_KNEE, g.LEFT_ANKLE)]
    with np.errstate(invalid="ignore"):
        falls = [high[:, 1] < low[:, 1] for high, low in itertools.pairwise(pairs)]
        order = np.mean([max(np.mean(fall), 1.0 - np.mean(fall)) for fall in falls])
        long = np.abs(pairs[3][:, 1] - pairs[1][:, 1])
        near = np.mean(
            [
                np.mean(g.length(xy[:, a], xy[:, a + 1]) < 1.2 * long)
                for a in (g.LEFT_SHOULDER, g.LEFT_HIP, g.LEFT_KNEE, g.LEFT_ANKLE)
            ]
        )
        last = sample[..., -1]
        share = np.mean((last >= -0.01) & (last <= 1.01)) if sample.shape[2] == 4 else 1.0
    return float((order + near + share) / 3.0)
