"""Small networks of which torch 2.13 was seen to keep so many bytes, each figure with its sum.

The bytes are those of distinct storages that `torch.autograd.graph.saved_tensors_hooks` sees on the meta device, in
training, without parameters and buffers. tests/tools builds each as a PyTorch module and looks again.
"""

from __future__ import annotations

from typing import NamedTuple


class Seen(NamedTuple):
    """A network and the bytes that were seen; they are the sum that stands beside them."""

    what: str
    kept: int
    terms: int
    layers: tuple[str, ...]
    size: str = "4x4x3"
    batch: int = 2
    dtype: str = "float32"

    @property
    def spec(self) -> str:
        """It as a spec."""
        return "\n".join(["family: f", f"input: {self.size}", "layers:", *(f"  - {layer}" for layer in self.layers)])


MAP = 4 * 2 * 4 * 4 * 3
"""A map of three channels for two images."""

BOTH = "{add: {from: [a, b]}}"

SAVED = (
    # statistics: of batch and layer normalisation in float32 or better, of group normalisation in the network's format
    Seen("float64 statistics", 3264, 8 * (2 * 200 + 8), ("conv1-4", "batchnorm"), "5x5x4", dtype="float64"),
    Seen("a group's in 16 bits", 416, 2 * (200 + 8), ("groupnorm-2",), "5x5x4", dtype="float16"),
    Seen("a position's in 16 bits", 1200, 2 * 2 * 200 + 4 * 100, ("conv1-4", "layernorm"), "5x5x4", dtype="float16"),
    # 24 values an image of what the convolution above reads, and as many of what is looked at; what is kept besides
    Seen("linear", 624, 4 * 2 * (24 + 24 + 30), ("conv1-4", "linear-5", "conv1-3"), "6x4"),
    Seen("standardised weights", 744, 4 * (2 * (24 + 24) + 72 + 6 + 2 * 6), ("conv1-4", "wsconv3-6"), "6x4"),
    Seen("instances", 480, 4 * 2 * (24 + 24 + 2 * 4 + 4), ("conv1-4", "{instancenorm: {affine: true}}"), "6x4"),
    Seen("root mean squares", 624, 4 * 2 * (24 + 24 + 24 + 6), ("conv1-4", "rmsnorm"), "6x4"),
    Seen("an exponential", 384, 4 * 2 * (24 + 24), ("conv1-4", "exp", "conv1-3"), "6x4"),
    Seen("a logarithm", 576, 4 * 2 * (24 + 24 + 24), ("conv1-4", "log", "conv1-3"), "6x4"),
    Seen("a factor", 384, 4 * 2 * (24 + 24), ("conv1-4", "{power: {factor: 0.1}}", "conv1-3"), "6x4"),
    Seen("a square", 384, 4 * 2 * (24 + 24), ("conv1-4", "{power: {exponent: 2}}"), "6x4"),
    Seen("a sum's square", 384, 4 * 2 * (24 + 24), ("conv1-4", "{power: {offset: 3, exponent: 2}}"), "6x4"),
    Seen("position embeddings", 384, 4 * 2 * (24 + 24), ("conv1-4", "{shift: {over: map}}", "conv1-3"), "6x4"),
    Seen("a clip in place", 576, 4 * 2 * (24 + 24 + 24), ("conv1-4", "{hardtanh: {inplace: true}}", "conv1-3"), "6x4"),
    Seen(
        "a threshold in place",
        576,
        4 * 2 * (24 + 24 + 24),
        ("conv1-4", "{threshold: {inplace: true}}", "conv1-3"),
        "6x4",
    ),
    Seen("celu in place", 384, 4 * 2 * (24 + 24), ("conv1-4", "{celu: {inplace: true}}", "conv1-3"), "6x4"),
    Seen("selu in place", 384, 4 * 2 * (24 + 24), ("conv1-4", "{selu: {inplace: true}}", "conv1-3"), "6x4"),
    Seen("every second", 384, 4 * 2 * (24 + 24), ("conv1-4", "{crop: {cropping: 0, step: 2}}", "conv1-3"), "6x4"),
    # a padded copy: 6x6, 6x6 (`same` pads one before and one after, and one more in a copy), 7x7 twice, none
    # twice, 6x7, and 6x6
    Seen("padding after", 1152, 4 * 2 * 6 * 6 * 4, ("{conv2-4: {padding: same}}",), "5x5x4"),
    Seen("PyTorch's same", 1152, 4 * 2 * 6 * 6 * 4, ("{conv4-4: {padding: same}}",), "5x5x4"),
    Seen("TensorFlow's same", 1568, 4 * 2 * 7 * 7 * 4, ("{conv3-4/2: {padding: same}}",), "6x6x4"),
    Seen("TensorFlow's even same", 1568, 4 * 2 * 7 * 7 * 4, ("{conv3-4/2: {padding: same}}",), "5x5x4"),
    Seen("nothing to pad", 800, 4 * 2 * 5 * 5 * 4, ("{conv1-4/2: {padding: same}}",), "5x5x4"),
    Seen("an even same", 800, 4 * 2 * 5 * 5 * 4, ("{conv3-4: {padding: same}}",), "5x5x4"),
    Seen("in numbers", 1344, 4 * 2 * 6 * 7 * 4, ("{conv3-4: {padding: [[1, 0], [1, 1]]}}",), "5x5x4"),
    Seen("depthwise", 1152, 4 * 2 * 6 * 6 * 4, ("{dwconv2: {padding: [[0, 1], [0, 1]]}}",), "5x5x4"),
    Seen("a pooling's", 3552, 4 * 2 * 4 * (25 + 36) + 8 * 200, ("conv1-4", "{maxpool2/1: {padding: same}}"), "5x5x4"),
    Seen("above half", 3392, 4 * 2 * 4 * (25 + 81), ("conv1-4", "{avgpool3/1: {padding: 2}}"), "5x5x4"),
    # a product of three: the input, a and b, their product, and c
    Seen(
        "three factors",
        1920,
        5 * MAP,
        (
            "{conv1-3: {name: a}}",
            "{conv1-3: {name: b, from: input}}",
            "{conv1-3: {name: c, from: input}}",
            "{multiply: {from: [a, b, c]}}",
        ),
    ),
    # the input for its own sake, and the square of it, for the sake of a
    Seen(
        "one of three is trained",
        768,
        2 * MAP,
        ("{conv1-3: {name: a}}", "{multiply: {from: [input, input, a]}}"),
    ),
    # the input; a; its mean and that's sigmoid, 24 bytes each; the product of a and the mean
    Seen(
        "two gates",
        1200,
        3 * MAP + 2 * 24,
        ("{conv1-3: {name: a}}", "{globalavgpool: {name: b}}", "{sigmoid: {name: c}}", "{multiply: {from: [a, b, c]}}"),
    ),
    # dropout over the relu's map, which the other convolution reads: the input, the map, a mask
    Seen(
        "dropout in place",
        1152,
        3 * MAP,
        (
            "conv1-3",
            "{relu: {name: r}}",
            "{dropout: {inplace: true}}",
            "{conv1-3: {name: a}}",
            "{conv1-3: {name: b, from: r}}",
            BOTH,
        ),
    ),
    Seen("dropout apart", 1536, 4 * MAP, ("conv1-3", "relu", "dropout", "conv1-3")),
    # with p = 0 its output is its input; with p = 1 it multiplies by a single zero
    Seen("p of 0", 768, 2 * MAP, ("conv1-3", "relu", "{dropout: {p: 0}}", "conv1-3")),
    Seen("p of 1", 1156, 3 * MAP + 4, ("conv1-3", "relu", "{dropout: {p: 1}}", "conv1-3")),
    Seen("p of 1 in place", 772, 2 * MAP + 4, ("conv1-3", "relu", "{dropout: {p: 1, inplace: true}}", "conv1-3")),
    Seen("a depth of 0", 768, 2 * MAP, ("conv1-3", "relu", "{stochasticdepth: {p: 0}}", "conv1-3")),
    Seen("a depth of 1", 1160, 3 * MAP + 2 * 4, ("conv1-3", "relu", "{stochasticdepth: {p: 1}}", "conv1-3")),
    # group normalisation copies channels that do not lie together; those of one image do
    Seen(
        "a slice of two",
        800,
        4 * 2 * 16 * (4 + 2) + 4 * 8,
        ("conv1-4", "{slice: {stop: 2}}", "groupnorm-2"),
        "4x4x4",
    ),
    Seen(
        "a slice of one",
        528,
        4 * 16 * (4 + 4) + 4 * 4,
        ("conv1-4", "{slice: {stop: 2}}", "groupnorm-2"),
        "4x4x4",
        batch=1,
    ),
    # the norm of each position leaves channels last: who reads all values in order copies them
    Seen(
        "two of one norm",
        2304,
        4 * 512 + 4 * 2 * 32,
        ("conv1-4", "{layernorm: {name: n}}", "{fc-3: {name: a}}", "{fc-3: {name: b, from: n}}", BOTH),
        "4x4x4",
    ),
    Seen(
        "flattened once",
        1792,
        3 * 512 + 4 * 2 * 32,
        (
            "conv1-4",
            "layernorm",
            "{flatten: {name: n}}",
            "{fc-3: {name: a}}",
            "{fc-3: {name: b, from: n}}",
            BOTH,
        ),
        "4x4x4",
    ),
    # the sum is written over the input, which from there on needs a gradient: abs keeps it, and a pooling its own input
    Seen(
        "a sum over the input",
        960,
        2 * MAP + 8 * 24,
        (
            "{conv1-3: {name: a}}",
            "{add: {from: [input, a], inplace: true}}",
            "{abs: {from: input}}",
            "maxpool",
        ),
    ),
    # for its weights what they scale; for its input that too, and a length for each position, twice
    Seen("lengths", 1408, 3 * MAP + 2 * 4 * 2 * 16, ("conv1-3", "l2norm")),
    Seen("lengths of the input", 384, MAP, ("l2norm",)),
    # a map of 2x2x3 for its coefficients, and the map that is averaged for that one's gradient
    Seen("subsampling", 864, 2 * MAP + MAP // 4, ("conv1-3", "subsample")),
    Seen("subsampling the input", 96, MAP // 4, ("subsample",)),
    # 48 differences for each of five vectors; nobody trains these
    Seen("radial basis", 2304, MAP + 5 * MAP, ("conv1-3", "rbf-5")),
    Seen("radial basis of the input", 0, 0, ("rbf-5",)),
    # a map, and an index of eight bytes for each channel
    Seen("the maximum of all", 816, 2 * MAP + 8 * 6, ("conv1-3", "globalmaxpool")),
)

MODELS = (
    ("torchvision/resnet18", 2, "float64", 85_584_896),
    ("xception", 2, "float32", 491_256_280),
    ("efficientnetv2_b0", 2, "float32", 121_615_120),
    ("efficientnetv2_b3", 2, "float32", 400_514_184),
)
"""Model, images, format and bytes: of torchvision 0.28's and timm 1.0.31's, which drop with the spec's p."""


class Counted(NamedTuple):
    """A tool, and what it was seen to answer for a convolution of 1x1 with a layer behind it; terms: that layer's."""

    tool: str
    layer: str
    size: str
    batch: int
    answer: int
    terms: int

    @property
    def spec(self) -> str:
        """The network as a spec."""
        channels = self.size.rpartition("x")[2]
        return f"{{family: f, input: {self.size}, layers: [{{conv1-{channels}: {{name: base}}}}, {self.layer}]}}"


UNTRACKED = "{batchnorm: {track_running_stats: false}}"
LINEAR = "{upsample2: {mode: bilinear}}"
"""PyTorch's linear, bilinear or trilinear, by the axes of the map."""

ATTENTION = "{attention: {key_channels: 1}}"

COUNTED = (
    # a module and the function that it calls both count
    Counted("ptflops", "elu", "10x10x3", 1, 1200 + 600, 2 * 300),
    # the module counts its first image, the function that it calls all
    Counted("ptflops", "upsample2", "4x4x3", 2, 384 + 576, 192 + 2 * 192),
    # two axes alone have a rule
    Counted("fvcore", "adaptiveavgpool3", "6x4", 2, 192, 0),
    Counted("fvcore", "adaptiveavgpool3", "6x6x4", 2, 1152 + 288, 2 * 144),
    Counted("fvcore", "adaptiveavgpool3", "6x6x6x4", 2, 6912, 0),
    Counted("fvcore", "globalavgpool", "6x4", 1, 96, 0),
    Counted("fvcore", "upsample2", "6x4", 1, 96, 0),
    Counted("fvcore", LINEAR, "6x4", 1, 96, 0),
    Counted("fvcore", "upsample2", "6x6x6x4", 1, 3456, 0),
    Counted("fvcore", LINEAR, "6x6x6x4", 1, 3456, 0),
    # four a value, and one more where a weight scales it; batch normalisation so only if it has no running statistics
    Counted("fvcore", "{groupnorm-2: {affine: false}}", "6x6x4", 1, 576 + 576, 4 * 144),
    Counted("fvcore", "groupnorm-2", "6x6x4", 1, 576 + 720, 5 * 144),
    Counted(
        "fvcore", "{layernorm: {normalized_shape: all, elementwise_affine: false}}", "6x6x4", 1, 576 + 576, 4 * 144
    ),
    Counted("fvcore", UNTRACKED, "6x6x4", 2, 1152 + 1440, 5 * 288),
    Counted("fvcore", "{batchnorm: {track_running_stats: false, affine: false}}", "6x6x4", 1, 576 + 576, 4 * 144),
    Counted("calflops", UNTRACKED, "6x6x4", 2, 2592 + 1440, 5 * 288),
    Counted("calflops", "{groupnorm-2: {affine: false}}", "6x6x4", 1, 1296 + 576, 4 * 144),
    # the positions of one image, where the size is given
    Counted("calflops", "{upsample: {size: 7}}", "6x6x4", 2, 2592 + 49, 49),
    Counted("calflops", "mish", "6x6x4", 2, 2592, 0),
    # five and eleven a value, and nothing for three axes
    Counted("thop", LINEAR, "6x4", 1, 96 + 240, 5 * 48),
    Counted("thop", LINEAR, "6x6x4", 1, 576 + 6336, 11 * 576),
    Counted("thop", LINEAR, "6x6x6x4", 1, 3456, 0),
    Counted("thop", "{upsample2: {mode: bicubic}}", "6x6x4", 1, 576 + 149184, 259 * 576),
    # linear at 36 positions: 4*5 weights; torchinfo counts the parameters once an image, calflops no biases
    Counted("torch", "linear-5", "6x6x4", 1, 1152 + 1440, 2 * 36 * 20),
    Counted("fvcore", "linear-5", "6x6x4", 1, 576 + 720, 36 * 20),
    Counted("ptflops", "linear-5", "6x4", 1, 120 + 150, 6 * 20 + 6 * 5),
    Counted("thop", "linear-5", "6x6x4", 1, 576 + 720, 36 * 20),
    Counted("torchinfo", "linear-5", "6x6x4", 2, 1440 + 50, 2 * 25),
    Counted("calflops", "linear-5", "6x6x4", 1, 1296 + 1440, 2 * 36 * 20),
    # attention in 6 rows of 6 positions, 1 channel of keys, 2 of values: PyTorch's one function
    Counted("torch", ATTENTION, "6x6x4", 1, 1152 + 1296, 2 * 6 * 36 * 3),
    Counted("ptflops-aten", ATTENTION, "6x6x4", 1, 720 + 648, 6 * 36 * 3),
    Counted("fvcore", ATTENTION, "6x6x4", 1, 576, 0),
    Counted("ptflops", ATTENTION, "6x4", 1, 120, 0),
    Counted("thop", ATTENTION, "6x6x4", 1, 576, 0),
    Counted("torchinfo", ATTENTION, "6x6x4", 1, 720, 0),
    Counted("calflops", ATTENTION, "6x6x4", 1, 1296, 0),
    # standardised weights: 3*3*4*6 = 216 at 16 positions; batch normalisation of the weights, with gains or without
    Counted("fvcore", "wsconv3-6", "6x6x4", 2, 1152 + 7992, 2 * 3456 + 5 * 216),
    Counted("fvcore", "{wsconv3-6: {gain: false}}", "6x6x4", 1, 576 + 4320, 3456 + 4 * 216),
    Counted("calflops", "wsconv3-6", "6x6x4", 1, 1296 + 8088, 2 * 3456 + 96 + 5 * 216),
    Counted("torchinfo", "wsconv3-6", "6x6x4", 1, 720 + 3552, 3456 + 96),
    Counted("thop", "wsconv3-6", "6x6x4", 1, 576, 0),
    # a fixed filter of 9 at 3x3x4 values, which is no module's
    Counted("torch", "blurpool", "6x6x4", 1, 1152 + 648, 2 * 36 * 9),
    Counted("calflops", "blurpool", "6x6x4", 1, 1296 + 648, 2 * 36 * 9),
    Counted("thop", "blurpool", "6x6x4", 1, 576, 0),
    Counted("torchinfo", "blurpool", "6x6x4", 1, 720, 0),
    # along the channels: 3 taps for 144 values
    Counted("calflops", "{channelconv3: {bias: true}}", "6x6x4", 1, 1296 + 1008, 2 * 432 + 144),
    Counted("torchinfo", "{channelconv3: {bias: true}}", "6x6x4", 1, 720 + 576, 432 + 144),
    Counted("ptflops", "channelconv3", "6x4", 1, 120 + 72, 72),
    # 6 steps of 3*(4 + 3) weights and 6 biases; four times as many of an LSTM
    Counted("torch", "rnn-3", "6x4", 1, 192 + 252, 2 * 6 * 21),
    Counted("torchinfo", "rnn-3", "6x4", 1, 120 + 162, 6 * 21 + 6 * 6),
    Counted("torch", "lstm-3", "6x4", 1, 192 + 1008, 2 * 4 * 6 * 21),
    Counted("torchinfo", "lstm-3", "6x4", 1, 120 + 648, 4 * (6 * 21 + 6 * 6)),
    Counted("ptflops-aten", "lstm-3", "6x4", 1, 120 + 648, 4 * (6 * 21 + 6 * 6)),
    Counted("fvcore", "gru-3", "6x4", 1, 96, 0),
    Counted("thop", "{instancenorm: {affine: true}}", "6x6x4", 1, 576 + 576, 4 * 144),
    Counted("fvcore", "instancenorm", "6x6x4", 1, 576 + 576, 4 * 144),
    Counted("fvcore", "rmsnorm", "6x6x4", 1, 576, 0),
    Counted("calflops", "rmsnorm", "6x6x4", 1, 1296, 0),
    Counted("thop", "reduce", "6x6x4", 1, 576, 0),
    Counted("fvcore", "{reduce: {op: max, out_channels: 2}}", "6x6x4", 1, 576, 0),
    Counted("calflops", "{power: {factor: 0.1}}", "6x6x4", 1, 1296, 0),
    Counted("thop", "{softmax: {groups: 2}}", "6x6x4", 1, 576 + 360, 3 * 144 - 72),
    Counted("thop", "{softmax: {over: last}}", "6x6x4", 1, 576 + 408, 3 * 144 - 24),
    # bytes of values there and back: of a module, whatever it does
    Counted("torchsummary", "flatten", "6x6x4", 1, 1152 + 1152, 8 * 144),
    Counted("torchsummary", "pad1", "6x6x4", 1, 1152 + 2048, 8 * 256),
    Counted("torchsummary", "channelshuffle-2", "6x6x4", 1, 1152 + 1152, 8 * 144),
)
"""On the CPU: fvcore 0.1.5, ptflops 0.7.5, calflops 0.3.2, thop 0.1.1, torchsummary 1.5.1; torch 2.13."""

REFUSED = (
    # kernel, padding, dilation; whether torch 2.13 refuses a max pooling of them, on one to three axes
    (1, 0, 1, False),
    (1, 1, 1, True),
    (2, 1, 1, False),
    (2, 2, 1, True),
    (3, 1, 1, False),
    (3, 2, 1, True),
    (3, 1, 2, False),
    (3, 2, 2, True),
    (4, 2, 1, False),
    (5, 3, 1, True),
)
