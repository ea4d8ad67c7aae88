"""The language of specs, form by form: what is written, and the layers that it must mean."""

import io
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_layers import ROWS
from texts import faults, layers, model, report

from vggcalc import Shape, SpecError, UsageError, load
from vggcalc.layers import Add, notation
from vggcalc.reading.expression import ExpressionError, evaluate, substitute

SHORTHAND: list[tuple[str, str, dict[str, Any]]] = [
    ("conv3-64", "conv", {"kernel_size": 3, "out_channels": 64}),
    ("conv1x7-192", "conv", {"kernel_size": (1, 7), "out_channels": 192}),
    ("conv7-64/2", "conv", {"kernel_size": 7, "out_channels": 64, "stride": 2}),
    ("conv16-768/16", "conv", {"kernel_size": 16, "out_channels": 768, "stride": 16}),
    ("conv3x1x1-8/2x1x1", "conv", {"kernel_size": (3, 1, 1), "out_channels": 8, "stride": (2, 1, 1)}),
    ("dwconv3/2", "dwconv", {"kernel_size": 3, "stride": 2}),
    ("convtranspose2-512/2", "convtranspose", {"kernel_size": 2, "out_channels": 512, "stride": 2}),
    ("maxpool", "maxpool", {}),
    ("maxpool3", "maxpool", {"kernel_size": 3}),
    ("maxpool3/2", "maxpool", {"kernel_size": 3, "stride": 2}),
    ("maxpool3/1", "maxpool", {"kernel_size": 3, "stride": 1}),
    ("avgpool7", "avgpool", {"kernel_size": 7}),
    ("subsample", "subsample", {}),
    ("adaptiveavgpool7", "adaptiveavgpool", {"output_size": 7}),
    ("globalavgpool", "globalavgpool", {}),
    ("fc-4096", "fc", {"out_features": 4096}),
    ("rbf-10", "rbf", {"out_features": 10}),
    ("groupnorm-32", "groupnorm", {"num_groups": 32}),
    ("pad3", "pad", {"padding": 3}),
    ("crop56", "crop", {"size": 56}),
    ("upsample2", "upsample", {"scale_factor": 2}),
    ("lrn", "lrn", {}),
    ("relu6", "relu6", {}),
    ("softmax", "softmax", {}),
    ("concat", "concat", {}),
]
"""Each as it is read and as it is written."""

ALSO_READ = [("FC-4096", "fc-4096"), ("soft-max", "softmax"), ("LRN", "lrn"), ("Conv3-64", "conv3-64"),
             ("max-pool3/2", "maxpool3/2"), ("batch_norm", "batchnorm"), (" relu ", "relu"), ("conv3x3-8", "conv3-8"),
             ("maxpool2", "maxpool"), ("maxpool2/2", "maxpool"), ("conv3-8/1", "conv3-8"),
             ("conv1x7-8/2x2", "conv1x7-8/2")]  # fmt: skip
"""What papers print, and the form in which it is written back."""

NOT_A_LAYER = ["", "3", "conv3-", "conv-3-64", "conv3-64/", "conv03-64", "conv3-064", "conv3x-64", "conv3-64-2",
               "64-conv3", "conv 3-64", "conv3-64/2/2", "conv-3x3", "fc_4096", "blob3-64", "relu3", "softmax-10",
               "dropout/2", "add2", "fc-4096/2", "lrn/2", "conv3.5-8", "conv+3-8"]  # fmt: skip

EXPRESSIONS = [
    ("2 + 3*4", 14),
    ("(2 + 3)*4", 20),
    ("-7 // 2", -4),  # floored: -3.5 goes to -4
    ("7 % 4", 3),
    ("10 - -3", 13),
    ("w", 24),
    ("w*w - i", 573),  # 24*24 = 576, 576 - 3
    ("min(w, 7, 9)", 7),
    ("max(w, i)", 24),
    ("ceildiv(w, 5)", 5),  # 24/5 = 4.8
    ("ceildiv(w, 6)", 4),
    ("multiple(w, 16)", 32),  # 24 lies halfway between 16 and 32: halves up
    ("multiple(23, 16)", 32),  # 16 is nearest, but less than 90% of 23
    ("multiple(35, 16)", 32),
    ("multiple(32*35, 8, 100)", 16),  # MobileNetV2 with width 0.35: 11.2 channels become 16 ...
    ("multiple(96*35, 8, 100)", 32),  # ... 33.6 become 32 ...
    ("multiple(32*14, 8, 10)", 48),  # ... and with width 1.4 44.8 become 48
    ("root(48)", 6),
    ("root(49)", 7),
    ("multiple(i, 8)", 8),  # 3 is nearest to 0, but at least one multiple is left
    ("max(1, min(i, 2)) + ceildiv(7, 2)", 6),  # 2 + 4
    ("word", "relu"),
]
NO_EXPRESSIONS = ["1/2", "2**3", "1 + ", "w.bit_length()", "__import__('os')", "[1][0]", "'a'*3", "1.5",
                  "True", "abs(1)", "(lambda: 1)()", "w if i else 1", "w == 1", "min(w, key=i)",
                  "min(*[1])", "min()", "ceildiv(1)", "multiple(1)", "multiple(1, 2, 3, 4)",
                  "multiple(1, 0)", "root()", "root(1, 2)", "1 // 0", "1 % 0", "nowhere", "word + 1",
                  "word()", "~1", "1 << 9", "1 and 2", "10**15*10", f"{9**24}*{9**24}", "", "1 2",
                  "i := 2", "f'{w}'", "1_0", "0x10", "010"]  # fmt: skip


class Case(NamedTuple):
    """A spec and its layers as `name kind output params`."""

    text: str
    expected: str
    variant: str = ""
    variables: dict[str, int | str] = {}


