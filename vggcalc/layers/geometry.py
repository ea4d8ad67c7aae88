"""Layers that move values without changing them: input, identity, flatten, padding, cropping, upsampling."""

from collections.abc import Sequence
from math import gcd
from typing import Annotated, Literal

from vggcalc.errors import FieldError, ShapeError
from vggcalc.layers.base import Formula, Layer, formula, per_axis
from vggcalc.layers.fields import Flag, OptionalNaturalPerAxis, OptionalPerAxis, OptionalSides, PerAxis, Sides, one_of
from vggcalc.layers.window import EVERYWHERE, POINT, Window
from vggcalc.layers.windowed import WholeMap, side_numbers
from vggcalc.shape import Shape


class Input(Layer, kind="input"):
    """Where images enter the network; the network holds the shape.

    >>> Input().weights(Shape(3, (224, 224)))
    ()
    """

    role = "move"
    inputs = (0, 0)


class Identity(Layer, kind="identity"):
    """Its input, unchanged: the shortcut of a residual block.

    out = in. No weights, no MACs, no memory of its own.

    Source: He et al., arXiv:1512.03385, section 3.2.

    >>> str(Identity().output(Shape(64, (56, 56))))
    '56x56x64'
    """

    elsewhere = "noop linearactivation"

    role = "move"
    in_place = True
    channelwise = valuewise = True


class Flatten(WholeMap, kind="flatten"):
    """The map as one vector.

    out_channels = h * w * in_channels, h = w = 1. No weights, no MACs, no memory of its own: a view.

    Source: PyTorch's Flatten.

    >>> str(Flatten().output(Shape(512, (7, 7))))
    '1x1x25088'
    """

    role = "move"
    in_place = True

    def channels(self, shape: Shape) -> int:
        """All values."""
        return shape.elements

    def channel_formula(self, *inputs: Shape) -> Formula:
        """The product of the extents."""
        (shape,) = inputs
        return Formula("product of the extents", "*".join(map(str, shape.hwc)), shape.elements)


class Pad(Layer, kind="pad"):
    """Zeros around the map, as `pad3` for three on every side.

    out = in + before + after along each axis. No weights; no MACs.

    Source: PyTorch's ZeroPad2d; Caffe and TensorFlow networks that pad before a convolution.

    >>> str(Pad(padding=((0, 1), (0, 1))).output(Shape(64, (112, 112))))
    '113x113x64'
    """

    elsewhere = "zeropad zeropadding padding"

    padding: Sides

    role = "move"
    channelwise = True
    glued = "padding"

    def output(self, *inputs: Shape) -> Shape:
        """The larger map."""
        (shape,) = inputs
        sides = side_numbers(self.padding, len(shape.spatial))
        return Shape(shape.channels, tuple(n + b + a for n, (b, a) in zip(shape.spatial, sides, strict=True)))

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The same pixel, moved."""
        return tuple(Window.of(1, 1, before) for before, _ in side_numbers(self.padding, len(inputs[0].spatial)))

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """in + before + after."""
        (shape,) = inputs
        sides = side_numbers(self.padding, len(shape.spatial))
        return tuple(
            formula("{in} + {before} + {after}", {"in": n, "before": b, "after": a}, n + b + a)
            for n, (b, a) in zip(shape.spatial, sides, strict=True)
        )


class _Resized(Layer):
    """What can read a second input, of which it takes the size and nothing else."""

    role = "move"
    channelwise = True
    inputs = (1, 2)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The same channel of the first input."""
        return super().channels_read(channel, inputs[0])


