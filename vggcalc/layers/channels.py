"""Layers that choose, order and add channels, and leave the map as it is."""

from collections.abc import Sequence

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, formula
from vggcalc.layers.fields import Natural, OptionalPositive, Positive
from vggcalc.shape import Shape


class Slice(Layer, kind="slice"):
    """Some of the channels, from `start` up to but without `stop`, every `step`-th of them.

    out_channels = ceil((stop - start)/step); height and width stay. No weights, no MACs, no memory of its own: a view.

    Source: Python's slices; PyTorch's chunk and split give several of them.
    Raises: ShapeError when the channels are not there.

    >>> str(Slice(start=58).output(Shape(116, (28, 28))))
    '28x28x58'
    """

    start: Natural = 0
    stop: OptionalPositive = None
    step: Positive = 1

    role = "move"
    in_place = True
    leaves_out = True

    def output(self, *inputs: Shape) -> Shape:
        """The same map with fewer channels."""
        (shape,) = inputs
        stop = shape.channels if self.stop is None else self.stop
        if not self.start < stop <= shape.channels:
            raise ShapeError(
                f"channels {self.start} to {stop} are no part of {shape.channels} channels",
                "start lies below stop, and stop is at most the number of channels",
                code="shape-misfit",
            )
        return Shape(len(range(self.start, stop, self.step)), shape.spatial)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those from `start` on, one each."""
        read = self.start + channel * self.step
        return (range(read, read + 1),)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """stop - start."""
        stop = inputs[0].channels if self.stop is None else self.stop
        numbers = {"stop": stop, "start": self.start, "step": self.step}
        if self.step == 1:
            return formula("{stop} - {start}", numbers, stop - self.start)
        return formula("ceil(({stop} - {start})/{step})", numbers, len(range(self.start, stop, self.step)))


class ChannelShuffle(Layer, kind="channelshuffle"):
    """The channels of several groups dealt out in turn, as `channelshuffle-2`.

    out = in. No weights; no MACs; it copies its input.

    Source: Zhang et al., ShuffleNet, arXiv:1707.01083, section 3.1; PyTorch's ChannelShuffle.
    Raises: ShapeError when the groups do not divide the channels.

    >>> str(ChannelShuffle(groups=2).output(Shape(116, (28, 28))))
    '28x28x116'
    """

    groups: Positive

    role = "move"
    dashed = "groups"

    def output(self, *inputs: Shape) -> Shape:
        """The input's shape."""
        (shape,) = inputs
        if shape.channels % self.groups:
            raise ShapeError(
                f"{self.groups} groups do not divide {shape.channels} channels",
                "choose groups that divide them",
                code="shape-misfit",
            )
        return shape

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The next one of each group in turn."""
        turn, group = divmod(channel, self.groups)
        read = group * (inputs[0].channels // self.groups) + turn
        return (range(read, read + 1),)


class PadChannels(Layer, kind="padchannels"):
    """Zeros as further channels, as `padchannels-32`: the shortcut without parameters of the first ResNets.

    `out_channels` in all, the new ones behind the old; of `groups`, as heads are, behind the old ones of each. No
    weights; no MACs.

    Source: He et al., arXiv:1512.03385, section 3.3, option A; Cai et al., EfficientViT, arXiv:2205.14756 (heads).
    Raises: ShapeError when the input has more channels already, or when the groups do not divide them.

    >>> str(PadChannels(out_channels=32).output(Shape(16, (16, 16))))
    '16x16x32'
    """

    out_channels: Positive
    groups: Positive = 1

    role = "move"
    dashed = "out_channels"

    def output(self, *inputs: Shape) -> Shape:
        """The same map with more channels."""
        (shape,) = inputs
        if shape.channels > self.out_channels:
            raise ShapeError(
                f"{shape.channels} channels are more than {self.out_channels}",
                "pad to at least as many channels",
                code="shape-misfit",
            )
        if shape.channels % self.groups or self.out_channels % self.groups:
            raise ShapeError(
                f"{self.groups} groups do not divide {shape.channels} and {self.out_channels} channels",
                "choose groups that divide both",
                code="shape-misfit",
            )
        return Shape(self.out_channels, shape.spatial)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The same one, or none."""
        group, place = divmod(channel, self.out_channels // self.groups)
        each = inputs[0].channels // self.groups
        read = group * each + place
        return (range(read, read + 1) if place < each else range(0),)
