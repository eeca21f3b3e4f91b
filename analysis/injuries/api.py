"""Rates and burden of injuries for programs: the page's figures with all their digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from analysis.injuries.figures import GroupFigures, InjuryFigures, injury_figures
from studies.access import study_for
from studies.api import StudyView

if TYPE_CHECKING:
    from rest_framework.request import Request


class RateSerializer(serializers.Serializer[Any]):
    """Injuries per `per_h` hours of training."""

    count = serializers.IntegerField()
    exposure_h = serializers.FloatField()
    per_h = serializers.FloatField()
    rate = serializers.FloatField()
    ci_low = serializers.FloatField()
    ci_high = serializers.FloatField()


class BurdenSerializer(serializers.Serializer[Any]):
    """Days lost per `per_h` hours; no interval with fewer than three people."""

    days = serializers.FloatField()
    exposure_h = serializers.FloatField()
    per_h = serializers.FloatField()
    burden = serializers.FloatField()
    ci_low = serializers.FloatField(allow_null=True)
    ci_high = serializers.FloatField(allow_null=True)


class RateRatioSerializer(serializers.Serializer[Any]):
    """The first group's rate over the second's, with a two-sided p of a ratio of 1."""

    first = serializers.CharField(source="first.name")
    second = serializers.CharField(source="second.name")
    ratio = serializers.FloatField(allow_null=True)
    ci_low = serializers.FloatField()
    ci_high = serializers.FloatField(allow_null=True)
    p = serializers.FloatField()


class GroupRatesSerializer(serializers.Serializer[Any]):
    """A class or a group. Rates are null without an hour of training, means without an injury."""

    name = serializers.CharField()
    people = serializers.IntegerField()
    injured = serializers.IntegerField()
    hours = serializers.FloatField()
    injuries = serializers.IntegerField(source="count")
    all_injuries = RateSerializer(allow_null=True)
    time_loss = RateSerializer(allow_null=True)
    burden = BurdenSerializer(allow_null=True)
    mean_days = serializers.FloatField(allow_null=True)
    median_days = serializers.FloatField(allow_null=True)
    by_days_lost = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField(allow_null=True)))
    def get_by_days_lost(self, group: GroupFigures) -> dict[str, int | None]:
        return dict(group.bins)


class RegionSerializer(serializers.Serializer[Any]):
    """Null: a small cell, which this reader is not shown."""

    region = serializers.CharField()
    injuries = serializers.IntegerField(allow_null=True)
    days_lost = serializers.IntegerField(allow_null=True)


class InjuryRatesSerializer(serializers.Serializer[Any]):
    """Of the reader's students. No `groups` and no `ratio` where `kept_back` says why: "running" or "blinded"."""

    confidence = serializers.FloatField()
    total = GroupRatesSerializer()
    groups = GroupRatesSerializer(many=True)
    ratio = RateRatioSerializer(allow_null=True)
    kept_back = serializers.CharField()
    regions = serializers.SerializerMethodField()

    @extend_schema_field(RegionSerializer(many=True))
    def get_regions(self, figures: InjuryFigures) -> list[dict[str, Any]]:
        return [{"region": name, "injuries": count, "days_lost": days} for name, count, days in figures.regions]


class StudyInjuryRates(StudyView):
    serializer_class = InjuryRatesSerializer
    pagination_class = None

    @extend_schema(responses=InjuryRatesSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Incidence, burden and severity: of the class, and once that is allowed of the groups."""
        study = study_for(self.user(), pk, staff=True)
        return Response(InjuryRatesSerializer(injury_figures(study, self.user())).data)
