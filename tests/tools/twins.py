"""Random networks, each drawn at once as a spec and as a PyTorch module."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx, nn
from torch_layers import KINDS as LAYERS
from torch_layers import Fields, RefusedError, Space

from vggcalc import Report

DTYPES = {"float32": torch.float32, "float64": torch.float64, "float16": torch.float16, "bfloat16": torch.bfloat16}
MAX_VALUES = 3000
MAX_DRAWS = 300


class Step(NamedTuple):
    """A layer, and the places of what it reads."""

    kind: str
    sources: tuple[int, ...]
    fields: Fields


class Twin(NamedTuple):
    """A network by its layers; the first places are those of its inputs, each channels and extents."""

    inputs: tuple[tuple[int, Space], ...]
    steps: tuple[Step, ...]
    batch: int
    dtype: str

    @classmethod
    def of(cls, report: Report) -> Twin:
        """The network of a report."""
        shapes = report.network.input_shapes
        steps = [
            Step(row.kind, row.inputs, {name: value for name, value in row.layer.fields.items() if value is not None})
            for row in report.rows[len(shapes) :]
        ]
        return cls(tuple((shape.channels, shape.spatial) for shape in shapes), tuple(steps), report.batch, report.dtype)

    @property
    def spec(self) -> str:
        """It as a spec."""
        inputs = {
            f"n{place}": "x".join(map(str, (*space, channels))) for place, (channels, space) in enumerate(self.inputs)
        }
        layers = [
            {step.kind: {"name": f"n{place}", "from": [f"n{source}" for source in step.sources], **step.fields}}
            for place, step in enumerate(self.steps, len(self.inputs))
        ]
        return json.dumps({"family": "twin", "input": inputs, "layers": layers})

    def maps(self, device: str = "meta") -> list[Tensor]:
        """What it reads."""
        dtype = DTYPES[self.dtype]
        return [torch.ones(self.batch, channels, *space, dtype=dtype, device=device) for channels, space in self.inputs]

    def built(self, device: str = "meta") -> tuple[list[nn.Module], list[Space]]:
        """Its layers, and what each makes: channels and extents."""
        layers, maps = [], self.maps(device)
        for step in self.steps:
            layer, output = _run(step, maps)
            maps.append(output)
            layers.append(layer)
        return layers, [tuple(output.shape[1:]) for output in maps[len(self.inputs) :]]

    def module(self) -> fx.GraphModule:
        """It as a module on the meta device, whose outputs are those of the layers that nobody reads."""
        graph, layers = fx.Graph(), nn.Module()
        nodes = [graph.placeholder(f"n{place}") for place in range(len(self.inputs))]
        for place, (step, layer) in enumerate(zip(self.steps, self.built()[0], strict=True), len(self.inputs)):
            layers.add_module(f"n{place}", layer)
            nodes.append(graph.call_module(f"n{place}", tuple(nodes[source] for source in step.sources)))
        graph.output(tuple(node for node in nodes if not node.users))
        return fx.GraphModule(layers, graph)


def draw(seed: int) -> Twin:
    """The network of this seed: one or two inputs and up to twelve layers."""
    random = Random(seed)
    axes = random.choice((1, 2, 2, 2, 2, 3))
    most = (0, 24, 12, 6)[axes]
    space = tuple(random.randint(1 + (random.random() < 0.9), most) for _ in range(axes))
    count = 1 + (random.random() < 0.15)
    twin = Twin(
        tuple((random.randint(1, 8), space) for _ in range(count)),
        (),
        random.choice((1, 2, 2, 3)),
        random.choice(("float32", "float32", *DTYPES)),
    )
    maps = twin.maps()
    steps: list[Step] = []
    wanted = random.randint(1, 12)
    for _ in range(MAX_DRAWS):
        if len(steps) == wanted:
            break
        step = _draw_step(random, maps)
        try:
            _, output = _run(step, maps)
        except (RuntimeError, ValueError, RefusedError):
            continue
        if 0 < output[0].numel() <= MAX_VALUES:
            maps.append(output)
            steps.append(step)
    return twin._replace(steps=tuple(steps))


def _run(step: Step, maps: list[Tensor]) -> tuple[nn.Module, Tensor]:
    """The layer, and what it makes of those before it."""
    with maps[0].device, torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "may require a zero-padded copy of the input": that is what is looked for
        read = [maps[source].clone() for source in step.sources]
        layer = LAYERS[step.kind](step.fields, *read).to(read[0].dtype).train()
        return layer, layer(*read)


def _draw_step(random: Random, maps: list[Tensor]) -> Step:
    """A layer of any kind with fields that may suit it, mostly on the last map."""
    kind = random.choice([kind for kind, (times, _) in KINDS.items() for _ in range(times)])
    last = len(maps) - 1
    source = last if random.random() < 0.7 else random.randint(0, last)
    x = maps[source]
    sources = (source,)
    if kind in MERGES:
        alike = [place for place, other in enumerate(maps) if _merge(kind, x, other)]
        others = [random.choice(alike) for _ in range(random.choice((1, 1, 1, 2)))] if alike else []
        if kind == "subtract":
            others = others[:1]
        sources = (source, *others)
    if kind in LIKE and random.random() < 0.2:
        return Step(kind, (source, random.randint(0, last)), {"mode": "nearest"} if kind == "upsample" else {})
    fields = KINDS[kind][1](random, x)
    return Step(kind, sources, {name: value for name, value in fields.items() if value is not None})


def _merge(kind: str, x: Tensor, other: Tensor) -> bool:
    if kind == "concat":
        return x.shape[2:] == other.shape[2:]
    is_gate = kind == "multiply" and x.shape[1] == other.shape[1] and set(other.shape[2:]) == {1}
    return x.shape == other.shape or is_gate


Draw = Callable[[Random, Tensor], Fields]
LIKE = ("crop", "upsample")
MERGES = ("add", "subtract", "multiply", "concat")


def _flag(random: Random) -> bool:
    return random.random() < 0.5


def _per_axis(random: Random, x: Tensor, least: int, most: int) -> int | list[int]:
    """One number, or one for each axis."""
    axes = x.dim() - 2
    return random.randint(least, most) if _flag(random) else [random.randint(least, most) for _ in range(axes)]


def _padding(random: Random, x: Tensor, most: int) -> Any:
    word = random.choice(("valid", "half", "same", "half", "same", None, None, "", "", ""))
    if word != "":
        return word
    sides = [random.randint(0, most) for _ in range(x.dim() - 2)]
    if _flag(random):
        return random.choice((sides[0], sides))
    return [[side, random.randint(0, most)] for side in sides]


def _now_and_then(random: Random, value: Any, share: float = 0.3) -> Any:
    return value if random.random() < share else None


def _window(random: Random, x: Tensor) -> Fields:
    return {
        "kernel_size": _per_axis(random, x, 1, 4),
        "stride": _now_and_then(random, _per_axis(random, x, 1, 3)),
        "padding": _padding(random, x, 2),
    }


def _dilated(random: Random, x: Tensor) -> Fields:
    return {**_window(random, x), "dilation": _now_and_then(random, _per_axis(random, x, 1, 3), 0.2)}


def _conv(random: Random, x: Tensor) -> Fields:
    groups = random.choice((None, None, None, 2, 3))
    return {
        **_dilated(random, x),
        "out_channels": (groups or 1) * random.randint(1, 5),
        "groups": groups,
        "bias": _now_and_then(random, False),
    }


def _dwconv(random: Random, x: Tensor) -> Fields:
    return {
        **_dilated(random, x),
        "depth_multiplier": _now_and_then(random, 2),
        "bias": _now_and_then(random, False),
    }


def _transposed(random: Random, x: Tensor) -> Fields:
    return {**_conv(random, x), "output_padding": _now_and_then(random, random.randint(0, 1))}


def _maxpool(random: Random, x: Tensor) -> Fields:
    return {**_dilated(random, x), "ceil_mode": _now_and_then(random, True)}


def _avgpool(random: Random, x: Tensor) -> Fields:
    return {**_window(random, x), "ceil_mode": _now_and_then(random, True)}


def _slice(random: Random, x: Tensor) -> Fields:
    start = random.randint(0, x.shape[1] - 1)
    return {"start": start, "stop": _now_and_then(random, random.randint(start + 1, x.shape[1]), 0.7)}


def _upsample(random: Random, x: Tensor) -> Fields:
    mode = _now_and_then(random, "bilinear")
    if _flag(random):
        return {"mode": mode, "scale_factor": _per_axis(random, x, 1, 3)}
    return {"mode": mode, "size": _per_axis(random, x, 1, 9)}


def _crop(random: Random, x: Tensor) -> Fields:
    if _flag(random):
        return {"size": [random.randint(1, n) for n in x.shape[2:]]}
    return {"cropping": [[random.randint(0, 1), random.randint(0, 1)] for _ in x.shape[2:]]}


def _inplace(random: Random, x: Tensor) -> Fields:
    return {"inplace": _flag(random)}


def _p(random: Random) -> float:
    return random.choice((0.5, 0.1, 0, 1))


def _none(random: Random, x: Tensor) -> Fields:
    return {}


def _pad(random: Random, x: Tensor) -> Fields:
    return {"padding": [[random.randint(0, 2), random.randint(0, 2)] for _ in x.shape[2:]]}


def _layernorm(random: Random, x: Tensor) -> Fields:
    return {
        "normalized_shape": random.choice(("channels", "all", None)),
        "elementwise_affine": _now_and_then(random, False),
        "bias": _now_and_then(random, False),
    }


KINDS: dict[str, tuple[int, Draw]] = {
    "conv": (14, _conv),
    "dwconv": (5, _dwconv),
    "convtranspose": (4, _transposed),
    "fc": (2, lambda random, x: {"out_features": random.randint(1, 9), "bias": _now_and_then(random, False)}),
    "rbf": (1, lambda random, x: {"out_features": random.randint(1, 9)}),
    "batchnorm": (
        6,
        lambda random, x: {
            "affine": _now_and_then(random, False),
            "track_running_stats": _now_and_then(random, False),
        },
    ),
    "groupnorm": (
        3,
        lambda random, x: {"num_groups": random.randint(1, x.shape[1]), "affine": _now_and_then(random, False)},
    ),
    "layernorm": (3, _layernorm),
    "lrn": (2, lambda random, x: {"size": random.choice((None, 3, 5))}),
    "l2norm": (1, _none),
    "scale": (2, lambda random, x: {"bias": _now_and_then(random, True)}),
    "relu": (8, _inplace),
    "relu6": (3, _inplace),
    "leakyrelu": (3, _inplace),
    "elu": (2, _inplace),
    "hardsigmoid": (2, _inplace),
    "hardswish": (2, _inplace),
    "silu": (2, _inplace),
    "mish": (1, _inplace),
    "prelu": (2, lambda random, x: {"num_parameters": random.choice(("one", "channels", None))}),
    "gelu": (1, _none),
    "sigmoid": (2, _none),
    "tanh": (1, _none),
    "softmax": (1, _none),
    "abs": (1, _none),
    "dropout": (4, lambda random, x: {"p": _p(random), "inplace": _flag(random)}),
    "stochasticdepth": (2, lambda random, x: {"p": _p(random)}),
    "identity": (2, _none),
    "maxpool": (4, _maxpool),
    "avgpool": (4, _avgpool),
    "subsample": (1, _avgpool),
    "adaptivemaxpool": (2, lambda random, x: {"output_size": _per_axis(random, x, 1, 5)}),
    "adaptiveavgpool": (2, lambda random, x: {"output_size": _per_axis(random, x, 1, 5)}),
    "globalmaxpool": (1, _none),
    "globalavgpool": (2, _none),
    "flatten": (2, _none),
    "pad": (2, _pad),
    "padchannels": (1, lambda random, x: {"out_channels": x.shape[1] + random.randint(0, 3)}),
    "crop": (2, _crop),
    "upsample": (3, _upsample),
    "slice": (4, _slice),
    "channelshuffle": (2, lambda random, x: {"groups": random.choice((1, 2, 3))}),
    "add": (6, lambda random, x: {"inplace": _flag(random)}),
    "subtract": (1, _none),
    "multiply": (4, _none),
    "concat": (4, _none),
}
"""How often each kind is drawn, and its fields for a map."""
