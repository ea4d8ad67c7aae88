"""How much memory, as anyone counts it: tables of rules as for operations, and two counts that follow the graph."""

from __future__ import annotations

from vggcalc.analysis.report import Report
from vggcalc.conventions.autograd import SAVED
from vggcalc.conventions.convention import MB, MIB, Convention, Count, Term, by_name, note
from vggcalc.conventions.rules import OTHERS, table
from vggcalc.memory.live import live

HANDMADE = "abs subsample rbf"
"""No tool has a layer of its own for them."""

ACTIVATIONS = Convention(
    "activations",
    "the input and every layer's output, once each; element-wise layers run in place",
    "vggcalc's own definition; the rows of CS231n's table",
    table(("*", "own")),
    aliases=("rows",),
)


def _live(report: Report) -> Count:
    """The peak of `live` in the order of the network; a layer's figure is what is alive while it runs."""
    found = live(report)
    rows = tuple((Term(1, "alive", values),) for values in found.values)
    return Count(LIVE, rows, (), found.peak, at=report.rows[found.at].name)


LIVE = Convention(
    "live",
    "the peak of an inference that frees each tensor after its last use",
    "vggcalc's own definition",
    notes=(note("a peak, no sum: a layer's figure is what is alive while it runs, in the order of the network"),),
    is_sum=False,
    own=_live,
    told={"*": "what it reads, what it writes, and what waits for layers below"},
)

MEMORY = by_name(
    ACTIVATIONS,
    Convention(
        "forward",
        "activations, and again the input that each convolution and fully connected layer keeps",
        "a rule that reproduces the 93MB of CS231n's notes, cs231n.github.io/convolutional-networks",
        table(("*", "own + weighted")),
    ),
    Convention(
        "convnet-burden",
        "feature memory of convnet-burden: every output but the input; batch normalisation counts, ReLU is in place",
        "albanie/convnet-burden 9c7f31b, README",
        table(
            ("input multiply", "0"),
            ("sigmoid", "out"),
            ("*conv *linear *norm *pool *activation add concat flatten dropout identity crop", "own"),
            (f"scale {HANDMADE}", "unknown"),
        ),
        notes=(
            note(
                "a gate of squeeze-and-excitation scales and adds in one layer there, so that its product has no row",
                "multiply",
            ),
        ),
        megabyte=MIB,
        aliases=("burden",),
    ),
    Convention(
        "torchsummary",
        "forward/backward pass size of torchsummary: twice the output of every module, composite ones too",
        "sksq96/pytorch-summary 345d898 and torchsummary 1.5.1, torchsummary.py",
        table(
            ("*conv *linear *norm *pool *activation *idle", "2 out + 2 modules"),
            ("identity flatten pad channelshuffle upsample embedding spacetodepth depthtospace", "2 out + 2 modules"),
            ("*move *merge *attention *embedding scale l2norm reduce :functional", "2 modules"),
            ("abs exp log sqrt sin erf power", "2 modules"),
            ("subsample rbf channelconv rnn lstm gru :windowed :shared", "unknown"),
        ),
        by_module=True,
        megabyte=MIB,
        notes=(note("four bytes a value whatever the number format"),),
        bytes_each=4,
    ),
    Convention(
        "torchinfo",
        "forward/backward pass size of torchinfo: twice the output of every layer that has parameters",
        "torchinfo 1.8.0, torchinfo/model_statistics.py",
        table(
            ("*", "2 trained"),
            (":functional", "0"),
            ("subsample rbf", "unknown"),
            (":custom", "2 trained"),
            ("shift:custom linear:custom linear:product linear:method :shared", "unknown"),
        ),
        by_module=True,
        megabyte=MB,
    ),
    Convention(
        "fvcore",
        "activations of fvcore, MActs of timm: the outputs of convolutions and fully connected layers, a count",
        "fvcore 0.1.5, fvcore/nn/activation_count.py",
        table(
            ("conv dwconv convmap convtranspose fc wsconv channelconv blurpool linear matmul", "out"),
            ("attention rnn lstm gru", "0"),
            (OTHERS, "0"),
        ),
        bytes_each=0,
        aliases=("timm",),
    ),
    Convention(
        "conv-outputs",
        "the outputs of convolutions alone",
        "Johnson, EECS 498-007, University of Michigan, 2019, lecture 8: AlexNet vs VGG-16",
        table(("*conv", "out"), ("*", "0")),
        megabyte=MIB,
    ),
    Convention(
        "netscope",
        "activation of the Netscope CNN Analyzer: every layer's output, in place or not, and the data layer's",
        "dgschwend/netscope 8ae36d8, src/analyzer.coffee",
        table(
            ("*conv *linear *pool *activation input add concat flatten dropout lrn", "out"),
            ("batchnorm", "out + trained"),
            (HANDMADE, "unknown"),
        ),
        notes=(
            note("batch normalisation is Caffe's BatchNorm and Scale, two layers", "batchnorm"),
            note("its presets declare a batch of 10"),
        ),
    ),
    Convention(
        "caffe",
        "Caffe's 'Memory required for data': every top blob, in place or not; the input does not count",
        "BVLC/caffe 9b89154, src/caffe/net.cpp and util/insert_splits.cpp",
        table(
            ("input", "copies"),
            ("*conv *linear *pool *activation add concat flatten dropout lrn", "out + copies"),
            ("batchnorm", "out + trained + copies"),
            (HANDMADE, "unknown"),
        ),
        notes=(note("a blob that several layers read is copied for each of them by a Split layer"),),
        megabyte=MB,
        bytes_each=4,
    ),
    Convention(
        "keras",
        "size that Keras prints beside its params: weights alone, running statistics too",
        "Keras 3, keras/src/utils/summary_utils.py",
        table(("*", "held + running")),
        megabyte=MIB,
        notes=(note("Keras counts neither activations nor operations"),),
    ),
    Convention(
        "onnx-tool",
        "memory of onnx-tool: each node's output and its weights",
        "onnx-tool 1.0, onnx_tool/node.py",
        table(
            ("input identity *idle", "0"),
            ("*conv *linear *pool *activation add multiply concat flatten", "out + held"),
            (HANDMADE, "unknown"),
        ),
    ),
    LIVE,
    SAVED,
)
