"""What makes a repetition an example of "correct" or "incorrect", and what each view may count as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coaching.simulator.faults import FAULT_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coaching.vision.types import Fault, View

FRONTAL_FAULTS = frozenset({"narrow_stance", "wide_stance", "lean_left", "lean_right", "knees_in", "asymmetry"})
SAGITTAL_FAULTS = frozenset(FAULT_NAMES) - FRONTAL_FAULTS

CORRECT, INCORRECT = 1, 0
UNKNOWN = -1.0
MODERATE_DEGREE = 0.5
NEGLIGIBLE_DEGREE = 0.15


def observable_faults(view: View) -> frozenset[str]:
    """The faults that this view can show. An oblique view shows the sagittal ones; the frontal ones only in part."""
    if view in {"front", "back"}:
        return FRONTAL_FAULTS
    if view in {"oblique", "side"}:
        return SAGITTAL_FAULTS
    return frozenset()


def label_of(degrees: Mapping[str, float], view: View) -> int | None:
    """CORRECT, INCORRECT, or None where the truth does not decide it for this view.

    Incorrect: a fault that the view can show is at least moderate. Correct: no fault at all is more than negligible. A
    fault between the two, or one that the view hides, decides nothing: it would teach a reaction to something unseen.
    """
    unknown = set(degrees) - set(FAULT_NAMES)
    if unknown:
        raise ValueError(f"unknown faults: {sorted(unknown)}")
    visible = observable_faults(view)
    if not visible:
        return None
    if any(degree >= MODERATE_DEGREE for name, degree in degrees.items() if name in visible):
        return INCORRECT
    if all(degree <= NEGLIGIBLE_DEGREE for degree in degrees.values()):
        return CORRECT
    return None


def fault_targets(degrees: Mapping[str, float], view: View) -> list[float]:
    """1, 0 or UNKNOWN for each of FAULT_NAMES: unknown where the view hides it or the degree is in between."""
    visible = observable_faults(view)
    return [_target(degrees.get(name, 0.0)) if name in visible else UNKNOWN for name in FAULT_NAMES]


def measured_faults(faults: Sequence[Fault]) -> tuple[float, ...]:
    """The coach's probability of each of FAULT_NAMES, UNKNOWN where it can't observe it."""
    seen = {fault.name: fault.p for fault in faults if fault.observable and fault.p is not None}
    return tuple(seen.get(name, UNKNOWN) for name in FAULT_NAMES)


def _target(degree: float) -> float:
    if degree >= MODERATE_DEGREE:
        return 1.0
    return 0.0 if degree <= NEGLIGIBLE_DEGREE else UNKNOWN
