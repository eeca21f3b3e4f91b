"""The flow diagram as boxes, lines of text and arrows with coordinates: drawn as SVG and as PNG from the same numbers.

Nothing is styled here. Text is wrapped for DejaVu Sans, a wide font, so that a reader's own font never leaves its box.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from analysis.flow.counts import ArmFlow, Count, Flow

FONT, LINE, PAD = 13.0, 18.0, 10.0
NARROW, WIDE = "iljtfrI.,;:'|()[]/-! \u00a0", "mwMW%@—…ЖжШшЩщЮюФфЫы"
"""Letters of at most 0.42 and of up to 1 of the font's size; others take up to 0.79 as capitals, else 0.65."""
COLUMN, GAP, STAGE, MARGIN, BETWEEN = 270.0, 24.0, 116.0, 14.0, 34.0


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a box, at its left end and baseline."""

    text: str
    x: float
    y: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    lines: tuple[TextLine, ...]

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line of corners; the last one is the arrow's point."""

    points: tuple[tuple[float, float], ...]


@dataclass(slots=True)
class Layout:
    """Pixels from the upper left. `stages` are CONSORT's four words beside the boxes."""

    width: float
    height: float = 0.0
    boxes: list[Box] = field(default_factory=list)
    stages: list[TextLine] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)


def layout(flow: Flow, *, sections: bool = False) -> Layout:
    """The whole diagram; with `sections` every arm's sections are boxes of their own beneath its allocation."""
    count = max(len(flow.arms), 2)
    left = MARGIN + STAGE
    made = Layout(width=left + count * COLUMN + (count - 1) * GAP + MARGIN)
    top = _enrolment(made, flow, left)
    moves = any(arm.moved_out for arm in flow.arms)
    bottoms = _row(made, _("Allocation"), top, left, [_allocation(arm, moves=moves) for arm in flow.arms])
    if sections and flow.has_sections:
        bottoms = _section_row(made, max(bottoms) + BETWEEN, left, flow, bottoms)
    for title, texts in (
        (_("Follow-up"), [_follow_up(arm) for arm in flow.arms]),
        (_("Analysis"), [_analysis(arm) for arm in flow.arms]),
    ):
        next_top = max(bottoms) + BETWEEN
        _down(made, left, bottoms, next_top)
        bottoms = _row(made, title, next_top, left, texts)
    made.height = max([top, *bottoms]) + MARGIN
    return made


def _n(text: str, n: int) -> str:
    """A label with its count, which is never broken from within."""
    return f"{text} (n\u00a0=\u00a0{n})"


def width_of(text: str, *, bold: bool = False) -> float:
    """At most so many pixels wide."""
    shares = (0.42 if char in NARROW else 1.0 if char in WIDE else 0.79 if char.isupper() else 0.65 for char in text)
    return FONT * sum(shares) * (1.1 if bold else 1.0)


def wrapped(text: str, width: float, *, bold: bool = False) -> list[str]:
    """Lines no wider than that; a word that is wider is cut."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, bold=bold) <= width:
            lines[-1] = longer
            continue
        rest = word
        while width_of(rest, bold=bold) > width:
            cut = next(n for n in range(len(rest) - 1, 0, -1) if n == 1 or width_of(rest[:n], bold=bold) <= width)
            lines.append(rest[:cut])
            rest = rest[cut:]
        lines.append(rest)
    return lines


def _enrolment(made: Layout, flow: Flow, left: float) -> float:
    """Assessed, not taken, randomised; returns where the arms begin."""
    main_x = left
    side_x = made.width - MARGIN - COLUMN
    first = _box(main_x, MARGIN, COLUMN, [(_n(_("Assessed for eligibility"), flow.assessed), True)])
    out = flow.excluded_all + flow.declined + flow.waiting + flow.unconfirmed
    texts = [(_n(_("Not randomised"), out), True)]
    texts += [(_n(_("Excluded"), flow.excluded_all), False)]
    texts += [(f"   {_n(count.label, count.n)}", False) for count in flow.excluded]
    texts += [
        (_n(_("Did not want to take part"), flow.declined), False),
        (_n(_("Eligible, without a group yet"), flow.waiting), False),
        (_n(_("To be confirmed"), flow.unconfirmed), False),
    ]
    side = _box(side_x, first.bottom + 18, COLUMN, texts)
    second = _box(main_x, side.bottom + 18, COLUMN, [(_n(_("Randomised"), flow.randomised), True)])
    made.boxes += [first, side, second]
    made.stages.append(TextLine(_("Enrolment"), MARGIN, MARGIN + PAD + FONT, bold=True))
    made.arrows.append(Arrow(((first.middle, first.bottom), (first.middle, second.y))))
    across = side.y + side.height / 2
    made.arrows.append(Arrow(((first.middle, across), (side.x, across))))
    top = second.bottom + BETWEEN + 10
    bar = second.bottom + BETWEEN / 2
    for index in range(len(flow.arms)):
        middle = _x(left, index) + COLUMN / 2
        made.arrows.append(Arrow(((second.middle, second.bottom), (second.middle, bar), (middle, bar), (middle, top))))
    return top


def _x(left: float, index: int) -> float:
    return left + index * (COLUMN + GAP)


def _row(made: Layout, title: str, top: float, left: float, texts: list[list[tuple[str, bool]]]) -> list[float]:
    """A box for each arm, all from one height; returns where each ends."""
    boxes = [_box(_x(left, index), top, COLUMN, lines) for index, lines in enumerate(texts)]
    made.boxes += boxes
    made.stages.append(TextLine(title, MARGIN, top + PAD + FONT, bold=True))
    return [box.bottom for box in boxes] or [top]


def _section_row(made: Layout, top: float, left: float, flow: Flow, bottoms: list[float]) -> list[float]:
    """Each arm's sections one under another, joined to its allocation by a line on their left."""
    made.stages.append(TextLine(_("Sections"), MARGIN, top + PAD + FONT, bold=True))
    ends = []
    for index, arm in enumerate(flow.arms):
        x, y = _x(left, index), top
        stem = x + 12
        for section in arm.sections:
            box = _box(x + 34, y, COLUMN - 34, [(_n(section.label, section.n), False)])
            made.boxes.append(box)
            centre = box.y + box.height / 2
            made.arrows.append(Arrow(((stem, bottoms[index]), (stem, centre), (box.x, centre))))
            y = box.bottom + 8
        ends.append(y - 8 if arm.sections else bottoms[index])
    return ends


