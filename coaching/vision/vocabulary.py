"""The faults by name, and which views can show them. Plain Python, for the web process too."""

from __future__ import annotations

FAULT_NAMES = (
    "narrow_stance",
    "wide_stance",
    "lean_left",
    "lean_right",
    "hips_first",
    "rounded_upper_back",
    "knees_in",
    "bar_drift",
    "no_lockout",
    "hyperextension",
    "asymmetry",
    "narrow_grip",
    "wide_grip",
    "bent_arms",
)
FRONTAL_FAULTS = (
    *("narrow_stance", "wide_stance", "lean_left", "lean_right", "knees_in", "asymmetry"),
    *("narrow_grip", "wide_grip", "bent_arms"),
)
"""Seen from the front or from behind."""
SAGITTAL_FAULTS = tuple(name for name in FAULT_NAMES if name not in FRONTAL_FAULTS)
"""Seen from the side or at an angle."""
