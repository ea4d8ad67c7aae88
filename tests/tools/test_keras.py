"""Keras's networks from their configuration alone, against Keras itself on torch's meta device."""

from __future__ import annotations

import contextlib
import inspect
import os
from math import prod
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"

import keras
import pytest
import torch
from keras import layers
from keras.src.applications.nasnet import NASNet
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import vggcalc

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Keras's own, of NumPy

APPLICATIONS = sorted(
    name for name, found in inspect.getmembers(keras.applications, inspect.isfunction) if name[0].isupper()
)
SETTINGS: dict[str, dict[str, Any]] = {
    name: {"input_shape": (224, 224, 3)} for name in APPLICATIONS if name.startswith("MobileNetV3")
}
"""These two leave open how large their input is."""


def outputs(model: Any) -> dict[str, tuple[int, ...]]:
    """Every layer by its name, and the sizes of its output without the batch."""
    return {layer.name: tuple(layer.output.shape[1:]) for layer in model.layers}


def macs(model: Any, device: str = "cpu") -> int:
    """What torch counts in one forward; the meta device makes no numbers, but not every layer runs on it.

    Attention in one piece is not counted on a CPU, so that it is taken in two.
    """
    images = [torch.zeros(1, *each.shape[1:], device=device) for each in model.inputs]
    with keras.device(device), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        model(images if len(images) > 1 else images[0])
    return int(counter.get_total_flops()) // 2


def count(variables: Any) -> int:
    """How many numbers variables hold."""
    return sum(prod(variable.shape) for variable in variables)


def check(model: Any, path: Path, nested: bool = False) -> vggcalc.Report:
    """Parameters, trained and not, and what every layer writes, are those of the model.

    nested: it holds models, whose layers are told apart by name, or calls a layer twice.
    """
    path.write_text(model.to_json())
    report = vggcalc.load(str(path)).analyse()
    assert (report.totals.params, report.totals.buffers) == (
        count(model.trainable_weights),
        count(model.non_trainable_weights),
    )
    for name, sizes in ({} if nested else outputs(model)).items():
        rows = [row for row in report.rows if row.name == name or row.name.startswith(f"{name}.")]
        assert rows, name
        if any(row.name == f"{name}.permute" for row in rows):
            continue  # an axis in between is the map's channels there; what reads it turns it back
        *spatial, channels = rows[-1].output.hwc
        own = [n for n in spatial if n != 1], channels
        assert own == ([n for n in sizes[:-1] if n != 1], sizes[-1]), name
    return report


def test_there_are_forty() -> None:
    """None is left out because its name is written otherwise."""
    assert len(APPLICATIONS) == 40


@pytest.mark.parametrize("name", APPLICATIONS)
def test_applications(name: str, tmp_path: Path) -> None:
    """Parameters, outputs of every layer and multiply-accumulates of each of Keras's own networks."""
    with keras.device("meta"):
        if name == "NASNetMobile":  # refused with torch; this is what the function calls with any other backend
            model = NASNet(
                (224, 224, 3),
                penultimate_filters=1056,
                num_blocks=4,
                stem_block_filters=32,
                skip_reduction=False,
                filter_multiplier=2,
                weights=None,
                default_size=224,
            )
        else:
            model = getattr(keras.applications, name)(weights=None, **SETTINGS.get(name, {}))
    assert check(model, tmp_path / "net.json").totals.macs == macs(model, "meta")


