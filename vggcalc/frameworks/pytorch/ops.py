"""Convolutions, linear layers, normalisation and pooling of PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from vggcalc.frameworks.program import Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch.arithmetic import spread
from vggcalc.frameworks.pytorch.call import OPS, Op, a_view, one_or_each, op, trained_by
from vggcalc.frameworks.pytorch.dynamic import made_for_each
from vggcalc.frameworks.views import View, leaves, same, size


def _unbatched(x: View, axes: int) -> None:
    if len(x.dims) != axes + 2:
        raise UnknownOperationError("a map without a batch")


@op("conv1d", "conv2d", "conv3d")
def _conv(
    p: Program, x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
    groups: int = 1,
) -> View:  # fmt: skip
    """A kernel that is made of a parameter and its gain is a standardised one; one that is not trained stands fixed."""
    x = a_view(x)
    outputs, _, *kernel = weight.sizes
    axes = len(kernel)
    _unbatched(x, axes)
    if isinstance(weight, View):
        return made_for_each(p, x, weight, bias, stride, padding, dilation, groups)
    each = {
        "kernel_size": one_or_each(kernel, axes),
        "stride": one_or_each(stride, axes),
        "dilation": one_or_each(dilation, axes),
    }
    if isinstance(padding, str):
        sides = [
            (d * (k - 1) // 2, d * (k - 1) - d * (k - 1) // 2)
            for k, d in zip(
                kernel,
                [each["dilation"]] * axes if isinstance(each["dilation"], int) else each["dilation"],
                strict=True,
            )
        ]
        each["padding"] = 0 if padding == "valid" else tuple(sides)
    else:
        each["padding"] = one_or_each(padding, axes)
    trained = trained_by(weight, bias)
    if not weight.trained:
        if groups != outputs or bias is not None:
            raise UnknownOperationError("a convolution with fixed weights")
        return p.sliding(
            "blurpool",
            x,
            kernel_size=each["kernel_size"],
            stride=each["stride"],
            padding=each["padding"],
            padding_mode="zeros",
        )
    if len(weight.trained) > 1:
        return p.sliding("wsconv", x, trained, out_channels=outputs, groups=groups, bias=bool(trained_by(bias)), **each)
    return p.sliding("conv", x, trained, out_channels=outputs, groups=groups, bias=bool(trained_by(bias)), **each)


@op("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _transposed(
    p: Program, x: Any, weight: Held, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
    groups: int = 1, dilation: Any = 1,
) -> View:  # fmt: skip
    kernel = weight.sizes[2:]
    axes = len(kernel)
    return p.sliding(
        "convtranspose",
        a_view(x),
        trained_by(weight, bias),
        kernel_size=one_or_each(kernel, axes),
        out_channels=weight.sizes[1] * groups,
        stride=one_or_each(stride, axes),
        padding=one_or_each(padding, axes),
        output_padding=one_or_each(output_padding, axes),
        dilation=one_or_each(dilation, axes),
        groups=groups,
        bias=bias is not None,
    )


@op("linear")
def _linear(p: Program, x: Any, weight: Held, bias: Any = None) -> View:
    """Over channels alone; over a map that was flattened all of it."""
    x = a_view(x)
    if not weight.trained and bias is None:  # fixed numbers
        return OPS["matmul"](p, x, Held((weight.sizes[1], weight.sizes[0])))
    if _is_partly_trained(p, weight.sizes[0], bias):
        found, form = _linear(p, x, weight), p.form
        p.at(p.name, p.mark, "bias")
        shifted = spread(p, found, bias, "shift")
        p.at(p.name, p.mark, form)
        return shifted
    trained = trained_by(weight, bias)
    batch, *parts = x.map.parts()
    whole = tuple(leaf for part in parts for leaf in part)
    outputs = weight.sizes[0]
    if len(x.dims) == 2 and same(x.dims[0], batch) and leaves(x.dims[1]) == whole:
        return p.whole("fc", x, trained, out_features=outputs, bias=bias is not None)
    positions = prod(size(axis) for axis in x.map.axes)
    kind = "linear" if positions > 1 else "fc"
    return p.channelwise(kind, x, -1, trained, out_features=outputs, bias=bias is not None)


def _is_partly_trained(p: Program, outputs: int, bias: Any) -> bool:
    """Whether a bias is made of fewer trained numbers than it has, as one without that of the keys is."""
    return isinstance(bias, Held) and 0 < sum(p.elements[name] for name in bias.trained) != outputs


@op("batch_norm")
def _batch_norm(
    p: Program, x: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5, cudnn_enabled: bool = True,
) -> View | Held:  # fmt: skip
    if isinstance(x, Held):  # how weights are standardised
        return Held(x.sizes, (*x.trained, *trained_by(weight, bias)))
    tracks = running_mean is not None
    return p.channelwise(
        "batchnorm", x, 1, trained_by(weight, bias), affine=bool(trained_by(weight, bias)), track_running_stats=tracks,
        eps=eps,
    )  # fmt: skip


@op("aten.batch_norm")
def _batch_norm_of_aten(
    p: Program, x: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool = False,
    momentum: float = 0.1, eps: float = 1e-5, *rest: Any,
) -> View | Held:  # fmt: skip
    """ATen has the arguments in another order than the function."""
    return _batch_norm(p, x, running_mean, running_var, weight, bias, training, momentum, eps)


@op("aten.instance_norm")
def _instance_norm_of_aten(
    p: Program, x: Any, weight: Any, bias: Any, running_mean: Any = None, running_var: Any = None, *rest: Any
) -> View:
    return _instance_norm(p, x, running_mean, running_var, weight, bias)


@op("layer_norm")
def _layer_norm(
    p: Program, x: Any, normalized_shape: Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> View:  # fmt: skip
    x = a_view(x)
    trained = trained_by(weight, bias)
    fields = {"elementwise_affine": weight is not None, "bias": bias is not None, "eps": eps}
    over = {leaf for dim in x.dims[len(x.dims) - len(normalized_shape) :] for leaf in leaves(dim)}
    _, *parts = x.map.parts()
    if len(normalized_shape) > 1 and over == {leaf for part in parts for leaf in part}:
        return p.valuewise("layernorm", x, trained, normalized_shape="all", **fields)
    if len(normalized_shape) > 1:
        raise UnknownOperationError("a normalisation over a part of the map")
    return p.channelwise("layernorm", x, -1, trained, **fields)


@op("rms_norm")
def _rms_norm(
    p: Program, x: Any, normalized_shape: Sequence[int], weight: Any = None, eps: float | None = None
) -> View:
    if len(normalized_shape) > 1:
        raise UnknownOperationError("a normalisation over a part of the map")
    return p.channelwise("rmsnorm", a_view(x), -1, trained_by(weight), elementwise_affine=weight is not None)


@op("group_norm")
def _group_norm(
    p: Program, x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> View:  # fmt: skip
    fields: dict[str, Any] = {} if (bias is None) == (weight is None) else {"bias": False}
    return p.channelwise(
        "groupnorm",
        a_view(x),
        1,
        trained_by(weight, bias),
        num_groups=num_groups,
        affine=weight is not None,
        eps=eps,
        **fields,
    )


@op("instance_norm")
def _instance_norm(
    p: Program, x: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5, cudnn_enabled: bool = True,
) -> View:  # fmt: skip
    return p.channelwise("instancenorm", a_view(x), 1, trained_by(weight, bias), affine=weight is not None)


@op("local_response_norm")
def _lrn(p: Program, x: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> View:
    return p.channelwise("lrn", a_view(x), 1, size=size, alpha=alpha, beta=beta, k=k)


# --- pooling -------------------------------------------------------------------------------------------------------


@op("max_pool1d", "max_pool2d", "max_pool3d")
def _max_pool(
    p: Program, x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> View:  # fmt: skip
    axes = len(a_view(x).dims) - 2
    return p.sliding(
        "maxpool",
        x,
        kernel_size=one_or_each(kernel_size, axes),
        stride=one_or_each(stride or kernel_size, axes),
        padding=one_or_each(padding, axes),
        dilation=one_or_each(dilation, axes),
        ceil_mode=ceil_mode,
    )


@op("avg_pool1d", "avg_pool2d", "avg_pool3d")
def _avg_pool(
    p: Program, x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: Any = None,
) -> View:  # fmt: skip
    axes = len(a_view(x).dims) - 2
    return p.sliding(
        "avgpool",
        x,
        kernel_size=one_or_each(kernel_size, axes),
        stride=one_or_each(stride or kernel_size, axes),
        padding=one_or_each(padding, axes),
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )


def _adaptive(kind: str) -> Op:
    def adaptive(p: Program, x: Any, output_size: Any, return_indices: bool = False) -> View:
        x = a_view(x)
        sizes = [output_size] * (len(x.dims) - 2) if isinstance(output_size, int) else list(output_size)
        sizes = [x.sizes[place + 2] if each is None else each for place, each in enumerate(sizes)]
        return p.sliding(kind, x, output_size=one_or_each(sizes, len(sizes)))

    return adaptive


for _axes in "123":
    OPS[f"adaptive_avg_pool{_axes}d"] = _adaptive("adaptiveavgpool")
    OPS[f"adaptive_max_pool{_axes}d"] = _adaptive("adaptivemaxpool")
