"""What a network takes to train and to run, by hand: its parts, the way back, and the largest batch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from texts import model

from vggcalc import Report, UsageError, load
from vggcalc.analysis.live import least_live, live
from vggcalc.conventions import count_memory
from vggcalc.conventions.footprint import (
    OPTIMIZERS,
    Footprint,
    Part,
    find_optimizers,
    inference,
    largest_batch,
    largest_inference,
    largest_training,
    training,
)

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
        "in passing": 832 - 320,
    }
    assert (found.peak, found.at) == (2 * 4 * 29 + 832, "b")
    assert found.largest.name == "in passing"


def test_way_back_where_a_layer_higher_up_is_larger() -> None:
    """a's 160 beside r's 160: 32 + 160 kept and 320 of gradients = 512 values at r; at b 192 + 160 + 16 = 368."""
    text = CHAIN.replace("conv1-3", "conv1-10").replace("conv1-5", "conv1-1")
    found = training(figures(text), OPTIMIZERS["sgd"])
    assert found.at == "r"
    assert parts(found)["activations"] == 4 * 192
    assert parts(found)["in passing"] == 4 * (512 - 192)


def test_way_back_of_a_residual() -> None:
    """The gradient of the shortcut waits for the path beside it.

    Kept: stem 32 (its input), a 48 (stem's output), r 48 (its output, b's input), fc 48 (the sum): 176. The way back,
    fc: 176 + 5 + 48 = 229. sum: 128 + 48 + 48 (b) + 48 (stem) = 272. b: 128 + 48 (stem waits) + 48 + 48 (r) = 272.
    r: 128 + 48 (stem) + 48 + 48 (a) = 272. a: 80 + 48 + 48 = 176. stem: 32 + 48 = 80. The first of 272 is the sum.
    """
    found = training(figures(RESIDUAL), OPTIMIZERS["sgd"])
    assert parts(found)["activations"] == 4 * 176
    assert (parts(found)["in passing"], found.at) == (4 * (272 - 176), "sum")


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
    assert (found.at, parts(found)["activations"], parts(found)["in passing"]) == ("c", 4 * 80, 4 * (224 - 80))


def test_way_back_in_16_bits() -> None:
    """In mixed precision the gradients of activations are in 16 bits as well: half of 832 bytes."""
    found = parts(training(figures(CHAIN), OPTIMIZERS["mixed"]))
    assert (found["activations"], found["in passing"]) == (160, 416 - 160)


def test_batch() -> None:
    """Of a batch only what depends on the images is so many times as much."""
    one, three = (training(figures(CHAIN, batch=batch), OPTIMIZERS["adam"]) for batch in (1, 3))
    assert (one.batch, three.batch) == (1, 3)
    for name in ("weights", "gradients", "optimizer"):
        assert parts(one)[name] == parts(three)[name]
    assert three.peak == 16 * 29 + 3 * 832


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
    text = """
family: f
input: 10x10x1
layers:
  - {conv1-2: {name: b}}
  - {conv1-8: {name: a1, from: input}}
  - {conv1-1: {name: a2}}
  - {concat: {name: both, from: [b, a2]}}
