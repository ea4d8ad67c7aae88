"""Keras's networks: configurations of three versions, hand-calculated, and what goes wrong in files."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vggcalc import Report, SpecError, UsageError, VggcalcError, from_keras, load
from vggcalc.cli import cli


def written(tmp_path: Path, model: Any, file: str = "net.json") -> str:
    """The path of a file with this configuration."""
    path = tmp_path / file
    path.write_text(model if isinstance(model, str) else json.dumps(model), "utf-8")
    return str(path)


def sequential(*layers: tuple[str, dict[str, Any]], shape: tuple[int | None, ...] | None = None) -> dict[str, Any]:
    """A sequence in Keras 3's form; layers by class and fields, named by their class and place."""
    entries = [
        {"class_name": kind, "config": {"name": f"{kind}{number}".lower()} | fields}
        for number, (kind, fields) in enumerate(layers)
    ]
    if shape is not None:
        entries.insert(0, {"class_name": "InputLayer", "config": {"name": "in", "batch_shape": [None, *shape]}})
    return {"class_name": "Sequential", "config": {"name": "net", "layers": entries}}


def tensor(name: str, *shape: int | None, node: int = 0, output: int = 0) -> dict[str, Any]:
    """A tensor in Keras 3's calls."""
    config = {"shape": [None, *shape], "keras_history": [name, node, output]}
    return {"class_name": "__keras_tensor__", "config": config}


def layer(kind: str, name: str, *calls: Any, **config: Any) -> dict[str, Any]:
    """A layer of a functional model; calls in the form of the version that is meant."""
    return {"class_name": kind, "name": name, "config": {"name": name} | config, "inbound_nodes": list(calls)}


def functional(*layers: dict[str, Any], inputs: Any = ("in", 0, 0), outputs: Any = None) -> dict[str, Any]:
    """A functional model; its output is the last layer unless said otherwise."""
    ends = outputs if outputs is not None else [layers[-1]["name"], 0, 0]
    config = {"name": "net", "layers": list(layers), "input_layers": list(inputs), "output_layers": ends}
    return {"class_name": "Functional", "config": config}


def report(tmp_path: Path, model: Any) -> Report:
    """The figures of a configuration."""
    return load(written(tmp_path, model)).analyse()


LENET = sequential(
    ("Conv2D", {"filters": 20, "kernel_size": [5, 5], "strides": [1, 1], "padding": "valid", "activation": "relu"}),
    ("MaxPooling2D", {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}),
    ("Conv2D", {"filters": 50, "kernel_size": [5, 5], "padding": "same", "use_bias": False}),
    ("Flatten", {}),
    ("Dense", {"units": 10, "activation": "softmax"}),
    shape=(28, 28, 1),
)


def test_a_sequence(tmp_path: Path) -> None:
    """Each layer by hand: (5*5*1 + 1)*20 on 24x24; 5*5*20*50 on 12x12; 12*12*50 = 7200, (7200 + 1)*10."""
    found = report(tmp_path, LENET)
    assert (found.model, found.network.title) == ("net", "net")
    assert {row.name: row.params for row in found.rows if row.params} == {
        "conv2d0": 520,
        "conv2d2": 25_000,
        "dense4": 72_010,
    }
    assert found.totals.macs == 24 * 24 * 500 + 12 * 12 * 25_000 + 72_000
    assert [row.name for row in found.rows] == [
        "in", "conv2d0", "conv2d0.relu", "maxpooling2d1", "conv2d2", "flatten3", "dense4", "dense4.softmax",
    ]  # fmt: skip


KERAS_1 = {
    "class_name": "Sequential",
    "keras_version": "1.2.2",
    "config": [
        {"class_name": "Convolution2D", "config": {
            "name": "convolution2d_1", "nb_filter": 20, "nb_row": 5, "nb_col": 5, "border_mode": "valid", "bias": True,
            "subsample": [1, 1], "dim_ordering": "th", "activation": "relu", "batch_input_shape": [None, 1, 28, 28]}},
        {"class_name": "MaxPooling2D", "config": {
            "name": "maxpooling2d_1", "pool_size": [2, 2], "strides": [2, 2], "border_mode": "valid",
            "dim_ordering": "th"}},
        {"class_name": "Dropout", "config": {"name": "dropout_1", "p": 0.25}},
        {"class_name": "Flatten", "config": {"name": "flatten_1"}},
        {"class_name": "Dense", "config": {
            "name": "dense_1", "output_dim": 10, "input_dim": None, "bias": True, "activation": "softmax"}},
    ],
}  # fmt: skip


