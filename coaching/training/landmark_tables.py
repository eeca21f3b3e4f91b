"""Landmark tables of unknown make: CSV with or without header, npy and npz of key points, lines of points.

Which numbers are the coordinates is found out, not assumed: by the header's words where there are any, else by trying
every place where a skeleton fits and taking the one that looks most like a body. What looks like none is refused.
"""

from __future__ import annotations

import csv
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coaching.training.point_names import column_of, places_of
from coaching.training.skeleton_search import NotABody, search
from coaching.vision.layouts import LAYOUTS, landmarks_of, upright

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.vision.layouts import Layout

    Array = NDArray[np.float64]
    Cells = list[list[str]]

KEYPOINTS = "__kp"
_DECIMAL_COMMA = re.compile(r"^\s*-?\d+,\d+(e-?\d+)?\s*$", re.IGNORECASE)
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
    if path.suffix.lower() in {".npz", ".npy"}:
        return _read_arrays(path, layout)
    lines = _lines(path)
    if not lines:
        raise UnreadableTable(f"{path.name} is empty")
    if _is_points(lines[0], layout):
        return [_finished(path.name, *_read_points(lines, layout), layout)]
    return [_read_csv(path.name, lines, layout)]


def _lines(path: Path) -> list[str]:
    """The lines with something in them, without remarks (`#`)."""
    content = path.read_bytes()
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = content.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _finished(name: str, points: Array, broken: list[str], layout: Layout, notes: Sequence[str] = ()) -> LandmarkTable:
    landmarks, turned = upright(landmarks_of(points, layout))
    more = (*notes, "y ran upwards and was turned") if turned else tuple(notes)
    return LandmarkTable(name, landmarks, None, tuple(broken), more)


def _read_arrays(path: Path, layout: Layout) -> list[LandmarkTable]:
    """The arrays of an npz or npy that can be key points: (frames, points, 2 to 4), or a row of numbers a frame."""
    found, problem = [], ""
    for name, array in _arrays(path).items():
        flat = array[:, 0] if array.ndim == 4 and array.shape[1] == 1 else array  # one person
        single = flat.ndim == 2 and flat.shape[0] >= layout.joints and 2 <= flat.shape[1] <= 4
        points = (flat[None] if single else flat).astype(np.float64)
        if points.ndim == 3 and points.shape[1] >= layout.joints and 2 <= points.shape[2] <= 4:
            found.append(_finished(name, points, [""] * len(points), layout))
        elif points.ndim == 2 and points.shape[1] >= 2 * layout.joints and len(points):
            try:
                where, placed = _by_looks(name, points, 0, layout)
            except UnreadableTable as error:
                problem = str(error)
            else:
                found.append(_finished(name, placed, [""] * len(points), layout, (where,)))
    if not found:
        raise UnreadableTable(
            problem or f"{path.name} has no array (frames, {layout.joints}, 2 to 4) for {layout.name}"
        )
    return found


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    """Arrays of numbers by name; of an npz those whose name ends in KEYPOINTS, where there are any."""
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            given = {path.stem: loaded}
        else:
            with loaded:
                keys = [k for k in loaded.files if k.endswith(KEYPOINTS)] or list(loaded.files)
                given = {key.removesuffix(KEYPOINTS): loaded[key] for key in keys}
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UnreadableTable(f"{path.name} can't be read as NumPy arrays: {error}") from error
    return {name: array for name, array in given.items() if array.dtype.kind in "fiu" and array.size}


def _is_points(line: str, layout: Layout) -> bool:
    """Points separated by `;`, their coordinates by `,`: as the Kinect files are written.

    Twice as many parts as points are numbers with a decimal comma.
    """
    parts = [p for p in line.split(";") if p.strip()]
    if len(parts) >= 2 * layout.joints:
        return False
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
    if placed is None:
        numeric = [column for column in range(grid.numbers.shape[1]) if column not in grid.texts]
        placed = _by_looks(name, grid.numbers[:, numeric], len(grid.texts), layout)
    where, points = placed
    table = _finished(name, points, grid.broken, layout, (where,))
    words = _words(grid)
    return LandmarkTable(name, table.landmarks, words, table.broken, table.notes)


