"""What a network takes to train and to run, by hand: its parts, the way back, and the largest batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_live import BRANCHES
from texts import model

from vggcalc import Report, UsageError, load
from vggcalc.conventions import count_memory
from vggcalc.memory import footprint as module
from vggcalc.memory.footprint import Fit, Footprint, Training, inference, largest_inference, training
from vggcalc.memory.keeps import KEEPS
from vggcalc.memory.live import least_live, live
from vggcalc.memory.moments import Moment, moments
from vggcalc.memory.optimizers import OPTIMIZERS, Optimizer, find_optimizers, is_trainable
from vggcalc.memory.saved import Kept, keeping


def every_moment(report: Report) -> list[Moment]:
    """Each moment of a training in float32."""
    return [*moments(report, keeping(report), "float32")]


CHAIN = """
family: f
input: 4x4x2
layers:
  - {conv1-3: {name: a}}
  - {relu: {name: r}}
  - {conv1-5: {name: b}}
"""
"""9 and 20 parameters. Kept: a's input of 32 values, r's output of 48."""

RESIDUAL = """
family: f
input: 4x4x2
layers:
  - {conv1-3: {name: stem}}
  - {conv1-3: {name: a}}
  - {relu: {name: r}}
  - {conv1-3: {name: b}}
  - {add: {name: sum, from: [b, stem]}}
  - {fc-5: {name: fc}}
"""

UNKNOWN = """
family: f
input: 4x4x2
layers:
  - {conv1-3: {name: a}}
  - {rbf: {name: out, out_features: 3}}
"""


def figures(text: str, **asked: Any) -> Report:
    """What a spec's text is in training."""
    return model(text).analyse(training=True, **asked)


def largest_training(report: Report, optimizer: Optimizer, limit: int) -> Fit:
    """The largest batch of a training."""
    return Training(report).largest(optimizer, limit)


def parts(footprint: Footprint) -> dict[str, int | None]:
    """The parts by name."""
    return {part.name: part.taken for part in footprint.parts}


# Weights, gradients, optimizer


@pytest.mark.parametrize(
    ("name", "state"), [("sgd", 0), ("momentum", 4), ("adam", 8), ("adamw", 8)], ids=lambda value: str(value)
)
def test_bytes_per_parameter(name: str, state: int) -> None:
    """Four bytes of weight and four of gradient for each of 138,357,544 parameters, and what the optimizer keeps."""
    found = parts(training(load("vgg16").analyse(), OPTIMIZERS[name]))
    assert found["weights"] == found["gradients"] == 553_430_176
    assert found["optimizer"] == 138_357_544 * state
    assert "master weights" not in found
    assert found["buffers"] == 0


def test_mixed_precision() -> None:
    """2 bytes of weight, 2 of gradient, 4 of master weight and 8 of Adam's state: 16 for each parameter."""
    params = 138_357_544
    report = load("torchvision/vgg16").analyse()
    mixed, adam = (parts(training(report, OPTIMIZERS[name])) for name in ("mixed", "adam"))
    names = ("weights", "gradients", "master weights", "optimizer")
    assert [mixed[name] for name in names] == [2 * params, 2 * params, 4 * params, 8 * params]
    # Kept in 16 bits: half of it, but for the int64 indices of five poolings
    indices = 8 * (112 * 112 * 64 + 56 * 56 * 128 + 28 * 28 * 256 + 14 * 14 * 512 + 7 * 7 * 512)
    assert adam["activations"] == 73_355_264
    assert mixed["activations"] == (73_355_264 - indices) // 2 + indices


def test_mixed_precision_of_batch_norm() -> None:
    """Running statistics and those of the batch stay in 32 bits: 3 + 3 and a count of batches, and 2 * 3."""
    text = CHAIN.replace("  - {relu: {name: r}}\n", "  - {batchnorm: {name: n}}\n  - {relu: {name: r}}\n")
    found = parts(training(figures(text), OPTIMIZERS["mixed"]))
    assert found["buffers"] == 4 * 7
    assert found["activations"] == 2 * (32 + 48 + 48) + 4 * 6


