"""What the picture looks like: light, clothes, background, plates, and what can go wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Rgb = tuple[int, int, int]
Light = Literal["even", "left", "right", "above", "behind", "dim"]
Background = Literal["gym", "plain", "garden", "dark", "home"]

SHIRTS: dict[str, Rgb] = {
    "blue": (52, 88, 160),
    "red": (168, 46, 44),
    "grey": (132, 134, 138),
    "black": (40, 42, 46),
    "white": (214, 214, 210),
    "green": (52, 120, 78),
    "yellow": (206, 172, 60),
}
TROUSERS: dict[str, Rgb] = {
    "black": (38, 39, 44),
    "grey": (96, 98, 104),
    "navy": (36, 44, 74),
    "olive": (88, 88, 60),
    "maroon": (98, 40, 48),
}
SKIN: dict[str, Rgb] = {
    "light": (232, 190, 164),
    "medium": (200, 148, 112),
    "tan": (170, 118, 84),
    "dark": (112, 74, 54),
}
HAIR: dict[str, Rgb] = {"black": (30, 26, 24), "brown": (82, 54, 36), "blond": (188, 152, 92), "grey": (140, 138, 134)}
SHOES: dict[str, Rgb] = {"white": (226, 226, 224), "black": (34, 34, 36), "red": (176, 44, 40)}


@dataclass(frozen=True, slots=True)
class Clothing:
    """Names in the palettes above; an unknown one raises KeyError. shorts: bare knees and shanks; sleeves: long."""

    shirt: str = "blue"
    trousers: str = "black"
    skin: str = "light"
    hair: str = "brown"
    shoes: str = "white"
    shorts: bool = False
    sleeves: bool = False

    def __post_init__(self) -> None:
        for name, palette in (
            (self.shirt, SHIRTS),
            (self.trousers, TROUSERS),
            (self.skin, SKIN),
            (self.hair, HAIR),
            (self.shoes, SHOES),
        ):
            if name not in palette:
                raise KeyError(f"{name}: known are {', '.join(palette)}")


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything but the lifter's movement and the camera.

    plate_radius_m: 0.225 is a calibrated plate and hides ankle, knee or hip in a side view; 0 = none.
    wheels: thin open hoops carry the bar where the plates are too small to; they throw pose engines off the near knee.
    noise: SD in grey levels of 255. blur_px: SD of a soft lens. second_person: somebody stands beside the bar.
    black_s: intervals (start, end) in which the camera delivers black pictures. lifter: False films the empty place.
    seed: details of background and noise.
    """

    light: Light = "even"
    brightness: float = 1.0
    clothing: Clothing = Clothing()
    background: Background = "gym"
    plate_radius_m: float = 0.07
    bar: bool = True
    wheels: bool = False
    noise: float = 2.0
    blur_px: float = 0.6
    second_person: bool = False
    second_person_at_m: tuple[float, float] = (0.9, -0.9)
    black_s: tuple[tuple[float, float], ...] = ()
    lifter: bool = True
    seed: int = 0
