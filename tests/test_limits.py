"""What only very large networks and tables meet, with limits made small: answers stay the same, or are refused."""

from collections.abc import Sequence

import pytest
import texts

from vggcalc import SpecError, UsageError, bounds, load
from vggcalc.analysis import Report, following, pixels, series_parallel
from vggcalc.analysis.field import PIXEL, union
from vggcalc.claims import check, read_table
from vggcalc.claims.calculator import Calculator
from vggcalc.conventions import count_operations
from vggcalc.conventions.quantities import QUANTITIES, Places
from vggcalc.errors import ShapeError
from vggcalc.layers import Window
from vggcalc.reading.files import decode

TOLD_APART = "{family: f, input: 16x16x6, layers: [{slice: {start: 1, stop: 4}}, conv3-4, maxpool2, conv3-4]}"
"""Channels 1 to 3 of 6 are read: which pixels are seen depends on the channel."""


def sizes(report: Report) -> list[Sequence[int]]:
    """What every layer sees along each axis."""
    return [tuple(field.size for field in row.fields["input"]) for row in report.rows]


def refusal(report: Report) -> str:
    """Why the receptive fields of a network are not worked out."""
    with pytest.raises(SpecError) as caught:
        sizes(report)
    return caught.value.problems[0].message


@pytest.mark.parametrize(("kept", "starts"), [(3, 8), (3, 0)])
def test_fields_that_are_forgotten_are_followed_again(monkeypatch: pytest.MonkeyPatch, kept: int, starts: int) -> None:
    """Whoever goes back reads the same fields: from the first layer on, or kept after going back too often."""
    layers = "[{conv3-2: {name: a}}, {conv3-2: {name: b}}, {conv3-2: {name: c, from: a}}]"
    heads = f"{{family: f, input: 16x16x2, layers: {layers}, outputs: [b, c]}}"
    for network in (load("resnet18"), texts.model(TOLD_APART), texts.model(heads)):
        expected = sizes(network.analyse())
        monkeypatch.setattr(following, "MOST_KEPT", kept)
        monkeypatch.setattr(following, "MOST_STARTS", starts)
        report = network.analyse()
        assert sizes(report) == sizes(report) == expected
        assert [row.fields["input"][0].size for row in reversed(report.rows)] == [n for n, _ in reversed(expected)]
        monkeypatch.undo()


def starts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whatever begins to follow a network from now on, each time that it does."""
    found: list[object] = []
    once = following.Following._start

    def counted(self: following.Following) -> None:
        found.append(self)
        once(self)

    monkeypatch.setattr(following.Following, "_start", counted)
    return found


def test_a_network_is_followed_so_often_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from its end, a chain of seven is followed anew twice and then kept; one that is kept is followed once."""
    turns = starts(monkeypatch)
    monkeypatch.setattr(following, "MOST_STARTS", 2)
    for kept, expected in ((6, 3), (7, 1)):
        monkeypatch.setattr(following, "MOST_KEPT", kept)
        report = texts.report("{family: f, input: 9x9x1, layers: [relu, relu, relu, relu, relu, relu]}")
        turns.clear()
        assert [report.rows[place].fields["input"][0].size for place in reversed(range(7))] == [1] * 7
        assert len(turns) == expected


def test_what_no_layer_reads_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two outputs the first is behind where the second is read, unless all are kept."""
    turns = starts(monkeypatch)
    heads = "[{relu: {name: a}}, {relu: {name: b}}, {relu: {name: c, from: a}}]"
    for kept, expected in ((3, 2), (4, 1)):
        monkeypatch.setattr(following, "MOST_KEPT", kept)
        report = texts.report(f"{{family: f, input: 9x9x1, layers: {heads}, outputs: [b, c]}}")
        turns.clear()
        assert [report.rows[place].fields["input"][0].size for place in (3, 2)] == [1, 1]
        assert len(turns) == expected


def test_a_large_kernel_is_looked_at_by_its_ends() -> None:
    """An upsampled map under a kernel of 10^9: unit 0 sees from floor(-5*10^8/2) to floor((5*10^8 - 1)/2), a half."""
    field = PIXEL.through(Window(1, -1, 0, 2)).through(Window.of(10**9, 1, 5 * 10**8))
    assert [(field.low(unit), field.high(unit)) for unit in range(2)] == [
        (-250_000_000, 249_999_999),
        (-250_000_000, 250_000_000),
    ]


def test_a_pixel_at_the_end_of_a_large_map() -> None:
    """Only units near it are looked at, of which there are two: 6 million would be refused."""
    report = texts.report("{family: f, input: 3000000x1, layers: [upsample2]}")
    assert seen_of(report, (2_999_999,)) == [1, 2]


def test_the_first_unit_says_how_far_a_field_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a kernel of 4 unit 0 of an upsampled map sees pixels 0 and 1, unit 1 besides pixel 2; of 5, 0 to 2."""
    monkeypatch.setattr(bounds, "ELEMENTS", 1)
    upsampled = PIXEL.through(Window(1, -1, 0, 2))
    assert upsampled.through(Window.of(4)).high(0) == 1
    with pytest.raises(ShapeError, match="more than 1 pixels"):
        upsampled.through(Window.of(5))


