"""The form of a lesson: the day, how long, and a row for each student. The rules are the services'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.exposure.services import MINUTES_MAX, Attended
from studies.models import TrainingSession

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studies.models import Lesson, Participant

MINUTES_USUAL = 90


@dataclass(frozen=True, slots=True)
class StudentRow:
    """One student with the fields of their row."""

    participant: Participant
    attendance: forms.BoundField
    amounts: tuple[forms.BoundField, ...]


class LessonForm(forms.Form):
    """One lesson. Fields of a student end with the student's number: `attendance_17`, `minutes_17`, ..."""

    held_on = forms.DateField(
        label=_("Day of the lesson"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    minutes = forms.IntegerField(
        label=_("Length in minutes"), min_value=1, max_value=MINUTES_MAX, initial=MINUTES_USUAL
    )
    another = forms.BooleanField(label=_("This is a second lesson of that day"), required=False)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    AMOUNTS: Mapping[str, forms.Field] = {
        "minutes": forms.IntegerField(label=_("Minutes"), min_value=1, max_value=MINUTES_MAX, required=False),
        "sets": forms.IntegerField(label=_("Sets"), min_value=0, max_value=100, required=False),
        "repetitions": forms.IntegerField(label=_("Reps"), min_value=0, max_value=5000, required=False),
        "load_kg": forms.DecimalField(
            label=_("Load (kg)"), min_value=0, max_digits=5, decimal_places=1, required=False
        ),
    }

    def __init__(
        self, *args: Any, students: Sequence[Participant], lesson: Lesson | None = None, **kwargs: Any
    ) -> None:
        self.students = students
        kwargs["initial"] = {} if lesson is None else _initial_of(lesson)
        super().__init__(*args, **kwargs)
        if lesson is not None:
            del self.fields["another"]
        for student in students:
            self._add_row(student)

    def _add_row(self, student: Participant) -> None:
        name = student.user.get_full_name() or student.code
        choices = forms.ChoiceField(choices=TrainingSession.Attendance.choices, required=False, label=name)
        choices.initial = TrainingSession.Attendance.PRESENT
        choices.widget.attrs["aria-label"] = _("Attendance of %(name)s") % {"name": name}
        self.fields[f"attendance_{student.pk}"] = choices
        for key, field in self.AMOUNTS.items():
            own = _copied(field)
            own.widget.attrs["aria-label"] = f"{field.label}: {name}"
            own.widget.attrs["inputmode"] = "decimal" if key == "load_kg" else "numeric"
            self.fields[f"{key}_{student.pk}"] = own

    def rows(self) -> list[StudentRow]:
        return [
            StudentRow(
                student,
                self[f"attendance_{student.pk}"],
                tuple(self[f"{key}_{student.pk}"] for key in self.AMOUNTS),
            )
            for student in self.students
        ]

    def attended(self) -> list[Attended]:
        """Everybody's row; a student whose field did not come along counts as present, as the page shows it."""
        given = self.cleaned_data
        return [
            Attended(
                participant=student,
                attendance=given[f"attendance_{student.pk}"] or TrainingSession.Attendance.PRESENT,
                minutes=given[f"minutes_{student.pk}"],
                sets=given[f"sets_{student.pk}"] or 0,
                repetitions=given[f"repetitions_{student.pk}"] or 0,
                load_kg=given[f"load_kg_{student.pk}"],
            )
            for student in self.students
        ]


def _copied(field: forms.Field) -> forms.Field:
    return field.__deepcopy__({})


def _initial_of(lesson: Lesson) -> dict[str, Any]:
    """The lesson as it stands; of rows with films the numbers that were entered by hand."""
    initial: dict[str, Any] = {
        "held_on": lesson.held_on,
        "minutes": lesson.minutes,
        "seen_version": lesson.version,
    }
    for row in lesson.rows.all():
        filmed = row.sets_by_hand is not None
        own = {
            "attendance": row.attendance,
            "minutes": row.minutes if row.minutes not in {0, lesson.minutes} else None,
            "sets": (row.sets_by_hand if filmed else row.sets) or None,
            "repetitions": (row.repetitions_by_hand if filmed else row.repetitions) or None,
            "load_kg": row.load_by_hand_kg if filmed else row.load_kg,
        }
        initial |= {f"{key}_{row.participant_id}": value for key, value in own.items()}
    return initial
