"""Between the document and the rows of a study that everything else reads: title, dates, groups, times, outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import ProtectedError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from studies.errors import StudyError
from studies.models import Arm, Measurement, Outcome, Study, TimePoint
from studies.protocol.document import empty

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from studies.protocol.document import Document


def document_of(study: Study) -> Document:
    """What the rows say, for a study that was made without a protocol."""
    times = list(TimePoint.objects.filter(study=study))
    return empty() | {
        "title": study.title,
        "summary": study.summary,
        "starts_on": _text(study.starts_on),
        "ends_on": _text(study.ends_on),
        "arms": [
            {
                "key": arm.key,
                "name": arm.name,
                "ratio": arm.ratio,
                "gives_ai_feedback": arm.gives_ai_feedback,
                "description": "",
            }
            for arm in Arm.objects.filter(study=study)
        ],
        "time_points": [
            {"key": row.key, "name": row.name, "opens_on": _text(row.opens_on), "closes_on": _text(row.closes_on)}
            for row in times
        ],
        "outcomes": [
            {
                "key": row.key,
                "name": row.name,
                "unit": row.unit,
                "role": "secondary",
                "planned_test": row.planned_test,
                "main_time_point": row.main_time_point.key if row.main_time_point else "",
                "null": "",
                "alternative": row.hypothesis,
            }
            for row in Outcome.objects.filter(study=study).select_related("main_time_point")
        ],
    }


def _text(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def apply(study: Study, document: Mapping[str, Any], *, with_arms: bool) -> None:
    """Make the rows say what the document says. With measured values nothing is removed.

    Errors: outcome_measured, time_point_measured, in_use.
    """
    study.title, study.summary = document["title"].strip(), document["summary"]
    study.starts_on, study.ends_on = parse_date(document["starts_on"]), parse_date(document["ends_on"])
    study.save(update_fields=["title", "summary", "starts_on", "ends_on"])
    try:
        if with_arms:
            _apply_arms(study, document["arms"])
        times = _apply_times(study, document["time_points"])
        _apply_outcomes(study, document["outcomes"], times)
        _remove_times(study, set(times))
    except ProtectedError:
        raise StudyError(
            "in_use", _("Something that the new version leaves out is in use already. Keep it in the protocol.")
        ) from None


def _apply_arms(study: Study, rows: list[dict[str, Any]]) -> None:
    Arm.objects.filter(study=study).exclude(key__in=[row["key"] for row in rows]).delete()
    for position, row in enumerate(rows):
        about = {name: row[name] for name in ("name", "ratio", "gives_ai_feedback")}
        Arm.objects.update_or_create(study=study, key=row["key"], defaults={"position": position, **about})


def _apply_times(study: Study, rows: list[dict[str, Any]]) -> dict[str, TimePoint]:
    found = {}
    for position, row in enumerate(rows):
        about = {
            "name": row["name"],
            "opens_on": parse_date(row["opens_on"]),
            "closes_on": parse_date(row["closes_on"]),
        }
        found[row["key"]], _made = TimePoint.objects.update_or_create(
            study=study, key=row["key"], defaults={"position": position, **about}
        )
    return found


def _apply_outcomes(study: Study, rows: list[dict[str, Any]], times: dict[str, TimePoint]) -> None:
    gone = Outcome.objects.filter(study=study).exclude(key__in=[row["key"] for row in rows])
    if Measurement.objects.filter(outcome__in=gone).exists():
        raise StudyError(
            "outcome_measured",
            _("An outcome that has values can't be left out: its values would be lost. Keep it, as secondary."),
        )
    gone.delete()
    for position, row in enumerate(rows):
        about = {
            "name": row["name"],
            "unit": row["unit"],
            "planned_test": row["planned_test"],
            "hypothesis": row["alternative"],
            "main_time_point": times.get(row["main_time_point"]),
        }
        Outcome.objects.update_or_create(study=study, key=row["key"], defaults={"position": position, **about})


def _remove_times(study: Study, keys: set[str]) -> None:
    gone = TimePoint.objects.filter(study=study).exclude(key__in=keys)
    if Measurement.objects.filter(time_point__in=gone).exists():
        raise StudyError("time_point_measured", _("A time that has values can't be left out. Keep it in the protocol."))
    gone.delete()
