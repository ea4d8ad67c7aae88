"""Random small layers, each with an input that it fits, small enough to count every multiplication; random networks."""

from typing import Any

from hypothesis import strategies as st

from vggcalc.errors import ShapeError
from vggcalc.layers import REGISTRY, Layer
from vggcalc.network import Network, Node
from vggcalc.shape import Shape

Case = tuple[Layer, Shape]

AXES = st.sampled_from((2, 1, 3, 2, 1, 3, 0))
"""Maps of no axes are vectors; one case in seven is enough of them."""
LARGEST_KERNEL = {0: 4, 1: 5, 2: 4, 3: 3}
SPARE = {0: 0, 1: 5, 2: 4, 3: 1}
"""By how many pixels an input may be larger than it must be; more would only be slow."""


def per_axis(draw: st.DrawFn, least: int, most: int, axes: int) -> int | tuple[int, ...]:
    """One number, or one for each axis."""
    numbers = st.integers(least, most)
    if axes and draw(st.booleans()):
        return draw(st.tuples(*[numbers] * axes))
    return draw(numbers)


def spread(value: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
    """One number for each axis."""
    return value if isinstance(value, tuple) else (value,) * axes


def side_numbers(draw: st.DrawFn, most: int, axes: int) -> Any:
    """Padding: one number, or for each axis a number or a pair."""
    number = st.integers(0, most)
    side = st.one_of(number, st.tuples(number, number))
    return draw(st.one_of(number, st.tuples(*[side] * axes)) if axes else number)


def both_sides(padding: Any, axes: int) -> list[int]:
    """How many pixels a padding in numbers adds along each axis."""
    if isinstance(padding, int):
        return [2 * padding] * axes
    return [2 * side if isinstance(side, int) else sum(side) for side in padding]


def window(draw: st.DrawFn, axes: int) -> dict[str, Any]:
    """The fields of a sliding window."""
    words = st.sampled_from(["valid", "half", "same"])
    return {
        "kernel_size": per_axis(draw, 1, LARGEST_KERNEL[axes], axes),
        "stride": per_axis(draw, 1, 3, axes),
        "dilation": per_axis(draw, 1, 3 if axes < 3 else 2, axes),
        "padding": draw(words) if draw(st.booleans()) else side_numbers(draw, 3 if axes < 3 else 1, axes),
    }


def extents(draw: st.DrawFn, fields: dict[str, Any], axes: int, fitting: bool) -> tuple[int, ...]:
    """Extents of an input into which the window fits, or that may be too small for it."""
    kernel, dilation = spread(fields["kernel_size"], axes), spread(fields["dilation"], axes)
    padding = fields["padding"]
    added = both_sides(0 if isinstance(padding, str) else padding, axes)
    least = [max(1, d * (k - 1) + 1 - more) for k, d, more in zip(kernel, dilation, added, strict=True)]
    if not fitting or padding in ("half", "same"):
        least = [1] * axes
    return tuple(draw(st.integers(n, n + SPARE[axes])) for n in least)


@st.composite
def sliding(draw: st.DrawFn, kind: str, fitting: bool = True) -> Case:
    """A convolution or a pooling of any kind."""
    axes = draw(AXES.filter(bool) if kind == "convmap" else AXES)
    fields = window(draw, axes)
    channels = draw(st.integers(1, 4))
    if kind in ("conv", "wsconv"):
        groups = draw(st.integers(1, 3))
        channels = groups * draw(st.integers(1, 2))
        fields |= {"groups": groups, "out_channels": groups * draw(st.integers(1, 2)), "bias": draw(st.booleans())}
        if kind == "wsconv":
            fields["gain"] = draw(st.booleans())
    elif kind == "local":
        fields |= {"out_channels": draw(st.integers(1, 3)), "bias": draw(st.booleans())}
    elif kind == "blurpool":
        fields["padding_mode"] = draw(st.sampled_from(["reflect", "zeros"]))
    elif kind == "dwconv":
        fields |= {"depth_multiplier": draw(st.integers(1, 3)), "bias": draw(st.booleans())}
    elif kind == "convmap":
        rows = st.lists(st.integers(0, channels - 1), min_size=1, unique=True)
        fields |= {"connections": draw(st.lists(rows, min_size=1, max_size=4)), "bias": draw(st.booleans())}
    else:
        fields |= {"ceil_mode": draw(st.booleans())}
        if draw(st.booleans()):
            del fields["stride"]
    return REGISTRY[kind](**fields), Shape(channels, extents(draw, fields, axes, fitting))


@st.composite
def convtransposes(draw: st.DrawFn, kind: str, fitting: bool = True) -> Case:
    """A transposed convolution whose padding leaves something of the output."""
    axes = draw(AXES)
    groups = draw(st.integers(1, 2))
    fields = window(draw, axes) | {
        "groups": groups,
        "out_channels": groups * draw(st.integers(1, 2)),
        "bias": draw(st.booleans()),
    }
    if fields["padding"] != "same":
        fields["output_padding"] = per_axis(draw, 0, 2, axes)
    if fitting and not isinstance(fields["padding"], str):
        fields["padding"] = side_numbers(draw, 1, axes)
    least = 3 if fitting else 1  # three pixels outlast a padding of one on each side
    spatial = tuple(draw(st.integers(least, least + min(2, SPARE[axes]))) for _ in range(axes))
    return REGISTRY[kind](**fields), Shape(groups * draw(st.integers(1, 2)), spatial)


@st.composite
def resizing(draw: st.DrawFn, kind: str, fitting: bool = True) -> Case:
    """A layer that moves, repeats or gathers pixels."""
    axes = draw(AXES)
    most = 9 if axes < 3 else 5
    spatial = tuple(draw(st.integers(1, most)) for _ in range(axes))
    fields: dict[str, Any] = {}
    if kind.startswith("adaptive"):
        fields["output_size"] = per_axis(draw, 1, most, axes)
    elif kind == "upsample":
        fields["mode"] = draw(st.sampled_from(["nearest", "bilinear", "bicubic", "trilinear"]))
        fields["align_corners"] = draw(st.booleans())
        if draw(st.booleans()):
            fields["scale_factor"] = per_axis(draw, 1, 4 if axes < 3 else 2, axes)
        else:
            fields["size"] = per_axis(draw, 1, most, axes)
    elif kind == "pad":
        fields["padding"] = side_numbers(draw, 3, axes)
    elif kind == "crop" and draw(st.booleans()):
        fields["size"] = per_axis(draw, 1, min(spatial, default=1) if fitting else most, axes)
    elif kind == "crop":
        fields |= {"cropping": side_numbers(draw, 2, axes), "step": per_axis(draw, 1, 3, axes)}
        if fitting:
            spatial = tuple(n + more for n, more in zip(spatial, both_sides(fields["cropping"], axes), strict=True))
    elif kind in ("fc", "linear"):
        fields |= {"out_features": draw(st.integers(1, 5)), "bias": draw(st.booleans())}
    return REGISTRY[kind](**fields), Shape(draw(st.integers(1, 4)), spatial)


SLIDING = ("conv", "wsconv", "local", "blurpool", "dwconv", "convmap", "maxpool", "avgpool", "subsample")
RESIZING = (
    "adaptivemaxpool", "adaptiveavgpool", "globalmaxpool", "globalavgpool", "fc", "linear", "flatten", "upsample",
    "pad", "crop",
)  # fmt: skip

FITTING: dict[str, st.SearchStrategy[Case]] = {
    **{kind: sliding(kind) for kind in SLIDING},
    "convtranspose": convtransposes("convtranspose"),
    **{kind: resizing(kind) for kind in RESIZING},
}
"""By kind, layers with an input that they fit."""

MAYBE_FITTING: dict[str, st.SearchStrategy[Case]] = {
    **{kind: sliding(kind, fitting=False) for kind in SLIDING},
    "convtranspose": convtransposes("convtranspose", fitting=False),
    "crop": resizing("crop", fitting=False),
}
"""By kind that can misfit, layers with an input that may be too small for them."""


# Random networks: layers of many kinds, each reading any earlier ones that it fits

LINES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("conv", {"kernel_size": 1, "out_channels": 2}),
    ("conv", {"kernel_size": 3, "out_channels": 3, "padding": 1}),
    ("conv", {"kernel_size": 3, "out_channels": 4, "stride": 2, "padding": 1, "bias": False}),
    ("maxpool", {}),
    ("avgpool", {"kernel_size": 3}),
    ("globalavgpool", {}),
    ("adaptiveavgpool", {"output_size": 2}),
    ("flatten", {}),
    ("flatten", {}),
    ("fc", {"out_features": 4}),
    ("fc", {"out_features": 5, "bias": False}),
    ("relu", {}),
    ("dropout", {}),
    ("prelu", {"num_parameters": "channels"}),
    ("prelu", {}),
    ("softmax", {}),
    ("batchnorm", {}),
    ("layernorm", {"normalized_shape": "all"}),
    ("slice", {"stop": 2}),
    ("channelshuffle", {"groups": 2}),
    ("identity", {}),
    ("add", {}),
    ("multiply", {}),
    ("concat", {}),
)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Networks with one or two inputs and up to fifteen layers; every layer that nothing reads is an output."""
    axes = draw(st.sampled_from((2, 1, 2)))
    count = draw(st.integers(1, 2))
    spatial = st.tuples(*[st.integers(1, 5)] * axes)
    shapes = [Shape(draw(st.integers(1, 4)), draw(spatial))] * count
    nodes = [Node(f"input{number}", REGISTRY["input"](), ()) for number in range(count)]
    for kind, fields in draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=15)):
        layer = REGISTRY[kind](**fields)
        places = st.one_of(st.just(len(nodes) - 1), st.integers(0, len(nodes) - 1))
        sources = tuple(draw(places) for _ in range(2 if layer.inputs[1] is None else 1))
        try:
            shapes.append(layer.output(*(shapes[source] for source in sources)))
        except ShapeError:
            continue
        nodes.append(Node(f"{kind}{len(nodes)}", layer, sources))
    read = {source for node in nodes for source in node.inputs}
    ends = tuple(place for place in range(len(nodes)) if place not in read and place >= count)
    return Network("random", tuple(nodes), tuple(shapes[:count]), ends)
