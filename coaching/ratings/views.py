"""Pages of raters, who see a film and a rubric and nothing else of anybody, and of the owner who deals and follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coaching.films import shown_film
from coaching.models.ratings import RatedFilm
from coaching.ratings.access import film_to_decide, film_to_settle, own_task, record_look_at, round_for, to_settle
from coaching.ratings.forms import CriteriaFormSet, DealForm, HandOverForm, PointsForm, ReasonForm, SettleForm, filled
from coaching.ratings.rounds import deal, hand_over, newest_rubric, possible_raters, save_rubric
from coaching.ratings.rubrics import criteria_of, default_criteria
from coaching.ratings.selectors import differing, marked_tasks, progress_of, queues
from coaching.ratings.services import is_locked, newest_ratings, rate, settle, write_again
from coaching.views import CONTENT_TYPES
from studies.access import study_for
from studies.errors import StudyError
from studies.serving import serve

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from coaching.models.ratings import RatingTask
    from studies.requests import SignedInRequest

REFUSED = 422


@require_safe
@never_cache
def queue(request: SignedInRequest) -> HttpResponse:
    """The rater's own films, round by round, and the differences that they may settle."""
    context = {"queues": queues(request.user), "to_settle": to_settle(request.user).order_by("pk")}
    return render(request, "coaching/ratings/queue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def task(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One film and the rubric; a post keeps the points and goes on to the next film without any."""
    row = own_task(request.user, pk)
    mine = row.ratings.last()
    initial = filled(mine.points, note=mine.note, cannot_rate=mine.cannot_rate) if mine else {}
    criteria = criteria_of(row.film.round.rubric.criteria)
    form = PointsForm(request.POST if request.method == "POST" else None, criteria=criteria, initial=initial)
    if form.is_valid():
        try:
            _keep(request, row, form)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            return _next(request, row)
    else:
        record_look_at(request.user, row.film, under=row.pk)
    row.film.refresh_from_db(fields=["state"])
    mine_all = list(marked_tasks(request.user).filter(film__round=row.film.round_id))
    context = {
        "task": row,
        "form": form,
        "mine": mine,
        "locked": is_locked(row.film),
        "number": [one.pk for one in mine_all].index(row.pk) + 1,
        "tasks": mine_all,
        "done": sum(bool(one.rated) for one in mine_all),
        "most": row.film.round.rubric.most,
        "film_url": reverse("coaching:rating-film", args=[row.pk]),
        "has_film": bool(shown_film(row.film.session, own=False)),
    }
    return render(request, "coaching/ratings/task.html", context, status=REFUSED if form.errors else 200)


def _keep(request: SignedInRequest, row: RatingTask, form: PointsForm) -> None:
    """Which of the two buttons was pressed decides what is kept; the other half of the form is left aside."""
    data = form.cleaned_data
    if "cannot" in request.POST:
        if not data["cannot_rate"].strip():
            raise StudyError("reason_missing", _("Say why the film can't be rated."))
        rate(task=row, by=request.user, points={}, cannot_rate=data["cannot_rate"])
    else:
        rate(task=row, by=request.user, points=form.points(), note=data["note"])


def _next(request: SignedInRequest, row: RatingTask) -> HttpResponse:
    left = marked_tasks(request.user).filter(film__round=row.film.round_id, rated=False)
    following = left.filter(position__gt=row.position).first() or left.first()
    if following is None:
        messages.success(request, _("Saved. You have rated every film of this time."))
        return redirect("coaching:ratings")
    messages.success(request, _("Saved."))
    return redirect("coaching:rating", pk=following.pk)


@require_safe
def task_film(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """The film of a task, under a name that says nothing."""
    row = own_task(request.user, pk)
    return _film(request, row.film, row.pk)


@require_safe
def disputed_film(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """The film that a third rater looks at."""
    return _film(request, _disputed(request, pk), pk)


def _film(request: SignedInRequest, film: RatedFilm, pk: UUID) -> HttpResponseBase:
    name = shown_film(film.session, own=False)
    suffix = f".{name.rpartition('.')[2]}"
    content_type = CONTENT_TYPES.get(suffix, "application/octet-stream")
    response = serve(request, name, content_type=content_type, filename=f"film{suffix}")
    if response.status_code < 400:
        record_look_at(request.user, film, under=pk)
    return response


def _disputed(request: SignedInRequest, pk: UUID) -> RatedFilm:
    """Raises Http404 for a film that is not, or no longer, disputed: there is nothing to look at it for."""
    film = film_to_settle(request.user, pk)
    if film.state != RatedFilm.State.DISPUTED:
        raise Http404("nothing to settle")
    return film


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def settlement(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A film on which two raters differ: their points side by side, without their names, and the final ones."""
    film = _disputed(request, pk)
    form = SettleForm(
        request.POST if request.method == "POST" else None, criteria=criteria_of(film.round.rubric.criteria)
    )
    if form.is_valid():
        data = form.cleaned_data
        points = {} if data["unrateable"] else form.points()
        try:
            settle(
                film=film,
                by=request.user,
                points=points,
                reason=data["reason"],
                cannot_rate=data["unrateable"],
            )
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Settled. The score is written."))
            return redirect("coaching:ratings")
    else:
        record_look_at(request.user, film, under=film.pk)
    ratings = [one for one in newest_ratings(film) if one]
    context = {
        "film": film,
        "form": form,
        "ratings": ratings,
        "rows": [
            {"name": one.name, "given": [rating.points.get(one.key) for rating in ratings]} for one in form.criteria
        ],
        "is_rater": film.tasks.filter(rater=request.user).exists(),
        "film_url": reverse("coaching:disputed-film", args=[film.pk]),
        "has_film": bool(shown_film(film.session, own=False)),
        "most": film.round.rubric.most,
    }
    return render(request, "coaching/ratings/settle.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rounds(request: SignedInRequest, pk: int) -> HttpResponse:
    """For the owner: how far the ratings are, what differs from a value of the study, and dealing films."""
    study = study_for(request.user, pk, own=True)
    form = DealForm(request.POST if request.method == "POST" else None, study=study)
    if form.is_valid():
        data = form.cleaned_data
        try:
            deal(time_point=data["time_point"], by=request.user, raters=data["raters"], terms=form.terms())
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("The films are dealt. Each rater sees them in an order of their own."))
            return redirect("coaching:rating-rounds", pk=study.pk)
    context = {
        "study": study,
        "form": form,
        "rubric": newest_rubric(study),
        "progress": progress_of(study),
        "differing": differing(study),
        "people": possible_raters(study, unblinded=True),
    }
    return render(request, "coaching/ratings/rounds.html", context, status=REFUSED if form.errors else 200)


@require_POST
def handed_over(request: SignedInRequest, pk: int, round_pk: int) -> HttpResponse:
    """Give the films that a rater has not rated to another one."""
    kept = round_for(request.user, pk, round_pk)
    form = HandOverForm(request.POST, kept=kept)
    if not form.is_valid():
        messages.error(request, _("Choose who hands over and who takes the films."))
    else:
        try:
            count = hand_over(kept=kept, by=request.user, **form.cleaned_data)
        except StudyError as error:
            messages.error(request, str(error.advice))
        else:
            text = ngettext("%(n)d film is handed over.", "%(n)d films are handed over.", count)
            messages.success(request, text % {"n": count})
    return redirect("coaching:rating-rounds", pk=pk)


@require_POST
def decide(request: SignedInRequest, pk: int, film: UUID) -> HttpResponse:
    """Put the raters' score in the place of the value that the study holds."""
    row = film_to_decide(request.user, pk, film)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the value is replaced: it stays in the audit."))
    else:
        try:
            write_again(film=row, by=request.user, reason=form.cleaned_data["reason"])
        except StudyError as error:
            messages.error(request, str(error.advice))
        else:
            messages.success(request, _("The score is written; the value before is in the audit."))
    return redirect("coaching:rating-rounds", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rubric(request: SignedInRequest, pk: int) -> HttpResponse:
    """The criteria and what their points look like; saving makes the next version."""
    study = study_for(request.user, pk, own=True)
    newest = newest_rubric(study)
    shown = criteria_of(newest.criteria) if newest else default_criteria()
    initial: list[dict[str, Any]] = [{"name": one.name, "words": "\n".join(one.words)} for one in shown]
    blank: list[dict[str, Any]] = [{}] if len(initial) < 10 else []
    forms = CriteriaFormSet(request.POST if request.method == "POST" else None, initial=[*initial, *blank])
    problem = ""
    if request.method == "POST" and forms.is_valid():
        named = [given for given in (one.given() for one in forms) if given]
        seen = request.POST.get("seen_version", "")
        try:
            made = save_rubric(
                study=study, by=request.user, seen_version=int(seen) if seen.isdecimal() else 0, named=named
            )
        except StudyError as error:
            problem = str(error.advice)
        else:
            messages.success(request, _("Version %(version)d of the rubric is in force.") % {"version": made.version})
            return redirect("coaching:rubric", pk=study.pk)
    context = {
        "study": study,
        "newest": newest,
        "forms": forms,
        "problem": problem,
        "most": sum(one.most for one in shown),
    }
    refused = problem or (request.method == "POST" and not forms.is_valid())
    return render(request, "coaching/ratings/rubric.html", context, status=REFUSED if refused else 200)