CASES = {
    # (227 - 11)/4 + 1 = 55; 11*11*3*96 + 96 = 34,848 + 96
    "options": Case(
        "{family: t, input: 227x227x3, layers: [{conv11-96: {stride: 4, padding: 0, name: conv1}}]}",
        "input input 227x227x3 0, conv1 conv 55x55x96 34944",
    ),
    "long form": Case(
        "{family: t, input: 227x227x3, layers: [{conv: {kernel_size: 11, out_channels: 96, stride: 4}}]}",
        "input input 227x227x3 0, conv1_1 conv 55x55x96 34944",
    ),
    # 8 - 3 + 1 = 6; 3*3*3*4 = 108, no biases
    "options are not bound to places": Case(
        "family: t\ninput: 8x8x3\nlayers:\n  - conv3-4:\n      bias: false\n  - relu:\n",
        "input input 8x8x3 0, conv1_1 conv 6x6x4 108, relu1_1 relu 6x6x4 0",
    ),
    # The first has the class's stride 1 and the default padding 1; the second its own padding 0: 8 - 3 + 1 = 6.
    # maxpool takes 3/2 from the defaults: (6 - 3)//2 + 1 = 2; maxpool2 names its kernel: (2 - 2)/2 + 1 = 1.
    # 3*3*3*4 + 4 = 112; 3*3*4*4 + 4 = 148
    "defaults stand under what a layer says, and above its class": Case(
        """
        family: t
        input: 8x8x3
        defaults: {conv: {padding: half}, maxpool: {kernel_size: 3, stride: 2}}
        layers: [conv3-4, {conv3-4: {padding: 0}}, maxpool, maxpool2]
        """,
        "input input 8x8x3 0, conv1_1 conv 8x8x4 112, conv1_2 conv 6x6x4 148, pool1 maxpool 2x2x4 0, "
        "pool2 maxpool 1x1x4 0",
    ),
    # 1x1 on 3 channels: 3*8 + 8 = 32; 8*12 + 12 = 108; 12*13 + 13 = 169; fc: 2*2*13*5 + 5 = 265
    "variables and arithmetic": Case(
        """
        family: t
        input: $(size)x$(size)x3
        vars: {size: 2, width: 8, wide: "$(width + ceildiv(width, 2))", act: relu, classes: 10}
        layers: [conv1-$(width), {conv1-$(wide): {activation: $(act)}}, "conv1-$(wide + 1)", fc-$(classes // 2)]
        """,
        "input input 2x2x3 0, conv1_1 conv 2x2x8 32, conv1_2 conv 2x2x12 108, relu1_2 relu 2x2x12 0, "
        "conv1_3 conv 2x2x13 169, fc2 fc 1x1x5 265",
    ),
    # As above with width 4: 3*4 + 4 = 16; wide 6: 4*6 + 6 = 30; 6*7 + 7 = 49; 4*4*7*3 + 3 = 339
    "variables that are set from outside": Case(
        """
        family: t
        input: $(size)x$(size)x3
        vars: {size: 2, width: 8, wide: "$(width + ceildiv(width, 2))", act: relu, classes: 10}
        layers: [conv1-$(width), {conv1-$(wide): {activation: $(act)}}, "conv1-$(wide + 1)", fc-$(classes // 2)]
        """,
        "input input 4x4x3 0, conv1_1 conv 4x4x4 16, conv1_2 conv 4x4x6 30, tanh1_2 tanh 4x4x6 0, "
        "conv1_3 conv 4x4x7 49, fc2 fc 1x1x3 339",
        variables={"size": 4, "width": 4, "act": "tanh", "classes": 6},
    ),
    # with: sets width in the block alone. 3*4 + 4 = 16; 4*16 + 16 = 80; 16*2 + 2 = 34; 2*3 + 3 = 9
    "blocks with arguments": Case(
        """
        family: t
        input: 8x8x3
        vars: {width: 2}
        blocks:
          twice: [conv1-$(width), {conv1-$(width * 4): {name: wide}}]
        layers:
          - {use: twice, with: {width: 4}, name: stem}
          - conv1-$(width)
          - {use: last}
        """.replace("layers:", "  last: [{conv1-3: {name: end}}]\n        layers:"),
        "input input 8x8x3 0, stem.conv1 conv 8x8x4 16, stem.wide conv 8x8x16 80, conv1_1 conv 8x8x2 34, "
        "end conv 8x8x3 9",
    ),
    # Arguments may use the caller's variables, and blocks may use blocks: width 3*2 = 6: 3*6 + 6 = 24.
    "blocks in blocks": Case(
        """
        family: t
        input: 8x8x3
        vars: {width: 3}
        blocks:
          outer: [{use: inner, with: {width: $(width * 2)}, name: in}]
          inner: [conv1-$(width)]
        layers: [{use: outer, name: out}]
        """,
        "input input 8x8x3 0, out.in.conv1 conv 8x8x6 24",
    ),
    # i = 0, 1, 2: channels 1, 2, 3: 3*1 + 1 = 4; 1*2 + 2 = 4; 2*3 + 3 = 9
    "repeat with an index and a name": Case(
        """
        {family: t, input: 8x8x3, layers: [{repeat: {times: 3, index: i, name: stage, layers: [conv1-$(i + 1)]}}]}
        """,
        "input input 8x8x3 0, stage.0.conv1 conv 8x8x1 4, stage.1.conv1 conv 8x8x2 4, stage.2.conv1 conv 8x8x3 9",
    ),
    # Without a name the layers stand in the scope round it; times 0 leaves none.  3*3 + 3 = 12
    # each turn reads all that there is so far: 2, 2 + 3, 2 + 2*3 channels; conv3-3 has 9*c*3 + 3 parameters
    "repeat with a merge": Case(
        """
        family: t
        input: 4x4x2
        defaults: {conv: {padding: half}}
        layers: [{repeat: {times: 2, merge: concat, name: dense, layers: [conv3-3]}}, relu]
        """,
        "input input 4x4x2 0, dense.0.concat concat 4x4x2 0, dense.0.conv1 conv 4x4x3 57,"
        " dense.1.concat concat 4x4x5 0, dense.1.conv1 conv 4x4x3 138, dense.concat concat 4x4x8 0, relu relu 4x4x8 0",
    ),
    # without a name the turns stand in the scope round it; a merge is a kind of layer
    "repeat with a merge and no name": Case(
        "{family: t, input: 4x4x2, layers: [conv1-1, {repeat: {times: 1, merge: concat, layers: [conv1-1]}}]}",
        "input input 4x4x2 0, conv1_1 conv 4x4x1 3, concat1_1 concat 4x4x1 0, conv1_2 conv 4x4x1 2,"
        " concat1_2 concat 4x4x2 0",
    ),
    "repeat without a name": Case(
        """
        family: t
        input: 8x8x3
        vars: {n: 2}
        layers: [{repeat: {times: $(n), layers: [conv1-3]}}, {repeat: {times: $(n - 2), layers: [conv1-9]}}, maxpool]
        """,
        "input input 8x8x3 0, conv1_1 conv 8x8x3 12, conv1_2 conv 8x8x3 12, pool1 maxpool 4x4x3 0",
    ),
    # 3*3 + 3 = 12 each
    "residual": Case(
        """
        family: t
        input: 8x8x3
        layers:
          - {residual: {layers: [conv1-3]}}
          - {residual: {layers: [conv1-3], shortcut: [], name: r, activation: relu}}
          - {residual: {layers: [conv1-3], shortcut: [conv1-3], name: s, norm: batchnorm, activation: relu}}
        """,
        "input input 8x8x3 0, conv1_1 conv 8x8x3 12, add1_1 add 8x8x3 0, "
        "r.conv1 conv 8x8x3 12, r.add add 8x8x3 0, r.relu1 relu 8x8x3 0, "
        "s.conv1 conv 8x8x3 12, s.conv2 conv 8x8x3 12, s.add add 8x8x3 0, s.bn2 batchnorm 8x8x3 6, "
        "s.relu2 relu 8x8x3 0",
    ),
    # Two paths and the input itself: 2 + 4 + 3 = 9 channels. 3*2 + 2 = 8; 3*4 + 4 = 16; 9*9 + 9 = 90
    "branches in a list": Case(
        """
        family: t
        input: 8x8x3
        layers:
          - {branches: {merge: concat, paths: [[conv1-2], [conv1-4, relu], []]}}
          - {branches: {merge: add, paths: [[conv1-9], []]}}
        """,
        "input input 8x8x3 0, conv1_1 conv 8x8x2 8, conv1_2 conv 8x8x4 16, relu1_2 relu 8x8x4 0, "
        "concat1_2 concat 8x8x9 0, conv1_3 conv 8x8x9 90, add1_3 add 8x8x9 0",
    ),
    # Squeeze and excitation: the 1x1x4 vector scales the map. 3*4 + 4 = 16; 4*4 + 4 = 20
    "branches with named paths": Case(
        """
        family: t
        input: 8x8x3
        layers:
          - conv1-4
          - {branches: {merge: multiply, name: se, paths: {map: [], scale: [globalavgpool, fc-4, sigmoid]}}}
        """,
        "input input 8x8x3 0, conv1_1 conv 8x8x4 16, se.scale.pool1 globalavgpool 1x1x4 0, se.scale.fc1 fc 1x1x4 20, "
        "se.scale.sigmoid1 sigmoid 1x1x4 0, se.multiply multiply 8x8x4 0",
    ),
    # 3*2 + 2 = 8; 3*5 + 5 = 20; 2 + 5 + 3 = 10 channels
    "from": Case(
        """
        family: t
        input: 8x8x3
        layers:
          - {conv1-2: {name: a}}
          - {conv1-5: {from: input, name: b}}
          - {concat: {from: [a, b, input]}}
        """,
        "input input 8x8x3 0, a conv 8x8x2 8, b conv 8x8x5 20, concat concat 8x8x10 0",
    ),
    # Who reads a layer reads its activation too, and who reads a block reads its last layer, b.d. In b, `a` is b.a
    # before the outer a, and `first` the outer one. b.d has 8 + 5 = 13 channels, cat 4 + 13 = 17.
    # first: 3*5 + 5 = 20; a: 5*4 + 4 = 24; b.a: 4*8 + 8 = 40; b.c: 8*8 + 8 = 72; end: 8*1 + 1 = 9
    "from looks in its own scope first, then in those round it": Case(
        """
        family: t
        input: 8x8x3
        blocks: {pair: [{conv1-8: {name: a}}, {conv1-8: {name: c, from: a}}, {concat: {from: [c, first], name: d}}]}
        layers:
          - {conv1-5: {name: first}}
          - {conv1-4: {name: a, activation: relu}}
          - {use: pair, name: b}
          - {concat: {from: [a, b], name: cat}}
          - {conv1-1: {from: b.a, name: end}}
        outputs: [cat, end]
        """,
        "input input 8x8x3 0, first conv 8x8x5 20, a conv 8x8x4 24, a.relu relu 8x8x4 0, b.a conv 8x8x8 40, "
        "b.c conv 8x8x8 72, b.d concat 8x8x13 0, cat concat 8x8x17 0, end conv 8x8x1 9",
    ),
    # use, repeat, residual and branches take `from` as layers do: 3*2 + 2 = 8; 3*4 + 4 = 16; 3*3 + 3 = 12
    "from on structures": Case(
        """
        family: t
        input: 8x8x3
        blocks: {four: [conv1-4]}
        layers:
          - conv1-2
          - {use: four, from: input, name: f}
          - {repeat: {times: 1, from: input, layers: [conv1-2], name: g}}
          - {residual: {from: input, layers: [conv1-3], name: r}}
          - {concat: {from: [conv1_1, f, g, r]}}
        """,
        "input input 8x8x3 0, conv1_1 conv 8x8x2 8, f.conv1 conv 8x8x4 16, g.0.conv1 conv 8x8x2 8, "
        "r.conv1 conv 8x8x3 12, r.add add 8x8x3 0, concat1_1 concat 8x8x11 0",
    ),
    # 3*2 + 2 = 8; batch normalisation 2 + 2
    "norm and activation follow the layer in this order": Case(
        """
        family: t
        input: 8x8x3
        defaults: {conv: {norm: batchnorm, activation: {leakyrelu: {negative_slope: 0.1}}}, batchnorm: {affine: true}}
        layers: [conv1-2, {conv1-2: {norm: none, activation: none}},
                 {conv1-2: {activation: relu, norm: {groupnorm-2: {}}}}]
        """,
        "input input 8x8x3 0, conv1_1 conv 8x8x2 8, bn1_1 batchnorm 8x8x2 4, leakyrelu1_1 leakyrelu 8x8x2 0, "
        "conv1_2 conv 8x8x2 6, conv1_3 conv 8x8x2 6, groupnorm1_3 groupnorm 8x8x2 4, relu1_3 relu 8x8x2 0",
    ),
    # Family: width 2 and padding half. `small` takes both; `wide` is like it with width 5 and stride 2.
    # 3*3*3*5 + 5 = 140; ceil(8/2) = 4
    "variants like others": Case(
        """
        family: t
        input: 8x8x3
        vars: {width: 2}
        defaults: {conv: {padding: half}}
        variants:
          widest: {like: wide, aliases: [xxl, "t/widest"], input: 16x16x3}
          small: {aliases: s, layers: [conv3-$(width)]}
          wide: {like: small, vars: {width: 5}, defaults: {conv: {stride: 2}}}
        """,
        "input input 16x16x3 0, conv1_1 conv 8x8x5 140",
        variant="xxl",
    ),
    # 16000 samples: (16000 - 80)/4 + 1 = 3981; 80*1*8 + 8 = 648; (3981 - 4)//4 + 1 = 995; 995*8*3 + 3 = 23,883
    "one spatial axis": Case(
        "{family: t, input: 16000x1, layers: [conv80-8/4, maxpool4, fc-3]}",
        "input input 16000x1 0, conv1_1 conv 3981x8 648, pool1 maxpool 995x8 0, fc2 fc 1x3 23883",
    ),
    # C3D's first layers: 3*3*3*3*64 + 64 = 5248; pooling 1x2x2 keeps the 16 frames
    "three spatial axes": Case(
        "{family: t, input: 16x112x112x3, layers: [{conv3-64: {padding: half}}, maxpool1x2x2]}",
        "input input 16x112x112x3 0, conv1_1 conv 16x112x112x64 5248, pool1 maxpool 16x56x56x64 0",
    ),
    # a: 3*2 + 2 = 8; b: 1*2 + 2 = 4; the sum of 2 channels; fc: 4*4*2*3 + 3 = 99
    "two inputs": Case(
        """
        family: t
        input: {left: 4x4x3, right: 4x4x1}
        layers: [{conv1-2: {from: left, name: a}}, {conv1-2: {from: right, name: b}}, {add: {from: [a, b]}}, fc-3]
        """,
        "left input 4x4x3 0, right input 4x4x1 0, a conv 4x4x2 8, b conv 4x4x2 4, add add 4x4x2 0, fc1 fc 1x1x3 99",
    ),
}  # fmt: skip

