"""For the person who runs the server: look and cancel. Nothing is edited here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from coaching import services
from coaching.access import record_look
from coaching.models import AnalysisRun, RepetitionReview, Session, StrictnessChoice
from coaching.models.bar import LossAlertChoice
from studies.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    Admin = admin.ModelAdmin[AnalysisRun | RepetitionReview | Session]
else:
    Admin = admin.ModelAdmin


class ReadOnlyAdmin(Admin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "participant", "uploaded_at", "size_bytes", "rejected_code")
    list_filter = ("rejected_code", "kept_as_sent", "participant__study")
    list_select_related = ("participant",)
    date_hierarchy = "uploaded_at"


@admin.register(AnalysisRun)
class AnalysisRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "session", "state", "stage", "percent", "attempt", "handed_back", "failure_code", "worker")
    list_filter = ("state", "failure_code")
    list_select_related = ("session__participant",)
    actions = ("cancel", "analyse_again")

    @admin.action(description=_("Stop the chosen runs"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[AnalysisRun]) -> None:
        for run in queryset:
            services.cancel_run(run)

    @admin.action(description=_("Analyse the films of the chosen runs again"))
    def analyse_again(self, request: HttpRequest, queryset: QuerySet[AnalysisRun]) -> None:
        sessions = {run.session for run in queryset.select_related("session")}
        with_film = [session for session in sessions if session.video]
        for session in with_film:
            services.start_run(session)
        self.message_user(
            request,
            _("%(count)s of %(all)s films wait for their analysis.") % {"count": len(with_film), "all": len(sessions)},
        )


@admin.register(StrictnessChoice)
class StrictnessChoiceAdmin(ReadOnlyAdmin):
    """Who turned the dial when: read here, neither changed nor removed."""

    list_display = ("study", "participant", "level", "chosen_by", "chosen_at")
    list_filter = ("level", "study")
    list_select_related = ("study", "participant", "chosen_by")

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(LossAlertChoice)
class LossAlertChoiceAdmin(ReadOnlyAdmin):
    """Who chose from which loss of speed it is told, and when: read here, neither changed nor removed."""

    list_display = ("study", "participant", "percent", "chosen_by", "chosen_at")
    list_filter = ("percent", "study")
    list_select_related = ("study", "participant", "chosen_by")

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(RepetitionReview)
class RepetitionReviewAdmin(ReadOnlyAdmin):
    """The history of corrections: read here, neither changed nor removed.

    What was said is in the row only, and opening one is a look at the set, so that a review stays blind or is none.
    """

    list_display = ("session", "number", "added", "blind", "reviewer", "reviewed_at")
    list_filter = ("added", "blind", "session__participant__study")
    list_select_related = ("session__participant", "reviewer")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> AnalysisRun | RepetitionReview | Session | None:
        review = super().get_object(request, object_id, from_field)
        if isinstance(review, RepetitionReview) and isinstance(request.user, User):
            record_look(request.user, review.session, "session")
        return review

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False