"""
    report = model(text).analyse()
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


def footprint(batch: int, peak: int | None) -> Footprint:
    """What something takes, made up."""
    return Footprint("made up", batch, (Part("all", peak, ""),), peak, "", () if peak is not None else ("rbf",))


@given(st.integers(0, 1000), st.integers(1, 1000), st.integers(0, 10**6))
@example(0, 1, 2)
@example(0, 1, 64)
@example(5, 7, 5 + 7 * 16)
def test_largest_batch_is_largest(fixed: int, each: int, limit: int) -> None:
    """Of what takes fixed + batch * each bytes (limit - fixed) // each fit, and what is told is that of this batch."""
    batch, found = largest_batch(lambda batch: footprint(batch, fixed + batch * each), limit)
    assert batch == max(0, (limit - fixed) // each)
    assert found == footprint(max(batch, 1), fixed + max(batch, 1) * each)


def test_largest_batch_asks_seldom() -> None:
    """A batch of ten million is found in fewer than sixty questions."""
    asked: list[int] = []

    def at(batch: int) -> Footprint:
        asked.append(batch)
        return footprint(batch, batch)

    assert largest_batch(at, 10_000_000)[0] == 10_000_000
    assert len(asked) < 60


@pytest.mark.parametrize(("limit", "batch"), [(16 * 29 + 831, 0), (16 * 29 + 832, 1), (16 * 29 + 833, 1)])
def test_nothing_fits(limit: int, batch: int) -> None:
    """A byte less than one image takes is too little: 0, and what one image would take."""
    found, at_one = largest_training(figures(CHAIN), OPTIMIZERS["adam"], limit)
    assert (found, at_one.batch, at_one.peak) == (batch, 1, 16 * 29 + 832)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adam8bit", "mixed"])
def test_largest_training(optimizer: str) -> None:
    """What is found fits into 24 GiB, and one image more does not, though the batch was asked for with another."""
    chosen, limit = OPTIMIZERS[optimizer], 24 * 2**30
    batch, found = largest_training(load("resnet50").analyse(training=True, batch=3), chosen, limit)
    more = load("resnet50").analyse(training=True, batch=batch + 1)
    assert found == training(load("resnet50").analyse(training=True, batch=batch), chosen)
    assert found.peak is not None
    assert found.peak <= limit < (training(more, chosen).peak or 0)


def test_largest_training_of_auxiliary_classifiers() -> None:
    """What runs in training alone is there at every batch that is tried."""
    report = load("googlenet-aux").analyse(training=True)
    batch, found = largest_training(report, OPTIMIZERS["sgd"], 2**30)
    again = load("googlenet-aux").analyse(training=True, batch=batch)
    assert found == training(again, OPTIMIZERS["sgd"])


def test_largest_inference() -> None:
    """VGG-16 in a gibibyte: 553,430,176 bytes of weights, and 25,690,112 for each image: 20 of them."""
    assert (2**30 - 553_430_176) // 25_690_112 == 20
    batch, found = largest_inference(load("vgg16").analyse(), 2**30)
    assert (batch, found.batch, found.peak) == (20, 20, 553_430_176 + 20 * 25_690_112)


def test_largest_batch_keeps_the_input() -> None:
    """A batch is sought at the size and in the format that were asked for."""
    report = load("vgg11").analyse(input=128, dtype="float16", training=True)
    batch, found = largest_training(report, OPTIMIZERS["sgd"], 8 * 2**30)
    again = load("vgg11").analyse(input=128, dtype="float16", training=True, batch=batch)
    assert found == training(again, OPTIMIZERS["sgd"])


# What is unknown


def test_unknown_kinds() -> None:
    """Where nobody knows what a layer keeps, the parts that depend on it and the peak are unknown, and it is named."""
    found = training(figures(UNKNOWN), OPTIMIZERS["adam"])
    assert found.unknown == ("rbf",)
    assert (parts(found)["activations"], parts(found)["in passing"], found.peak) == (None, None, None)
    weights = parts(found)["weights"]
    assert weights is not None
    assert parts(found)["optimizer"] == 2 * weights
    assert found.largest.name == "buffers"  # the 3 * 48 fixed centres; the unknown is not taken for the largest
    assert inference(figures(UNKNOWN)).peak is not None


def test_no_batch_of_unknown_kinds() -> None:
    """No batch can be found for what takes nobody knows how much."""
    with pytest.raises(ValueError, match="the memory of rbf is unknown"):
        largest_training(figures(UNKNOWN), OPTIMIZERS["adam"], 2**40)


def test_training_heads_outside_of_training() -> None:
    """In a report on inference the auxiliary classifiers hold neither maps nor gradients, but their weights."""
    running, both = (load("googlenet-aux").analyse(training=asked) for asked in (False, True))
    alone = load("googlenet").analyse()
    own, without = (training(report, OPTIMIZERS["sgd"]) for report in (running, alone))
    assert parts(own)["activations"] == parts(without)["activations"]
    assert parts(own)["in passing"] == parts(without)["in passing"]
    more = parts(training(both, OPTIMIZERS["sgd"]))["activations"]
    assert more is not None
    assert more > (parts(own)["activations"] or 0)


def test_no_gradients_where_nobody_asks() -> None:
    """Above the first parameters no gradients flow: pooling comes first, and the way back ends at `a`.

    p 2*2*2 = 8 is kept by a; a's gradient 12: 20 values.
    """
    found = training(figures("{family: f, input: 4x4x2, layers: [maxpool, conv1-3]}"), OPTIMIZERS["sgd"])
    assert parts(found)["activations"] == 4 * 8
    assert parts(found)["in passing"] == 4 * 12