def test_keras_1(tmp_path: Path) -> None:
    """Other words and channels first: 520 on 24x24; 12*12*20 = 2880, (2880 + 1)*10."""
    found = report(tmp_path, KERAS_1)
    assert [str(row.output) for row in found.rows[:2]] == ["28x28x1", "24x24x20"]
    assert (found.totals.params, found.totals.macs) == (520 + 28_810, 24 * 24 * 500 + 28_800)
    assert found.network.nodes[4].layer is not None
    assert found.network.nodes[4].layer.fields["p"] == 0.25


def test_keras_1_merges_sequences(tmp_path: Path) -> None:
    """Two towers of (8 + 1)*4 each, their outputs side by side, and (8 + 1)*1 behind."""
    layers = [{"class_name": "Dense", "config": {"name": "dense", "output_dim": 4, "batch_input_shape": [None, 8]}}]
    tower = {"class_name": "Sequential", "config": layers}
    merge = {"class_name": "Merge", "config": {
        "name": "merge_1", "mode": "concat", "concat_axis": -1, "layers": [tower, tower]}}  # fmt: skip
    dense = {"class_name": "Dense", "config": {"name": "top", "output_dim": 1}}
    found = report(tmp_path, {"class_name": "Sequential", "config": [merge, dense]})
    assert len(found.network.input_shapes) == 2
    assert found.totals.params == 36 + 36 + 9


def residual(version: int) -> dict[str, Any]:
    """Two convolutions and a shortcut, in the form of Keras 2 or of Keras 3."""

    def call(*names: str) -> Any:
        if version == 3:
            args = [tensor(name, 8, 8, 4) for name in names]
            return {"args": args if len(args) == 1 else [args], "kwargs": {}}
        return [[name, 0, 0, {}] for name in names]

    shape = {"batch_shape" if version == 3 else "batch_input_shape": [None, 8, 8, 4]}
    return functional(
        layer("InputLayer", "in", **shape),
        layer("Conv2D", "a", call("in"), filters=4, kernel_size=[3, 3], padding="same", use_bias=False),
        layer("BatchNormalization", "n", call("a"), axis=[3] if version == 2 else -1, epsilon=0.001),
        layer("Add", "sum", call("n", "in")),
        layer("Activation", "relu", call("sum"), activation="relu"),
        inputs=[["in", 0, 0]] if version == 2 else ["in", 0, 0],
        outputs=[["relu", 0, 0]] if version == 2 else ["relu", 0, 0],
    )


@pytest.mark.parametrize("version", [2, 3])
def test_functional(tmp_path: Path, version: int) -> None:
    """3*3*4*4 weights, 4 + 4 trained and 4 + 4 kept ones: Keras counts no batches."""
    found = report(tmp_path, residual(version))
    assert (found.totals.params, found.totals.buffers, found.totals.macs) == (144 + 8, 8, 8 * 8 * 144)
    assert [row.kind for row in found.rows] == ["input", "conv", "batchnorm", "add", "relu"]


def test_a_layer_used_twice_shares_its_weights(tmp_path: Path) -> None:
    """A siamese network in Keras 2: the weights once, (3*3*1 + 1)*2, the work twice, 6*6*18 each."""
    model = functional(
        layer("InputLayer", "left", batch_input_shape=[None, 8, 8, 1]),
        layer("InputLayer", "right", batch_input_shape=[None, 8, 8, 1]),
        layer("Conv2D", "conv", [["left", 0, 0, {}]], [["right", 0, 0, {}]], filters=2, kernel_size=[3, 3]),
        layer("Subtract", "apart", [["conv", 0, 0, {}], ["conv", 1, 0, {}]]),
        inputs=[["left", 0, 0], ["right", 0, 0]],
    )
    found = report(tmp_path, model)
    assert (found.totals.params, found.totals.macs) == (20, 2 * 6 * 6 * 18)
    assert [row.name for row in found.rows] == ["left", "right", "conv", "conv.2", "apart"]


@pytest.mark.parametrize("calls", [1, 2])
def test_models_in_models(tmp_path: Path, calls: int) -> None:
    """A nested model's layers stand under its name, and used twice it shares them; its call may be counted from 1."""
    inner = sequential(("Dense", {"units": 4}), ("Dense", {"units": 3}), shape=(8,))
    nested = inner | {"name": "body", "inbound_nodes": [[["in", 0, 0, {}]]] * calls}
    nested["config"]["name"] = "body"
    last = [["body", n + (calls == 1), 0, {}] for n in range(calls)]
    model = functional(
        layer("InputLayer", "in", batch_input_shape=[None, 8]),
        nested,
        layer("Concatenate", "end", last, axis=-1) if calls > 1 else layer("Dense", "end", last, units=2),
    )
    found = report(tmp_path, model)
    body = (8 + 1) * 4 + (4 + 1) * 3
    assert found.totals.params == (body if calls > 1 else body + 8)
    assert found.totals.macs == (2 * 44 if calls > 1 else 44 + 6)
    assert [row.name for row in found.rows][1:3] == ["body.dense0", "body.dense1"]
    assert found.row("body").name == ("body.dense1.2" if calls > 1 else "body.dense1")


