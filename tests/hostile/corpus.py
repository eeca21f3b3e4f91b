"""Films that mean harm, or came to it: made from a fixed seed, the same bytes on every machine with the same FFmpeg.

Each function yields (class, name, content). The whole films that they are made from are small, so that what a decoder
does with a damaged one shows in milliseconds.
"""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.vision.films import even_times, marked, write_film, write_sound_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Made = Iterator[tuple[str, str, bytes]]

SEED = 20240818
KINDS = (
    ("mp4", ".mp4", "mpeg4"),
    ("mov", ".mov", "mjpeg"),
    ("mkv", ".mkv", "mpeg4"),
    ("webm", ".webm", "libvpx"),
    ("vp9", ".webm", "libvpx-vp9"),
    ("avi", ".avi", "mpeg4"),
    ("ts", ".ts", "mpeg4"),
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file: what kind of harm, its name in reports, where it lies."""

    harm: str
    name: str
    path: Path


def write_corpus(folder: Path) -> list[Hostile]:
    """Write every file into `folder`: several hundred, some tens of megabytes."""
    rng = random.Random(SEED)
    whole = whole_films(folder / "whole")
    made: list[Hostile] = []
    for part in (cut, flipped, spliced, boxes, dressed_up, bombs, sizes(folder / "sizes"), not_films):
        for harm, name, content in part(whole, rng):
            path = folder / f"{len(made):03d}-{harm}-{name}"
            path.write_bytes(content)
            made.append(Hostile(harm, name, path))
    return made


def whole_films(folder: Path) -> dict[str, bytes]:
    """A film of each kind, two seconds at 12 pictures a second, with sound where the kind takes it."""
    folder.mkdir()
    times = even_times(2.0, 12)
    films = {}
    for name, suffix, codec in KINDS:
        path = folder / f"{name}{suffix}"
        write_film(
            path, times, marked(160, 120), codec=codec, audio=suffix == ".mp4", faststart=name == "mp4", exact=True
        )
        films[f"{name}{suffix}"] = path.read_bytes()
    rotated = write_film(folder / "rotated.mp4", times, marked(120, 160), rotation_ccw=90, exact=True)
    films["rotated.mp4"] = rotated.read_bytes()
    return films


def cut(whole: dict[str, bytes], rng: random.Random) -> Made:
    """The end is missing, or the beginning, or a piece of the middle."""
    for name, film in whole.items():
        for share in (0.01, 0.1, 0.5, 0.9, 0.99):
            yield "cut", f"{share:.2f}-{name}", film[: int(share * len(film))]
        yield "cut", f"headless-{name}", film[len(film) // 20 :]
        start = rng.randrange(len(film) // 4, len(film) // 2)
        yield "cut", f"hole-{name}", film[:start] + film[start + len(film) // 10 :]


def flipped(whole: dict[str, bytes], rng: random.Random) -> Made:
    """Bits and bytes that are not what they were; the first bytes stay, so that the door takes the file."""
    for name, film in whole.items():
        for count in (1, 10, 100, 1000):
            for part, (low, high) in {"head": (16, 600), "all": (16, len(film))}.items():
                broken = bytearray(film)
                for _flip in range(count):
                    broken[rng.randrange(low, min(high, len(film)))] ^= 1 << rng.randrange(8)
                yield "flipped", f"{count}-{part}-{name}", bytes(broken)
        zeroed = bytearray(film)
        start = rng.randrange(200, len(film) // 2)
        zeroed[start : start + len(film) // 3] = bytes(len(film) // 3)
        yield "flipped", f"zeroed-{name}", bytes(zeroed)


def spliced(whole: dict[str, bytes], rng: random.Random) -> Made:
    """Two films in one, a film in another's clothes, a film many times over."""
    names = list(whole)
    for name in names:
        other = whole[rng.choice([n for n in names if n != name])]
        film = whole[name]
        yield "spliced", f"halves-{name}", film[: len(film) // 2] + other[len(other) // 2 :]
        yield "spliced", f"head-{name}", film[:64] + other[64:]
        yield "spliced", f"twice-{name}", film + film
        yield "spliced", f"tail-{name}", film + rng.randbytes(100_000)


def boxes(whole: dict[str, bytes], rng: random.Random) -> Made:
    """MP4 and MOV: numbers in the boxes that no camera writes."""
    wrong = (0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000)
    for name in ("mp4.mp4", "mov.mov", "rotated.mp4"):
        film = whole[name]
        for kind in (b"mvhd", b"tkhd", b"mdhd", b"stts", b"stsz", b"stsc", b"stco", b"stsd", b"hdlr", b"elst"):
            at = film.find(kind)
            if at < 0:
                continue
            for value in wrong:
                offset = at + 4 + 4 * rng.randrange(1, 6)
                broken = film[:offset] + struct.pack(">I", value) + film[offset + 4 :]
                yield "boxes", f"{kind.decode()}-{value:x}-{name}", broken
            for size in (0, 7, 0xFFFFFFF0):
                yield (
                    "boxes",
                    f"{kind.decode()}-size-{size:x}-{name}",
                    film[: at - 4] + struct.pack(">I", size) + film[at:],
                )


def dressed_up(whole: dict[str, bytes], rng: random.Random) -> Made:
    """What is no film under the first bytes of one."""
    heads = {
        "mov": struct.pack(">I", 24) + b"ftypisom\0\0\2\0isommp42",
        "mkv": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01",
        "avi": b"RIFF\xff\xff\xff\x7fAVI LIST",
        "ts": (b"\x47" + bytes(187)) * 3,
        "mpeg": b"\0\0\1\xba" + bytes(10),
    }
    bodies = {
        "nothing": b"",
        "zeros": bytes(50_000),
        "noise": rng.randbytes(50_000),
        "page": b"<html><script>alert(1)</script></html>" * 100,
        "itself": whole["mp4.mp4"],
        "playlist": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\nhttp://127.0.0.1:1/\n",
    }
    for kind, head in heads.items():
        for body, content in bodies.items():
            yield "dressed up", f"{body}.{kind}", head + content


def bombs(whole: dict[str, bytes], rng: random.Random) -> Made:
    """Small files that announce or unpack to large ones."""
    film = whole["mp4.mp4"]
    nested = struct.pack(">I", 24) + b"ftypisom\0\0\2\0isommp42"
    yield (
        "bomb",
        "deep-boxes.mp4",
        nested + b"".join(struct.pack(">I", 8 * n + 8) + b"moov" for n in range(5000, 0, -1)),
    )
    yield "bomb", "many-boxes.mp4", nested + (struct.pack(">I", 8) + b"free") * 200_000
    yield "bomb", "huge-size.mp4", nested + struct.pack(">I", 1) + b"mdat" + struct.pack(">Q", 1 << 62) + film
    for kind, at, value in ((b"stts", 12, 0xFFFFFFF0), (b"stsz", 12, 0xFFFFFFF0), (b"stco", 8, 0x0FFFFFFF)):
        place = film.find(kind) + at
        yield "bomb", f"many-{kind.decode()}.mp4", film[:place] + struct.pack(">I", value) + film[place + 4 :]
    for width, height in ((65535, 65535), (65535, 1), (1, 65535), (32768, 32768)):
        place = film.find(b"mp4v") + 28
        yield (
            "bomb",
            f"announces-{width}x{height}.mp4",
            film[:place] + struct.pack(">HH", width, height) + film[place + 4 :],
        )
    for number in range(4):
        webm = bytearray(whole["webm.webm"])
        place = webm.find(b"\x1f\x43\xb6\x75") + 4  # the first cluster's size
        webm[place : place + 8] = b"\x01" + rng.randbytes(7)
        yield "bomb", f"cluster-size-{number}.webm", bytes(webm)


def sizes(folder: Path) -> Callable[[dict[str, bytes], random.Random], Made]:
    """Whole films of extreme shapes, rates and lengths, as an encoder writes them."""

    def made(whole: dict[str, bytes], rng: random.Random) -> Made:
        folder.mkdir()
        shapes = {"2x2": (2, 2), "16x16": (16, 16), "4096x16": (4096, 16), "16x2304": (16, 2304), "5000x64": (5000, 64)}
        for name, (width, height) in shapes.items():
            path = write_film(folder / f"{name}.mp4", even_times(1.5, 12), marked(width, height), exact=True)
            yield "size", path.name, path.read_bytes()
        rates = {
            "one-picture": [0.0],
            "two-pictures": [0.0, 100.0],
            "2-fps": even_times(3.0, 2),
            "1000-fps": even_times(1.2, 1000),
            "backwards": [1.5 - time for time in even_times(1.5, 12)],
            "same-time": [0.0] * 20,
            "one-day": [0.0, 1.0, 86_400.0],
            "before-zero": [time - 5.0 for time in even_times(2.0, 12)],
        }
        for name, times in rates.items():
            for suffix in (".mp4", ".mkv"):
                try:
                    path = write_film(folder / f"{name}{suffix}", times, marked(64, 64), exact=True)
                except Exception:
                    continue
                yield "size", path.name, path.read_bytes()
        yield "size", "sound-only.mp4", write_sound_only(folder / "sound-only.mp4").read_bytes()
        place = whole["rotated.mp4"].find(b"tkhd") + 44
        for number in range(6):
            matrix = rng.randbytes(36) if number else bytes(36)
            film = whole["rotated.mp4"]
            yield "size", f"matrix-{number}.mp4", film[:place] + matrix + film[place + 36 :]
        text = {"title": "\u202e' ; DROP TABLE x; --" * 50, "location": "+90.0000+181.0000/", "make": "A" * 60_000}
        path = write_film(folder / "metadata.mp4", even_times(1.5, 12), metadata=text, exact=True)
        yield "size", path.name, path.read_bytes()

    return made


def not_films(whole: dict[str, bytes], rng: random.Random) -> Made:
    """Other things people and attackers upload."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo("../../etc/passwd"), "x")
        file.writestr(zipfile.ZipInfo("bomb"), bytes(20_000_000), zipfile.ZIP_DEFLATED)
    header = b"IHDR" + struct.pack(">IIBBBBB", 1 << 30, 1 << 30, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header
    others = {
        "empty.mp4": b"",
        "one-byte.mp4": b"\0",
        "noise.mp4": rng.randbytes(100_000),
        "film.zip.mp4": archive.getvalue(),
        "bomb.gz.mp4": gzip.compress(bytes(20_000_000), mtime=0),
        "huge.png.mp4": png + struct.pack(">I", zlib.crc32(header)),
        "page.mp4": b"<!doctype html><script>fetch('http://127.0.0.1:1')</script>",
        "program.mp4": b"\x7fELF" + rng.randbytes(2000),
        "playlist.mp4": b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nconcat:file:///etc/passwd\n#EXT-X-ENDLIST\n",
        "concat.mp4": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        "picture.heic.mp4": struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + rng.randbytes(5000),
        "subtitles.mp4": b"WEBVTT\n\n00:00.000 --> 00:10.000\n<script>x</script>\n",
        "svg.mp4": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        "id3.mp4": b"ID3\4\0\0\0\0\0\x7f" + rng.randbytes(3000),
        "rm.mp4": b".RMF" + rng.randbytes(3000),
        "flv.mp4": b"FLV\1\5\0\0\0\t" + rng.randbytes(3000),
    }
    for name, content in others.items():
        yield "no film", name, content