def _grid(lines: list[str]) -> _Grid:
    sample = lines[min(1, len(lines) - 1)]
    counts = {mark: sample.count(mark) for mark in ",;\t"}
    mark = max(counts, key=counts.__getitem__)
    cells = sample.split(";")
    if counts[";"] and sum(bool(_DECIMAL_COMMA.match(cell)) for cell in cells) > 0.5 * len(cells):
        lines, mark = [line.replace(",", ".") for line in lines], ";"
    rows = (
        list(csv.reader(lines, delimiter=mark, skipinitialspace=True))
        if counts[mark]
        else [line.split() for line in lines]
    )
    header: list[str] = []
    if sum(not _is_number(cell) for cell in rows[0]) > 0.5 * len(rows[0]) or _counts_columns(rows[0]):
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


def _counts_columns(cells: list[str]) -> bool:
    """A header that numbers the columns: 0, 1, 2 ..."""
    counted = [cell.strip() for cell in cells if cell.strip()]
    return len(counted) > 2 and counted == [str(i) for i in range(len(counted))]


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
    """Points by the header's words, wherever they stand; None where it names none.

    Points named in a way that is not known are taken in the order in which they stand. Raises UnreadableTable where
    the header has the points of another layout.
    """
    columns: dict[str, dict[str, int]] = {}
    for column, title in enumerate(grid.header):
        found = column_of(title)
        if found and column not in grid.texts:
            columns.setdefault(found[0], {}).setdefault(found[1], column)
    whole = {point: axes for point, axes in columns.items() if {"x", "y"} <= axes.keys()}
    places = places_of(whole, layout)
    numbered = any(point.isdigit() for point in whole)
    others = [other.name for other in LAYOUTS.values() if other.joints == len(whole) != layout.joints]
    if others and (numbered or len(places or ()) < 0.8 * len(whole)):
        raise UnreadableTable(f"the header names {len(whole)} points: is this {others[0]} rather than {layout.name}?")
    if places is None:
        if len(whole) < layout.joints:
            return None
        places = {point: place for place, point in enumerate(list(whole)[: layout.joints])}
    if not places:
        return None
    order = [axis for axis in "xyzv" if all(axis in whole[point] for point in places)]
    points = np.full((len(grid.numbers), layout.joints, len(order)), np.nan)
    for point, place in places.items():
        points[:, place] = grid.numbers[:, [whole[point][axis] for axis in order]]
    some = "" if len(places) == layout.joints else f", {len(places)} of {layout.joints} points"
    return f"{''.join(order)} by header{some}", _with_four(points, order, layout)


def _with_four(points: Array, order: Sequence[str], layout: Layout) -> Array:
    """The third number as the layout has it: x, y, v of an engine with depth gets an unknown depth, and one with
    confidence alone loses its depth.
    """
    if layout.has_confidence:
        return points[..., [0, 1, -1]] if order[-1] == "v" else points[..., :2]
    if list(order) != ["x", "y", "v"]:
        return points
    return np.concatenate([points[..., :2], np.full_like(points[..., :1], np.nan), points[..., 2:]], axis=2)


def _by_looks(name: str, values: Array, texts: int, layout: Layout) -> tuple[str, Array]:
    """The most body-like reading of rows of numbers, and in words which it is."""
    if values.shape[1] < 2 * layout.joints:
        raise UnreadableTable(
            f"{name} has {values.shape[1]} numbers a row; {layout.name} needs {2 * layout.joints} to "
            f"{4 * layout.joints}"
        )
    try:
        found = search(values, layout)
    except NotABody as error:
        raise UnreadableTable(f"{name}: {error}") from error
    return f"{found.size} numbers a point after {found.lead + texts} other columns{found.how}", found.points
