"""The pages of plans and reports: who reads what, by which names, and that every look and file is written down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

import studies.access
from analysis.frozen import chain
from analysis.frozen.building import build
from analysis.frozen.services import mark_withdrawn, order_report
from analysis.frozen.snapshot import read_frozen
from analysis.models import AnalysisPlan, FrozenReport
from analysis.plans.services import save_plan
from coaching.models import AnalysisRun, Assessment, RepetitionReview, Session
from studies.models import AccessRecord, AuditEntry, Measurement, Membership
from studies.randomise.stream import sha256_of
from tests.analysis.plans.classes import forget, hypothesis, measured_class, plan
from tests.factory import make_staff, make_user

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from studies.models import Participant, Study, User

    Measured = tuple[Study, list[Participant], User]

pytestmark = pytest.mark.django_db
SEEN = {"question": "average", "outcome": "score", "time_point": "after", "before": "before", "margin": ""}


def frozen(study: Study, *rows: dict[str, object], **more: object) -> FrozenReport:
    saved = save_plan(study=study, by=make_user(), plan=plan(*rows, **more))
    report = order_report(plan=saved, by=make_user())
    build(report.pk)
    report.refresh_from_db()
    return report


def page(client: Client, name: str, *args: object, **query: str | int) -> str:
    response = client.get(reverse(f"analysis:{name}", args=args), query)
    assert response.status_code == 200, response.content[-500:]
    return response.content.decode()


@pytest.fixture
def measured(client: Client) -> Measured:
    study, students = measured_class()
    instructor = make_staff(study, Membership.Role.INSTRUCTOR)
    client.force_login(instructor)
    return study, students, instructor


def test_the_report_shows_plot_words_tables_and_assumptions_in_this_order(client: Client, measured: Measured) -> None:
    study, students, _by = measured
    forget(students[0])
    text = page(client, "frozen", frozen(study).pk)
    parts = ("<svg viewBox", "Difference of the means", "with the interval of each mean", "They never change the test")
    order = [text.index(part) for part in parts]
    assert order == sorted(order)
    assert "1 student is not in this test: trained, but was not measured: 1." in text
    assert "nothing here is pre-registered" in text
    assert "Arm a minus Arm b" in text


def test_every_number_leads_to_values_and_from_there_to_student_film_run_and_model(
    client: Client, measured: Measured
) -> None:
    study, students, by = measured
    session = Session.objects.create(participant=students[0], container="mov", video="x.mp4", stored_sha256="0" * 64)
    run = AnalysisRun.objects.create(session=session, state="done", pipeline_version="p7")
    assessment = Assessment.objects.create(
        run=run, document={"model": {"name": "reps", "version": "3"}}, model_sha256="ab" * 32, rep_count=5
    )
    RepetitionReview.objects.create(
        session=session,
        assessment=assessment,
        number=1,
        reviewer=by,
        decision="correct",
        start_s=0,
        lockout_s=1,
        end_s=2,
    )
    report = frozen(study)
    values = reverse("analysis:frozen-values", args=[report.pk, "h1"])
    person = reverse("analysis:frozen-person", args=[report.pk, students[0].code])
    assert values in page(client, "frozen", report.pk)
    assert person in page(client, "frozen-values", report.pk, "h1")
    shown = page(client, "frozen-person", report.pk, students[0].code)
    for part in ("reps 3", "ab" * 32, "p7", reverse("coaching:session", args=[session.pk])):
        assert part in shown
    looks = AccessRecord.objects.filter(user=by, participant=students[0]).values_list("what", "object_id")
    assert ("what stands behind a report", str(report.pk)) in looks


def test_names_are_nowhere_on_the_reports_pages(client: Client, measured: Measured) -> None:
    study, students, _by = measured
    report = frozen(study)
    client.force_login(make_staff(study, Membership.Role.RESEARCHER))
    for name, args in (("frozen", ()), ("frozen-values", ("h1",)), ("frozen-person", (students[0].code,))):
        text = page(client, name, report.pk, *args)
        assert students[0].user.last_name not in text


def test_a_file_is_the_snapshot_and_is_written_down(client: Client, measured: Measured) -> None:
    study, students, by = measured
    report = frozen(study)
    response = client.get(reverse("analysis:frozen-file", args=[report.pk, "json"]))
    assert sha256_of(response.content.decode()) == report.sha256
    csv = client.get(reverse("analysis:frozen-file", args=[report.pk, "csv"])).content.decode()
    assert sha256_of(csv) == read_frozen(report.document).report.provenance.data_sha256
    assert csv.count("\n") == 13
    assert AuditEntry.objects.filter(kind="exported", actor=by).count() == 2
    assert AccessRecord.objects.filter(user=by, participant=students[3]).exists()
    assert client.get(reverse("analysis:frozen-file", args=[report.pk, "exe"])).status_code == 404


def test_a_blinded_reader_sees_neither_names_nor_keys_in_pages_and_files(
    client: Client,
) -> None:
    study, students = measured_class(20)
    study.arms.filter(key="a").update(key="experimental", name="With the coach")
    study.arms.filter(key="b").update(key="control", name="As ever")
    forget(students[0])
    tests = ("welch", "ancova", "anova", "kruskal_wallis", "randomisation")
    rows = [hypothesis(key=test.replace("_", "-"), test=test, before="before") for test in tests]
    rows.append(hypothesis(key="rates", test="poisson", outcome="injury-log", time_point=""))
    report = frozen(study, *rows)
    client.force_login(make_staff(study, Membership.Role.RESEARCHER))
    texts = [page(client, "frozen", report.pk), page(client, "frozen-values", report.pk, "welch")]
    texts += [page(client, "frozen-person", report.pk, students[1].code), page(client, "ask", study.pk, **SEEN)]
    for kind in ("json", "csv"):
        texts.append(client.get(reverse("analysis:frozen-file", args=[report.pk, kind])).content.decode())
    for text in texts:
        for secret in ("experimental", "control", "With the coach", "As ever"):
            assert secret not in text.replace("Cache-Control", "").replace("access-control", ""), secret
    document = json.loads(texts[4])
    assert sorted({person["arm"] for person in document["data"]["people"]}) == ["group-a", "group-b"]
    assert document["data"]["design"] == {}


def test_whoever_is_not_blinded_reads_the_groups_names(client: Client) -> None:
    study, _students = measured_class()
    report = frozen(study)
    study.unblinded_at = timezone.now()
    study.save()
    client.force_login(make_staff(study, Membership.Role.RESEARCHER))
    assert "Arm a minus Arm b" in page(client, "frozen", report.pk)
    text = client.get(reverse("analysis:frozen-file", args=[report.pk, "json"])).content.decode()
    assert sha256_of(text) == report.sha256


def test_a_withdrawal_is_counted_and_the_chain_ends_without_a_name(client: Client, measured: Measured) -> None:
    study, students, _by = measured
    report = frozen(study)
    mark_withdrawn(students[0])
    text = page(client, "frozen", report.pk)
    assert "Based on data since withdrawn: 1 student" in text
    assert students[0].code not in text
    assert "data since withdrawn" in page(client, "reports", study.pk)
    shown = page(client, "frozen-person", report.pk, students[0].code)
    assert "withdrawn or erased since" in shown
    assert reverse("studies:participant", args=[students[0].pk]) not in shown


def test_two_reports_are_compared_by_data_plan_and_numbers(client: Client, measured: Measured) -> None:
    study, students, _by = measured
    first = frozen(study)
    Measurement.objects.filter(participant=students[0], time_point__key="after").update(value=9)
    second = frozen(study, hypothesis(test="student"))
    text = page(client, "reports-compare", study.pk, first=first.pk, second=second.pk)
    assert "with another record: 1, of which measured values: 1" in " ".join(text.split())
    assert "hypotheses.h1.test" in text
    assert "badge--warn" in text
    same = page(client, "reports-compare", study.pk, first=first.pk, second=first.pk)
    assert "The same, to every digit." in same
    assert "badge--warn" not in same
    other, _students = measured_class()
    url = reverse("analysis:reports-compare", args=[study.pk])
    assert client.get(url, {"first": first.pk, "second": frozen(other).pk}).status_code == 404
    assert client.get(url, {"first": "x", "second": "9" * 40}).status_code == 404


def test_a_plan_goes_out_and_comes_in_as_a_file(client: Client, measured: Measured) -> None:
    study, _students, _by = measured
    url = reverse("analysis:plan", args=[study.pk])
    draft = client.get(reverse("analysis:plan-file", args=[study.pk, 0]))
    document = json.loads(draft.content)
    assert document["hypotheses"][0]["outcome"] == "score"

    def send(document: object, version: int) -> int:
        file = SimpleUploadedFile("plan.json", json.dumps(document).encode())
        return client.post(url, {"file": file, "reason": "", "seen_version": version}).status_code

    assert send(document, 0) == 302
    assert client.get(reverse("analysis:plan-file", args=[study.pk, 1])).content == draft.content
    assert send(document | {"alpha": 0.01}, 0) == 422  # somebody else's version 1 was not seen
    document["hypotheses"][0]["outcome"] = "strength"
    file = SimpleUploadedFile("plan.json", json.dumps(document).encode())
    response = client.post(url, {"file": file, "reason": "", "seen_version": 1})
    assert response.status_code == 422
    assert "hypotheses[0].outcome: The plan names the outcome “strength”" in response.content.decode()
    assert AnalysisPlan.objects.count() == 1


def test_a_question_in_plain_words_is_answered_and_can_be_planned(client: Client, measured: Measured) -> None:
    study, _students, by = measured
    text = page(client, "ask", study.pk, **SEEN)
    assert "This question is not in the plan" in text
    assert text.index("<svg viewBox") < text.index("Difference of the means")
    assert AccessRecord.objects.filter(user=by, what="answers by group").count() == 12
    url = reverse("analysis:ask", args=[study.pk])
    assert client.post(url, SEEN | {"seen_version": 0}).status_code == 302
    (row,) = AnalysisPlan.objects.get(study=study).document["hypotheses"]
    assert (row["test"], row["outcome"], row["time_point"]) == ("welch", "score", "after")
    assert "This question is in the plan." in page(client, "ask", study.pk, **SEEN)
    assert client.post(url, SEEN | {"seen_version": 1}).status_code == 422  # it is there already


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"question": "injuries"}, "outcome"),
        ({"question": "good-as"}, "margin"),
        ({"question": "equal-start", "before": "after"}, "before"),
        ({"outcome": "strength"}, "outcome"),
        ({"question": "good-as", "margin": "nan"}, "margin"),
    ],
)
def test_a_question_that_makes_no_sense_says_which_field(change: dict[str, str], field: str, client: Client) -> None:
    study, _students = measured_class(4)
    client.force_login(make_staff(study, Membership.Role.INSTRUCTOR))
    response = client.get(reverse("analysis:ask", args=[study.pk]), SEEN | change)
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in response.content.decode()


def test_each_question_has_an_answer(client: Client, measured: Measured) -> None:
    study, _students, _by = measured
    for question in ("average", "more-often", "equal-start", "good-as", "draw"):
        text = page(client, "ask", study.pk, **SEEN | {"question": question, "margin": "5"})
        assert "p &lt; " in text or "p = " in text, question
        assert "as planned" not in text
        assert "rejected" not in text


def test_a_waiting_report_shows_how_far_it_is_and_a_failed_one_why(client: Client, measured: Measured) -> None:
    study, _students, _by = measured
    saved = save_plan(study=study, by=None, plan=plan())
    report = order_report(plan=saved, by=make_user())
    assert "Waiting for its turn" in page(client, "frozen", report.pk)
    assert client.get(reverse("analysis:frozen-file", args=[report.pk, "json"])).status_code == 404
    study.outcomes.update(key="other")
    build(report.pk)
    assert client.get(reverse("analysis:frozen-status", args=[report.pk])).headers["HX-Refresh"] == "true"
    text = page(client, "frozen", report.pk)
    assert "names an outcome that this study has no more" in text
    assert client.post(reverse("analysis:frozen-again", args=[report.pk])).status_code == 302
    assert FrozenReport.objects.count() == 2


@pytest.mark.parametrize("count", [2, 6])
def test_the_list_costs_the_same_for_any_number_of_reports(
    count: int, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    study, _students = measured_class(4)
    for _number in range(count):
        frozen(study)
    client.force_login(make_staff(study, Membership.Role.OWNER))
    with django_assert_max_num_queries(12):
        text = page(client, "reports", study.pk)
    newest, oldest = (f'href="{reverse("analysis:frozen", args=[pk])}"' for pk in _ends(study))
    assert text.index(newest) < text.index(oldest)


def _ends(study: Study) -> tuple[int, int]:
    pks = sorted(FrozenReport.objects.filter(study=study).values_list("pk", flat=True))
    return pks[-1], pks[0]


def test_an_instructor_of_one_section_follows_only_its_students(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, students = measured_class()
    report = frozen(study)
    client.force_login(make_staff(study, Membership.Role.INSTRUCTOR))
    mine = students[0]
    real = studies.access.students_of
    monkeypatch.setattr(chain, "students_of", lambda user, study: real(user, study).filter(pk=mine.pk))
    text = page(client, "frozen-values", report.pk, "h1")
    assert reverse("analysis:frozen-person", args=[report.pk, mine.code]) in text
    other = reverse("analysis:frozen-person", args=[report.pk, students[1].code])
    assert other not in text
    assert client.get(other).status_code == 404
