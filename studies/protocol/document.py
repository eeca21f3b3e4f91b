"""What a protocol says, as one JSON document: its parts, its rules, its hash. No database is asked here.

Days are ISO text or "", numbers are numbers or null, everything else is text or a list of rows with a `key` each.
"""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from studies.randomise.stream import canonical, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Document = dict[str, Any]

FORMAT = "liftlab-protocol-1"
ARMS_MIN, ARMS_MAX, RATIO_MAX = 2, 6, 10
KEY_MAX = 40

PARTS: Mapping[str, tuple[str, ...]] = {
    "about": ("title", "summary", "plain_summary", "starts_on", "ends_on", "setting", "include", "exclude", "contact"),
    "groups": ("arms",),
    "outcomes": ("time_points", "outcomes"),
    "training": ("weeks", "lessons_per_week", "lesson_minutes", "curriculum"),
    "people": ("students", "dropout_percent", "reasoning"),
    "ethics": (
        *("committee", "ethics_number", "registry", "registration_number"),
        *("data_sharing", "funding", "interests"),
    ),
}
"""The steps in which a protocol is written, and what each of them holds."""

LISTS = ("arms", "time_points", "outcomes")
NUMBERS = ("weeks", "lessons_per_week", "lesson_minutes", "students", "dropout_percent")
ROWS: Mapping[str, tuple[str, ...]] = {
    "arms": ("key", "name", "ratio", "gives_ai_feedback", "description"),
    "time_points": ("key", "name", "opens_on", "closes_on"),
    "outcomes": ("key", "name", "unit", "role", "planned_test", "main_time_point", "null", "alternative"),
}
FIXED = ("key", "name", "ratio", "gives_ai_feedback")
"""What of an arm can't change once groups were drawn; the description of what is done in it can be amended."""


def empty() -> Document:
    document: Document = {"format": FORMAT, "computed": None}
    for part in PARTS.values():
        for name in part:
            document[name] = [] if name in LISTS else None if name in NUMBERS else ""
    return document


def completed(document: Mapping[str, Any]) -> Document:
    """A copy with everything that this format knows, in case the document was written before something was added."""
    full = empty() | copy.deepcopy(dict(document))
    for name in LISTS:
        full[name] = [dict.fromkeys(ROWS[name], "") | row for row in full[name]]
    return full


