"""What the coach stores about a student, told to `studies.privacy`; and what ends when consent does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from coaching.live.models import LiveChunk, LiveSet
from coaching.models import AnalysisRun, PendingUpload
from coaching.resumable import give_up
from coaching.services import cancel_run
from studies.privacy import files
from studies.privacy.fields import About, declare

if TYPE_CHECKING:
    from studies.models import Participant
    from studies.privacy.files import File

STORED = (
    files.Stored("coaching.Session", "participant", "uploaded_at", {"video": "video", "playable": "video"}),
    files.Stored(
        "coaching.Assessment",
        "run__session__participant",
        "run__session__uploaded_at",
        {"overlay": "video", "poster": "video", "series": "pose", "arrays": "pose"},
    ),
    files.Stored(
        "coaching.Still",
        "assessment__run__session__participant",
        "assessment__run__session__uploaded_at",
        {"image": "video"},
        row_goes=True,
    ),
)


ABOUT = {
    "coaching.Session": About(
        _("Sets that you filmed"),
        values=("container", "kept_as_sent", "rejected_code"),
        files=("video", "playable"),
    ),
    "coaching.AnalysisRun": About(_("Analyses"), values=("stage", "failure_code", "pipeline_version")),
    "coaching.Assessment": About(
        _("What the coach said"),
        values=("document", "view", "refused_code", "model_sha256"),
        files=("series", "arrays", "overlay", "poster"),
        feedback=True,
    ),
    "coaching.RepetitionRecord": About(_("Repetitions"), values=("verdict", "faults"), feedback=True),
    "coaching.Still": About(_("Pictures for the feedback"), values=("fault",), files=("image",), feedback=True),
    "coaching.RepetitionReview": About(_("What instructors said"), values=("faults",), feedback=True),
    "coaching.StrictnessChoice": About(_("How strict the coach is")),
    "coaching.LossAlertChoice": About(_("From which loss of speed the coach says so")),
    "coaching.LiveSet": About(
        _("Sets that you lifted live"), values=("dropped", "last_cue", "velocity"), feedback=True
    ),
    "coaching.LiveChunk": About(_("Landmarks of a live set that goes on")),
    "coaching.InstructorFeedback": About(_("What your instructor wrote"), values=("cues", "points")),
    "coaching.RatedFilm": About(_("Films that were rated")),
    "coaching.RatingTask": About(_("Ratings that were asked for")),
    "coaching.Rating": About(_("Ratings of your form"), values=("points",)),
    "coaching.Settlement": About(_("Ratings that were settled"), values=("points",)),
}


def register() -> None:
    for label, about in ABOUT.items():
        declare(label, about)
    for stored in STORED:
        files.register(stored)
    files.register_stopper(stop)
    files.register_busy(is_in_analysis)


def stop(participant: Participant) -> None:
    """End the student's uploads on their way, with what came of them, their analyses, and a live set that goes on."""
    for pending in PendingUpload.objects.filter(participant=participant):
        give_up(pending)
    for run in AnalysisRun.objects.open().filter(session__participant=participant):
        cancel_run(run)
    live = LiveSet.objects.filter(participant=participant, state=LiveSet.State.RECORDING)
    LiveChunk.objects.filter(live_set__in=live).delete()
    live.update(state=LiveSet.State.DISCARDED, finished_at=timezone.now())


def is_in_analysis(file: File) -> bool:
    """A film that waits for an analysis, or is in one."""
    if file.stored.model != "coaching.Session":
        return False
    return AnalysisRun.objects.open().filter(session=file.pk).exists()
