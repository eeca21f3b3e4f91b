"""The bar's speed and the tempo of a result as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coaching.live.services import CONTAINER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coaching.models import Session
    from coaching.presentation import SessionView


@dataclass(frozen=True, slots=True)
class RepShown:
    """One repetition. m: mean concentric velocity with its SD in the set's unit, None where the bar was not seen."""

    number: int
    mean: float | None
    sigma: float | None
    eccentric_s: float | None
    floor_s: float | None
    concentric_s: float | None
    top_s: float | None


@dataclass(frozen=True, slots=True)
class SpeedShown:
    """Percent for loss and cv. alert: the level that was in force, None where none was chosen; over: it was reached.

    plate_missed: a diameter was told, and no plate was found in the film.
    """

    unit: str
    scale: str
    stature_cm: float | None
    plate_mm: int | None
    plate_missed: bool
    reps: tuple[RepShown, ...]
    loss: float | None
    loss_sigma: float | None
    alert: int | None
    over: bool
    cv: float | None


def velocity_in(session: Session, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The block `velocity` of docs/pipeline.md; for a live set of before films had one, what was kept beside it."""
    block: Mapping[str, Any] | None = document.get("velocity")
    if block is None and session.container == CONTAINER and hasattr(session, "live_set"):
        block = session.live_set.velocity
    return block or None


def speed_shown(view: SessionView) -> SpeedShown | None:
    """Of the result that this reader gets; None where it is withheld, or no bar was seen."""
    document = view.document
    block = velocity_in(view.session, document) if document else None
    if document is None or block is None:
        return None
    found = {one["number"]: one for one in block["repetitions"]}
    reps = tuple(_rep(rep, found.get(rep["index"], {})) for rep in document["reps"])
    loss, alert = block["loss"], view.session.loss_alert_percent
    metres = block["unit"] == "m/s"
    return SpeedShown(
        unit=block["unit"],
        scale=block.get("scale", "height" if metres else "body"),
        stature_cm=block.get("stature_cm"),
        plate_mm=block.get("plate_mm"),
        plate_missed=block.get("plate_seen") is False,
        reps=reps if found else (),
        loss=None if loss is None else 100.0 * loss,
        loss_sigma=None if loss is None else 100.0 * block["loss_sigma"],
        alert=alert or None,
        over=bool(alert) and loss is not None and 100.0 * loss >= alert,
        cv=None if block.get("concentric_cv") is None else 100.0 * block["concentric_cv"],
    )


def _rep(rep: Mapping[str, Any], speed: Mapping[str, Any]) -> RepShown:
    tempo = (rep.get(name) for name in ("eccentric_s", "floor_s", "concentric_s", "top_s"))
    return RepShown(rep["index"], speed.get("mean"), speed.get("sigma"), *tempo)
