"""Files to the browser, whole or in slices: shared with the other parts in `studies.serving`."""

from __future__ import annotations

from studies.serving import SLICE_BYTES, RangeNotSatisfiableError, byte_range, private, serve

__all__ = ["SLICE_BYTES", "RangeNotSatisfiableError", "byte_range", "private", "serve"]
