"""Pixels that no window reads: behind the last one, because a division is rounded down, or between two of them.

A map is read by all its readers together: what one of them leaves out, another may see, and an output is seen whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from vggcalc.analysis.row import Row
from vggcalc.errors import Problem
from vggcalc.layers import Pad
from vggcalc.layers.windowed import Slide, Windowed, side_numbers
from vggcalc.suspicions.suspect import Suspect

_AXES = {1: ("position",), 2: ("row", "column"), 3: ("frame", "row", "column")}
"""What one pixel along each axis is called."""


def unread_pixels(suspect: Suspect) -> Iterator[Problem]:
    """The last rows or columns of a map before which all windows on it end; zeros of a padding are no loss.

    Of n pixels along an axis the last one that is read is (out - 1)*s + d*(k - 1) - before.
    """
    for source, readers in _slid_over(suspect):
        zeros = _zeros(source)
        lost = [
            min(map(_behind, along, [after] * len(along)))
            for along, after in zip(zip(*readers.values(), strict=True), zeros, strict=True)
        ]
        names = [_last(count, name) for count, name in zip(lost, _AXES.get(len(lost), ()), strict=False) if count]
        for row in readers if names else ():
            size = "x".join(map(str, row.input_shapes[0].spatial))
            hint = "pad it, or choose an input of a size that comes out even"
            said = f"its windows end before {' and '.join(names)} of the {size} map, which nothing reads"
            yield suspect.problem(row, said, hint, code="unread-pixels")


def skipped_pixels(suspect: Suspect) -> Iterator[Problem]:
    """Rows or columns between the windows on a map: the stride is larger than the kernel, or dilation passes by them.

    Source: He et al., Bag of Tricks, arXiv:1812.01187, section 4.1: a 1x1 convolution of stride 2 "ignores
    three-quarters of the input feature map".
    """
    for _, readers in _slid_over(suspect):
        if any(all(map(_skips, along)) for along in zip(*readers.values(), strict=True)):
            for row, slides in readers.items():
                kernel, stride = ("x".join(map(str, each)) for each in zip(*((s.k, s.s) for s in slides), strict=True))
                hint = "use a kernel as large as the stride, or pool before it"
                said = f"a kernel of {kernel} moves by {stride}, and nothing reads the pixels between its windows"
                yield suspect.problem(row, said, hint, code="skipped-pixels")


def _slid_over(suspect: Suspect) -> Iterator[tuple[Row, dict[Row, tuple[Slide, ...]]]]:
    """The layers whose readers all slide over them, and how each of these does."""
    rows, outputs = suspect.report.rows, set(suspect.report.network.outputs)
    for place, readers in enumerate(suspect.readers):
        found: dict[Row, tuple[Slide, ...]] = {}
        for reader in () if place in outputs else readers:
            row = rows[reader]
            if not isinstance(row.layer, Windowed):
                found = {}
                break
            found[row] = row.layer.moves(row.input_shapes[0]).slides
        if found:
            yield rows[place], found


def _zeros(row: Row) -> list[int]:
    """How many of the last pixels along each axis are zeros that a layer has put there."""
    axes = len(row.output.spatial)
    return [after for _, after in side_numbers(row.layer.padding, axes)] if isinstance(row.layer, Pad) else [0] * axes


def _behind(slide: Slide, zeros: int) -> int:
    """How many pixels lie behind the last window; where windows skip pixels, those are skipped too."""
    last = (slide.out - 1) * slide.s + slide.d * (slide.k - 1) - slide.before
    left = max(0, slide.n - zeros - 1 - last)
    return 0 if _skips(slide) and left < slide.s else left


def _skips(slide: Slide) -> bool:
    """Whether there are pixels before the last window that no window reads.

    Without dilation the first of them stands where the first window that meets the map ends. With it, the taps of all
    windows leave some out where they do not meet each remainder of the stride.
    """
    n, k, s = slide.n, slide.k, slide.s
    if slide.d > 1:
        return slide.out > 1 and min(k, s // gcd(slide.d, s)) < s
    return k < s and max(0, k - slide.before % s) < min(n, (slide.out - 1) * s - slide.before)


def _last(count: int, name: str) -> str:
    return f"the last {name}" if count == 1 else f"the last {count:,} {name}s"
