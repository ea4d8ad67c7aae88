"""Other people's ways of counting against what their tools and papers answer: ladders, tables and one-layer probes.

The figures are the tools' own: from their documentation, their published tables, and runs of each on a single layer.
Where a figure of theirs follows from something that no network here has, the arithmetic stands beside it.
"""

import csv
import json
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest
import texts
from one_layer import KINDS, report_of
from seen import COUNTED, Counted
from test_bundled_tables import table
from texts import known

from vggcalc import Report, UsageError, load
from vggcalc.analysis import analyse
from vggcalc.analysis.derive import derive
from vggcalc.conventions import (
    MEMORY,
    OPERATIONS,
    Convention,
    Count,
    Counts,
    comparable,
    count_memory,
    count_operations,
    counts,
    find,
    rules,
)
from vggcalc.conventions import convention as one_convention
from vggcalc.conventions.arithmetic import with_counts
from vggcalc.conventions.ladder import Step, Way, _length, ladder, way
from vggcalc.conventions.quantities import SPECIAL
from vggcalc.layers import REGISTRY, ROLES, Input, Layer, Role
from vggcalc.memory.keeps import KEEPS
from vggcalc.memory.live import least_live, live
from vggcalc.network import FORMS, Network, Node
from vggcalc.render.derived import explain_sheets
from vggcalc.shape import Shape

PUBLISHED = Path(__file__).parent / "published"
MIB = 2**20

ALL = [*(("operations", name) for name in OPERATIONS), *(("memory", name) for name in MEMORY)]
each_convention = pytest.mark.parametrize(("of", "name"), ALL, ids=[f"{of}-{name}" for of, name in ALL])

NETWORKS = ["vgg16", "alexnet-caffe", "resnet18", "googlenet", "mobilenet_v2", "mobilenet_v3_small", "squeezenet1_0",
            "densenet121", "efficientnet_b0", "shufflenet_v2_x1_0", "convnext_tiny", "unet", "lenet5-1998",
            "A_bn"]  # fmt: skip
ON_A_LADDER = ["torchvision/vgg16", "A_bn", "resnet18", "googlenet", "mobilenet_v2", "squeezenet1_1"]


@cache
def report(model: str, size: str | None = None, batch: int = 1, until: str | None = None) -> Report:
    """A bundled network's figures, worked out once."""
    return load(model).analyse(input=size, batch=batch, until=until)


def rows_of(file: str) -> list[dict[str, str]]:
    """The rows of a published table, below its comments."""
    lines = (PUBLISHED / file).read_text("utf-8").splitlines()
    assert lines[0].startswith("# Source:")
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def counted(found: Report, of: str, name: str) -> Count:
    """A count of operations or of memory."""
    return (count_operations if of == "operations" else count_memory)(found, name)


def convention(of: str, name: str) -> Convention:
    """A convention of operations or of memory."""
    return (OPERATIONS if of == "operations" else MEMORY)[name]


