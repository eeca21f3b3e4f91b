"""What the parts that hold the house up can fail with."""

from __future__ import annotations


class StoreDownError(OSError):
    """The object store does not answer, or answers with a fault of its own. What is asked of it can be asked again."""
