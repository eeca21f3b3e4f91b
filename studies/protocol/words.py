"""A protocol in words: as sections to read, as a list of changes, and as a blinded person may read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies.access import arm_name, sees_arms
from studies.models import Outcome
from studies.protocol.document import FORMAT, LISTS, PARTS, ROWS, completed
from studies.protocol.forms import LISTED, ROLES, SIMPLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from studies.models import ProtocolVersion, Study, User

    Words = str | _StrPromise

TITLES: Mapping[str, Words] = {
    "about": gettext_lazy("What and when"),
    "groups": gettext_lazy("Groups"),
    "outcomes": gettext_lazy("What is measured"),
    "training": gettext_lazy("Training plan"),
    "people": gettext_lazy("How many students"),
    "ethics": gettext_lazy("Approval and openness"),
}
ROW_TITLES: Mapping[str, Words] = {
    "arms": gettext_lazy("Group"),
    "time_points": gettext_lazy("Time"),
    "outcomes": gettext_lazy("Outcome"),
}
HIDDEN = gettext_lazy("hidden until the groups are unblinded")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a protocol says. `path` is its place in the document, the same in every version."""

    path: str
    part: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What two versions say of one thing. Empty: nothing."""

    label: str
    before: str
    after: str


def lines(document: Mapping[str, Any]) -> list[Line]:
    """Everything that the protocol says, in the order of its parts; empty texts are left in."""
    full = completed(document)
    found: list[Line] = []
    for part in PARTS:
        if part in SIMPLE:
            fields = SIMPLE[part].base_fields
            found += [Line(name, part, str(fields[name].label), _text(name, full[name])) for name in fields]
        for name in LISTED.get(part, {}):
            found += _rows(full, part, name)
    found.append(Line("computed", "people", _("Computed"), computed_text(full["computed"])))
    return found


def _rows(document: Mapping[str, Any], part: str, name: str) -> list[Line]:
    fields = LISTED[part][name][0].base_fields
    times = {row["key"]: row["name"] for row in document["time_points"]}
    found = []
    for row in document[name]:
        title = f"{ROW_TITLES[name]} “{row['name']}”"
        for field in ROWS[name]:
            if field in {"key"}:
                continue
            value = times.get(row[field], "") if field == "main_time_point" else row[field]
            label = f"{title}: {fields[field].label if field in fields else field}"
            found.append(Line(f"{name}.{row['key']}.{field}", part, label, _text(field, value)))
    return found


def _text(name: str, value: Any) -> str:
    choices = {"role": dict(ROLES), "planned_test": dict(Outcome.PlannedTest.choices)}
    if name in choices:
        return str(choices[name].get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name.endswith("_on") and value:
        day = parse_date(value)
        return date_format(day, "j F Y") if day else str(value)
    return "" if value is None else str(value)


def computed_text(computed: Mapping[str, Any] | None) -> str:
    """The stored result of the calculator as a sentence; empty without one."""
    return str(computed.get("sentence", "")) if computed else ""


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Field by field, what the later version says differently; what is equal is left out."""
    old = {line.path: line for line in lines(before)}
    new = {line.path: line for line in lines(after)}
    order = [*new, *(path for path in old if path not in new)]
    found = []
    for path in order:
        was, now = old.get(path), new.get(path)
        pair = was.text if was else "", now.text if now else ""
        if pair[0] != pair[1]:
            label = (now or was).label  # type: ignore[union-attr]
            found.append(Change(label, *pair))
    return found


@dataclass(frozen=True, slots=True)
class Section:
    """A part to read: plain lines, and for each list its rows."""

    part: str
    title: str
    lines: list[Line]
    rows: dict[str, list[dict[str, Any]]]


def sections(document: Mapping[str, Any]) -> list[Section]:
    full = completed(document)
    texts = lines(full)
    found = []
    for part, title in TITLES.items():
        plain = [line for line in texts if line.part == part and "." not in line.path and line.text]
        rows = {name: [_shown(full, name, row) for row in full[name]] for name in LISTED.get(part, {})}
        found.append(Section(part, str(title), plain, rows))
    return found


def _shown(document: Mapping[str, Any], name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    times = {time["key"]: time["name"] for time in document["time_points"]}
    shown = {field: _text(field, value) for field, value in row.items()}
    if name == "outcomes":
        shown["main_time_point"] = times.get(row["main_time_point"], "")
        shown["is_primary"] = row["role"] == "primary"
    if name == "arms":
        shown["gives_ai_feedback"] = row["gives_ai_feedback"]
    return shown


def as_seen_by(user: User, study: Study, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as this person may read it.

    Who is blinded reads A and B in place of the groups' names, also where a sentence names one, and not what is done in
    them. The hash of a version is that of what the others read.
    """
    full = completed(document)
    if sees_arms(user, study):
        return full
    stored = {arm.key: arm for arm in study.arms.all()}
    shown = {arm["key"]: arm_name(user, stored[arm["key"]]) if arm["key"] in stored else "–" for arm in full["arms"]}
    names = {arm["name"] for arm in full["arms"]} | {arm.name for arm in stored.values()}
    names |= {key for key in shown if len(key) > 1}
    longest_first = sorted((re.escape(name) for name in names if name), key=len, reverse=True)
    pattern = re.compile("|".join(longest_first), re.IGNORECASE) if longest_first else None
    full = {name: value if name in LISTS else _blinded(value, pattern) for name, value in full.items()}
    for name in ("time_points", "outcomes"):
        full[name] = [{field: _blinded(value, pattern) for field, value in row.items()} for row in full[name]]
    full["arms"] = [
        {
            "key": shown[arm["key"]],
            "name": shown[arm["key"]],
            "ratio": 1 if len({row["ratio"] for row in full["arms"]}) == 1 else None,
            "gives_ai_feedback": False,
            "description": str(HIDDEN),
        }
        for arm in full["arms"]
    ]
    full["arms"].sort(key=lambda arm: str(arm["name"]))
    return full


def _blinded(value: Any, pattern: re.Pattern[str] | None) -> Any:
    if isinstance(value, str) and pattern is not None:
        return pattern.sub(_("one of the groups"), value)
    return value


def file_of(user: User, study: Study, version: ProtocolVersion) -> dict[str, Any]:
    """A version as a file for this person; `sha256` is the hash of its document (docs/protocol.md)."""
    blinded = not sees_arms(user, study)
    return {
        "format": FORMAT,
        "study": study.pk,
        "number": version.number,
        "saved_at": version.created_at.isoformat(),
        "is_amendment": version.is_amendment,
        "reason": "" if blinded else version.reason,
        "sha256": version.sha256,
        "blinded": blinded,
        "document": as_seen_by(user, study, version.document) if blinded else version.document,
    }