def printed(figure: int, unit: int, places: int) -> str:
    """A figure in a unit with so many decimals, halves up."""
    return str((Decimal(figure) / unit).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


# --- VGG-16, as everyone counts it -------------------------------------------------------------------------------

CONV = 15_346_630_656  # MACs of the convolutions
FC = 123_633_664
CONV_OUT = 13_547_520
FC_OUT = 9_192  # 4096 + 4096 + 1000
RELU_OUT = 13_555_712  # CONV_OUT + 4096 + 4096
POOL_IN = 6_121_472  # 4 values for each output of the five poolings
TO_7X7 = 25_088  # values of the 7x7x512 map, which torchvision's adaptive pooling reads and writes again
SOFTMAX = 1_000

OPERATIONS_OF_VGG16 = {
    "conv-macs": (15_346_630_656, CONV),
    "macs": (15_470_264_320, CONV + FC),
    "torchvision": (15_470_264_320, CONV + FC),
    "calflops-macs": (15_470_264_320, CONV + FC),
    "netscope": (15_470_264_320, CONV + FC),
    "torchinfo": (15_483_821_032, CONV + FC + CONV_OUT + FC_OUT),
    "ptflops-aten": (15_483_821_032, CONV + FC + CONV_OUT + FC_OUT),
    "thop": (15_470_267_319, CONV + FC + 3 * SOFTMAX - 1),
    "thop-2019": (15_607_445_504, CONV + CONV_OUT + 2 * FC),
    "torch": (30_940_528_640, 2 * (CONV + FC)),
    "darknet": (30_940_528_640, 2 * (CONV + FC)),
    "calflops": (30_973_754_344, 2 * (CONV + FC) + CONV_OUT + RELU_OUT + POOL_IN + SOFTMAX),
    # ReLU 2 an output; pooling 2 * out * stride * stride, which is 2 for each input
    "convnet-burden": (15_523_175_400, CONV + FC + CONV_OUT + FC_OUT + 2 * RELU_OUT + 2 * POOL_IN),
}
"""The paper's network, which ends in a softmax."""

OPERATIONS_OF_TORCHVISION = {
    "macs": (15_470_264_320, CONV + FC),
    "torch": (30_940_528_640, 2 * (CONV + FC)),
    "fvcore": (15_470_289_408, CONV + FC + TO_7X7),
    "torchinfo": (15_483_821_032, CONV + FC + CONV_OUT + FC_OUT),
    "ptflops-2019": (15_503_523_304, CONV + FC + CONV_OUT + FC_OUT + RELU_OUT + POOL_IN + TO_7X7),
    "ptflops": (15_523_225_576, CONV + FC + CONV_OUT + FC_OUT + 2 * (RELU_OUT + POOL_IN + TO_7X7)),
    "thop": (15_470_314_496, CONV + FC + 2 * TO_7X7),
    "calflops": (30_973_778_432, 2 * (CONV + FC) + CONV_OUT + RELU_OUT + POOL_IN + TO_7X7),
}
"""The network with torchvision's adaptive pooling, and without a softmax."""


@pytest.mark.parametrize("name", OPERATIONS_OF_VGG16)
def test_operations_of_vgg16(name: str) -> None:
    """Every rung of the ladder by its name: the whole number, and the sum that leads to it."""
    figure, by_hand = OPERATIONS_OF_VGG16[name]
    assert count_operations(report("vgg16"), name).total == figure == by_hand


@pytest.mark.parametrize("name", OPERATIONS_OF_TORCHVISION)
def test_operations_of_torchvisions_vgg16(name: str) -> None:
    """The rungs on which the adaptive pooling counts."""
    figure, by_hand = OPERATIONS_OF_TORCHVISION[name]
    assert count_operations(report("torchvision/vgg16"), name).total == figure == by_hand


def test_operations_of_the_receptive_field_tables() -> None:
    """The 30.71 billion of Distill's VGG-16 stop at pool5: 2 x MACs + biases + 4 for each output of a 2x2 pooling."""
    found = count_operations(report("vgg16", until="pool5"), "distill")
    assert found.total == 30_712_930_304 == 2 * CONV + CONV_OUT + POOL_IN
    assert count_operations(report("vgg16"), "distill").total is None


def test_darknet_of_the_first_layer_of_yolov3() -> None:
    """Its operations by hand: 2 for each weight of 32 kernels of 3*3*3, at 416*416 positions; none for the rest."""
    found = count_operations(report("yolov3", "416x416"), "darknet")
    operations = [value for index in range(len(found.rows)) if (value := found.of(index))]
    assert operations[0] == 2 * 3 * 3 * 3 * 32 * 416 * 416 == 299_040_768


def test_alexeyab_of_yolov4() -> None:
    """Its 128.459 billion at 608x608 by hand: beside convolutions 23 shortcuts, and three poolings of 512x19x19."""
    found = count_operations(report("yolov4"), "darknet-alexeyab")
    shortcuts = 304**2 * 64 + 2 * 152**2 * 64 + 8 * 76**2 * 128 + 8 * 38**2 * 256 + 4 * 19**2 * 512
    pools = (5**2 + 9**2 + 13**2) * 19**2 * 512
    assert found.total == 2 * 64_194_741_248 + shortcuts + pools == 128_458_794_496


def test_ultralytics_of_yolov8() -> None:
    """YOLOv8l's 165.2 billion: 2 for each multiply-accumulate, and for each value of two maps that are enlarged."""
    found = count_operations(report("yolov8l"), "ultralytics")
    assert found.total == 2 * 82_573_721_600 + 2 * 512 * (40**2 + 80**2) == 165_155_635_200


OTHER_NAMES = [("operations", "timm", "fvcore"), ("operations", "ptflops-pytorch", "ptflops"),
               ("operations", "deepspeed", "calflops"), ("operations", "thinet", "torch"),
               ("memory", "rows", "activations"), ("memory", "burden", "convnet-burden"),
               ("memory", "timm", "fvcore")]  # fmt: skip


@pytest.mark.parametrize(("of", "alias", "name"), OTHER_NAMES)
def test_other_names(of: str, alias: str, name: str) -> None:
    """A way of counting is found under whatever its users call it."""
    assert counted(report("vgg16"), of, alias).convention is convention(of, name)
    assert convention(of, name) in find(alias)


ROWS = 15_237_608  # the sum of the rows of CS231n's table
INPUT = 150_528

MEMORY_OF_VGG16 = {
    # values, bytes
    "activations": (ROWS, 60_950_432),
    "forward": (24_352_744, 97_410_976),
    "convnet-burden": (ROWS - INPUT, 60_348_320),
    "conv-outputs": (CONV_OUT, 4 * CONV_OUT),
    "torchinfo": (2 * (CONV_OUT + FC_OUT), 108_453_696),
    "fvcore": (13_556_712, None),
    # all of them, ReLU and dropout too: INPUT + conv + pool + fc + relu + dropout + softmax
    "netscope": (28_802_512, 4 * 28_802_512),
    "keras": (138_357_544, 553_430_176),
    "live": (2 * 224 * 224 * 64, 25_690_112),
}


@pytest.mark.parametrize("name", MEMORY_OF_VGG16)
def test_memory_of_vgg16(name: str) -> None:
    """Every way of counting memory by its name, for the paper's network."""
    found = count_memory(report("vgg16"), name)
    assert (found.total, found.total_bytes) == MEMORY_OF_VGG16[name]


def test_netscope_counts_everything_once() -> None:
    """Netscope's 28,802,512 from its parts: the data layer, and every output, whether it runs in place or not."""
    parts = (INPUT, CONV_OUT, POOL_IN // 4, FC_OUT, RELU_OUT, 2 * 4096, SOFTMAX)
    assert sum(parts) == MEMORY_OF_VGG16["netscope"][0]


MEGABYTES = [
    ("torchvision/vgg16", None, "convnet-burden", MIB, "57.65"),  # 57.55 and the adaptive pooling's 25,088 values
    ("vgg16", None, "convnet-burden", MIB, "57.55"),
    ("vgg16", "fc8", "torchsummary", MIB, "218.59"),  # its README, whose torchvision had no adaptive pooling
    ("torchvision/vgg16", None, "torchsummary", MIB, "218.78"),
    ("vgg16", None, "torchinfo", 10**6, "108.45"),
    ("torchvision/vgg16", None, "torchinfo", 10**6, "108.45"),
    ("vgg16", None, "keras", MIB, "527.79"),
    ("vgg16", None, "conv-outputs", MIB, "51.68"),
    ("vgg16", None, "activations", MIB, "58.13"),
    ("vgg16", None, "forward", MIB, "92.90"),
    ("vgg16", None, "live", MIB, "24.50"),
]


@pytest.mark.parametrize(("model", "until", "name", "unit", "text"), MEGABYTES)
def test_megabytes_of_vgg16(model: str, until: str | None, name: str, unit: int, text: str) -> None:
    """The megabytes that the tools print, each in its own."""
    found = count_memory(report(model, until=until), name)
    assert found.total_bytes is not None
    assert printed(found.total_bytes, unit, 2) == text
    if found.convention.megabyte:
        assert found.convention.megabyte == unit


def test_torchsummary_of_alexnet() -> None:
    """torchsummary 1.5.1 prints 8.38 MB for torchvision's AlexNet, whose flatten is a function that it does not see."""
    found = count_memory(report("torchvision/alexnet"), "torchsummary")
    assert found.total_bytes == 8_785_728
    assert printed(found.total_bytes, MIB, 2) == "8.38"


def test_memory_of_caffes_log() -> None:
    """BVLC/caffe#3042 logs 114,583,552 bytes for VGG-16 cut at relu7: in-place tops again, the input blob not."""
    assert count_memory(report("vgg16", until="relu7"), "caffe").total_bytes == 114_583_552


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_some_tools_know_only_four_bytes(dtype: str) -> None:
    """torchsummary and Caffe reckon with four bytes whatever the format; fvcore counts, and has no bytes."""
    found = load("vgg16").analyse(dtype=dtype)
    size = {"float16": 2, "float32": 4, "float64": 8}[dtype]
    for name in ("torchsummary", "caffe"):
        count = count_memory(found, name)
        assert count.total_bytes == 4 * (count.total or 0) > 0
    for name in ("activations", "torchinfo", "netscope", "keras"):
        count = count_memory(found, name)
        assert count.total_bytes == size * (count.total or 0) > 0
    assert count_memory(found, "fvcore").total_bytes is None


SAVED = {
    # bytes: what torch 2.13 was seen to keep
    ("torchvision/vgg16", 1): 73_355_264,
    ("torchvision/vgg16", 4): 293_421_056,
}


@pytest.mark.parametrize(("model", "batch"), SAVED)
def test_saved_of_vgg16(model: str, batch: int) -> None:
    """What autograd keeps of VGG-16; without batch normalisation, four images take four times as much."""
    assert count_memory(report(model, batch=batch), "saved").total_bytes == SAVED[model, batch]


def test_live_of_resnet50() -> None:
    """ResNet-50's peak, as a tracker of real allocations saw it: 3 maps of 56x56x256 or their like, in place where so.

    9,633,792 bytes are 2,408,448 values: three maps of 802,816.
    """
    found = count_memory(report("resnet50"), "live")
    assert found.total_bytes == 9_633_792 == 4 * 3 * 56 * 56 * 256
    assert found.at


# --- published tables --------------------------------------------------------------------------------------------

STEM_OF_2019 = {
    # params in millions and "MACs" in billions of thop's README; MNASNet's stem had 32 and 16 maps at every width until
    # torchvision 0.5. What that adds to today's operations and params, by hand:
    # width 0.5, 32 and 16 maps for 16 and 8: 27*16 + 9*16 + (32*16 - 16*8) + (16*48 - 8*24) = 1536 at 112x112, and
    # 9*(48 - 24) + 16*(48 - 24) = 600 at 56x56; normalisation 4 for each of 16 + 16 + 8 + 24 maps and of 24.
    "mnasnet0_5": ("2.22", "0.14", 12544 * 1536 + 3136 * 600 + 4 * (12544 * 64 + 3136 * 24), 2136 + 2 * 88),
    # width 0.75, 32 maps for 24: 27*8 + 9*8 + 8*16 = 416 at 112x112; normalisation of 8 + 8 maps.
    "mnasnet0_75": ("3.17", "0.24", 12544 * 416 + 4 * 12544 * 16, 416 + 2 * 16),
    # width 1.3, 32 and 16 maps for 40 and 24: 27*8 + 9*8 + (40*24 - 32*16) + (24*72 - 16*48) = 1696 at 112x112, and
    # 9*(72 - 48) + 32*(72 - 48) = 984 at 56x56; normalisation of 8 + 8 + 8 + 24 maps and of 24.
    "mnasnet1_3": ("6.28", "0.53", -(12544 * 1696 + 3136 * 984 + 4 * (12544 * 48 + 3136 * 24)), -(2680 + 2 * 72)),
}
"""The rows of THOP's README whose networks have another stem than in today's torchvision."""


@pytest.mark.parametrize("model", STEM_OF_2019)
def test_thop_readme(model: str) -> None:
    """Params and "MACs" of these rows, which the bundled table leaves out, are those of the old stem."""
    params, macs, more, more_params = STEM_OF_2019[model]
    found = report(f"torchvision/{model}")
    operations = count_operations(found, "thop-2019").total
    assert operations is not None
    assert printed(operations + more, 10**9, 2) == macs
    assert printed(known(found.totals.params) + more_params, 10**6, 2) == params


def test_the_old_stem_is_needed() -> None:
    """Two of these rows are not those of today's networks; at width 0.75 the stem is lost in the rounding."""
    today = {model: count_operations(report(f"torchvision/{model}"), "thop-2019").total or 0 for model in STEM_OF_2019}
    differing = [model for model, total in today.items() if printed(total, 10**9, 2) != STEM_OF_2019[model][1]]
    assert differing == ["mnasnet0_5", "mnasnet1_3"]


CAFFENET = """
    family: caffenet
    input: 224x224x3
    layers: [conv11-96/4, relu, {maxpool3/2: {ceil_mode: true}}, lrn,
             {conv5-256: {padding: 2, groups: 2}}, relu, {maxpool3/2: {ceil_mode: true}}, lrn,
             {conv3-384: {padding: 1}}, relu, {conv3-384: {padding: 1, groups: 2}}, relu,
             {conv3-256: {padding: 1, groups: 2}}, relu, maxpool3/2,
             fc-4096, relu, dropout, fc-4096, relu, dropout, fc-1000, softmax]
"""
"""AlexNet with its poolings before its normalisations; on 224x224 the poolings' ceil makes 27x27 of 54x54."""

BOXES = 8732
MORE = {
    # Behind the heads of Caffe's SSD: offsets and scores permuted, flattened and joined; scores of 21 classes
    # reshaped, through a softmax, and flattened; two values for each side of the boxes, which are joined too.
    "ssd-pascal-vggvd-300": 3 * BOXES * (4 + 21) + 3 * BOXES * 21 + 2 * 2 * 4 * BOXES,
    # Printed 30, and 28.99 by the rule by which squeezenet1-1 has its 17. Not explained: the map of conv10,
    # once more for its ReLU, would make it 29.63, and squeezenet1-1 17.32.
    "squeezenet1-0": 13 * 13 * 1000,
}
"""Values that the network of a row has besides."""

FEATURES = {
    "alexnet": "3 MB",
    "caffenet": "3 MB",
    "squeezenet1-0": "30 MB",
    "SE-ResNet-152": "220 MB",
    "ssd-pascal-vggvd-300": "116 MB",
}
"""Feature memory that convnet-burden prints, of the rows that the bundled table leaves out."""

FLOPS = {
    "alexnet": "727 MFLOPs",
    "caffenet": "724 MFLOPs",
    "squeezenet1-0": "837 MFLOPs",
    "squeezenet1-1": "360 MFLOPs",
    "vgg-f": "727 MFLOPs",
    "vgg-m": "2 GFLOPs",
    "vgg-s": "3 GFLOPs",
    "vgg-m-2048": "2 GFLOPs",
    "vgg-m-1024": "2 GFLOPs",
    "vgg-m-128": "2 GFLOPs",
    "googlenet": "2 GFLOPs",
    "resnet18": "2 GFLOPs",
    "resnet34": "4 GFLOPs",
    "resnet-50": "4 GFLOPs",
    "resnet-101": "8 GFLOPs",
    "resnet-152": "11 GFLOPs",
    "resnext-50-32x4d": "4 GFLOPs",
    "resnext-101-32x4d": "8 GFLOPs",
    "resnext-101-64x4d": "16 GFLOPs",
    "inception-v3": "6 GFLOPs",
    "SE-ResNet-50": "4 GFLOPs",
    "SE-ResNet-101": "8 GFLOPs",
    "SE-ResNet-152": "11 GFLOPs",
    "SE-ResNeXt-50-32x4d": "4 GFLOPs",
    "SE-ResNeXt-101-32x4d": "8 GFLOPs",
    "SENet": "21 GFLOPs",
    "densenet121": "3 GFLOPs",
    "densenet161": "8 GFLOPs",
    "densenet169": "3 GFLOPs",
    "densenet201": "4 GFLOPs",
    "mcn-mobilenet": "579 MFLOPs",
    "ssd-pascal-vggvd-300": "31 GFLOPs",
    "pascal-fcn32s": "125 GFLOPs",
    "pascal-fcn16s": "125 GFLOPs",
    "pascal-fcn8s": "125 GFLOPs",
}
"""FLOPs that it prints; the bundled table has those of networks of whose layers the source says how they count."""


@cache
def behind(row: str) -> Report:
    """The network behind a row, at its input, as the bundled table has it."""
    if row == "caffenet":
        return texts.model(CAFFENET).analyse(input="224x224")
    asked = next(claim.quantity for claim in table("convnet-burden").claims if claim.row == row)
    return load(asked.model, asked.question).analyse()


def in_network(row: str) -> list[int]:
    """The layers of the network; MatConvNet's own AlexNet has batch normalisation, merged away, and no other."""
    return [index for index, layer in enumerate(behind(row).rows) if (row, layer.kind) != ("alexnet", "lrn")]


def test_convnet_burden_params_of_caffenet() -> None:
    """Parameter memory, in MB of 2^20 bytes; the bundled table has that of the other rows."""
    taken = count_memory(behind("caffenet"), "keras").total_bytes
    assert taken is not None
    assert printed(taken, MIB, 0) == "233"


def test_convnet_burden_counts_running_statistics() -> None:
    """Without them ResNet-50 would have 97 MB, SE-ResNet-101 188 and DenseNet-201 76; it prints 98, 189 and 77."""
    for model, without in (("resnet50-v1", "97"), ("se-resnet101", "188"), ("densenet201", "76")):
        assert printed(known(report(model).totals.params_bytes), MIB, 0) == without


@pytest.mark.parametrize("row", FEATURES)
def test_convnet_burden_features(row: str) -> None:
    """Feature memory in MB of 2^20 bytes: the rule of the convention, and what the network of a row has besides."""
    count = count_memory(behind(row), "convnet-burden")
    values = MORE.get(row, 0)
    for index in in_network(row):
        figure = count.of(index)
        assert figure is not None, behind(row).rows[index].kind
        values += figure
    assert f"{printed(4 * values, MIB, 0)} MB" == FEATURES[row]


def test_convnet_burden_of_squeezenet_is_not_explained() -> None:
    """It prints 30 MB, and the rule gives 29."""
    taken = count_memory(behind("squeezenet1-0"), "convnet-burden").total_bytes
    assert taken is not None
    assert printed(taken, MIB, 0) == "29"


@pytest.mark.slow
@pytest.mark.parametrize("row", FLOPS)
@pytest.mark.parametrize("times", [1, 2])
def test_convnet_burden_flops(row: str, times: int) -> None:
    """FLOPs of a row; layers of which nobody says anything may count once or twice an output."""
    count = count_operations(behind(row), "convnet-burden")
    flops = 0
    for index in in_network(row):
        layer, figure = behind(row).rows[index], count.of(index)
        if figure is None:
            assert layer.kind in ("lrn", "add", "sigmoid", "multiply", "crop", "l2norm")
            figure = times * layer.output.elements
        flops += figure
    unit = FLOPS[row].split()[1]
    assert f"{printed(flops, {'MFLOPs': 10**6, 'GFLOPs': 10**9}[unit], 0)} {unit}" == FLOPS[row]


def test_torchsummary_readme() -> None:
    """The estimated total size, 746.96 MB, is the sum of its parts before they are rounded to 746.95."""
    found = report("vgg16", until="fc8")  # the README's torchvision had no adaptive pooling, and no softmax
    both_ways = count_memory(found, "torchsummary").total_bytes
    assert both_ways is not None
    assert printed(4 * INPUT + both_ways + known(found.totals.params_bytes), MIB, 2) == "746.96"


KERAS = {
    # megabytes of 2^20 bytes of the weights' file, Keras Applications 2018
    "xception-keras": 88,
    "D": 528,
    "E": 549,
    "resnet50-keras": 99,
    "inception_v3-keras": 92,
    "inception_resnet_v2-keras": 215,
    "mobilenet_v1-tensorflow": 17,
    "densenet121": 33,
    "densenet169": 57,
    "densenet201": 80,
}


@pytest.mark.slow
@pytest.mark.parametrize("model", KERAS)
def test_keras_total_params(model: str) -> None:
    """Weights, biases and running statistics count once, whatever the batch; a file of weights is no smaller."""
    one, three = (count_memory(report(model, batch=batch), "keras") for batch in (1, 3))
    assert one.total is not None
    assert three.total == one.total
    assert three.total_bytes == one.total_bytes == 4 * one.total <= KERAS[model] * MIB


# --- one layer at a time -----------------------------------------------------------------------------------------

PROBES = json.loads((PUBLISHED / "tool_probes.json").read_text("utf-8"))

LAYERS = {
    "Conv2d(8,16,3,pad1) bias": "{conv3-16: {padding: 1}}",
    "Conv2d(8,16,3,pad1) no bias": "{conv3-16: {padding: 1, bias: false}}",
    "Conv2d(8,16,3,pad1,groups4) no bias": "{conv3-16: {padding: 1, groups: 4, bias: false}}",
    "Conv2d depthwise 3x3 pad1 no bias": "{dwconv3: {padding: 1, bias: false}}",
    "ConvTranspose2d(8,16,3,stride2) no bias": "{convtranspose3-16/2: {bias: false}}",
    "ConvTranspose2d(8,16,3,stride2) bias": "convtranspose3-16/2",
    "Linear(800,10) bias (after Flatten)": "flatten, fc-10",
    "Linear(800,10) no bias (after Flatten)": "flatten, {fc-10: {bias: false}}",
    "BatchNorm2d(8)": "batchnorm",
    "BatchNorm2d(8, affine=False)": "{batchnorm: {affine: false}}",
    "GroupNorm(2,8)": "groupnorm-2",
    "LayerNorm([8,10,10])": "{layernorm: {normalized_shape: all}}",
    "LocalResponseNorm(5)": "lrn",
    "ReLU": "{relu: {inplace: false}}",
    "ReLU(inplace)": "relu",
    "ReLU6": "relu6",
    "LeakyReLU": "leakyrelu",
    "PReLU(8)": "{prelu: {num_parameters: channels}}",
    "Sigmoid": "sigmoid",
    "SiLU": "silu",
    "Hardswish": "hardswish",
    "GELU": "gelu",
    "Tanh": "tanh",
    "Softmax(1)": "softmax",
    "MaxPool2d(2)": "maxpool2",
    "AvgPool2d(2)": "avgpool2",
    "AdaptiveAvgPool2d(1)": "adaptiveavgpool1",
    "AdaptiveAvgPool2d(5)": "adaptiveavgpool5",
    "Dropout": "dropout",
    "Flatten": "flatten",
    "Upsample x2 nearest": "{upsample2: {mode: nearest}}",
    "Upsample x2 bilinear": "{upsample2: {mode: bilinear}}",
    "x + x": "{branches: {merge: add, paths: [[], []]}}",
    "x * x": "{branches: {merge: multiply, paths: [[], []]}}",
    "cat([x, x])": "{branches: {merge: concat, paths: [[], []]}}",
    "ZeroPad2d(1)": "pad1",
    "Identity": "identity",
}
NO_LAYER = {
    "F.linear 800->10 (functional)": "no network here calls a fully connected layer as a function",
    "F.relu": "it probes torch.relu, which no tool replaces; F.relu, which they do, counts 1 an output with ptflops",
    "PixelShuffle(2)": "no such kind",
}

COUNTERS = {
    "flop_counter/2": ("operations", "torchvision"),
    "fvcore": ("operations", "fvcore"),
    "fvcore_activations": ("memory", "fvcore"),
    "ptflops_pytorch": ("operations", "ptflops"),
    "ptflops_aten": ("operations", "ptflops-aten"),
    "thop": ("operations", "thop"),
    "torchinfo_mult_adds": ("operations", "torchinfo"),
    "torchinfo_output_bytes(x2 incl.)": ("memory", "torchinfo"),
    "torchsummary_output_elements": ("memory", "torchsummary"),
    "calflops_macs": ("operations", "calflops-macs"),
    "calflops_flops": ("operations", "calflops"),
}
NO_CONVENTION = {"torchscan_macs", "onnx_tool_macs", "saved_for_backward_bytes_batch2"}  # the last is tested below

NOT_THE_PROBES = {
    # A probe wraps every function into a module, which torchsummary then sees; in networks they are functions.
    ("x + x", "torchsummary"): 0,
    ("x * x", "torchsummary"): 0,
    ("cat([x, x])", "torchsummary"): 0,
    # Not known: it adds 256 for the bias, of which there are 16, on 7056 outputs.
    ("ConvTranspose2d(8,16,3,stride2) bias", "calflops"): None,
}
"""What a convention says where that is not what the tool answered."""


def one_layer(text: str) -> Report:
    """A network of one layer on the probes' input."""
    return texts.report(f"{{family: t, input: 10x10x8, layers: [{text}]}}")


def test_every_probe_is_spoken_of() -> None:
    """Each layer that was probed has one here, and each counter a convention, or there is a reason."""
    assert set(PROBES["layers"]) == {*LAYERS, *NO_LAYER}
    assert {name for found in PROBES["layers"].values() for name in found} == {*COUNTERS, *NO_CONVENTION}
    assert PROBES["input"] == [1, 8, 10, 10]


@pytest.mark.slow
@pytest.mark.parametrize("counter", COUNTERS)
@pytest.mark.parametrize("probe", LAYERS)
def test_probes(probe: str, counter: str) -> None:
    """What a tool answered for one layer is what the convention of its name says, to the unit."""
    of, name = COUNTERS[counter]
    found = counted(one_layer(LAYERS[probe]), of, name)
    answer = PROBES["layers"][probe][counter]
    expected = NOT_THE_PROBES.get((probe, name), answer)
    if counter == "torchinfo_output_bytes(x2 incl.)":
        assert found.total_bytes == expected
    elif counter == "torchsummary_output_elements":
        assert found.total == 2 * expected
    else:
        assert found.total == expected
    if name == "torchvision":
        assert count_operations(one_layer(LAYERS[probe]), "torch").total == 2 * answer


def test_what_is_not_the_probes_differs_from_them() -> None:
    """No exception is made for a tool that answers what its convention says."""
    counter_of = {name: counter for counter, (_, name) in COUNTERS.items()}
    for (probe, name), figure in NOT_THE_PROBES.items():
        assert PROBES["layers"][probe][counter_of[name]] != figure


KEPT = {
    "ReLU": "{relu: {inplace: false}}",
    "ReLU inplace": "{relu: {inplace: true}}",
    "ReLU6": "{relu6: {inplace: false}}",
    "ReLU6 inplace": "{relu6: {inplace: true}}",
    "SiLU": "{silu: {inplace: false}}",
    "SiLU inplace": "{silu: {inplace: true}}",
    "Hardswish": "{hardswish: {inplace: false}}",
    "Hardswish inplace": "{hardswish: {inplace: true}}",
    "Hardsigmoid": "{hardsigmoid: {inplace: false}}",
    "LeakyReLU": "{leakyrelu: {inplace: false}}",
    "LeakyReLU inplace": "{leakyrelu: {inplace: true}}",
    "ELU": "{elu: {inplace: false}}",
    "ELU inplace": "{elu: {inplace: true}}",
    "GELU": "gelu",
    "Mish": "{mish: {inplace: false}}",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softmax": "softmax",
    "PReLU(8)": "{prelu: {num_parameters: channels}}",
    "Dropout": "dropout",
    "Dropout inplace": "{dropout: {inplace: true}}",
    "Dropout(p=0)": "{dropout: {p: 0}}",
    "Identity": "identity",
    "BatchNorm2d(8)": "batchnorm",
    "LocalResponseNorm(5)": "lrn",
    "GroupNorm(2,8)": "groupnorm-2",
    "InstanceNorm2d(8)": "groupnorm-8",  # a group for each channel
    "LayerNorm([8,10,10])": "{layernorm: {normalized_shape: all}}",
    "Upsample nearest x2": "{upsample2: {mode: nearest}}",
    "Upsample bilinear x2": "{upsample2: {mode: bilinear}}",
    "ZeroPad2d(1)": "pad1",
    "ConvTranspose2d(8,8,2,2)": "convtranspose2-8/2",
    "MaxPool2d(2)": "maxpool2",
    "AvgPool2d(2)": "avgpool2",
    "AdaptiveMaxPool2d(5)": "adaptivemaxpool5",
    "AdaptiveAvgPool2d(5)": "adaptiveavgpool5",
    "AdaptiveAvgPool2d(1)": "adaptiveavgpool1",
}
NOT_KEPT = {"PixelShuffle(2)": "no such kind", "Dropout2d": "no such kind: a mask for each channel"}

BUFFERS = {"BatchNorm2d(8)": 4 * 2 * 8}
"""The running mean and variance, which the probe counted and which are no tensors of a pass."""


def test_every_saved_probe_is_spoken_of() -> None:
    """Each operation that was probed has a layer here, or a reason."""
    assert {row["op"] for row in rows_of("saved_probes.csv")} == {*KEPT, *NOT_KEPT}


@pytest.mark.slow
@pytest.mark.parametrize(
    "row", [row for row in rows_of("saved_probes.csv") if row["op"] in KEPT], ids=lambda r: r["op"]
)
def test_saved_probes(row: dict[str, str]) -> None:
    """Bytes that autograd keeps for one operation, alone and with a convolution after it; the base keeps its input."""
    base = 4 * 2 * 8 * 10 * 10
    for after, answer in (("", row["own"]), (", conv1-8", row["with_next"])):
        layers = f"{{conv1-8: {{bias: false, name: base}}}}, {KEPT[row['op']]}{after}"
        found = texts.model(f"{{family: t, input: 10x10x8, layers: [{layers}]}}").analyse(batch=2, training=True)
        assert count_memory(found, "saved").total_bytes == base + int(answer) - BUFFERS.get(row["op"], 0)


@pytest.mark.parametrize("probe", ["Conv2d(8,16,3,pad1) bias", "Conv2d(8,16,3,pad1,groups4) no bias",
                                   "Conv2d depthwise 3x3 pad1 no bias", "ConvTranspose2d(8,16,3,stride2) bias",
                                   "Linear(800,10) bias (after Flatten)", "BatchNorm2d(8, affine=False)", "x + x",
                                   "x * x", "cat([x, x])", "Flatten", "MaxPool2d(2)",
                                   "AdaptiveAvgPool2d(1)"])  # fmt: skip
def test_saved_in_the_counters_probes(probe: str) -> None:
    """The same figure from the other file of probes, for what the first has not."""
    layers = f"{{conv1-8: {{bias: false, name: base}}}}, {LAYERS[probe]}"
    found = texts.model(f"{{family: t, input: 10x10x8, layers: [{layers}]}}").analyse(batch=2, training=True)
    kept = count_memory(found, "saved").total_bytes
    buffers = 64 if probe.startswith("BatchNorm") else 0
    assert kept == 6400 + PROBES["layers"][probe]["saved_for_backward_bytes_batch2"] - buffers


@pytest.mark.parametrize("seen", COUNTED, ids=lambda seen: f"{seen.tool}-{seen.layer}-{seen.size}")
def test_as_counted(seen: Counted) -> None:
    """What a tool answers for a convolution and one more layer, and of that the more than for the convolution alone."""
    found = texts.model(seen.spec).analyse(batch=seen.batch)
    if seen.tool == "torchsummary":
        count = count_memory(found, seen.tool)
        assert (count.total_bytes, 4 * (count.of(2) or 0)) == (seen.answer, seen.terms)
    else:
        count = count_operations(found, seen.tool)
        assert (count.total, count.of(2)) == (seen.answer, seen.terms)


# --- by hand -----------------------------------------------------------------------------------------------------

SMALL = """
    family: t
    input: 8x8x3
    layers: [{conv3-4: {padding: 1, norm: batchnorm}}, relu, maxpool, {residual: {layers: [{conv3-4: {padding: 1}}]}},
             relu, fc-10, softmax]
"""
"""256 values after conv, batchnorm and relu; 64 after maxpool, conv, add and relu; 10 after fc and softmax."""

BY_HAND = {
    ("operations", "macs"): 27 * 256 + 36 * 64 + 640,
    ("operations", "conv-macs"): 27 * 256 + 36 * 64,
    ("operations", "torch"): 2 * (27 * 256 + 36 * 64 + 640),
    ("operations", "netscope"): 27 * 256 + 36 * 64 + 640,
    ("operations", "darknet"): 2 * (27 * 256 + 36 * 64 + 640),
    # + 256 + 64 + 10 biases; batchnorm 2 an output; relu 2; maxpool 2 an input; softmax 1 an output
    ("operations", "ptflops"): 27 * 256 + 36 * 64 + 640 + 330 + 512 + 2 * 320 + 2 * 256 + 10,
    ("operations", "ptflops-2019"): 27 * 256 + 36 * 64 + 640 + 330 + 512 + 320 + 256,
    # batchnorm 4 an output; softmax 3 an output less 1
    ("operations", "thop"): 27 * 256 + 36 * 64 + 640 + 1024 + 29,
    ("operations", "thop-2019"): 27 * 256 + 36 * 64 + 2 * 640 + 256 + 64 + 1024,
    ("operations", "fvcore"): 27 * 256 + 36 * 64 + 640 + 512,
    ("operations", "torchinfo"): 27 * 256 + 36 * 64 + 640 + 330 + 8,
    ("operations", "calflops"): 2 * (27 * 256 + 36 * 64 + 640) + 256 + 64 + 512 + 320 + 256 + 10,
    ("memory", "activations"): 192 + 256 + 256 + 64 + 64 + 64 + 10,  # the sum is a row of its own
    ("memory", "forward"): 192 + 256 + 256 + 64 + 64 + 64 + 10 + 192 + 64 + 64,
    ("memory", "convnet-burden"): 256 + 256 + 64 + 64 + 64 + 10,
    ("memory", "torchsummary"): 2 * (256 * 3 + 64 + 64 + 64 + 10 + 10),  # a sum is no module
    ("memory", "torchinfo"): 2 * (256 + 256 + 64 + 10),
    ("memory", "fvcore"): 256 + 64 + 10,
    # Caffe normalises in two layers, and so does Netscope: 2 * 256
    ("memory", "netscope"): 192 + 256 + 512 + 256 + 4 * 64 + 10 + 10,
    # a Split copies the pooling's 64 values for the two that read them
    ("memory", "caffe"): 256 + 512 + 256 + 64 + 2 * 64 + 64 + 64 + 64 + 10 + 10,
    ("memory", "keras"): 27 * 4 + 4 + 8 + 8 + 36 * 4 + 4 + 650,
    ("memory", "live"): 512,  # in and out of batchnorm; the pixels are no more
    # the pixels; what batchnorm reads, and 2 for each of 4 channels; relu's output, which the pooling reads, and 64
    # indices; the pooling's output for the convolution; the last relu's for fc; the softmax's output
    ("memory", "saved"): 192 + 256 + 8 + 256 + 64 + 64 + 64 + 10,
}


@pytest.mark.parametrize(("of", "name"), BY_HAND)
def test_a_small_network_by_hand(of: str, name: str) -> None:
    """Every convention that knows its kinds, on a network that fits on a sheet of paper."""
    assert counted(texts.report(SMALL), of, name).total == BY_HAND[of, name]


def test_bytes_of_what_is_saved_by_hand() -> None:
    """Indices have eight bytes each, all else of the small network four."""
    assert count_memory(texts.report(SMALL), "saved").total_bytes == 4 * (192 + 256 + 8 + 256 + 64 + 64 + 10) + 8 * 64


@pytest.mark.parametrize("view", ["", "flatten, ", "identity, ", "{slice: {start: 1}}, ", "dropout, "])
def test_views_take_no_memory(view: str) -> None:
    """A view looks at the memory of its input, all of it: relu's 320 values are there once, and so is dropout's mask.

    Alive at most: the pixels and the convolution's output. Kept: the pixels, and relu's output; in training dropout
    puts out values of its own, and keeps a mask.
    """
    found = texts.report(f"{{family: t, input: 8x8x3, layers: [{{conv3-5: {{padding: 1}}}}, relu, {view}fc-13]}}")
    assert count_memory(found, "live").total == 192 + 320
    assert count_memory(found, "saved").total == 192 + 320 + (2 * 320 if view == "dropout, " else 0)


@pytest.mark.parametrize(
    ("layers", "values"),
    [
        ("relu, conv3-4", 192),  # the convolution's input alone
        ("sigmoid, conv3-4", 192),
        ("maxpool, conv3-4", 48),  # no indices
        ("dropout, conv3-4", 192),  # no mask
        ("conv3-4", 192),
        ("relu", 0),
    ],
)
def test_what_needs_no_gradient_is_not_kept(layers: str, values: int) -> None:
    """Above the first parameters nothing waits for a backward pass."""
    found = texts.report(f"{{family: t, input: 8x8x3, layers: [{layers}]}}")
    assert count_memory(found, "saved").total == values


def test_the_best_order_by_hand() -> None:
    """Two wide maps of 4,096 values, each narrowed to 64: one after the other, or both at once."""
    wide = "{conv1-64: {name: a}}, {conv1-64: {name: b, from: input}}"
    narrow = "{conv1-1: {name: c, from: a}}, {conv1-1: {name: d, from: b}}"
    found = texts.report(f"{{family: t, input: 8x8x1, layers: [{wide}, {narrow}, {{concat: {{from: [c, d]}}}}]}}")
    # in the order of the network: a, b and the pixels, or a, b and c
    assert live(found).peak == 4096 + 4096 + 64
    assert found.rows[live(found).at].name == "b"
    # a, c, b, d: beside a wide map two of 64
    assert least_live(found).peak == 4096 + 64 + 64
    names = [found.rows[index].name for index in least_live(found).order]
    assert abs(names.index("a") - names.index("c")) == abs(names.index("b") - names.index("d")) == 1


@pytest.mark.parametrize(
    ("factors", "values"),
    [
        ("input, a", 192 + 192),  # the pixels, for both convolutions' sake and the product's; the product
        ("a, input", 192 + 192),
        ("r, a", 192 + 192 + 192),  # and r
        ("a, r", 192 + 192 + 192),
    ],
)
def test_a_factor_is_kept_for_the_gradient_of_the_other(factors: str, values: int) -> None:
    """A product keeps a factor only where the other one needs a gradient, as torch 2.13 was seen to do."""
    layers = "{relu: {name: r, inplace: false}}, {conv1-3: {name: a, from: input}}"
    product = f"{{multiply: {{from: [{factors}]}}}}, {{conv1-4: {{name: z}}}}"
    found = texts.report(f"{{family: t, input: 8x8x3, outputs: [z, r], layers: [{layers}, {product}]}}")
    assert count_memory(found, "saved").total == values


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_the_best_order_is_an_order(model: str) -> None:
    """Every layer runs once, after those that it reads, and the peak is never above that of the network's order."""
    found = report(model)
    own, best = live(found), least_live(found)
    assert own.order == tuple(range(len(found.rows)))
    assert sorted(best.order) == sorted(own.order)
    places = {index: place for place, index in enumerate(best.order)}
    for index, row in enumerate(found.rows):
        assert all(places[source] < places[index] for source in row.inputs)
    assert max(row.output.elements for row in found.rows) <= best.peak <= own.peak


def test_onnx_tool_by_hand() -> None:
    """Each node's output and its weights: 256 + 27*4 + 4, 256, 64, 10 + 640 + 10."""
    found = texts.report("{family: t, input: 8x8x3, layers: [{conv3-4: {padding: 1}}, relu, maxpool, fc-10]}")
    assert count_memory(found, "onnx-tool").total == 256 + 112 + 256 + 64 + 10 + 650


@pytest.mark.slow
def test_layers_of_training_count_nothing() -> None:
    """Auxiliary heads have parameters, but every convention of operations finds no work in them at inference."""
    for name in OPERATIONS:
        assert (
            count_operations(report("googlenet-aux"), name).total == count_operations(report("googlenet"), name).total
        )
    whole, plain = (
        count_operations(load(m).analyse(training=True), "torch").total for m in ("googlenet-aux", "googlenet")
    )
    assert (whole or 0) > (plain or 0) > 0


# --- what a convention is ----------------------------------------------------------------------------------------


@each_convention
def test_a_kind_that_is_not_named_is_unknown(of: str, name: str) -> None:
    """Of kinds that its table does not name, nothing is known: no total, no bytes, the kind listed; never 0."""
    for kind in KINDS:
        found = counted(report_of(kind), of, name)
        named = KEEPS if name == "saved" else convention(of, name).rules
        forms = {f"{kind}:{form}" for form in ("unbiased", *FORMS.values())}
        modes = [key for key in named if key.startswith(f"{kind}:") and key not in forms]
        own = [key for key in (kind, f"*{REGISTRY[kind].role}", "*") if key in named]
        known = REGISTRY[kind].role != "unknown" and (
            name == "live" or bool(modes) or (bool(own) and named[own[0]] is not None)
        )
        index = len(found.rows) - 1
        trained = any(row.params for row in report_of(kind).rows)
        if name == "saved" and not trained:  # nothing below needs a gradient, so that nothing is kept
            assert found.total == 0, kind
        elif known:
            assert found.unknown == ()
            assert found.total is not None, kind
            assert found.of(index) is not None, kind
        else:
            assert found.unknown == (report_of(kind).rows[index].called,)
            assert (found.total, found.total_bytes, found.rows[index], found.of(index)) == (None,) * 4, kind
            assert found.adds(index), kind


@each_convention
def test_tables_name_only_kinds_that_exist(of: str, name: str) -> None:
    """A rule is for a kind, for one of its modes, for functions, for a role, or for every kind that is left."""
    found = convention(of, name)
    for key in KEEPS if name == "saved" else found.rules:
        kind, _, special = key.partition(":")
        assert kind in REGISTRY or key in (
            "*",
            *(f":{form}" for form in FORMS.values()),
            *(f"*{role}" for role in ROLES),
        )
        assert special in ("", *SPECIAL)
    if found.rules:
        assert {"*", "*move", "input"} & set(found.rules), "without a rule for the input nothing is ever known"


@each_convention
def test_every_convention_says_what_it_is(of: str, name: str) -> None:
    """A name, what is counted, and where that is written."""
    found = convention(of, name)
    assert found.name == name
    assert found.what
    assert len(found.source) > 10
    assert name == name.lower()
    assert "\n" not in "".join((found.what, found.source, *(note.text for note in found.notes)))
    assert {kind for note in found.notes for kind in note.kinds} <= set(REGISTRY)
    assert found.name == found.name.lower()


def test_every_form_has_words() -> None:
    """Whatever a spec can say of an implementation, a table can tell apart and say."""
    assert set(FORMS.values()) <= set(SPECIAL)


def test_the_names_that_were_promised() -> None:
    """The tools whose users ask."""
    assert {"macs", "torchvision", "fvcore", "ptflops", "ptflops-aten", "thop", "thop-2019", "calflops-macs",
            "calflops", "torch", "torchinfo", "netscope", "convnet-burden", "darknet", "darknet-alexeyab",
            "ultralytics", "distill"} <= set(OPERATIONS)  # fmt: skip
    assert {"activations", "forward", "convnet-burden", "torchsummary", "torchinfo", "fvcore", "netscope", "caffe",
            "keras", "onnx-tool", "live", "saved"} <= set(MEMORY)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([("conv fc", "macs"), ("fc", "0")], "two rules for 'fc'"),
        ([("conv conv", "macs")], "two rules for 'conv'"),
        ([("conv", "mcas")], "'mcas' is no term"),
        ([("conv", "macs + ")], "is no term"),
        ([("conv", "2.5 macs")], "is no term"),
        ([("conv", "macs * 2")], "is no term"),
        ([("conv", "")], "is no term"),
        ([("conv", "macs + unknown")], "'unknown' is no term"),
        ([("*convs", "macs")], r"'\*convs' is no role"),
        ([("conv", "1")], "is no term"),
    ],
)
def test_a_faulty_table_is_refused(lines: list[tuple[str, str]], message: str) -> None:
    """Two rules for one kind, and quantities that do not exist, are faults of the table."""
    with pytest.raises(ValueError, match=message):
        rules.table(*lines)


