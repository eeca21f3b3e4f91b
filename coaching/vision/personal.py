"""What is told to this lifter: the report's cues again, by their own history and the instructor's dial. Plain Python.

Nothing that was measured or judged changes: repetitions, probabilities and verdicts pass through as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coaching.vision.feedback import better_sentence, cues_of
from coaching.vision.history import JudgedSet, engine_of
from coaching.vision.progress import progress_of
from coaching.vision.reference import reference_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from coaching.vision.progress import Progress
    from coaching.vision.reference import Reference, TooFewRepetitions
    from coaching.vision.settings_table import Settings
    from coaching.vision.types import FormReport

THIS_SET = "this"
MOST_CONFIRMED = 2


@dataclass(frozen=True, slots=True)
class Lifter:
    """Whose set it is, as far as the coach knows. strictness: one of `settings_table.STRICTNESS_LEVELS`."""

    strictness: str = "standard"
    earlier: Sequence[JudgedSet] = ()
    load_kg: float | None = None


@dataclass(frozen=True, slots=True)
class Personal:
    """How the cues were chosen, and what became better since the last set that compares with this one."""

    strictness: str
    settings_version: str
    reference: Reference | TooFewRepetitions
    progress: Progress | None
    load_kg: float | None

    @property
    def better(self) -> str:
        """The confirmation, empty where nothing is sure to be better. Another load than last time is told with it."""
        if self.progress is None or not self.progress.improved:
            return ""
        before = self.progress.since.load_kg
        sentence = better_sentence(self.progress.improved[:MOST_CONFIRMED])
        if self.load_kg is None or before is None or self.load_kg == before:
            return sentence
        return f"{sentence} With {self.load_kg:g} kg, {before:g} kg last time."


def personal_report(report: FormReport, model: Mapping[str, Any], lifter: Lifter, settings: Settings) -> FormReport:
    """The report with the cues that this lifter is told. `model` is the document's: what measured this set."""
    if report.refused is not None or not report.reps:
        return report
    now = JudgedSet(THIS_SET, "", report.view.label, engine_of(model), report.reps, lifter.load_kg)
    reference = reference_of(now, lifter.earlier, settings.personal)
    personal = Personal(
        strictness=lifter.strictness,
        settings_version=settings.version,
        reference=reference,
        progress=progress_of(now, lifter.earlier, settings.personal),
        load_kg=lifter.load_kg,
    )
    cues = cues_of(report.stance, report.lean, report.reps, settings, strictness=lifter.strictness, reference=reference)
    return replace(report, cues=cues, personal=personal)
