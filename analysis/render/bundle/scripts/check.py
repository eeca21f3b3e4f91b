"""Check this bundle: no file changed, and the numbers of the report come out of its data again.

    python check.py

needs what recompute.py needs. It leaves with 0 when all is well, with 1 and the reason otherwise. With the versions of
requirements.txt every number must be equal to the last digit, or within 1e-12 of its size; with others within 1e-8,
since the noncentral distributions behind some intervals are computed differently there.
"""

import hashlib
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUMS, MADE = "SHA256SUMS", "recomputed.json"
SAME_VERSIONS, OTHER_VERSIONS = 1e-12, 1e-8


def changed_files() -> list[str]:
    """Files of the bundle that are missing or changed."""
    found = []
    for line in (HERE / SUMS).read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        path = HERE / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            found.append(name)
    return found


def has_locked_versions() -> bool:
    lines = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    locked = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    return all(version(name) == wanted for name, wanted in locked.items())


def difference(ours: float, theirs: float) -> float:
    """Relative to the larger; 0 when they are equal to the last digit."""
    return 0.0 if ours == theirs else abs(ours - theirs) / max(abs(ours), abs(theirs))


def main() -> int:
    if changed := changed_files():
        print("Changed or missing:", ", ".join(changed))
        return 1
    print("All files are as they were packed.")
    subprocess.run([sys.executable, str(HERE / "recompute.py")], check=True)  # noqa: S603
    expected = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    recomputed = json.loads((HERE / MADE).read_text(encoding="utf-8"))
    if set(expected) != set(recomputed):
        print("Numbers on one side only:", ", ".join(sorted(set(expected) ^ set(recomputed))))
        return 1
    apart = {name: difference(recomputed[name], expected[name]) for name in expected}
    allowed = SAME_VERSIONS if has_locked_versions() else OTHER_VERSIONS
    wrong = {name: by for name, by in apart.items() if not by <= allowed}
    for name, by in wrong.items():
        print(f"{name}: {recomputed[name]!r}, the report has {expected[name]!r} ({by:.1e} apart)")
    equal = sum(by == 0.0 for by in apart.values())
    largest = max(apart.values(), default=0.0)
    print(f"{equal} of {len(apart)} numbers are equal to the last digit; the largest difference is {largest:.1e}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