def test_a_table_is_read() -> None:
    """Kinds with one rule share a line; 0 is a rule without terms; terms may be taken off; written() reads back."""
    lines = (("conv fc", "2 macs + bias"), ("relu", "0"), ("softmax", "3 out - positions"), ("rbf", "unknown"))
    found = rules.table(*lines)
    assert found["conv"] == found["fc"] == ((2, "macs"), (1, "bias"))
    assert found["relu"] == ()
    assert found["rbf"] is None
    assert found["softmax"] == ((3, "out"), (-1, "positions"))
    for kinds, text in lines:
        assert [rules.written(found[kind]) for kind in kinds.split()] == [text] * len(kinds.split())


def test_a_new_convention_is_one_table() -> None:
    """A table of a tool that does not exist: its rule for functions, and for a mode, before that for the kind."""
    table = rules.table(("input", "0"), ("relu", "3 out"), ("relu:functional", "out"),
                                    ("upsample", "in"), ("upsample:bilinear2d", "5 out"))  # fmt: skip
    mine = Convention("mine", "a test", "no tool", table)
    layers = "layers: [relu, {relu: {name: f}}, upsample2, {upsample2: {mode: bilinear}}]"
    found = one_convention.count(
        mine, texts.report(f"{{family: t, input: 2x2x1, pytorch: {{functions: [f]}}, {layers}}}")
    )
    # 3*4, 4; 4 values in; 5 * 8x8
    assert [found.of(index) for index in range(5)] == [0, 12, 4, 4, 320]
    assert found.total == 340


