"""How much memory, as anyone counts it: tables of rules as for operations, and two counts that follow the graph."""

from __future__ import annotations

from vggcalc.conventions.rules import Convention, by_name, table

_WEIGHTS = "conv dwconv convmap convtranspose fc"
_IN_PLACE = "relu relu6 leakyrelu prelu elu hardsigmoid hardswish silu gelu mish tanh softmax"
_CURVES = f"sigmoid {_IN_PLACE}"
_NORMS = "batchnorm layernorm groupnorm lrn"
_POOLS = "maxpool avgpool adaptiveavgpool adaptivemaxpool globalavgpool globalmaxpool"
_FUNCTIONS = "add subtract multiply concat flatten slice pad padchannels crop channelshuffle scale l2norm"

ACTIVATIONS = Convention(
    "activations",
    "the input and every layer's output, once each; element-wise layers run in place",
    "vggcalc's own definition; the rows of CS231n's table",
    table(("*", "own")),
)

LIVE = Convention(
    "live",
    "the peak of an inference that frees each tensor after its last use",
    "vggcalc's own definition",
    {},
    is_sum=False,
    note="a peak, no sum: a layer's figure is what is alive while it runs, in the order of the network",
)

SAVED = Convention(
    "saved",
    "what PyTorch's autograd keeps from forward to backward in training, each tensor once",
    "torch 2.13, seen by torch.autograd.graph.saved_tensors_hooks",
    {},
    note="without parameters and running statistics; a layer's figure is what it is the first to keep",
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
            (
                f"{_WEIGHTS} {_NORMS} {_POOLS} {_CURVES} add concat flatten dropout identity l2norm crop".replace(
                    "sigmoid ", "", 1
                ),
                "own",
            ),
        ),
        note="a gate of squeeze-and-excitation scales and adds in one layer there, so that its product has no row",
        megabyte=2**20,
    ),
    Convention(
        "torchsummary",
        "forward/backward pass size of torchsummary: twice the output of every module, composite ones too",
        "sksq96/pytorch-summary 345d898 and torchsummary 1.5.1, torchsummary.py",
        table(
            (f"{_WEIGHTS} {_CURVES} {_NORMS} {_POOLS} dropout stochasticdepth identity upsample", "2 out + 2 modules"),
            (f"input {_FUNCTIONS} abs :functional", "2 modules"),
        ),
        megabyte=2**20,
        note="four bytes a value whatever the number format; it cannot run DenseNet, whose modules take lists",
        bytes_each=4,
    ),
    Convention(
        "torchinfo",
        "forward/backward pass size of torchinfo: twice the output of every layer that has parameters",
        "torchinfo 1.8.0, torchinfo/model_statistics.py",
        table(
            (f"{_WEIGHTS} {_NORMS} prelu", "2 trained"),
            (f"{_CURVES} {_POOLS} input dropout stochasticdepth identity upsample".replace("prelu ", ""), "0"),
            ("add subtract multiply concat flatten slice pad padchannels crop channelshuffle abs :functional", "0"),
            ("scale l2norm", "2 trained"),
        ),
        megabyte=10**6,
    ),
    Convention(
        "fvcore",
        "activations of fvcore, MActs of timm: the outputs of convolutions and fully connected layers, a count",
        "fvcore 0.1.5, fvcore/nn/activation_count.py",
        table(
            (_WEIGHTS, "out"),
            (f"{_CURVES} {_NORMS} {_POOLS} {_FUNCTIONS} input dropout stochasticdepth identity upsample abs", "0"),
        ),
        unit="activations",
        bytes_each=0,
    ),
    Convention(
        "conv-outputs",
        "the outputs of convolutions alone",
        "Johnson, EECS 498-007, University of Michigan, 2019, lecture 8: AlexNet vs VGG-16",
        table(
            ("conv dwconv convmap convtranspose", "out"),
            (f"fc {_CURVES} {_NORMS} {_POOLS} {_FUNCTIONS} input dropout stochasticdepth identity upsample abs", "0"),
        ),
        megabyte=2**20,
    ),
    Convention(
        "netscope",
        "activation of the Netscope CNN Analyzer: every layer's output, in place or not, and the data layer's",
        "dgschwend/netscope 8ae36d8, src/analyzer.coffee",
        table(
            (f"input {_WEIGHTS} {_POOLS} {_CURVES} add concat flatten dropout lrn", "out"),
            ("batchnorm", "out + trained"),
        ),
        note="batch normalisation is Caffe's BatchNorm and Scale, two layers; its presets declare a batch of 10",
    ),
    Convention(
        "caffe",
        "Caffe's 'Memory required for data': every top blob, in place or not; the input does not count",
        "BVLC/caffe 9b89154, src/caffe/net.cpp and util/insert_splits.cpp",
        table(
            ("input", "copies"),
            (f"{_WEIGHTS} {_POOLS} {_CURVES} add concat flatten dropout lrn", "out + copies"),
            ("batchnorm", "out + trained + copies"),
        ),
        note="a blob that several layers read is copied for each of them by a Split layer",
        megabyte=10**6,
        bytes_each=4,
    ),
    Convention(
        "keras",
        "size that Keras prints beside its params: weights alone, running statistics too",
        "Keras 3, keras/src/utils/summary_utils.py",
        table(("*", "held + running")),
        megabyte=2**20,
        note="Keras counts neither activations nor operations",
    ),
    Convention(
        "onnx-tool",
        "memory of onnx-tool: each node's output and its weights",
        "onnx-tool 1.0, onnx_tool/node.py",
        table(
            ("input", "0"),
            (f"{_WEIGHTS} {_CURVES} {_POOLS} add multiply concat flatten", "out + held"),
            ("dropout identity stochasticdepth", "0"),
        ),
    ),
    LIVE,
    SAVED,
)

ALIASES = {"rows": "activations", "burden": "convnet-burden", "timm": "fvcore"}
"""Other names under which a way of counting is known."""