ROWS: list[tuple[str, dict[str, Any], tuple[int, ...], str, int, int, int]] = [
    # class, fields, input, output, params, buffers, MACs
    ("Conv1D", {"filters": 8, "kernel_size": 3, "padding": "causal"}, (10, 4), "10x8", 3 * 4 * 8 + 8, 0, 10 * 96),
    ("Conv1D", {"filters": 8, "kernel_size": [3], "dilation_rate": [2]}, (10, 4), "6x8", 104, 0, 6 * 96),
    ("Conv2D", {"filters": 8, "kernel_size": 3, "strides": 2, "padding": "same"}, (7, 8, 4), "4x4x8", 296, 0, 16 * 288),
    ("Conv2D", {"filters": 8, "kernel_size": [1, 3], "groups": 2}, (8, 8, 4), "8x6x8", 3 * 2 * 8 + 8, 0, 48 * 48),
    ("Conv3D", {"filters": 2, "kernel_size": [3, 3, 3]}, (5, 6, 7, 1), "3x4x5x2", 56, 0, 60 * 54),
    ("DepthwiseConv2D", {"kernel_size": [3, 3], "depth_multiplier": 2}, (8, 8, 4), "6x6x8", 72 + 8, 0, 36 * 72),
    ("SeparableConv2D", {"filters": 8, "kernel_size": [3, 3]}, (8, 8, 4), "6x6x8", 36 + 32 + 8, 0, 36 * 68),
    # (in - 1)*s + max(k, s) = 7*2 + 3; same: 8*2
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2}, (8, 8, 4), "17x17x2", 74, 0, 64 * 72),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 2, "strides": 3}, (8, 8, 4), "24x24x2", 34, 0, 64 * 32),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}, (8, 8, 4), "16x16x2", 74, 0,
     64 * 72),
    # (8 - 1)*2 + 3 - 2*1 + 1
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": [1, 1]},
     (8, 8, 4), "16x16x2", 74, 0, 64 * 72),
    ("Dense", {"units": 5}, (8,), "5", 45, 0, 40),
    ("Dense", {"units": 5, "use_bias": False}, (6, 8), "6x5", 40, 0, 240),
    ("Dense", {"units": 5}, (4, 6, 8), "4x6x5", 45, 0, 24 * 40),
    ("MaxPooling2D", {"pool_size": 2, "strides": None}, (7, 8, 4), "3x4x4", 0, 0, 0),
    ("AveragePooling1D", {"pool_size": [3], "strides": [2], "padding": "same"}, (9, 4), "5x4", 0, 0, 0),
    ("GlobalAveragePooling2D", {"keepdims": False}, (7, 8, 4), "1x1x4", 0, 0, 0),
    ("GlobalMaxPooling1D", {"keepdims": True}, (7, 4), "1x4", 0, 0, 0),
    ("BatchNormalization", {"axis": -1, "scale": False}, (7, 8, 4), "7x8x4", 4, 8, 0),
    ("BatchNormalization", {"axis": -1, "center": False}, (7, 8, 4), "7x8x4", 4, 8, 0),
    ("LayerNormalization", {"axis": -1}, (7, 4), "7x4", 8, 0, 0),
    ("LayerNormalization", {"axis": [1, 2], "center": False}, (7, 4), "7x4", 28, 0, 0),
    ("LayerNormalization", {"axis": -1, "scale": False}, (7, 4), "7x4", 4, 0, 0),
    ("GroupNormalization", {"groups": 2, "axis": -1}, (7, 8, 4), "7x8x4", 8, 0, 0),
    ("GroupNormalization", {"groups": -1, "axis": -1, "center": False}, (7, 8, 4), "7x8x4", 4, 0, 0),
    ("RMSNormalization", {"axis": -1}, (7, 4), "7x4", 4, 0, 0),
    ("UnitNormalization", {"axis": -1}, (7, 4), "7x4", 0, 0, 0),
    ("Normalization", {"axis": -1}, (7, 8, 3), "7x8x3", 0, 7, 0),
    ("Rescaling", {"scale": 0.1, "offset": -1.0}, (7, 8, 3), "7x8x3", 0, 0, 0),
    ("ZeroPadding2D", {"padding": [[1, 2], [3, 4]]}, (7, 8, 4), "10x15x4", 0, 0, 0),
    ("ZeroPadding1D", {"padding": [1, 2]}, (7, 4), "10x4", 0, 0, 0),
    ("Cropping2D", {"cropping": [[1, 0], [2, 1]]}, (7, 8, 4), "6x5x4", 0, 0, 0),
    ("UpSampling2D", {"size": [2, 3], "interpolation": "nearest"}, (7, 8, 4), "14x24x4", 0, 0, 0),
    ("Resizing", {"height": 5, "width": 6, "interpolation": "bilinear"}, (7, 8, 4), "5x6x4", 0, 0, 0),
    ("PReLU", {"shared_axes": [1, 2]}, (7, 8, 4), "7x8x4", 4, 0, 0),
    ("PReLU", {"shared_axes": None}, (7, 8, 4), "7x8x4", 224, 0, 0),
    ("ReLU", {"max_value": 6.0}, (7, 4), "7x4", 0, 0, 0),
    ("Softmax", {"axis": -1}, (7, 4), "7x4", 0, 0, 0),
    ("Reshape", {"target_shape": [-1, 2]}, (7, 4), "14x2", 0, 0, 0),
    ("Permute", {"dims": [2, 1]}, (7, 4), "4x7", 0, 0, 0),
    ("RepeatVector", {"n": 5}, (8,), "5x8", 0, 0, 0),
    ("Embedding", {"input_dim": 100, "output_dim": 8}, (12,), "12x8", 800, 0, 0),
    # gates * units * (in + units), and biases: one of each gate, in Keras's GRU two
    ("LSTM", {"units": 5, "return_sequences": True}, (7, 4), "7x5", 4 * 5 * 9 + 20, 0, 7 * 180),
    ("LSTM", {"units": 5}, (7, 4), "1x5", 200, 0, 7 * 180),
    ("GRU", {"units": 5, "reset_after": True}, (7, 4), "1x5", 3 * 5 * 9 + 30, 0, 7 * 135),
    ("SimpleRNN", {"units": 5, "use_bias": False}, (7, 4), "1x5", 45, 0, 7 * 45),
    ("Bidirectional", {"layer": {"class_name": "LSTM", "config": {"units": 5, "return_sequences": True}}}, (7, 4),
     "7x10", 400, 0, 2 * 7 * 180),
    ("Bidirectional", {"layer": {"class_name": "GRU", "config": {"units": 5}}, "merge_mode": "sum"}, (7, 4), "1x5",
     2 * 150, 0, 2 * 7 * 135),
    ("TimeDistributed", {"layer": {"class_name": "Conv2D", "config": {"filters": 8, "kernel_size": [3, 3]}}},
     (5, 8, 9, 4), "5x6x7x8", 296, 0, 5 * 42 * 288),
    ("TimeDistributed", {"layer": {"class_name": "GlobalAveragePooling2D", "config": {}}}, (5, 8, 9, 4), "5x4",
     0, 0, 0),
    ("TimeDistributed", {"layer": {"class_name": "Flatten", "config": {}}}, (5, 2, 3, 4), "5x24", 0, 0, 0),
    ("TimeDistributed", {"layer": {"class_name": "Dense", "config": {"units": 3}}}, (5, 4), "5x3", 15, 0, 60),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "shape", "output", "params", "buffers", "macs"), ROWS)