def test_a_rule_for_a_role_is_for_the_kinds_without_their_own() -> None:
    """The kind comes first, then its role, then all others; what is said to be unknown is so in spite of its role."""
    table = rules.table(("*conv", "macs"), ("convtranspose", "out"), ("convmap", "unknown"), ("*", "0"))
    mine = Convention("mine", "a test", "no tool", table)
    layers = "layers: [conv1-2, dwconv1, convtranspose1-3, relu"
    found = one_convention.count(mine, texts.report(f"{{family: t, input: 2x2x1, {layers}]}}"))
    assert [found.of(index) for index in range(5)] == [0, 8, 8, 12, 0]  # 4 pixels: 1*2, 2 and 2 macs; 3 outputs
    more = f"{layers}, {{convmap1: {{connections: [[0, 1, 2]]}}}}, fc-5]"
    unknown = one_convention.count(mine, texts.report(f"{{family: t, input: 2x2x1, {more}}}"))
    assert (unknown.total, unknown.unknown) == (None, ("convmap",))
    assert [unknown.of(index) for index in range(7)] == [0, 8, 8, 12, 0, None, 0]


@pytest.mark.parametrize(
    ("of", "name", "total"),
    [
        # C1, C3, C5 and F6: 4,704, 1,600, 120 and 84 outputs; their MACs as in test_figures.py
        ("operations", "calflops-macs", 117600 + 150000 + 48000 + 10080),
        ("operations", "ptflops-aten", 117600 + 150000 + 48000 + 10080 + 4704 + 1600 + 120 + 84),
        ("memory", "fvcore", 4704 + 1600 + 120 + 84),
        ("memory", "conv-outputs", 4704 + 1600 + 120),
    ],
)
def test_who_counts_matrix_products_alone_knows_lenet(of: str, name: str, total: int) -> None:
    """Subsampling and radial basis functions are neither convolutions nor matrix products, however they are written."""
    assert counted(report("lenet5-1998"), of, name).total == total


