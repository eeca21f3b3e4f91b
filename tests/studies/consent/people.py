"""A study that asks for consent, and students of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from coaching.models import AnalysisRun, Assessment, Session
from coaching.services import submit_video
from studies.consent import default_text
from studies.consent.scopes import SCOPES
from studies.consent.services import Answer, give
from studies.consent.texts import publish, save_draft
from studies.models import Baseline, Membership, PrivacyPolicy
from tests.factory import make_participant, make_staff, make_study, make_user

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studies.models import Arm, ConsentRecord, ConsentText, Participant, Study, User

FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"a film of nobody else " * 50


def asking_study(*, age: int = 18, **promises: object) -> tuple[Study, User, ConsentText]:
    """A study with a published text, its owner, and the text."""
    study = make_study()
    owner = make_staff(study, Membership.Role.OWNER)
    PrivacyPolicy.objects.create(study=study, consent_required=True, age_of_consent=age, **promises)
    return study, owner, write(study, owner)


def write(study: Study, by: User, body: str = "") -> ConsentText:
    edits = getattr(study.consent_texts.filter(published_at__isnull=True).first(), "edits", 0)
    save_draft(
        study=study,
        by=by,
        title=str(default_text.TITLE),
        body=body or str(default_text.BODY),
        scopes=list(SCOPES),
        seen_edits=edits,
    )
    return publish(study=study, by=by)


def student_of(study: Study, *, age: int | None = 20, arm: Arm | None = None) -> Participant:
    """A student whose age is known."""
    user = make_user()
    user.email = f"{user.username}@example.org"
    user.save()
    participant = make_participant(study, user=user, arm=arm)
    if age is not None:
        Baseline.objects.create(participant=participant, age_years=age)
    return participant


def agree(participant: Participant, text: ConsentText, scopes: Iterable[str] = tuple(SCOPES)) -> ConsentRecord:
    answer = Answer(tuple(scopes), participant.user.get_full_name())
    return give(participant=participant, text=text, by=participant.user, answer=answer)


def upload(participant: Participant, content: bytes = FILM, name: str = "me.mp4") -> Session:
    return submit_video(
        participant=participant, uploaded_by=participant.user, file=ContentFile(content, name=name), name=name
    )


def analysed(session: Session) -> Assessment:
    """A finished analysis with a file of every kind."""
    run = AnalysisRun.objects.create(session=session, state=AnalysisRun.State.DONE)
    names = {
        kind: default_storage.save(f"{kind}/{session.pk.hex}", ContentFile(f"{kind} of {session.pk}".encode()))
        for kind in ("overlay", "poster", "series", "arrays")
    }
    return Assessment.objects.create(run=run, document={"reps": []}, **names)
