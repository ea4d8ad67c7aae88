"""The arithmetic that convolution and pooling share: a window that slides along each axis."""

from functools import lru_cache

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, formula, per_axis
from vggcalc.layers.fields import OptionalPerAxis, Padding, PerAxis, SideNumbers
from vggcalc.layers.window import Window
from vggcalc.record import Record
from vggcalc.shape import Shape, vector


class Slide(Record):
    """A window of `k` taps, `d` apart, that slides by `s` along an axis of `n` units, padded on both sides.

    out = (n - k' + before + after)/s + 1 with k' = d*(k - 1) + 1, rounded down, or up in ceil mode; in ceil mode
    a last window that would start past the input and the padding before it is dropped, as Caffe and PyTorch do.
    `same` marks TensorFlow's padding, which makes out = ceil(n/s).
    """

    n: int
    k: int
    s: int = 1
    before: int = 0
    after: int = 0
    d: int = 1
    ceil_mode: bool = False
    same: bool = False

    @property
    def room(self) -> int:
        """By how much the window can move: n - k' + before + after."""
        return self.n - self.d * (self.k - 1) - 1 + self.before + self.after

    @property
    def steps(self) -> int:
        """How often it moves, before any window is dropped."""
        return -(-self.room // self.s) if self.ceil_mode else self.room // self.s

    @property
    def drops_last(self) -> bool:
        """Whether ceil mode adds a window that sees nothing but padding."""
        return self.ceil_mode and self.steps * self.s >= self.n + self.before

    @property
    def out(self) -> int:
        """The number of positions."""
        return self.steps + 1 - self.drops_last

    @property
    def window(self) -> Window:
        """What each position sees."""
        return Window.of(self.k, self.s, self.before, self.d)

    def formula(self) -> Formula:
        """The derivation of `out`; it shows floor, ceil and dilation only where they change the result."""
        if self.same:
            note = f"SAME padding: {self.before} before and {self.after} after"
            template = "{in}/{s}" if self.n % self.s == 0 else "ceil({in}/{s})"
            return formula(template, {"in": self.n, "s": self.s}, self.out, note)
        kernel = "{k}" if self.d == 1 else "({d}*({k} - 1) + 1)"
        padding = "2*{p}" if self.before == self.after else "{before} + {after}"
        moves = f"({{in}} - {kernel} + {padding})/{{s}}"
        if self.room % self.s:
            moves = f"{'ceil' if self.ceil_mode else 'floor'}({moves})"
        template = f"{moves} + 1"
        note = ""
        if self.drops_last:
            template += " - 1"
            note = "in ceil mode a last window past the input is dropped"
        numbers = {"in": self.n, "k": self.k, "s": self.s, "d": self.d}
        sides = {"p": self.before, "before": self.before, "after": self.after}
        return formula(template, numbers | sides, self.out, note)


class Moves(Record):
    """How a window moves over a map: along each axis its slide, the number of its positions, and what they see."""

    slides: tuple[Slide, ...]
    out: tuple[int, ...]
    windows: tuple[Window, ...]


@lru_cache(maxsize=1024)
def _moves(
    spatial: tuple[int, ...],
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    padding: SideNumbers | str,
    dilation: int | tuple[int, ...],
    ceil_mode: bool,
) -> Moves:
    """The movement over a map of these extents; networks slide the same few windows over the same few maps."""
    axes = len(spatial)
    kernel = per_axis(kernel_size, axes, "kernel_size")
    strides = per_axis(stride, axes, "stride")
    dilations = per_axis(dilation, axes, "dilation")
    sides = _sides(padding, spatial, kernel, strides, dilations)
    slides = tuple(
        Slide(n, k, s, before, after, d, ceil_mode, padding == "same")
        for n, k, s, (before, after), d in zip(spatial, kernel, strides, sides, dilations, strict=True)
    )
    for slide in slides:
        if slide.out < 1:
            raise ShapeError(
                _misfit(slide, spatial, kernel),
                "use a larger input, a smaller kernel or more padding",
                code="shape-misfit",
            )
    return Moves(slides, tuple(slide.out for slide in slides), tuple(slide.window for slide in slides))


def _sides(
    padding: SideNumbers | str,
    spatial: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[tuple[int, int], ...]:
    if not isinstance(padding, str):
        return side_numbers(padding, len(spatial))
    if padding == "valid":
        return ((0, 0),) * len(spatial)
    extents = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    if padding == "half":
        return tuple((extent // 2, extent // 2) for extent in extents)
    totals = (max(0, (-(-n // s) - 1) * s + e - n) for n, s, e in zip(spatial, stride, extents, strict=True))
    return tuple((total // 2, total - total // 2) for total in totals)


def side_numbers(padding: SideNumbers, axes: int, field: str = "padding") -> tuple[tuple[int, int], ...]:
    """Padding given in numbers, as (before, after) for each axis."""
    if isinstance(padding, int):
        return ((padding, padding),) * axes
    if len(padding) != axes:
        parts = f"{len(padding)} part{'s' * (len(padding) != 1)}"
        raise ShapeError(
            f"{field} has {parts}, but the input has {axes} spatial {'axis' if axes == 1 else 'axes'}",
            f"write one number, or {axes} numbers or pairs",
            code="shape-misfit",
        )
    return tuple((side, side) if isinstance(side, int) else side for side in padding)


class Windowed(Layer):
    """A layer whose output size follows from a sliding window."""

    kernel_size: PerAxis
    stride: OptionalPerAxis = None
    padding: Padding = 0
    dilation: PerAxis = 1

    glued = "kernel_size"

    @property
    def rounds_up(self) -> bool:
        """Whether a window that only partly fits still counts."""
        return False

    def moves(self, shape: Shape) -> Moves:
        """The window's movement over a map; raises ShapeError where it does not fit in."""
        stride = self.kernel_size if self.stride is None else self.stride
        return _moves(shape.spatial, self.kernel_size, stride, self.padding, self.dilation, self.rounds_up)

    def output(self, *inputs: Shape) -> Shape:
        """The channels that the kind gives, and the positions of the window along each axis."""
        (shape,) = inputs
        return Shape(self.channels(shape), self.moves(shape).out)

    def channels(self, shape: Shape) -> int:
        """The channels of the output: pooling keeps them."""
        return shape.channels

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The kernel itself."""
        return self.moves(inputs[0]).windows

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """(in - k + 2p)/s + 1 for each axis."""
        return tuple(slide.formula() for slide in self.moves(inputs[0]).slides)


class WholeMap(Layer):
    """A layer whose one output position sees the whole map."""

    def output(self, *inputs: Shape) -> Shape:
        """1x1 and the channels that the kind gives."""
        (shape,) = inputs
        return vector(self.channels(shape), len(shape.spatial))

    def channels(self, shape: Shape) -> int:
        """The channels of the output: global pooling keeps them."""
        return shape.channels

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The whole map, as the convolution with a kernel of that size would."""
        return tuple(Window.of(size) for size in inputs[0].spatial)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """One window as large as the map."""
        note = "one window as large as the map"
        return tuple(formula("({in} - {in})/1 + 1", {"in": size}, 1, note) for size in inputs[0].spatial)


def _misfit(slide: Slide, spatial: tuple[int, ...], kernel: tuple[int, ...]) -> str:
    dilated = f" with dilation {slide.d}" if slide.d > 1 else ""
    padding = slide.before if slide.before == slide.after else f"{slide.before} and {slide.after}"
    kernel_text, size = ("x".join(map(str, extents)) for extents in (kernel, spatial))
    return (
        f"a {kernel_text} kernel{dilated} does not fit a {size} input with padding {padding}: "
        f"{slide.formula().numbers} = {slide.out}"
    )
