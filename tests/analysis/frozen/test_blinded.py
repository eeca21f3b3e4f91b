"""A blinded reader can't tell two studies apart whose groups are exchanged: same letters, same bytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from itertools import count
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from analysis.frozen.blinded import is_directed
from analysis.frozen.building import build
from analysis.frozen.renderings import further
from analysis.frozen.seen import frozen_for
from analysis.frozen.services import order_report
from analysis.frozen.snapshot import read_frozen
from analysis.models import AnalysisPlan, FrozenReport
from analysis.plans.document import Hypothesis
from analysis.plans.services import save_plan
from analysis.render.edition import edition_of
from analysis.render.formats import FORMATS
from studies.blinding import letters_of
from studies.models import AllocationList, Arm, Measurement, Membership, Outcome, Participant, TimePoint
from studies.randomise.stream import sha256_of
from studies.unblinding import unblind
from tests.analysis.plans.classes import hypothesis, plan
from tests.factory import make_injury, make_participant, make_staff, make_study, make_training_session, make_user

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import Study

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
HOURS = dt.date(2026, 3, 2)
SYMMETRIC = ("welch", "student", "ancova", "mann_whitney", "brunner_munzel", "randomisation")
ROWS = [
    *(hypothesis(key=test.replace("_", "-"), test=test, before="before") for test in SYMMETRIC),
    hypothesis(key="equal", test="equivalence", low=-1.5, high=1.5),
    hypothesis(key="not-worse", test="equivalence", low=-1.0),
    hypothesis(key="rates", test="poisson", outcome="injury-log", time_point=""),
]


def a_study(*, first_is_a: bool) -> Study:
    """Thirteen students in two groups of different means. `first_is_a`: which letter the study's first group has; the
    students under each letter are the same, so the other study is its mirror image.
    """
    study = make_study(title="Mirror", ended=True)
    Arm.objects.filter(study=study, key="a").update(key="experimental", name="With the coach")
    Arm.objects.filter(study=study, key="b").update(key="control", name="As ever")
    for number in count():
        study.blinding_seed = f"seed {number}"
        if (list(letters_of(study)) == ["experimental", "control"]) is first_is_a:
            break
    study.save()
    real = {letter: study.arms.get(key=key) for key, letter in letters_of(study).items()}
    before = TimePoint.objects.create(study=study, key="before", name="Before", position=0)
    after = TimePoint.objects.create(study=study, key="after", name="After", position=1)
    outcome = Outcome.objects.create(study=study, key="score", name="Score", unit="points", main_time_point=after)
    draw = AllocationList.objects.create(study=study, seed=1, arm_keys=["control", "experimental"], sha256="0" * 64)
    for number in range(13):
        arm = real["group-a" if number % 3 else "group-b"]
        student = make_participant(study, code=f"P{number:03d}")
        Participant.objects.filter(pk=student.pk).update(arm=arm, allocation=draw)
        at = make_training_session(student, held_on=HOURS, minutes=60 + 7 * number)
        if number % 4 == 0:
            make_injury(student, occurred_on=at.held_on)
        start = 4 + (7 * number % 5) / 3
        Measurement.objects.create(outcome=outcome, participant=student, time_point=before, value=start)
        if number != 5:
            gain = (11 * number % 7) / 7 + (1.4 if arm == real["group-a"] else 0.3)
            Measurement.objects.create(outcome=outcome, participant=student, time_point=after, value=start + gain)
    return study


def frozen(study: Study, *rows: dict[str, object], **more: object) -> FrozenReport:
    saved = save_plan(study=study, by=make_user(), plan=plan(*(rows or ROWS), gaps={"shifts": [-1.0]}, **more))
    AnalysisPlan.objects.filter(pk=saved.pk).update(saved_at=NOW)
    report = order_report(plan=saved, by=make_user())
    build(report.pk)
    report.refresh_from_db()
    assert report.state == "done"
    return report


@pytest.fixture
def mirrored(monkeypatch: pytest.MonkeyPatch) -> list[FrozenReport]:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    made = [frozen(a_study(first_is_a=first)) for first in (True, False)]
    monkeypatch.undo()
    return made


def plain(text: str) -> str:
    """A page without what differs between any two pages: numbers of rows, tokens, who is signed in, times."""
    for varies in (
        r"(?<=/)\d+(?=[/\"?])",
        r"(?<=eport )\d+|(?<=eports )\d+ and \d+|(?<=<th scope=\"col\">)\d+(?=</th>)",
        r'(csrfmiddlewaretoken" value|nonce)="[^"]*"',
        r"\b(user|First|Last)\d+\b",
        r"As of \d[^,]*, \d\d:\d\d|\d{4}-\d\d-\d\dT[\d:+]{8,}",
    ):
        text = re.sub(varies, "N", text)
    return text


def test_the_mirror_image_is_stored_as_the_same_bytes(mirrored: list[FrozenReport]) -> None:
    one, two = mirrored
    assert one.blinded_document == two.blinded_document
    assert (one.blinded_sha256, one.blinded_data_sha256) == (two.blinded_sha256, two.blinded_data_sha256)
    assert one.blinded_sha256 == sha256_of(one.blinded_document)
    assert one.document != two.document
    effects = [read_frozen(report.document).findings[0].primary.estimate for report in mirrored]
    assert effects[0] is not None
    assert effects[1] is not None
    assert effects[0].value == pytest.approx(-effects[1].value)
    assert one.sha256 not in one.blinded_document
    for secret in ("experimental", "control", "With the coach", "As ever"):
        assert secret not in one.blinded_document


def test_every_page_and_answer_is_the_same_to_a_researcher(client: Client, mirrored: list[FrozenReport]) -> None:
    pages: list[list[str]] = []
    for report in mirrored:
        client.force_login(make_staff(report.study, Membership.Role.RESEARCHER))
        addresses = [
            reverse("analysis:frozen", args=[report.pk]),
            *(reverse("analysis:frozen-values", args=[report.pk, row["key"]]) for row in ROWS),
            reverse("analysis:frozen-person", args=[report.pk, "P003"]),
            *(reverse("analysis:frozen-file", args=[report.pk, kind]) for kind in ("json", "csv")),
            reverse("frozen-report-snapshot", args=[report.pk]),
            reverse("analysis:reports-compare", args=[report.study_id]) + f"?first={report.pk}&second={report.pk}",
            reverse("analysis:ask", args=[report.study_id])
            + "?question=average&outcome=score&time_point=after&before=before",
            reverse("analysis:report", args=[report.study_id]),
        ]
        texts = []
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            texts.append(plain(answer.content.decode()))
        told = client.get(reverse("frozen-report", args=[report.pk])).json()
        texts.append(str((told["sha256"], told["data_sha256"])))
        shown = "".join(texts)
        assert "Group A minus Group B" in shown
        assert told["sha256"] == report.blinded_sha256
        assert not any(hidden in shown for hidden in (report.sha256, report.data_sha256))
        pages.append(texts)
    for one, two in zip(*pages, strict=True):
        assert one.splitlines() == two.splitlines()


def test_every_file_is_the_same_to_a_researcher(mirrored: list[FrozenReport]) -> None:
    found = []
    for report in mirrored:
        reader = make_staff(report.study, Membership.Role.RESEARCHER)
        whole, labels = frozen_for(reader, report)
        edition = edition_of(whole.report, further=list(further(whole, labels)))
        found.append({kind.key: kind.make(edition) for kind in FORMATS.values()})
    assert found[0] == found[1]
    with zipfile.ZipFile(io.BytesIO(found[0]["bundle"])) as bundle:
        text = b"".join(
            bundle.read(name) for name in bundle.namelist() if name.endswith((".json", ".csv", ".R", ".sps"))
        )
    assert b"experimental" not in text
    assert b"group-a" in text


def test_what_treats_one_group_otherwise_is_withheld_with_a_reason_until_the_unblinding(
    client: Client, mirrored: list[FrozenReport]
) -> None:
    report = mirrored[0]
    whole, blinded = read_frozen(report.document), read_frozen(report.blinded_document)
    for own, seen in zip(whole.findings, blinded.findings, strict=True):
        assert own.primary.p is not None
        assert (seen.primary.p is None) is (own.key == "not-worse")
        assert (seen.adjusted, seen.rejected) == (None, None)
        shifted = [row for row in seen.further if row.handling == "imputed_shifted"]
        assert len(shifted) == sum(row.handling == "imputed_shifted" for row in own.further)
        assert all((row.p, row.estimate, dict(row.detail)) == (None, None, {}) for row in shifted)
        assert all(row.problems[0].code == "withheld" for row in shifted)
    client.force_login(make_staff(report.study, Membership.Role.RESEARCHER))
    address = reverse("analysis:frozen", args=[report.pk])
    text = client.get(address).content.decode()
    assert "Withheld until the study is unblinded" in text
    assert "What is rejected is withheld" in text
    unblind(study=report.study, by=make_staff(report.study, Membership.Role.OWNER), reason="Done")
    text = client.get(address).content.decode()
    assert "With the coach minus As ever" in text
    assert "ithheld" not in text
    assert report.sha256 in text


def test_nothing_is_withheld_of_a_plan_that_treats_all_groups_alike() -> None:
    report = frozen(
        a_study(first_is_a=False), hypothesis(), hypothesis(key="equal", test="equivalence", low=-1.5, high=1.5)
    )
    for own, seen in zip(*(read_frozen(x).findings for x in (report.document, report.blinded_document)), strict=True):
        assert own.primary.p == pytest.approx(seen.primary.p)
        assert own.rejected == seen.rejected


@pytest.mark.parametrize(
    ("low", "high", "directed"), [(-1.0, 1.0, False), (-1.0, 2.0, True), (-1.0, None, True), (None, 1.0, True)]
)
def test_bounds_are_directed_unless_they_are_the_same_both_ways(
    low: float | None, high: float | None, *, directed: bool
) -> None:
    row = Hypothesis("h", "?", "", "score", "equivalence", low=low, high=high)
    assert is_directed(row) is directed


def test_a_report_of_before_the_letters_opens_when_the_study_is_unblinded(client: Client) -> None:
    study = a_study(first_is_a=True)
    study.unblinded_at = timezone.now()
    study.save()
    report = frozen(study, hypothesis())
    assert (report.blinded_document, report.blinded_sha256) == ("", "")
    study.unblinded_at = None  # as if it had been made by the version before
    study.save()
    client.force_login(make_staff(study, Membership.Role.RESEARCHER))
    text = client.get(reverse("analysis:frozen", args=[report.pk])).content.decode()
    assert "This report opens when the study is unblinded" in text
    assert report.sha256 not in text
    for name, args in (("frozen-file", ["json"]), ("frozen-values", ["h1"]), ("frozen-person", ["P001"])):
        assert client.get(reverse(f"analysis:{name}", args=[report.pk, *args])).status_code == 404
    assert client.get(reverse("frozen-report-snapshot", args=[report.pk])).status_code == 404
    assert client.post(reverse("analysis:frozen-make", args=[report.pk]), {"format": "md"}).status_code == 404


def test_what_the_blinded_read_is_as_frozen_as_the_rest(mirrored: list[FrozenReport]) -> None:
    for field in ("blinded_document", "blinded_sha256", "blinded_data_sha256"):
        with pytest.raises(DatabaseError), transaction.atomic():
            FrozenReport.objects.filter(pk=mirrored[0].pk).update(**{field: "other"})