L = layers
LAYERS: list[tuple[tuple[int, ...], Any]] = [
    # input, a layer or several in a row
    ((10, 4), lambda: L.Conv1D(8, 3, padding="causal", dilation_rate=2)),
    ((11, 4), lambda: L.Conv1D(8, 3, strides=2, padding="same", activation="gelu")),
    ((11, 12, 4), lambda: L.Conv2D(8, (3, 5), strides=(2, 3), padding="same", groups=2, use_bias=False)),
    ((11, 12, 4), lambda: L.Conv2D(8, 3, dilation_rate=(2, 1), activation="leaky_relu")),
    ((5, 6, 7, 2), lambda: L.Conv3D(4, 3, padding="same")),
    ((11, 12, 4), lambda: L.DepthwiseConv2D(3, strides=2, depth_multiplier=2, padding="same")),
    ((11, 4), lambda: L.DepthwiseConv1D(3)),
    ((11, 12, 4), lambda: L.SeparableConv2D(6, 3, depth_multiplier=2, activation="relu")),
    ((11, 4), lambda: L.SeparableConv1D(6, 3, strides=2, padding="same")),
    ((7, 8, 4), lambda: L.Conv2DTranspose(6, 3, strides=2)),
    ((7, 8, 4), lambda: L.Conv2DTranspose(6, 3, strides=2, padding="same")),
    ((7, 8, 4), lambda: L.Conv2DTranspose(6, 2, strides=3)),
    ((7, 8, 4), lambda: L.Conv2DTranspose(6, 4, strides=2, padding="same", output_padding=1)),
    ((7, 4), lambda: L.Conv1DTranspose(6, 3, strides=2, padding="same")),
    ((11, 12, 4), lambda: L.MaxPooling2D(3, 2, padding="same")),
    ((11, 12, 4), lambda: L.AveragePooling2D((2, 3))),
    ((11, 4), lambda: L.MaxPooling1D(2)),
    ((5, 6, 7, 2), lambda: L.AveragePooling3D(2)),
    ((11, 12, 4), lambda: L.GlobalAveragePooling2D(keepdims=True)),
    ((11, 12, 4), lambda: L.GlobalMaxPooling2D()),
    ((11, 4), lambda: L.GlobalAveragePooling1D()),
    ((11, 12, 4), lambda: L.BatchNormalization(scale=False)),
    ((11, 12, 4), lambda: L.BatchNormalization(center=False)),
    ((11, 12, 4), lambda: L.BatchNormalization(center=False, scale=False)),
    ((11, 12, 4), lambda: L.LayerNormalization()),
    ((11, 12, 4), lambda: L.LayerNormalization(center=False)),
    ((11, 12, 4), lambda: L.LayerNormalization(scale=False)),
    ((11, 12, 4), lambda: L.LayerNormalization(axis=[1, 2, 3])),
    ((11, 12, 4), lambda: L.GroupNormalization(2)),
    ((11, 12, 4), lambda: L.GroupNormalization(-1, scale=False)),
    ((11, 4), lambda: L.RMSNormalization()),
    ((11, 4), lambda: L.UnitNormalization()),
    ((11, 12, 3), lambda: L.Normalization()),
    ((11, 12, 3), lambda: L.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 1.0, 1.0])),
    ((11, 12, 3), lambda: L.Rescaling(1 / 255, offset=[1.0, 2.0, 3.0])),
    ((11, 12, 4), lambda: L.ZeroPadding2D(((1, 2), (3, 4)))),
    ((11, 4), lambda: L.ZeroPadding1D(2)),
    ((11, 12, 4), lambda: L.Cropping2D((1, 2))),
    ((11, 4), lambda: L.Cropping1D((1, 2))),
    ((11, 12, 4), lambda: L.UpSampling2D((2, 3), interpolation="bilinear")),
    ((11, 4), lambda: L.UpSampling1D(3)),
    ((11, 12, 4), lambda: L.Resizing(7, 9)),
    ((11, 12, 4), lambda: L.CenterCrop(7, 9)),
    ((11, 12, 4), lambda: L.RandomFlip()),
    ((11, 12, 4), lambda: L.SpatialDropout2D(0.3)),
    ((11, 12, 4), lambda: L.GaussianNoise(0.3)),
    ((11, 12, 4), lambda: L.ReLU(6.0)),
    ((11, 12, 4), lambda: L.LeakyReLU()),
    ((11, 12, 4), lambda: L.PReLU()),
    ((11, 12, 4), lambda: L.PReLU(shared_axes=[1, 2])),
    ((11, 12, 4), lambda: L.ELU()),
    ((11, 12, 4), lambda: L.Softmax(axis=2)),
    ((11, 12, 4), lambda: [L.Softmax(axis=1), L.Dense(3)]),
    ((11, 12, 4), lambda: L.Softmax(axis=(1, 2))),
    *[((11, 4), lambda name=name: L.Activation(name)) for name in (
        "relu", "relu6", "sigmoid", "tanh", "softmax", "softplus", "softsign", "elu", "selu", "gelu", "silu", "mish",
        "exponential", "hard_sigmoid", "hard_silu", "leaky_relu", "log_softmax", "log_sigmoid", "celu", "hard_tanh",
        "hard_shrink", "soft_shrink", "tanh_shrink", "linear",
    )],
    ((8,), lambda: L.Dense(5, activation="relu")),
    ((7, 8), lambda: L.Dense(5, use_bias=False)),
    ((6, 7, 8), lambda: L.Dense(5)),
    ((6, 7, 8), lambda: [L.Flatten(), L.Dense(5)]),
    ((6, 7, 8), lambda: [L.Reshape((-1, 8)), L.Dense(5)]),
    ((6, 8), lambda: [L.Permute((2, 1)), L.Conv1D(4, 3)]),
    ((6, 7, 8), lambda: [L.Permute((3, 1, 2)), L.Conv2D(4, 3)]),
    ((8,), lambda: [L.RepeatVector(5), L.LSTM(3)]),
    ((48,), lambda: [L.Reshape((4, 4, 3)), L.Conv2D(4, 3)]),
    ((12,), lambda: [L.Embedding(100, 8), L.GlobalAveragePooling1D(), L.Dense(2)]),
    ((12,), lambda: [L.Embedding(100, 8), L.Bidirectional(L.LSTM(5)), L.Dense(2)]),
    ((7, 4), lambda: L.LSTM(5, return_sequences=True)),
    ((7, 4), lambda: L.GRU(5)),
    ((7, 4), lambda: L.Bidirectional(L.GRU(5, return_sequences=True), merge_mode="ave")),
    ((5, 8, 9, 4), lambda: [L.TimeDistributed(L.Conv2D(6, 3, padding="same", strides=2)),
                            L.TimeDistributed(L.Flatten()), L.LSTM(3)]),
    ((5, 8, 9, 4), lambda: [L.TimeDistributed(L.MaxPooling2D(2)), L.TimeDistributed(L.GlobalAveragePooling2D()),
                            L.Dense(3)]),
    ((5, 8, 9, 4), lambda: [L.TimeDistributed(L.BatchNormalization()), L.TimeDistributed(L.Activation("relu"))]),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(LAYERS)))