def test_layers(
    tmp_path: Path,
    kind: str,
    fields: dict[str, Any],
    shape: tuple[int, ...],
    output: str,
    params: int,
    buffers: int,
    macs: int,
) -> None:
    """Each class by hand: the output behind it, what it trains and keeps, and its multiply-accumulates."""
    found = report(tmp_path, sequential((kind, fields), shape=shape))
    assert str(found.rows[-1].output) == output
    assert (found.totals.params, found.totals.buffers, found.totals.macs) == (params, buffers, macs)


def test_channels_first(tmp_path: Path) -> None:
    """Inputs, kernels, concatenations and normalisations with the channels in front; maps have them behind."""

    def call(*names: str) -> Any:
        return [[name, 0, 0, {}] for name in names]

    first = {"data_format": "channels_first"}
    model = functional(
        layer("InputLayer", "in", batch_input_shape=[None, 3, 8, 10]),
        layer("Conv2D", "conv", call("in"), filters=4, kernel_size=[3, 3], padding="valid", **first),
        layer("BatchNormalization", "bn", call("conv"), axis=1),
        layer("Concatenate", "both", call("bn", "conv"), axis=1),
        layer("GlobalAveragePooling2D", "pool", call("both"), **first),
        layer("Dense", "top", call("pool"), units=2),
    )
    found = report(tmp_path, model)
    outputs = {row.name: str(row.output) for row in found.rows}
    assert outputs == {
        "in": "8x10x3", "conv": "6x8x4", "bn": "6x8x4", "both": "6x8x8", "pool": "1x1x8", "top": "1x1x2",
    }  # fmt: skip
    assert found.totals.params == (27 + 1) * 4 + 8 + 9 * 2


