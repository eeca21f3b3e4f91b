"""Films and models that several tests share; each is made once. Their tests stay on one worker of a
parallel run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coaching.simulator import Camera, Encoding, LiftSpec, Scene, Tempo, render_clip, simulate
from coaching.vision.bundle import DEFAULT_BUNDLE, build

if TYPE_CHECKING:
    from pathlib import Path

    from coaching.simulator import Truth
    from coaching.vision.pipeline import ClipAssessment, Engines

QUICK = Tempo(concentric_s=0.9, top_s=0.6, eccentric_s=0.9, floor_s=0.4, variation=0.0)
ONE_REP = LiftSpec(reps=1, tempo=QUICK, stand_before_s=0.3, bend_s=0.8, setup_s=0.4, stand_after_s=0.2)
STANDING = LiftSpec(reps=0, stand_before_s=1.2, stand_after_s=1.2)


SHARED = {"engines", "bundle", "assessed", "front", "turned_side", "two_people"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Two workers would each load the models and render the films."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        if item.path.parent.name == "vision" and SHARED & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("vision"))


def small_camera(**changes: object) -> Camera:
    values: dict[str, object] = {"fps": 20.0, "width": 240, "height": 320, **changes}
    return Camera(**values)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="session")
def front(films: Path) -> tuple[Path, Truth]:
    """One clean repetition from the front."""
    path = films / "front.mp4"
    return path, render_clip(simulate(ONE_REP, seed=1), small_camera(), path=path)


@pytest.fixture(scope="session")
def turned_side(films: Path) -> tuple[Path, Truth]:
    """One repetition from the side as phones store it: lying on its side, at uneven intervals, 60 pictures a second."""
    path = films / "turned.mov"
    encoding = Encoding(rotation_deg=90, variable_rate=0.3)
    return path, render_clip(
        simulate(ONE_REP, seed=2), small_camera(yaw_deg=90, fps=60.0), path=path, encoding=encoding
    )


@pytest.fixture(scope="session")
def two_people(films: Path) -> Path:
    path = films / "two.mp4"
    scene = Scene(second_person=True, second_person_at_m=(-0.95, 0.0))
    render_clip(simulate(ONE_REP, seed=3), small_camera(width=480, fps=12.0, distance_m=4.2), scene, path)
    return path


@pytest.fixture(scope="session")
def empty_place(films: Path) -> Path:
    path = films / "empty.mp4"
    render_clip(simulate(STANDING, seed=4), small_camera(fps=12.0), Scene(lifter=False), path)
    return path


@pytest.fixture(scope="session")
def somebody_standing(films: Path) -> Path:
    path = films / "standing.mp4"
    render_clip(simulate(STANDING, seed=5), small_camera(fps=12.0), Scene(bar=False), path)
    return path


@pytest.fixture(scope="session")
def bundle() -> Path:
    build(DEFAULT_BUNDLE)
    return DEFAULT_BUNDLE


@pytest.fixture(scope="session")
def engines(bundle: Path) -> Engines:
    from coaching.vision.pipeline import Engines

    return Engines.load(pose_bundle=bundle)


@pytest.fixture(scope="session")
def assessed(front: tuple[Path, Truth], engines: Engines) -> ClipAssessment:
    from coaching.vision.pipeline import assess

    return assess(front[0], engines)