PADDINGS = [
    # height 8, width 9, one channel, conv3: (output, padding of the receptive field)
    ("0", 1, (6, 7), (0, 0)),
    ("1", 1, (8, 9), (1, 1)),
    ("[0, 1]", 1, (6, 9), (0, 1)),
    ("[[1, 2], [0, 1]]", 1, (9, 8), (1, 0)),  # 8 - 3 + 3 + 1 = 9; 9 - 3 + 1 + 1 = 8
    ("[2, [0, 1]]", 1, (10, 8), (2, 0)),  # 8 - 3 + 4 + 1 = 10
    ("valid", 1, (6, 7), (0, 0)),
    ("half", 1, (8, 9), (1, 1)),
    ("same", 1, (8, 9), (1, 1)),
    ("valid", 2, (3, 4), (0, 0)),  # (8 - 3)//2 + 1; (9 - 3)//2 + 1
    ("half", 2, (4, 5), (1, 1)),  # (8 - 3 + 2)//2 + 1; (9 - 3 + 2)//2 + 1
    ("same", 2, (4, 5), (0, 1)),  # ceil(8/2), ceil(9/2); (4-1)*2+3-8 = 1 in all, after; (5-1)*2+3-9 = 2, 1 before
]

CAFFE_D = """conv1_1 relu1_1 conv1_2 relu1_2 pool1 conv2_1 relu2_1 conv2_2 relu2_2 pool2
    conv3_1 relu3_1 conv3_2 relu3_2 conv3_3 relu3_3 pool3 conv4_1 relu4_1 conv4_2 relu4_2 conv4_3 relu4_3 pool4
    conv5_1 relu5_1 conv5_2 relu5_2 conv5_3 relu5_3 pool5"""
