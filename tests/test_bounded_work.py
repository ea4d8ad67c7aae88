"""What a stranger's small file makes of work behind the network: it ends soon, or says why it does not.

Each of these was a traceback, minutes of work or gigabytes of memory or text.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest
from costs import Cost, cost

pytestmark = pytest.mark.slow

STRIDES = "{repeat: {times: 480, layers: [conv1-1/999999999]}}"
FRACTIONS = "{repeat: {times: 800, layers: [{upsample: {size: 31}}, {conv3-1: {padding: 0}}]}}"
RESIZED = "{repeat: {times: 700, layers: [{upsample: {scale_factor: 9999999}}, {crop: {size: 2}}]}}"


def spec(layers: Sequence[str], size: str = "8x8x3") -> str:
    """A spec of these layers."""
    return f"family: x\ninput: {size}\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers)


def bounded(folder: Path, text: str, *arguments: str, name: str = "net.yaml") -> Cost:
    """What a command costs beside a file of this text, which is not too much."""
    (folder / name).write_text(text, "utf-8")
    found = cost(folder, *arguments)
    found.assert_bounded()
    return found


COMMANDS = [
    ("show",),
    *(("show", "--format", form) for form in ("rich", "plain", "csv", "json", "markdown", "latex", "html", "yaml")),
    ("rf",),
    ("rf", "--format", "json"),
    ("rf", "--picture", "p.svg"),
    ("explain",),
    ("explain", "--format", "json"),
    ("explain", "conv1_480"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_jumps_of_thousands_of_digits_are_out_of_bounds(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A map of one pixel can be strided for ever; the field after two strides of 10^9 is wider than any map."""
    command, *options = arguments
    found = bounded(tmp_path, spec([STRIDES], "1x1x1"), command, "net.yaml", *options)
    assert found.code == 2
    assert found.err.startswith(
        "net.yaml:4:36: conv1_2: a unit sees more than 1,000,000,000,000,000 pixels; "
        "look at the strides and kernels above it\n"
    )
    assert not found.out


def test_jumps_out_of_bounds_in_documents_and_tables(tmp_path: Path) -> None:
    """The layer is named by its file there too."""
    (tmp_path / "net.yaml").write_text(spec([STRIDES], "1x1x1"))
    blocks = "<!-- vggcalc show net.yaml -->\n<!-- /vggcalc -->\n\n"
    found = bounded(tmp_path, f"{blocks}<!-- vggcalc net.yaml rf -->1<!-- /vggcalc -->\n", "check", "d.md", name="d.md")
    assert found.code == 2
    assert "net.yaml:4:36: conv1_2: a unit sees more than" in found.err
    table = "table: x\nmodel: net.yaml\nclaims: {rf: 1}\n"
    found = bounded(tmp_path, table, "check", "t.yaml", name="t.yaml")
    assert found.code == 2
    assert "net.yaml:4:36: conv1_2: a unit sees more than" in found.err


@pytest.mark.parametrize("command", ["show", "rf", "explain"])
def test_fractions_of_a_pixel_are_out_of_bounds(tmp_path: Path, command: str) -> None:
    """Resizing from 29 to 31 pixels again and again makes jumps of 29/31, (29/31)^2 and so on."""
    found = bounded(tmp_path, spec([FRACTIONS], "29x29x1"), command, "net.yaml")
    assert found.code == 2
    assert "a unit sees fractions of a pixel of more than 1,000 digits; look at the resizing above it" in found.err


def test_work_of_receptive_fields_is_bounded(tmp_path: Path) -> None:
    """Where units differ in what they see there is a field for each, up to ten thousand for one layer."""
    found = bounded(tmp_path, spec([RESIZED], "2x2x1"), "explain", "net.yaml")
    assert found.code == 2
    assert "upsample.11: up to here more than 200,000 receptive fields are told apart; " in found.err


def inputs(number: int) -> str:
    """A spec that reads so many inputs."""
    named = ", ".join(f"i{place}: 8x8x1" for place in range(number))
    read = ", ".join(f"i{place}" for place in range(number))
    return f"family: x\ninput: {{{named}}}\nlayers: [{{concat: {{from: [{read}]}}}}, conv3-8]\n"


