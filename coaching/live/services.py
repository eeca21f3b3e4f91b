"""What can be done with live sets: begin, connect, keep frames, finish. One door for page, socket and sweep.

Callers have authorised the person through `coaching.live.access`. Frames that were acknowledged are in the database;
whatever dies, the set goes on from there.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from coaching import media
from coaching.live import codes
from coaching.live.engine import Size, judge_to_end
from coaching.live.models import LiveChunk, LiveSet
from coaching.live.protocol import decode_all
from coaching.models import AnalysisRun, Session
from coaching.personal.history import lifter_for
from coaching.personal.loss_alert import loss_alert_in_set
from coaching.pipeline import store_result
from studies.closing.rules import refuse_closed
from studies.consent.scopes import VIDEO_KEPT
from studies.consent.selectors import allows, takes_films
from studies.errors import StudyError

if TYPE_CHECKING:
    from decimal import Decimal
    from uuid import UUID

    from coaching.live.engine import Finished
    from coaching.live.protocol import LiveFrame
    from coaching.vision.personal import Lifter
    from studies.models import Participant, User

logger = logging.getLogger(__name__)

CONTAINER = "live"
"""`Session.container` of a set without a film."""
LEAST_S = 1.0
LEFT_AFTER = dt.timedelta(hours=1)
_SALT = "coaching.live"


class OpenedElsewhereError(Exception):
    """A newer connection writes this set, or it is over."""


def may_keep_video(participant: Participant) -> bool:
    """Whether the film of a live set may be recorded and uploaded: asked here, and nowhere else."""
    return takes_films(participant) and allows(participant, VIDEO_KEPT)


def begin_set(
    *,
    participant: Participant,
    started_by: User,
    load_kg: Decimal | None = None,
    stature_cm: Decimal | None = None,
    plate_mm: int | None = None,
    loss_alert_percent: int | None = None,
) -> LiveSet:
    """A new set; one without a frame makes room. loss_alert_percent: the lifter's own; None: as the instructor chose.

    Raises StudyError: study_closed; no_consent, where the student has not agreed to be recorded; set_open, where one
    waits to be finished.
    """
    if not takes_films(participant):
        raise StudyError("no_consent", codes.LIVE["no_consent"])
    alert = loss_alert_in_set(participant, loss_alert_percent)
    about = {"load_kg": load_kg, "stature_cm": stature_cm, "plate_mm": plate_mm, "loss_alert_percent": alert}
    LiveSet.objects.filter(participant=participant, state=LiveSet.State.RECORDING, frames=0).update(
        state=LiveSet.State.DISCARDED, finished_at=timezone.now()
    )
    try:
        with transaction.atomic():
            refuse_closed(participant.study_id)
            return LiveSet.objects.create(participant=participant, started_by=started_by, **about)
    except IntegrityError:
        raise StudyError("set_open", codes.LIVE["set_open"]) from None


def token_seconds() -> int:
    """How long a token opens a set."""
    return int(settings.LIVE_TOKEN_SECONDS)


def sign_token(live_set: LiveSet, user: User) -> str:
    """A short-lived word that lets this user's page write into this set."""
    return signing.dumps([str(live_set.pk), user.pk], salt=_SALT)


def check_token(token: str, *, pk: UUID, user: User) -> bool:
    """Whether the token is ours, fresh, and for this user and set."""
    try:
        owner = signing.loads(token, salt=_SALT, max_age=token_seconds())
    except signing.BadSignature:
        return False
    return bool(owner == [str(pk), user.pk])


def connect(live_set: LiveSet, size: Size) -> LiveSet:
    """Take the next epoch: from now on no other connection writes this set. Raises OpenedElsewhereError if it is over.

    The size of the picture is that of the first connection: landmarks of two cameras don't mix.
    """
    mine = LiveSet.objects.filter(pk=live_set.pk, state=LiveSet.State.RECORDING)
    if not mine.update(epoch=F("epoch") + 1):
        raise OpenedElsewhereError
    mine.filter(frames=0).update(width=size.width, height=size.height)
    rows = LiveSet.objects.select_related("participant__study", "participant__arm", "participant__user")
    return rows.get(pk=live_set.pk)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a set stands after some frames were kept."""

    following: int
    last_ms: float | None
    dropped: dict[str, int]
    count: int
    last_cue: str


def keep_frames(live_set: LiveSet, payload: bytes, frames: int, progress: Progress) -> None:
    """Write frames that the coach was given. Raises OpenedElsewhereError; then nothing was written."""
    now = timezone.now()
    with transaction.atomic():
        won = LiveSet.objects.filter(pk=live_set.pk, epoch=live_set.epoch, state=LiveSet.State.RECORDING).update(
            frames=F("frames") + frames,
            following=progress.following,
            last_ms=progress.last_ms,
            last_frame_at=now,
            dropped=progress.dropped,
            count=progress.count,
            last_cue=progress.last_cue,
        )
        if not won:
            raise OpenedElsewhereError
        if frames:
            # Where a set goes on only grows, so it numbers the chunks without a question.
            LiveChunk.objects.create(live_set=live_set, number=progress.following, payload=payload)


def frames_of_set(live_set: LiveSet) -> list[LiveFrame]:
    """Everything that was kept of a set, in the coach's order."""
    payloads = LiveChunk.objects.filter(live_set=live_set).values_list("payload", flat=True)
    return list(decode_all(b"".join(bytes(payload) for payload in payloads)))