"""The layers of Caffe's VGG_ILSVRC_16_layers_deploy.prototxt up to pool5."""

INCEPTION_3A = """
family: googlenet
source: Szegedy et al., arXiv:1409.4842, Table 1, inception (3a)
input: 28x28x192
defaults: {conv: {padding: half, activation: relu}}
layers:
  - branches:
      name: inception_3a
      merge: concat
      paths:
        1x1: [conv1-64]
        3x3: [conv1-96, conv3-128]
        5x5: [conv1-16, conv5-32]
        pool: [{maxpool3/1: {padding: 1}}, conv1-32]
"""

RESIDUAL = """
family: resnet
source: He et al., arXiv:1512.03385, Table 1, conv3_1 of the 34-layer net; projection shortcut
input: 56x56x64
defaults: {conv: {padding: half, bias: false, norm: batchnorm}}
layers:
  - residual:
      name: layer2.0
      activation: relu
      layers: [{conv3-128/2: {activation: relu}}, conv3-128]
      shortcut: [conv1-128/2]
"""

TWO_OUTPUTS = """
family: two
input: 8x8x3
layers:
  - {conv3-4: {name: trunk, padding: half}}
  - {conv1-2: {name: mask, from: trunk}}
  - {fc-5: {name: label, from: trunk}}
outputs: [label, mask]
"""

