"""The reliability of scales for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from analysis.reliability import reliability_of
from studies.models import User
from studies.questionnaires.access import wave_for

if TYPE_CHECKING:
    from rest_framework.request import Request


class ItemStatisticsSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="The item's key.")
    mean = serializers.FloatField()
    sd = serializers.FloatField()
    rest_correlation = serializers.FloatField(allow_null=True)
    alpha_without = serializers.FloatField(allow_null=True)


class AlphaSerializer(serializers.Serializer[Any]):
    """Cronbach's alpha with Feldt's interval."""

    alpha = serializers.FloatField()
    ci_low = serializers.FloatField()
    ci_high = serializers.FloatField()
    standardised = serializers.FloatField(allow_null=True)
    mean_correlation = serializers.FloatField(allow_null=True)
    people = serializers.IntegerField()
    items = ItemStatisticsSerializer(many=True)


class ScaleReliabilitySerializer(serializers.Serializer[Any]):
    """One scale; `alpha` is null where it can't be had, and `refused` says why."""

    scale = serializers.CharField(source="scale.key")
    sent = serializers.IntegerField()
    left_out = serializers.IntegerField()
    alpha = AlphaSerializer(allow_null=True)
    refused = serializers.CharField()


class WaveReliability(GenericAPIView[Any]):
    serializer_class = ScaleReliabilitySerializer
    pagination_class = None

    @extend_schema(responses=ScaleReliabilitySerializer(many=True))
    def get(self, request: Request, pk: int, wave: int) -> Response:
        """Alpha and item statistics of every scale of a window."""
        assert isinstance(request.user, User)
        row = wave_for(request.user, pk, wave, read=True)
        return Response(self.get_serializer(reliability_of(row), many=True).data)
