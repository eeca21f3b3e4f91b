"""Ready-made protocols to begin with."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from studies.protocol.document import empty

if TYPE_CHECKING:
    from studies.protocol.document import Document

WEEKS, LESSONS, MINUTES, STUDENTS = 16, 2, 90, 50


def paper_design(today: dt.date) -> Document:
    """The paper's experiment: 50 students drawn 25/25, an AI coach or the instructor alone, one semester.

    It begins on the Monday in about two weeks; H0 and H1 are the paper's, for the accuracy of form and for injuries.
    """
    starts = today + dt.timedelta(days=14 + (-today.weekday()) % 7)
    ends = starts + dt.timedelta(weeks=WEEKS) - dt.timedelta(days=3)
    week = dt.timedelta(days=6)
    document = empty() | {
        "title": _("Deadlift with an AI coach: one semester"),
        "summary": _(
            "Does coaching by an AI improve the form of the deadlift, and prevent injuries, compared with an "
            "instructor's teaching alone?"
        ),
        "plain_summary": _(
            "You learn the deadlift in your normal lessons. Half of the class also gets feedback from a program that "
            "looks at films of the sets; a draw decides who. Everybody is filmed and rated in the same way, everybody "
            "sees the feedback when the study is over, and your grade does not depend on any of it."
        ),
        "starts_on": starts.isoformat(),
        "ends_on": ends.isoformat(),
        "setting": _("Physical education lessons of a university, in its weights room."),
        "include": _("Students of years 2 to 4 of the course. Healthy, and able to lift an empty bar without pain."),
        "exclude": _("An injury or pain now. A doctor's advice against lifting. Competitive weightlifting."),
        "weeks": WEEKS,
        "lessons_per_week": LESSONS,
        "lesson_minutes": MINUTES,
        "curriculum": _(
            "Both groups have the same frequency, length and contents of the lessons, the same equipment and the same "
            "instructors. Loads rise by 2.5 kg every two weeks where the form allows it."
        ),
        "students": STUDENTS,
        "dropout_percent": 0,
        "reasoning": _(
            "Two groups of 25 see a difference of 0.81 standard deviations with a power of 80 % at a level of 5 %, "
            "two-sided (t test). Smaller differences may be missed."
        ),
        "data_sharing": _(
            "Data without names, their dictionary and the program of the analysis are published with the report."
        ),
    }
    return document | {
        "arms": [
            {
                "key": "experimental",
                "name": _("AI coaching"),
                "ratio": 1,
                "gives_ai_feedback": True,
                "description": _(
                    "The instructor's lessons, and after each filmed set the AI coach's feedback on the form."
                ),
            },
            {
                "key": "control",
                "name": _("Traditional instruction"),
                "ratio": 1,
                "gives_ai_feedback": False,
                "description": _(
                    "The instructor's lessons with the instructor's own feedback. Sets are filmed and analysed as in "
                    "the other group; the AI coach's feedback is shown when the study is over."
                ),
            },
        ],
        "time_points": [
            {
                "key": "before",
                "name": _("Before"),
                "opens_on": starts.isoformat(),
                "closes_on": (starts + week).isoformat(),
            },
            {"key": "after", "name": _("After"), "opens_on": (ends - week).isoformat(), "closes_on": ends.isoformat()},
        ],
        "outcomes": [
            {
                "key": "training_accuracy",
                "name": _("Training accuracy"),
                "unit": _("points, 0 to 10 in whole points, by a blinded rater"),
                "role": "primary",
                "planned_test": "welch",
                "main_time_point": "after",
                "null": _(
                    "The AI-driven personal coaching system does not significantly improve the accuracy of deadlift "
                    "form compared to traditional methods."
                ),
                "alternative": _(
                    "The AI-driven personal coaching system significantly improves the accuracy of deadlift form "
                    "compared to traditional methods."
                ),
            },
            {
                "key": "injury_rate",
                "name": _("Injury rate"),
                "unit": _("injuries per student and semester"),
                "role": "secondary",
                "planned_test": "anova",
                "main_time_point": "after",
                "null": _(
                    "The use of the AI-driven coaching system does not significantly reduce the risk of injury during "
                    "deadlift exercises compared to traditional training methods."
                ),
                "alternative": _(
                    "The use of the AI-driven coaching system significantly reduces the risk of injury during deadlift "
                    "exercises compared to traditional training methods."
                ),
            },
        ],
    }