WITH_TOP = """
family: t
input: 8x8x3
layers: [conv1-4, {conv1-6: {name: hidden}}, {conv1-10: {name: score}}, globalavgpool, softmax]
top: hidden
"""


@pytest.mark.parametrize(("text", "kind", "fields"), SHORTHAND, ids=[text for text, _, _ in SHORTHAND])
def test_shorthand(text: str, kind: str, fields: dict[str, Any]) -> None:
    """Shorthand sets the fields that it names and no others, and is written as it was read."""
    cls, read = notation.read(text)
    assert (cls.kind, read) == (kind, fields)
    assert notation.write(cls(**read)) == text


@pytest.mark.parametrize(("text", "written"), ALSO_READ)
def test_shorthand_as_papers_print_it(text: str, written: str) -> None:
    """Capitals, dashes in words and numbers that are the default already are read too."""
    cls, fields = notation.read(text)
    assert notation.write(cls(**fields)) == written


@pytest.mark.parametrize("text", NOT_A_LAYER)
def test_what_is_no_shorthand(text: str) -> None:
    """A text that is no layer is refused with what would be right."""
    with pytest.raises(notation.ShorthandError) as refused:
        notation.read(text)
    assert refused.value.reason
    assert refused.value.hint


NUMBERS = st.integers(1, 999) | st.lists(st.integers(1, 99), min_size=2, max_size=3).filter(lambda n: len(set(n)) > 1)


def in_shorthand(value: Any) -> str:
    """A number, or one for each axis."""
    return "x".join(map(str, value)) if isinstance(value, list) else str(value)


@pytest.mark.slow
@given(NUMBERS, st.integers(1, 99999), NUMBERS)
def test_shorthand_of_convolutions_round_trip(kernel: Any, channels: int, stride: Any) -> None:
    """Any kernel, any number of channels and any stride come back as they were written."""
    text = f"conv{in_shorthand(kernel)}-{channels}" + (f"/{in_shorthand(stride)}" if stride != 1 else "")
    cls, fields = notation.read(text)
    layer = cls(**fields)
    assert layer.fields["kernel_size"] == (tuple(kernel) if isinstance(kernel, list) else kernel)
    assert layer.fields["stride"] == (tuple(stride) if isinstance(stride, list) else stride)
    assert layer.fields["out_channels"] == channels
    assert notation.write(layer) == text


@pytest.mark.slow
@given(st.sampled_from(["maxpool", "avgpool"]), NUMBERS, NUMBERS)
def test_shorthand_of_pooling_round_trip(kind: str, kernel: Any, stride: Any) -> None:
    """A pooling that moves by its own size is written without a stride; every other keeps it."""
    glued = in_shorthand(kernel) if kernel != 2 else ""
    text = f"{kind}{glued}" + (f"/{in_shorthand(stride)}" if stride != kernel else "")
    cls, fields = notation.read(text)
    assert notation.write(cls(**fields)) == text


def test_every_kind_is_written() -> None:
    """Every layer has a text for the tables, which begins with its kind's word."""
    for _, layer, *_ in ROWS:
        assert notation.write(layer).startswith(layer.kind)


@pytest.mark.parametrize(("text", "value"), EXPRESSIONS)
def test_expression(text: str, value: int | str) -> None:
    """Whole-number arithmetic over the variables in scope."""
    scope: dict[str, int | str] = {"w": 24, "i": 3, "word": "relu"}
    assert evaluate(text, scope) == value
    assert substitute(f"<$({text})-$({text})>", scope) == f"<{value}-{value}>"


@pytest.mark.parametrize("text", NO_EXPRESSIONS)
def test_no_expression(text: str) -> None:
    """Anything but whole-number arithmetic over known names is refused."""
    with pytest.raises(ExpressionError) as refused:
        evaluate(text, {"w": 24, "i": 3, "word": "relu"})
    assert refused.value.reason


@pytest.mark.slow
@given(st.integers(-999, 999), st.integers(-999, 999), st.integers(1, 99))
def test_arithmetic_is_exact(a: int, b: int, c: int) -> None:
    """The four operations, ceildiv and multiple agree with exact arithmetic."""
    scope: dict[str, int | str] = {"a": a, "b": b, "c": c}
    assert evaluate("(a - b)*c + a % c", scope) == (a - b) * c + a % c
    up = evaluate("ceildiv(a, c)", scope)
    assert isinstance(up, int)
    assert (up - 1) * c < a <= up * c
    near = evaluate("multiple(a, c)", scope)
    assert isinstance(near, int)
    assert near % c == 0
    if near > c:  # halves up, and one more where that is less than 90%
        half_up = -c < 2 * (near - a) <= c
        assert half_up or (2 * (near - a) <= 2 * c and 10 * (near - c) < 9 * a)
    assert near >= c
    assert 10 * near >= 9 * a


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_form(case: Case) -> None:
    """Each form of the language means the layers that were worked out by hand."""
    assert layers(case.text, case.variant, **case.variables) == case.expected.split(", ")


