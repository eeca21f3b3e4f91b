"""Pictures as a film: colours stay where they are, whatever the size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from coaching.vision.webm import write_webm

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("height", "width"), [(240, 320), (242, 320), (322, 242), (240, 306)])
def test_colours_stay_in_their_rows_at_every_even_size(tmp_path: Path, height: int, width: int) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2], picture[height // 2 :] = (0, 0, 255), (0, 255, 0)
    film = tmp_path / "film.webm"
    write_webm(((i / 30, picture) for i in range(4)), film)
    with av.open(str(film)) as container:
        seen = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)][-1]
    assert seen.shape[1] == width
    assert 0 <= seen.shape[0] - height < 4
    for row, colour in (
        (2, (0, 0, 255)),
        (height // 2 - 12, (0, 0, 255)),
        (height // 2 + 12, (0, 255, 0)),
        (-2, (0, 255, 0)),
    ):
        assert np.abs(seen[row, width // 2].astype(int) - colour).max() < 12