class Crop(_Resized, kind="crop"):
    """A part of the map: its centre, `crop56` for 56x56, or all but so many pixels on each side (`cropping`).

    out = size, or in - before - after along each axis; with a second input, the size of that, of which nothing else
    is read. No weights; no MACs. `offset` pixels go off the start; without it the centre stays, and off an odd rest
    the extra pixel goes at the end. With `step` only every step-th pixel of that part stays: out = ceil(part/step).

    Source: Ronneberger et al., U-Net, arXiv:1505.04597, section 2 ("copy and crop"); Keras's Cropping2D; Caffe's Crop.
    Raises: ShapeError when the map is smaller than what is asked for.

    >>> str(Crop(size=56).output(Shape(512, (64, 64))))
    '56x56x512'
    >>> str(Crop(offset=19).output(Shape(21, (448, 448)), Shape(3, (384, 384))))
    '384x384x21'
    """

    elsewhere = "cropping"

    size: OptionalPerAxis = None
    cropping: OptionalSides = None
    offset: OptionalNaturalPerAxis = None
    step: PerAxis = 1

    glued = "size"

    @property
    def in_place(self) -> bool:  # type: ignore[override]
        """What steps is a view in PyTorch; a part is a copy."""
        return self.step != 1 if isinstance(self.step, int) else set(self.step) != {1}

    def check(self) -> None:
        """Only one of the fields says what is left."""
        if self.size is not None and self.cropping is not None:
            raise FieldError(
                "", "'crop' takes 'size' or 'cropping', not both", "leave one of them out", code="together"
            )

    def _sides(self, *inputs: Shape) -> tuple[tuple[int, int], ...]:
        shape = inputs[0]
        axes = len(shape.spatial)
        if self.cropping is not None:
            return side_numbers(self.cropping, axes, "cropping")
        size = inputs[1].spatial if len(inputs) > 1 else per_axis(_given(self.size, "crop"), axes, "size")
        rests = [n - (m - 1) * s - 1 for n, m, s in zip(shape.spatial, size, self._steps(shape), strict=True)]
        if self.offset is None:
            return tuple((rest // 2, rest - rest // 2) for rest in rests)
        offsets = per_axis(self.offset, axes, "offset")
        return tuple((before, rest - before) for before, rest in zip(offsets, rests, strict=True))

    def _steps(self, shape: Shape) -> tuple[int, ...]:
        return per_axis(self.step, len(shape.spatial), "step")

    def output(self, *inputs: Shape) -> Shape:
        """The smaller map."""
        shape = inputs[0]
        sides = self._sides(*inputs)
        if any(min(b, a) < 0 or n - b - a < 1 for n, (b, a) in zip(shape.spatial, sides, strict=True)):
            left = "x".join(str(n - b - a) for n, (b, a) in zip(shape.spatial, sides, strict=True))
            raise ShapeError(
                f"a crop to {left} does not fit a map of {shape}", "crop a smaller part", code="shape-misfit"
            )
        kept = zip(shape.spatial, sides, self._steps(shape), strict=True)
        return Shape(shape.channels, tuple(-(-(n - b - a) // step) for n, (b, a), step in kept))

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """The same pixel, moved; of a second input only the size is read, so it is not seen."""
        starts = zip(self._sides(*inputs), self._steps(inputs[0]), strict=True)
        return (tuple(Window(step, before, before) for (before, _), step in starts),)

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The window on the first input."""
        return self.windows(*inputs)[0]

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """in - before - after, and of that every step-th."""
        kept = zip(inputs[0].spatial, self._sides(*inputs), self._steps(inputs[0]), strict=True)
        return tuple(
            formula(
                "{in} - {before} - {after}" if step == 1 else "ceil(({in} - {before} - {after})/{step})",
                {"in": n, "before": b, "after": a, "step": step},
                -(-(n - b - a) // step),
            )
            for n, (b, a), step in kept
        )


class Upsample(_Resized, kind="upsample"):
    """A larger map by repeating or interpolating pixels, as `upsample2` for twice the height and width.

    out = in * scale_factor, or `size`, along each axis; with a second input, the size of that, of which nothing else is
    read. No weights; no MACs; not counted: the interpolation.
    `nearest`: pixel i is input pixel floor(i*in/out); `bilinear`, on one axis `linear` and on three `trilinear`, reads
    the two nearest centres along each axis, `bicubic` the four nearest; with `align_corners` the first and last pixels
    of both maps lie on each other.

    Source: PyTorch's Upsample; Redmon and Farhadi, YOLOv3, arXiv:1804.02767; Keys, Cubic convolution, 1981.
    Raises: ShapeError when nothing says how large.

    >>> str(Upsample(scale_factor=2).output(Shape(256, (13, 13))))
    '26x26x256'
    """

    elsewhere = "upsampling interpolate resize"

    scale_factor: OptionalPerAxis = None
    size: OptionalPerAxis = None
    mode: Annotated[
        Literal["nearest", "bilinear", "bicubic", "linear", "trilinear"],
        one_of("nearest", "bilinear", "bicubic", "linear", "trilinear"),
    ] = "nearest"
    align_corners: Flag = False

    glued = "scale_factor"

    def check(self) -> None:
        """Only one of the fields says how large."""
        if self.size is not None and self.scale_factor is not None:
            raise FieldError(
                "", "'upsample' takes 'scale_factor' or 'size', not both", "leave one of them out", code="together"
            )

    def output(self, *inputs: Shape) -> Shape:
        """The larger map."""
        shape = inputs[0]
        axes = len(shape.spatial)
        if len(inputs) > 1:
            return Shape(shape.channels, inputs[1].spatial)
        if self.size is not None:
            return Shape(shape.channels, per_axis(self.size, axes, "size"))
        factors = per_axis(_given(self.scale_factor, "upsample"), axes, "scale_factor")
        return Shape(shape.channels, tuple(n * f for n, f in zip(shape.spatial, factors, strict=True)))

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """The pixel at floor(i*in/out), or those round (i + 1/2)*in/out - 1/2; a second input is not seen.

        With corners aligned they lie round i*(in - 1)/(out - 1).
        """
        sizes = zip(inputs[0].spatial, self.output(*inputs).spatial, strict=True)
        return (tuple(EVERYWHERE if n == 1 < out else self._stretch(n, out) for n, out in sizes),)

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The window on the first input."""
        return self.windows(*inputs)[0]

    def _stretch(self, n: int, out: int) -> Window:
        reach = 2 if self.mode == "bicubic" else 1
        if n == out:
            return POINT
        if self.mode != "nearest" and self.align_corners:
            if out == 1:
                return Window(0, 1 - reach, reach - 1)
            common = gcd(n - 1, out - 1)
            n, out = (n - 1) // common, (out - 1) // common
            return Window(n, 1 - reach * out, reach * out - 1, out)
        common = gcd(n, out)
        n, out = n // common, out // common
        if self.mode == "nearest":
            return Window(n, 1 - out, 0, out)
        return Window(2 * n, n - out - (2 * reach * out - 1), n - out + (2 * reach * out - 1), 2 * out)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """in * scale_factor, or the declared size."""
        sizes = zip(inputs[0].spatial, self.output(*inputs).spatial, strict=True)
        if self.size is not None or len(inputs) > 1:
            return tuple(formula("{size}", {"size": out}, out) for _, out in sizes)
        return tuple(formula("{in} * {scale_factor}", {"in": n, "scale_factor": out // n}, out) for n, out in sizes)


def _given(size: int | tuple[int, ...] | None, kind: str) -> int | tuple[int, ...]:
    """How large the output is, where no second input says it."""
    if size is None:
        fields = {"crop": "'size' or 'cropping'", "upsample": "'scale_factor' or 'size'"}[kind]
        raise ShapeError(
            f"'{kind}' needs {fields}, or a second input that has the size", f"as in {kind}2", code="shape-misfit"
        )
    return size