@pytest.mark.slow
@pytest.mark.parametrize(("padding", "stride", "output", "before"), PADDINGS)
def test_padding(padding: str, stride: int, output: tuple[int, int], before: tuple[int, int]) -> None:
    """A number, one for each axis, one for each side, and the three words."""
    text = f"{{family: t, input: 8x9x1, layers: [{{conv3-1/{stride}: {{padding: {padding}}}}}]}}"
    row = report(text).rows[1]
    assert row.output == Shape(1, output)
    assert tuple(field.padding for field in row.fields["input"]) == before


def test_half_padding_of_a_dilated_kernel() -> None:
    """Half is half of the dilated kernel: 2*(3 - 1) + 1 = 5, so 2 on each side and the map keeps its size."""
    (row,) = report("{family: t, input: 9x9x1, layers: [{conv3-1: {padding: half, dilation: 2}}]}").rows[1:]
    assert row.output == Shape(1, (9, 9))
    assert [field.padding for field in row.fields["input"]] == [2, 2]


def test_same_padding_depends_on_the_input() -> None:
    """SAME gives ceil(in/stride) at every size: 7 -> 4, 8 -> 4, 9 -> 5."""
    network = model("{family: t, input: 7x7x1, layers: [{conv3-1/2: {padding: same}}]}")
    found = [network.analyse(input=str(size)).rows[1].output.spatial for size in (7, 8, 9)]
    assert found == [(4, 4), (4, 4), (5, 5)]


def test_names_of_a_plain_stack() -> None:
    """A plain stack has the names of Caffe's VGG: a pool ends a stage, fully connected layers go on counting."""
    names = [row.name for row in load("D").analyse().rows]
    assert names[1:32] == CAFFE_D.split()
    assert [name for name in names if name.startswith("fc")] == ["fc6", "fc7", "fc8"]


def test_names_are_kept_once() -> None:
    """Layers that would share a name are numbered on, and every name finds its own layer."""
    network = model(
        "{family: t, input: 8x8x3, layers: [conv1-3, relu, relu, relu, lrn, maxpool, fc-2, relu, fc-2]}"
    ).network
    names = [node.name for node in network.nodes]
    assert names == ["input", "conv1_1", "relu1_1", "relu1_1.2", "relu1_1.3", "lrn1_1", "pool1", "fc2", "relu2", "fc3"]
    assert [network.find(name) for name in names] == list(range(10))


def test_dotted_paths() -> None:
    """Inside blocks a layer's name is the path to it; layers of a kind are numbered within their block."""
    text = """
    family: t
    input: 8x8x3
    defaults: {conv: {norm: batchnorm, bias: false, padding: half}}
    blocks: {basic: [{residual: {layers: [{conv3-3: {activation: relu}}, conv3-3], activation: relu}}]}
    layers: [{repeat: {times: 2, name: layer1, layers: [{use: basic}]}}]
    """
    block = ["conv1", "bn1", "relu1", "conv2", "bn2", "add", "relu2"]
    names = [row.name for row in report(text).rows[1:]]
    assert names == [f"layer1.{turn}.{name}" for turn in (0, 1) for name in block]


def test_a_variable_holds_the_name_of_a_layer() -> None:
    """What `with` says of a block may be a layer's name with its path: a block can read what stands in another."""
    text = """
    family: t
    input: 8x8x3
    blocks:
      stem: [{conv1-4: {name: one}}, {conv1-4: {name: two}}]
      sum: [{add: {from: [stem.two, $(other)]}}]
    layers: [{use: stem, name: stem}, {use: sum, with: {other: stem.one}}]
    """
    network = model(text).network
    assert [network.nodes[source].name for source in network.nodes[-1].inputs] == ["stem.two", "stem.one"]


def test_two_inputs() -> None:
    """A network with two inputs, by hand: figures, and the field on each input."""
    text = """
    family: two
    input: {left: 16x16x3, right: 16x16x1}
    defaults: {conv: {padding: half}}
    layers:
      - {conv3-8: {from: left, name: a}}
      - {conv5-8/2: {from: right, name: b}}
      - {maxpool: {from: a, name: a2}}
      - {concat: {from: [a2, b], name: joined}}
      - {fc-10: {name: end}}
    """
    found = report(text)
    # a: 3*3*3*8 = 216 + 8; b: 5*5*1*8 = 200 + 8; end: 8*8*16*10 = 10,240 + 10
    assert (found.totals.weights, found.totals.biases) == (216 + 200 + 10240, 8 + 8 + 10)
    # a: 16*16*216 = 55,296; b: 8*8*200 = 12,800; end: 10,240
    assert found.totals.macs == 55296 + 12800 + 10240
    # 16*16*3 + 16*16*1 + 16*16*8 + 8*8*8 + 8*8*8 + 8*8*16 + 10 = 768 + 256 + 2048 + 512 + 512 + 1024 + 10
    assert found.totals.activations == 5130
    # and what a, b and end keep: 768 + 256 + 1024
    assert found.totals.forward == 5130 + 2048
    joined = found.row("joined")
    assert str(joined.output) == "8x8x16"
    # left: 3, then pooled 3 + 1 = 4, jump 2, padding 1; right: 5, jump 2, padding 2
    fields = {name: [(f.size, f.jump, f.padding) for f in axes] for name, axes in joined.fields.items()}
    assert fields == {"left": [(4, 2, 1)] * 2, "right": [(5, 2, 2)] * 2}