def part_of(document: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {name: document[name] for name in PARTS[part]}


def mark_of(document: Mapping[str, Any], part: str) -> str:
    """Tells whether a part is still what somebody saw when they began to change it."""
    return sha256_of(canonical(part_of(document, part)))[:16]


def hash_of(document: Mapping[str, Any]) -> str:
    """The SHA-256 of the document's canonical JSON, as `docs/protocol.md` describes it."""
    return sha256_of(canonical(document))


def keyed(rows: Iterable[Mapping[str, Any]], otherwise: str) -> list[dict[str, Any]]:
    """Rows with a short name each, made from the name where there is none yet; nobody else's is taken."""
    found = [dict(row) for row in rows]
    taken = {row["key"] for row in found if row.get("key")}
    for number, row in enumerate(found, start=1):
        if row.get("key"):
            continue
        stem = slugify(row["name"])[: KEY_MAX - 4].strip("-") or f"{otherwise}-{number}"
        key, again = stem, 2
        while key in taken:
            key, again = f"{stem}-{again}", again + 1
        row["key"] = key
        taken.add(key)
    return found


def fixed_arms(document: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(arm[name] for name in FIXED) for arm in document["arms"]]


def shifted(document: Mapping[str, Any], days: int) -> Document:
    """The same with every window moved by so many days: for a study that begins on another day."""
    moved = copy.deepcopy(dict(document))
    for row in moved["time_points"]:
        for name in ("opens_on", "closes_on"):
            if row[name]:
                row[name] = (dt.date.fromisoformat(row[name]) + dt.timedelta(days=days)).isoformat()
    return moved


@dataclass(frozen=True, slots=True)
class Problem:
    """`part` is the step where it is mended. While one `must` be, no version is saved; the others are reminders."""

    code: str
    part: str
    text: str
    must: bool = True


def problems(document: Mapping[str, Any]) -> list[Problem]:
    """What keeps the document from being a protocol, then what a reader of the report will miss."""
    return [*_about(document), *_arms(document), *_outcomes(document), *_reminders(document)]


def _about(document: Mapping[str, Any]) -> list[Problem]:
    found = []
    if not document["title"].strip():
        found.append(Problem("title_missing", "about", _("Give the study a title.")))
    if document["starts_on"] and document["ends_on"] and document["ends_on"] < document["starts_on"]:
        found.append(Problem("dates_reversed", "about", _("The study ends before it starts. Check the two dates.")))
    return found


def _arms(document: Mapping[str, Any]) -> list[Problem]:
    arms, found = document["arms"], []
    if len(arms) < ARMS_MIN:
        text = _("A study compares at least two groups. Add another one.")
        found.append(Problem("needs_two_arms", "groups", text))
    if len(arms) > ARMS_MAX:
        text = _("A study has at most %(max)d groups.") % {"max": ARMS_MAX}
        found.append(Problem("too_many_arms", "groups", text))
    if any(not arm["name"].strip() for arm in arms):
        found.append(Problem("arm_without_name", "groups", _("Give every group a name.")))
    if len({arm["name"].strip().casefold() for arm in arms}) < len(arms):
        found.append(Problem("arm_twice", "groups", _("Two groups have the same name. Give each its own.")))
    if len({arm["key"] for arm in arms}) < len(arms):
        found.append(Problem("arm_twice", "groups", _("Two groups have the same short name. Give each its own.")))
    if any(not 1 <= arm["ratio"] <= RATIO_MAX for arm in arms):
        text = _("The share of a group is a whole number from 1 to %(max)d.") % {"max": RATIO_MAX}
        found.append(Problem("bad_ratio", "groups", text))
    return found


def _outcomes(document: Mapping[str, Any]) -> list[Problem]:
    times, outcomes, found = document["time_points"], document["outcomes"], []
    keys = {row["key"] for row in times}
    for rows in (times, outcomes):
        if len({row["key"] for row in rows}) < len(rows):
            text = _("Two outcomes or two times have the same short name. Give each its own.")
            found.append(Problem("key_twice", "outcomes", text))
    for row in times:
        if row["opens_on"] and row["closes_on"] and row["closes_on"] < row["opens_on"]:
            text = _("“%(name)s” closes before it opens. Check the two days.") % {"name": row["name"]}
            found.append(Problem("window_reversed", "outcomes", text))
    for row in outcomes:
        if row["main_time_point"] and row["main_time_point"] not in keys:
            text = _("“%(name)s” is read at a time that is not in the list. Choose one that is.") % {
                "name": row["name"]
            }
            found.append(Problem("time_unknown", "outcomes", text))
    return found


def _reminders(document: Mapping[str, Any]) -> list[Problem]:
    outcomes = document["outcomes"]
    wanted: list[tuple[bool, str, str, str]] = [
        (bool(outcomes), "no_outcome", "outcomes", _("No outcome is planned.")),
        (
            not outcomes or sum(row["role"] == "primary" for row in outcomes) == 1,
            "one_primary",
            "outcomes",
            _("Name exactly one primary outcome: the number of students follows from it."),
        ),
        (
            all(row["null"] and row["alternative"] for row in outcomes),
            "hypothesis_missing",
            "outcomes",
            _("An outcome has no hypothesis: write H0 and H1 in words."),
        ),
        (bool(document["plain_summary"]), "no_plain_summary", "about", _("There is no summary for students.")),
        (bool(document["contact"]), "no_contact", "about", _("Nobody is named whom students can ask.")),
        (bool(document["include"]), "no_eligibility", "about", _("It is not said who can take part.")),
        (bool(document["starts_on"] and document["ends_on"]), "no_dates", "about", _("The dates are not complete.")),
        (
            all(arm["description"] for arm in document["arms"]),
            "no_description",
            "groups",
            _("Say of every group what is done in it, so that somebody else could do it again."),
        ),
        (
            bool(document["weeks"] and document["lessons_per_week"] and document["lesson_minutes"]),
            "no_training_plan",
            "training",
            _("The training plan is not complete."),
        ),
        (
            bool(document["students"] and document["reasoning"]),
            "no_sample_size",
            "people",
            _("The number of students is not reasoned yet."),
        ),
        (
            bool(document["committee"] and document["ethics_number"]),
            "no_ethics",
            "ethics",
            _("The ethics committee's name or number is missing. Students are enrolled after its approval."),
        ),
        (
            bool(document["registry"] and document["registration_number"]),
            "no_registration",
            "ethics",
            _("The study is not registered yet. Register it before the first student is enrolled."),
        ),
        (
            bool(document["data_sharing"]),
            "no_data_sharing",
            "ethics",
            _("It is not said who will get the data and the program afterwards."),
        ),
    ]
    return [Problem(code, part, text, must=False) for fine, code, part, text in wanted if not fine]
