"""Consent and privacy: a student's answers are theirs alone; owner and officer see counts and requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studies.consent.scopes import SCOPES
from studies.consent.selectors import KIND
from studies.consent.services import guardian_token
from studies.models import ConsentRecord, ConsentStatus, ConsentText, ErasureRequest, Participant
from studies.privacy.erasure import ask
from tests.house.world import participant, study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
studies:consent                           GET    302 200 404 404 403 404 404 403 404 403 403
studies:consent                           POST   302 422 404 404 403 404 404 403 404 403 403
studies:consent-withdraw                  GET    302 200 404 404 403 404 404 403 404 403 403
studies:consent-withdraw                  POST   302 422 404 404 403 404 404 403 404 403 403
studies:consent-copy                      GET    302 404 404 404 403 404 404 403 404 403 403
studies:guardian                          GET    200 200 200 200 200 200 200 200 200 200 200
studies:guardian                          POST   422 422 422 422 422 422 422 422 422 422 422
studies:consent-overview                  GET    302 403 403 404 403 404 403 403 200 200 200
studies:consent-text                      GET    302 403 403 404 403 404 403 403 403 200 200
studies:consent-text                      POST   302 403 403 404 403 404 403 403 403 422 422
studies:consent-countersign               POST   302 403 403 404 403 404 403 403 403 403 403
studies:my-data                           GET    302 200 404 404 403 404 404 403 404 403 403
studies:my-data-file                      POST   302 302 404 404 403 404 404 403 404 403 403
studies:erasure-ask                       GET    302 200 404 404 403 404 404 403 404 403 403
studies:erasure-ask                       POST   302 422 404 404 403 404 404 403 404 403 403
studies:privacy                           GET    302 403 403 404 403 404 403 403 200 200 200
studies:privacy                           POST   302 403 403 404 403 404 403 403 403 422 422
studies:erasure-decide                    GET    302 403 403 404 403 404 403 403 200 200 200
studies:erasure-decide                    POST   302 403 403 404 403 404 403 403 422 422 422
studies:study-export                      GET    302 403 403 404 403 404 403 200 403 200 200
studies:study-export                      POST   302 403 403 404 403 404 403 422 403 422 422
student-consent                           GET    403 200 404 404 403 404 404 403 404 403 403
student-consent                           POST   403 400 404 404 403 404 404 403 404 403 403
student-data                              GET    403 200 404 404 403 404 404 403 404 403 403
student-data                              POST   403 202 404 404 403 404 404 403 404 403 403
study-exports                             POST   403 403 403 404 403 404 403 400 403 400 400
student-erasure                           GET    403 200 404 404 403 404 404 403 404 403 403
student-erasure                           POST   403 400 404 404 403 404 404 403 404 403 403
study-consent                             GET    403 403 403 404 403 404 403 403 200 200 200
study-consent-texts                       GET    403 403 403 404 403 404 403 403 403 200 200
study-consent-texts                       POST   403 403 403 404 403 404 403 403 403 400 400
consent-countersign                       POST   403 403 403 404 403 404 403 403 403 403 403
study-privacy                             GET    403 403 403 404 403 404 403 403 200 200 200
study-privacy                             POST   403 403 403 404 403 404 403 403 403 400 400
study-deletions                           GET    403 403 403 404 403 404 403 403 200 200 200
study-erasures                            GET    403 403 403 404 403 404 403 403 200 200 200
erasure-decision                          POST   403 403 403 404 403 404 403 403 400 400 400
"""


def _copy(world: World) -> dict[str, object]:
    mine = world.people.participant
    return {"pk": mine.pk, "record_pk": mine.consent_records.get().pk}


def _countersign(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "record_pk": world.people.participant.consent_records.get().pk}


def _guardian(world: World) -> dict[str, object]:
    return {"token": guardian_token(ConsentRecord.objects.get(kind=KIND.ASSENT))}


def _request(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "request_pk": ErasureRequest.objects.get().pk}


def _answer(row: Participant, text: ConsentText, kind: str) -> None:
    scopes = list(SCOPES) if kind == KIND.GIVEN else []
    record = ConsentRecord.objects.create(participant=row, text=text, kind=kind, scopes=scopes, asked=["research"])
    ConsentStatus.objects.create(participant=row, record=record, kind=kind, **dict.fromkeys(scopes, True))


def prepare(world: World) -> None:
    """The student agreed, another waits for the guardian, a third asked to be erased."""
    of = world.people.study
    text = ConsentText.objects.create(
        study=of, version=1, title="Text", body="What you should know.", scopes=list(SCOPES), published_at=of.created_at
    )
    _answer(world.people.participant, text, KIND.GIVEN)
    minor, leaving = of.participants.exclude(user__in=[world.people.student, world.people.classmate]).order_by("pk")[:2]
    _answer(minor, text, KIND.ASSENT)
    ask(participant=leaving, by=leaving.user)


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "studies:consent": participant,
    "studies:consent-withdraw": participant,
    "studies:consent-copy": _copy,
    "studies:guardian": _guardian,
    "studies:consent-overview": study,
    "studies:consent-text": study,
    "studies:consent-countersign": _countersign,
    "studies:my-data": participant,
    "studies:erasure-ask": participant,
    "studies:privacy": study,
    "studies:erasure-decide": _request,
    "studies:study-export": study,
    "student-consent": participant,
    "student-data": participant,
    "study-exports": study,
    "consent-countersign": _countersign,
    "erasure-decision": _request,
}