def test_inputs_of_other_sizes_by_name() -> None:
    """Several inputs are resized by name; a single size goes to all of them."""
    two = model(CASES["two inputs"].text)
    assert [str(row.output) for row in two.analyse(input={"left": "8", "right": "8x8"}).rows[:2]] == ["8x8x3", "8x8x1"]
    assert two.analyse(input="6").rows[-1].params == 6 * 6 * 2 * 3 + 3
    with pytest.raises(UsageError, match="no input 'middle'"):
        two.analyse(input={"middle": "8"})


def test_two_outputs() -> None:
    """A network with two outputs, by hand; both are kept, in the order of the spec."""
    found = report(TWO_OUTPUTS)
    assert [found.network.nodes[index].name for index in found.network.outputs] == ["label", "mask"]
    # trunk: 3*3*3*4 + 4 = 112; mask: 4*2 + 2 = 10; label: 8*8*4*5 + 5 = 1285
    assert [row.params for row in found.rows] == [0, 112, 10, 1285]
    # trunk: 64*108 = 6912; mask: 64*8 = 512; label: 1280
    assert [row.macs for row in found.rows] == [0, 6912, 512, 1280]
    # 192 + 256 + 128 + 5; and what the three keep: 192 + 256 + 256
    assert (found.totals.activations, found.totals.forward) == (581, 581 + 704)


def test_two_outputs_need_no_declaration() -> None:
    """Without `outputs` every layer that nothing reads is one, in the order of the network."""
    network = model(TWO_OUTPUTS.replace("outputs: [label, mask]", "")).network
    assert [network.nodes[index].name for index in network.outputs] == ["mask", "label"]


def test_until_keeps_what_a_layer_needs() -> None:
    """Asked up to one output, the network leaves the other out."""
    found = model(TWO_OUTPUTS).analyse(until="label")
    assert [row.name for row in found.rows] == ["input", "trunk", "label"]


def test_top() -> None:
    """`top` names the first layer of the classifier, and leaving it out leaves the rest."""
    found = model(WITH_TOP).analyse(top=False)
    assert [row.name for row in found.rows] == ["input", "conv1_1"]


def test_top_is_said_where_it_is_more_than_the_scores() -> None:
    """Without `top` and without fully connected layers the classifier is the last convolution and what follows it."""
    found = model(WITH_TOP.replace("top: hidden", "")).analyse(top=False)
    assert [row.name for row in found.rows] == ["input", "conv1_1", "hidden"]


def test_residual_block() -> None:
    """A residual block with a projection, by hand: params, MACs, output and the union of both paths' fields."""
    found = report(RESIDUAL)
    # 3*3*64*128 = 73,728; 3*3*128*128 = 147,456; 1*1*64*128 = 8,192; three normalisations of 2*128
    assert found.totals.params == 73728 + 147456 + 8192 + 3 * 256
    assert found.totals.buffers == 3 * 257  # running mean, running variance and one counter each
    # each at 28*28 = 784 positions: 784*(73,728 + 147,456 + 8,192) = 784*229,376
    assert found.totals.macs == 179830784
    add = found.row("layer2.0.add")
    assert str(add.output) == "28x28x128"
    # main path: 3, then 3 + 2*2 = 7, jump 2, padding 1 + 1*2 = 3; the shortcut sees one pixel, padding 0
    assert [(f.size, f.jump, f.padding) for f in add.fields["input"]] == [(7, 2, 3)] * 2


def test_inception_block() -> None:
    """Inception (3a), by hand: the paper's 159K parameters and 128M operations, and its 256 channels."""
    found = report(INCEPTION_3A)
    # 192*64 = 12,288; 192*96 = 18,432; 9*96*128 = 110,592; 192*16 = 3,072; 25*16*32 = 12,800; 192*32 = 6,144
    weights = [12288, 18432, 110592, 3072, 12800, 6144]
    assert [row.weights for row in found.rows if row.kind == "conv"] == weights
    assert found.totals.weights == 163328  # their sum; 163,328/1024 = 159.5
    assert found.totals.biases == 64 + 96 + 128 + 16 + 32 + 32
    assert found.totals.macs == 128049152  # 28*28 = 784 positions times 163,328
    end = found.rows[-1]
    assert (end.name, str(end.output)) == ("inception_3a.concat", "28x28x256")  # 64 + 128 + 32 + 32
    # the widest path is the 5x5: 5 pixels, 2 in the padding
    assert [(f.size, f.jump, f.padding) for f in end.fields["input"]] == [(5, 1, 2)] * 2


def test_a_variant_by_path_and_alias(tmp_path: Path) -> None:
    """PATH:VARIANT asks for one variant of a file, by its name or an alias; the path alone, when there is one."""
    path = tmp_path / "nets.yaml"
    path.write_text("{family: t, input: 8x8x3, variants: {a: {layers: [conv1-2]}, b: {like: a, aliases: [bee/2]}}}")
    assert load(f"{path}:a").analyse().totals.params == 8
    assert load(f"{path}:bee/2").analyse().totals.params == 8
    with pytest.raises(UsageError, match="holds 2 networks"):
        load(str(path))
    with pytest.raises(UsageError, match="no variant 'c'"):
        load(f"{path}:c")


