"""Numbers in the report's templates that are not rounded to a table's three decimals."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def six_digits(x: float) -> str:
    """Six significant digits, as text: a locale's decimal comma has no place beside printed figures."""
    return f"{x:.6g}"