def test_only_bytes_are_explained_as_bytes() -> None:
    """A convention's count is what it is, whatever the convention is called."""
    named = Convention("bytes-and-more", "a test", "no tool", rules.table(("*", "out")))
    found = texts.report("{family: t, input: 64x64x1, layers: [relu]}")
    asked = Counts(operations=one_convention.count(named, found))
    (sheet,) = explain_sheets(found, [with_counts(derive(found, found.rows[-1]), asked)])
    assert {"bytes-and-more", "out = 4,096"} <= set(map(str, sheet.rows[-1]))


class Twist(Layer):
    """A layer that no convention has heard of; its kind and role are set by the tests."""


@pytest.mark.parametrize(
    ("role", "silent"),
    [
        # by tools that look up each kind of module or layer by its name; others count what each operator, each
        # parameter, or each output is, whatever the layer
        ("activation", {"ptflops", "ptflops-2019", "thop-2019", "calflops", "netscope", "convnet-burden", "darknet",
                        "darknet-alexeyab", "distill"}),
        ("idle", {"netscope", "convnet-burden", "darknet", "darknet-alexeyab", "distill"}),
        ("move", {"netscope", "convnet-burden", "darknet", "darknet-alexeyab", "distill"}),
        ("norm", {"fvcore", "ptflops", "ptflops-2019", "thop", "thop-2019", "calflops", "netscope", "convnet-burden",
                  "darknet", "darknet-alexeyab", "ultralytics", "distill"}),
        ("pool", {"fvcore", "ptflops", "ptflops-2019", "thop", "thop-2019", "calflops", "netscope", "convnet-burden",
                  "darknet", "darknet-alexeyab", "ultralytics", "distill"}),
        # what a tool makes of another convolution than PyTorch's nobody knows
        ("conv", set(OPERATIONS) - {"macs", "conv-macs"}),
        ("linear", set(OPERATIONS) - {"macs", "conv-macs"}),
    ],
)  # fmt: skip
def test_a_new_kind_is_unknown_to_the_tools_that_name_kinds(role: Role, silent: set[str]) -> None:
    """Who counts by what a layer is for knows a kind that is new; who has a list of kinds does not."""
    twist = type("Twist", (Twist,), {"kind": "twist", "role": role})()
    network = Network("t", (Node("input", Input(), ()), Node("twist", twist, (0,))), (Shape(3, (4, 4)),), (1,))
    found = analyse(network)
    assert {name for name in OPERATIONS if count_operations(found, name).unknown} == silent