def test_a_table_of_fields_has_an_end() -> None:
    """Paths of different speed have an entry for each position, up to a bound."""
    paths = [PIXEL, PIXEL.through(Window.of(1, 2))]
    assert [union(paths, positions).turn for positions in (65, 9_999, 10_001, 10**9)] == [65, 9_999, 10_000, 10_000]


@pytest.mark.parametrize(
    ("limit", "value", "more", "spec", "message"),
    [
        # 1 + 2*1 + 2*3 = 9 pixels after two convolutions, with stride 3: unit 0 sees up to pixel 8
        ("ELEMENTS", 7, 1000, "{family: f, input: 27x27x1, layers: [conv3-1/3, conv3-1]}",
         "a unit sees more than 7 pixels"),
        # unit 0 looks 7 thirds of a pixel out of the map, and so sees 3 pixels there
        ("ELEMENTS", 2, 10_000, "{family: f, input: 9x9x1, layers: [upsample3, {conv9-1: {padding: 7}}]}",
         "a unit sees more than 2 pixels"),
        # a ninth of a pixel
        ("PARTS", 8, 9, "{family: f, input: 4x4x1, layers: [upsample3, upsample3]}",
         "a unit sees fractions of a pixel of more than 0 digits"),
        # 6 of the input, 3 of the slice, 4 of each convolution and of the pool: 21
        ("CHANNELS", 20, 21, TOLD_APART, "up to here more than 20 channels are told apart"),
        # along each axis one field, 3 and 9, as often as units look elsewhere: 26, of which 3 for each layer are free
        ("FIELDS", 16, 17, "{family: f, input: 4x4x1, layers: [upsample3, upsample3]}",
         "up to here more than 16 receptive fields are told apart"),
    ],
)  # fmt: skip
def test_fields_without_bound(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, more: int, spec: str, message: str
) -> None:
    """They are refused where they grow too large, and one less is not."""
    report = texts.report(spec)
    monkeypatch.setattr(bounds, limit, value)
    assert refusal(report).endswith(f": {message}")
    monkeypatch.setattr(bounds, limit, more)
    assert sizes(texts.report(spec))


def test_channels_told_apart_are_added() -> None:
    """A sum sees what both of its inputs see, channel by channel."""
    paths = "[[identity], [{conv3-2: {padding: half}}]]"
    branches = f"{{branches: {{merge: add, paths: {paths}}}}}"
    assert sizes(texts.report(f"{{family: f, input: 8x8x3, layers: [{{slice: {{stop: 2}}}}, {branches}]}}"))[-1] == (
        3,
        3,
    )


def test_channels_that_differ_too_much_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer's channels see together what each of them sees, where those are too many to be kept apart."""
    paths = "[[{conv3-1: {padding: half}}], [identity]]"
    branches = f"{{branches: {{merge: concat, paths: {paths}}}}}"
    spec = f"{{family: f, input: 8x8x2, layers: [{branches}, {{slice: {{start: 1}}}}]}}"  # the path without weights
    assert sizes(texts.report(spec))[-1] == (1, 1)
    monkeypatch.setattr(following, "MOST_STRANDS", 1)
    assert sizes(texts.report(spec))[-1] == (3, 3)


@pytest.mark.parametrize(("part", "size"), [("start: 1, stop: 4", 3), ("start: 4", 1)])
def test_channels_of_paths_that_see_alike(part: str, size: int) -> None:
    """Two convolutions and none side by side: a slice across the two sees what either does."""
    conv = "[{conv3-2: {padding: half}}]"
    branches = f"{{branches: {{merge: concat, paths: [{conv}, {conv}, [identity]]}}}}"
    spec = f"{{family: f, input: 8x8x2, layers: [{branches}, {{slice: {{{part}}}}}]}}"
    assert sizes(texts.report(spec))[-1] == (size, size)


