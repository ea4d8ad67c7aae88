"""Specs that build on bundled networks, and the words of other tools, which are answered by ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from texts import known

from vggcalc import SpecError, UsageError, load
from vggcalc.cli import cli
from vggcalc.errors import did_you_mean

WORDS = [
    ("conv2d-64", "did you mean 'conv3-64'?"),
    ("Conv2D-64", "did you mean 'conv3-64'?"),
    ("convolution5-64", "did you mean 'conv5-64'?"),
    ("Dense-10", "did you mean 'fc-10'?"),
    ("inner_product-10", "did you mean 'fc-10'?"),
    ("fc10", "did you mean 'fc-10'?"),
    ("conv2dtranspose2-8", "did you mean 'convtranspose2-8'?"),
    ("maxpooling2d", "did you mean 'maxpool'?"),
    ("averagepooling2d-3", "did you mean 'avgpool3'?"),
    ("globalaveragepooling2d", "did you mean 'globalavgpool'?"),
    ("batchnormalization", "did you mean 'batchnorm'?"),
    ("bn", "did you mean 'batchnorm'?"),
    ("swish", "did you mean 'silu'?"),
    ("dropout0.5", "write it as in {dropout: {p: 0.5}}"),
    ("blob-64", "'vggcalc list layers' shows all kinds"),
]

NAMES = [
    ("VGG-16", "vgg16"),
    ("vgg_16", "vgg16"),
    ("vgg61", "vgg16"),
    ("resnet-50", "resnet50"),
    ("ResNet 50", "resnet50"),
]


def problem(text: str, tmp_path: Path, variant: str = "") -> str:
    """What is said of a spec in a file."""
    path = tmp_path / "net.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(SpecError) as raised:
        load(f"{path}{variant}")
    return str(raised.value)


@pytest.mark.parametrize(("word", "hint"), WORDS)
def test_other_tools_words_are_answered_by_ours(word: str, hint: str) -> None:
    """The names of PyTorch, Keras and Caffe are no kinds of layer here, but their hints say which is meant."""
    done = CliRunner().invoke(cli, ["layer", word, "--input", "8x8x3"])
    assert done.exit_code == 2
    assert hint in done.stderr.splitlines()[0]


@pytest.mark.parametrize(("typed", "meant"), NAMES)
def test_names_as_people_type_them(typed: str, meant: str) -> None:
    """Dashes, capitals, spaces and swapped letters lead to the model, not to its neighbour."""
    with pytest.raises(UsageError, match=f"did you mean '{meant}'"):
        load(typed)


def test_the_same_letters_come_first() -> None:
    """vgg61 has all letters of vgg16, and is as like vgg11 by difflib's measure."""
    assert did_you_mean("vgg61", ["vgg11", "vgg16", "vgg19", "vgg61bn"]) == "did you mean 'vgg16'?"


@pytest.mark.parametrize(
    ("name", "what"),
    [("net.pth", "a file of PyTorch's weights"), ("model.py", "Python code"), ("net.pb", "a TensorFlow model"),
     ("net.caffemodel", "a file of Caffe's weights"), ("NET.PTH", "a file of PyTorch's weights")],
)  # fmt: skip
def test_a_file_of_another_tool(name: str, what: str, tmp_path: Path) -> None:
    """It is said what it is and what would work, whether it is there or not; nothing of it is quoted."""
    path = tmp_path / name
    for _ in range(2):
        with pytest.raises(UsageError) as raised:
            load(str(path))
        assert (
            str(raised.value)
            == f"{path} is {what}, no network; write its layers as a spec in YAML: family, input and layers"
        )
        path.write_bytes(b"\x08\x07secret")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("fp16", "float16"), ("half", "float16"), ("FP32", "float32"), ("double", "float64"), ("bf16", "bfloat16")],
)
def test_number_formats_as_frameworks_call_them(typed: str, meant: str) -> None:
    """PyTorch's `half` and `double` and the hardware's `fp16` are told by their names here."""
    with pytest.raises(UsageError, match=f"there is no dtype '{typed}'; did you mean '{meant}'"):
        load("vgg16").analyse(dtype=typed)


def test_a_width_in_percent() -> None:
    """MobileNet v1's width is 100 unless told otherwise; who writes 0.5 is told that it is 50."""
    done = CliRunner().invoke(cli, ["show", "mobilenet_v1", "--set", "width=0.5"])
    assert done.exit_code == 2
    assert "holds a whole number, not '0.5'; it is in percent; write width=50" in done.stderr
    with pytest.raises(UsageError, match="write width=25"):
        load("mobilenet_v1", width=0.25)  # type: ignore[arg-type]
    with pytest.raises(UsageError) as raised:
        load("vgg16", classes=0.5)  # type: ignore[arg-type]
    assert "percent" not in str(raised.value)


