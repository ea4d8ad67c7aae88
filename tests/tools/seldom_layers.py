"""Kinds that few networks need as PyTorch has them, from the fields that a spec gives; see `torch_layers`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

Fields = dict[str, Any]


class RefusedError(Exception):
    """PyTorch has nothing for these fields."""


class Function(nn.Module):
    """A function of one or several maps, as a module."""

    def __init__(self, function: Callable[..., Tensor], *parts: nn.Module) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self._function = function

    def forward(self, *maps: Tensor) -> Tensor:
        """The function's value."""
        return self._function(*maps, *self.parts)


class WithTensor(nn.Module):
    """A function of maps and of one trained tensor."""

    def __init__(self, function: Callable[..., Tensor], *extents: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(extents))
        self._function = function

    def forward(self, *maps: Tensor) -> Tensor:
        """The function's value."""
        return self._function(*maps, self.weight)


def each(value: Any, axes: int) -> tuple[int, ...]:
    """One number for each axis."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value,) * axes


def last(x: Tensor) -> Tensor:
    """The channels behind the positions."""
    return x.movedim(1, -1)


def first(x: Tensor) -> Tensor:
    """The channels before the positions."""
    return x.movedim(-1, 1)


def spread_over(over: str, x: Tensor) -> tuple[int, ...]:
    """The extents of a tensor that is spread over a map."""
    return {
        "channels": (x.shape[1], *(1,) * (x.dim() - 2)),
        "positions": (1, *x.shape[2:]),
        "map": tuple(x.shape[1:]),
        "one": (1,) * (x.dim() - 1),
    }[over]


def _linear(fields: Fields, x: Tensor) -> nn.Module:
    layer = nn.Linear(x.shape[1], fields["out_features"], fields.get("bias", True))
    return Function(lambda x, linear: first(linear(last(x))), layer)


def _embedding(fields: Fields, x: Tensor) -> nn.Module:
    if x.shape[1] != 1:
        raise RefusedError
    count = fields["num_embeddings"]
    layer = nn.Embedding(count, fields["embedding_dim"])
    return Function(lambda x, layer: first(layer(x[:, 0].long().clamp(0, count - 1))), layer)


def _tokens(fields: Fields, x: Tensor) -> nn.Module:
    if x.dim() != 3:
        raise RefusedError
    return WithTensor(
        lambda x, tokens: torch.cat([tokens.expand(len(x), -1, -1), x], 2), 1, x.shape[1], fields.get("count", 1)
    )


def _shift(fields: Fields, x: Tensor) -> nn.Module:
    return WithTensor(lambda x, bias: x + bias, *spread_over(fields.get("over", "channels"), x))


def _heads(x: Tensor, heads: int, over: str) -> Tensor:
    """Batch, other positions, heads, the positions of a map, and the channels of a head."""
    x = last(x)
    positions = x.shape[1:-1] if over == "map" else x.shape[-2:-1]
    others = () if over == "map" else x.shape[1:-2]
    return x.reshape(len(x), prod(others), prod(positions), heads, -1).transpose(2, 3)


class _Attention(nn.Module):
    """PyTorch's own function, in heads."""

    def __init__(self, fields: Fields, *maps: Tensor) -> None:
        super().__init__()
        self.heads, self.over = fields.get("num_heads", 1), fields.get("over", "last")
        self.causal, self.extents = fields.get("causal", False), fields.get("relative_positions")
        self.key = fields.get("key_channels") or (maps[0].shape[1] // 3 if len(maps) == 1 else maps[0].shape[1])
        if self.extents is not None:
            extents = each(self.extents, 2)
            count = prod(extents)
            self.table = nn.Parameter(torch.ones(prod(2 * n - 1 for n in extents), self.heads))
            self.register_buffer("index", torch.zeros(count, count, dtype=torch.long))

    def forward(self, *maps: Tensor) -> Tensor:
        """Values weighed."""
        key = self.key
        if len(maps) == 1:
            if maps[0].shape[1] <= 2 * key or not key:
                raise RefusedError
            q, k, v = maps[0].split([key, key, maps[0].shape[1] - 2 * key], 1)
        elif len(maps) == 2:
            if maps[1].shape[1] <= key:
                raise RefusedError
            q, (k, v) = maps[0], maps[1].split([key, maps[1].shape[1] - key], 1)
        else:
            q, k, v = maps
        shape = (len(q), *q.shape[2:], v.shape[1])
        q, k, v = (_heads(x, self.heads, self.over) for x in (q, k, v))
        mask = None
        if self.extents is not None:
            mask = self.table[self.index.flatten()].view(*self.index.shape, self.heads).permute(2, 0, 1)
        y = functional.scaled_dot_product_attention(q, k, v, mask, is_causal=self.causal)
        return first(y.transpose(2, 3).reshape(shape))


def _matmul(fields: Fields, *maps: Tensor) -> nn.Module:
    groups, transposed = fields.get("groups", 1), fields.get("transpose", False)

    def product(a: Tensor, b: Tensor) -> Tensor:
        a, b = (last(x).unflatten(-1, (groups, -1)).transpose(-2, -3) for x in (a, b))
        y = a @ (b.transpose(-1, -2) if transposed else b)
        return first(y.transpose(-2, -3).flatten(-2))

    return Function(product)


def standardised(fields: Fields, conv: nn.Module) -> nn.Module:
    """A convolution of a class of its own, as timm's ScaledStdConv2d."""
    base: Any = type(conv)

    class StdConv(base):  # type: ignore[misc]
        """It standardises its weights whenever it runs."""

        def forward(self, x: Tensor) -> Tensor:
            """The convolution."""
            weight = functional.batch_norm(
                self.weight.reshape(1, self.out_channels, -1), None, None, self._gains(), None, True, 0.0, 1e-6
            )
            return self._conv_forward(x, weight.reshape_as(self.weight), self.bias)  # type: ignore[no-any-return]

        def _gains(self) -> Tensor | None:
            return (self.gain * 0.5).view(-1) if self.gain is not None else None

    conv.__class__ = StdConv
    conv.gain = nn.Parameter(torch.ones(conv.out_channels, 1)) if fields.get("gain", True) else None  # type: ignore
    return conv


def _channelconv(fields: Fields, x: Tensor) -> nn.Module:
    k, padding = fields["kernel_size"], fields.get("padding", "half")
    conv = nn.Conv1d(1, 1, k, padding=k // 2 if padding == "half" else padding, bias=fields.get("bias", False))

    def along(x: Tensor, conv: nn.Module) -> Tensor:
        x = last(x)
        return first(conv(x.reshape(-1, 1, x.shape[-1])).view(*x.shape[:-1], -1))

    return Function(along, conv)


class Blur(nn.Module):
    """A fixed filter behind a padding."""

    def __init__(self, kernel: tuple[int, ...], stride: tuple[int, ...], sides: Sequence[int], mode: str) -> None:
        super().__init__()
        self.register_buffer("filter", torch.ones(1, 1, *kernel))
        self._stride, self._sides, self._mode = stride, tuple(sides), mode

    def forward(self, x: Tensor) -> Tensor:
        """The map, padded, filtered and subsampled."""
        x = functional.pad(x, self._sides, "constant" if self._mode == "zeros" else self._mode)
        channels = x.shape[1]
        conv = getattr(functional, f"conv{x.dim() - 2}d")
        weight = self.filter.expand(channels, *(-1,) * (x.dim() - 1))
        return conv(x, weight, stride=self._stride, groups=channels)  # type: ignore[no-any-return]


def _recurrent(name: str) -> Callable[[Fields, Tensor], nn.Module]:
    def layer(fields: Fields, x: Tensor) -> nn.Module:
        options = {"num_layers": 1, "bidirectional": False, "bias": True} | fields
        if options.pop("bias_vectors", 2) == 1 or x.dim() != 3:
            raise RefusedError
        module = getattr(nn, name)(x.shape[1], batch_first=True, **options)
        return Function(lambda x, layer: first(layer(last(x))[0]), module)

    return layer


def _blocks(fields: Fields, x: Tensor) -> tuple[int, int, list[int]]:
    return fields["block_size"], x.dim() - 2, list(x.shape[2:])


def _spacetodepth(fields: Fields, x: Tensor) -> nn.Module:
    r, axes, space = _blocks(fields, x)
    if any(n % r for n in space):
        raise RefusedError
    inner = [3 + 2 * axis for axis in range(axes)]
    outer = [2 + 2 * axis for axis in range(axes)]
    order = [0, 1, *inner, *outer] if fields.get("order", "channels") == "channels" else [0, *inner, 1, *outer]

    def move(x: Tensor) -> Tensor:
        cut = [part for n in x.shape[2:] for part in (n // r, r)]
        return x.reshape(len(x), x.shape[1], *cut).permute(order).reshape(len(x), -1, *(n // r for n in x.shape[2:]))

    return Function(move)


def _depthtospace(fields: Fields, x: Tensor) -> nn.Module:
    r, axes, space = _blocks(fields, x)
    channels, rest = divmod(x.shape[1], r**axes)
    if rest:
        raise RefusedError
    by_channels = fields.get("order", "channels") == "channels"
    parts = [channels, *[r] * axes] if by_channels else [*[r] * axes, channels]
    own = 1 if by_channels else 1 + axes
    within = [axis + 2 if by_channels else axis + 1 for axis in range(axes)]
    order = [0, own, *(place for axis in range(axes) for place in (2 + axes + axis, within[axis]))]
    sizes = [n * r for n in space]
    return Function(lambda x: x.reshape(len(x), *parts, *space).permute(order).reshape(len(x), channels, *sizes))


def _permute(fields: Fields, x: Tensor) -> nn.Module:
    if len(fields["order"]) != x.dim() - 1:
        raise RefusedError
    order = [0, *(axis + 1 for axis in fields["order"])]
    return Function(lambda x: first(last(x).permute(order)))


def _reshape(fields: Fields, x: Tensor) -> nn.Module:
    return Function(lambda x: first(last(x).reshape(len(x), *fields["shape"])))


def _roll(fields: Fields, x: Tensor) -> nn.Module:
    axes = x.dim() - 2
    return Function(lambda x: torch.roll(x, each(fields["shifts"], axes), tuple(range(2, axes + 2))))


def _tile(fields: Fields, x: Tensor) -> nn.Module:
    times = (fields.get("channels", 1), *each(fields.get("repeats", 1), x.dim() - 2))

    def tile(x: Tensor) -> Tensor:
        if not fields.get("interleaved"):
            return x.repeat(1, *times)
        for axis, number in enumerate(times, 1):
            x = x.repeat_interleave(number, axis)
        return x

    return Function(tile)


def _partition(fields: Fields, x: Tensor) -> nn.Module:
    axes, grid = x.dim() - 2, fields.get("grid", False)
    sizes = each(fields["window_size"], axes)
    if any(n % size for n, size in zip(x.shape[2:], sizes, strict=True)):
        raise RefusedError
    counts = [n // size for n, size in zip(x.shape[2:], sizes, strict=True)]
    cut = [part for pair in zip(counts, sizes, strict=True) for part in (pair[::-1] if grid else pair)]
    outer, inner = [2 + 2 * axis + grid for axis in range(axes)], [3 + 2 * axis - grid for axis in range(axes)]
    rows = counts if axes < 3 else [prod(counts)]
    return Function(
        lambda x: x.reshape(*x.shape[:2], *cut).permute(0, 1, *outer, *inner).reshape(*x.shape[:2], *rows, -1)
    )


def _departition(fields: Fields, x: Tensor) -> nn.Module:
    grid, size = fields.get("grid", False), fields.get("size")
    axes = x.dim() - 3 if size is None else len(each(size, 3))
    sizes = each(fields["window_size"], axes)
    counts = list(x.shape[2:-1]) if size is None else [n // w for n, w in zip(each(size, 3), sizes, strict=True)]
    if axes < 1 or prod(sizes) != x.shape[-1] or prod(counts) != prod(x.shape[2:-1]):
        raise RefusedError
    pairs = [(2 + axis, 2 + axes + axis) for axis in range(axes)]
    order = [place for pair in pairs for place in (pair[::-1] if grid else pair)]
    whole = [n * w for n, w in zip(counts, sizes, strict=True)]
    return Function(
        lambda x: x.reshape(*x.shape[:2], *counts, *sizes).permute(0, 1, *order).reshape(*x.shape[:2], *whole)
    )


def _reduce(fields: Fields, x: Tensor) -> nn.Module:
    op, out, axes = fields.get("op", "mean"), fields.get("out_channels") or 1, fields.get("positions")

    def over(x: Tensor, axis: int, keepdim: bool) -> Tensor:
        if op == "l2":
            return torch.linalg.vector_norm(x, dim=axis, keepdim=keepdim)
        named = {"mean": torch.mean, "sum": torch.sum, "prod": torch.prod, "max": torch.amax, "min": torch.amin}
        return named[op](x, axis, keepdim)  # type: ignore[no-any-return, operator]

    def reduce(x: Tensor) -> Tensor:
        if axes is not None:
            for axis in axes:
                x = over(x, axis + 2, True)
            return x
        cut = (-1, out) if fields.get("interleaved") else (out, -1)
        return over(x.unflatten(1, cut), 1 if fields.get("interleaved") else 2, False)

    return Function(reduce)


def _of_pairs(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., nn.Module]:
    def several(first: Tensor, *others: Tensor) -> Tensor:
        for other in others:
            first = function(first, other)
        return first

    return lambda fields, *maps: Function(several)


def _power(fields: Fields, x: Tensor) -> nn.Module:
    factor, offset, exponent = fields.get("factor", 1), fields.get("offset", 0), fields.get("exponent", 1)

    def power(x: Tensor) -> Tensor:
        x = x * factor if factor != 1 else x
        x = x + offset if offset else x
        return x**exponent if exponent != 1 else x

    return Function(power)


def softmax(fields: Fields, x: Tensor) -> nn.Module:
    """Over channels, groups of them or positions."""
    over, groups = fields.get("over", "channels"), fields.get("groups", 1)
    if over == "channels" and groups == 1:
        return nn.Softmax(1)
    if over == "last" or (over == "positions" and x.dim() == 3):
        return nn.Softmax(-1)
    if over == "positions":
        return Function(lambda x, of: of(x.flatten(2)).view(x.shape), nn.Softmax(-1))
    return Function(lambda x, of: of(x.unflatten(1, (groups, -1))).flatten(1, 2), nn.Softmax(2))


def _rmsnorm(fields: Fields, x: Tensor) -> nn.Module:
    norm = nn.RMSNorm(x.shape[1], fields.get("eps", 1e-6), fields.get("elementwise_affine", True))
    return Function(lambda x, norm: first(norm(last(x))), norm)


SELDOM: dict[str, Callable[..., nn.Module]] = {
    "linear": _linear,
    "embedding": _embedding,
    "tokens": _tokens,
    "shift": _shift,
    "attention": _Attention,
    "matmul": _matmul,
    "channelconv": _channelconv,
    "rnn": _recurrent("RNN"),
    "lstm": _recurrent("LSTM"),
    "gru": _recurrent("GRU"),
    "spacetodepth": _spacetodepth,
    "depthtospace": _depthtospace,
    "permute": _permute,
    "reshape": _reshape,
    "roll": _roll,
    "tile": _tile,
    "windowpartition": _partition,
    "windowdepartition": _departition,
    "reduce": _reduce,
    "maximum": _of_pairs(torch.maximum),
    "minimum": _of_pairs(torch.minimum),
    "divide": _of_pairs(torch.div),
    "power": _power,
    "softmax": softmax,
    "instancenorm": lambda fields, x: getattr(nn, f"InstanceNorm{x.dim() - 2}d")(x.shape[1], **fields),
    "rmsnorm": _rmsnorm,
    "mish": lambda fields, x: nn.Mish(**fields),
    "abs": lambda fields, x: Function(torch.abs),
    "softplus": lambda fields, x: nn.Softplus(**fields),
    "softsign": lambda fields, x: nn.Softsign(),
    "selu": lambda fields, x: nn.SELU(**fields),
    "celu": lambda fields, x: nn.CELU(**fields),
    "hardtanh": lambda fields, x: nn.Hardtanh(**fields),
    "threshold": lambda fields, x: nn.Threshold(**({"threshold": 0.0, "value": 0.0} | fields)),
    "softshrink": lambda fields, x: nn.Softshrink(**fields),
    "hardshrink": lambda fields, x: nn.Hardshrink(**fields),
    "tanhshrink": lambda fields, x: nn.Tanhshrink(),
    "logsigmoid": lambda fields, x: nn.LogSigmoid(),
    "exp": lambda fields, x: Function(torch.exp),
    "log": lambda fields, x: Function(torch.log),
    "sqrt": lambda fields, x: Function(torch.sqrt),
    "sin": lambda fields, x: Function(torch.sin),
    "erf": lambda fields, x: Function(torch.erf),
    "glu": lambda fields, x: nn.GLU(1),
}
"""By kind, the layer for fields and for maps of certain shapes."""