def _down(made: Layout, left: float, bottoms: list[float], top: float) -> None:
    for index, bottom in enumerate(bottoms):
        middle = _x(left, index) + COLUMN / 2
        made.arrows.append(Arrow(((middle, bottom), (middle, top))))


def _allocation(arm: ArmFlow, *, moves: bool) -> list[tuple[str, bool]]:
    texts = [
        (arm.name, True),
        (_n(_("Allocated"), arm.allocated), False),
        (_n(_("Trained at least once"), arm.trained), False),
        (_n(_("Never trained"), arm.never_trained), False),
    ]
    if moves:
        texts += [(_n(_("Moved to another group"), arm.moved_out), False)]
        texts += [(_n(_("Came from another group"), arm.moved_in), False)]
    return texts


def _follow_up(arm: ArmFlow) -> list[tuple[str, bool]]:
    texts = [(_n(_("Lost or withdrawn"), arm.lost_all), False)]
    texts += [(f"   {_n(count.label, count.n)}", False) for count in arm.lost]
    return texts + [(_n(_("Measured: %(time)s") % {"time": count.label}, count.n), False) for count in arm.visits]


def _analysis(arm: ArmFlow) -> list[tuple[str, bool]]:
    if not arm.analysed:
        return [(_("No outcome is planned"), False)]
    texts: list[tuple[str, bool]] = []
    for row in arm.analysed:
        left_out = sum(count.n for count in row.left_out)
        texts += [(_n(_("Analysed: %(outcome)s") % {"outcome": row.outcome}, row.n), True)]
        texts += [(_n(_("Left out"), left_out), False)]
        texts += [(f"   {_n(count.label, count.n)}", False) for count in row.left_out]
    return texts


def _box(x: float, y: float, width: float, texts: list[tuple[str, bool]]) -> Box:
    """A box as high as its text. Leading spaces of a line indent it, and all that it is wrapped into."""
    lines: list[TextLine] = []
    for text, bold in texts:
        indent = 5.0 * (len(text) - len(text.lstrip()))
        for part in wrapped(text.strip(), width - 2 * PAD - indent, bold=bold):
            baseline = y + PAD + FONT + len(lines) * LINE
            lines.append(TextLine(part, x + PAD + indent, baseline, bold))
    return Box(x, y, width, 2 * PAD + len(lines) * LINE - (LINE - FONT), tuple(lines))


def description(flow: Flow) -> str:
    """The diagram in sentences, for who can't see it."""
    parts = [
        _("%(n)d assessed for eligibility, %(out)d of them excluded, %(declined)d did not want to take part.")
        % {"n": flow.assessed, "out": flow.excluded_all, "declined": flow.declined},
        _("%(n)d randomised.") % {"n": flow.randomised},
    ]
    for arm in flow.arms:
        parts.append(
            ngettext(
                "%(arm)s: %(n)d allocated, %(trained)d trained, %(lost)d lost or withdrawn.",
                "%(arm)s: %(n)d allocated, %(trained)d trained, %(lost)d lost or withdrawn.",
                arm.allocated,
            )
            % {"arm": arm.name, "n": arm.allocated, "trained": arm.trained, "lost": arm.lost_all}
        )
        parts += [_("%(outcome)s: %(n)d analysed.") % {"outcome": row.outcome, "n": row.n} for row in arm.analysed]
    return " ".join(parts)


def reasons_in_words(counts: tuple[Count, ...]) -> str:
    return "; ".join(f"{count.label} {count.n}" for count in counts)
