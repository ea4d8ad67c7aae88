"""How many operations, as anyone counts them: one table of rules for each tool and paper.

The tables say what the tools were seen to answer for one layer of each kind, in the version that `source` names.
"""

from __future__ import annotations

from vggcalc.conventions.rules import Convention, by_name, table

_WEIGHTS = "conv dwconv convmap fc"
_VIEWS = "input identity flatten dropout stochasticdepth slice concat pad padchannels crop channelshuffle"
_SUMS = "add subtract multiply scale"
_CURVES = "relu relu6 leakyrelu prelu elu sigmoid hardsigmoid hardswish silu gelu mish tanh softmax abs"
_NORMS = "batchnorm layernorm groupnorm"
_POOLS = "maxpool avgpool adaptiveavgpool adaptivemaxpool globalavgpool globalmaxpool"
_REST = f"{_VIEWS} {_SUMS} {_CURVES} {_NORMS} {_POOLS} lrn l2norm upsample subsample rbf"

MACS = Convention(
    "macs",
    "multiply-accumulates of convolutions and fully connected layers",
    "vggcalc's own definition",
    table(("*", "macs")),
    unit="MACs",
)

OPERATIONS = by_name(
    MACS,
    Convention(
        "conv-macs",
        "multiply-accumulates of convolutions alone",
        "He et al., arXiv:1512.03385, section 3.3: VGG-16 has 15.3 billion FLOPs",
        table(("conv dwconv convmap convtranspose", "macs"), (f"fc {_REST}", "0")),
        unit="FLOPs",
    ),
    Convention(
        "torchvision",
        "MACs, which torchvision's documentation calls GFLOPS",
        "torchvision 0.28, the models' _ops: FlopCounterMode / 2",
        table((f"{_WEIGHTS} convtranspose", "macs"), (_REST, "0")),
        unit="GFLOPS",
    ),
    Convention(
        "fvcore",
        "flops of fvcore and GMACs of timm; a multiply-accumulate is one",
        "fvcore 0.1.5, fvcore/nn/jit_handles.py",
        table(
            (f"{_WEIGHTS} convtranspose", "macs"),
            (f"{_VIEWS} {_SUMS} {_CURVES} maxpool avgpool globalmaxpool adaptivemaxpool lrn", "0"),
            ("batchnorm", "out + trained"),
            ("layernorm groupnorm", "5 out"),
            ("adaptiveavgpool globalavgpool", "in"),
            ("globalavgpool:functional", "0"),
            ("upsample:nearest", "out"),
            ("upsample:bilinear", "4 out"),
        ),
        note="adaptive average pooling counts its input, but a mean over the map counts nothing",
        unit="flops",
    ),
    Convention(
        "ptflops",
        "MACs of ptflops' default backend, which counts modules; ReLU, GELU, PReLU and pooling count twice",
        "ptflops 0.7.5, ptflops/pytorch_ops.py",
        table(
            (f"{_WEIGHTS} convtranspose", "macs + bias"),
            (f"{_VIEWS} {_SUMS} sigmoid hardsigmoid hardswish tanh mish abs", "0"),
            ("relu prelu gelu", "2 out"),
            ("relu6 leakyrelu silu softmax elu", "out"),
            ("relu:functional", "out"),
            ("batchnorm groupnorm", "out + trained"),
            ("layernorm", "out"),
            ("layernorm:subclass", "0"),
            (_POOLS, "2 in"),
            ("globalavgpool:functional", "0"),
            ("maxpool:functional avgpool:functional adaptiveavgpool:functional", "in"),
            ("upsample", "2 out"),
            ("lrn", "3 out + padded"),
            ("fc:functional", "0"),
        ),
        note="a module and the function that it calls both count; a function that is called by itself counts once",
        unit="MACs",
    ),
    Convention(
        "ptflops-2019",
        "MACs of early ptflops, before functions were counted too: ReLU and pooling once",
        "ptflops before 0.7, ptflops/flops_counter.py",
        table(
            (f"{_WEIGHTS} convtranspose", "macs + bias"),
            (f"{_VIEWS} {_SUMS} softmax sigmoid tanh", "0"),
            ("relu prelu elu leakyrelu relu6", "out"),
            ("batchnorm", "out + trained"),
            (_POOLS, "in"),
            (":functional", "0"),
            ("upsample", "out"),
        ),
        unit="MACs",
    ),
    Convention(
        "ptflops-aten",
        "MACs of ptflops' aten backend",
        "ptflops 0.7.5, ptflops/aten_ops.py",
        table(
            (f"{_WEIGHTS} convtranspose", "macs + bias"),
            (f"{_VIEWS} {_SUMS} {_CURVES} {_NORMS} {_POOLS} lrn upsample", "0"),
        ),
        unit="MACs",
    ),
    Convention(
        "thop",
        "MACs of thop; normalisation four for each value",
        "thop 0.1.1, thop/profile.py and thop/vision",
        table(
            (_WEIGHTS, "macs"),
            ("convtranspose", "spread"),
            (f"{_VIEWS} {_SUMS} relu relu6 leakyrelu sigmoid hardsigmoid hardswish silu gelu tanh mish elu abs", "0"),
            ("maxpool globalmaxpool adaptivemaxpool groupnorm lrn", "0"),
            ("batchnorm layernorm", "2 out + 2 trained"),
            ("prelu", "out"),
            ("softmax", "3 out + -1 positions"),
            ("avgpool", "out"),
            ("adaptiveavgpool globalavgpool", "in_and_out"),
            ("upsample:nearest", "out"),
            ("upsample:bilinear", "11 out"),
            (":functional layernorm:subclass", "0"),
        ),
        note="it counts a transposed convolution at the output's positions, stride * stride times too many",
        unit="MACs",
    ),
    Convention(
        "thop-2019",
        "GMACs of thop's README: with biases, and a fully connected layer's multiplications and additions apart",
        "Lyken17/pytorch-OpCounter 43c064a, README",
        table(
            ("conv dwconv", "macs + bias"),
            ("fc", "2 macs"),
            (f"{_VIEWS} {_SUMS} relu relu6 leakyrelu softmax sigmoid hardsigmoid hardswish silu tanh maxpool", "0"),
            ("batchnorm", "2 out + 2 trained"),
            ("avgpool", "out"),
            ("adaptiveavgpool globalavgpool", "in_and_out"),
            (":functional", "0"),
        ),
        unit="GMACs",
    ),
    Convention(
        "calflops-macs",
        "MACs of calflops and of DeepSpeed's profiler",
        "calflops 0.3.2, calflops/pytorch_ops.py",
        table(
            (f"{_WEIGHTS} convtranspose", "macs"),
            (f"{_VIEWS} {_SUMS} {_CURVES} {_NORMS} {_POOLS} lrn upsample", "0"),
        ),
        unit="MACs",
    ),
    Convention(
        "calflops",
        "FLOPs of calflops and of DeepSpeed's profiler: two a multiply-accumulate; the biases of convolutions count",
        "calflops 0.3.2, calflops/pytorch_ops.py",
        table(
            ("conv dwconv", "2 macs + bias"),
            ("fc conv:linear", "2 macs"),
            (f"{_VIEWS} {_SUMS} relu6 sigmoid hardsigmoid hardswish tanh", "0"),
            ("relu leakyrelu prelu elu silu gelu softmax", "out"),
            ("batchnorm", "out + trained"),
            ("layernorm groupnorm", "5 out"),
            (f"{_POOLS} upsample", "in"),
            ("lrn", "3 out + padded"),
            ("globalavgpool:functional", "0"),
        ),
        note="the biases of fully connected layers do not count",
        unit="FLOPs",
    ),
    Convention(
        "torch",
        "FLOPs of torch.utils.flop_counter.FlopCounterMode; ThiNet and others: 2 x MACs",
        "torch 2.13, torch/utils/flop_counter.py",
        table((f"{_WEIGHTS} convtranspose", "2 macs"), (_REST, "0")),
        unit="FLOPs",
    ),
    Convention(
        "torchinfo",
        "mult-adds of torchinfo; normalisation counts its parameters once an image",
        "torchinfo 1.8.0, torchinfo/layer_info.py",
        table(
            (_WEIGHTS, "macs + bias"),
            ("convtranspose", "spread + bias"),
            (f"{_NORMS} prelu conv:linear", "params"),
            (f"{_VIEWS} {_SUMS} {_POOLS} lrn upsample", "0"),
            ("relu relu6 leakyrelu elu sigmoid hardsigmoid hardswish silu gelu mish tanh softmax abs", "0"),
            (":functional", "0"),
        ),
        note="it counts a transposed convolution at the output's positions, stride * stride times too many",
        unit="mult-adds",
    ),
    Convention(
        "netscope",
        "macc of the Netscope CNN Analyzer; comparisons, additions and divisions stand in columns of their own",
        "dgschwend/netscope 8ae36d8, src/analyzer.coffee",
        table(
            ("conv dwconv fc", "macs"),
            (f"input flatten dropout concat softmax relu prelu sigmoid tanh add batchnorm scale {_POOLS}", "0"),
        ),
        unit="macc",
    ),
    Convention(
        "convnet-burden",
        "FLOPs of convnet-burden: a fused multiply-add is one, batch normalisation is merged away",
        "albanie/convnet-burden 9c7f31b, README",
        table(
            ("conv dwconv fc convtranspose", "macs + bias"),
            ("relu", "2 out"),
            ("maxpool avgpool", "2 stepped"),
            ("globalavgpool adaptiveavgpool", "2 in"),
            ("input dropout concat batchnorm identity flatten softmax", "0"),
        ),
        unit="FLOPs",
    ),
    Convention(
        "darknet",
        "BFLOPs of Darknet: two for each multiply-accumulate",
        "pjreddie/darknet, src/convolutional_layer.c",
        table(
            ("conv dwconv fc", "2 macs"),
            ("input identity flatten dropout concat add upsample leakyrelu relu batchnorm softmax", "0"),
            ("maxpool avgpool globalavgpool", "0"),
        ),
        unit="BFLOPs",
    ),
    Convention(
        "distill",
        "FLOPs of the receptive field tables: two a multiply-accumulate, bias adds, k*k an output of max pooling",
        "google-research/receptive_field f12ae8e, counted by tf.profiler; Araujo et al., Distill 2019",
        table(("conv dwconv", "2 macs + bias"), ("maxpool", "taps"), ("input relu dropout", "0")),
        note="it stops at the last layer with a map: use --until; of fully connected layers it says nothing",
        unit="FLOPs",
    ),
)

ALIASES = {"timm": "fvcore", "ptflops-pytorch": "ptflops", "deepspeed": "calflops", "thinet": "torch"}
"""Other names under which a way of counting is known."""