@pytest.mark.parametrize("name", ["thopp", "", "mac s", "live"])
def test_an_unknown_convention_of_operations(name: str) -> None:
    """A name that is none is refused with UsageError; conventions of memory are none of operations."""
    with pytest.raises(UsageError, match="no convention"):
        count_operations(report("lenet5-1998"), name)


@pytest.mark.parametrize("name", ["savd", "thop"])
def test_an_unknown_convention_of_memory(name: str) -> None:
    """The other way round."""
    with pytest.raises(UsageError, match="no convention of memory"):
        count_memory(report("lenet5-1998"), name)
    assert counts(report("lenet5-1998"), None, None).asked == ()


# --- sums --------------------------------------------------------------------------------------------------------


def counts_of(found: Report) -> list[Count]:
    """Every convention's count."""
    return [counted(found, of, name) for of, name in ALL]


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_rows_add_up(model: str) -> None:
    """The total is the sum of the layers, and a layer's that of its terms; a peak is the most of the layers."""
    for found in counts_of(report(model)):
        assert len(found.rows) == len(report(model).rows)
        figures = [found.of(index) for index in range(len(found.rows))]
        if found.total is None:
            silent = {row.kind for row, figure in zip(report(model).rows, figures, strict=True) if figure is None}
            assert silent == set(found.unknown) != set()
            assert found.total_bytes is None
            continue
        assert found.unknown == ()
        whole = [figure for figure in figures if figure is not None]
        assert len(whole) == len(figures)
        assert found.total == (sum(whole) if found.convention.is_sum else max(whole)) > 0
        for index, terms in enumerate(found.rows):
            assert found.of(index) == sum(term.times * term.amount for term in terms or ())
        if found.at:
            assert not found.convention.is_sum


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_two_images_count_twice(model: str) -> None:
    """Twice the batch is twice the count; Keras's params are the same, and other weights and statistics stay."""
    one, two = report(model), report(model, batch=2)
    statistics = sum(2 * row.output.channels for row in one.rows if row.kind == "batchnorm")
    for (of, name), first, second in zip(ALL, counts_of(one), counts_of(two), strict=True):
        assert first.unknown == second.unknown
        if first.total is None or second.total is None:
            assert first.total == second.total
        elif (of, name) == ("memory", "keras"):
            assert second.total == first.total
        elif (of, name) == ("memory", "onnx-tool"):
            assert second.total == 2 * first.total - known(one.totals.params)
        elif (of, name) == ("memory", "saved"):
            assert second.total == 2 * first.total - statistics
        else:
            assert second.total == 2 * first.total, name


