"""What the network is compared with: the measured faults alone, and Zhou's bag of words.

Zhou, Ding, Luo, Hou 2018, PLoS ONE 13(10):e0203668: descriptors of LHOG and LHOF blocks become words of a code book, a
clip becomes a histogram of words, and a support vector machine tells the histograms apart (specification S9 a).
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.simulator.faults import FAULT_NAMES
from coaching.training.labels import UNKNOWN
from coaching.vision.verdict import measures_logit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.training.dataset import Dataset, Row
    from coaching.training.folds import Rows

    Floats = NDArray[np.float64]

BOW_SD = 0.01  # trunk lengths, as in the settings table
WORDS = 128
BLOCKS_PER_REPETITION = 200
BLOCK_SIZES = {"lhog": 48, "lhof": 50}


def rules_logit(row: Row) -> float:
    """Logit of "none of the decisive faults that the view shows is there"; NaN where the coach found no repetition."""
    if not row.measured:
        return float("nan")
    seen = {name: p for name, p in zip(FAULT_NAMES, row.measured, strict=True) if p != UNKNOWN}
    return measures_logit(seen)


def back_logits(dataset: Dataset, train: Rows, test: Rows) -> Floats:
    """Logit of "correct" from the bow of the back alone, its limit fitted on the filmed people in `train`; (test,).

    What the limit in the settings table can't say of itself: it was chosen with every filmed person in view. NaN where
    no outline was seen.
    """
    from sklearn.linear_model import LogisticRegression

    bow = np.asarray([np.nan if row.back_bow is None else row.back_bow for row in dataset.rows])
    learn = train[np.isfinite(bow[train]) & (dataset.sources[train] == "real")]
    if len(set(dataset.labels[learn].tolist())) < 2:
        return np.full(len(test), np.nan)
    _, which, number = np.unique(np.asarray(dataset.subjects)[learn], return_inverse=True, return_counts=True)
    line = LogisticRegression(class_weight="balanced")
    line.fit(bow[learn, None] / BOW_SD, dataset.labels[learn], sample_weight=1.0 / np.sqrt(number[which]))
    out = np.full(len(test), np.nan)
    seen = np.isfinite(bow[test])
    if seen.any():
        out[seen] = line.decision_function(bow[test][seen, None] / BOW_SD)
    return out


def zhou_logits(dataset: Dataset, train: Rows, tests: Sequence[Rows], *, seed: int) -> list[Floats]:
    """Signed distance from the plane (above 0: correct) of each row of each of `tests`, from pixels alone.

    Code books and machine are fitted on the rows of `train` that have pixels. NaN for rows without pixels.
    """
    from sklearn.svm import SVC

    have = train[dataset.pixel_row[train] >= 0]
    books = [_code_book(dataset, have, kind, seed) for kind in BLOCK_SIZES]
    machine = SVC(C=1.0, kernel="rbf", gamma="scale", class_weight="balanced", random_state=seed)
    machine.fit(np.stack([_histogram(dataset, row, books) for row in have]), dataset.labels[have])
    found = []
    for rows in tests:
        out = np.full(len(rows), np.nan)
        seen = np.flatnonzero(dataset.pixel_row[rows] >= 0)
        if len(seen):
            out[seen] = machine.decision_function(np.stack([_histogram(dataset, rows[i], books) for i in seen]))
        found.append(out)
    return found


def _blocks(dataset: Dataset, row: int, kind: str) -> NDArray[np.float32]:
    """Direction histograms of all blocks of a repetition that were seen, (k, 48)."""
    pixels = dataset.lhog if kind == "lhog" else dataset.lhof
    blocks = np.asarray(pixels[dataset.pixel_row[row]], np.float32).reshape(-1, BLOCK_SIZES[kind])[:, :48]
    return np.asarray(blocks[np.any(blocks != 0, axis=1)])


def _code_book(dataset: Dataset, rows: Rows, kind: str, seed: int) -> Any:
    from sklearn.cluster import MiniBatchKMeans

    random = np.random.default_rng(seed)
    sample = []
    for row in rows:
        blocks = _blocks(dataset, row, kind)
        sample.append(blocks[random.permutation(len(blocks))[:BLOCKS_PER_REPETITION]])
    return MiniBatchKMeans(WORDS, random_state=seed, n_init=1, batch_size=4096).fit(np.concatenate(sample))


def _histogram(dataset: Dataset, row: int, books: Sequence[Any]) -> Floats:
    """Square roots of the words' shares, LHOG then LHOF, of unit length each: (256,)."""
    parts = []
    for kind, book in zip(BLOCK_SIZES, books, strict=True):
        blocks = _blocks(dataset, row, kind)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            words = book.predict(blocks) if len(blocks) else np.zeros(0, int)
        count = np.sqrt(np.bincount(words, minlength=WORDS))
        parts.append(count / max(float(np.linalg.norm(count)), 1e-9))
    return np.concatenate(parts)