def stdin_with(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let standard input hold this text."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads the spec from standard input."""
    stdin_with(monkeypatch, "{family: t, input: 8x8x3, layers: [conv1-2]}")
    assert load("-").analyse().totals.params == 8


def test_a_variant_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-:VARIANT` asks for one of several networks on standard input."""
    stdin_with(monkeypatch, "{family: t, input: 8x8x3, variants: {a: {layers: [conv1-2]}, b: {layers: [conv1-3]}}}")
    assert load("-:b").analyse().totals.params == 12


def test_bundled_names() -> None:
    """A configuration letter, an alias and any capitals ask for the same network."""
    assert load("D").network.nodes == load("vgg16").network.nodes == load("VGG16").network.nodes


def test_unknown_variable() -> None:
    """A variable that the spec does not have is refused, with the ones that it has."""
    with pytest.raises(UsageError, match="no variable 'klasses'; did you mean 'classes'"):
        load("vgg16", klasses=10)


def test_a_variable_set_to_nonsense_is_told() -> None:
    """A value from outside is of the kind that the spec has, and says so in its own words."""
    (fault,) = faults("{family: t, input: 8x8x3, vars: {n: 2}, layers: [conv1-$(n)]}", n="x")
    assert fault == "- variable 'n' of t holds a whole number, not 'x'"


def test_comments_quotes_and_crlf() -> None:
    """Comments, quotes, Windows line ends and a byte order mark change nothing."""
    plain = "family: t\ninput: 8x8x3\nlayers: [conv1-2, 'maxpool']\n"
    noisy = "\ufeff# a spec\r\nfamily: \"t\"\r\ninput: '8x8x3'  # pixels\r\nlayers:\r\n- conv1-2\r\n- maxpool\r\n"
    assert layers(plain) == layers(noisy) == ["input input 8x8x3 0", "conv1_1 conv 8x8x2 8", "pool1 maxpool 4x4x2 0"]


def test_nodes_keep_their_place() -> None:
    """Every layer knows the line and column on which it was written, also inside a block."""
    text = "family: t\ninput: 8x8x3\nblocks:\n  b: [conv1-2]\nlayers:\n  - {use: b}\n  - maxpool: {stride: 1}\n"
    marks = [node.mark for node in model(text).network.nodes]
    assert [(mark.line, mark.column) for mark in marks if mark] == [(2, 1), (4, 7), (7, 5)]


def test_a_failed_load_leaves_no_trace() -> None:
    """A bundled model that was asked for with a bad variable is sound when it is asked for again."""
    with pytest.raises(SpecError, match="out_features is 0"):
        load("vgg16", classes=0)
    assert load("vgg16").analyse().totals.params == 138357544


def test_shared_weights_are_counted_once() -> None:
    """The second of two layers that share has no parameters of its own, but its own work.

    Each: 3*3*2*4 + 4 = 76 parameters and 6*6*72 = 2,592 MACs on an 8x8x2 input; so has each tower of a shared block.
    """
    text = """
family: f
variants:
  layers:
    input: {left: 8x8x2, right: 8x8x2}
    layers:
      - {conv3-4: {name: a, from: left}}
      - {conv3-4: {name: b, from: right, share: a}}
      - {add: {from: [a, b]}}
  blocks:
    input: {left: 8x8x2, right: 8x8x2}
    layers:
      - {use: tower, name: one, from: left}
      - {use: tower, name: two, from: right, share: one}
      - {add: {from: [one, two]}}
blocks:
  tower: [{conv3-4: {name: conv}}]
"""
    for variant in ("layers", "blocks"):
        found = report(text, variant)
        first, second = (row for row in found.rows if row.macs)
        assert (first.params, second.params, second.shares) == (76, 0, first.name)
        assert (found.totals.params, found.totals.macs) == (76, 2 * 2592)


@pytest.mark.parametrize(
    "layer", ["{concat: {from: nope, name: both}}", "{add: {from: [nope, left]}}", "{relu: {from: nope}}"]
)
def test_a_layer_whose_inputs_are_not_there(layer: str) -> None:
    """Of several inputs none is above it: the name that nobody has is told, once, and nothing else fails."""
    with pytest.raises(SpecError) as raised:
        load(f"family: f\ninput: {{left: 8x8x1, right: 8x8x1}}\nlayers: [{layer}, relu]\n")
    assert [problem.code for problem in raised.value.problems if problem.code != "unread-layer"] == ["unknown-name"]


@pytest.mark.parametrize(
    ("structure", "name"),
    [
        ("residual: {name: b, layers: [conv1-4], merge: {add: {name: sum, inplace: true}}, activation: relu}", "b.sum"),
        ("residual: {layers: [conv1-4], merge: {add: {name: sum, inplace: true}}, activation: relu}", "sum"),
        ("branches: {paths: [[conv1-4], []], merge: {add: {name: sum, inplace: true}}, activation: relu}", "sum"),
    ],
)
def test_the_layer_in_which_paths_meet_has_options(structure: str, name: str) -> None:
    """Its name and its fields; what reads it says that name."""
    text = f"family: t\ninput: 8x8x4\nlayers: [{{{structure}}}, {{conv1-2: {{from: {name}}}}}]"
    nodes = {node.name: node for node in model(text).network.nodes}
    assert nodes[name].layer == Add(inplace=True)


def test_the_layer_that_gathers_turns_has_a_name() -> None:
    """Each turn's under its own path, the last under that of the repeat."""
    repeat = "{repeat: {times: 2, layers: [conv1-4], name: r, merge: {concat: {name: all}}}}"
    nodes = model(f"family: t\ninput: 8x8x4\nlayers: [{repeat}, {{conv1-2: {{from: r.all}}}}]").network.nodes
    assert [node.name for node in nodes][1:6] == ["r.0.all", "r.0.conv1", "r.1.all", "r.1.conv1", "r.all"]


def test_what_a_merge_cannot_have() -> None:
    """What it reads is what the paths end in."""
    text = "family: t\ninput: 8x8x4\nlayers: [{branches: {paths: [[], []], merge: {add: {from: input, nam: a}}}}]"
    assert faults(text) == [
        "3:53 'add' joins paths and takes no 'from'; say it beside merge",
        "3:66 'add' has no field or option 'nam'; did you mean 'name'?",
    ]
