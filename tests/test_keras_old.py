"""Networks as Keras 1 and 2 wrote them, with the words and forms of those versions: figures by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import vggcalc
from vggcalc.analysis.report import Report


def report(folder: Path, config: dict[str, Any]) -> Report:
    """The figures of a configuration."""
    path = folder / "net.json"
    path.write_text(json.dumps(config))
    return vggcalc.load(str(path)).analyse()


def layer(cls: str, name: str, **config: Any) -> dict[str, Any]:
    """A layer in a list, as both versions have it."""
    return {"class_name": cls, "config": {"name": name, "trainable": True, **config}}


def test_characters_by_keras_1(tmp_path: Path) -> None:
    """A recurrent network over 20 of 99 characters: 4 * (99 + 256 + 1) * 256, and 257 * 99."""
    words = {
        "inner_activation": "hard_sigmoid",
        "inner_init": "orthogonal",
        "forget_bias_init": "one",
        "dropout_W": 0.0,
    }
    config = [
        layer("LSTM", "lstm_1", output_dim=256, batch_input_shape=[None, 20, 99], return_sequences=False, **words),
        layer("Dense", "dense_1", output_dim=99, activation="linear", bias=True, input_dim=None, W_regularizer=None),
        layer("Activation", "activation_1", activation="softmax"),
    ]
    found = report(tmp_path, {"class_name": "Sequential", "keras_version": "1.1.0", "config": config})
    assert found.totals.params == 364_544 + 25_443
    assert found.totals.macs == 20 * 4 * (99 + 256) * 256 + 256 * 99


def test_a_functional_model_by_keras_1(tmp_path: Path) -> None:
    """34 of 1002 positions with 6 channels, 128 times; its nodes are lists of names."""
    convolution = layer(
        "Convolution1D", "convolution1d_1", nb_filter=128, filter_length=34, subsample_length=1, border_mode="valid",
        bias=True, activation="relu", input_dim=6, batch_input_shape=[None, None, 6],
    )  # fmt: skip
    layers = [
        {**layer("InputLayer", "input_1", batch_input_shape=[None, 1002, 6]), "name": "input_1", "inbound_nodes": []},
        {**convolution, "name": "convolution1d_1", "inbound_nodes": [[["input_1", 0, 0]]]},
    ]
    ends = {"input_layers": [["input_1", 0, 0]], "output_layers": [["convolution1d_1", 0, 0]], "name": "model_1"}
    config = {"class_name": "Model", "keras_version": "1.2.2", "config": {"layers": layers, **ends}}
    found = report(tmp_path, config)
    assert (found.totals.params, found.totals.macs) == (34 * 6 * 128 + 128, 969 * 34 * 6 * 128)
    assert str(found.rows[1].output) == "969x128"


def test_words_by_keras_2(tmp_path: Path) -> None:
    """6,111 words of 256 numbers, and a recurrent layer of 128 over 50 of them."""
    config = [
        layer(
            "Embedding", "embedding_1", input_dim=6111, output_dim=256, batch_input_shape=[None, 50], input_length=50
        ),
        layer("LSTM", "lstm_1", units=128, use_bias=True, unit_forget_bias=True, implementation=0, return_state=False),
        layer("Dropout", "dropout_1", rate=0.5),
        layer("Dense", "dense_1", units=1, activation="sigmoid", use_bias=True),
    ]
    found = report(tmp_path, {"class_name": "Sequential", "keras_version": "2.0.5", "config": config})
    assert found.totals.params == 6111 * 256 + 4 * (256 + 128 + 1) * 128 + 129


def test_two_networks_merged_by_keras_2(tmp_path: Path) -> None:
    """A Merge has the networks inside it that it joins, each with an input of its own."""
    words = {"strides": [1], "kernel_size": [2], "padding": "valid", "use_bias": True, "activation": "relu"}
    over = [
        layer("Conv1D", "conv1d_4", filters=512, batch_input_shape=[None, 460, 12], **words),
        layer("Conv1D", "conv1d_5", filters=256, **words),
        layer("AveragePooling1D", "average_pooling1d_3", pool_size=[2], strides=[2], padding="valid"),
        layer("Flatten", "flatten_2"),
    ]
    beside = [layer("Dense", "dense_4", units=64, activation="relu", use_bias=True, batch_input_shape=[None, 460])]
    both = [{"class_name": "Sequential", "config": each} for each in (over, beside)]
    config = [
        layer("Merge", "merge_2", mode="concat", concat_axis=-1, dot_axes=-1, layers=both, mode_type="raw"),
        layer("Dense", "dense_5", units=1, use_bias=True),
    ]
    found = report(tmp_path, {"class_name": "Sequential", "keras_version": "2.0.6", "config": config})
    flat = 229 * 256
    assert found.totals.params == (24 * 512 + 512) + (1024 * 256 + 256) + (460 * 64 + 64) + (flat + 64 + 1)
    assert len(found.network.input_shapes) == 2
