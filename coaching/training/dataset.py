"""The registry of examples: one row a repetition, whatever source it came from, kept in one folder."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from coaching.vision.repetition_inputs import INPUTS_VERSION, LHOF_SIZE, LHOG_SIZE, SKELETON_SIZE, STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# real: a filmed person. sequence: a person in a table of landmarks. film: a rendered lifter through the whole pipeline.
# truth: a simulated skeleton with a noise model, without pixels.
Source = Literal["real", "sequence", "film", "truth"]


@dataclass(frozen=True, slots=True)
class Row:
    """One repetition. `label` is 1 correct, 0 incorrect, -1 unknown; `faults` as labels.fault_targets.

    measured: the coach's probability of each of FAULT_NAMES, -1 where it can't observe it; empty where the coach found
    no such repetition. back_bow: what it measured of the back's outline, trunk lengths; None where it saw none.
    """

    key: str
    source: Source
    subject: str
    clip: str
    view: str
    label: int
    faults: tuple[float, ...]
    origin: str
    measured: tuple[float, ...] = ()
    back_bow: float | None = None
    accepted: bool = True
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A row with its inputs. variants (V, 64, SKELETON_SIZE): the repetition as measured, then altered copies.

    lhog (64, 2352) and lhof (64, 2450) are None for a source without pictures.
    """

    row: Row
    variants: NDArray[np.float32]
    lhog: NDArray[np.float16] | None = None
    lhof: NDArray[np.float16] | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """All examples as arrays, in the order of `rows`.

    variants (n, V, 64, SKELETON_SIZE); lhog (m, 64, 2352) and lhof (m, 64, 2450) of the m rows with pixels, found
    through pixel_row (n,), -1 without. sha256 is the fingerprint of the rows and arrays: it goes into the model
    card.
    """

    rows: Sequence[Row]
    variants: NDArray[np.float32]
    lhog: NDArray[np.float16]
    lhof: NDArray[np.float16]
    pixel_row: NDArray[np.int64]
    sha256: str = ""
    info: dict[str, object] = field(default_factory=dict)

    @property
    def labels(self) -> NDArray[np.int64]:
        return np.asarray([row.label for row in self.rows], np.int64)

    @property
    def subjects(self) -> list[str]:
        return [row.subject for row in self.rows]

    @property
    def sources(self) -> NDArray[np.str_]:
        return np.asarray([row.source for row in self.rows])

    @property
    def views(self) -> NDArray[np.str_]:
        return np.asarray([row.view for row in self.rows])

    @property
    def faults(self) -> NDArray[np.float32]:
        return np.asarray([row.faults for row in self.rows], np.float32)


def assemble(examples: Sequence[Example], *, info: dict[str, object] | None = None) -> Dataset:
    """Put examples in one Dataset, sorted by key.

    Raises ValueError for a repeated key or unequal numbers of variants.
    """
    ordered = sorted(examples, key=lambda example: example.row.key)
    keys = [example.row.key for example in ordered]
    if len(set(keys)) != len(keys):
        raise ValueError("two examples with one key")
    if len({len(example.variants) for example in ordered}) > 1:
        raise ValueError("every example needs the same number of variants")
    pixel_row = np.full(len(ordered), -1, np.int64)
    with_pixels = [i for i, example in enumerate(ordered) if example.lhog is not None and example.lhof is not None]
    pixel_row[with_pixels] = np.arange(len(with_pixels))
    lhog, lhof = _pixel_arrays([ordered[i] for i in with_pixels])
    variants = np.stack([example.variants for example in ordered]) if ordered else _no_variants()
    rows = [example.row for example in ordered]
    return Dataset(rows, variants, lhog, lhof, pixel_row, _fingerprint(rows, variants, lhog, lhof), info or {})


def _no_variants() -> NDArray[np.float32]:
    return np.zeros((0, 1, STEPS, SKELETON_SIZE), np.float32)


def _pixel_arrays(examples: Sequence[Example]) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    lhog = np.zeros((len(examples), STEPS, LHOG_SIZE), np.float16)
    lhof = np.zeros((len(examples), STEPS, LHOF_SIZE), np.float16)
    for i, example in enumerate(examples):
        lhog[i], lhof[i] = example.lhog, example.lhof
    return lhog, lhof


def _fingerprint(rows: Sequence[Row], *arrays: NDArray[np.float32] | NDArray[np.float16]) -> str:
    digest = hashlib.sha256(json.dumps([asdict(row) for row in rows], sort_keys=True).encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def save(dataset: Dataset, folder: Path) -> None:
    """Write the dataset; the description goes last, so that a half-written folder is never read."""
    folder.mkdir(parents=True, exist_ok=True)
    description = folder / "dataset.json"
    description.unlink(missing_ok=True)
    for name in ("variants", "lhog", "lhof", "pixel_row"):
        np.save(folder / f"{name}.npy", getattr(dataset, name))
    document = {
        "inputs_version": INPUTS_VERSION,
        "sha256": dataset.sha256,
        "info": dataset.info,
        "rows": [asdict(row) for row in dataset.rows],
    }
    description.write_text(json.dumps(document, indent=1))


def load(folder: Path) -> Dataset:
    """Read a dataset; the pixel arrays stay on disk until used.

    Raises FileNotFoundError when it was never built, ValueError when it was built for other inputs.
    """
    description = folder / "dataset.json"
    if not description.exists():
        raise FileNotFoundError(f"no data set in {folder}: run `python -m coaching.training build` first")
    document = json.loads(description.read_text())
    if document["inputs_version"] != INPUTS_VERSION:
        raise ValueError(f"{folder} was built for other inputs: run `python -m coaching.training build` again")
    rows = [
        Row(**{**row, "faults": tuple(row["faults"]), "measured": tuple(row["measured"])}) for row in document["rows"]
    ]
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("lhog", "lhof")}
    return Dataset(
        rows=rows,
        variants=np.load(folder / "variants.npy"),
        lhog=arrays["lhog"],
        lhof=arrays["lhof"],
        pixel_row=np.load(folder / "pixel_row.npy"),
        sha256=document["sha256"],
        info=document["info"],
    )
