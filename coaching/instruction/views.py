"""Pages where an instructor writes feedback: beside a film, or for a lesson without one. Both groups alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from coaching.access import record_look, session_to_review
from coaching.films import shown_film
from coaching.instruction.forms import FeedbackForm, LessonFeedbackForm, initial_of
from coaching.instruction.services import feedback_on, give_feedback, standing
from coaching.ratings.rounds import newest_rubric
from coaching.ratings.rubrics import criteria_of, default_criteria
from studies.access import display_name, participant_for
from studies.errors import StudyError

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from coaching.models.instruction import InstructorFeedback
    from coaching.ratings.rubrics import Criterion
    from studies.models import Participant
    from studies.requests import SignedInRequest

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def film(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Feedback on a film, which plays beside the form; what the coach said of it is not here."""
    row = session_to_review(request.user, pk)
    if request.method != "POST":
        record_look(request.user, row, "blind")
    mine = next((one for one in feedback_on(row) if one.by_id == request.user.pk), None)
    form = FeedbackForm(
        request.POST if request.method == "POST" else None,
        criteria=_criteria(row.participant, mine),
        initial=initial_of(mine) if mine else {},
    )
    if form.is_valid() and _kept(request, form, row.participant, mine, session=row):
        return redirect("coaching:session", pk=row.pk)
    context = _context(form, row.participant, mine) | {
        "session": row,
        "film_url": reverse("coaching:media", args=[row.pk, "video"]),
        "has_film": bool(shown_film(row, own=False)),
    }
    return render(request, "coaching/instruction/film.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def lesson(request: SignedInRequest, pk: int) -> HttpResponse:
    """Feedback on a lesson that was not filmed; `?correct=` opens one of one's own."""
    participant = participant_for(request.user, pk, write=True)
    mine = _to_correct(request, participant)
    form = LessonFeedbackForm(
        request.POST if request.method == "POST" else None,
        criteria=_criteria(participant, mine),
        initial=initial_of(mine) if mine else {},
    )
    if form.is_valid() and _kept(request, form, participant, mine, lesson_on=form.cleaned_data["lesson_on"]):
        return redirect("studies:participant", pk=participant.pk)
    context = _context(form, participant, mine)
    return render(request, "coaching/instruction/lesson.html", context, status=REFUSED if form.errors else 200)


def _to_correct(request: SignedInRequest, participant: Participant) -> InstructorFeedback | None:
    wanted = request.GET.get("correct", "")
    if not wanted.isdecimal() or len(wanted) > 18:
        return None
    rows = standing().filter(participant=participant, by=request.user, session__isnull=True)
    found = rows.filter(pk=int(wanted)).first()
    if found is None:
        raise Http404("no such feedback")
    return found


def _criteria(participant: Participant, mine: InstructorFeedback | None) -> tuple[Criterion, ...]:
    """Those of the feedback that is corrected, else those in force."""
    rubric = mine.rubric if mine and mine.rubric else newest_rubric(participant.study)
    return criteria_of(rubric.criteria) if rubric else default_criteria()


def _kept(
    request: SignedInRequest, form: FeedbackForm, participant: Participant, mine: InstructorFeedback | None, **to: Any
) -> bool:
    """Whether it was kept; else the form says why not. `seen` is what the person had before them."""
    seen = request.POST.get("seen", "")
    if seen != (str(mine.pk) if mine else ""):
        form.add_error(None, _("Somebody changed this feedback since you opened it. Look at it first."))
        return False
    rubric = mine.rubric if mine and mine.rubric else None
    try:
        give_feedback(participant=participant, by=request.user, words=form.words(), seen=mine, rubric=rubric, **to)
    except StudyError as error:
        form.add_error(None, str(error.advice))
        return False
    messages.success(request, _("Your feedback is on the student's page."))
    return True


def _context(form: FeedbackForm, participant: Participant, mine: InstructorFeedback | None) -> dict[str, Any]:
    return {
        "form": form,
        "study": participant.study,
        "participant": participant,
        "student": display_name(participant, named=True),
        "mine": mine,
    }
