"""Each kind of layer as PyTorch has it, from the fields that a spec gives: written a second time, so as to be compared.

Maps are batch x channels x space, vectors are maps of one position. A field that is left out takes PyTorch's default,
where PyTorch has the field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from seldom_layers import SELDOM, Blur, Fields, Function, RefusedError, each, spread_over, standardised
from torch import Tensor, nn
from torch.nn import functional
from torch_models import torchvision

Space = tuple[int, ...]


class Trained(nn.Module):
    """A function of a map and of parameters: a weight for each channel, and as many biases where it has any."""

    def __init__(self, function: Callable[..., Tensor], extents: Space, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(extents))
        self.bias = nn.Parameter(torch.ones(extents)) if bias else None
        self._function = function

    def forward(self, x: Tensor) -> Tensor:
        """The function's value; the parameters are spread over the map."""
        value = self._function(x) * self.weight
        return value if self.bias is None else value + self.bias


class Flatten(nn.Flatten):
    """PyTorch's, whose vector is handed on as a map of one position."""

    def forward(self, x: Tensor) -> Tensor:
        """All values of an image."""
        return _as_map(super().forward(x), x.dim())


class RadialBasis(nn.Module):
    """Squared distances to fixed vectors."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.register_buffer("vectors", torch.ones(outputs, inputs))

    def forward(self, x: Tensor) -> Tensor:
        """The sum of the squares of the differences."""
        return _as_map((x.flatten(1).unsqueeze(1) - self.vectors).pow(2).sum(-1), x.dim())


def _as_map(x: Tensor, axes: int) -> Tensor:
    return x.view(*x.shape, *(1,) * (axes - x.dim()))


def _ones(axes: int) -> Space:
    return (1,) * axes


def _by_axes(name: str, x: Tensor) -> Any:
    return getattr(nn, f"{name}{x.dim() - 2}d")


def _inplace(function: Any) -> Callable[..., nn.Module]:
    return lambda fields, x: function(**fields)


def _batchnorm(fields: Fields, x: Tensor) -> nn.Module:
    """Without `scale` there is a shift alone, which PyTorch does not have."""
    options = {name: value for name, value in fields.items() if name != "scale"}
    if not fields.get("scale", True):
        raise RefusedError
    return _by_axes("BatchNorm", x)(x.shape[1], **options)


def _sides(fields: Fields, x: Tensor, stride: Space) -> list[tuple[int, int]]:
    """The padding before and after, for each axis."""
    space = tuple(x.shape[2:])
    axes, padding = len(space), fields.get("padding", 0)
    if not isinstance(padding, str):
        return [(side, side) if isinstance(side, int) else (side[0], side[1]) for side in each(padding, axes)]
    kernel, dilation = each(fields["kernel_size"], axes), each(fields.get("dilation", 1), axes)
    extents = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    if padding == "valid":
        return [(0, 0)] * axes
    if padding == "half":
        return [(extent // 2, extent // 2) for extent in extents]
    totals = [max(0, (-(-n // s) - 1) * s + extent - n) for n, s, extent in zip(space, stride, extents, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]


def _flat(pairs: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """The sides as PyTorch takes them, the last axis first."""
    return tuple(side for pair in reversed(pairs) for side in pair)


def _padded(pairs: Sequence[tuple[int, int]], value: float = 0) -> nn.Module:
    """A padding; less than nothing cuts off."""
    flat = _flat(pairs)
    return Function(lambda x: functional.pad(x, flat, value=value))


def _is_even(fields: Fields, sides: Sequence[tuple[int, int]], stride: Space) -> bool:
    """Whether PyTorch's layer can pad so; TensorFlow's `same` with strides is padded when it runs, as timm does."""
    is_late = fields.get("padding") == "same" and set(stride) != {1}
    return all(before == after for before, after in sides) and not (is_late and any(map(any, sides)))


def _conv(fields: Fields, x: Tensor, outputs: int, groups: int) -> nn.Module:
    """A convolution; behind a padding of its own where PyTorch's cannot pad so, unless its `same` does."""
    axes = x.dim() - 2
    stride = each(fields.get("stride", 1), axes)
    sides = _sides(fields, x, stride)
    even = _is_even(fields, sides, stride)
    own: Any = tuple(before for before, _ in sides) if even else 0
    if fields.get("padding") == "same" and set(stride) == {1}:
        own, even = "same", True
    conv = _by_axes("Conv", x)(
        x.shape[1],
        outputs,
        each(fields["kernel_size"], axes),
        stride,
        own,
        each(fields.get("dilation", 1), axes),
        groups,
        fields.get("bias", True),
    )
    return conv if even else nn.Sequential(_padded(sides), conv)


