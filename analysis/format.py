"""Numbers as a table prints them. Every function rounds once, from the full value: nothing here takes a rounded one."""

from __future__ import annotations

import math
import sys
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal, get_args

Skin = Literal["default", "paper"]
SKINS: tuple[Skin, ...] = get_args(Skin)
"""`paper` prints p below .0005 as `.000`, as SPSS does; `default` prints `< .001`."""

_CONTEXT = Context(prec=400, rounding=ROUND_HALF_UP)  # a double has at most 309 digits before the point


def spss(x: float, *, decimals: int = 3) -> str:
    """Fixed decimals, ties away from zero, no zero before the point, no sign on a zero: 2.520, .345, -.250, .000.

    Raises ValueError for NaN or infinity: those have no place in a table.
    """
    if not math.isfinite(x):
        raise ValueError(f"{x} can't be printed as a number")
    rounded = _CONTEXT.quantize(Decimal(x), Decimal(1).scaleb(-decimals))
    sign = "-" if rounded < 0 else ""
    text = f"{abs(rounded):f}"
    return sign + (text[1:] if text.startswith("0.") else text)


def apa(x: float, *, decimals: int = 2, at_most_one: bool = False) -> str:
    """Fixed decimals as APA 7 prints them: 0.80, and .80 for what can't exceed 1 (`at_most_one`); a true minus sign."""
    text = spss(x, decimals=decimals)
    sign, digits = ("−", text[1:]) if text.startswith("-") else ("", text)
    if digits.startswith(".") and not at_most_one:
        digits = f"0{digits}"
    return sign + digits


def apa_degrees(df: float) -> str:
    """Degrees of freedom in a sentence: 48 for a whole number, 36.30 for Welch's."""
    return str(int(df)) if float(df).is_integer() else apa(df)


def degrees(df: float) -> str:
    """Degrees of freedom: 48 for a whole number, 36.299 for Welch's."""
    return str(int(df)) if float(df).is_integer() else spss(df)


def p_value(p: float, *, skin: Skin = "default") -> str:
    """p with three decimals; below .001 the default skin says so, the paper's prints what SPSS prints."""
    _require_probability(p)
    if skin == "default" and p < 0.001:
        return "< .001"
    if skin == "default" and 0.999 < p < 1:
        return "> .999"
    return spss(p)


def p_scientific(p: float) -> str:
    """p with two digits, however small: 6.7e-18. A p too small for a double is said to be below the smallest one."""
    _require_probability(p)
    if p == 0:
        return f"< {_scientific(sys.float_info.min)}"
    return _scientific(p)


def percent(share: float) -> str:
    """A proportion as whole percent: 95 %. A level such as .999 keeps its decimals: 99.9 %."""
    value = _CONTEXT.quantize(Decimal(repr(share)) * 100, Decimal("0.1"))
    return f"{value.normalize():f}%"


def _scientific(x: float) -> str:
    mantissa, exponent = f"{x:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _require_probability(p: float) -> None:
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{p} is no probability")