def test_rows_are_values() -> None:
    """Each row of a report is one, whoever asks for it."""
    report = load("vgg11").analyse()
    assert len({*report.rows, *report.rows}) == len(report.rows)
    assert len({report.rows[1], load("vgg11").analyse().rows[1]}) == 2
    assert repr(report.rows[3]) == "<Row pool1: MaxPool() -> 112x112x64>"


def test_places_and_terms_are_sequences() -> None:
    """A part of them has what stands there."""
    report = load("vgg11").analyse()
    places, terms = Places(report), count_operations(report, "thop").rows
    assert [place.row.name for place in places[1:3]] == [row.name for row in report.rows[1:3]]
    assert list(terms[1:5]) == [terms[place] for place in (1, 2, 3, 4)]
    assert terms[1] != terms[2]
    assert QUANTITIES["step_biases"][1](places[0]) == 0  # an input has no biases


def test_windows_are_taken_by_their_size_or_their_step() -> None:
    """4x4 outputs of a pool of 3x3 with stride 2: 16*9 inputs under it, 16*4 by its steps."""
    place = Places(texts.report("{family: f, input: 9x9x1, layers: [maxpool3/2]}"))[1]
    assert [QUANTITIES[name][1](place) for name in ("taps", "stepped")] == [144, 64]