def test_operations_of_keras_3(tmp_path: Path) -> None:
    """Functions are layers of their own: MobileNetV3's hard sigmoid is (x + 3)*1/6 with ReLU6 between."""
    model = functional(
        layer("InputLayer", "in", batch_shape=[None, 8, 8, 4]),
        layer("Add", "plus", {"args": [tensor("in", 8, 8, 4), 3.0], "kwargs": {}}) | {"module": "keras.src.ops.numpy"},
        layer("ReLU", "cut", {"args": [tensor("plus", 8, 8, 4)], "kwargs": {}}, max_value=6.0),
        layer("Multiply", "times", {"args": [tensor("cut", 8, 8, 4), 0.5], "kwargs": {}})
        | {"module": "keras.src.ops.numpy"},
        layer("Mean", "mean", {"args": [tensor("times", 8, 8, 4)], "kwargs": {}}, axis=[1, 2], keepdims=False)
        | {"module": "keras.src.ops.numpy"},
    )
    found = report(tmp_path, model)
    assert [row.kind for row in found.rows] == ["input", "power", "relu6", "power", "globalavgpool"]
    assert found.network.nodes[1].layer is not None
    assert found.network.nodes[1].layer.fields["offset"] == 3.0


def test_operations_of_keras_2(tmp_path: Path) -> None:
    """A function called on tensors and constants, with the keywords that it was given."""
    model = functional(
        layer("InputLayer", "in", batch_input_shape=[None, 8, 8, 4]),
        layer("TFOpLambda", "tf.math.multiply", ["in", 0, 0, {"y": 2.0, "name": None}], function="math.multiply"),
        layer("TFOpLambda", "tf.concat", [["in", 0, 0, {"axis": -1}], ["tf.math.multiply", 0, 0, {"axis": -1}]],
              function="concat"),
        layer("TFOpLambda", "tf.math.reduce_mean", ["tf.concat", 0, 0, {"axis": [1, 2]}], function="math.reduce_mean"),
    )  # fmt: skip
    found = report(tmp_path, model)
    assert [(row.kind, str(row.output)) for row in found.rows][1:] == [
        ("power", "8x8x4"), ("concat", "8x8x8"), ("globalavgpool", "1x1x8"),
    ]  # fmt: skip


def test_attention(tmp_path: Path) -> None:
    """Two heads of 3 over 5 tokens of 4: (4 + 1)*6 three times, (6 + 1)*4, and 5*5*(6 + 6) products."""
    query = tensor("in", 5, 4)
    model = functional(
        layer("InputLayer", "in", batch_shape=[None, 5, 4]),
        layer("MultiHeadAttention", "mha", {"args": [query, query], "kwargs": {}}, num_heads=2, key_dim=3),
    )
    found = report(tmp_path, model)
    assert found.totals.params == 3 * 30 + 28
    assert found.totals.macs == 5 * (3 * 24 + 24) + 25 * 12
    assert str(found.row("mha").output) == "5x4"


