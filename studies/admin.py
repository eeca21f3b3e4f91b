"""The administrator's view of the rows. Records of what happened can be read here, and neither changed nor removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from studies import audit
from studies.access import record_access
from studies.models import (
    AccessRecord,
    AllocationList,
    Arm,
    Assignment,
    AuditEntry,
    Baseline,
    Injury,
    Measurement,
    Membership,
    Outcome,
    Participant,
    ProtocolVersion,
    RandomisationPlan,
    Reassignment,
    Study,
    StudyMilestone,
    TrainingSession,
    User,
)
from studies.protocol.services import locked_at
from studies.second_factor.admin_action import AccountAdmin
from studies.sign_in import AdminLimited

if TYPE_CHECKING:
    from django.contrib.admin.models import LogEntry
    from django.http import HttpRequest

    RowAdmin = admin.ModelAdmin[Any]
    RowInline = admin.TabularInline[Any, Any]
else:  # Django's classes take a type for the checker only
    RowAdmin, RowInline = admin.ModelAdmin, admin.TabularInline

admin.site.register(User, AccountAdmin)


class ReadOnly(RowAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Audited(RowAdmin):
    """Changes that are made here go into the study's audit, as those made on the pages do."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        self._write_down(request, obj, "added in the admin")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        self._write_down(request, obj, "changed in the admin")
        return super().log_change(request, obj, message)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._write_down(request, obj, "deleted in the admin")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self._write_down(request, obj, "deleted in the admin")
        super().delete_queryset(request, queryset)

    def _write_down(self, request: HttpRequest, obj: Any, action: str) -> None:
        about = obj if isinstance(obj, Participant) else getattr(obj, "participant", None)
        study = obj if isinstance(obj, Study) else (about or obj).study
        by = request.user if isinstance(request.user, User) else None
        audit.done(study.pk, by, action, about=about, model=obj._meta.model_name, row=obj.pk)


class ArmInline(RowInline):
    """Groups can be changed until the first draw or committed design, like on the pages."""

    model = Arm
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and _may_change_arms(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_change_arms(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_change_arms(obj)


def _may_change_arms(study: Study | None) -> bool:
    return study is None or locked_at(study) is None


class MembershipInline(RowInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


class OutcomeInline(RowInline):
    model = Outcome
    extra = 0


@admin.register(Study)
class StudyAdmin(Audited):
    list_display = ("title", "starts_on", "ends_on", "is_demonstration")
    search_fields = ("title",)
    inlines = (ArmInline, MembershipInline, OutcomeInline)


@admin.register(Participant)
class ParticipantAdmin(Audited):
    """Groups come from `studies.allocation` only, so they can't be set here."""

    list_display = ("code", "study", "year_of_study", "section", "eligibility", "arm")
    list_filter = ("study", "arm", "eligibility")
    list_select_related = ("study", "arm")
    search_fields = ("code",)
    autocomplete_fields = ("user",)
    readonly_fields = ("arm", "allocation", "plan")


@admin.register(TrainingSession)
class TrainingSessionAdmin(Audited):
    list_display = ("participant", "held_on", "minutes")
    list_select_related = ("participant",)
    autocomplete_fields = ("participant",)
    date_hierarchy = "held_on"


@admin.register(Injury)
class InjuryAdmin(ReadOnly):
    """Health data: opening one is written down, as on the pages, and changes are made there."""

    list_display = ("participant", "occurred_on", "region")
    list_select_related = ("participant",)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Injury | None:
        injury = super().get_object(request, object_id, from_field)
        if injury is not None and isinstance(request.user, User):
            record_access(request.user, injury.participant, "injury in the admin", injury.pk)
        return injury


@admin.register(Baseline)
class BaselineAdmin(ReadOnly):
    """Health data: opening one is written down, as on the pages, and changes are made there."""

    list_display = ("participant", "measured_on", "changed_at")
    list_select_related = ("participant",)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Baseline | None:
        baseline = super().get_object(request, object_id, from_field)
        if baseline is not None and isinstance(request.user, User):
            record_access(request.user, baseline.participant, "baseline in the admin", baseline.pk)
        return baseline


@admin.register(Measurement)
class MeasurementAdmin(Audited):
    list_display = ("participant", "outcome", "value")
    list_select_related = ("participant", "outcome")
    autocomplete_fields = ("participant",)


@admin.register(AllocationList)
class AllocationListAdmin(ReadOnly):
    list_display = ("study", "created_at", "algorithm", "sha256", "reason")


@admin.register(RandomisationPlan)
class RandomisationPlanAdmin(ReadOnly):
    """Without the seed, which would tell the arms to come, and without the block sizes inside the design."""

    list_display = ("study", "committed_at", "commitment", "closed_at")
    exclude = ("seed", "design")


@admin.register(Assignment)
class AssignmentAdmin(ReadOnly):
    list_display = ("plan", "number", "participant", "arm", "assigned_at")
    list_select_related = ("plan__study", "participant", "arm")


@admin.register(Reassignment)
class ReassignmentAdmin(ReadOnly):
    list_display = ("participant", "from_arm", "to_arm", "reason", "changed_by", "changed_at")


@admin.register(AccessRecord)
class AccessRecordAdmin(ReadOnly):
    list_display = ("at", "user", "participant", "what", "object_id")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("study_id", "number", "at", "actor", "kind", "action", "subject")
    list_select_related = ("actor",)
    list_filter = ("kind",)


admin.site.login_form = AdminLimited


@admin.register(ProtocolVersion)
class ProtocolVersionAdmin(ReadOnly):
    list_display = ("study", "number", "created_at", "created_by", "sha256")


@admin.register(StudyMilestone)
class StudyMilestoneAdmin(ReadOnly):
    list_display = ("study", "kind", "at", "by")
