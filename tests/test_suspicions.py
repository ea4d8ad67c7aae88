"""What is legal and suspicious: each warning where it is due, and nowhere else."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from vggcalc.analysis.analyse import analyse
from vggcalc.cli import cli
from vggcalc.errors import WARNINGS, Source
from vggcalc.language import bundled
from vggcalc.language.family import Family
from vggcalc.suspicions import of_family, of_network


def told(text: str) -> list[tuple[int, str, str]]:
    """The warnings about the text of a spec: line, code, and sentence."""
    family = Family(Source("net.yaml", text), bundled.variant)
    found = [*of_family(family)]
    for name, variant in family.variants.items():
        found += of_network(analyse(family.build(variant, name)), variant, family)
    return [(problem.mark.line, problem.code, problem.message) for problem in found if problem.mark]


def codes(text: str) -> list[str]:
    """Their codes alone."""
    return [code for _, code, _ in told(text)]


def net(*layers: str, size: str = "32x32x3", more: str = "") -> str:
    """A spec of these layers, which stand on lines 4, 5 and so on."""
    return "\n".join(["family: net", f"input: {size}{more}", "layers:", *(f"- {layer}" for layer in layers), ""])


def test_an_odd_pixel_that_is_dropped() -> None:
    """AlexNet's conv1 on 224x224 without padding: (224 - 11)/4 = 53.25; the last window ends at 53*4 + 10 = 222."""
    ((line, code, said),) = told(net("conv11-96/4", size="224x224x3"))
    assert (line, code) == (4, "unread-pixels")
    assert said == (
        "conv1_1: its windows end before the last row and the last column of the 224x224 map, which nothing reads"
    )
    ((_, _, said),) = told(net("maxpool5", size="494x8"))  # 494 = 98*5 + 4
    assert "the last 4 positions of the 494 map" in said
    ((_, _, said),) = told(net("maxpool2", size="5x6x1"))
    assert "before the last row of the 5x6 map" in said


@pytest.mark.parametrize(
    ("size", "layers"),
    [
        ("224x224x3", ["{conv7-64: {stride: 2, padding: 3}}"]),  # (224 - 7 + 6)/2 = 111.5: a padded pixel is dropped
        ("227x227x3", ["conv11-96/4"]),  # (227 - 11)/4 = 54
        ("5x5x1", ["{maxpool2: {ceil_mode: true}}"]),
        ("5x5x1", ["{maxpool2: {padding: same}}"]),
        ("224x224x3", ["{pad: {padding: [[0, 1], [0, 1]]}}", "conv3-8/2"]),  # Keras: (225 - 3)/2 = 111
        ("222x222x3", ["pad1", "conv3-8/2"]),  # (224 - 3)/2 = 110.5: what is dropped is the padding
        ("5x5x1", ["relu", "{branches: {merge: concat, paths: [[maxpool2], [maxpool2, dropout], [avgpool3/2]]}}"]),
    ],
)
def test_pixels_that_are_no_loss(size: str, layers: list[str]) -> None:
    """Padding that is dropped, and pixels that another reader of the map sees."""
    assert codes(net(*layers, size=size)) == []


def test_all_readers_of_a_map_are_asked() -> None:
    """Two branches that both end before the last column lose it; each is told."""
    text = net("relu", "branches: {merge: concat, paths: [[maxpool2], [maxpool2]]}", size="5x5x1")
    assert codes(text) == ["unread-pixels"] * 2
    with_output = text.replace("relu", "{relu: {name: map}}") + "outputs: [map, concat2]\n"
    assert codes(with_output) == []  # whoever takes the map sees all of it


def test_a_stride_above_the_kernel() -> None:
    """The shortcut of ResNet as in 1512.03385, whose block reads by a 1x1 of stride 2 too: three quarters are lost."""
    block = "residual: {{layers: [conv1-4/2, {}], shortcut: [conv1-8/2]}}".format
    ((line, code, said), _) = told(net("relu", block("{conv3-8: {padding: 1}}"), size="8x8x3"))
    assert (line, code) == (5, "skipped-pixels")
    assert "a kernel of 1x1 moves by 2x2" in said
    other = "residual: {layers: [{conv3-8: {stride: 2, padding: 1}}], shortcut: [conv1-8/2]}"
    assert codes(net("relu", other, size="8x8x3")) == []  # the 3x3 reads what the 1x1 leaves out