def test_what_nobody_knows_is_said(tmp_path: Path) -> None:
    """Code in a Lambda layer stays text; its work is unknown, and what the file says of its output goes on."""
    code = {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA", "defaults": None, "closure": None}}
    model = functional(
        layer("InputLayer", "in", batch_shape=[None, 8, 8, 4]),
        layer("Lambda", "magic", {"args": [tensor("in", 8, 8, 4)], "kwargs": {}}, function=code),
        layer("Conv2D", "conv", {"args": [tensor("magic", 4, 4, 16)], "kwargs": {}}, filters=2, kernel_size=[1, 1]),
    )
    path = written(tmp_path, model)
    result = CliRunner().invoke(cli, ["show", path])
    assert "unknown" in result.output
    found = load(path).analyse()
    assert [(row.kind, str(row.output)) for row in found.rows][1:] == [("unknown", "4x4x16"), ("conv", "4x4x2")]
    own = functional(
        layer("InputLayer", "in", batch_shape=[None, 8, 8, 4]),
        layer("Conv2D", "mine", {"args": [tensor("in", 8, 8, 4)], "kwargs": {}}, filters=2, kernel_size=[1, 1])
        | {"registered_name": "Custom>Conv2D"},
    )
    assert report(tmp_path, own).rows[-1].kind == "unknown"


def test_adapters_are_told_of(tmp_path: Path) -> None:
    """The layer is counted as it is without them; that of rank 2 would have 4*2 + 2*5 more."""
    found = report(tmp_path, sequential(("Dense", {"units": 5, "lora_rank": 2}), shape=(4,)))
    assert found.totals.params == 25
    assert found.network.notes == ("dense0: its adapters of rank 2 (LoRA) are not counted",)
    plain = report(tmp_path, sequential(("Dense", {"units": 5, "lora_rank": None}), shape=(4,)))
    assert plain.network.notes == ()


def test_an_open_size_is_asked_for(tmp_path: Path) -> None:
    """What the file leaves open is the reader's to say, and what it says can be said otherwise."""
    model = sequential(("Conv2D", {"filters": 2, "kernel_size": [3, 3]}), shape=(None, None, 3))
    path = written(tmp_path, model)
    with pytest.raises(
        SpecError, match=r"net.json:1:\d+: the file does not say how large 'in' is; say its input, as in"
    ):
        load(path)
    assert str(load(f"{path},input=8x9").analyse().rows[-1].output) == "6x7x2"
    assert str(load(f"{path},input=8x9x1").analyse().rows[-1].output) == "6x7x2"
    assert str(load(f"{written(tmp_path, LENET)},input=32").analyse().rows[1].output) == "28x28x20"


def test_an_archive(tmp_path: Path) -> None:
    """A `.keras` file is a zip; weights in it are not looked at, however large they are."""
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(LENET))
        archive.writestr("model.weights.h5", b"\0" * 20_000_000)
    assert load(str(path)).analyse().totals.params == 97_530
    runner = CliRunner()
    for command in ("show", "rf", "memory", "compare", "why", "validate", "draw"):
        arguments = {"why": [f"{path}", "params", "97530"], "compare": [str(path), "vgg11"]}.get(command, [str(path)])
        if command in cli.commands:
            result = runner.invoke(cli, [command, *arguments], catch_exceptions=False)
            assert result.exit_code in (0, 1), (command, result.output)
    result = runner.invoke(cli, ["explain", str(path), "conv2d0"], catch_exceptions=False)
    assert "(5*5*1)*20" in result.output


def zipped(**members: bytes | str) -> bytes:
    """An archive in memory."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_json", ".json"), text)
    return data.getvalue()


def lying(data: bytes) -> bytes:
    """An archive whose list of contents says that it is larger than it is."""
    return data[:-10] + b"\xff\xff\xff\x7f" + data[-6:]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (zipped(config_json=b" " * 40_000_000), "larger than 16 MiB"),
        (zipped(config_json="{"), "config.json:1:2: this is not JSON"),
        (zipped(config_json='{"class_name": "Mine", "config": {}}'), "'Mine' holds no layers"),
        (zipped(config_json="[1]"), "is no model"),
        (zipped(config_json='{"a":' * 100_000), "nested too deep"),
        (zipped(config_json="[" + "{}," * 2_000_000), "too many parts"),
        (zipped(config_json='{"a": ' + "1" * 5000 + "}"), "number without end"),
    ],
)
def test_bad_archives(tmp_path: Path, data: bytes, said: str) -> None:
    """One line each, within bounds of time and memory."""
    path = tmp_path / "net.keras"
    path.write_bytes(data)
    with pytest.raises(SpecError, match=said) as caught:
        load(str(path))
    assert len(caught.value.problems) == 1


def test_json_in_other_wrappings(tmp_path: Path) -> None:
    """TensorFlow.js's topology, `get_config` without a class, and text that was written as JSON twice."""
    for model in (
        {"format": "layers-model", "modelTopology": {"model_config": LENET}, "weightsManifest": []},
        {"modelTopology": LENET},
        LENET["config"],
        residual(2)["config"],
        json.dumps(json.dumps(LENET)),
    ):
        assert report(tmp_path, model).totals.params in (97_530, 152)


def test_a_broken_archive_is_no_model(tmp_path: Path) -> None:
    """Cut off, or with a list of contents that lies about its size: no traceback."""
    whole = zipped(config_json=json.dumps(LENET))
    for data in (whole[:-30], lying(whole), whole[:60] + b"\xff" * 80 + whole[140:], zipped(other="")):
        path = tmp_path / "net.keras"
        path.write_bytes(data)
        with pytest.raises(
            SpecError, match=r"is an archive in which 'config.json' cannot be read; save the model again"
        ):
            load(str(path))


def changed(model: dict[str, Any], place: int, **config: Any) -> dict[str, Any]:
    """The model with other fields in a layer."""
    copy: dict[str, Any] = json.loads(json.dumps(model))
    copy["config"]["layers"][place]["config"].update(config)
    return copy


