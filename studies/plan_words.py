"""A committed plan in sentences: what CONSORT asks a report to say about its randomisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from studies.plan_forms import factor_label
from studies.plans import shown_design
from studies.randomise.design import BLOCKS, CLUSTERS, COMPLETE, MINIMISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studies.models import RandomisationPlan


def consort_items(plan: RandomisationPlan, arms: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """CONSORT 2010 items 8a, 8b, 9 and 10, each with a sentence for the report.

    `arms`: what to call each group, and its key in the design, in the order to name them; by default as designed.
    """
    design = shown_design(plan)
    return [
        (
            _("8a Sequence generation"),
            _(
                "By LiftLab, algorithm %(algorithm)s, from a 128-bit seed of the operating system. The SHA-256 of seed "
                "and design was fixed on %(when)s."
            )
            % {"algorithm": design["algorithm"], "when": plan.committed_at.strftime("%Y-%m-%d %H:%M UTC")},
        ),
        (_("8b Type of randomisation"), _type(design) + " " + _ratio(design, arms)),
        (
            _("9 Concealment"),
            _(
                "The list exists on the server only, as a seed that no page shows. An arm is given when an eligible "
                "student is enrolled, and it stays. The seed is revealed when the allocation is closed."
            ),
        ),
        (_("10 Implementation"), _("The computer generated the sequence and assigned; staff of the study enrolled.")),
    ]


def _type(design: dict[str, Any]) -> str:
    names = ", ".join(
        f"{factor_label(factor['key'])} ({'; '.join(factor['levels'])})" for factor in design.get("factors", ())
    )
    if design["algorithm"] == COMPLETE:
        return _("Complete randomisation with fixed group sizes, the class at once.")
    if design["algorithm"] == CLUSTERS:
        return _("Whole sections were randomised: the analysis must take the section into account.")
    if design["algorithm"] == MINIMISE:
        text = _(
            "Minimisation (Pocock and Simon, range) of %(names)s; the best group with a chance of %(percent)d %%, "
            "after %(burn_in)d students drawn freely."
        )
        return text % {"names": names, "percent": design["follow_percent"], "burn_in": design["burn_in"]}
    assert design["algorithm"] == BLOCKS
    sizes = (
        ", ".join(map(str, design["block_sizes"])) if "block_sizes" in design else _("shown when the plan is closed")
    )
    within = _("stratified by %(names)s") % {"names": names} if names else _("not stratified")
    return _("Permuted blocks of random size (%(sizes)s), %(within)s.") % {"sizes": sizes, "within": within}


def _ratio(design: dict[str, Any], arms: Sequence[tuple[str, str]]) -> str:
    ratios = {arm["key"]: arm["ratio"] for arm in design["arms"]}
    named = arms or [(key, key) for key in ratios]
    keys = " : ".join(name for name, _key in named)
    shares = " : ".join(str(ratios[key]) for _name, key in named)
    return _("Ratio %(keys)s = %(shares)s.") % {"keys": keys, "shares": shares}
