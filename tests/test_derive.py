"""Derivations of a layer's figures, each by hand: what stands in a line and when it stands there."""

import pytest

from vggcalc.analysis import analyse
from vggcalc.analysis.derive import derive
from vggcalc.layers.base import Formula
from vggcalc.model import load

TRUNK = "family: f\ninput: 12x12x3\nlayers:\n"


def lines(layers: str, **question: object) -> dict[str, Formula]:
    """Of the last layer of a network: symbols, numbers, value and note of each line, by its figure."""
    report = load(TRUNK + layers).analyse(**question)
    return {line.figure: line.formula for line in derive(report, report.rows[-1]).lines}


@pytest.mark.parametrize(
    ("layers", "note"),
    [
        ("- upsample2", "1 pixel every 2 units"),
        ("- maxpool3/3\n- upsample2", "3 pixels every 2 units"),  # a unit stands for 3 pixels, each of them twice
        ("- maxpool2", ""),
    ],
)
def test_a_jump_that_is_no_whole_number(layers: str, note: str) -> None:
    """Units that look at the same pixel stand still, and move on together."""
    assert lines(layers)["jump"].note == note


def test_a_batch_is_multiplied() -> None:
    """12*12*8*27 = 31,104 for an image, 62,208 for two; a layer that multiplies nothing has no batch in its zero."""
    one, two = (lines("- conv3-8: {padding: 1}", batch=batch)["macs"] for batch in (1, 2))
    assert (one.value, two.value) == (31_104, 62_208)
    assert "batch" not in one.symbols
    assert (two.symbols, two.numbers) == (f"batch * {one.symbols}", f"2 * {one.numbers}")
    assert "batch" not in lines("- maxpool2", batch=2)["macs"].symbols


@pytest.mark.parametrize(
    ("second", "note"),
    [
        ("conv3-8: {padding: 1, share: a, name: b}", "those of a, counted there"),
        ("relu: {share: c, name: b}", "it has none"),
    ],
)
def test_shared_weights_are_counted_where_they_stand(second: str, note: str) -> None:
    """Those of another layer are no parameters again; a layer without any has none to share."""
    params = lines(f"- conv3-3: {{padding: 1, name: a}}\n- relu: {{name: c}}\n- {second.replace('conv3-8', 'conv3-3')}")
    assert (params["params"].value, params["params"].note) == (0, note)


def test_a_layer_of_training_does_no_work() -> None:
    """An auxiliary classifier's MACs and map are none at inference, and are its own in training."""
    for training, works in ((False, False), (True, True)):
        report = load("googlenet-aux").analyse(training=training)
        row = next(row for row in report.rows if row.name.startswith("aux1") and row.layer.role == "conv")
        told = {line.figure: line.formula for line in derive(report, row).lines}
        assert (bool(told["macs"].value), bool(told["activations"].value)) == (works, works)
        assert (told["macs"].note == "runs in training alone: no work at inference") is not works


def test_a_network_is_looked_at_as_it_runs() -> None:
    """At inference, unless training is asked for."""
    network = load("googlenet-aux").network
    assert analyse(network).totals.macs == analyse(network, training=False).totals.macs
    assert analyse(network).totals.macs != analyse(network, training=True).totals.macs


def test_a_jump_that_no_layer_multiplies() -> None:
    """Six units a pixel apart beside six that are two apart: who reads one of both has its jump, not that of both."""
    paths = "[[conv7-3], [maxpool2]]"  # 12 - 7 + 1 = 12/2 = 6
    near, far = (
        lines(f"- branches: {{merge: concat, paths: {paths}}}\n- slice: {{{part}}}")["jump"]
        for part in ("stop: 3", "start: 3")
    )
    assert (near.value, far.value) == (1, 2)
    assert {near.symbols, far.symbols} == {"j", "j * s"}


def test_what_spreads_its_input_out_has_no_recurrence_of_the_textbook() -> None:
    """Every second unit of a transposed convolution of one tap sees a pixel, its own; those between see none."""
    found = lines("- convtranspose1-4/2")
    assert (found["padding"].symbols, found["padding"].value) == ("-(first pixel of unit 0)", 0)
    assert (found["rf"].symbols, found["rf"].numbers) == ("last - first + 1", "0 - 0 + 1")


def test_the_textbooks_recurrences() -> None:
    """r = r + (k - 1) j and P = P + p j, while all units see alike; else from the first pixel and the last."""
    told = lines("- conv3-4: {padding: 1}\n- conv3-4: {padding: 1, stride: 2}\n- conv5-4: {padding: 2}")
    assert (told["rf"].symbols, told["rf"].numbers, told["rf"].value) == ("r + (k - 1)*j", "5 + (5 - 1)*2", 13)
    assert (told["padding"].symbols, told["padding"].numbers, told["padding"].value) == ("P + p*j", "2 + 2*2", 6)
    told = lines("- upsample2\n- conv3-4: {padding: 1}")  # units 0 and 1 look at the same pixel
    assert told["rf"].symbols == "last - first + 1"
    assert (told["padding"].symbols, told["padding"].value) == ("-(first pixel of unit 0)", 1)


def test_what_is_seen_everywhere_is_in_no_recurrence() -> None:
    """Behind a gate each unit sees the whole map besides: 12 pixels, the first of them 0, and 1 of the padding."""
    told = lines("- branches: {merge: multiply, paths: [[identity], [globalavgpool]]}\n- conv3-4: {padding: 1}")
    assert told["rf"].symbols == "last - first + 1"
    assert (told["padding"].symbols, told["padding"].value) == ("-(first pixel of unit 0)", 1)
    told = lines("- branches: {merge: multiply, paths: [[identity], [globalavgpool]]}\n- conv1-4")
    assert told["rf"].symbols == "last - first + 1"


def test_what_is_stored_and_not_trained_is_said() -> None:
    """Running statistics are no parameters; scales are."""
    told = lines("- batchnorm")
    assert (told["buffers"].note, told["weights"].note) == ("not trained, no params", "")


def test_what_runs_in_place_says_so() -> None:
    """Its output takes no memory of its own."""
    told = lines("- relu")["activations"]
    assert (told.value, told.note) == (0, "runs in place: its output takes its input's memory")
