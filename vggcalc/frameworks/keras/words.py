"""Classes and fields of layers by the names that Keras 3 has for them."""

from __future__ import annotations

from vggcalc.frameworks.keras.located import Object

_CLASSES = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3DTranspose": "Conv3DTranspose",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
    "DepthwiseConvolution2D": "DepthwiseConv2D",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "LSTMV1": "LSTM",
    "LSTMV2": "LSTM",
    "GRUV1": "GRU",
    "GRUV2": "GRU",
    "TimeDistributedDense": "Dense",
}
"""What Keras 1 and 2 called them, and other names of today's."""

_FIELDS = {
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample": "strides",
    "subsample_length": "strides",
    "border_mode": "padding",
    "atrous_rate": "dilation_rate",
    "bias": "use_bias",
    "dim_ordering": "data_format",
    "pool_length": "pool_size",
    "stride": "strides",
    "p": "rate",
    "batch_input_shape": "batch_shape",
}

_ORDERS = {"th": "channels_first", "tf": "channels_last"}

_SIDES = ("kernel_dim1", "kernel_dim2", "kernel_dim3"), ("nb_row", "nb_col")

_OUTPUTS = ("Dense", "TimeDistributedDense", "MaxoutDense", "LSTM", "GRU", "SimpleRNN")
"""Where Keras 1 has `output_dim` for what is called `units` today; an embedding has it still."""


def modern(type_: str, config: Object) -> tuple[str, Object]:
    """A class and its fields, in Keras 3's words."""
    found = Object({_FIELDS.get(key, key): value for key, value in config.items()})
    found.mark = config.mark
    if isinstance(order := found.get("data_format"), str):
        found["data_format"] = _ORDERS.get(order, order)
    for sides in _SIDES:
        if all(side in found for side in sides):
            found["kernel_size"] = [found[side] for side in sides]
    if type_ in _OUTPUTS and "output_dim" in found:
        found["units"] = found["output_dim"]
    if type_ == "UpSampling1D" and "length" in found:
        found["size"] = found["length"]
    return _CLASSES.get(type_, type_), found


def operation_name(type_: str, module: str, config: Object) -> str:
    """What an operation is called that is none of the layers, in small letters; empty for a layer.

    Keras 3 has a class for each in modules of its own, Keras 2 the function in a layer of class TFOpLambda, and before
    that the node of TensorFlow's graph.
    """
    if type_ == "SlicingOpLambda":
        return "getitem"
    if type_ in ("TFOpLambda", "TensorFlowOpLayer"):
        node = config.get("node_def")
        said = node.get("op") if isinstance(node, Object) else config.get("function")
        name = said if isinstance(said, str) else ""
    elif module.startswith(_OPERATIONS):
        name = type_
    else:
        return ""
    return name.rpartition(".")[2].lower().replace("_", "") or "?"


_OPERATIONS = ("keras.src.ops", "keras.ops")