def test_every_known_total_is_positive_somewhere() -> None:
    """Each convention is known on at least one of the networks: no test above passes for want of totals."""
    for of, name in ALL:
        until = "pool5" if name in ("distill", "darknet-alexeyab") else None
        models = ["vgg16"] if until else [*NETWORKS, "torchvision/vgg16"]
        assert any(counted(report(model, until=until), of, name).total for model in models), name


# --- ladders -----------------------------------------------------------------------------------------------------


def comparable_counts(found: Report, of: str) -> list[Count]:
    """The counts between which a ladder can stand."""
    names: Iterable[str] = OPERATIONS if of == "operations" else MEMORY
    every = [counted(found, of, name) for name in names]
    return [count for count in every if count.total is not None and count.convention.is_sum]


@pytest.mark.slow
@pytest.mark.parametrize("of", ["operations", "memory"])
@pytest.mark.parametrize("model", ON_A_LADDER)
def test_every_way_adds_up(model: str, of: str) -> None:
    """From every count to every other: the one, doubled or not, and the steps make the other."""
    found = report(model)
    pairs = list(permutations(comparable_counts(found, of), 2))
    assert len(pairs) >= 50
    for first, last in pairs:
        path = way(found, first, last)
        start = (first.total or 0) * (2 if path.doubled else 1)
        assert start + sum(step.value for step in path.steps) == last.total
        assert all(step.value for step in path.steps)
        for step in path.steps:
            assert step.value == sum(amount for _, amount in step.amounts)
            assert {kind for kind, _ in step.amounts} <= {row.kind for row in found.rows}


@pytest.mark.slow
@pytest.mark.parametrize("of", ["operations", "memory"])
@pytest.mark.parametrize("model", ON_A_LADDER)
def test_every_rung_stands_on_another(model: str, of: str) -> None:
    """Each rung adds up from the one under it; every known count stands on one rung, with those of its total."""
    found = report(model)
    every = [counted(found, of, name) for name in (OPERATIONS if of == "operations" else MEMORY)]
    rungs = ladder(found, every)
    for place, rung in enumerate(rungs):
        below = rungs[rung.under].total if rung.under >= 0 else 0
        assert rung.under < place
        assert below * (2 if rung.doubled else 1) + sum(step.value for step in rung.steps) == rung.total
        assert {count.total for count in rung.counts} == {rung.total}
        assert rung.depth == (rungs[rung.under].depth + 1 if rung.under >= 0 else 0)
    assert [rung.under for rung in rungs].count(-1) == 1
    assert rungs[0].total == min(rung.total for rung in rungs)
    standing = [count.convention.name for rung in rungs for count in rung.counts]
    assert sorted(standing) == sorted(count.convention.name for count in comparable_counts(found, of))
    assert len({(rung.total, rung.counts[0].total_bytes) for rung in rungs}) == len(rungs)
    assert all(len({count.total_bytes for count in rung.counts}) == 1 for rung in rungs)


