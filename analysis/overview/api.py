"""How complete the data of a study are, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.response import Response

from analysis.overview.counts import overview
from studies.access import study_for
from studies.api import StudyView
from studies.closing.looks import may_compare

if TYPE_CHECKING:
    from rest_framework.request import Request


class VisitSerializer(serializers.Serializer[Any]):
    """An outcome at a time. `missing`: without a value and without a reason, once the window is closed."""

    outcome = serializers.CharField()
    time = serializers.CharField()
    opens_on = serializers.DateField(allow_null=True)
    closes_on = serializers.DateField(allow_null=True)
    window = serializers.ChoiceField(choices=("later", "open", "closed", "none"))
    expected = serializers.IntegerField()
    measured = serializers.IntegerField()
    outside = serializers.IntegerField(help_text="Measured outside the window.")
    lost = serializers.IntegerField()
    missing = serializers.IntegerField()


class WeekSoFarSerializer(serializers.Serializer[Any]):
    """`answered` is null for a week that nobody was asked about."""

    starts_on = serializers.DateField()
    students = serializers.IntegerField()
    trained = serializers.IntegerField()
    asked = serializers.IntegerField()
    answered = serializers.IntegerField(allow_null=True)


class RatingSoFarSerializer(serializers.Serializer[Any]):
    time = serializers.CharField()
    total = serializers.IntegerField()
    scored = serializers.IntegerField()
    waiting = serializers.IntegerField()
    disputed = serializers.IntegerField()
    unrateable = serializers.IntegerField()


class QuestionnaireSoFarSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(source="wave.questionnaire.title")
    time = serializers.CharField(source="wave.time_point.name")
    asked = serializers.IntegerField()
    sent = serializers.IntegerField()
    drafts = serializers.IntegerField()


class TodoSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=("alerts", "unconfirmed", "waiting", "baseline", "disputed", "films"))
    n = serializers.IntegerField()


class LossSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    n = serializers.IntegerField(allow_null=True, help_text="Null: fewer than five, not told.")


class OverviewSerializer(serializers.Serializer[Any]):
    """All groups together. `may_compare`: whether reports by group are made yet."""

    may_compare = serializers.BooleanField()
    enrolled = serializers.IntegerField()
    randomised = serializers.IntegerField()
    lost = serializers.IntegerField()
    losses = LossSerializer(many=True)
    visits = VisitSerializer(many=True)
    weeks = WeekSoFarSerializer(many=True)
    questionnaires = QuestionnaireSoFarSerializer(many=True)
    ratings = RatingSoFarSerializer(many=True)
    films = serializers.IntegerField(help_text="Of the last fortnight.")
    films_not_judged = serializers.IntegerField()
    todo = TodoSerializer(many=True)


class StudyOverview(StudyView):
    serializer_class = OverviewSerializer
    pagination_class = None

    def get(self, request: Request, pk: int) -> Response:
        """How complete the data are so far, all groups together."""
        study = study_for(self.user(), pk, staff=True, whole=True)
        found = overview(study, self.user())
        names = ("enrolled", "randomised", "lost", "visits", "weeks", "questionnaires", "ratings", "films")
        answer = {name: getattr(found, name) for name in (*names, "films_not_judged", "todo")}
        losses = [{"reason": reason, "n": n} for reason, n in found.losses]
        return Response(OverviewSerializer(answer | {"losses": losses, "may_compare": may_compare(study)}).data)
