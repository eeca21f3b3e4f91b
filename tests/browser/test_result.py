"""The result page: the video is the clock, and panel, graph and table follow it and move it."""

from __future__ import annotations

import bisect
import itertools
from typing import TYPE_CHECKING

import pytest
from django.core.files import File
from playwright.sync_api import expect

from coaching.pipeline import run_analysis
from coaching.services import start_run, submit_video
from tests.browser.analysed import make_result
from tests.factory import make_personas

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.analysed import Analysed
    from tests.browser.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def result(sign_in: SignIn, analysed: Analysed) -> Page:
    """The student's own result, loaded."""
    people = make_personas()
    session = make_result(people.participant, analysed)
    page = sign_in(people.student)
    page.goto(f"/sessions/{session.pk}/")
    page.locator("[data-ready]").wait_for()
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    return page


def time_of(page: Page) -> float:
    seconds: float = page.evaluate("() => document.querySelector('video').currentTime")
    return seconds


def wait_for_time(page: Page, seconds: float, within: float = 0.1) -> None:
    page.wait_for_function(
        "([at, within]) => { const v = document.querySelector('video');"
        " return !v.seeking && Math.abs(v.currentTime - at) < within; }",
        arg=[seconds, within],
    )


def shown_at(analysed: Analysed, seconds: float) -> int:
    """Index of the sample that belongs to the picture shown at this time."""
    times: list[float] = analysed.series["time_s"]
    return max(0, bisect.bisect_right(times, seconds + 0.002) - 1)


def panel(page: Page, name: str) -> Locator:
    return page.locator(f"[data-panel={name}]")


def test_clicking_the_graph_moves_the_video_and_the_panel_shows_that_moment(result: Page, analysed: Analysed) -> None:
    plot = result.locator(".u-over")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    first, last = analysed.series["time_s"][0], analysed.series["time_s"][-1]
    second_lockout = analysed.document["reps"][1]["lockout_s"]
    share = (second_lockout - first) / (last - first)
    plot.click(position={"x": share * box["width"], "y": box["height"] / 2})
    wait_for_time(result, second_lockout, within=0.15)
    i = shown_at(analysed, time_of(result))
    p_up = analysed.series["p_up"][i]
    expect(panel(result, "class")).to_have_text("up")
    expect(panel(result, "prob")).to_have_text(f"{p_up:.2f}")
    expect(panel(result, "reps")).to_have_text(str(analysed.series["rep_count"][i]))


