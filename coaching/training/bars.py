"""The bars that the coach is held to, one line each: what was asked, what was measured, and on whom.

Everything is measured on people, bodies and films that taught nothing to what is judged. A bar whose data are not there
is left out, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from coaching.simulator import Camera, Faults, LiftSpec, simulate
from coaching.simulator.faults import FAULT_NAMES
from coaching.simulator.spec import Style
from coaching.simulator.track import truth_track
from coaching.training.dataset import assemble
from coaching.training.evaluate import COMBINED, SHIPPED_REGIME
from coaching.training.figures import WITHIN_PERSON, figures
from coaching.training.judge import form_words
from coaching.training.labels import UNKNOWN
from coaching.training.landmark_tables import read_tables
from coaching.training.metrics import auc, balanced_accuracy, bootstrap
from coaching.training.outlines import simulated_outline
from coaching.training.sampling import draw_body, draw_sets
from coaching.training.sequences import judge_form, judge_sequence
from coaching.training.simulated import truth_examples
from coaching.training.tables import Finding, frame_findings
from coaching.vision.classifier import Classifier
from coaching.vision.coach import analyse
from coaching.vision.evaluation.real import evaluate_clips, read_truth, track_of_clip
from coaching.vision.layouts import LAYOUTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from coaching.simulator import Lift
    from coaching.training.dataset import Dataset
    from coaching.training.evaluate import Evaluation
    from coaching.training.metrics import Estimate
    from coaching.vision.types import View

CONFIDENT = 0.75
GROSS = 0.8
# From where each style is looked at, and the fault that is put in.
STYLE_VIEWS: dict[View, tuple[float, str]] = {
    "front": (5.0, "lean_left"),
    "oblique": (45.0, "rounded_upper_back"),
    "side": (88.0, "rounded_upper_back"),
}
FRAME_BARS = {"stance": "balanced accuracy", "lean": "balanced accuracy", "phase": "F1 of up"}
SEQUENCES = {"kinect": "kinect17", "labels/sequences_openpose25_abc.npz": "body25"}


@dataclass(frozen=True, slots=True)
class Bar:
    """met is None where the figure has no bar of its own. figure: with its interval where there is one."""

    what: str
    figure: str
    asked: str
    met: bool | None
    on: str

    def line(self) -> str:
        word = {None: "", True: "met", False: "MISSED"}[self.met]
        return f"{word:7} {self.what}: {self.figure}{f' ({self.asked})' if self.asked else ''}; {self.on}"


def bars(evaluation: Evaluation, dataset: Dataset, data: Path, tracks: Path, models: Path) -> Iterator[Bar]:
    """All bars, those of the labelled tables first. `tracks`: where skeletons of the clips are kept."""
    if (data / "labels").is_dir():
        yield from frame_bars(data / "labels")
    if (data / "videos").is_dir():
        yield from count_bars(data / "videos", tracks)
        yield negative_bar(data / "videos", tracks, models)
    yield from form_bars(evaluation)
    for place, layout in SEQUENCES.items():
        if (data / place).exists():
            yield sequence_bar(data / place, layout, models)
    yield from fault_bars(dataset)
    yield from style_bars(models)


def measured_anew(data: Path, tracks: Path, models: Path, people: int) -> Iterator[Bar]:
    """The bars for which nothing is trained and no film is rendered. people: simulated skeletons, as in `build`."""
    if (data / "labels").is_dir():
        yield from frame_bars(data / "labels")
    if (data / "videos").is_dir():
        yield from count_bars(data / "videos", tracks)
        yield negative_bar(data / "videos", tracks, models)
    for place, layout in SEQUENCES.items():
        if (data / place).exists():
            yield sequence_bar(data / place, layout, models)
    sets = [one for drawn in draw_sets("truth", people) for one in truth_examples(drawn, variants=1)]
    yield from fault_bars(assemble(sets))
    yield from style_bars(models)


def frame_bars(labels: Path) -> Iterator[Bar]:
    """Stance, lean and phase of each landmark source, learned without it."""
    for found in frame_findings(labels):
        wanted = found.figure == FRAME_BARS[found.task] and not found.note
        shipped = found.learned == "as shipped" and found.task != "phase" and found.figure == FRAME_BARS[found.task]
        if (wanted and found.tested not in found.learned) or shipped:
            yield _finding_bar(found)


def _finding_bar(found: Finding) -> Bar:
    least = 0.95
    name = f"{found.task}, {found.tested}, learned from {found.learned}" + (f" ({found.note})" if found.note else "")
    return Bar(
        name, f"{found.figure} {_estimate(found.estimate)}", f">= {least}", found.estimate.value >= least, "rows"
    )


def count_bars(videos: Path, tracks: Path) -> Iterator[Bar]:
    """Repetitions of the real clips, and how many of them are refused."""
    counted = [one for one in evaluate_clips(videos, tracks) if not one.truth.negative]
    off = [abs(one.reps - one.truth.reps) for one in counted if one.judged]
    on = f"{len(off)} judged of {len(counted)} real clips"
    exact, near, mae = np.mean(np.equal(off, 0)), np.mean(np.less_equal(off, 1)), np.mean(off)
    yield Bar("repetitions exact", f"{exact:.3f}", ">= 0.92", bool(exact >= 0.92), on)
    yield Bar("repetitions off by at most one", f"{near:.3f}", ">= 0.98", bool(near >= 0.98), on)
    yield Bar("repetitions, mean absolute error", f"{mae:.3f}", "<= 0.10", bool(mae <= 0.10), on)
    refused = 1.0 - len(off) / max(len(counted), 1)
    yield Bar("refused among real deadlift clips", f"{refused:.3f}", "<= 0.35", refused <= 0.35, on)


def negative_bar(videos: Path, tracks: Path, models: Path) -> Bar:
    """Clips that show no deadlift and are told with confidence how right it was."""
    classifier = Classifier.load(models)
    results = [one for one in evaluate_clips(videos, tracks) if one.truth.negative]
    sure = []
    for truth in read_truth(videos):
        judged = next((one for one in results if one.truth.file == truth.file and one.reps), None)
        if judged is not None:
            track, _people = track_of_clip(videos / truth.file, tracks)
            given = [p for _, p in judge_form(track, classifier)]
            if max(np.nanmean(given), 1.0 - np.nanmean(given)) >= CONFIDENT:
                sure.append(truth.file)
    share = len(sure) / max(len(results), 1)
    said = f"{share:.3f}" + (f" [{', '.join(sure)}]" if sure else "")
    on = f"{len(results)} clips without a deadlift, confident from {CONFIDENT}"
    return Bar("non-deadlift clips with a confident verdict", said, "<= 0.05", share <= 0.05, on)


def form_bars(evaluation: Evaluation) -> Iterator[Bar]:
    """What users see, of filmed people left out in turn."""
    rows = [
        one
        for one in evaluation.predictions
        if (one.network, one.regime) == (COMBINED, SHIPPED_REGIME) and one.source == "real"
    ]
    accepted = [one for one in rows if one.accepted]
    if not accepted:
        return
    found = figures("", accepted)
    on = f"{found.correct}+{found.incorrect} repetitions of {found.metrics['auc'].subjects} filmed people"
    for who in WITHIN_PERSON:
        within = figures("", rows).within_person.get(who)
        if within is not None:
            what = f"correct above incorrect within {who}"
            yield Bar(what, f"AUC {within:.3f}", ">= 0.90", within >= 0.90, "refused clips among them")
    area, error = found.metrics["auc"], found.metrics["calibration_error"]
    yield Bar("correct or incorrect, a person left out", f"AUC {_estimate(area)}", ">= 0.80", area.value >= 0.80, on)
    yield Bar("calibration of p_correct", f"ECE {_estimate(error)}", "<= 0.08", error.value <= 0.08, on)


def sequence_bar(path: Path, layout: str, models: Path) -> Bar:
    """The shipped coach on lifts of another sensor, from which nothing was learned."""
    tables = read_tables(path, LAYOUTS[layout])
    judged = [(form_words((one.name,))[0], one) for one in (judge_sequence(t, layout, 30.0, models) for t in tables)]
    known = [(word or "incorrect", one) for word, one in judged if one.label]
    label = np.array([int(word == "correct") for word, _ in known])
    p = np.array([one.p_correct for _, one in known])
    groups = [one.name.rsplit("_", 1)[0] for _, one in known]
    recall = [np.mean((p >= 0.5)[label == value] == bool(value)) for value in (0, 1)]
    each = "; ".join(f"{kind} {np.mean(p[np.array(groups) == kind] < 0.5):.2f}" for kind in dict.fromkeys(groups))
    figure = f"AUC {_estimate(bootstrap(auc, label, p, groups, draws=1000))}, balanced accuracy {np.mean(recall):.3f}"
    on = f"{len(known)} of {len(judged)} sequences judged; share called incorrect: {each}"
    return Bar(f"correct or incorrect, {layout} sequences", figure, "AUC >= 0.80", auc(label, p) >= 0.80, on)


def fault_bars(dataset: Dataset) -> Iterator[Bar]:
    """Each fault on simulated bodies and cameras, moderate or more against negligible; none of them set a limit."""
    for source, name in (("truth", "skeletons"), ("film", "rendered films")):
        for place, fault in enumerate(FAULT_NAMES):
            rows = [
                row
                for row in dataset.rows
                if row.source == source and row.measured and UNKNOWN not in (row.faults[place], row.measured[place])
            ]
            label = np.array([int(row.faults[place]) for row in rows])
            if len(set(label.tolist())) < 2:
                continue
            p = np.array([row.measured[place] for row in rows])
            found = bootstrap(auc, label, p, [row.subject for row in rows], draws=500)
            on = f"{int(label.sum())} with, {int(np.sum(label == 0))} without"
            met = found.value >= 0.90
            yield Bar(f"{fault}, simulated {name}", f"AUC {_estimate(found)}", ">= 0.90", met, on)


def style_bars(models: Path, people: int = 8) -> Iterator[Bar]:
    """The verdict on simulated styles, of which only the conventional one was learned from: what users would read of
    sets without a fault and with a gross one that the view shows.
    """
    classifier = Classifier.load(models)
    for style in get_args(Style):
        label: list[int] = []
        given: list[float] = []
        for view, (yaw_deg, fault) in STYLE_VIEWS.items():
            for number in range(people):
                for faults in (Faults(), Faults.of(**{fault: GROSS})):
                    spec = LiftSpec(style=style, faults=faults, body=draw_body(np.random.default_rng([3, number])))
                    p = _verdict(simulate(spec, seed=number), view, yaw_deg, classifier)
                    if np.isfinite(p):
                        label.append(int(not faults.present))
                        given.append(p)
        y, p_correct = np.array(label), np.array(given)
        right = balanced_accuracy(y, p_correct)
        asked, on = (">= 0.80", f"{len(y)} of {2 * people * len(STYLE_VIEWS)} simulated sets judged, three views")
        figure = f"AUC {auc(y, p_correct):.3f}, balanced accuracy {right:.3f}"
        yield Bar(f"correct or incorrect, {style} style", figure, asked, right >= 0.80, on)


def _verdict(lift: Lift, view: View, yaw_deg: float, classifier: Classifier) -> float:
    """Mean p_correct of a simulated set; NaN where it is refused or no repetition was found."""
    track = truth_track(lift, Camera(yaw_deg=yaw_deg), noise_px=2.5, seed=lift.seed)
    outline = simulated_outline(track, lift, view, np.random.default_rng(lift.seed))
    report = analyse(track if outline is None else replace(track, outline=outline))
    given = [] if report.refused else [p for _, p in judge_form(track, classifier, report) if np.isfinite(p)]
    return float(np.mean(given)) if given else float("nan")


def _estimate(found: Estimate) -> str:
    return f"{found.value:.3f}" + (f" [{found.low:.3f}, {found.high:.3f}]" if np.isfinite(found.low) else "")