def rewired(place: int, *calls: Any) -> dict[str, Any]:
    """The residual network with other calls of a layer."""
    copy = residual(2)
    copy["config"]["layers"][place]["inbound_nodes"] = list(calls)
    return copy


def dot(read: list[str], **config: Any) -> dict[str, Any]:
    """A product of sequences of five vectors."""
    there = layer("InputLayer", "in", batch_shape=[None, 5, 4])
    return functional(there, layer("Dot", "it", [[name, 0, 0, {}] for name in read], **config))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (changed(LENET, 1, filters="many"), "conv2d0: 'filters' is 'many'; it must be a whole number"),
        (changed(LENET, 1, filters=0), "conv2d0: conv.out_channels is 0"),
        (changed(LENET, 1, kernel_size=[50, 50]), "conv2d0: a 50x50 kernel does not fit"),
        (changed(LENET, 1, kernel_size={"a": 1}), "conv2d0: 'kernel_size' is"),
        (changed(LENET, 2, pool_size=[2, 2, 2]),
         "maxpooling2d1: 'pool_size' is [2, 2, 2]; it must be a whole number or a list of 2"),
        (sequential(("Conv2D", {"filters": 3, "kernel_size": 3}), shape=(4,)), "a tensor of 1 axis beside the batch"),
        (sequential(("RepeatVector", {"n": 3}), shape=(4, 4)), "'RepeatVector' reads a vector"),
        (sequential(("Dense", {"units": 3}), shape=()), "a single number has no channels"),
        (sequential(("Softmax", {"axis": "x"}), shape=(4,)), "an axis is 'x'"),
        (sequential(("Activation", {"activation": {"class_name": [], "config": {}}}), shape=(4,)),
         "activation0: an activation's class is []; a class has a name"),
        (dot(["in"], axes=-1), "it: 'Dot' reads 1 tensors; it reads two"),
        (dot(["in", "in"], axes=[]), "it: 'axes' is []; it must be an axis or a list of two"),
        (dot(["in", "in"], axes=[1, 2, 3]), "it: 'axes' is [1, 2, 3]; it must be an axis or a list of two"),
        (rewired(1, [["nobody", 0, 0, {}]]), "a reads 'nobody', which is no layer"),
        (rewired(1, [["relu", 0, 0, {}]]), "waits for what it writes itself"),
        (rewired(1, "in"), "'inbound_nodes' holds what is no call"),
        (rewired(1, [[["in", 0]]]), "a call holds what is no tensor"),
        (residual(2)["config"]["layers"][1], "'Conv2D' holds no layers"),
        (sequential(("Dense", {"units": 3}), shape=(2, 2, 2, 2, 2)), "'in' has 5 axes"),
        (sequential(("Dense", {"units": 3}), shape=(10**40,)), "'in' has too many values along an axis"),
        ({"class_name": "Sequential", "config": {"layers": []}}, "has no layers"),
        ({"class_name": "Sequential", "config": {"layers": [1]}}, "this is no layer"),
        ({"class_name": "Sequential", "config": {"layers": {}}}, "has no layers"),
    ],
)  # fmt: skip
def test_faults_have_their_place(tmp_path: Path, model: dict[str, Any], said: str) -> None:
    """The layer's line and column in the text, its name, and what is wrong."""
    path = tmp_path / "net.json"
    path.write_text(json.dumps(model, indent=1))
    with pytest.raises(SpecError) as caught:
        load(str(path)).analyse()
    (problem,) = caught.value.problems
    assert said in str(problem)
    assert problem.mark is not None
    line = path.read_text().splitlines()[problem.mark.line - 1]
    assert line[problem.mark.column - 1] == "{"


def test_another_shape_than_the_file_says_is_an_error(tmp_path: Path) -> None:
    """Keras 3 says of each tensor how large it is; what does not agree is not believed."""
    model = functional(
        layer("InputLayer", "in", batch_shape=[None, 8, 8, 4]),
        layer("Conv2D", "conv", {"args": [tensor("in", 8, 8, 4)], "kwargs": {}}, filters=2, kernel_size=[3, 3]),
        layer("ReLU", "relu", {"args": [tensor("conv", 7, 7, 2)], "kwargs": {}}),
    )
    with pytest.raises(SpecError, match="conv: it writes 6 x 6 x 2, but the file says 7 x 7 x 2"):
        report(tmp_path, model)


