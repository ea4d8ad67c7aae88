"""What detectors do with boxes: boxes themselves, and pooling to a fixed size in each."""

from collections.abc import Sequence

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, formula, per_axis
from vggcalc.layers.fields import Extents, Natural, PerAxis
from vggcalc.layers.window import POINT, Window
from vggcalc.shape import Shape


class Boxes(Layer, kind="boxes"):
    """Boxes made, chosen or matched: prior boxes, proposals, detections; `output_shape` says how many.

    out = output_shape, as in [8732, 4], whatever is read, of which each box may see all. No weights; no MACs; not
    counted: its arithmetic, sorting and suppression.

    Source: Ren et al., Faster R-CNN, arXiv:1506.01497, section 3.1 (anchors, proposals); Liu et al., SSD,
    arXiv:1512.02325, section 2.2; Caffe's PriorBox, Proposal and DetectionOutput.

    >>> str(Boxes(output_shape=(8732, 4)).output(Shape(512, (38, 38)), Shape(3, (300, 300))))
    '8732x4'
    """

    elsewhere = "priorbox proposal detectionoutput nms anchors"

    output_shape: Extents

    role = "move"
    inputs = (1, None)
    mixes_axes = True
    is_blind = True

    def output(self, *inputs: Shape) -> Shape:
        """As declared."""
        return Shape(self.output_shape[-1], self.output_shape[:-1])

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """None goes on."""
        return (None,) * (len(self.output_shape) - 1)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """As declared."""
        return tuple(formula("{extent}", {"extent": n}, n, "as declared") for n in self.output_shape[:-1])

    def channel_formula(self, *inputs: Shape) -> Formula:
        """As declared."""
        return formula("{extent}", {"extent": self.output_shape[-1]}, self.output_shape[-1], "as declared")


class _RegionPool(Layer):
    """What both share: the first input is a map of two axes, the second the boxes, one at each position."""

    output_size: PerAxis

    role = "pool"
    inputs = (2, 2)
    mixes_axes = True
    glued = "output_size"

    def output(self, *inputs: Shape) -> Shape:
        """A small map for each region."""
        shape, boxes = inputs
        if len(shape.spatial) != 2 or len(boxes.spatial) != 1:
            raise ShapeError(
                f"{shape} and {boxes} are no map and a list of boxes",
                "the first has two axes of positions, the second one, a box at each",
                code="shape-misfit",
            )
        return Shape(shape.channels, (*boxes.spatial, *per_axis(self.output_size, 2, "output_size")))

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """None goes on: a region may lie anywhere."""
        return (None,) * 3

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """Said by the axes alone; where the regions lie is no matter of values that are pooled."""
        return ((POINT,) * 3,)

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The window on the map."""
        return self.windows(*inputs)[0]

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The same channel of the map."""
        return (range(channel, channel + 1),)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """As many as there are boxes, and the declared size."""
        regions, *sizes = self.output(*inputs).spatial
        return (
            formula("{boxes}", {"boxes": regions}, regions),
            *(formula("{output_size}", {"output_size": n}, n) for n in sizes),
        )


class RegionPool(_RegionPool, kind="roipool"):
    """Max pooling of each region of interest to a fixed size, as `roipool7`.

    It reads a map, and boxes, n x 4 or n x 5; out = n x output_size x output_size with the map's channels. No weights;
    no MACs; not counted: its comparisons. A box may lie anywhere, so that each unit is taken to see the whole map.

    Source: Girshick, Fast R-CNN, arXiv:1504.08083, section 2.1; Caffe's ROIPooling; torchvision's RoIPool.
    Raises: ShapeError when the inputs are not a map and a list of boxes.

    >>> str(RegionPool(output_size=7).output(Shape(512, (38, 50)), Shape(5, (300,))))
    '300x7x7x512'
    """

    elsewhere = "roipooling"


class RegionAlign(_RegionPool, kind="roialign"):
    """Average of interpolated values of each region of interest, to a fixed size, as `roialign7`.

    It reads a map, and boxes, n x 4 or n x 5; out = n x output_size x output_size with the map's channels. No weights;
    no MACs; not counted: the interpolation. A box may lie anywhere, so that each unit is taken to see the whole map.

    sampling_ratio: points along each axis of a bin, 0 for as many as pixels; it changes values, no figure here.

    Source: He et al., Mask R-CNN, arXiv:1703.06870, section 3; torchvision's RoIAlign.
    Raises: ShapeError when the inputs are not a map and a list of boxes.

    >>> str(RegionAlign(output_size=14).output(Shape(256, (200, 272)), Shape(4, (1000,))))
    '1000x14x14x256'
    """

    sampling_ratio: Natural = 0
