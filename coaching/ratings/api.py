"""Ratings for programs: a rater's own films and points, differences, and for the owner the rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response
from rest_framework.reverse import reverse

from coaching.models.ratings import RatedFilm, RatingRound, RatingTask
from coaching.ratings.access import film_to_settle, own_task, record_look_at, to_settle
from coaching.ratings.rounds import Terms, deal
from coaching.ratings.selectors import RoundProgress, marked_tasks, progress_of
from coaching.ratings.services import is_locked, newest_ratings, rate, settle
from studies.access import study_for
from studies.errors import StudyError
from studies.models import Outcome, TimePoint, User

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

UNPROCESSABLE = 422


class RefusedRatingSerializer(serializers.Serializer[Any]):
    """A rule of the ratings says no."""

    code = serializers.CharField()
    advice = serializers.CharField()


def _refusal(error: StudyError) -> Response:
    return Response({"code": error.code, "advice": str(error.advice)}, status=UNPROCESSABLE)


class RatingTaskSerializer(serializers.Serializer[RatingTask]):
    """A film to rate. Nothing here tells who it is, when it was filmed or which group it was."""

    id = serializers.UUIDField(source="pk")
    rated = serializers.BooleanField()
    film = serializers.SerializerMethodField(help_text="Address of the film.")

    def get_film(self, task: RatingTask) -> str:
        return reverse("rating-film", args=[task.pk], request=self.context.get("request"))


class RatingDetailSerializer(RatingTaskSerializer):
    """With the rubric, and one's own points as far as there are any."""

    locked = serializers.SerializerMethodField(help_text="Both raters have rated: nothing changes any more.")
    criteria = serializers.JSONField(source="film.round.rubric.criteria")
    points = serializers.SerializerMethodField()
    cannot_rate = serializers.SerializerMethodField()

    def get_locked(self, task: RatingTask) -> bool:
        return is_locked(task.film)

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_points(self, task: RatingTask) -> dict[str, int]:
        newest = task.ratings.last()
        return cast("dict[str, int]", newest.points) if newest else {}

    def get_cannot_rate(self, task: RatingTask) -> str:
        newest = task.ratings.last()
        return newest.cannot_rate if newest else ""


class NewRatingSerializer(serializers.Serializer[Any]):
    """Whole points for every criterion, or why the film can't be rated."""

    points = serializers.DictField(child=serializers.IntegerField(), default=dict)
    cannot_rate = serializers.CharField(max_length=200, default="", allow_blank=True)
    note = serializers.CharField(max_length=300, default="", allow_blank=True)


class DifferenceSerializer(serializers.Serializer[RatedFilm]):
    """A film on which two raters differ; their words without their names."""

    id = serializers.UUIDField(source="pk")
    film = serializers.SerializerMethodField(help_text="Address of the film.")
    criteria = serializers.JSONField(source="round.rubric.criteria")
    ratings = serializers.SerializerMethodField()

    def get_film(self, film: RatedFilm) -> str:
        return reverse("difference-film", args=[film.pk], request=self.context.get("request"))

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_ratings(self, film: RatedFilm) -> list[dict[str, Any]]:
        return [
            {"points": one.points, "total": one.total, "cannot_rate": one.cannot_rate}
            for one in newest_ratings(film)
            if one
        ]


class SettleSerializer(serializers.Serializer[Any]):
    """The final points and what decided them."""

    points = serializers.DictField(child=serializers.IntegerField(), default=dict)
    cannot_rate = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=500)


class RaterSerializer(serializers.Serializer[Any]):
    """How far a rater is; `user` is the number of the account."""

    user = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class RoundSerializer(serializers.Serializer[RoundProgress]):
    """How far the ratings of one time of the plan are."""

    id = serializers.IntegerField(source="round.pk")
    time_point = serializers.CharField(source="round.time_point.key")
    rubric = serializers.IntegerField(source="round.rubric.version")
    outcome = serializers.CharField(source="round.outcome.key", allow_null=True, default=None)
    rule = serializers.CharField(source="round.rule")
    seed = serializers.CharField(source="round.seed", help_text="Gives pairs and orders (docs/ratings.md).")
    films = serializers.IntegerField(source="total")
    waiting = serializers.IntegerField()
    disputed = serializers.IntegerField()
    scored = serializers.IntegerField()
    unrateable = serializers.IntegerField()
    differs = serializers.IntegerField()
    not_blind = serializers.IntegerField(help_text="Ratings by people who could know the group or the coach's word.")
    raters = RaterSerializer(many=True)


