"""Every figure, each in one record: columns, totals, JSON, comparisons, claims and `list figures` read this."""

from __future__ import annotations

from vggcalc.analysis.report import Report, Row
from vggcalc.figures import counted, seen, terms
from vggcalc.figures.connections import connections
from vggcalc.figures.figure import Each, Figure, summed, taken

_BY_CONVENTION = "by the named convention"
_PARAMS = ("parameters",)
_WORK = ("MACs", "FLOPs")
"""Papers call MACs FLOPs, but no FLOPs MACs."""


def _forward_of(row: Row, report: Report) -> int | None:
    """Its own values, and the inputs that a convolution or linear layer keeps."""
    kept = report.batch * sum(shape.elements for shape in row.input_shapes) if row.multiplies else 0
    return None if row.activations is None else row.activations + kept


def _if_known(each: Each) -> Each:
    """What a layer adds, unless nobody knows what it does: it may be a convolution."""
    return lambda row, report: None if row.is_unknown else each(row, report)


def _tensors(heading: str, definition: str, *counted_as: str, nouns: tuple[str, ...] = _PARAMS) -> Figure:
    """The elements of the tensors that count as one of these."""
    return summed(
        heading,
        heading,
        "values",
        definition,
        lambda row, report: getattr(row, heading),
        lambda row, report: terms.weights_of(row, counted_as),
        tensors=counted_as,
        nouns=nouns,
    )


_params = _tensors("params", "weights and biases", "weight", "bias")
_activations = summed(
    "activations",
    "activations",
    "values",
    "the input and every layer's output, once each; element-wise layers run in place",
    lambda row, report: row.activations,
    terms.activations,
    nouns=("values",),
)
_forward = summed(
    "forward",
    "forward",
    "values",
    "activations, and again the input that each convolution and fully connected layer keeps",
    _if_known(_forward_of),
    terms.forward,
    nouns=("values",),
)


def _measured(key: str, heading: str, definition: str) -> Figure:
    """What others measured of a whole network."""
    return Figure(key, heading, "percent", definition, counted.accuracy(key), measured=True)


_FIGURES = (
    _params,
    _tensors("weights", "elements of the trained tensors but the biases", "weight"),
    summed(
        "kernels",
        "kernels",
        "values",
        "weights of convolutions and fully connected layers, without those of normalisation",
        _if_known(lambda row, report: row.weights if row.has_kernel else 0),
        lambda row, report: terms.weights_of(row, ("weight",)) if row.has_kernel else [],
        nouns=_PARAMS,
    ),
    _tensors("biases", "elements of the trained biases", "bias"),
    _tensors("buffers", "elements that are stored but not trained", "buffer", nouns=("parameters", "values")),
    taken("model size", "what the parameters take", _params),
    summed(
        "macs",
        "MACs",
        "count",
        "multiply-accumulates of convolutions and linear layers",
        lambda row, report: row.macs,
        terms.macs,
        nouns=_WORK,
    ),
    summed(
        "flops",
        "FLOPs",
        "count",
        "2 x MACs",
        lambda row, report: None if row.macs is None else 2 * row.macs,
        terms.flops,
        nouns=("FLOPs",),
    ),
    Figure(
        "operations",
        "operations",
        "count",
        f"operations {_BY_CONVENTION}",
        lambda selection: counted.counted(selection, "operations"),
        counted="operations",
        nouns=_WORK,
    ),
    summed(
        "connections",
        "connections",
        "count",
        "weighted links into units, biases included",
        lambda row, report: connections(row, report.batch),
        nouns=("connections",),
    ),
    _activations,
    taken("memory", "what the activations take", _activations),
    _forward,
    taken("forward", "what `forward` takes", _forward),
    Figure(
        "memory_bytes",
        "memory",
        "bytes",
        f"memory in bytes {_BY_CONVENTION}",
        counted.memory_bytes,
        counted="memory",
    ),
    Figure(
        "memory_values",
        "memory values",
        "count",
        f"memory in values {_BY_CONVENTION}",
        lambda selection: counted.counted(selection, "memory"),
        counted="memory",
        nouns=("values", "parameters"),
    ),
    Figure(
        "live",
        "live",
        "bytes",
        "the peak of an inference that frees tensors",
        lambda selection: counted.memory_bytes(selection, "live"),
        convention="live",
    ),
    Figure(
        "saved",
        "saved",
        "bytes",
        "what training keeps from forward to backward",
        lambda selection: counted.memory_bytes(selection, "saved"),
        convention="saved",
    ),
    summed(
        "neurons",
        "neurons",
        "values",
        "outputs of convolutions and fully connected layers",
        _if_known(lambda row, report: row.activations if row.multiplies else 0),
        terms.neurons,
        nouns=("neurons",),
    ),
    summed(
        "layers",
        "conv + fc",
        "count",
        "convolutions and fully connected layers",
        _if_known(lambda row, report: int(row.multiplies)),
        nouns=("layers",),
    ),
    Figure(
        "depth",
        "depth",
        "count",
        "convolutions and fully connected layers on the longest path",
        counted.depth,
        overall=True,
        nouns=("layers",),
    ),
    Figure("blocks", "blocks", "count", "blocks directly inside", counted.blocks, overall=True),
    Figure("reads", "reads", "shape", "height x width x channels that the first layer reads", seen.reads),
    Figure("filter", "filter", "shape", "height x width x channels of one kernel of the layer", seen.one_filter),
    Figure("filters", "filters", "shape", "height x width x channels x number of the layer's kernels", seen.filters),
    Figure(
        "output",
        "output",
        "shape",
        "height x width x channels of the last output",
        seen.of_last(lambda row: row.output.hwc if row.output.is_known else None),
    ),
    Figure(
        "size",
        "size",
        "axes",
        "height x width of the last output",
        seen.of_last(lambda row: (seen.alike(row.output.spatial) or 1) if row.output.is_known else None),
    ),
    Figure(
        "channels",
        "channels",
        "count",
        "channels of the last output",
        seen.of_last(lambda row: row.output.channels if row.output.is_known else None),
    ),
    Figure("kernel", "kernel", "axes", "height x width of the last convolution's or pooling's window", seen.kernel),
    Figure("stride", "stride", "axes", "the stride of the last convolution or pooling", seen.window("stride")),
    Figure("pad", "pad", "axes", "what the last convolution or pooling adds before an axis", seen.before),
    Figure(
        "rf",
        "rf",
        "axes",
        "size of the receptive field; of a whole model, its last map's",
        seen.field("size"),
        in_fields=True,
    ),
    Figure("jump", "jump", "axes", "effective stride of the receptive field", seen.field("jump"), in_fields=True),
    Figure(
        "padding",
        "padding",
        "axes",
        "effective padding of the receptive field",
        seen.field("padding"),
        in_fields=True,
    ),
    _measured("top1", "top-1", "images whose first answer is right, as measured under a protocol"),
    _measured("top5", "top-5", "images of which one of the first five answers is right, as measured under a protocol"),
    _measured("top1_error", "top-1 error", "100% - top1"),
    _measured("top5_error", "top-5 error", "100% - top5"),
)

FIGURES = {figure.key: figure for figure in _FIGURES}
"""Every figure by its key, in the order in which they are listed."""
