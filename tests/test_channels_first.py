"""Inputs as other libraries write them: with the channels first, with a batch, without channels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import texts
from click.testing import CliRunner
from texts import known

from vggcalc import SpecError, UsageError, load
from vggcalc.claims.check import check
from vggcalc.claims.table import read_table
from vggcalc.cli import cli
from vggcalc.errors import Source
from vggcalc.language.single import single_layer
from vggcalc.shape import Shape, fit_shape, parse_shape

REFUSED = [
    # the declared input, what is asked, what is said
    ("224x224x3", "3x96x96", "3x96x96 puts the 3 channels first; write 96x96x3"),
    ("32x32x1", "1x28x28", "1x28x28 puts the 1 channel first; write 28x28x1"),
    ("16000x1", "1x8000", "1x8000 puts the 1 channel first; write 8000x1"),
    ("16x112x112x3", "3x8x56x56", "3x8x56x56 puts the 3 channels first; write 8x56x56x3"),
    ("224x224x3", "8x3x96x96", "8x3x96x96 puts a batch of 8 and the 3 channels first; write 96x96x3, and the batch"),
    ("16000x1", "4x1x8000", "4x1x8000 puts a batch of 4 and the 1 channel first; write 8000x1, and the batch apart"),
]


@pytest.mark.parametrize(("declared", "text", "message"), REFUSED)
def test_declared_channels_that_stand_first(declared: str, text: str, message: str) -> None:
    """PyTorch's order is told apart by the declared channels, on any number of axes."""
    with pytest.raises(UsageError) as raised:
        fit_shape(text, parse_shape(declared))
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("declared", "text", "channels"),
    [
        ("224x224x3", "96x96x3", 3),
        ("224x224x3", "96x96x1", 1),  # other channels, last
        ("224x224x3", "3x96x3", 3),  # three high and three channels: nothing says that it is meant otherwise
        ("32x32x3", "4x64x64", 64),  # another number of channels is nobody's order
        ("16000x1", "8000x2", 2),
    ],
)
def test_shapes_that_are_as_they_stand(declared: str, text: str, channels: int) -> None:
    """Whatever may be meant as it stands is taken so."""
    assert fit_shape(text, parse_shape(declared)).channels == channels


@pytest.mark.parametrize("given", ["3x96x96", (3, 96, 96), [3, 96, 96], {"input": "3x96x96"}])
def test_every_door_refuses_it(given: str | Sequence[int] | dict[str, str]) -> None:
    """In Python as a text, as numbers and by name."""
    with pytest.raises(UsageError, match="3x96x96 puts the 3 channels first; write 96x96x3"):
        load("mobilenet_v2").analyse(input=given)


def test_a_shape_has_its_axes_by_name() -> None:
    """A Shape knows which number is the channels': no order is to be guessed."""
    assert str(load("mobilenet_v2").analyse(input=Shape(3, (96, 64))).rows[0].output) == "96x64x3"


@pytest.mark.parametrize("model", ["mobilenet_v2 --input 3x96x96", "mobilenet_v2,input=3x96x96"])
def test_the_command_line_refuses_it(model: str) -> None:
    """Nothing is computed of a map that nobody means."""
    done = CliRunner().invoke(cli, ["show", *model.split()])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "vggcalc: 3x96x96 puts the 3 channels first; write 96x96x3\n"


def test_a_claim_is_told_in_its_place() -> None:
    """The fault stands where the input does."""
    with pytest.raises(SpecError) as raised:
        check(read_table(Source("t.yaml", "model: mobilenet_v2\ninput: 3x96x96\nclaims: {macs: 1}\n")))
    assert str(raised.value).startswith("t.yaml:2:8: 3x96x96 puts the 3 channels first; write 96x96x3")


@pytest.mark.parametrize(
    ("declared", "meant"),
    [("3x32x48", "32x48x3"), ("1x28x30", "28x30x1"), ("8x3x32x40", "32x40x3"), ("32x32", "32x32x3")],
)
def test_a_spec_whose_layers_do_not_fit_its_input(declared: str, meant: str) -> None:
    """Where the layers of a spec do not fit what it declares, another order is likelier, and is told first."""
    spec = f"family: x\ninput: {declared}\nlayers: [conv3x3-8, conv40x1-8]\n"
    assert texts.faults(spec)[0] == f"2:8 {declared} may not be what is meant; channels stand last, as in {meant}"
    by_name = spec.replace(declared, f"{{left: {declared}, right: 9x9x3}}").replace(
        "[conv3x3", "[{conv3x3-2: {from: left}}, conv3x3"
    )
    assert texts.faults(by_name)[0].startswith(f"2:15 {declared} may not be what is meant")


