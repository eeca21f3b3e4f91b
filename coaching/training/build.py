"""Collects the examples of all sources into one data set. Watched clips are cached, so a second run takes seconds."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coaching.training.dataset import Dataset, assemble
from coaching.training.films import engines
from coaching.training.real import clip_examples, labelled_clips
from coaching.training.reviews import reviewed_clips, reviewed_examples
from coaching.training.sampling import SETS_VERSION, draw_sets
from coaching.training.sequence_examples import SEQUENCES, sequence_examples
from coaching.training.simulated import film_examples, truth_examples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from coaching.training.dataset import Example

log = logging.getLogger(__name__)

FILM_FOLDER = "films"


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many people are simulated, and how many altered copies of each skeleton are made (the first is unaltered)."""

    truth_people: int = 300
    film_people: int = 30
    variants: int = 4


def build(
    data: Path | None,
    cache: Path,
    bundle: Path,
    amounts: Amounts,
    on_progress: Callable[[str], None],
    *,
    reviews: Path | None = None,
) -> Dataset:
    """Watch, simulate and assemble. Without `data`, or where it is not there, no clips of it.

    `reviews`: a folder of `manage.py export_labels`; its students who are held out are not taken.
    """
    using = engines(bundle)
    films = cache / FILM_FOLDER
    examples: list[Example] = []
    clips = list(labelled_clips(data)) if data is not None and (data / "videos").is_dir() else []
    for clip in clips:
        examples += clip_examples(clip, using, films, variants=amounts.variants)
        on_progress(f"{clip.path.name}: {len(examples)} examples")
    if data is not None and (data / "labels" / SEQUENCES).is_file():
        examples += sequence_examples(data / "labels" / SEQUENCES, variants=amounts.variants)
        on_progress(f"{SEQUENCES}: {len(examples)} examples")
    reviewed = reviewed_clips(reviews, "train") if reviews is not None else []
    for reviewed_clip in reviewed:
        examples += reviewed_examples(reviewed_clip, using, films, variants=amounts.variants)
        on_progress(f"{reviewed_clip.path.name}: {len(examples)} examples")
    for drawn in draw_sets("film", amounts.film_people):
        examples += film_examples(drawn, using, films, variants=amounts.variants)
        on_progress(f"{drawn.name}: {len(examples)} examples")
    for drawn in draw_sets("truth", amounts.truth_people):
        examples += truth_examples(drawn, variants=amounts.variants)
    on_progress(f"simulated skeletons: {len(examples)} examples")
    counts = Counter((e.row.source, "correct" if e.row.label else "incorrect") for e in examples)
    info: dict[str, object] = {
        "counts": {f"{source} {form}": number for (source, form), number in sorted(counts.items())},
        "sets_version": SETS_VERSION,
        "labelled_clips": len(clips),
        "reviewed_clips": len(reviewed),
        "clips_with_examples": len({e.row.clip for e in examples if e.row.source == "real"}),
    }
    return assemble(examples, info=info)
