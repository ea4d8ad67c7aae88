"""Blocks of pixels as channels, and channels as blocks of pixels."""

from collections.abc import Sequence
from math import prod
from typing import Annotated, Literal

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, formula
from vggcalc.layers.fields import Positive, one_of
from vggcalc.layers.window import Window
from vggcalc.shape import Shape


class _Blocks(Layer):
    """Blocks of pixels and groups of channels, exchanged for each other."""

    block_size: Positive
    order: Annotated[Literal["channels", "blocks"], one_of("channels", "blocks")] = "channels"

    role = "move"
    glued = "block_size"

    def _pixels(self, shape: Shape) -> int:
        """The pixels of a block."""
        return prod([self.block_size] * len(shape.spatial))


class SpaceToDepth(_Blocks, kind="spacetodepth"):
    """Blocks of pixels as channels, as `spacetodepth2`: the map is r times smaller along each axis.

    out = in/r along each axis, out_channels = in_channels * r^axes. No weights; no MACs; it copies its input.

    r: `block_size`; order: whether the pixels of a channel stand together (`channels`, PyTorch's pixel unshuffle) or
    the channels of a pixel (`blocks`, TensorFlow's and ONNX's SpaceToDepth).

    Source: Shi et al., arXiv:1609.05158, equation 4, backwards; PyTorch's PixelUnshuffle; ONNX's SpaceToDepth.
    Raises: ShapeError when the blocks do not divide the map.

    >>> str(SpaceToDepth(block_size=2).output(Shape(64, (56, 56))))
    '28x28x256'
    """

    elsewhere = "pixelunshuffle unshuffle reorg focus"

    def output(self, *inputs: Shape) -> Shape:
        """Fewer pixels, more channels."""
        (shape,) = inputs
        if any(n % self.block_size for n in shape.spatial):
            raise ShapeError(
                f"blocks of {self.block_size} do not divide a map of {shape}",
                "pad or crop the map to a multiple",
                code="shape-misfit",
            )
        return Shape(shape.channels * self._pixels(shape), tuple(n // self.block_size for n in shape.spatial))

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The block."""
        return (Window.of(self.block_size, self.block_size),) * len(inputs[0].spatial)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The one whose pixel it is."""
        (shape,) = inputs
        read = channel // self._pixels(shape) if self.order == "channels" else channel % shape.channels
        return (range(read, read + 1),)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """in/r."""
        r = self.block_size
        return tuple(formula("{in}/{r}", {"in": n, "r": r}, n // r) for n in inputs[0].spatial)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """in_channels * r * r, with an r for each axis."""
        numbers = {"in_channels": inputs[0].channels, "r": self.block_size}
        template = " * ".join(["{in_channels}", *["{r}"] * len(inputs[0].spatial)])
        return formula(template, numbers, self.output(*inputs).channels)


class DepthToSpace(_Blocks, kind="depthtospace"):
    """Channels as blocks of pixels, as `depthtospace2`: sub-pixel upsampling, "pixel shuffle".

    out = in * r along each axis, out_channels = in_channels/r^axes. No weights; no MACs; it copies its input.

    r: `block_size`; order: whether the pixels of a channel stand together (`channels`, PyTorch's pixel shuffle, ONNX's
    CRD) or the channels of a pixel (`blocks`, TensorFlow's, ONNX's DCR).

    Source: Shi et al., arXiv:1609.05158, equation 4; PyTorch's PixelShuffle; ONNX's DepthToSpace.
    Raises: ShapeError when r^axes does not divide the channels.

    >>> str(DepthToSpace(block_size=2).output(Shape(256, (56, 56))))
    '112x112x64'
    """

    elsewhere = "pixelshuffle shuffle subpixel"

    def output(self, *inputs: Shape) -> Shape:
        """Fewer channels, more pixels."""
        (shape,) = inputs
        channels, rest = divmod(shape.channels, self._pixels(shape))
        if rest:
            raise ShapeError(
                f"{shape.channels} channels do not fall into groups of {self._pixels(shape)}",
                "give the layer above a multiple of that",
                code="shape-misfit",
            )
        return Shape(channels, tuple(n * self.block_size for n in shape.spatial))

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """Pixel i comes from pixel floor(i/r) of the input."""
        r = self.block_size
        return (Window(1, 1 - r, 0, r),) * len(inputs[0].spatial)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those of its pixels."""
        (shape,) = inputs
        pixels = self._pixels(shape)
        if self.order == "channels":
            return (range(channel * pixels, (channel + 1) * pixels),)
        return (range(channel, shape.channels, shape.channels // pixels),)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """in * r."""
        r = self.block_size
        return tuple(formula("{in} * {r}", {"in": n, "r": r}, n * r) for n in inputs[0].spatial)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """in_channels/(r*r), with an r for each axis."""
        numbers = {"in_channels": inputs[0].channels, "r": self.block_size}
        group = "*".join(["{r}"] * len(inputs[0].spatial)) or "1"
        return formula(f"{{in_channels}}/({group})", numbers, self.output(*inputs).channels)
