"""How every file of the corpus ends: `python -m tests.hostile`. Ends with 1 when one crashes, hangs or has no code."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import av  # noqa: F401  (the children inherit what is loaded)
import cv2  # noqa: F401

from tests.hostile.child import in_a_child
from tests.hostile.corpus import write_corpus


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        ends = [(hostile, in_a_child(hostile.path)) for hostile in write_corpus(Path(folder))]
        took_s = time.monotonic() - began
    counts = Counter((hostile.harm, end.code) for hostile, end in ends)
    for (harm, code), count in sorted(counts.items()):
        print(f"{harm:<12}{code:<24}{count:>5}")
    bad = [(hostile.path.name, end.code) for hostile, end in ends if end.is_bad]
    peak_mb = max(end.peak_mb for _hostile, end in ends)
    print(f"{len(ends)} files, {len(bad)} without a typed end, at most {peak_mb:.0f} MB, {took_s:.0f} s")
    for name, code in bad:
        print(f"  {name}: {code}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