def _transposed(fields: Fields, x: Tensor) -> nn.Module:
    """PyTorch takes as much off both sides. `same` makes out = in*s, of kernels shorter than their stride by adding."""
    axes = x.dim() - 2
    stride, kernel, dilation = (each(fields.get(name, 1), axes) for name in ("stride", "kernel_size", "dilation"))
    more = each(fields.get("output_padding", 0), axes)
    if fields.get("padding") == "same":
        if "output_padding" in fields:
            raise RefusedError
        short = [s - d * (k - 1) - 1 for s, k, d in zip(stride, kernel, dilation, strict=True)]
        more = tuple(max(0, number) for number in short)
        sides = [(max(0, -number) // 2, -min(0, number) - max(0, -number) // 2) for number in short]
    else:
        sides = _sides(fields, x, stride)
    is_even = all(before == after for before, after in sides)
    if not is_even or any(m >= max(s, d) for m, s, d in zip(more, stride, dilation, strict=True)):
        raise RefusedError  # the latter PyTorch does itself, but not on the meta device
    return _by_axes("ConvTranspose", x)(
        x.shape[1],
        fields["out_channels"],
        kernel,
        stride,
        tuple(before for before, _ in sides),
        more,
        fields.get("groups", 1),
        fields.get("bias", True),
        dilation,
    )


def _pool(name: str) -> Callable[[Fields, Tensor], nn.Module]:
    """A pooling; behind a padding of its own where it is padded unevenly, or by more than PyTorch allows."""

    def pool(fields: Fields, x: Tensor) -> nn.Module:
        axes = x.dim() - 2
        kernel = each(fields["kernel_size"], axes)
        stride = each(fields.get("stride", kernel), axes)
        sides = _sides(fields, x, stride)
        small = all(before <= k // 2 for (before, _), k in zip(sides, kernel, strict=True))
        own = small and _is_even(fields, sides, stride)
        options = {"ceil_mode": fields.get("ceil_mode", False)}
        if name == "MaxPool":
            options["dilation"] = each(fields.get("dilation", 1), axes)
        if not own and options["ceil_mode"]:
            raise RefusedError
        if name == "AvgPool" and set(each(fields.get("dilation", 1), axes)) != {1}:
            raise RefusedError
        layer = _by_axes(name, x)(kernel, stride, tuple(before for before, _ in sides) if own else 0, **options)
        return layer if own else nn.Sequential(_padded(sides, -1e4 if name == "MaxPool" else 0), layer)

    return pool


def sums_of_windows(fields: Fields, x: Tensor) -> nn.Module:
    """The windows of a max pooling, each pixel with a weight of one."""
    axes, channels = x.dim() - 2, x.shape[1]
    kernel, dilation = each(fields["kernel_size"], axes), each(fields.get("dilation", 1), axes)
    stride = each(fields.get("stride", kernel), axes)
    sizes = _pool("MaxPool")(fields, x)(x).shape[2:]
    ends = [(size - 1) * s + d * (k - 1) + 1 for size, s, k, d in zip(sizes, stride, kernel, dilation, strict=True)]
    before = [before for before, _ in _sides(fields, x, stride)]
    after = [end - b - n for end, b, n in zip(ends, before, x.shape[2:], strict=True)]
    conv = _by_axes("Conv", x)(channels, channels, kernel, stride, 0, dilation, channels, bias=False)
    return nn.Sequential(_padded(list(zip(before, after, strict=True))), conv)


def _subsample(fields: Fields, x: Tensor) -> nn.Module:
    return nn.Sequential(_pool("AvgPool")(fields, x), Trained(lambda mean: mean, spread_over("channels", x), bias=True))


def _adaptive(name: str, size: int | None = None) -> Callable[[Fields, Tensor], nn.Module]:
    return lambda fields, x: _by_axes(name, x)(each(fields["output_size"] if size is None else size, x.dim() - 2))


def _linear(fields: Fields, x: Tensor) -> nn.Module:
    layer = nn.Linear(x[0].numel(), fields["out_features"], fields.get("bias", True))
    return Function(lambda x, linear: _as_map(linear(x.flatten(1)), x.dim()), layer)


def _layernorm(fields: Fields, x: Tensor) -> nn.Module:
    """Over the channels as torchvision's LayerNorm2d: permuted, normalised, and permuted back."""
    options = {name: fields[name] for name in ("elementwise_affine", "bias", "eps") if name in fields}
    if fields.get("normalized_shape") == "all":
        return nn.LayerNorm(tuple(x.shape[1:]), **options)
    norm = nn.LayerNorm(x.shape[1], **options)
    return Function(lambda x, norm: norm(x.movedim(1, -1)).movedim(-1, 1), norm)


def _prelu(fields: Fields, x: Tensor) -> nn.Module:
    return nn.PReLU(x.shape[1] if fields.get("num_parameters") == "channels" else 1)


def _upsample(fields: Fields, x: Tensor, *like: Tensor) -> nn.Module:
    mode = fields.get("mode", "nearest")
    if mode in ("bilinear", "linear", "trilinear"):
        mode = ("linear", "bilinear", "trilinear")[x.dim() - 3]
    corners = fields.get("align_corners") or None
    if like:
        return Function(lambda x, like: functional.interpolate(x, tuple(like.shape[2:]), None, mode, corners))
    size, factor = fields.get("size"), fields.get("scale_factor")
    factor = tuple(factor) if isinstance(factor, (list, tuple)) else factor
    return nn.Upsample(None if size is None else each(size, x.dim() - 2), factor, mode, corners)


def _crop(fields: Fields, x: Tensor, *like: Tensor) -> nn.Module:
    """A padding by less than nothing."""
    space = tuple(x.shape[2:])
    steps = each(fields.get("step", 1), len(space))
    if "cropping" in fields:
        sides = _sides({"padding": fields["cropping"]}, x, space)
        if set(steps) != {1}:
            cuts = [slice(before, n - after, s) for (before, after), n, s in zip(sides, space, steps, strict=True)]
            return Function(lambda x: x[(..., *cuts)])
        return _padded([(-before, -after) for before, after in sides])
    size = tuple(like[0].shape[2:]) if like else each(fields["size"], len(space))
    rests = [n - m for n, m in zip(space, size, strict=True)]
    if min(rests) < 0:
        raise RefusedError
    flat = _flat([(-(rest // 2), rest // 2 - rest) for rest in rests])
    return Function(lambda x, *like: functional.pad(x, flat))


def _add(fields: Fields, *maps: Tensor) -> nn.Module:
    def add(first: Tensor, *others: Tensor) -> Tensor:
        for number, other in enumerate(others):
            first = first.add_(other) if number or fields.get("inplace") else first + other
        return first

    return Function(add)


def _multiply(fields: Fields, *maps: Tensor) -> nn.Module:
    def multiply(first: Tensor, *others: Tensor) -> Tensor:
        for other in others:
            first = first * other
        return first

    return Function(multiply)


def _standardised(fields: Fields, x: Tensor) -> nn.Module:
    conv = _conv(fields, x, fields["out_channels"], fields.get("groups", 1))
    if isinstance(conv, nn.Sequential):
        return nn.Sequential(conv[0], standardised(fields, conv[1]))
    return standardised(fields, conv)


def _blur(fields: Fields, x: Tensor) -> nn.Module:
    axes = x.dim() - 2
    kernel, stride = each(fields.get("kernel_size", 3), axes), each(fields.get("stride", 2), axes)
    options = {"kernel_size": kernel, "padding": fields.get("padding", "half")}
    return Blur(kernel, stride, _flat(_sides(options, x, stride)), fields.get("padding_mode", "reflect"))


KINDS: dict[str, Callable[..., nn.Module]] = {
    "conv": lambda fields, x: _conv(fields, x, fields["out_channels"], fields.get("groups", 1)),
    "dwconv": lambda fields, x: _conv(fields, x, x.shape[1] * fields.get("depth_multiplier", 1), x.shape[1]),
    "convtranspose": _transposed,
    "fc": _linear,
    "rbf": lambda fields, x: RadialBasis(x[0].numel(), fields["out_features"]),
    "batchnorm": _batchnorm,
    "groupnorm": lambda fields, x: nn.GroupNorm(num_channels=x.shape[1], **fields),
    "layernorm": _layernorm,
    "lrn": lambda fields, x: nn.LocalResponseNorm(fields.get("size", 5)),
    "l2norm": lambda fields, x: Trained(functional.normalize, spread_over("channels", x), bias=False),
    "scale": lambda fields, x: Trained(
        lambda x: x, spread_over(fields.get("over", "channels"), x), fields.get("bias", False)
    ),
    "relu": _inplace(nn.ReLU),
    "relu6": _inplace(nn.ReLU6),
    "leakyrelu": _inplace(nn.LeakyReLU),
    "elu": _inplace(nn.ELU),
    "hardsigmoid": _inplace(nn.Hardsigmoid),
    "hardswish": _inplace(nn.Hardswish),
    "silu": _inplace(nn.SiLU),
    "prelu": _prelu,
    "gelu": lambda fields, x: nn.GELU(),
    "sigmoid": lambda fields, x: nn.Sigmoid(),
    "tanh": lambda fields, x: nn.Tanh(),
    "dropout": lambda fields, x: nn.Dropout(fields.get("p", 0.5), fields.get("inplace", False)),
    "stochasticdepth": lambda fields, x: torchvision.ops.StochasticDepth(fields.get("p", 0.5), "row"),
    "identity": lambda fields, x: nn.Identity(),
    "maxpool": _pool("MaxPool"),
    "avgpool": _pool("AvgPool"),
    "subsample": _subsample,
    "adaptivemaxpool": _adaptive("AdaptiveMaxPool"),
    "adaptiveavgpool": _adaptive("AdaptiveAvgPool"),
    "globalmaxpool": _adaptive("AdaptiveMaxPool", 1),
    "globalavgpool": _adaptive("AdaptiveAvgPool", 1),
    "flatten": lambda fields, x: Flatten(),
    "pad": lambda fields, x: _by_axes("ZeroPad", x)(_flat(_sides(fields, x, _ones(x.dim() - 2)))),
    "padchannels": lambda fields, x: _padded([(0, fields["out_channels"] - x.shape[1]), *[(0, 0)] * (x.dim() - 2)]),
    "crop": _crop,
    "upsample": _upsample,
    "slice": lambda fields, x: Function(lambda x: x[:, fields.get("start", 0) : fields.get("stop")]),
    "channelshuffle": lambda fields, x: nn.ChannelShuffle(fields["groups"]),
    "add": _add,
    "subtract": lambda fields, *maps: Function(torch.sub),
    "multiply": _multiply,
    "concat": lambda fields, *maps: Function(lambda *maps: torch.cat(maps, fields.get("axis", -1) + 2)),
    **SELDOM,
    "wsconv": lambda fields, x: _standardised(fields, x),
    "blurpool": lambda fields, x: _blur(fields, x),
}
"""By kind, the layer for fields and for maps of certain shapes; raises RefusedError, or what PyTorch raises."""