@pytest.mark.parametrize("arguments", [("show", "--format", "plain"), ("rf", "--format", "json"), ("memory",)])
def test_thousands_of_inputs(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Each input is looked at once, not once for every other one."""
    command, *options = arguments
    found = bounded(tmp_path, inputs(3000), command, "net.yaml", *options)
    assert found.code == 0


TABLE = "table: x\nsource: y\ntranscribed: z\ncolumns: [row, model, {}]\nrows:\n"
QUESTIONS = {
    "batch": ("batch, macs", "  - [r{0}, resnet152, {0}, 1]\n"),
    "size": ("input, rf", "  - [r{0}, densenet201, {0}x{0}x3, 1]\n"),
    "settings": ("classes, params", "  - [r{0}, resnet152, {0}, 1]\n"),
    "figure": ("layer, rf", "  - [r{0}, resnet152, ~, 1]\n"),
}


@pytest.mark.parametrize(("columns", "row"), QUESTIONS.values(), ids=QUESTIONS)
def test_tables_of_a_thousand_questions_about_a_large_model(tmp_path: Path, columns: str, row: str) -> None:
    """Each of them has a network of its own to be counted, or layers to be told one by one."""
    rows = "".join(row.format(224 + number) for number in range(1000))
    found = bounded(tmp_path, TABLE.format(columns) + rows, "check", "t.yaml", name="t.yaml")
    assert found.code == 2
    assert "up to here more than 200,000 layers are looked at; ask fewer questions in one file" in found.err
    assert not found.out


def test_a_figure_is_worked_out_once(tmp_path: Path) -> None:
    """Hundreds of cells with one figure cost one of them: ResNet-152 sees 1507 pixels (Araujo, 2019)."""
    table = TABLE.format("rf") + "  - [r, resnet152-v1, 1507]\n" * 500
    found = bounded(tmp_path, table, "check", "t.yaml", name="t.yaml")
    assert found.code == 0


BRANCHES = "{branches: {merge: concat, paths: [" + ", ".join(["[conv1-1]"] * 5000) + "]}}"


def test_memory_of_thousands_of_branches(tmp_path: Path) -> None:
    """Who reads a tensor is known, and need not be looked for again for each that does."""
    found = bounded(tmp_path, spec([BRANCHES]), "memory", "net.yaml")
    assert found.code == 0
    assert "peak" in found.out


def test_memory_where_all_read_all(tmp_path: Path) -> None:
    """Six hundred sums, each of all layers above it."""
    names = [f"l{number}" for number in range(500)]
    layers = [f"{{conv1-4: {{name: {name}}}}}" for name in names[:2]]
    layers += [f"{{add: {{name: l{number}, from: [{', '.join(names[:number])}]}}}}" for number in range(2, 500)]
    found = bounded(tmp_path, spec(layers), "memory", "net.yaml")
    assert found.code == 0


CHAIN = "{repeat: {times: %d, layers: [conv1-8]}}"


def test_a_terminal_shows_thousands_of_rows_like_a_pipe(tmp_path: Path) -> None:
    """Drawing a row for a terminal takes half a millisecond: of fifteen thousand none is drawn."""
    (tmp_path / "net.yaml").write_text(spec([CHAIN % 15_000]))
    drawn, piped = (cost(tmp_path, "show", "net.yaml", "--format", form) for form in ("rich", "plain"))
    assert drawn.out.splitlines()[:15_000] == piped.out.splitlines()[:15_000]
    assert drawn.seconds < 1.5 * piped.seconds


def test_memory_holds_no_moments(tmp_path: Path) -> None:
    """Of each layer it holds what that keeps, in 1.1 KiB with the layer itself; of the two moments, none."""
    few, many = 5_000, 35_000
    taken = []
    for layers in (few, many):
        (tmp_path / "net.yaml").write_text(spec([CHAIN % layers]))
        taken.append(cost(tmp_path, "memory", "net.yaml").kib)
    assert taken[1] - taken[0] < 1.1 * (many - few)


SLICES = ["conv1-{0}", "{{slice: {{stop: {1}}}}}", "conv1-4"]


@pytest.mark.parametrize(("channels", "code"), [(900_000_000, 2), (400_000, 0)])
def test_channels_that_are_told_apart(tmp_path: Path, channels: int, code: int) -> None:
    """Where a layer leaves channels out, each of them is followed; of a billion nobody waits for it."""
    layers = [layer.format(channels, channels // 4) for layer in SLICES]
    found = bounded(tmp_path, spec(layers), "show", "net.yaml")
    assert found.code == code
    assert ("conv1_1: up to here more than 1,000,000 channels are told apart" in found.err) == (code == 2)


@pytest.mark.parametrize(("size", "code"), [(900_000_000, 2), (900_000, 0)])
@pytest.mark.parametrize("question", [("--layer", "fc2", "--at", "0"), ("--layer", "up", "--pixel", "5")])
def test_places_that_are_followed(tmp_path: Path, size: int, code: int, question: tuple[str, ...]) -> None:
    """A unit that sees a whole map of a billion places, and a pixel that as many units see."""
    layers = ["globalavgpool", "{fc-4: {name: fc2}}", f"{{upsample: {{size: {size}, name: up}}}}"]
    found = bounded(tmp_path, spec(layers, f"{size}x3"), "rf", "net.yaml", *question)
    assert found.code == code
    assert ("more than 1,000,000 places of maps are to be followed" in found.err) == (code == 2)