class DealSerializer(serializers.Serializer[Any]):
    """Deal the films of a time; the rules count for its first deal only."""

    time_point = serializers.SlugField()
    raters = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers of the raters' accounts.")
    outcome = serializers.SlugField(required=False)
    rule = serializers.ChoiceField(choices=RatingRound.Rule.choices, default=RatingRound.Rule.MEAN)
    film = serializers.ChoiceField(choices=RatingRound.Film.choices, default=RatingRound.Film.LAST)
    tolerance_total = serializers.IntegerField(min_value=0, max_value=20, default=1)
    tolerance_criterion = serializers.IntegerField(min_value=1, max_value=10, default=2)
    unblinded_allowed = serializers.BooleanField(default=False)


class _View(GenericAPIView[Any]):
    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user


class RatingList(_View):
    serializer_class = RatingTaskSerializer

    @extend_schema(responses=RatingTaskSerializer(many=True))
    def get(self, request: Request) -> Response:
        """One's own films to rate, in one's own order."""
        page = self.paginate_queryset(marked_tasks(self.user()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class RatingDetail(_View):
    serializer_class = RatingDetailSerializer

    @extend_schema(responses=RatingDetailSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """One film with the rubric."""
        task = own_task(self.user(), pk)
        record_look_at(self.user(), task.film, under=task.pk)
        return Response(self._shown(task))

    @extend_schema(request=NewRatingSerializer, responses={201: RatingDetailSerializer, 422: RefusedRatingSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Rate it, or rate it anew while the other rater has not rated."""
        task = own_task(self.user(), pk)
        asked = NewRatingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            rate(task=task, by=self.user(), **asked.validated_data)
        except StudyError as error:
            return _refusal(error)
        return Response(self._shown(own_task(self.user(), pk)), status=201)

    def _shown(self, task: RatingTask) -> dict[str, Any]:
        marked = marked_tasks(self.user()).get(pk=task.pk)
        return dict(RatingDetailSerializer(marked, context=self.get_serializer_context()).data)


class DifferenceList(_View):
    serializer_class = DifferenceSerializer

    @extend_schema(responses=DifferenceSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Films on which two raters differ and which this person may settle."""
        page = self.paginate_queryset(to_settle(self.user()).order_by("pk"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class DifferenceDetail(_View):
    serializer_class = SettleSerializer

    @extend_schema(request=SettleSerializer, responses={204: None, 422: RefusedRatingSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Settle a difference."""
        film = film_to_settle(self.user(), pk)
        if film.state != RatedFilm.State.DISPUTED:
            raise NotFound
        asked = SettleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            settle(film=film, by=self.user(), **asked.validated_data)
        except StudyError as error:
            return _refusal(error)
        return Response(status=204)


class StudyRatings(_View):
    serializer_class = RoundSerializer
    pagination_class = None

    @extend_schema(responses=RoundSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """For the owner: every round of the study and how far it is."""
        study = study_for(self.user(), pk, own=True)
        return Response(self.get_serializer(progress_of(study), many=True).data)

    @extend_schema(request=DealSerializer, responses={201: RoundSerializer(many=True), 422: RefusedRatingSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Deal the films of a time of the plan to raters."""
        study = study_for(self.user(), pk, own=True)
        asked = DealSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        time_point = TimePoint.objects.filter(study=study, key=given.pop("time_point")).first()
        if time_point is None:
            raise serializers.ValidationError({"time_point": ["No such time in this study."]})
        raters = User.objects.filter(pk__in=given.pop("raters"))
        outcome = given.pop("outcome", None)
        if outcome is not None:
            given["outcome"] = Outcome.objects.filter(study=study, key=outcome).first()
            if given["outcome"] is None:
                raise serializers.ValidationError({"outcome": ["No such outcome in this study."]})
        try:
            deal(time_point=time_point, by=self.user(), raters=raters, terms=Terms(**given))
        except StudyError as error:
            return _refusal(error)
        return Response(self.get_serializer(progress_of(study), many=True).data, status=201)
