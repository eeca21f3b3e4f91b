"""python -m coaching.training build | evaluate | train | export | promote: from data to the served model, in order.

`remeasure` prints what a change of the rules does to a model that stays; `outlines` prints what the noise model of
simulated skeletons was chosen by.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from coaching.training import dataset as data_set
from coaching.vision.errors import ModelMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coaching.training.bars import Bar

DEFAULT_CACHE = Path("var/cache/training")
DEFAULT_DATA = Path("../shared/data")


def _build(options: argparse.Namespace) -> None:
    from coaching.training.build import Amounts, build

    amounts = replace(Amounts(), truth_people=options.truth_people, film_people=options.film_people)
    built = build(options.data, options.cache, options.bundle, amounts, _say, reviews=options.reviews)
    data_set.save(built, options.cache / "dataset")
    _say(f"{len(built.rows)} repetitions, {built.info['counts']}, data set {built.sha256[:16]}")


def _evaluate(options: argparse.Namespace) -> None:
    from coaching.training.evaluate import COMBINED, COMPARED, SHIPPED_REGIME, evaluate
    from coaching.training.figures import print_table, tables
    from coaching.training.fit import Recipe

    pairs = [
        (network, regime) for network, regime in COMPARED if network in options.networks and regime in options.regimes
    ]
    dataset = data_set.load(options.cache / "dataset")
    kept = options.cache / "pairs"
    found = evaluate(dataset, Recipe(), pairs=pairs, members=options.members, on_progress=_say, kept=kept)
    found.save(options.cache / "evaluation.json")
    for lines in tables(found, (COMBINED, SHIPPED_REGIME)).values():
        print_table(lines, _say)
    _bars(options)


def _bars(options: argparse.Namespace) -> None:
    from coaching.training.bars import bars
    from coaching.training.evaluate import Evaluation

    evaluation = Evaluation.load(options.cache / "evaluation.json")
    for bar in bars(evaluation, data_set.load(options.cache / "dataset"), options.data, options.tracks, options.models):
        _say(bar.line())


def _remeasure(options: argparse.Namespace) -> None:
    from coaching.training.bars import measured_anew
    from coaching.training.release import put_bars

    found = []
    for bar in measured_anew(options.data, options.tracks, options.models, options.truth_people):
        _say(bar.line())
        found.append(bar)
    put_bars(options.models, found)


def _train(options: argparse.Namespace) -> None:
    from coaching.training.evaluate import Evaluation
    from coaching.training.fit import Recipe
    from coaching.training.trained import save, train_shipped

    evaluation = Evaluation.load(options.cache / "evaluation.json")
    shipment = train_shipped(data_set.load(options.cache / "dataset"), evaluation, Recipe(), options.members)
    save(shipment, options.cache / "trained")
    _say(f"trained {len(shipment.members)} networks for {shipment.recipe['epochs']} epochs")


def _export(options: argparse.Namespace) -> None:
    from coaching.training.bars import bars
    from coaching.training.evaluate import Evaluation
    from coaching.training.release import release
    from coaching.training.trained import load

    evaluation = Evaluation.load(options.cache / "evaluation.json")
    dataset = data_set.load(options.cache / "dataset")

    def measure(models: Path) -> list[Bar]:
        found = []
        for bar in bars(evaluation, dataset, options.data, options.tracks, models):
            _say(bar.line())
            found.append(bar)
        return found

    sha256 = release(load(options.cache / "trained"), evaluation, dataset, options.models, measure)
    _say(f"{options.models}: model {sha256}")


def _outlines(options: argparse.Namespace) -> None:
    from coaching.training.outlines import filmed_bows, measured_bows

    if (options.cache / "dataset").is_dir():
        filmed_bows(data_set.load(options.cache / "dataset"), _say)
    measured_bows(options.bundle, _say)


def _noise(options: argparse.Namespace) -> None:
    from coaching.training.build import FILM_FOLDER
    from coaching.training.noise import noise_lines

    for line in noise_lines(options.cache / FILM_FOLDER, options.film_people):
        _say(line)


def _promote(options: argparse.Namespace) -> int:
    from coaching.training import promote
    from coaching.training.films import engines

    cache = options.cache / "films"
    labels = promote.held_out(options.held_out, lambda: engines(options.bundle), cache, options.subjects)
    verdict = promote.compare(options.candidate, options.current, labels)
    for line in promote.lines(verdict, labels):
        _say(line)
    for reason in verdict.reasons:
        _say(f"refused: {reason}")
    if verdict.reasons:
        return 1
    record = promote.record_of(verdict, labels, options.candidate, options.current)
    aside = promote.put_in_place(options.candidate, options.current, record)
    _say(f"promoted: {options.candidate} is now in {options.current}; what it replaced is in {aside}")
    return 0


def _judge(options: argparse.Namespace) -> None:
    from coaching.training.judge import judge

    judge(
        options.file,
        options.layout,
        options.task,
        _say,
        scored=options.labels,
        everywhere=options.label,
        aspect=options.aspect,
        fps=options.fps,
        models=options.models,
        per=options.per,
    )


def _tables(options: argparse.Namespace) -> None:
    from coaching.training.form_frames import fitted_rounding, form_findings
    from coaching.training.sequence_tables import kinect_findings, openpose_findings
    from coaching.training.tables import HEADER, fitted_lines, frame_findings

    labels, sequences = options.data / "labels", options.data / "labels" / "sequences_openpose25_abc.npz"
    if not labels.is_dir():
        raise FileNotFoundError(f"no folder {labels}; --data names the one that holds labels/ and kinect/")
    if options.fit:
        for line in (*fitted_lines(labels), fitted_rounding()):
            _say(line)
        return
    _say(HEADER)
    for finding in (*frame_findings(labels), *form_findings(labels)):
        _say(finding.line())
    if sequences.is_file():
        for finding in openpose_findings(sequences):
            _say(finding.line())
    if (options.data / "kinect").is_dir():
        for finding in kinect_findings(options.data / "kinect"):
            _say(finding.line())


def _say(text: str) -> None:
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    from coaching.training.evaluate import NETWORKS, REGIMES, RIVALS
    from coaching.vision.bundle import DEFAULT_BUNDLE

    parser = argparse.ArgumentParser(prog="python -m coaching.training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, does: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=does, description=does)
        one.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
        return one

    build = command("build", "Watch clips, simulate lifters, and collect one data set.")
    build.add_argument("--data", type=Path, default=DEFAULT_DATA, help="data folder; without it, simulated people only")
    build.add_argument("--reviews", type=Path, help="folder of `manage.py export_labels`, taken beside the data folder")
    build.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE, help="pose bundle")
    build.add_argument("--film-people", type=int, default=30, help="simulated people to render, two sets each")
    build.add_argument("--truth-people", type=int, default=300, help="simulated people as skeletons, two sets each")
    build.set_defaults(run=_build)

    evaluate = command("evaluate", "Leave one person out at a time, and print what the networks say about that person.")
    evaluate.add_argument("--networks", nargs="+", choices=(*NETWORKS, *RIVALS), default=(*NETWORKS, *RIVALS))
    evaluate.add_argument("--regimes", nargs="+", choices=tuple(REGIMES), default=tuple(REGIMES))
    evaluate.add_argument("--members", type=int, default=1, help="networks a fold, averaged")
    evaluate.set_defaults(run=_evaluate)
    only_bars = command("bars", "The bars alone, from the last evaluation and the data folder.")
    only_bars.set_defaults(run=_bars)
    remeasure = command("remeasure", "The bars that need no training, measured anew and put into description and card.")
    remeasure.add_argument("--truth-people", type=int, default=300, help="simulated people, as in `build`")
    remeasure.set_defaults(run=_remeasure)
    for one in (evaluate, only_bars, remeasure):
        _add_bars_data(one)
        one.add_argument("--models", type=Path, default=Path("models"), help="the classifier that judges sequences")

    train = command("train", "Train the network to be shipped, on everybody.")
    train.add_argument("--members", type=int, default=3, help="networks, averaged")
    train.set_defaults(run=_train)

    tables = command("tables", "What the labelled landmark tables can teach, each figure on what was left out.")
    tables.add_argument("--data", type=Path, default=DEFAULT_DATA)
    tables.add_argument("--fit", action="store_true", help="print the coefficients of the settings table instead")
    tables.set_defaults(run=_tables)
    _add_models(command)
    _add_judge(commands)
    return parser


def _add_bars_data(one: argparse.ArgumentParser) -> None:
    one.add_argument("--data", type=Path, default=DEFAULT_DATA, help="data folder; without it, fewer bars")
    one.add_argument("--tracks", type=Path, default=Path("var/cache/tracks"), help="where skeletons of clips are kept")


def _add_models(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    from coaching.vision.bundle import DEFAULT_BUNDLE

    outlines = command("outlines", "Render lifters with and without a rounded back, and print the bow that is seen.")
    outlines.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE, help="pose bundle")
    outlines.set_defaults(run=_outlines)

    noise = command(
        "noise", "Print how wrong the pose engine is on rendered lifters, and how wrong simulated skeletons are."
    )
    noise.add_argument("--film-people", type=int, default=30, help="as in `build`")
    noise.set_defaults(run=_noise)

    export = command("export", "Write ONNX file, description and model card.")
    export.add_argument("--models", type=Path, default=Path("models"))
    _add_bars_data(export)
    export.set_defaults(run=_export)

    promote = command("promote", "Compare a model with the served one on held-out labels; take its place if not worse.")
    promote.add_argument("--candidate", type=Path, required=True, help="folder that `export --models` wrote")
    promote.add_argument("--current", type=Path, default=Path("models"))
    promote.add_argument(
        "--held-out", type=Path, nargs="+", required=True, help="folders of `export_labels`, or of a data set"
    )
    promote.add_argument("--subjects", nargs="+", default=[], help="of these people only")
    promote.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE, help="pose bundle")
    promote.set_defaults(run=_promote)


def _add_judge(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from coaching.training.judge import TASKS
    from coaching.vision.layouts import LAYOUTS

    does = "Judge every row, or every sequence, of a landmark table: CSV, npz, Kinect text, or a folder of them."
    judge = commands.add_parser("judge", help=does, description=does)
    judge.add_argument("file", type=Path)
    judge.add_argument("--layout", required=True, choices=sorted(LAYOUTS))
    judge.add_argument("--task", required=True, choices=TASKS)
    judge.add_argument("--labels", action="store_true", help="score against the table's own column of words")
    judge.add_argument("--label", help="score against this one class, for a table that holds only that")
    judge.add_argument(
        "--aspect",
        type=float,
        help="picture width over height, for tables in 0..1: found out where a lifter bends over, or stands upright",
    )
    judge.add_argument("--fps", type=float, default=30.0, help="frames a second of a sequence")
    judge.add_argument("--models", type=Path, default=Path("models"))
    judge.add_argument(
        "--per",
        choices=("auto", "row", "sequence", "repetition"),
        default="auto",
        help="form only: a prediction a row of single frames, or a film, or each of its repetitions",
    )
    judge.set_defaults(run=_judge, quiet=True)


def main(argv: Sequence[str] | None = None) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    options = _parser().parse_args(argv)
    started = time.monotonic()
    try:
        status: int | None = options.run(options)
    except (FileNotFoundError, ValueError, ModelMissing) as problem:
        print(f"training: {problem}", file=sys.stderr)
        return 2
    if not getattr(options, "quiet", False):
        _say(f"done in {time.monotonic() - started:.0f} s")
    return status or 0


if __name__ == "__main__":
    raise SystemExit(main())