def test_like_a_bundled_network(tmp_path: Path) -> None:
    """VGG-16 for 10 classes of 32x32 images: fc6 reads 1*1*512 for 7*7*512 values, and fc8 has 10 outputs for 1000.

    138,357,544 - (7*7*512 - 512)*4096 - (4096 + 1)*990.
    """
    path = tmp_path / "digits.yaml"
    path.write_text("family: digits\nlike: vgg16\ninput: 32x32x3\nvars: {classes: 10}\n")
    model = load(str(path))
    assert model.analyse().totals.params == 138_357_544 - (7 * 7 * 512 - 512) * 4096 - 4097 * 990
    assert model.network.name == model.network.title == "digits"
    assert known(load(str(path), classes=5).analyse().totals.params) == known(model.analyse().totals.params) - 5 * 4097


def test_a_variant_like_a_bundled_network(tmp_path: Path) -> None:
    """Variants build on bundled networks, and on each other; what names layers stays with the layers that it names."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "family: mine\n"
        "variants:\n"
        "  small: {like: mobilenet_v2, vars: {width: 35}}\n"
        "  five: {like: small, vars: {classes: 5}}\n"
        "  head: {like: torchvision/resnet18, layers: [conv3-8, globalavgpool, fc-3]}\n"
    )
    own = known(load("mobilenet_v2", width=35).analyse().totals.params)
    assert load(f"{path}:small").analyse().totals.params == own
    assert known(load(f"{path}:five").analyse().totals.params) == own - 995 * 1281
    # resnet18's defaults hold: no bias, but a batch normalisation
    assert load(f"{path}:head").analyse().totals.params == 3 * 3 * 3 * 8 + 2 * 8 + 9 * 3


def test_like_nothing(tmp_path: Path) -> None:
    """A name that nothing has is told with its place, with the nearest variant."""
    assert "net.yaml:2:7: there is no variant and no model 'vgg61x'" in problem("family: a\nlike: vgg61x\n", tmp_path)
    said = problem("family: a\nvariants:\n  one: {like: two}\n  tow: {like: vgg16}\n", tmp_path, ":tow")
    assert "3:15: there is no variant and no model 'two'; did you mean 'tow'?" in said


def test_a_variable_that_nothing_reads(tmp_path: Path) -> None:
    """A misspelt variable would leave the bundled network as it is, in silence."""
    said = problem("family: a\nlike: vgg16\nvars: {clases: 3}\n", tmp_path)
    assert "3:8: the network that it is like has no variable 'clases'; did you mean 'classes'?" in said
    said = problem("family: a\nvariants:\n  x: {like: vgg16, vars: {clases: 3}}\n", tmp_path, ":x")
    assert "3:27: the network that it is like has no variable 'clases'" in said
    own = "family: a\nlike: vgg16\nvars: {width: 8}\nlayers: [conv3-$(width)]\n"
    (tmp_path / "own.yaml").write_text(own)
    assert load(str(tmp_path / "own.yaml")).analyse().totals.weights == 3 * 3 * 3 * 8


def test_a_like_that_fails_is_all_that_is_wrong(tmp_path: Path) -> None:
    """Layers and variables would have come from there."""
    assert "needs 'layers'" not in problem("family: a\nlike: vgg61x\n", tmp_path)
    for text in (
        "family: a\nlike: vgg61x\nvars: {clases: 3}\n",
        "family: a\nvariants:\n  x: {like: vgg61x, vars: {clases: 3}}\n",
    ):
        path = tmp_path / "net.yaml"
        path.write_text(text, "utf-8")
        with pytest.raises(SpecError) as raised:
            load(f"{path}")
        told = [each.message for each in raised.value.problems]
        assert "there is no variant and no model 'vgg61x'" in told
        assert not any("clases" in message for message in told)


def test_a_variant_is_like_its_own_choice(tmp_path: Path) -> None:
    """A variant that is like another one than its family has that one's layers; VGG-19 has 143,667,240 values."""
    path = tmp_path / "net.yaml"
    path.write_text("family: a\nlike: vgg16\nvars: {classes: 1000}\nvariants:\n  x: {like: vgg19}\n  y: {title: y}\n")
    assert load(f"{path}:x").analyse().totals.params == 143_667_240
    assert load(f"{path}:y").analyse().totals.params == 138_357_544


def test_a_fault_in_what_is_borrowed_is_placed_where_it_can_be_mended(tmp_path: Path) -> None:
    """What does not fit is told where the spec says `like`: the bundled file is nobody's to mend."""
    told = problem("family: a\nlike: vgg16\ninput: 8x8x3\n", tmp_path)
    assert told.startswith(f"{tmp_path}/net.yaml:2:7: vgg.yaml:39:")
    assert ": pool4: a 2x2 kernel does not fit a 1x1 input" in told


def test_spec_prints_what_can_be_started_from(tmp_path: Path) -> None:
    """The text of the bundled file, which as a file of one's own is the same network."""
    done = CliRunner().invoke(cli, ["spec", "vgg16"])
    assert done.exit_code == 0
    assert "vgg16 is the variant D of this file" in done.stderr
    path = tmp_path / "net.yaml"
    path.write_text(done.stdout, "utf-8")
    assert load(f"{path}:D").analyse().totals == load("vgg16").analyse().totals
    assert CliRunner().invoke(cli, ["spec", "nothing"]).exit_code == 2
