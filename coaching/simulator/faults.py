"""Faults by degree, and what each degree means in physical units.

A degree is 0 (absent) to 1 (gross); 0.5 is moderate. The magnitudes are chosen against the bands that the coach judges
by: 0.5 lies between "warn" and "fail" or above "fail", 1.0 clearly beyond "fail". docs/simulator.md prints the table.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields


class InvalidFault(ValueError):
    """An unknown fault, or a degree outside 0..1."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Degrees 0..1 of every fault of the vocabulary. Left and right are the lifter's own.

    Raises InvalidFault for a degree outside 0..1 and for faults that exclude each other.
    """

    narrow_stance: float = 0.0
    wide_stance: float = 0.0
    lean_left: float = 0.0
    lean_right: float = 0.0
    hips_first: float = 0.0
    rounded_upper_back: float = 0.0
    knees_in: float = 0.0
    bar_drift: float = 0.0
    no_lockout: float = 0.0
    hyperextension: float = 0.0
    asymmetry: float = 0.0
    narrow_grip: float = 0.0
    wide_grip: float = 0.0
    bent_arms: float = 0.0

    def __post_init__(self) -> None:
        for name, degree in self.as_dict().items():
            if not 0.0 <= degree <= 1.0:
                raise InvalidFault(f"{name} {degree} is outside 0..1")
        for one, other in (
            ("narrow_stance", "wide_stance"),
            ("lean_left", "lean_right"),
            ("no_lockout", "hyperextension"),
            ("narrow_grip", "wide_grip"),
        ):
            if getattr(self, one) and getattr(self, other):
                raise InvalidFault(f"{one} and {other} exclude each other")

    def as_dict(self) -> dict[str, float]:
        return asdict(self)

    @property
    def present(self) -> dict[str, float]:
        """Only the faults with a degree above 0."""
        return {name: degree for name, degree in self.as_dict().items() if degree > 0.0}

    @classmethod
    def of(cls, **degrees: float) -> Faults:
        """Build from names, with InvalidFault instead of TypeError for an unknown one."""
        unknown = sorted(set(degrees) - set(FAULT_NAMES))
        if unknown:
            raise InvalidFault(f"unknown fault {', '.join(unknown)}; known: {', '.join(FAULT_NAMES)}")
        return cls(**degrees)


FAULT_NAMES: tuple[str, ...] = tuple(f.name for f in fields(Faults))

# Stance ratio = ankle distance / shoulder distance.
NEUTRAL_STANCE_RATIO = 0.92
SUMO_STANCE_RATIO = 1.70
# Grip ratio = hand distance / shoulder distance.
NEUTRAL_GRIP_RATIO = 1.40
SUMO_GRIP_RATIO = 1.12


def stance_ratio(faults: Faults, neutral: float = NEUTRAL_STANCE_RATIO) -> float:
    """Ankle/shoulder ratio: narrow 0.5 -> 0.52, 1 -> 0.34; wide 0.5 -> 1.62, 1 -> 2.05 (from a conventional 0.92)."""
    if faults.narrow_stance:
        return _through(faults.narrow_stance, neutral, 0.52, 0.34)
    if faults.wide_stance:
        return _through(faults.wide_stance, neutral, max(1.62, neutral + 0.25), max(2.05, neutral + 0.45))
    return neutral


def grip_ratio(faults: Faults, neutral: float = NEUTRAL_GRIP_RATIO) -> float:
    """Hand/shoulder ratio: narrow 0.5 -> 0.78, 1 -> 0.55; wide 0.5 -> 2.30, 1 -> 2.75 (from a conventional 1.40).

    Of the hands on the bar: wrists over slanted arms are a tenth nearer.
    """
    narrow, wide = faults.narrow_grip, faults.wide_grip
    return _through(narrow, neutral, 0.78, 0.55) if narrow else _through(wide, neutral, 2.30, 2.75)


def elbow_flexion_deg(faults: Faults) -> float:
    """Bent arms: flexion of both elbows while the bar is off the floor: 0.5 -> 38 deg, 1 -> 60 deg."""
    return _through(faults.bent_arms, 0.0, 38.0, 60.0)


def lean_deg(faults: Faults) -> float:
    """Trunk to the vertical in the frontal plane, towards the lifter's left positive: 0.5 -> 7 deg, 1 -> 13 deg."""
    return _through(faults.lean_left, 0.0, 7.0, 13.0) - _through(faults.lean_right, 0.0, 7.0, 13.0)


def early_trunk_drop_deg(faults: Faults) -> float:
    """Hips first: tip of the trunk towards horizontal in the first third of the pull: 0.5 -> 12 deg, 1 -> 20 deg."""
    return _through(faults.hips_first, 0.0, 12.0, 20.0)


def upper_back_bend_deg(faults: Faults) -> float:
    """Bend between the lower and the upper half of the spine at its worst: 0.5 -> 45 deg, 1 -> 70 deg."""
    return _through(faults.rounded_upper_back, 0.0, 45.0, 70.0)


def knees_in_deg(faults: Faults) -> float:
    """Inward turn of the knee's plane at its worst: 0.5 -> 18 deg, 1 -> 34 deg."""
    return _through(faults.knees_in, 0.0, 18.0, 34.0)


def bar_drift_statures(faults: Faults) -> float:
    """Forward swing of the bar during the pull in statures: 0.5 -> 0.045, 1 -> 0.085."""
    return _through(faults.bar_drift, 0.0, 0.045, 0.085)


def missing_knee_deg(faults: Faults) -> float:
    """Knee flexion left at the top: 0.5 -> 16 deg, 1 -> 28 deg."""
    return _through(faults.no_lockout, 0.0, 16.0, 28.0)


def missing_trunk_deg(faults: Faults) -> float:
    """Forward inclination of the trunk left at the top: 0.5 -> 9 deg, 1 -> 17 deg."""
    return _through(faults.no_lockout, 0.0, 9.0, 17.0)


def lean_back_deg(faults: Faults) -> float:
    """Trunk behind the vertical at the top: 0.5 -> 13 deg, 1 -> 22 deg."""
    return _through(faults.hyperextension, 0.0, 13.0, 22.0)


def bar_tilt_deg(faults: Faults) -> float:
    """Asymmetry: tilt of the bar in mid-pull: 0.5 -> 5 deg, 1 -> 10 deg."""
    return _through(faults.asymmetry, 0.0, 5.0, 10.0)


def _through(degree: float, none: float, moderate: float, gross: float) -> float:
    """Straight line from none (0) to moderate (0.5), and on to gross (1)."""
    if degree <= 0.5:
        return none + (moderate - none) * degree / 0.5
    return moderate + (gross - moderate) * (degree - 0.5) / 0.5
