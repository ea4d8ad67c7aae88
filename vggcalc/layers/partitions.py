"""Maps cut into windows whose positions stand together, and put together again."""

from math import prod

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, formula, per_axis
from vggcalc.layers.fields import Flag, OptionalPerAxis, PerAxis
from vggcalc.layers.window import Window
from vggcalc.shape import Shape

FOLLOWED = 2
"""A map of so many axes keeps them as those of its windows; of more, the windows stand in one row."""


class _Windows(Layer):
    """A map and its windows of `window_size` along each axis."""

    window_size: PerAxis
    grid: Flag = False

    role = "move"
    channelwise = True
    glued = "window_size"


class WindowPartition(_Windows, kind="windowpartition"):
    """A map cut into windows that do not overlap, as `windowpartition7`: the positions of each are a new, last axis.

    56x56xC is 8x8x49xC: `attention` over the last axis is then attention in windows. out = in/window_size along each
    axis, and a last one of all positions of a window; of a map with three axes the windows stand in one row. With
    `grid` a window is not what lies together, but every (in/window_size)-th position. No weights; no MACs; it copies
    its input.

    Source: Liu et al., Swin Transformer, arXiv:2103.14030, section 3.2; Tu et al., MaxViT, arXiv:2204.01697,
    section 3.2 (grid attention).
    Raises: ShapeError when the windows do not divide the map.

    >>> str(WindowPartition(window_size=7).output(Shape(96, (56, 56))))
    '8x8x49x96'
    """

    def _counts(self, shape: Shape) -> tuple[tuple[int, int], ...]:
        """Along each axis the windows, and the positions of one."""
        sizes = per_axis(self.window_size, len(shape.spatial), "window_size")
        if not shape.spatial or any(n % size for n, size in zip(shape.spatial, sizes, strict=True)):
            raise ShapeError(
                f"windows of {'x'.join(map(str, sizes))} do not divide a map of {shape}",
                "pad the map to a multiple",
                code="shape-misfit",
            )
        return tuple((n // size, size) for n, size in zip(shape.spatial, sizes, strict=True))

    def output(self, *inputs: Shape) -> Shape:
        """Windows, and their positions."""
        (shape,) = inputs
        counts = self._counts(shape)
        windows = tuple(count for count, _ in counts)
        if len(windows) > FOLLOWED:
            windows = (prod(windows),)
        return Shape(shape.channels, (*windows, prod(size for _, size in counts)))

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """The windows go on as the map did; the positions within one are new."""
        axes = len(inputs[0].spatial)
        return (None, None) if axes > FOLLOWED else (*range(axes), None)

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The window."""
        counts = self._counts(inputs[0])
        if len(counts) > FOLLOWED:
            return (Window.over(1),) * 2
        if self.grid:
            seen = [Window(1, 0, (size - 1) * count, 1, count) for count, size in counts]
        else:
            seen = [Window.of(size, size) for _, size in counts]
        return (*seen, Window.over(1))

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """in/window_size, and the positions of a window."""
        counts = self._counts(inputs[0])
        extents = zip(inputs[0].spatial, counts, strict=True)
        windows = [formula("{in}/{window_size}", {"in": n, "window_size": size}, count) for n, (count, size) in extents]
        if len(windows) > FOLLOWED:
            numbers = "*".join(f"({each.numbers})" for each in windows)
            windows = [Formula("windows along all axes", numbers, prod(count for count, _ in counts))]
        sizes = [size for _, size in counts]
        return (*windows, Formula("positions of a window", "*".join(map(str, sizes)), prod(sizes)))


class WindowDepartition(_Windows, kind="windowdepartition"):
    """Windows put together to the map that they were cut from, as `windowdepartition7`.

    out = in * window_size along each axis of windows; where the windows stand in one row, `size`. `grid` as it was cut.
    No weights; no MACs; it copies its input.

    Source: Liu et al., Swin Transformer, arXiv:2103.14030, section 3.2; torchvision's WindowDepartition.
    Raises: ShapeError when the last axis is not that of a window's positions.

    >>> str(WindowDepartition(window_size=7).output(Shape(96, (8, 8, 49))))
    '56x56x96'
    """

    size: OptionalPerAxis = None

    def _counts(self, shape: Shape) -> tuple[tuple[int, int], ...]:
        """Along each axis of the map the windows, and the positions of one."""
        *windows, positions = shape.spatial or (0,)
        if self.size is None:
            sizes = per_axis(self.window_size, len(windows), "window_size")
            counts = tuple(zip(windows, sizes, strict=True))
        else:
            axes = 3 if isinstance(self.size, int) else len(self.size)
            whole = per_axis(self.size, axes, "size")
            sizes = per_axis(self.window_size, axes, "window_size")
            counts = tuple((n // size, size) for n, size in zip(whole, sizes, strict=True))
            if any(n % size for n, size in zip(whole, sizes, strict=True)) or [prod(n for n, _ in counts)] != windows:
                positions = 0
        if not counts or prod(size for _, size in counts) != positions:
            raise ShapeError(
                f"{shape} is no map of windows of {'x'.join(map(str, sizes))}",
                "its last axis has a window's positions, and those before it the windows",
                code="shape-misfit",
            )
        return counts

    def output(self, *inputs: Shape) -> Shape:
        """The map."""
        return Shape(inputs[0].channels, tuple(count * size for count, size in self._counts(inputs[0])))

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """The map goes on as its windows did; of a grid every window lies everywhere."""
        axes = len(self._counts(inputs[0]))
        return tuple(None if self.grid or self.size is not None else axis for axis in range(axes))

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """Pixel i lies in window floor(i/window_size)."""
        return tuple(Window(1, 1 - size, 0, size) for _, size in self._counts(inputs[0]))

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """windows * window_size."""
        return tuple(
            formula("{windows} * {window_size}", {"windows": count, "window_size": size}, count * size)
            for count, size in self._counts(inputs[0])
        )