def test_arrow_keys_on_the_graph_step_one_frame_and_page_keys_one_second(result: Page, analysed: Analysed) -> None:
    times = analysed.series["time_s"]
    slider = result.get_by_role("slider", name="Moment in the video")
    slider.focus()
    result.keyboard.press("PageUp")
    wait_for_time(result, 1.0)
    before = time_of(result)
    result.keyboard.press("ArrowRight")
    step = sorted(b - a for a, b in itertools.pairwise(times))[len(times) // 2]
    wait_for_time(result, before + step, within=0.01)
    result.keyboard.press("Home")
    wait_for_time(result, 0.0)
    expect(slider).to_have_attribute("aria-valuenow", "0.00")


def test_the_panel_follows_the_playing_video(result: Page, analysed: Analysed) -> None:
    """From before the first lockout to after it, REPS goes from 0 to 1 and CLASS through both values."""
    rep = analysed.document["reps"][0]
    result.evaluate(f"() => {{ document.querySelector('video').currentTime = {rep['start_s']}; }}")
    expect(panel(result, "reps")).to_have_text("0")
    expect(panel(result, "class")).to_have_text("down")
    result.get_by_role("slider", name="Moment in the video").press(" ")
    expect(panel(result, "class")).to_have_text("up", timeout=15_000)
    expect(panel(result, "reps")).to_have_text("1", timeout=15_000)
    assert time_of(result) > rep["start_s"]


def test_a_repetition_s_button_plays_it_and_its_row_is_marked(result: Page, analysed: Analysed) -> None:
    second = analysed.document["reps"][1]
    result.get_by_role("button", name="Play repetition 2").click()
    result.wait_for_function(f"() => document.querySelector('video').currentTime >= {second['start_s']}")
    assert not result.evaluate("() => document.querySelector('video').paused")
    expect(result.locator("tr[data-rep='2']")).to_contain_class("is-current")
    expect(result.locator("tr[data-rep='1']")).not_to_contain_class("is-current")


def test_a_cue_shows_its_frame_and_stands_still(result: Page, analysed: Analysed) -> None:
    shown = [cue for cue in analysed.document["feedback"] if cue["at_s"] is not None]
    assert shown, "the simulated fault gave no cue with a frame"
    result.locator(".cue button").first.click()
    wait_for_time(result, shown[0]["at_s"])
    assert result.evaluate("() => document.querySelector('video').paused")


def test_the_moment_of_a_cue_plays_and_stops_by_itself(result: Page, analysed: Analysed) -> None:
    cue = analysed.document["feedback"][0]
    result.get_by_role("button", name="Play the moment").first.click()
    result.wait_for_function(
        "([from, to]) => { const v = document.querySelector('video');"
        " return v.paused && v.currentTime >= to && v.currentTime < to + 0.5; }",
        arg=[cue["from_s"], cue["to_s"]],
    )
    # Played on by hand it does not stop there again.
    result.get_by_role("slider", name="Moment in the video").press(" ")
    result.wait_for_function(f"() => document.querySelector('video').currentTime > {cue['to_s'] + 0.6}")


def test_a_cue_stands_beside_two_pictures_of_the_film(result: Page) -> None:
    pictures = result.locator(".cue__picture img")
    expect(pictures).to_have_count(2)
    for i in range(2):
        pictures.nth(i).scroll_into_view_if_needed()
        result.wait_for_function(f"() => document.querySelectorAll('.cue__picture img')[{i}].naturalWidth === 480")


def test_what_the_view_hides_is_said_in_words(result: Page, analysed: Analysed) -> None:
    hidden = [fault for fault in analysed.document["reps"][0]["faults"] if not fault["observable"]]
    assert hidden, "a side view hides the frontal faults"
    row = result.locator("tr[data-rep='1']")
    row.locator("summary").click()
    expect(row.get_by_text("not observable from this view")).to_have_count(len(hidden))
    stance = result.locator("[data-form=stance]")
    assert not analysed.document["stance"]["observable"]
    expect(stance).to_contain_text("Not observable from this view")


def test_without_scripts_the_result_still_stands(browser_without_scripts: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    session = make_result(people.participant, analysed)
    page = browser_without_scripts(people.student)
    page.goto(f"/sessions/{session.pk}/")
    expect(page.locator("tr[data-rep]")).to_have_count(len(analysed.document["reps"]))
    expect(page.get_by_role("button", name="Play repetition 1")).to_have_count(0)


def test_a_researcher_follows_the_curves_without_the_film(sign_in: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    session = make_result(people.participant, analysed)
    page = sign_in(people.researcher)
    page.goto(f"/sessions/{session.pk}/")
    page.locator("[data-ready]").wait_for()
    assert page.locator("video").count() == 0
    page.get_by_role("slider", name="Moment in the video").focus()
    page.keyboard.press("PageUp")
    i = shown_at(analysed, 1.0)
    expect(panel(page, "reps")).to_have_text(str(analysed.series["rep_count"][i]))
    expect(page.locator("[data-time]")).to_have_text("0:01.0")
    expect(page.get_by_text(people.student.last_name)).to_have_count(0)


def test_the_control_arm_plays_its_film_and_sees_nothing_of_the_judgement(sign_in: SignIn, analysed: Analysed) -> None:
    """The film is MPEG-4 part 2, which no browser plays. Uploaded and analysed as a worker does it."""
    people = make_personas()
    own = people.study.participants.get(user=people.classmate)
    with analysed.film.open("rb") as film:
        session = submit_video(participant=own, uploaded_by=people.classmate, file=File(film), name="set.mp4")
    run_analysis(start_run(session).pk)
    page = sign_in(people.classmate)
    page.goto(f"/sessions/{session.pk}/")
    expect(page.get_by_role("heading", name="Your set is recorded")).to_be_visible()
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    shown = page.evaluate("() => { const v = document.querySelector('video'); return [v.videoWidth, v.videoHeight]; }")
    assert shown == [360, 480]
    page.evaluate("() => document.querySelector('video').play()")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
    expect(page.get_by_role("link", name="download it")).to_be_hidden()
    text = page.locator("main").inner_text().lower()
    for word in ("correct", "repetition", "prob", "stance", "lean", "json", "control"):
        assert word not in text
