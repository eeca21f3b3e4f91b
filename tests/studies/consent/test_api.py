"""A study's consent and promises about data for programs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from studies.consent import default_text
from studies.models import ConsentText, ErasureRequest, Membership, Participant, PrivacyPolicy
from studies.tokens.services import make_token
from tests.factory import make_staff
from tests.programs import code_of, get, made, post
from tests.studies.consent.people import agree, asking_study, student_of

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def test_counts_of_fewer_than_five_are_not_told_and_names_not_before_their_day(client: Client) -> None:
    study, owner, text = asking_study(consent_visible_from=timezone.localdate() + dt.timedelta(days=1))
    students = [student_of(study) for _student in range(8)]
    for student in students[:6]:
        agree(student, text)
    found = get(client, owner, "study-consent", study.pk)
    answers = {row["key"]: row["students"] for row in found["answers"]}
    assert (found["students"], answers["given"], answers[""], answers["declined"]) == (8, None, None, 0)
    assert (found["text_version"], found["answered"]) == (1, None)
    for student in students[6:]:
        agree(student, text, ["research"])
    found = get(client, owner, "study-consent", study.pk)
    assert {row["key"]: row["students"] for row in found["answers"]}["given"] == 8
    scopes = {row["key"]: row["students"] for row in found["scopes"]}
    assert (scopes["research"], scopes["teaching"]) == (8, None)  # 6 and 2
    PrivacyPolicy.objects.update(consent_visible_from=timezone.localdate())
    shown = get(client, owner, "study-consent", study.pk)["answered"]
    row = next(row for row in shown if row["code"] == students[7].code)
    assert (row["name"], row["answer"], row["scopes"]) == (students[7].user.get_full_name(), "given", ["research"])
    officer = make_staff(study, Membership.Role.OFFICER)
    assert get(client, officer, "study-consent", study.pk)["answered"] is None
    sign = ("consent-countersign", study.pk, row["record"])
    made_ = post(client, owner, *sign)
    assert made_.status_code == 204
    assert code_of(post(client, owner, *sign)) == "not_to_countersign"


def test_a_text_is_drafted_published_and_changed_as_a_new_version(client: Client) -> None:
    study, owner, _text = asking_study()
    texts = ("study-consent-texts", study.pk)
    draft, published = get(client, owner, *texts)
    assert (draft["version"], draft["edits"], draft["published_at"]) == (2, 0, None)
    assert (published["version"], published["sha256"]) == (1, ConsentText.objects.get().sha256)
    words: dict[str, Any] = {
        "title": "Our study",
        "body": str(default_text.BODY),
        "scopes": ["video_kept"],
        "seen_edits": 0,
    }
    saved = made(post(client, owner, *texts, **words))
    assert (saved["edits"], saved["scopes"], saved["published_at"]) == (1, ["research", "video_kept"], None)
    assert code_of(post(client, owner, *texts, **words)) == "changed_meanwhile"
    assert code_of(post(client, owner, *texts, **words | {"body": "Short.", "seen_edits": 1})) == "text_too_short"
    done = made(post(client, owner, *texts, **words | {"seen_edits": 1, "publish": True}))
    assert (done["version"], len(done["sha256"])) == (2, 64)


def test_promises_change_and_nobody_overwrites_them_unseen(client: Client) -> None:
    study, owner, _text = asking_study(video_days=100, pose_days=200)
    privacy = ("study-privacy", study.pk)
    before = get(client, owner, *privacy)
    assert (before["video_days"], before["version"]) == (100, 1)
    saved = made(post(client, owner, *privacy, seen_version=1, video_days=50), 200)
    assert (saved["video_days"], saved["pose_days"], saved["consent_required"], saved["version"]) == (50, 200, True, 2)
    assert code_of(post(client, owner, *privacy, seen_version=1, video_days=60)) == "changed_meanwhile"
    assert code_of(post(client, owner, *privacy, seen_version=2, video_days=300)) == "order_of_classes"
    assert made(post(client, owner, *privacy, seen_version=2, record_days=None), 200)["record_days"] is None


def test_a_student_asks_to_be_erased_and_a_person_decides(client: Client) -> None:
    study, owner, _text = asking_study()
    student = student_of(study)
    erasure = ("student-erasure", student.pk)
    assert post(client, student.user, *erasure, sure=False).status_code == 400
    asked = made(post(client, student.user, *erasure, sure=True))
    assert code_of(post(client, student.user, *erasure, sure=True)) == "already_asked"
    assert get(client, owner, "study-erasures", study.pk, query="?open=true")["results"] == [asked]
    decision = {"decision": "all", "lawful_basis": "Art. 17(1)(b) GDPR", "reason": "Consent was withdrawn."}
    _token, key = make_token(user=owner, name="A program", scopes=["write:studies"], days=1)
    url = reverse("erasure-decision", args=[study.pk, asked["id"]])
    client.logout()
    by_key = client.post(url, decision, "application/json", headers={"Authorization": f"Bearer {key}"})
    assert by_key.status_code == 403
    assert ErasureRequest.objects.get().decision == ""
    short = post(client, owner, "erasure-decision", study.pk, asked["id"], **decision | {"reason": "No."})
    assert code_of(short) == "reason_missing"
    done = made(post(client, owner, "erasure-decision", study.pk, asked["id"], **decision), 200)
    assert done["decision"] == "all"
    assert Participant.objects.get(pk=student.pk).user.last_name == ""
    assert get(client, owner, "study-deletions", study.pk)["count"] == 0  # there was no file
    assert get(client, owner, "study-erasures", study.pk, query="?open=true")["count"] == 0