def test_models_of_models_of_models_end(tmp_path: Path) -> None:
    """Thirty levels, each of which calls the next one twice, would be a thousand million layers."""
    model: dict[str, Any] = sequential(("Dense", {"units": 4}), shape=(4,))
    for level in range(30):
        inner = model | {"name": f"m{level}", "inbound_nodes": [[["in", 0, 0, {}]], [[f"m{level}", 0, 0, {}]]]}
        inner["config"]["name"] = f"m{level}"
        model = functional(layer("InputLayer", "in", batch_input_shape=[None, 4]), inner, outputs=[[f"m{level}", 1, 0]])
    with pytest.raises(SpecError, match="more than 20,000 layers"):
        report(tmp_path, model)


def test_hdf5_needs_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says how to get it; the job with the real tools reads such files."""
    monkeypatch.setitem(sys.modules, "h5py", None)
    path = tmp_path / "net.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 100)
    with pytest.raises(UsageError, match=r"net.h5 is HDF5, for which h5py is needed; pip install 'vggcalc\[h5\]'"):
        load(str(path))


class Described:
    """What a live model of Keras has of interest here."""

    name = "mine"

    def __init__(self, model: Any) -> None:
        self.model = model

    def to_json(self) -> str:
        """Its configuration."""
        if self.model is None:
            raise NotImplementedError("Object Mine was created by passing")
        return json.dumps(self.model)


def test_a_live_model() -> None:
    """By its own configuration, under its own name; an open size is said beside it."""
    found = from_keras(Described(LENET))
    assert (found.network.name, found.analyse().totals.params) == ("mine", 97_530)
    model = sequential(("Conv2D", {"filters": 2, "kernel_size": [3, 3]}), shape=(None, None, 3))
    assert str(from_keras(Described(model), "8x9x3", name="it").analyse().rows[-1].output) == "6x7x2"
    assert str(from_keras(Described(model), (8, 9, 3)).analyse(input="5x5").rows[-1].output) == "3x3x2"
    with pytest.raises(SpecError, match=r"<keras>:1:.*does not say how large 'in' is"):
        from_keras(Described(model))
    with pytest.raises(UsageError, match="the model does not describe itself: Object Mine"):
        from_keras(Described(None))
    with pytest.raises(UsageError, match="a str is no model of Keras"):
        from_keras("net.keras")


def test_two_ways_that_differ_are_unknown(tmp_path: Path) -> None:
    """A layer of its own for the way back is not counted as the one for the way forth."""
    layer: dict[str, Any] = {"class_name": "LSTM", "config": {"name": "c", "units": 5}}
    for back, role in (({**layer, "config": {**layer["config"], "name": "d", "go_backwards": True}}, "conv"),
                       ({"class_name": "GRU", "config": {"name": "d", "units": 5}}, "unknown")):  # fmt: skip
        config = {"name": "b", "layer": layer, "backward_layer": back}
        entries = [
            {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [None, 7, 4]}},
            {"class_name": "Bidirectional", "config": config},
        ]
        path = tmp_path / "net.json"
        path.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": entries}}))
        report = load(str(path)).analyse()
        assert (report.rows[-1].role == "unknown") == (role == "unknown")


HOSTILE = [
    {"class_name": "RepeatVector", "config": {"name": "r", "n": 2}},
    {"class_name": "Conv2D", "config": {"name": "c", "filters": 3, "kernel_size": []}},
    {"class_name": "Activation", "config": {"name": "a", "activation": {"class_name": [], "config": {}}}},
    {"class_name": "PReLU", "config": {"name": "p", "shared_axes": 1.5}},
    {"class_name": "MultiHeadAttention", "config": {"name": "m", "attention_axes": 0}},
    {"class_name": "Conv2DTranspose", "config": {"name": "t", "filters": 2, "kernel_size": 3, "strides": [1, 2, 3, 4]}},
]


@pytest.mark.parametrize("entry", HOSTILE, ids=lambda entry: str(entry["class_name"]))
def test_forms_that_no_file_has_are_no_traceback(tmp_path: Path, entry: dict[str, object]) -> None:
    """Whatever a reader stumbles over, other files are looked at all the same."""
    entries = [{"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [None, 8, 8, 3]}}, entry]
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": entries}}))
    with contextlib.suppress(VggcalcError):
        load(str(path)).analyse()


@pytest.mark.parametrize(("kind", "shape"), [("Conv1D", [8, 8, 3]), ("Conv2D", [8, 3]), ("MaxPooling1D", [8, 8, 3])])
def test_a_map_of_other_axes_is_refused(tmp_path: Path, kind: str, shape: list[int]) -> None:
    """A convolution along one axis is none along two."""
    config = {"name": "c", "filters": 3, "kernel_size": 3, "pool_size": 2}
    entries = [
        {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [None, *shape]}},
        {"class_name": kind, "config": config},
    ]
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": entries}}))
    with pytest.raises(SpecError, match="no map for"):
        load(str(path)).analyse()
