"""The shape of a feature map: channels and any number of spatial axes."""

from __future__ import annotations

import re
from math import prod

from vggcalc import bounds
from vggcalc.errors import Problem, UsageError
from vggcalc.record import Record

_SHAPE = re.compile(r"[1-9][0-9]{0,8}(x[1-9][0-9]{0,8}){0,3}")

_OTHER_SHAPE = re.compile(r"[\s(\[]*(?:(?:none|\?)\s*[x*,\u00d7]\s*)?[0-9]+(?:\s*[x*,\u00d7]\s*[0-9]+)*[\s,)\]]*")

_MANY = 8
"""So many values on an axis are hardly an image's channels."""

AXES = {0: (), 1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
"""What the spatial axes are called, by how many there are."""


class Shape(Record):
    """Channels and spatial extents of one image's feature map; the batch is no part of it.

    `spatial` is (length,), (height, width) or (depth, height, width); a vector in a 2-d network is 1x1xC.

    >>> Shape(channels=3, spatial=(224, 224)).elements
    150528
    """

    channels: int
    spatial: tuple[int, ...]

    @property
    def is_known(self) -> bool:
        """Whether anything is known of the map; see `NOT_KNOWN`."""
        return self.channels > 0

    @property
    def elements(self) -> int:
        """How many values the map holds: the product of all its extents."""
        return self.channels * prod(self.spatial)

    @property
    def hwc(self) -> tuple[int, ...]:
        """Height, width, channels: the order of the papers."""
        return (*self.spatial, self.channels)

    @property
    def chw(self) -> tuple[int, ...]:
        """Channels, height, width: PyTorch's order."""
        return (self.channels, *self.spatial)

    def __str__(self) -> str:
        return "x".join(map(str, self.hwc)) if self.is_known else "unknown"


NOT_KNOWN = Shape(0, ())
"""What a layer writes of which nobody knows what it does, where its file does not say it."""


def vector(channels: int, axes: int) -> Shape:
    """The shape of a vector of values among maps of that many spatial axes: 1x1xC in 2-d."""
    return Shape(channels, (1,) * axes)


def parse_shape(text: str) -> Shape:
    """Read `224x224x3`: height x width x channels, with as many axes before the channels as there are.

    >>> parse_shape("16000x1")
    Shape(channels=1, spatial=(16000,))

    Raises: UsageError when the text is no such list of whole numbers of at least 1.
    """
    if not _SHAPE.fullmatch(text):
        raise UsageError(Problem(f"'{text}' is not a shape", _shape_meant(text), code="bad-value"))
    *spatial, channels = map(int, text.split("x"))
    return Shape(channels, tuple(spatial))


def _shape_meant(text: str) -> str:
    """What may be meant by a text that is no shape: Python's (224, 224, 3), a paper's times signs, Keras's None."""
    numbers = re.findall("[0-9]+", text)
    meant = "x".join(numbers)
    if _OTHER_SHAPE.fullmatch(text.lower()) and len(numbers) > 1 and _SHAPE.fullmatch(meant):
        return f"write {meant}"
    if re.fullmatch(r"[0-9]+(x[0-9]+)*", text) and any(len(number) > 9 for number in numbers):
        return "numbers have at most 9 digits"
    return "write height x width x channels, as in 224x224x3"


def parse_input(text: str) -> Shape:
    """Read the shape of an input, which has at least one axis beside its channels, and these behind.

    >>> str(parse_input("32x32x3"))
    '32x32x3'

    Raises: UsageError when the text is no such shape, or puts the channels of an image first, as PyTorch does.
    """
    shape = parse_shape(text)
    if not shape.spatial:
        hint = f"write 1x1x{text} for a vector, {text}x{text}x3 for an image"
        raise UsageError(Problem(f"'{text}' has no axis beside its channels", hint, code="bad-value"))
    for given, batch in (shape.hwc, ""), (shape.hwc[1:], f"a batch of {shape.hwc[0]} and "):
        if _is_image_in_pytorch(given):
            raise UsageError(_channels_first(text, given, batch))
    if shape.elements > bounds.ELEMENTS:
        hint = f"there are at most {bounds.ELEMENTS:,}"
        raise UsageError(Problem(f"an input of {text} has too many values", hint, code="out-of-bounds"))
    return shape


def _is_image_in_pytorch(numbers: tuple[int, ...]) -> bool:
    """One or three channels and a square behind them, for hardly a map of so few rows has a channel for each column."""
    is_square = len(numbers) > 2 and numbers[-1] == numbers[-2]
    return is_square and numbers[0] in (1, 3) and min(numbers[1:]) >= _MANY


def fit_shape(text: str, declared: Shape) -> Shape:
    """Read another size for an input that has the shape `declared`; what the text leaves out is kept.

    >>> str(fit_shape("384", parse_shape("224x224x3")))
    '384x384x3'
    >>> str(fit_shape("480x640", parse_shape("224x224x3")))
    '480x640x3'

    Raises: UsageError when the text is no shape, has another number of axes, or puts the declared channels first.
    """
    given = parse_shape(text).hwc
    axes = len(declared.spatial)
    if len(given) == axes + 1:
        _refuse_channels_first(text, given, declared)
        return Shape(given[-1], given[:-1])
    if len(given) == axes:
        return Shape(declared.channels, given)
    if len(given) == 1:
        return Shape(declared.channels, given * axes)
    if len(given) == axes + 2:
        _refuse_channels_first(text, given[1:], declared, f"a batch of {given[0]} and ")
    raise UsageError(
        Problem(
            f"'{text}' has {len(given)} numbers, but the input {declared} has {axes} spatial "
            f"{'axis' if axes == 1 else 'axes'} and channels; write it as in {declared}",
            code="bad-value",
        )
    )


def _refuse_channels_first(text: str, given: tuple[int, ...], declared: Shape, batch: str = "") -> None:
    """Where the declared channels stand first and not last, the order is PyTorch's."""
    if given[0] == declared.channels != given[-1]:
        raise UsageError(_channels_first(text, given, batch))


def _channels_first(text: str, given: tuple[int, ...], batch: str) -> Problem:
    channels = f"{given[0]} channel{'' if given[0] == 1 else 's'}"
    right = Shape(given[0], given[1:])
    apart = ", and the batch apart" if batch else ""
    return Problem(f"{text} puts {batch}the {channels} first", f"write {right}{apart}", code="channels-first")


def likelier(shape: Shape) -> Shape | None:
    """What may be meant by a declared shape that fits nothing: in PyTorch's order, behind a batch, without channels.

    >>> [str(likelier(parse_shape(text))) for text in ("3x32x32", "1x3x32x32", "224x224", "32x32x3", "1x1x512")]
    ['32x32x3', '32x32x3', '224x224x3', 'None', 'None']
    """
    if len(shape.spatial) == 1 and min(shape.hwc) >= _MANY:
        return Shape(3, shape.hwc)
    for first, *others in (shape.hwc, shape.hwc[1:]):
        if first in (1, 3, 4) and len(others) > 1 and min(others) >= _MANY:
            return Shape(first, tuple(others))
    return None