@dataclass(frozen=True, slots=True)
class Material:
    """What a set is judged on."""

    name: str
    frames: list[LiveFrame]
    size: Size
    lifter: Lifter
    stature_m: float | None


def material_of(live_set: LiveSet, lifter: Lifter | None = None) -> Material | None:
    """Of a set that is to be finished; None when it is over. One of less than a second is discarded.

    lifter: for who has looked up already what the coach knows of the student.
    """
    live_set.refresh_from_db(fields=["state", "frames", "width", "height"])
    if live_set.state != LiveSet.State.RECORDING:
        return None
    frames = frames_of_set(live_set)
    if not frames or frames[-1].time_ms - frames[0].time_ms < 1000.0 * LEAST_S:
        _discard(live_set)
        return None
    if lifter is None:
        lifter = lifter_for(live_set.participant, load_kg=live_set.load_kg, before=live_set.started_at)
    size = Size(live_set.width, live_set.height)
    return Material(str(live_set.pk), frames, size, lifter, live_set.stature_m)


def judged(material: Material) -> Finished:
    """Tens of milliseconds of work without a database. Raises ModelMissing."""
    m = material
    return judge_to_end(m.frames, m.size, name=m.name, lifter=m.lifter, stature_m=m.stature_m)


def finish_set(live_set: LiveSet) -> LiveSet:
    """Judge the whole set and store it like an upload. Asked again, by whomever, it answers with what is there.

    Raises ModelMissing; the set stays then.
    """
    material = material_of(live_set)
    if material is not None:
        store(live_set, judged(material))
    return outcome_of(live_set)


def outcome_of(live_set: LiveSet) -> LiveSet:
    """The set as it stands now."""
    return LiveSet.objects.select_related("session").get(pk=live_set.pk)


def _discard(live_set: LiveSet) -> None:
    same = LiveSet.objects.filter(pk=live_set.pk, state=LiveSet.State.RECORDING, frames=live_set.frames)
    same.update(state=LiveSet.State.DISCARDED, finished_at=timezone.now())


def store(live_set: LiveSet, made: Finished) -> None:
    """Files first, then all rows in one transaction; whoever comes second finds the set finished, and keeps nothing."""
    with media.incoming("live") as folder, media.Shelf() as shelf:
        for path in made.save(folder):
            shelf.put(path)
        if not _write(live_set, made, shelf.names):
            media.discard(*shelf.names.values())


def _write(live_set: LiveSet, made: Finished, files: dict[str, str]) -> bool:
    participant = live_set.participant
    try:
        with transaction.atomic():
            session = Session.objects.create(
                participant=participant,
                uploaded_by=live_set.started_by,
                uploaded_at=live_set.started_at,
                size_bytes=made.size_bytes,
                sha256=made.sha256,
                container=CONTAINER,
                load_kg=live_set.load_kg,
                stature_cm=live_set.stature_cm,
                plate_mm=live_set.plate_mm,
                loss_alert_percent=live_set.loss_alert_percent,
            )
            now = timezone.now()
            run = AnalysisRun.objects.create(
                session=session, state=AnalysisRun.State.RUNNING, attempt=1, started_at=now, heartbeat_at=now
            )
            # The set's own name is in the document; the page's is the session's.
            store_result(run, {**made.document, "clip": str(session.pk)}, files)
            same = LiveSet.objects.filter(pk=live_set.pk, state=LiveSet.State.RECORDING, frames=live_set.frames)
            if not same.update(
                state=LiveSet.State.FINISHED,
                session=session,
                finished_at=now,
                velocity=made.document["velocity"] or {},
                feedback=participant.receives_ai_feedback,
            ):
                raise OpenedElsewhereError  # noqa: TRY301 - it rolls the transaction back
            LiveChunk.objects.filter(live_set=live_set).delete()
    except OpenedElsewhereError:
        return False
    return True


def open_set_of(participant: Participant) -> LiveSet | None:
    """The set that was left in the middle, if it has frames."""
    return LiveSet.objects.filter(participant=participant, state=LiveSet.State.RECORDING, frames__gt=0).first()


def finish_left_sets() -> int:
    """Finish the sets that nobody came back to for an hour. Returns how many."""
    before = timezone.now() - LEFT_AFTER
    rows = LiveSet.objects.filter(state=LiveSet.State.RECORDING, started_at__lt=before)
    left = rows.exclude(last_frame_at__gte=before).select_related("participant__study", "participant__arm")
    for live_set in left:
        logger.info("live set %s: left, finished by the sweep", live_set.pk)
        finish_set(live_set)
    return len(left)
