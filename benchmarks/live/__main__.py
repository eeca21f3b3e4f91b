"""`python -m benchmarks.live`: what a class of lifters costs a server on one core (bars: issue of live coaching).

30 lifters at 15 frames a second, each a simulated set over a real socket on loopback, set after set as long as asked:
CPU of the server a frame (bar 1.0 ms), time from a frame to its answer (bar: p95 100 ms), frames sent and frames stored
(bar: the same), repetitions counted and lifted, and memory of the server after a tenth of the time, half of it, and at
the end (bar: no more than 5 % in the second half). The server has one core, the lifters have the others; what else ran
on the machine is printed with the figures, for only the CPU times are worth anything beside other work.
`--browser` measures a real page instead: Chromium with a fake camera, from the picture to the answer on the screen.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from benchmarks.live.lifter import Lifter
from benchmarks.live.site import Site
from coaching.live.engine import frames_of
from coaching.simulator import Camera, LiftSpec, simulate, truth_track

if TYPE_CHECKING:
    from coaching.live.protocol import LiveFrame

MOST_CPU_MS = 1.0
MOST_P95_MS = 100.0
MOST_GROWN = 0.05
"""Of the server's memory in the second half."""
SEEDS = 6


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--lifters", type=int, default=30)
    parser.add_argument("--fps", type=float, default=15.0)
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--browser", action="store_true")
    args = parser.parse_args(argv)
    if args.browser:
        from benchmarks.live.browser import measure

        return measure(reps=3)
    with tempfile.TemporaryDirectory(prefix="liftlab-live-") as folder:
        cores = os.sched_getaffinity(0)
        core = max(cores)
        with Site(Path(folder), lifters=args.lifters, cores={core}) as site:
            os.sched_setaffinity(0, cores - {core} or cores)
            try:
                return asyncio.run(_measure(site, args))
            finally:
                sys.stderr.write(site.log.read_text(errors="replace")[-4000:])


def sets(reps: int, fps: float) -> list[list[LiveFrame]]:
    """A few simulated sets in several views; the lifters take turns with them."""
    views = (0.0, 30.0, 45.0, 60.0, 75.0, 90.0)
    made = []
    for seed, yaw in zip(range(SEEDS), views, strict=True):
        lift = simulate(LiftSpec(reps=reps), seed=seed)
        made.append(frames_of(truth_track(lift, Camera(yaw_deg=yaw, fps=fps), noise_px=1.5, seed=seed)))
    return made


async def _measure(site: Site, args: argparse.Namespace) -> int:
    assert site.server
    process = psutil.Process(site.server.pid)
    choice = sets(args.reps, args.fps)
    # Libraries load with the first set; nobody's lesson begins with that.
    await _one(site, 0, choice[0])
    cpu, own, started = _cpu_s(process), time.process_time(), time.monotonic()
    deadline = started + 60.0 * args.minutes
    watching = asyncio.create_task(_memory(process, args.minutes))
    lessons = await asyncio.gather(*(_lesson(site, i, choice, deadline) for i in range(args.lifters)))
    lifters = [one for lesson in lessons for one in lesson]
    took_s = time.monotonic() - started
    used_s = _cpu_s(process) - cpu
    early, middle, late = [*await watching, process.memory_info().rss / 1e6]
    own_s = time.process_time() - own
    stored = [row for row in site.look()["sets"] if row["state"] == "finished"][1:]
    sent = sum(len(one.frames) for one in lifters)
    kept = sum(row["stored"] for row in stored)
    latency = np.concatenate([one.latency_ms for one in lifters])
    p50, p95, p99 = np.percentile(latency, [50, 95, 99])
    cost = 1000.0 * used_s / sent
    wrong = sum(row["reps"] != args.reps for row in stored)
    moved = sum(one.heard[-1].get("count") != args.reps for one in lifters)
    lines = (
        f"{args.lifters} lifters at {args.fps:g} frames/s for {took_s:.0f} s: {len(lifters)} sets, {sent} frames",
        f"server CPU {cost:.2f} ms a frame (bar {MOST_CPU_MS:.1f}), {100 * used_s / took_s:.0f} % of one core",
        f"answered after p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms (bar p95 {MOST_P95_MS:.0f}), n {latency.size}",
        f"frames sent {sent}, stored {kept}; sets with another count than lifted: {wrong} stored, {moved} live",
        f"memory of the server {early:.0f} MB early, {middle:.0f} MB in the middle, {late:.0f} MB at the end",
        f"lifters took {100 * own_s / took_s:.0f} % of one core; load of the whole machine {os.getloadavg()[0]:.1f}",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    grew = late > (1.0 + MOST_GROWN) * middle
    return int(cost > MOST_CPU_MS or p95 > MOST_P95_MS or kept != sent or wrong > 0 or moved > 0 or grew)


async def _memory(process: psutil.Process, minutes: float) -> tuple[float, float]:
    """MB after a tenth and after half of the time."""
    await asyncio.sleep(6.0 * minutes)
    early = process.memory_info().rss
    await asyncio.sleep(24.0 * minutes)
    return early / 1e6, process.memory_info().rss / 1e6


async def _lesson(site: Site, person: int, choice: list[Any], deadline: float) -> list[Lifter]:
    # Nobody in a class begins at the same moment.
    await asyncio.sleep(4.0 * person / len(site.people))
    done = [await _one(site, person, choice[person % SEEDS])]
    while time.monotonic() < deadline:
        done.append(await _one(site, person, choice[(person + len(done)) % SEEDS]))
    return done


async def _one(site: Site, person: int, frames: list[LiveFrame]) -> Lifter:
    opened = await asyncio.to_thread(site.begin, person)
    lifter = Lifter(site.url, site.people[person]["cookie"], opened, frames)
    await lifter.lift()
    return lifter


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    sys.exit(main())