def test_shapes_that_may_be_meant() -> None:
    """A map that is only too small is told nothing more, and where all fits, what stands there may be meant."""
    spec = "family: x\ninput: 3x32x48\nlayers: [conv3-8, conv3-8]\n"
    assert len(texts.faults(spec.replace("3x32x48", "2x32x3"))) == 1  # a map of two rows is only too small
    padded = texts.report(spec.replace("layers", "defaults: {conv: {padding: half}}\nlayers"))
    assert str(padded.rows[0].output) == "3x32x48"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("3x32x32", "3x32x32 puts the 3 channels first; write 32x32x3"),
        ("1x28x28", "1x28x28 puts the 1 channel first; write 28x28x1"),
        ("8x3x32x32", "8x3x32x32 puts a batch of 8 and the 3 channels first; write 32x32x3, and the batch apart"),
        ("3x16x112x112", "3x16x112x112 puts the 3 channels first; write 16x112x112x3"),
    ],
)
def test_a_square_behind_the_channels_of_an_image(declared: str, said: str) -> None:
    """It is PyTorch's order even where layers fit it: in a spec, and for a single layer."""
    spec = f"family: x\ninput: {declared}\nlayers: [fc-8]\n"
    assert texts.faults(spec) == [f"2:8 {said}"]
    done = CliRunner().invoke(cli, ["layer", "fc-8", "--input", declared])
    assert (done.exit_code, done.stderr) == (2, f"vggcalc: {said}\n")


@pytest.mark.parametrize("declared", ["1x1x512", "3x7x7", "2x32x32", "3x32x33", "32x32x3", "1x16000", "3x3x64"])
def test_what_hardly_is_an_image(declared: str) -> None:
    """Small maps, other numbers of channels, and what is no square are as they stand."""
    assert known(texts.report(f"family: x\ninput: {declared}\nlayers: [fc-8]\n").totals.params) > 0


def test_a_map_without_channels_is_shown_as_what_it_is(tmp_path: Path) -> None:
    """224x224 in a spec is a sequence; `show` says so, but not of a sound of one channel."""
    path = tmp_path / "net.yaml"
    path.write_text("family: x\ninput: 224x224\nlayers: [conv3-8]\n", "utf-8")
    said = " ".join(CliRunner().invoke(cli, ["show", str(path)]).stdout.split())
    assert "input 224x224 is no map: it has one axis of 224 positions with 224 channels each; a map" in said
    assert "a map of it with 3 channels is 224x224x3" in said
    assert "no map" not in CliRunner().invoke(cli, ["show", "m5"]).stdout


@pytest.mark.parametrize(
    ("layer", "given", "message"),
    [
        (
            "conv3-64",
            "224x224",
            "224x224 is no height x width x channels: the channels are missing; write 224x224x3",
        ),
        ("conv3x3-64", "224x224", "224x224 is no height x width x channels: the channels are missing; write 224x224x3"),
        ("maxpool", "112x64", "112x64 is no height x width x channels: the channels are missing"),
        ("fc-10", "7x7", "7x7 is no height x width x channels: the channels are missing"),
        (
            "conv3-64",
            "1x3x224x224",
            "1x3x224x224 puts a batch of 1 and the 3 channels first; write 224x224x3, and the batch apart",
        ),
        ("conv3x3x3-8", "112x112x3", "112x112x3 is no depth x height x width x channels: the channels are missing;"),
        ("fc-10", "512", "'512' has no axis beside its channels; write 1x1x512 for a vector"),
    ],
)
def test_a_single_layer_is_two_dimensional_unless_it_says_otherwise(layer: str, given: str, message: str) -> None:
    """224x224 lacks its channels, and is no sequence of 224 steps with 224 channels each."""
    done = CliRunner().invoke(cli, ["layer", layer, "--input", given])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"vggcalc: {message}")


@pytest.mark.parametrize(
    ("layer", "given", "axes", "output"),
    [
        ("conv9-64", "16000x1", 1, "15992x64"),  # 16000 - 9 + 1
        ("conv3-8", "16x112x112x3", 3, "14x110x110x8"),
        ("conv3x3x3-8", "16x112x112x3", None, "14x110x110x8"),  # three sizes say it
        ("{maxpool: {kernel_size: [4]}}", "16000x64", None, "4000x64"),
        ("conv3-8", "8x8x3", 2, "6x6x8"),
    ],
)
def test_a_single_layer_of_other_axes(layer: str, given: str, axes: int | None, output: str) -> None:
    """The axes are said, or the layer's fields are written for so many."""
    network = single_layer(layer, [], [given], axes)
    assert str(network.shapes()[0][-1]) == output
    said = () if axes is None else ("--axes", str(axes))
    done = CliRunner().invoke(cli, ["layer", layer, "--input", given, *said])
    assert done.exit_code == 0
    assert f"-> {output}" in done.stdout