def test_layers(number: int, tmp_path: Path) -> None:
    """Each class of layer by itself or with what usually follows."""
    shape, make = LAYERS[number]
    made = make()
    model = keras.Sequential([keras.Input(shape), *(made if isinstance(made, list) else [made])])
    assert check(model, tmp_path / "net.json").totals.macs == macs(model)


@pytest.mark.parametrize("make", [lambda: L.GRU(5, reset_after=False), lambda: L.SimpleRNN(5, use_bias=False)])
def test_steps(make: Any, tmp_path: Path) -> None:
    """With torch these run their first step once more, to see what it gives: eight times for seven steps."""
    model = keras.Sequential([keras.Input((7, 4)), make()])
    assert check(model, tmp_path / "net.json").totals.macs * 8 == macs(model) * 7


def attention() -> Any:
    """Queries and what is attended to, of different lengths and widths."""
    query, value = keras.Input((5, 12)), keras.Input((7, 8))
    attended = L.MultiHeadAttention(3, 4, value_dim=6)(query, value)
    return keras.Model([query, value], L.LayerNormalization()(L.Add()([query, attended])))


def luong() -> Any:
    """Attention without weights but a scale."""
    query, value = keras.Input((5, 8)), keras.Input((7, 8))
    return keras.Model([query, value], L.Attention(use_scale=True)([query, value]))