@pytest.mark.parametrize("name", ["thop", "torchinfo"])
def test_answers_that_are_not_shared(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A count is the same where layers that are alike are not counted together."""
    report = load("resnet18").analyse()
    expected = count_operations(report, name).total
    monkeypatch.setattr(bounds, "SHARED_ANSWERS", 2)
    assert count_operations(load("resnet18").analyse(), name).total == expected


def test_layers_that_are_alike_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of three equal convolutions has no reader; where there are more different ones, each is alone."""
    for bound, groups in ((3, [(0, 1), (1, 2), (3, 1)]), (2, [(0, 1), (1, 1), (2, 1), (3, 1)])):
        monkeypatch.setattr(bounds, "SHARED_ANSWERS", bound)
        report = texts.report("{family: f, input: 8x8x4, layers: [conv1-4, conv1-4, conv1-4]}")
        assert count_operations(report, "thop").groups == groups


def test_terms_are_worked_out_once_and_forgotten_where_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are kept, the first and the second; the third needs their place."""
    monkeypatch.setattr(bounds, "SHARED_ANSWERS", 2)
    rows = count_operations(texts.report("{family: f, input: 8x8x4, layers: [conv1-1, conv1-2, conv1-3]}"), "thop").rows
    first, second = rows[1], rows[2]
    assert rows[1] is first
    assert rows[2] is second
    assert rows[3] == rows[3] != first
    assert rows[1] == first
    assert rows[1] is not first


def test_paths_that_are_too_deep_are_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Branches within branches are told apart to a depth."""
    monkeypatch.setattr(series_parallel, "DEEPEST", -1)
    network = load("resnet18").network
    assert series_parallel.series_parallel(network) == tuple(range(len(network.nodes)))


def seen_of(report: Report, pixel: tuple[int, ...]) -> list[int]:
    """How many units of each layer see a pixel."""
    return [pixels.how_many(places) for places in pixels.seeing(report, "input", pixel)]


def test_units_that_see_a_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: 3x3 units of a convolution see one in the middle; of a dilated one 9 too, four apart; a gate is seen."""
    spec = "{family: f, input: 9x9x2, layers: [{conv3-2: {padding: half}}, {conv3-2: {padding: 2, dilation: 2}}]}"
    assert seen_of(texts.report(spec), (4, 4)) == [1, 9, 49]
    squeezed = "{family: f, input: 4x4x1, layers: [globalavgpool, {upsample: {size: 4}}]}"
    assert seen_of(texts.report(squeezed), (1, 1)) == [1, 1, 16]
    monkeypatch.setattr(bounds, "PLACES", 10)
    with pytest.raises(UsageError, match="more than 10 places of maps are to be followed"):
        seen_of(texts.report(spec), (4, 4))


def test_very_many_parts_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units that see a pixel by several ways: each way by itself, or what holds them all."""
    spec = (
        "{family: f, input: 9x9x1, layers: [{branches: {merge: add, paths: "
        "[[{conv1x3-1: {padding: half}}], [{conv3x1-1: {padding: half}}]]}}]}"
    )
    assert seen_of(texts.report(spec), (4, 4))[-1] == 5  # a cross
    monkeypatch.setattr(pixels, "MOST_PRODUCTS", 1)
    assert seen_of(texts.report(spec), (4, 4))[-1] == 9  # the square round it


def test_channels_that_see_a_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two channels of four see it in one place, the others in nine; a slice of the first two in one, or in all."""
    paths = "[[identity], [{conv3-2: {padding: half}}]]"
    layers = f"[{{branches: {{merge: concat, paths: {paths}}}}}, {{slice: {{stop: 2}}}}, conv1-3]"
    spec = f"{{family: f, input: 9x9x2, layers: {layers}}}"
    assert seen_of(texts.report(spec), (4, 4))[-3:] == [9, 1, 1]
    monkeypatch.setattr(pixels, "MOST_PRODUCTS", 1)
    assert seen_of(texts.report(spec), (4, 4))[-3:] == [9, 9, 9]


def test_an_output_that_is_read_too() -> None:
    """A layer that others read may be an output: its path to the end is one of its own."""
    spec = "{family: f, input: 8x8x3, layers: [{conv3-2: {name: a}}, {conv3-2: {name: b}}], outputs: [a, b]}"
    network = texts.model(spec).network
    assert list(series_parallel.leaves(series_parallel.series_parallel(network))) == [0, 1, 2]


TABLE = "model: vgg11\ntable: T\nsource: S\ntranscribed: by hand\n"


def faults(text: str) -> list[str]:
    """What is wrong with a table, or with its questions."""
    with pytest.raises(SpecError) as caught:
        check(read_table(decode("t.yaml", (TABLE + text).encode())))
    return [problem.message for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("limit", "value", "text", "message"),
    [
        ("TABLE_COLUMNS", 2, "columns: [layer, params, macs]\nrows: [[conv1_1, 1792, ~]]\n",
         "the table has more than 2 columns"),
        ("TABLE_CELLS", 1, "columns: [layer, params, macs]\nrows: [[conv1_1, 1792, 1]]\n",
         "the table has more than 1 cells"),
        ("TABLE_LAYERS", -100, "claims: {params: 132863336, macs: 7609090048}\n",
         "up to here more than -100 layers are looked at"),
    ],
)  # fmt: skip
def test_tables_without_bound(monkeypatch: pytest.MonkeyPatch, limit: str, value: int, text: str, message: str) -> None:
    """A table that asks too much is told so, once."""
    monkeypatch.setattr(bounds, limit, value)
    assert message in faults(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("claims: {params: {printed: 1M, kilo: 1010}}\n", "'kilo' is '1010'"),
        ("claims: {params: {printed: 1M, kilo: [1000]}}\n", None),
        ("claims: {macs: {printed: 1M, layer: [a]}}\n", None),
        ("claims: {macs: {printed: 1M, layer: conv1_1 + conv1_1}}\n", "'conv1_1' stands twice"),
        ("claims: {operations: {printed: 1M, convention: nobody}}\n", "no convention of operations is called 'nobody'"),
        ("vars: {batch: 2}\nbatch: 2\nclaims: {macs: 1M}\n", None),  # a variable, of which the network has none
        (
            "claims: {macs: {printed: 1M, convention: thop, memory: caffe}}\n",
            "'memory' and 'convention' name one thing",
        ),
    ],
)
def test_faults_of_a_claim(text: str, message: str | None) -> None:
    """Each is told in words."""
    told = faults(text)
    assert message is None or message in told


def test_a_row_without_cells_says_nothing() -> None:
    """It stands for a rule between two parts of a table."""
    table = read_table(decode("t.yaml", (TABLE + "columns: [layer, params]\nrows: [[conv1_1, 1792], []]\n").encode()))
    assert [finding.verdict for finding in check(table)] == ["exact"]


def test_a_model_that_is_not_there_has_no_variants() -> None:
    """Nothing else of its family can be meant."""
    table = read_table(decode("t.yaml", TABLE.replace("vgg11", "nowhere.yaml").encode() + b"claims: {params: 5}\n"))
    assert Calculator("").variations(table.claims[0].quantity) == []