def test_adam8bit() -> None:
    """Two values of a byte and a scale of four for each begun block of 256; small tensors stay in 32 bits.

    64*64*1*1 = 4,096 weights are 16 blocks: 2 * (4,096 + 64); 64 biases: 2 * 4 * 64. 64*65 = 4,160 are 17 blocks, the
    last of 64: 2 * (4,160 + 68); 65 biases. 65*63 = 4,095 is too small: 2 * 4 * 4,095; 63 biases.
    """
    text = "{family: f, input: 1x1x64, layers: [conv1-64, conv1-65, conv1-63]}"
    expected = 2 * (4096 + 4 * 16) + 2 * (4160 + 4 * 17) + 8 * 4095 + 8 * (64 + 65 + 63)
    assert parts(training(figures(text), OPTIMIZERS["adam8bit"]))["optimizer"] == expected


def test_buffers_have_no_optimizer_state() -> None:
    """Of batch normalisation scale and shift are trained, the running statistics are not."""
    text = "{family: f, input: 4x4x2, layers: [batchnorm]}"
    found = parts(training(figures(text), OPTIMIZERS["adam"]))
    assert (found["weights"], found["gradients"], found["optimizer"]) == (16, 16, 32)
    assert found["buffers"] == 4 * 5  # mean and variance of two channels, and the count of batches


def test_shared_weights_count_once() -> None:
    """Two layers with the same weights have one tensor, one gradient and one state."""
    text = """
family: f
input: {left: 4x4x2, right: 4x4x2}
layers:
  - {conv1-3: {name: a, from: left}}
  - {conv1-3: {name: b, from: right, share: a}}
  - {add: {from: [a, b]}}
"""
    found = parts(training(figures(text), OPTIMIZERS["adam"]))
    assert (found["weights"], found["optimizer"]) == (36, 72)
    assert found["activations"] == 4 * 64  # of both images the input


def test_find_optimizers() -> None:
    """All where none is named, those that are in their order, and an error with a proposal for one that is not."""
    assert find_optimizers([]) == list(OPTIMIZERS.values())
    assert [each.name for each in find_optimizers(["adam", "sgd"])] == ["adam", "sgd"]
    with pytest.raises(UsageError, match="there is no optimizer 'adma'") as error:
        find_optimizers(["adma"])
    assert "adam" in (error.value.problems[0].hint or "")


# The way back


def test_way_back_of_a_chain() -> None:
    """Every layer has what is still kept beside the gradients of its output and its input.

    b: 80 kept, gradients of 80 and 48 = 208. r: 80 kept, 48 and 48 = 176. a: 32 kept, 48 of its own, and none of the
    input, which nobody asks for = 80. The most is 208 values at b: 832 bytes.
    """
    found = training(figures(CHAIN), OPTIMIZERS["sgd"])
    assert parts(found) == {
        "weights": 4 * 29,
        "buffers": 0,
        "gradients": 4 * 29,
        "optimizer": 0,
        "activations": 4 * 80,
        "activation gradients": 832 - 320,
    }
    assert (found.peak, found.at) == (2 * 4 * 29 + 832, "b")
    assert found.largest.name == "activation gradients"


def test_way_back_where_a_layer_higher_up_is_larger() -> None:
    """a's 160 beside r's 160: 32 + 160 kept and 320 of gradients = 512 values at r; at b 192 + 160 + 16 = 368."""
    text = CHAIN.replace("conv1-3", "conv1-10").replace("conv1-5", "conv1-1")
    found = training(figures(text), OPTIMIZERS["sgd"])
    assert found.at == "r"
    assert parts(found)["activations"] == 4 * 192
    assert parts(found)["activation gradients"] == 4 * (512 - 192)


