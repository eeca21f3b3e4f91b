"""The model card, written from the figures: nobody edits it by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.training.evaluate import COMBINED, SHIPPED_NETWORK, SHIPPED_REGIME, WITH_PIXELS
from coaching.training.figures import WITHIN_PERSON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.training.bars import Bar
    from coaching.training.figures import Figures
    from coaching.training.metrics import Estimate
    from coaching.training.trained import Shipment

# A difference of AUC that a handful of people could show by chance.
NOTEWORTHY_AUC = 0.03

HEAD = """# Model card: {name} {version}

Written by `python -m coaching.training export`; do not edit. Correct or incorrect, for one repetition of a deadlift.

## What it is

- Input: one repetition as 64 steps of skeleton ({skeleton_size} numbers a step, the bow of the back's outline among
  them), LHOG (2352) and LHOF (2450), from `coaching/vision/repetition_inputs.py` (inputs version {inputs_version}). The
  network that is served reads: {reads}. Scaling, PCA and temperature are part of the file.
- Network: {architecture}; {members} networks of about
  {parameters:,} parameters each from different seeds, their mean logit over a temperature of {temperature:.2f}. It is
  the best, on people whom it had not seen, of the networks learned from filmed and simulated people (first table).
- Output: the network's `p_correct`, 0 to 1. The verdict weighs it against the measured faults
  ([how](../docs/decisions/0005-network-and-measures.md)): sigmoid({a:.2f} * logit(network) + {b:.2f} * logit(no
  decisive fault) {c:+.2f}); correct from {threshold:.2f} upwards.
- File: `deadlift.onnx`, SHA-256 `{sha256}`. Keras and ONNX Runtime agree to 1e-5 (checked at export).
- Trained from commit `{commit}`, data set `{dataset}`, seed {seed}, {epochs} epochs.

## Intended use

Feedback in class, next to the instructor's eye, on conventional deadlifts filmed by a standing phone. The faults named
beside the verdict come from measured angles and the outline of the back, not from this network.

## What it must not be used for

- Marks, selection, medical or safety decisions, or saying that a lift is safe or dangerous.
- Other exercises, several lifters, clips that the quality gate refused.
- Lumbar posture: no landmark lies between shoulder and hip.
- Comparing people: it was checked on a handful.

## What it was trained on

{counts}

- Simulated people (`coaching/simulator/`): bodies, cameras, tempo and faults drawn at random; as rendered films through
  the whole pipeline, and as skeletons with errors fitted to MediaPipe's. Incorrect: a decisive fault that the view can
  show (hips first, rounded back; from the front stance, lean, grip and bent arms), of degree 0.5 or more. Correct: no
  such fault above 0.15, whatever the others. In between, or hidden from the view: left out.
- Filmed people: {subjects} people in clips collected from public student repositories ({origins}). Most state no
  licence and the clips show identifiable people: neither clips nor frames nor label files are in this repository,
  only these weights and figures. The labels are the owners'.
- Landmark sequences: three people seen from the front by another pose engine (BODY_25), with wide and narrow grips and
  bent elbows, brought to the project's skeleton; one of the three also does it right. Nothing else of such tables is
  learned from here: single frames have no repetition, and the Kinect's lifts are told apart by where the sensor stood.
- Augmented: bounds, tempo, camera roll, tracking errors, mirrored front views. Sources, classes and people weighted; a
  whole pixel branch dropped for half of the examples; what stands still in the pixel descriptors is subtracted.
"""

LIMITS = """
## What it can't do yet

- **Few people have been asked.** {people} filmed people with accepted clips carry a label, and of these only {both}
  were filmed doing it both ways. Leave-one-subject-out figures say how it does on them, not on everybody.
- The faults that decide, and the limit of the back's bow, were chosen with these people in view. The line "bow of the
  back alone" fits the limit on the other people each time; which measures to look at can't be chosen anew.
- On filmed people "incorrect" means rounded, nearly always: other faults are known from simulated lifters only.
- The labels are confounded with the place: of most people there is one class only, each in a place of its own. The
  figures over all people can be won by knowing the place; those within one person (T1, B2; B1 is refused by the
  quality gate) can't, and are the ones to believe.
- Nobody filmed from the front carries a label: there the network knows simulated lifters and three people of a landmark
  table. The measures of the front were tried on labelled landmark tables (bars below): stance and lean on one person,
  grip and arms on four, whose grips were in view when the limits were set.
- Simulated lifters are tidier than people: what it says about them is an upper limit.
- Sumo, Romanian and other styles were not trained; simulated ones are judged right (bars below), people doing them were
  not there to ask. Kettlebells are in the data as one person.
- {pixels}
- `p_correct` was calibrated on held-out people of the same sources; on another gym's films it may be too sure.
"""

ROWS = {"both": "filmed and simulated", "simulated": "simulated only", "real": "filmed only"}
DENSE = "dense layers on the key points and angles of all steps, as in the paper"
OVER_TIME = "dense layer a branch, two convolutions over time, a bidirectional LSTM"
TITLES = {
    "rules": "measured faults alone, nothing learned",
    "back": "bow of the back alone, limit fitted on the other people",
    "zhou": "Zhou's bag of words of LHOG and LHOF, support vector machine",
    "keypoints": "dense network on keypoints and angles, as in the paper",
    COMBINED: "**measures and network, weighed by the other people: what users see**",
}
UNTRAINED = {"rules", "back", COMBINED}


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the card needs besides figures and shipment."""

    name: str
    version: str
    sha256: str
    commit: str
    threshold: float
    skeleton_size: int
    inputs_version: int
    people: dict[str, set[int]]
    origins: tuple[str, ...]