def siamese() -> Any:
    """A model used twice, and arithmetic with functions."""
    body = keras.Sequential([keras.Input((16, 16, 3)), L.Conv2D(4, 3, activation="relu"), L.GlobalAveragePooling2D()])
    left, right = keras.Input((16, 16, 3)), keras.Input((16, 16, 3))
    distance = keras.ops.sqrt(keras.ops.sum(keras.ops.square(body(left) - body(right)), axis=1, keepdims=True) + 1e-6)
    return keras.Model([left, right], L.Dense(1, activation="sigmoid")(distance))


def outputs_of_two() -> Any:
    """A nested functional model with two outputs, a slice, a transpose and several merges."""
    inner_in = keras.Input((8, 8, 4))
    a = L.Conv2D(4, 3, padding="same")(inner_in)
    inner = keras.Model(inner_in, [a, L.MaxPooling2D()(a)], name="inner")
    image = keras.Input((8, 8, 4))
    wide, narrow = inner(image)
    both = L.Concatenate()([L.UpSampling2D()(narrow), wide, L.Average()([wide, image]), L.Maximum()([wide, image])])
    part = keras.ops.transpose(both[:, 1:-1, ::2, :8], (0, 2, 1, 3))
    scaled = L.Multiply()([part, L.Dense(8)(L.GlobalAveragePooling2D()(part))])
    return keras.Model(image, [scaled, narrow, keras.ops.mean(both, axis=-1)])


def channel_shuffle() -> Any:
    """Reshaped, transposed and back; and concatenated along positions."""
    image = keras.Input((8, 9, 6))
    shuffled = L.Reshape((8, 9, 6))(L.Permute((1, 2, 4, 3))(L.Reshape((8, 9, 2, 3))(image)))
    return keras.Model(image, L.Concatenate(axis=1)([shuffled, image]))


def vision_transformer() -> Any:
    """Patches as tokens, attention among them, and a perceptron at each."""
    image = keras.Input((32, 32, 3))
    tokens = L.Reshape((-1, 16))(L.Conv2D(16, 8, strides=8)(image))
    normal = L.LayerNormalization()(tokens)
    tokens = tokens + L.MultiHeadAttention(2, 8)(normal, normal)
    tokens = L.Add()([tokens, L.Dense(16)(L.Dense(32, activation="gelu")(L.LayerNormalization()(tokens)))])
    return keras.Model(image, L.Dense(10)(L.GlobalAveragePooling1D()(tokens)))


MODELS = [attention, luong, siamese, outputs_of_two, channel_shuffle, vision_transformer]


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_models(make: Any, tmp_path: Path) -> None:
    """Several inputs and outputs, models in models, shared weights, attention, functions."""
    model = make()
    report = check(model, tmp_path / "net.json", nested=True)
    assert report.totals.macs == macs(model)
    live = vggcalc.from_keras(model).analyse()
    assert [(row.name, row.params, row.macs) for row in live.rows] == [
        (row.name, row.params, row.macs) for row in report.rows
    ]


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_saved_models(ending: str, tmp_path: Path) -> None:
    """A saved model with its weights, as an archive and as HDF5."""
    model = keras.Sequential([keras.Input((28, 28, 1)), L.Conv2D(4, 3), L.Flatten(), L.Dense(10)])
    model.save(tmp_path / f"net.{ending}")
    assert vggcalc.load(str(tmp_path / f"net.{ending}")).analyse().totals.params == model.count_params()


def test_hdf5_without_a_model(tmp_path: Path) -> None:
    """Weights alone, and files that are cut off or changed: one line each."""
    model = keras.Sequential([keras.Input((8,)), L.Dense(10)])
    model.save_weights(tmp_path / "net.weights.h5")
    with pytest.raises(vggcalc.SpecError, match="holds no model"):
        vggcalc.load(str(tmp_path / "net.weights.h5"))
    model.save(tmp_path / "net.h5")
    whole = (tmp_path / "net.h5").read_bytes()
    for place in range(0, len(whole), 97):
        (tmp_path / "bad.h5").write_bytes(whole[:place] + b"\xff\x00\xff" + whole[place + 3 :])
        with contextlib.suppress(vggcalc.VggcalcError):
            vggcalc.load(str(tmp_path / "bad.h5"))
