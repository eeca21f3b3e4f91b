"""`python -m coaching.vision.evaluation CLIPS [--labels TABLES]`, `... --simulator`, `... --robustness [--sets N]` and
`... [CLIPS] --progress`.

Prints one line a clip, then one line a bar of the project that begins with `met` or `MISSED`; exits with 1 when a bar
is missed.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.evaluation.real import HARMLESS_NEGATIVES, TRUTH, evaluate_clips
from coaching.vision.evaluation.tables import evaluate_tables
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.evaluation.progress import OwnResult, PairResult
    from coaching.vision.evaluation.real import ClipResult
    from coaching.vision.evaluation.robustness import SetResult
    from coaching.vision.evaluation.simulated import SimulatedResult

MAX_REFUSED, MIN_EXACT = 0.35, 0.85
MIN_LABELS, MAX_RMSE_DEG = 0.90, 10.0
MAX_FALSE_CLAIMS, MIN_CONFIRMED = 0.05, 0.80
MIN_COUNTED, MIN_NEAR, MAX_MAE, MIN_LIVE = 0.92, 0.98, 0.10, 0.95
ANGLES = ("hip", "knee", "trunk")
LABEL_FLOORS = {"stance_gymtracker": 0.90, "lean_gymtracker": 0.93}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m coaching.vision.evaluation", description=__doc__)
    parser.add_argument("clips", nargs="?", type=Path, help=f"folder with clips and their {TRUTH}")
    parser.add_argument("--labels", type=Path, help="folder with labelled frames (default: ../labels of the clips)")
    parser.add_argument("--simulator", action="store_true", help="score on simulated lifters instead")
    parser.add_argument("--landmarks", action="store_true", help="with --simulator: no rendering, no pose model")
    parser.add_argument("--progress", action="store_true", help="how often a change between two films is claimed")
    parser.add_argument("--pairs", type=int, default=100, help="with --progress: pairs for each view, fault and degree")
    parser.add_argument("--robustness", action="store_true", help="count simulated sets under every condition instead")
    parser.add_argument("--sets", type=int, default=12, help="with --robustness: sets a condition and view")
    parser.add_argument("--cache", type=Path, default=Path("var/cache"), help="where skeletons are kept")
    args = parser.parse_args(argv)
    if args.robustness:
        return _robustness(max(args.sets, 1))
    if args.simulator:
        return _simulator(None if args.landmarks else args.cache / "simulated")
    if args.progress:
        return _progress(args.pairs) if args.clips is None else _filmed_progress(args.clips, args.cache / "tracks")
    if args.clips is None or not (args.clips / TRUTH).is_file():
        parser.error(f"give a folder that has {TRUTH}, or --simulator, --robustness or --progress")
    missed = _clips(args.clips, args.cache / "tracks")
    return missed | _labels(args.labels or args.clips.parent / "labels")


def _clips(folder: Path, cache: Path) -> int:
    print(f"{'clip':30} {'truth':8} {'seen as':8} {'reps':>7}  {'lockout':>7}  {'ms':>4}  refused")
    results = []
    for result in evaluate_clips(folder, cache):
        results.append(result)
        print(_clip_line(result), flush=True)
    return _clip_summary(results)


def _clip_line(r: ClipResult) -> str:
    error = "" if math.isnan(r.lockout_error_s) else f"{r.lockout_error_s:.2f} s"
    mark = "" if r.refused or r.exact else "  <-- differs"
    count = f"{'-' if r.refused else r.reps}/{r.truth.reps}"
    name, view = r.truth.file.removesuffix(".mp4"), r.truth.view or "-"
    return f"{name:30} {view:8} {r.view:8} {count:>7}  {error:>7}  {r.seconds * 1e3:4.0f}  {r.refused}{mark}"


def _clip_summary(results: Sequence[ClipResult]) -> int:
    counted = [r for r in results if not r.truth.negative]
    judged = [r for r in counted if r.judged]
    exact = sum(r.exact for r in judged)
    far_off = [r.truth.file for r in judged if r.truth.reps >= 3 and abs(r.reps - r.truth.reps) > 1]
    wrong = [r.truth.file for r in results if r.wrongly_judged and r.truth.file not in HARMLESS_NEGATIVES]
    errors = [r.lockout_error_s for r in judged if not math.isnan(r.lockout_error_s)]
    refused = 1.0 - len(judged) / max(len(counted), 1)
    right = exact / max(len(judged), 1)
    if errors:
        print(f"\nlockout times of {len(errors)} clips: largest error {max(errors):.2f} s")
    return (
        _bar(f"{len(counted) - len(judged)} of {len(counted)} refused, {refused:.0%} (<= 35 %)", refused <= MAX_REFUSED)
        | _bar(f"count exact in {exact} of {len(judged)} judged, {right:.0%} (>= 85 %)", right >= MIN_EXACT)
        | _bar(f"off by more than 1 with 3 or more repetitions: {', '.join(far_off) or 'none'} (none)", not far_off)
        | _bar(f"no deadlift, yet repetitions: {', '.join(wrong) or 'none'} (none but cartoon and rows)", not wrong)
    )


def _bar(text: str, met: bool) -> int:
    """Print the line of one bar, with the bar in brackets; return 1 when it is missed."""
    print(f"{'met' if met else 'MISSED':7} {text}")
    return int(not met)


def _labels(folder: Path) -> int:
    missed = 0
    for r in evaluate_tables(folder, DEFAULT):
        recall = ", ".join(f"{name} {value:.2f}" for name, value in r.recall.items())
        text = (
            f"{r.name}: balanced accuracy {r.balanced_accuracy:.3f} on {r.rows} rows, "
            f"{r.balanced_accuracy_distinct:.3f} on {r.distinct_rows} distinct ones ({recall})"
        )
        if r.name in LABEL_FLOORS:
            floor = LABEL_FLOORS[r.name]
            missed |= _bar(f"{text} (> {floor:.2f})", r.balanced_accuracy > floor)
        else:
            print(f"{'':7} {text}")
    return missed


def _simulator(cache: Path | None) -> int:
    from coaching.vision.evaluation.simulated import evaluate_simulator

    print(f"{'set':28} {'view':8} {'seen as':8} {'reps':>5}  {'hip':>5} {'knee':>5} {'trunk':>5}  stance  lean")
    results = []
    for result in evaluate_simulator(cache, rendered=cache is not None):
        results.append(result)
        print(_simulated_line(result), flush=True)
    return _simulated_summary(results)


def _simulated_line(r: SimulatedResult) -> str:
    angles = " ".join(f"{r.rmse_deg[a]:5.1f}" if a in r.rmse_deg else "    -" for a in ANGLES)
    words = {None: "-", True: "right", False: "WRONG"}
    mark = f"  {r.refused}" if r.refused else ""
    count = f"{r.reps}/{r.true_reps}"
    return (
        f"{r.name:28} {r.view:8} {r.seen_as:8} {count:>5}  {angles}  "
        f"{words[r.stance_right]:6}  {words[r.lean_right]}{mark}"
    )


def _simulated_summary(results: Sequence[SimulatedResult]) -> int:
    exact = sum(r.reps == r.true_reps for r in results)
    print()
    for angle in ANGLES:
        for view in sorted({r.view for r in results}):
            errors = [(r.rmse_deg[angle], r.name) for r in results if r.view == view and angle in r.rmse_deg]
            if errors:
                worst, name = max(errors)
                pooled, n = _pooled([error for error, _ in errors]), len(errors)
                print(f"{'':7} {angle} from {view}: RMSE {pooled:.1f} deg over {n} clips, worst {worst:.1f} ({name})")
    missed = _bar(f"repetitions exact in {exact} of {len(results)} (all)", exact == len(results))
    for angle in ANGLES:
        values = [r.rmse_deg[angle] for r in results if angle in r.rmse_deg]
        within = sum(value <= MAX_RMSE_DEG for value in values)
        text = (
            f"{angle}: RMSE {_pooled(values):.1f} deg where observable (<= 10), {within} of {len(values)} clips within"
        )
        missed |= _bar(text, _pooled(values) <= MAX_RMSE_DEG)
    for name in ("stance", "lean"):
        answers = [getattr(r, f"{name}_right") for r in results]
        given = [a for a in answers if a is not None]
        text = f"{name}: right in {sum(given)} of {len(given)} where observable (>= 90 %)"
        missed |= _bar(text, sum(given) >= MIN_LABELS * len(given))
    return missed


def _progress(pairs: int) -> int:
    from coaching.vision.evaluation.progress import STEPS, VIEWED, evaluate_progress, evaluate_reference

    results = list(evaluate_progress(pairs))
    print(f"{'view':8} {'fault':19} {'degree':>11} {'pairs':>6} {'improved':>9} {'worse':>6}")
    for view, faults in VIEWED.items():
        for fault in faults:
            for degrees in STEPS:
                rows = [r for r in results if (r.view, r.fault, r.degrees) == (view, fault, degrees)]
                better, worse = (sum(bool(getattr(r, kind)) for r in rows) for kind in ("improved", "worse"))
                change = f"{degrees[0]} -> {degrees[1]}"
                print(f"{view:8} {fault:19} {change:>11} {len(rows):6} {better:9} {worse:6}")
    missed = _progress_summary(results)
    return missed | _reference_summary(list(evaluate_reference(max(pairs // 4, 1))))


def _filmed_progress(folder: Path, cache: Path) -> int:
    """Real people: what is claimed of every two sets of a person, and how far single repetitions differ by film."""
    from coaching.vision.evaluation.progress import film_spreads, filmed_pairs, filmed_sets

    sets = filmed_sets(folder, cache)
    for before, now, found in filmed_pairs(sets):
        names = (f"{one.judged.key} ({' '.join((one.form, one.faults)).strip()})" for one in (before, now))
        claims = [f"improved: {name}" for name in found.improved] + [f"worse: {name}" for name in found.worse]
        print(f"{' -> '.join(names)}: {', '.join(claims) or 'nothing'} ({found.measures} measures)")
    print()
    for s in film_spreads(sets):
        print(
            f"{s.subject} {s.view} {s.name}: SD of one repetition over {s.films} films {s.sd:.3f} {s.unit}, "
            f"stated {s.stated:.3f}, ratio {s.sd / s.stated:.2f}"
        )
    return 0


def _progress_summary(results: Sequence[PairResult]) -> int:
    from coaching.vision.evaluation.progress import GROSS

    same = [r for r in results if r.unchanged]
    moderate, gross = ([r for r in results if not r.unchanged and (r.degrees == GROSS) is it] for it in (False, True))
    claimed = sum(bool(r.improved or r.worse) for r in same)
    better = sum(bool(r.improved) for r in same)
    wrong = sum(bool(set(r.improved) - {r.fault}) or bool(r.worse) for r in (*moderate, *gross))
    measures = sum(r.measures for r in same)
    print()
    print(f"{'':7} unchanged technique: {measures} measures compared in {len(same)} pairs")
    print(f"{'':7} falsely confirmed an improvement: {better} of {len(same)} pairs, {better / max(len(same), 1):.1%}")
    text = f"unchanged technique, a change claimed: {claimed} of {len(same)} pairs, {claimed / max(len(same), 1):.1%}"
    missed = _bar(f"{text} (<= 5 %)", claimed <= MAX_FALSE_CLAIMS * len(same))
    confirmed, share = _confirmed(gross)
    text = f"fault shrinks from gross to almost none: confirmed in {confirmed} of {len(gross)} pairs, {share:.1%}"
    missed |= _bar(f"{text} (>= 80 %)", share >= MIN_CONFIRMED)
    confirmed, share = _confirmed(moderate)
    print(f"{'':7} from moderate to almost none: confirmed in {confirmed} of {len(moderate)} pairs, {share:.1%}")
    print(f"{'':7} something else claimed beside it: {wrong} of {len(gross) + len(moderate)} pairs")
    return missed


def _confirmed(results: Sequence[PairResult]) -> tuple[int, float]:
    number = sum(r.fault in r.improved for r in results)
    return number, number / max(len(results), 1)


def _reference_summary(results: Sequence[OwnResult]) -> int:
    same = [r for r in results if r.degrees[0] == r.degrees[1]]
    grown = [r for r in results if r.degrees[0] != r.degrees[1]]
    told, early = (sum(bool(getattr(r, kind)) for r in same) for kind in ("own", "early"))
    found = sum(r.fault in r.own for r in grown)
    print(f"{'':7} told early because of it: {early} of {len(same)} sets of unchanged technique")
    share = told / max(len(same), 1)
    text = f"unchanged technique, yet told as beyond the own best: {told} of {len(same)} sets, {share:.1%}"
    missed = _bar(f"{text} (<= 5 %)", told <= MAX_FALSE_CLAIMS * len(same))
    print(f"{'':7} fault comes up at 0.6: told as beyond the own best in {found} of {len(grown)} sets")
    return missed


def _robustness(sets: int) -> int:
    from coaching.vision.evaluation.robustness import evaluate_robustness

    columns = f"{'exact':>5} {'off <= 1':>8} {'MAE':>5} {'live':>5} {'delay':>6}"
    print(f"{'condition':28} {'view':8} {'judged':>7} {columns}")
    results = []
    for group in evaluate_robustness(sets=sets):
        results += group
        print(_counted_line(group), flush=True)
    return _counted_summary(results)


def _counted_line(group: Sequence[SetResult]) -> str:
    judged = [r for r in group if r.judged]
    if not judged:
        return f"{group[0].condition:28} {group[0].view:8} {'0':>4}/{len(group)}"
    exact, near, mae, live = _counted(judged)
    delays = [r.delay_s for r in judged if not math.isnan(r.delay_s)]
    delay = f"{np.median(delays):+.1f} s" if delays else "-"
    mark = "" if exact >= MIN_COUNTED and near >= MIN_NEAR else "  <-- below the bars"
    name = f"{group[0].condition:28} {group[0].view:8} {len(judged):>4}/{len(group):<2}"
    return f"{name} {exact:5.2f} {near:8.2f} {mae:5.2f} {live:5.2f} {delay:>6}{mark}"


def _counted(results: Sequence[SetResult]) -> tuple[float, float, float, float]:
    """Shares counted exactly and off by at most one, mean absolute error, share in which live agrees."""
    errors = np.array([r.error for r in results])
    live = float(np.mean([r.live == r.found for r in results]))
    return float(np.mean(errors == 0)), float(np.mean(errors <= 1)), float(errors.mean()), live


def _counted_summary(results: Sequence[SetResult]) -> int:
    judged = [r for r in results if r.judged]
    print()
    for view in dict.fromkeys(r.view for r in results):
        exact, near, mae, live = _counted([r for r in judged if r.view == view])
        print(f"{'':7} {view}: exact {exact:.3f}, off by at most one {near:.3f}, MAE {mae:.3f}, live agrees {live:.3f}")
    exact, near, mae, live = _counted(judged)
    share = f"{len(judged)} of {len(results)} sets judged"
    return (
        _bar(f"count exact in {exact:.3f} of {share} (>= {MIN_COUNTED})", exact >= MIN_COUNTED)
        | _bar(f"off by at most one in {near:.3f} (>= {MIN_NEAR})", near >= MIN_NEAR)
        | _bar(f"mean absolute error {mae:.3f} (<= {MAX_MAE})", mae <= MAX_MAE)
        | _bar(f"the live count ends where the whole set's does in {live:.3f} (>= {MIN_LIVE})", live >= MIN_LIVE)
    )


def _pooled(rmse: Sequence[float]) -> float:
    """One RMSE of clips that weigh the same."""
    return float(np.sqrt(np.mean(np.square(rmse))))


if __name__ == "__main__":
    raise SystemExit(main())