def test_way_back_of_a_residual() -> None:
    """The gradient of the shortcut waits for the path beside it.

    Kept: stem 32 (its input), a 48 (stem's output), r 48 (its output, b's input), fc 48 (the sum): 176. The way back,
    fc: 176 + 5 + 48 = 229. sum: 128 + 48 + 48 (b) + 48 (stem) = 272. b: 128 + 48 (stem waits) + 48 + 48 (r) = 272.
    r: 128 + 48 (stem) + 48 + 48 (a) = 272. a: 80 + 48 + 48 = 176. stem: 32 + 48 = 80. The first of 272 is the sum.
    """
    found = training(figures(RESIDUAL), OPTIMIZERS["sgd"])
    assert parts(found)["activations"] == 4 * 176
    assert (parts(found)["activation gradients"], found.at) == (4 * (272 - 176), "sum")


def test_way_back_of_two_heads() -> None:
    """The gradients of both outputs are there from the start, though only one of them is at work.

    a keeps 32, b a's 48, and c the same: 80. At c: 80, the gradients of b 16, of c 80 and of a 48 = 224 values.
    """
    text = """
family: f
input: 4x4x2
layers:
  - {conv1-3: {name: a}}
  - {conv1-1: {name: b}}
  - {conv1-5: {name: c, from: a}}
"""
    found = training(figures(text), OPTIMIZERS["sgd"])
    assert (found.at, parts(found)["activations"], parts(found)["activation gradients"]) == (
        "c",
        4 * 80,
        4 * (224 - 80),
    )


def test_way_back_in_16_bits() -> None:
    """In mixed precision the gradients of activations are in 16 bits as well: half of 832 bytes."""
    found = parts(training(figures(CHAIN), OPTIMIZERS["mixed"]))
    assert (found["activations"], found["activation gradients"]) == (160, 416 - 160)


def test_batch() -> None:
    """Of a batch only what depends on the images is so many times as much."""
    one, three = (training(figures(CHAIN, batch=batch), OPTIMIZERS["adam"]) for batch in (1, 3))
    assert (one.batch, three.batch) == (1, 3)
    for name in ("weights", "gradients", "optimizer"):
        assert parts(one)[name] == parts(three)[name]
    assert three.peak == 16 * 29 + 3 * 832


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vgg16", "resnet50", "googlenet", "densenet121", "mobilenet_v2", "unet"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_parts_make_the_peak(name: str, optimizer: str) -> None:
    """The parts add up to the peak, and what is kept is what `saved` says, in the format of the activations."""
    report = load(name).analyse(training=True)
    found = training(report, OPTIMIZERS[optimizer])
    assert found.unknown == ()
    assert found.peak == sum(part.taken or 0 for part in found.parts)
    assert found.at in {row.name for row in report.rows}
    kept = count_memory(report._replace(dtype="float16" if optimizer == "mixed" else "float32"), "saved")
    assert parts(found)["activations"] == kept.total_bytes


# The way forth


def test_way_forth_before_all_parameters() -> None:
    """A large map that needs no gradient: 8*8*2 = 128 values beside the 32 that it is made of, at `up`.

    At a, which keeps the pooled 32, and back again it is far less: 32 + 128, 32 + 48 and 32 + 48 values.
    """
    text = """
family: f
input: 4x4x2
layers:
  - {upsample2: {name: up}}
  - {maxpool: {name: p}}
  - {conv1-3: {name: a}}
"""
    found = training(figures(text), OPTIMIZERS["sgd"])
    assert (found.at, parts(found)["activations"], parts(found)["activation gradients"]) == ("up", 4 * 160, 0)
    assert found.peak == 2 * 4 * 9 + 4 * 160


