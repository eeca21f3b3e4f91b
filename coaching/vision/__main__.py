"""`python -m coaching.vision CLIP... [--json DIR] [--overlay DIR]`: analyse clips without the web application.

Prints one line a clip. Exit status: 0 when every clip was analysed (a refusal is a result), 1 when a file could not be
read, 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coaching.vision.errors import FileUnreadable, ModelMissing, PipelineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.pipeline import Engines
    from coaching.vision.types import Stage

UNREADABLE = 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m coaching.vision", description="Analyse deadlift clips.")
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP")
    parser.add_argument("--json", type=Path, metavar="DIR", help="write one document a clip (docs/pipeline.md)")
    parser.add_argument("--overlay", type=Path, metavar="DIR", help="write the annotated video of each judged clip")
    parser.add_argument("--models", type=Path, default=Path("models"), metavar="DIR", help="default: models")
    parser.add_argument("--bundle", type=Path, default=Path("var/models/pose_landmarker_full.task"), metavar="FILE")
    parser.add_argument("--engine", choices=("mediapipe", "posenet"), default="mediapipe", help="default: mediapipe")
    parser.add_argument("--posenet-weights", type=Path, metavar="FILE", help="PoseNet's quantised TFLite weights")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    for folder in (args.json, args.overlay):
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    engines = _engines(parser, args)
    unreadable = False
    for clip in args.clips:
        document = _analyse(clip, engines, args.overlay)
        unreadable |= document["sha256"] is None
        sys.stdout.write(f"{summary(document)}\n")
        sys.stdout.flush()
        if args.json is not None:
            _write_json(args.json / f"{clip.name}.json", document)
    return UNREADABLE if unreadable else 0


def _engines(parser: argparse.ArgumentParser, args: argparse.Namespace) -> Engines:
    from coaching.vision.bundle import build
    from coaching.vision.pipeline import Engines

    if (args.engine == "posenet") != (args.posenet_weights is not None):
        parser.error("--engine posenet and --posenet-weights FILE go together: no PoseNet weights are shipped")
    if args.engine == "posenet":
        try:
            return Engines.load_posenet(args.posenet_weights, models_dir=args.models)
        except ModelMissing as error:
            parser.error(error.detail)
    if not args.bundle.exists():
        build(args.bundle)
    return Engines.load(models_dir=args.models, pose_bundle=args.bundle)


def _analyse(clip: Path, engines: Engines, overlay: Path | None) -> dict[str, Any]:
    """The clip's document; the annotated video goes to the folder `overlay`."""
    from tqdm import tqdm

    from coaching.vision.pipeline import assess, failure_document, render_overlay

    layout = "{desc} {percentage:3.0f}% |{bar}| {elapsed}<{remaining}"
    with tqdm(total=100, desc=clip.name, bar_format=layout, leave=False, disable=None) as bar:

        def progress(stage: Stage, fraction: float) -> None:
            first, last = _SHARES[stage] if overlay is not None else _SHARES_WITHOUT_OVERLAY[stage]
            bar.set_description(f"{clip.name}: {stage}", refresh=False)
            bar.update(first + (last - first) * fraction - bar.n)

        try:
            assessment = assess(clip, engines, on_progress=progress)
            if overlay is not None and assessment.report.refused is None:
                render_overlay(clip, assessment, overlay / f"{clip.stem}.webm", progress)
        except PipelineError as error:
            return failure_document(clip, error, engines)
        except OSError as error:
            return failure_document(clip, FileUnreadable(str(error)), engines)
    return assessment.document


_SHARES: dict[str, tuple[float, float]] = {
    "probe": (0, 1),
    "pose": (1, 65),
    "features": (65, 66),
    "form": (66, 67),
    "classify": (67, 68),
    "overlay": (68, 100),
}
_SHARES_WITHOUT_OVERLAY = {
    "probe": (0, 1),
    "pose": (1, 97),
    "features": (97, 98),
    "form": (98, 99),
    "classify": (99, 100),
}


def summary(document: dict[str, Any]) -> str:
    """One line: what the clip shows, or why it was not judged."""
    name, refused = document["clip"], document["refused"]
    if refused:
        kind = "unreadable" if document["sha256"] is None else "refused"
        return f"{name}: {kind}: {refused['code']}. {refused['advice']}"
    reps = document["reps"]
    verdicts = ", ".join(_verdict(rep) for rep in reps)
    parts = [f"{document['view']} view", f"{len(reps)} repetition{'' if len(reps) == 1 else 's'}: {verdicts}"]
    for measure in ("stance", "lean"):
        judged = document[measure]
        parts.append(f"{measure} {judged['label']} {judged['score']:.2f}" if judged["observable"] else f"{measure} -")
    parts += [cue["text"] for cue in document["feedback"]]
    return f"{name}: {'; '.join(parts)}"


def _verdict(rep: dict[str, Any]) -> str:
    if rep["verdict"] is None:
        return "not judged"
    p = rep["p_correct"] if rep["verdict"] == "correct" else 1 - rep["p_correct"]
    return f"{rep['verdict']} {min(p, 0.99):.2f}"


def _write_json(path: Path, document: dict[str, Any]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    temporary.replace(path)


if __name__ == "__main__":
    raise SystemExit(main())
