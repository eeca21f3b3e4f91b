"""The repetitions of a session as a tidy table: a row a repetition, a column a variable, units in the column names."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REP_COLUMNS = {
    "start_s": "start_s",
    "lockout_s": "lockout_s",
    "end_s": "end_s",
    "concentric_s": "concentric_s",
    "top_s": "top_s",
    "eccentric_s": "eccentric_s",
    "floor_s": "floor_s",
    "verdict": "verdict",
    "p_correct": "p_correct",
    "confidence": "rep_confidence",
    "unjudged_reason": "unjudged_reason",
}


VELOCITY_COLUMNS = ("mcv_m_s", "mcv_m_s_sd", "mcv_bh_s", "velocity_scale")
"""Mean concentric velocity; velocity_scale: `plate`, `height` or `body` (docs/velocity.md)."""


def guarded(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe. Numbers pass."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return "" if value is None else value


def reps_csv(session_id: object, document: Mapping[str, Any]) -> str:
    """The table as UTF-8 text with a header, also where there is no repetition. Missing values are empty cells.

    For each fault: `<fault>_p` (probability), `<fault>_observable` (1 or 0), and `<fault>_<unit>` where it is measured.
    """
    reps = document["reps"]
    rows = [_row(session_id, document, rep) for rep in reps]
    fixed = ["session", "view", "rep", *REP_COLUMNS.values(), *VELOCITY_COLUMNS, "model_sha256"]
    columns = [*fixed, *_fault_columns(reps)]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: guarded(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _row(session_id: object, document: Mapping[str, Any], rep: Mapping[str, Any]) -> dict[str, object]:
    row: dict[str, object] = {"session": str(session_id), "view": document["view"], "rep": rep["index"]}
    row |= {column: rep.get(key) for key, column in REP_COLUMNS.items()}
    row |= _velocity_cells(document.get("velocity"), rep["index"])
    row["model_sha256"] = document["model"]["sha256"]
    for fault in rep["faults"]:
        row |= dict(_fault_cells(fault))
    return row


def _velocity_cells(block: Mapping[str, Any] | None, number: int) -> dict[str, object]:
    """Nothing for results of before speeds were measured in films."""
    found = next((one for one in (block or {}).get("repetitions", []) if one["number"] == number), None)
    if block is None or found is None:
        return {}
    in_metres = block["unit"] == "m/s"
    speed = {"mcv_m_s": found["mean"], "mcv_m_s_sd": found["sigma"]} if in_metres else {"mcv_bh_s": found["mean"]}
    return {**speed, "velocity_scale": block.get("scale", "height" if in_metres else "body")}


def _fault_cells(fault: Mapping[str, Any]) -> Iterable[tuple[str, object]]:
    yield f"{fault['name']}_p", fault["p"]
    yield f"{fault['name']}_observable", int(fault["observable"])
    if fault["value"] is not None:
        yield f"{fault['name']}_{_unit(fault['unit'])}", fault["value"]


def _unit(unit: str) -> str:
    words = {"°": "deg", "%": "percent", "": "value"}
    return words.get(unit) or re.sub(r"\W+", "_", unit).strip("_") or "value"


def _fault_columns(reps: Iterable[Mapping[str, Any]]) -> list[str]:
    """In order of appearance, each once."""
    return list(dict.fromkeys(name for rep in reps for fault in rep["faults"] for name, _ in _fault_cells(fault)))