def test_way_forth_keeps_what_is_alive_once() -> None:
    """a's output is kept by relu6, and alive beside its own, which b keeps: 96; with a's input 32 and 5 of b.

    The way back has 32 + 48 + 48 at b, its 80 and 48 of relu6: 256, which is more than 32 + 48 + 48 + 80 forth.
    """
    text = CHAIN.replace("{relu: {name: r}}", "{relu6: {name: r, inplace: false}}")
    forth = [moment for moment in every_moment(figures(text)) if not moment.is_back]
    assert [(moment.layer, moment.taken // 4) for moment in forth] == [
        ("input", 32),
        ("a", 80),
        ("r", 128),
        ("b", 208),
    ]
    assert training(figures(text), OPTIMIZERS["sgd"]).peak == 2 * 116 + 4 * 256


def test_way_forth_with_what_is_no_output() -> None:
    """A mask of dropout, int64 indices of pooling: of 32 values each 32 floats, 8 indices of 8 bytes each."""
    text = "{family: f, input: 4x4x2, layers: [{conv1-2: {name: c}}, {dropout: {name: d}}, {maxpool: {name: m}}]}"
    forth = [moment for moment in every_moment(figures(text)) if not moment.is_back]
    assert [moment.taken for moment in forth] == [128, 256, 128 + 128 + 128 + 128, 128 + 128 + 128 + 32 + 64]


def test_training_without_parameters() -> None:
    """Where nothing is trained, training is the way forth, dropout's own map and all: 32 values, and 32."""
    text = "{family: f, input: 4x4x2, layers: [{dropout: {name: d}}, {maxpool: {name: p}}]}"
    found = training(figures(text), OPTIMIZERS["adam"])
    assert (found.at, found.peak, parts(found)["activations"]) == ("d", 4 * 64, 4 * 64)
    assert parts(found)["activation gradients"] == 0
    assert found.largest.name == "activations"
    assert largest_training(figures(text), OPTIMIZERS["adam"], 1024)[0] == 4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vgg16", "resnet50", "unet", "mobilenet_v2", "densenet121", "yolov3"])
def test_training_takes_no_less_than_the_way_forth(name: str) -> None:
    """No less than an inference in the same order, and no less than all that is saved."""
    report = load(name).analyse(training=True)
    found = training(report, OPTIMIZERS["sgd"])
    taken = (parts(found)["activations"] or 0) + (parts(found)["activation gradients"] or 0)
    assert taken >= 4 * live(report).peak
    assert taken >= (count_memory(report, "saved").total_bytes or 0)


@pytest.mark.parametrize(
    ("dtype", "expected"), [("float32", True), ("float8", True), ("bfloat16", True), ("int8", False), ("int4", False)]
)
def test_what_can_be_trained(dtype: str, expected: bool) -> None:
    """Integers have no gradients."""
    assert is_trainable(dtype) is expected


# Inference


def test_inference() -> None:
    """Weights, running statistics and the peak of `live`: 4 * (29 + 128), where b reads 48 and writes 80."""
    found = inference(model(CHAIN).analyse())
    assert parts(found) == {"weights": 116, "buffers": 0, "activations": 512}
    assert (found.name, found.peak, found.at) == ("inference", 628, "b")


def test_inference_with_running_statistics() -> None:
    """Batch normalisation of two channels: 4 trained values, 5 stored ones, and a map beside its input."""
    found = inference(model("{family: f, input: 4x4x2, layers: [batchnorm]}").analyse())
    assert parts(found) == {"weights": 16, "buffers": 20, "activations": 4 * 64}
    assert found.peak == 16 + 20 + 256


def test_inference_in_the_best_order() -> None:
    """In the best order it takes no more, and less where there is a better one: 1,100 against 1,000 values."""
    report = model(BRANCHES).analyse()
    assert (parts(inference(report))["activations"], inference(report).at) == (4400, "a1")
    best = inference(report, best=True)
    assert (best.name, parts(best)["activations"], best.at) == ("best order", 4000, "a2")


def test_inference_in_8_bits() -> None:
    """A byte for each weight and value: what a microcontroller asks for."""
    found = inference(load("mobilenet_v2").analyse(dtype="int8"))
    report = load("mobilenet_v2").analyse()
    assert parts(found)["weights"] == report.totals.params
    assert parts(found)["activations"] == live(report).peak
    assert least_live(report).peak <= live(report).peak


# The largest batch


MIXTURE = """
family: f
input: 6x6x2
layers:
  - upsample2
  - {conv3-3: {padding: 1, norm: batchnorm}}
  - {dropout: {}}
  - maxpool
  - {relu6: {}}
  - lrn
  - fc-4
"""
"""What does not grow with the batch, what has a format of its own, and a map that is large before all parameters."""


@pytest.mark.slow
@given(st.sampled_from([*OPTIMIZERS]), st.sampled_from(["float32", "float16", "float64"]), st.integers(0, 10**5))
@settings(max_examples=60, deadline=None)
def test_largest_batch_is_largest(name: str, dtype: str, limit: int) -> None:
    """What is told is that of the batch itself, and one image more is too much."""
    report, optimizer = figures(MIXTURE, dtype=dtype), OPTIMIZERS[name]
    batch, found, is_more = largest_training(report, optimizer, limit)
    assert found == training(figures(MIXTURE, dtype=dtype, batch=max(batch, 1)), optimizer)
    assert not is_more
    assert batch == 0 or (found.peak or 0) <= limit
    assert (training(figures(MIXTURE, dtype=dtype, batch=batch + 1), optimizer).peak or 0) > limit


@pytest.mark.slow
@given(st.sampled_from(["float32", "int8", "int4"]), st.integers(0, 10**4))
@settings(max_examples=60, deadline=None)
def test_largest_inference_is_largest(dtype: str, limit: int) -> None:
    """The same of inference, where half a byte may be left over."""
    batch, found, is_more = largest_inference(model(CHAIN).analyse(dtype=dtype), limit)
    assert found == inference(model(CHAIN).analyse(dtype=dtype, batch=max(batch, 1)))
    assert not is_more
    assert batch == 0 or (found.peak or 0) <= limit
    assert (inference(model(CHAIN).analyse(dtype=dtype, batch=batch + 1)).peak or 0) > limit


def test_a_billion_is_the_most() -> None:
    """No batch can be asked for that is larger: if that fits as well, it is said; 2 * 116 + 832 bytes an image."""
    most = 10**9
    for fits, more in ((most, False), (most + 1, True), (most + 10**6, True)):
        found = largest_training(figures(CHAIN), OPTIMIZERS["sgd"], 2 * 116 + 832 * fits)
        assert (found.batch, found.is_more, found.footprint.peak) == (most, more, 2 * 116 + 832 * most)
        running = largest_inference(model(CHAIN).analyse(), 116 + 512 * fits)
        assert (running.batch, running.is_more, running.footprint.peak) == (most, more, 116 + 512 * most)


def test_what_optimizers_have_in_common_is_reckoned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One image and two of each number format, and each batch that was found: no search."""
    asked: list[tuple[int, str]] = []

    def counting(report: Report, kept: list[Kept], dtype: str) -> Iterator[Moment]:
        asked.append((report.batch, dtype))
        return moments(report, kept, dtype)

    monkeypatch.setattr(module, "moments", counting)
    found = Training(figures(CHAIN))
    fits = {found.largest(optimizer, 2**20).batch for optimizer in OPTIMIZERS.values()}
    assert {batch for batch, _ in asked} == {1, 2} | fits
    assert len(asked) == len(set(asked)) == 4 + len(fits)


@pytest.mark.parametrize(("limit", "batch"), [(16 * 29 + 831, 0), (16 * 29 + 832, 1), (16 * 29 + 833, 1)])
def test_nothing_fits(limit: int, batch: int) -> None:
    """A byte less than one image takes is too little: 0, and what one image would take."""
    found, at_one, _ = largest_training(figures(CHAIN), OPTIMIZERS["adam"], limit)
    assert (found, at_one.batch, at_one.peak) == (batch, 1, 16 * 29 + 832)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adam8bit", "mixed"])
def test_largest_training(optimizer: str) -> None:
    """What is found fits into 24 GiB, and one image more does not, though the batch was asked for with another."""
    chosen, limit = OPTIMIZERS[optimizer], 24 * 2**30
    batch, found, _ = largest_training(load("resnet50").analyse(training=True, batch=3), chosen, limit)
    more = load("resnet50").analyse(training=True, batch=batch + 1)
    assert found == training(load("resnet50").analyse(training=True, batch=batch), chosen)
    assert found.peak is not None
    assert found.peak <= limit < (training(more, chosen).peak or 0)


@pytest.mark.slow
def test_largest_training_of_auxiliary_classifiers() -> None:
    """What runs in training alone is there at every batch that is tried."""
    report = load("googlenet-aux").analyse(training=True)
    batch, found, _ = largest_training(report, OPTIMIZERS["sgd"], 2**30)
    again = load("googlenet-aux").analyse(training=True, batch=batch)
    assert found == training(again, OPTIMIZERS["sgd"])


def test_largest_inference() -> None:
    """VGG-16 in a gibibyte: 553,430,176 bytes of weights, and 25,690,112 for each image: 20 of them."""
    assert (2**30 - 553_430_176) // 25_690_112 == 20
    batch, found, _ = largest_inference(load("vgg16").analyse(), 2**30)
    assert (batch, found.batch, found.peak) == (20, 20, 553_430_176 + 20 * 25_690_112)


def test_largest_batch_keeps_the_input() -> None:
    """A batch is sought at the size and in the format that were asked for."""
    report = load("vgg11").analyse(input=128, dtype="float16", training=True)
    batch, found, _ = largest_training(report, OPTIMIZERS["sgd"], 8 * 2**30)
    again = load("vgg11").analyse(input=128, dtype="float16", training=True, batch=batch)
    assert found == training(again, OPTIMIZERS["sgd"])


# What is unknown


def test_unknown_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody knows what a layer keeps, the parts that depend on it and the peak are unknown, and it is named."""
    monkeypatch.delitem(KEEPS, "rbf")
    found = training(figures(UNKNOWN), OPTIMIZERS["adam"])
    assert found.unknown == ("rbf",)
    assert (parts(found)["activations"], parts(found)["activation gradients"], found.peak) == (None, None, None)
    weights = parts(found)["weights"]
    assert weights is not None
    assert parts(found)["optimizer"] == 2 * weights
    assert found.largest.name == "buffers"  # the 3 * 48 fixed centres; the unknown is not taken for the largest
    assert inference(figures(UNKNOWN)).peak is not None


def test_no_batch_of_unknown_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """No batch can be found for what takes nobody knows how much."""
    monkeypatch.delitem(KEEPS, "rbf")
    with pytest.raises(ValueError, match="the memory of rbf is unknown"):
        largest_training(figures(UNKNOWN), OPTIMIZERS["adam"], 2**40)


@pytest.mark.slow
def test_training_heads_outside_of_training() -> None:
    """In a report on inference the auxiliary classifiers hold neither maps nor gradients, but their weights."""
    running, both = (load("googlenet-aux").analyse(training=asked) for asked in (False, True))
    alone = load("googlenet").analyse()
    own, without = (training(report, OPTIMIZERS["sgd"]) for report in (running, alone))
    assert parts(own)["activations"] == parts(without)["activations"]
    assert parts(own)["activation gradients"] == parts(without)["activation gradients"]
    more = parts(training(both, OPTIMIZERS["sgd"]))["activations"]
    assert more is not None
    assert more > (parts(own)["activations"] or 0)


def test_no_gradients_where_nobody_asks() -> None:
    """Above the first parameters no gradients flow: pooling comes first, and the way back ends at `a`.

    p 2*2*2 = 8 is kept by a; a's gradient 12: 20 values. On the way forth p reads 32 and writes 8: 40.
    """
    report = figures("{family: f, input: 4x4x2, layers: [{maxpool: {name: p}}, {conv1-3: {name: a}}]}")
    back = [moment for moment in every_moment(report) if moment.is_back]
    assert [(moment.layer, moment.taken) for moment in back] == [("a", 4 * 20)]
    assert (training(report, OPTIMIZERS["sgd"]).at, count_memory(report, "saved").total) == ("p", 8)