def test_how_long_a_way_is() -> None:
    """A step is one, one of a third of the total three, to double all one more; then what the steps add decides."""
    small, third, less = (Step("out", 1, (("conv", amount),)) for amount in (2, 3, -3))
    ways = [Way(False, (small,)), Way(False, (third,)), Way(False, (small, less)), Way(True, (small, small))]
    assert [_length(each, 9) for each in ways] == [(1, 2), (3, 3), (4, 5), (3, 4)]


def test_a_count_that_is_no_memory_stands_by_itself() -> None:
    """One value in one byte, and one value that fvcore calls no bytes at all, though both are 1."""
    found = texts.model("{family: f, input: 1x1x1, layers: [conv1-1]}").analyse(dtype="int8")
    rungs = ladder(found, [counted(found, "memory", name) for name in ("conv-outputs", "fvcore")])
    assert [(count.convention.name, count.total, count.total_bytes) for rung in rungs for count in rung.counts] == [
        ("fvcore", 1, None),
        ("conv-outputs", 1, 1),
    ]
    assert len(rungs) == 2


def test_a_ladder_of_nothing() -> None:
    """Where no count is known there is no rung."""
    assert ladder(report("vgg16"), [count_operations(report("vgg16"), "distill")]) == []


STEPS = [
    # from, to, doubled, what is added
    ("conv-macs", "macs", False, {FC}),
    ("macs", "fvcore", False, {TO_7X7}),
    ("macs", "torchinfo", False, {CONV_OUT + FC_OUT}),
    ("torchinfo", "ptflops-2019", False, {RELU_OUT, POOL_IN + TO_7X7}),
    ("ptflops-2019", "ptflops", False, {RELU_OUT, POOL_IN + TO_7X7}),
    ("macs", "torch", True, set()),
    ("torch", "calflops", False, {CONV_OUT, RELU_OUT, POOL_IN + TO_7X7}),
    ("torchinfo", "macs", False, {-(CONV_OUT + FC_OUT)}),
]


@pytest.mark.parametrize(("first", "last", "doubled", "added"), STEPS)
def test_steps_of_vgg16(first: str, last: str, doubled: bool, added: set[int]) -> None:
    """The steps of VGG-16's ladder, each with what it adds; no more steps than that."""
    found = report("torchvision/vgg16")
    path = way(found, *comparable(found, first, last, of_memory=False)[1:])
    assert path.doubled == doubled
    assert {step.value for step in path.steps} == added
    assert len(path.steps) == len(added)


@pytest.mark.parametrize(
    ("model", "first", "last", "memory", "message"),
    [
        ("vgg16", "macs", "distill", False, "vggcalc does not know how distill counts fc, softmax"),
        ("vgg16", "live", "saved", False, "live is a peak"),
        ("vgg16", "activations", "live", True, "live is a peak"),
        ("vgg16", "macs", "live", False, "macs counts operations, live counts memory"),
        ("vgg16", "activations", "macs", True, "activations counts memory, macs counts operations"),
        ("vgg16", "fvcore", "macs", True, "fvcore counts both, macs counts operations"),
        ("vgg16", "timm", "fvcore", False, "'timm' and 'fvcore' are one convention, fvcore"),
        ("vgg16", "MACs", "macs", False, "'MACs' and 'macs' are one convention, macs"),
        ("vgg16", "macs", "nothing", False, "no convention 'nothing'"),
    ],
)
def test_what_no_ladder_leads_to(model: str, first: str, last: str, memory: bool, message: str) -> None:
    """Unknown counts, peaks and names that are none have no ladder between them."""
    with pytest.raises(UsageError, match=message):
        comparable(report(model), first, last, memory)


def test_memory_is_meant_by_names_of_memory() -> None:
    """A name of memory alone needs no flag, nor does one of both beside it; names of both are of operations."""
    found = report("vgg16")
    for first, last in (("activations", "forward"), ("conv-outputs", "fvcore"), ("fvcore", "conv-outputs")):
        assert comparable(found, first, last, False).of_memory
    between = comparable(found, "activations", "forward", False)
    assert [between.start.total, between.end.total] == [ROWS, 24_352_744]
    assert comparable(found, "fvcore", "netscope", False).start.total == 15_470_264_320
    assert not comparable(found, "fvcore", "netscope", False).of_memory
    assert comparable(found, "fvcore", "netscope", True).start.total == CONV_OUT + FC_OUT


def test_a_rung_is_of_one_size() -> None:
    """In 16 bits caffe's values take four bytes all the same: rungs of one total, between which nothing is added."""
    found = texts.model("{family: t, input: 8x8x3, layers: [{conv3-4: {padding: 1}}]}").analyse(dtype="float16")
    rungs = ladder(found, [count_memory(found, name) for name in ("caffe", "conv-outputs", "fvcore")])
    assert [[count.convention.name for count in rung.counts] for rung in rungs] == [
        ["fvcore"],
        ["conv-outputs"],
        ["caffe"],
    ]
    assert [rung.counts[0].total_bytes for rung in rungs] == [None, 512, 1024]
    assert [rung.steps for rung in rungs[1:]] == [(), ()]


# --- decisions at the edges of the tables ------------------------------------------------------------------------


def test_shared_weights_are_multiplied_again() -> None:
    """A second tower counts what the first does, though it holds no weights: 2*2*3*4 weights at 16x16 positions."""
    layers = """[{convtranspose2-4/2: {name: a, from: left}}, {convtranspose2-4/2: {name: b, from: right, share: a}},
                 {add: {from: [a, b]}}]"""
    found = texts.report(f"{{family: t, input: {{left: 8x8x3, right: 8x8x3}}, layers: {layers}}}")
    for name, each in (("thop", 48 * 256), ("torchinfo", 48 * 256 + 4 * 256), ("netscope", 48 * 64)):
        count = count_operations(found, name)
        places = [index for index, row in enumerate(found.rows) if row.kind == "convtranspose"]
        assert [count.of(index) for index in places] == [each, each]


@pytest.mark.parametrize(
    ("name", "layer", "figure"),
    [
        # 3x3x3 * 4 weights; the output is 17x17
        ("netscope", "convtranspose3-4/2", 108 * 17 * 17 // 4),
        ("thop-2019", "convtranspose3-4/2", 108 * 17 * 17 + 4 * 17 * 17),
        ("thop-2019", "{convtranspose3-4/2: {bias: false}}", 108 * 17 * 17),
        ("calflops", "{convtranspose3-4/2: {bias: false}}", 2 * 108 * 64),
        ("calflops", "convtranspose3-4/2", None),
    ],
)
def test_transposed_convolutions(name: str, layer: str, figure: int | None) -> None:
    """Who counts them at the output's positions, and of whom it is not known."""
    assert count_operations(texts.report(f"{{family: t, input: 8x8x3, layers: [{layer}]}}"), name).total == figure


def test_reasons_of_saved() -> None:
    """Each layer says what it keeps, and which other keeps that already."""
    found = texts.report(
        "{family: t, input: 8x8x3, layers: [maxpool, conv3-4, relu, {conv1-4: {name: last}}, softmax]}"
    )
    assert count_memory(found, "saved").reasons == (
        "nothing above it is trained",
        "nothing above it is trained",
        "its input",
        "its output",
        "its input; relu2_1 keeps it already",
        "its output",
    )


def test_onnx_tool_of_alexnet() -> None:
    """onnx-tool 1.0.1 prints 248,779,840 bytes for torchvision's AlexNet, exported by torch 2.13.

    That is 4 bytes for each of 61,100,840 parameters and of 1,094,120 values: the outputs of all nodes, Flatten too.
    """
    found = count_memory(load("torchvision/alexnet").analyse(), "onnx-tool")
    assert found.total_bytes == 248_779_840 == 4 * (61_100_840 + 1_094_120)


def test_a_name_of_both_is_told_apart() -> None:
    """Who counts operations and memory under one name is called by both."""
    report = load("vgg11").analyse()
    both = Counts(count_operations(report, "torchinfo"), count_memory(report, "torchinfo"))
    assert [both.heading(found) for found in both.asked] == ["torchinfo operations", "torchinfo memory"]
