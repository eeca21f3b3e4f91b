"""Stored sets with a load and a speed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.coaching.personal.sets import lesson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.models import Assessment
    from studies.models import Participant

LINE = ((60.0, 0.70), (90.0, 0.52), (120.0, 0.34), (140.0, 0.22))


def velocity(*means: float, scale: str = "plate", loss: float | None = None) -> dict[str, Any]:
    """The document's block for repetitions with these speeds."""
    return {
        "unit": "bh/s" if scale == "body" else "m/s",
        "scale": scale,
        "stature_cm": 176.0 if scale == "height" else None,
        "plate_mm": 450 if scale == "plate" else None,
        "plate_seen": True if scale == "plate" else None,
        "repetitions": [{"number": i, "mean": mean, "sigma": 0.02} for i, mean in enumerate(means, start=1)],
        "best": max(means),
        "loss": loss,
        "loss_sigma": None if loss is None else 0.05,
        "concentric_cv": 0.08,
    }


def lifted(
    participant: Participant, day: int, load_kg: float | None, means: Sequence[float], **changes: Any
) -> Assessment:
    """A set of that day with this load, a repetition for each speed."""
    block = changes.pop("velocity", None) or velocity(*means)
    return lesson(participant, day, [2.0] * len(means), load_kg=load_kg, velocity=block, **changes)


def a_line(participant: Participant) -> list[Assessment]:
    """Four sets that lie on a line, each with a slower second repetition."""
    return [lifted(participant, day, load, (best, best - 0.05)) for day, (load, best) in enumerate(LINE)]
