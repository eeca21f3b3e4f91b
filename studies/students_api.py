"""One student for programs: what the page shows of them, values at the start, a change of group by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import SEES_NAMES, participant_for, record_access, role_in, sections_of
from studies.allocation import move_to_arm
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.api_forms import cleaned
from studies.errors import StudyError
from studies.models import Baseline, Participant
from studies.participants_api import BaselineSerializer, ParticipantSerializer, groups_for
from studies.roster.checks import BASELINE
from studies.roster_forms import BaselineForm
from studies.screening import save_baseline
from studies.selectors import participants_with_totals

if TYPE_CHECKING:
    from rest_framework.request import Request

    from studies.models import User

INJURIES, START = "injuries", "values at the start"
RECENT = 10


class TotalsSerializer(serializers.Serializer[Any]):
    """What a student has trained, and their injuries that count."""

    lessons = serializers.IntegerField()
    minutes = serializers.IntegerField()
    repetitions = serializers.IntegerField()
    injuries = serializers.IntegerField(source="injury_count")


class MoveSerializer(serializers.Serializer[Any]):
    """A change of group by hand. `reason` is null for who may not read names."""

    at = serializers.DateTimeField()
    from_arm = serializers.CharField()
    to_arm = serializers.CharField()
    reason = serializers.CharField(allow_null=True)


class LookSerializer(serializers.Serializer[Any]):
    """Somebody looked at this student's films or health data."""

    at = serializers.DateTimeField()
    by = serializers.CharField(source="user.get_full_name", allow_null=True, default=None)
    what = serializers.CharField()


class StudentSerializer(ParticipantSerializer):
    """One student. `moves` is null for students, `looks` (the newest ten) for who may not read names."""

    study = serializers.IntegerField(source="study_id")
    totals = TotalsSerializer(source="*")
    moves = serializers.SerializerMethodField()
    looks = serializers.SerializerMethodField()

    @extend_schema_field(MoveSerializer(many=True, allow_null=True))
    def get_moves(self, row: Participant) -> list[dict[str, Any]] | None:
        if not self.context["staff"]:
            return None
        groups: dict[int, str] = self.context["groups"]
        return [
            {
                "at": move.changed_at,
                "from_arm": groups[move.from_arm_id],
                "to_arm": groups[move.to_arm_id],
                "reason": move.reason if self.context["named"] else None,
            }
            for move in row.reassignments.all()
        ]

    @extend_schema_field(LookSerializer(many=True, allow_null=True))
    def get_looks(self, row: Participant) -> Any:
        if not self.context["named"]:
            return None
        return LookSerializer(row.access_records.select_related("user")[:RECENT], many=True).data


class StartSerializer(BaselineSerializer):
    """Values at the start, with year and section. `version` is 0 while there are none."""

    version = serializers.IntegerField()
    year = serializers.IntegerField()
    section = serializers.CharField()


class NewStartSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is; null empties it. `seen_version` is the version that was read, 0 for none."""

    seen_version = serializers.IntegerField(min_value=0)
    year = serializers.IntegerField(required=False)
    section = serializers.CharField(required=False, allow_blank=True, max_length=40)
    sex = serializers.CharField(required=False, allow_blank=True)
    age_years = serializers.IntegerField(required=False, allow_null=True)
    height_cm = serializers.DecimalField(max_digits=5, decimal_places=1, required=False, allow_null=True)
    mass_kg = serializers.DecimalField(max_digits=5, decimal_places=1, required=False, allow_null=True)
    experience_months = serializers.IntegerField(required=False, allow_null=True)
    one_rm_kg = serializers.DecimalField(max_digits=5, decimal_places=1, required=False, allow_null=True)
    working_load_kg = serializers.DecimalField(max_digits=5, decimal_places=1, required=False, allow_null=True)
    measured_on = serializers.DateField(required=False, allow_null=True)


class ChangeGroupSerializer(serializers.Serializer[Any]):
    """To which group, by its key, and why: the reason is kept beside the draw."""

    arm = serializers.CharField(max_length=40)
    reason = serializers.CharField(max_length=1000)


class OneStudent(StudyView):
    serializer_class = StudentSerializer

    @extend_schema(responses=StudentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One student, or oneself."""
        return Response(_student(self.user(), participant_for(self.user(), pk)))


def _student(user: User, found: Participant) -> Any:
    role = role_in(user, found.study)
    record_access(user, found, INJURIES)
    row = participants_with_totals(Participant.objects.select_related("study", "baseline")).get(pk=found.pk)
    context = {
        "named": found.user_id == user.pk or role in SEES_NAMES,
        "staff": role != "student",
        "groups": groups_for(user, found.study),
    }
    return StudentSerializer(row, context=context).data


class StudentBaseline(StudyView):
    serializer_class = StartSerializer

    @extend_schema(responses=StartSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What is known of a student at the start: for owner and instructor."""
        participant = participant_for(self.user(), pk, write=True)
        record_access(self.user(), participant, START)
        return Response(self._start(participant))

    @extend_schema(request=NewStartSerializer, responses={200: StartSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Write it. 422 `changed_meanwhile` when somebody changed it since `seen_version`."""
        participant = participant_for(self.user(), pk, write=True)
        record_access(self.user(), participant, START)
        asked = NewStartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        stored = Baseline.objects.filter(participant=participant).first() or Baseline()
        now = {name: getattr(stored, name) for name in BASELINE}
        about = {"year_of_study": given.pop("year", participant.year_of_study)}
        about["section"] = given.pop("section", participant.section)
        form = BaselineForm(
            {name: value for name, value in (now | about | given).items() if value is not None},
            participant=participant,
            sections=sections_of(self.user(), participant.study),
        )
        kept = cleaned(form)
        about = {name: kept[name] for name in ("seen_version", "year_of_study", "section")}
        try:
            save_baseline(participant=participant, by=self.user(), values=form.values(), **about)
        except StudyError as error:
            return refusal(error)
        return Response(self._start(Participant.objects.get(pk=participant.pk)))

    def _start(self, participant: Participant) -> Any:
        stored = Baseline.objects.filter(participant=participant).first()
        values = dict(BaselineSerializer(stored or Baseline()).data)
        known = {"version": stored.version if stored else 0, "section": participant.section}
        return values | known | {"year": participant.year_of_study}


class StudentGroup(StudyView):
    serializer_class = ChangeGroupSerializer

    @extend_schema(request=ChangeGroupSerializer, responses={200: StudentSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Move a student to another group, against the draw. The draw stays as it was."""
        participant = participant_for(self.user(), pk, write=True)
        asked = ChangeGroupSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        arm = participant.study.arms.filter(key=asked.validated_data["arm"]).first()
        if arm is None:
            raise serializers.ValidationError({"arm": ["No such group in this study."]})
        try:
            move_to_arm(participant=participant, arm=arm, by=self.user(), reason=asked.validated_data["reason"])
        except StudyError as error:
            return refusal(error)
        return Response(_student(self.user(), participant))