@given(st.data())
def test_pixels_by_brute_force(data: st.DataObject) -> None:
    """Every pixel along an axis is looked for in every window."""
    n, k, s = (data.draw(st.integers(1, most)) for most in (12, 4, 5))
    before, after = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 4))
    if n + before + after < k:
        return
    read = {i * s + tap - before for i in range((n - k + before + after) // s + 1) for tap in range(k)}
    unread = set(range(n)) - read
    last_window = (n - k + before + after) // s * s - before
    skipped = any(pixel < last_window for pixel in unread)
    behind = [pixel for pixel in unread if pixel > last_window]
    layer = f"{{conv: {{kernel_size: {k}, out_channels: 1, stride: {s}, padding: [[{before}, {after}]]}}}}"
    expected = ["unread-pixels"] * (bool(behind) and not (skipped and len(behind) < s)) + ["skipped-pixels"] * skipped
    assert codes(net(layer, size=f"{n}x1")) == expected


def test_dilation_that_passes_by_pixels() -> None:
    """Taps 0, 2 and 4 of windows that move by 2 never read an odd pixel; by 3 they meet every remainder."""
    assert codes(net("{conv3-1: {dilation: 2, stride: 2}}", size="11x11x1")) == ["skipped-pixels"]
    assert codes(net("{conv3-1: {dilation: 2, stride: 3}}", size="11x11x1")) == []


def test_a_field_wider_than_the_image() -> None:
    """VGG-16 at 32x32: pool3 sees 44 pixels (212 at pool5, Araujo et al.); conv4_1, the first behind it, is told."""
    found = told("family: net\nlike: vgg16\ninput: 32x32x3\n")
    assert [(code, said.split(":")[0]) for _, code, said in found] == [("wide-field", "conv4_1")]
    assert "sees 44 pixels already, more than the 32" in found[0][2]
    assert codes("family: net\nlike: vgg16\n") == []  # 196 pixels of 224 before pool5


def test_a_field_that_is_wide_along_one_path() -> None:
    """The shortcuts of a ResNet keep a path that sees little; a 1x1 and a global layer are meant to see no more."""
    assert codes("family: net\nlike: torchvision/resnet152\n") == []
    assert (
        codes(
            net("{conv7-1: {padding: 3}}", "{conv7-1: {padding: 3}}", "conv1-4", "globalavgpool", "fc-10", size="7x7x1")
        )
        == []
    )
    assert codes(net(*["{conv7-1: {padding: 3}}"] * 3, size="7x7x1")) == ["wide-field"]


def test_a_branch_that_becomes_an_output() -> None:
    """Where `outputs` does not name it, and it does not serve training alone."""
    branch = net("{conv3-8: {name: a}}", "{conv3-8: {name: b}}", "{conv3-8: {from: a, name: c}}")
    ((line, code, said),) = told(branch)
    assert (line, code, said) == (5, "undeclared-output", "b: nothing reads it, so that it is an output")
    assert codes(branch + "outputs: [b, c]\n") == []
    assert codes(branch + "training: b\n") == []


def test_a_block_that_nothing_uses() -> None:
    """Blocks that are used by used blocks alone are used; nobody knows what a variable may name."""
    blocks = "blocks: {a: [{use: b}], b: [relu], c: [{use: d}], d: [relu]}\n"
    assert sorted(said for _, _, said in told(net("{use: a}") + blocks)) == [
        "nothing uses the block 'c'",
        "nothing uses the block 'd'",
    ]
    assert codes(net("relu") + "blocks: {a: []}\n") == ["unused-block"]
    assert codes(net("{use: $(which)}") + blocks + "vars: {which: a}\n") == []


def test_a_bias_before_batch_normalisation() -> None:
    """Only where nobody else reads it; other norms keep what differs between channels."""
    ((line, code, said),) = told(net("{conv3-8: {norm: batchnorm, activation: relu}}", "{fc-10: {norm: layernorm}}"))
    assert (line, code) == (4, "idle-bias")
    assert said == "conv1_1: its bias is lost in bn1_1, which takes the mean of each channel away"
    assert codes(net("{conv3-8: {norm: batchnorm, bias: false}}")) == []
    assert codes(net("{conv3-8: {name: a}}", "batchnorm", "{add: {from: [a, bn]}}")) == []


def test_a_softmax_before_more_layers() -> None:
    """Also with layers without weights between; not as a factor of attention, and not at the end."""
    ((line, code, said),) = told(net("fc-10", "softmax", "dropout", "fc-10"))
    assert (line, code) == (5, "early-softmax")
    assert said.startswith("softmax1: fc2 reads")
    attention = ["{conv1-3: {name: a}}", "{softmax: {name: s}}", "{multiply: {from: [s, a]}}", "conv1-8"]
    assert codes(net(*attention)) == []
    assert codes(net("fc-10", "softmax", "identity")) == []


def test_a_long_chain_behind_a_softmax() -> None:
    """Work is linear in the layers."""
    assert codes(net("fc-10", *["softmax"] * 3000, "fc-10")) == ["early-softmax"] * 3000


@pytest.mark.slow
def test_torchvision_has_few() -> None:
    """VGG with batch normalisation keeps biases, SqueezeNet's conv1 has no padding, SSD ends in layers that see all.

    MViT's attention sees all anyhow, and pools keys by kernels that are smaller than their stride.
    """
    found = defaultdict(set)
    for family in bundled.families():
        for name, variant in family.variants.items():
            if name.startswith("torchvision/") or any(alias.startswith("torchvision/") for alias in variant.aliases):
                for problem in of_network(analyse(family.build(variant, name)), variant, family):
                    found[problem.code].add(family.name)
    assert found == {"idle-bias": {"vgg"}, "unread-pixels": {"squeezenet"}, "wide-field": {"ssd", "mvit"},
                     "skipped-pixels": {"mvit"}}  # fmt: skip


# Silencers


def run(tmp_path: Path, text: str, *args: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and the problems of a file as data."""
    path = tmp_path / "net.yaml"
    path.write_text(text, "utf-8")
    result = CliRunner().invoke(cli, ["validate", str(path), "--format", "json", *args], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)["problems"]


BIASED = "{conv3-8: {norm: batchnorm}}"


def test_a_warning_fails_where_it_is_strict(tmp_path: Path) -> None:
    """Otherwise it is told and passes."""
    assert run(tmp_path, net(BIASED))[0] == 0
    code, (problem,) = run(tmp_path, net(BIASED), "--strict")
    assert (code, problem["level"], problem["code"]) == (1, "warning", "idle-bias")


def test_a_warning_is_told_once_a_place(tmp_path: Path) -> None:
    """Turns of a repeat and variants share the line of a layer."""
    text = net("{repeat: {times: 3, layers: [" + BIASED + "]}}").replace(
        "layers:\n", "variants:\n a:\n  layers:\n  ", 1
    )
    text += " b: {like: a}\n"
    assert [each["code"] for each in run(tmp_path, text)[1]] == ["idle-bias"]


@pytest.mark.parametrize(
    "lines",
    [
        [f"- {BIASED}  # vggcalc: ignore[idle-bias]"],
        [f"- {BIASED}  # as torchvision; # vggcalc:ignore[ idle-bias ] for good"],
        ["# vggcalc: ignore[idle-bias]", "", "# the first", f"- {BIASED}"],
        ["# vggcalc: ignore[idle-bias, early-softmax]", f"- {BIASED}", "- fc-8"],
    ],
)
def test_a_comment_silences_its_line(tmp_path: Path, lines: list[str]) -> None:
    """At its end, or on a line of its own before it."""
    text = "\n".join([net().rstrip(), *lines])
    if "early" in text:
        text = text.replace(BIASED, "softmax").replace("idle-bias, ", "")
    assert run(tmp_path, text, "--strict") == (0, [])


@pytest.mark.parametrize(
    ("comment", "code", "column", "said"),
    [
        ("ignore[idle-bais]", "unknown-silencer", 51, "did you mean 'idle-bias'?"),
        ("ignore[idle-bias, shape-misfit]", "unknown-silencer", 62, "no warning 'shape-misfit'"),
        ("ignore", "unknown-silencer", 33, "names no warning"),
        ("ignore[]", "unknown-silencer", 33, "names no warning"),
        ("ignore[idle-bias,early-softmax]", "idle-silencer", 61, "line 4 has no warning 'early-softmax'"),
    ],
)
def test_a_comment_that_is_wrong_is_told(tmp_path: Path, comment: str, code: str, column: int, said: str) -> None:
    """With the place of the code in it."""
    found = [each for each in run(tmp_path, net(f"{BIASED}  # vggcalc: {comment}"))[1] if "silencer" in each["code"]]
    assert [(each["line"], each["col"], each["code"]) for each in found] == [(4, column, code)]
    assert said in f"{found[0]['message']}; {found[0]['hint']}"


@pytest.mark.parametrize(
    "note",
    [
        '"a # vggcalc: ignore[idle-bias]"',
        "'it''s # vggcalc: ignore[idle-bias]'",
        "|\n  # vggcalc: ignore[idle-bias]\n  text",
        "a#vggcalc: ignore[idle-bias]".replace(": ", ":"),
        '"über \\" # vggcalc: ignore[nothing]"',
    ],
)
def test_what_is_quoted_is_no_comment(tmp_path: Path, note: str) -> None:
    """Neither in quotes, nor in a block of text, nor glued to a word."""
    found = run(tmp_path, f"note: {note}\n{net(BIASED)}")[1]
    assert [each["code"] for each in found] == ["idle-bias"]


def test_a_flood_of_warnings_is_told_to_a_bound(tmp_path: Path) -> None:
    """More than servers show are counted, and are warnings still; fewer are told one by one, in order."""
    biased = "{conv1-8: {norm: batchnorm}}"
    code, found = run(tmp_path, net(*[biased] * 60))
    assert (code, [each["line"] for each in found]) == (0, [*range(4, 64)])
    code, found = run(tmp_path, net(*[biased] * 1002))
    assert (code, len(found)) == (0, 1001)
    assert (found[-1]["code"], found[-1]["level"], found[-1]["message"]) == ("more-warnings", "warning", "and 2 more")


def test_errors_are_not_silenced(tmp_path: Path) -> None:
    """A fault stays; of a file with one, comments are not judged."""
    code, found = run(tmp_path, net("conv99-8  # vggcalc: ignore[shape-misfit]"))
    assert (code, [each["code"] for each in found]) == (1, ["shape-misfit"])


def test_what_a_bundled_network_has_is_not_told(tmp_path: Path) -> None:
    """Who is like it cannot mend its lines."""
    assert run(tmp_path, "family: own\nlike: vgg16_bn\n", "--strict") == (0, [])


def test_unknown_work(tmp_path: Path) -> None:
    """An operation of which nobody knows what it does, where it stands; what reads its output is no warning more."""
    (tmp_path / "net.prototxt").write_text(
        """input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }
        layer { name: "warp" type: "GridSample" bottom: "data" top: "warp" }
        layer { name: "relu" type: "ReLU" bottom: "warp" top: "relu" }""",
        "utf-8",
    )
    result = CliRunner().invoke(cli, ["validate", str(tmp_path / "net.prototxt"), "--format", "json"])
    found = [(each["level"], each["code"], each["line"]) for each in json.loads(result.stdout)["problems"]]
    assert (result.exit_code, found) == (0, [("warning", "unknown-work", 2)])


def test_every_warning_is_made_by_a_suspicion() -> None:
    """`WARNINGS` and the table of suspicions go together; each has a test by its code above."""
    text = Path(__file__).read_text("utf-8")
    assert [code for code in WARNINGS if f'"{code}"' not in text] == []