def card_text(facts: CardFacts, shipment: Shipment, found: dict[str, list[Figures]]) -> str:
    """The whole card as Markdown."""
    counts = shipment.dataset_info.get("counts", {})
    head = HEAD.format(
        name=facts.name,
        version=facts.version,
        skeleton_size=facts.skeleton_size,
        inputs_version=facts.inputs_version,
        reads="skeleton" if SHIPPED_NETWORK == "keypoints" else SHIPPED_NETWORK.replace("+", ", "),
        architecture=DENSE if SHIPPED_NETWORK == "keypoints" else OVER_TIME,
        members=len(shipment.members),
        parameters=shipment.members[0].model.count_params(),
        temperature=shipment.temperature,
        threshold=facts.threshold,
        a=shipment.combination.network,
        b=shipment.combination.measures,
        c=shipment.combination.bias,
        sha256=facts.sha256,
        commit=facts.commit,
        dataset=shipment.dataset_sha256[:16],
        seed=shipment.recipe["seed"],
        epochs=shipment.recipe["epochs"],
        counts="\n".join(f"- {name}: {number} repetitions" for name, number in counts.items()),
        subjects=len(facts.people),
        origins=", ".join(facts.origins) or "none",
    )
    limits = LIMITS.format(
        people=len(facts.people),
        both=sum(len(labels) == 2 for labels in facts.people.values()),
        pixels=pixel_sentence(found["compared"]),
    )
    return head + limits + _tables(found)


BARS_TITLE = "\n### Bars\n"


def bars_text(found: Sequence[Bar], commit: str = "", kept: Sequence[str] = ()) -> str:
    """The bars that the coach is held to, as the card's last table; nothing without any.

    commit: at which all but those named in `kept` were measured anew, after the training.
    """
    if not found:
        return ""
    word = {True: "met", False: "**missed**", None: ""}
    rows = [f"| {one.what} | {one.figure} | {one.asked} | {word[one.met]} | {one.on} |" for one in found]
    head = [
        BARS_TITLE,
        "What the project asks of the coach, each on people, bodies and films that taught it nothing. Printed by",
        "`python -m coaching.training bars`.\n",
        *([f"Measured anew at commit `{commit}`, all but these: {'; '.join(kept)}.\n"] if commit else []),
        "| what | figure | asked | | on |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def pixel_sentence(compared: Sequence[Figures]) -> str:
    """Whether LHOG and LHOF helped on filmed people, from the ablation."""
    by_network = {line.network: line.metrics["auc"].value for line in compared if line.regime == SHIPPED_REGIME}
    alone, both = by_network.get("skeleton", np.nan), by_network.get(WITH_PIXELS, np.nan)
    if not np.isfinite(alone) or not np.isfinite(both):
        return "Whether the pixels (LHOG, LHOF) help was not measured in this evaluation."
    figures = f"(AUC {both:.2f} with, {alone:.2f} without, on held-out filmed people)"
    if both - alone > NOTEWORTHY_AUC:
        return f"The pixels (LHOG, LHOF) helped {figures}; with so few people and places that may still be the place."
    if alone - both > NOTEWORTHY_AUC:
        return f"The pixels (LHOG, LHOF) did not help: the skeleton alone was better {figures}."
    return f"The pixels (LHOG, LHOF) did not help noticeably {figures}."


def _tables(found: dict[str, list[Figures]]) -> str:
    parts = [
        "\n## Figures\n",
        "Leave-one-subject-out: scaling, PCA, stopping and temperature inside the fold, on other people. 95 %",
        "intervals by drawing people with replacement; a dash where there are fewer than three people or one class",
        "only. Balanced accuracy at 0.5; ECE: expected calibration error in 10 bins. n: correct + incorrect.\n",
        "### Filmed people: measures, network, their rivals, and the network without each part\n",
        *_table([(_title(line), line) for line in found["compared"]]),
        "\n### What users see: measures and network\n",
        *_table([(line.title, line) for line in found["shipped"]]),
        "\n### Within one person (AUC of correct above incorrect; same body, same room)\n",
        *_within(found),
    ]
    return "\n".join(parts) + "\n"


def _table(lines: Sequence[tuple[str, Figures]]) -> list[str]:
    text = ["| | n | people | balanced accuracy | AUC | ECE |", "|---|---|---|---|---|---|"]
    for title, line in lines:
        m = line.metrics
        cells = " | ".join(_cell(m[name]) for name in ("balanced_accuracy", "auc", "calibration_error"))
        text.append(f"| {title} | {line.correct}+{line.incorrect} | {m['auc'].subjects} | {cells} |")
    return text


def _within(found: dict[str, list[Figures]]) -> list[str]:
    text = ["| who judges; learned from | " + " | ".join(WITHIN_PERSON) + " |", "|---|" + "---|" * len(WITHIN_PERSON)]
    refused = [line for line in found["shipped"] if "refuses" in line.title]
    titled = [(_title(line), line) for line in found["compared"]]
    titled += [("what users see, with refused clips", line) for line in refused]
    for title, line in titled:
        cells = [f"{line.within_person[who]:.2f}" if who in line.within_person else "–" for who in WITHIN_PERSON]
        text.append(f"| {title} | " + " | ".join(cells) + " |")
    return text


def _title(line: Figures) -> str:
    title = TITLES.get(line.network, line.network)
    return title if line.network in UNTRAINED else f"{title}; {ROWS.get(line.regime, line.regime)}"


def _cell(value: Estimate) -> str:
    if not np.isfinite(value.value):
        return "–"
    if not np.isfinite(value.low):
        return f"{value.value:.2f}"
    return f"{value.value:.2f} [{value.low:.2f}, {value.high:.2f}]"
