"""How many operations, as anyone counts them: one table of rules for each tool and paper.

The tables say what the tools were seen to answer for one layer of each kind, in the version that `source` names.
"""

from __future__ import annotations

from vggcalc.conventions.convention import OTHERS, Convention, by_name, note, table

KERNELS = "conv dwconv convmap convtranspose fc channelconv blurpool linear"
"""What PyTorch has a convolution or a matrix product for; how tools see another kind with this role is unknown."""
PRODUCTS = "attention matmul"
"""Products of one map with another: scaled dot-product attention as PyTorch's one function, and `@`."""
RECURRENT = "rnn lstm gru"
FUNCTIONS = (
    "abs mish softplus softsign selu celu hardtanh threshold softshrink hardshrink tanhshrink logsigmoid exp log sqrt"
    " sin erf power glu"
)
"""Functions of values that no tool counts."""
POOLS = "maxpool avgpool globalmaxpool globalavgpool adaptivemaxpool adaptiveavgpool"
STILL = "*move *merge *idle *embedding scale rmsnorm reduce"
"""What no module or function stands for that tools look at, but for `upsample`."""
HANDMADE = "l2norm subsample rbf"
"""PyTorch has no module for them: what a tool that looks at modules counts depends on who writes them."""

TRANSPOSED = note(
    "it counts a transposed convolution at the output's positions, stride * stride times too many", "convtranspose"
)

MACS = Convention(
    "macs",
    "multiply-accumulates of convolutions and fully connected layers",
    "vggcalc's own definition",
    table(("*", "macs")),
)

OPERATIONS = by_name(
    MACS,
    Convention(
        "conv-macs",
        "multiply-accumulates of convolutions alone",
        "He et al., arXiv:1512.03385, section 3.3: VGG-16 has 15.3 billion FLOPs",
        table(("*conv", "macs"), ("*", "0")),
    ),
    Convention(
        "torchvision",
        "MACs, which torchvision's documentation calls GFLOPS",
        "torchvision 0.28, the models' _ops: FlopCounterMode / 2",
        table((f"{KERNELS} wsconv {PRODUCTS} {RECURRENT}", "macs"), (OTHERS, "0")),
    ),
    Convention(
        "fvcore",
        "flops of fvcore and GMACs of timm; a multiply-accumulate is one",
        "fvcore 0.1.5, fvcore/nn/jit_handles.py",
        table(
            (f"{KERNELS} matmul", "macs"),
            ("wsconv", "macs + 5 standardised"),
            ("wsconv:ungained", "macs + 4 standardised"),
            (f"{STILL} attention {RECURRENT} *activation maxpool avgpool globalmaxpool adaptivemaxpool lrn", "0"),
            ("batchnorm", "out + trained"),
            ("batchnorm:untracked layernorm groupnorm instancenorm", "4 out + trained"),
            ("adaptiveavgpool:2d globalavgpool:2d", "in"),
            ("adaptiveavgpool globalavgpool globalavgpool:functional upsample", "0"),
            ("upsample:nearest2d", "out"),
            ("upsample:bilinear2d", "4 out"),
            (HANDMADE, "unknown"),
        ),
        notes=(
            note(
                "adaptive average pooling counts its input, but a mean over the map counts nothing",
                "adaptiveavgpool globalavgpool",
            ),
            note("on one and three axes it counts neither", "adaptiveavgpool globalavgpool upsample"),
            note(
                "PyTorch's own function of attention counts nothing, its products by themselves do", "attention matmul"
            ),
            note("the standardisation of weights counts as batch normalisation of them, once for all images", "wsconv"),
        ),
        aliases=("timm",),
    ),
    Convention(
        "ptflops",
        "MACs of ptflops' default backend, which counts modules; ReLU, ELU, GELU, PReLU and pooling count twice",
        "ptflops 0.7.5, ptflops/pytorch_ops.py",
        table(
            ("conv dwconv convmap convtranspose fc channelconv linear", "macs + bias"),
            (f"{STILL} {FUNCTIONS} sigmoid hardsigmoid hardswish tanh wsconv blurpool attention", "0"),
            (f"matmul {RECURRENT}", "unknown"),
            ("relu prelu gelu elu", "2 out"),
            ("relu6 leakyrelu silu softmax", "out"),
            ("relu:functional prelu:functional gelu:functional elu:functional", "out"),
            ("batchnorm groupnorm instancenorm", "out + trained"),
            ("layernorm", "out"),
            (":subclass batchnorm:functional groupnorm:functional instancenorm:functional layernorm:functional", "0"),
            ("relu:subclass prelu:subclass gelu:subclass elu:subclass silu:subclass relu6:subclass", "out"),
            ("softmax:subclass", "out"),
            ("softmax:functional attention:functional lrn:subclass upsample:subclass", "unknown"),
            (POOLS, "2 in"),
            ("globalavgpool:functional", "0"),
            ("maxpool:functional avgpool:functional adaptiveavgpool:functional", "in"),
            ("maxpool:subclass avgpool:subclass adaptiveavgpool:subclass adaptivemaxpool:subclass", "in"),
            ("upsample", "out + image"),
            ("upsample:functional", "out"),
            ("lrn", "3 out + padded"),
            ("fc:functional linear:functional conv:functional convtranspose:functional", "0"),
            (":method", "out"),
        ),
        by_module=True,
        notes=(
            note(
                "a module and the function that it calls both count; a function that is called by itself counts once",
                f"relu prelu gelu elu {POOLS} upsample",
            ),
            note("the module of upsampling counts the first image of the batch alone", "upsample"),
        ),
        aliases=("ptflops-pytorch",),
    ),
    Convention(
        "ptflops-2019",
        "MACs of early ptflops, before functions were counted too: ReLU and pooling once",
        "sovrasov/flops-counter.pytorch as of 2019, flops_counter.py",
        table(
            ("conv dwconv convmap convtranspose fc", "macs + bias"),
            ("*move *merge *idle scale softmax sigmoid tanh", "0"),
            ("relu prelu elu leakyrelu relu6", "out"),
            ("batchnorm", "out + trained"),
            (POOLS, "in"),
            (":functional", "0"),
            ("upsample", "image"),
        ),
        by_module=True,
        notes=(note("upsampling counts the first image of the batch alone", "upsample"),),
    ),
    Convention(
        "ptflops-aten",
        "MACs of ptflops' aten backend",
        "ptflops 0.7.5, ptflops/aten_ops.py",
        table(
            (f"{KERNELS} wsconv", "macs + bias"),
            ("linear:strided fc:strided", "macs"),
            ("shift:bias", "out"),
            (PRODUCTS, "macs"),
            (RECURRENT, "macs + step_biases"),
            (OTHERS, "0"),
        ),
        notes=(
            note(
                "a Linear over what does not lie in order in memory adds its bias apart, where nobody counts it",
                "linear",
            ),
        ),
    ),
    Convention(
        "thop",
        "MACs of thop; normalisation four for each value",
        "thop 0.1.1, thop/profile.py and thop/vision",
        table(
            ("conv dwconv convmap fc channelconv linear", "macs"),
            ("convtranspose", "spread"),
            (
                f"{STILL} wsconv blurpool {PRODUCTS} *activation maxpool globalmaxpool adaptivemaxpool groupnorm lrn",
                "0",
            ),
            (RECURRENT, "unknown"),
            ("batchnorm layernorm instancenorm", "2 out + 2 trained"),
            ("prelu", "out"),
            ("softmax", "3 out - sums"),
            ("avgpool", "out"),
            ("adaptiveavgpool globalavgpool", "in_and_out"),
            ("upsample", "out"),
            ("upsample:linear1d", "5 out"),
            ("upsample:bilinear2d", "11 out"),
            ("upsample:bicubic2d", "259 out"),
            ("upsample:trilinear3d", "0"),
            (HANDMADE, "unknown"),
            (":functional :subclass", "0"),
        ),
        by_module=True,
        notes=(TRANSPOSED,),
    ),
    Convention(
        "thop-2019",
        "GMACs of thop's README: with biases, and a fully connected layer's multiplications and additions apart",
        "Lyken17/pytorch-OpCounter 43c064a, README",
        table(
            ("conv dwconv", "macs + bias"),
            ("fc", "2 macs"),
            ("convtranspose", "spread + bias"),
            (f"{STILL} relu relu6 leakyrelu softmax sigmoid hardsigmoid hardswish silu tanh maxpool", "0"),
            ("batchnorm", "2 out + 2 trained"),
            ("avgpool", "out"),
            ("adaptiveavgpool globalavgpool", "in_and_out"),
            (":functional", "0"),
            ("upsample", "unknown"),
        ),
        by_module=True,
    ),
    Convention(
        "calflops-macs",
        "MACs of calflops and of DeepSpeed's profiler",
        "calflops 0.3.2, calflops/pytorch_ops.py",
        table((f"{KERNELS} wsconv", "macs"), (f"attention {RECURRENT}", "0"), ("matmul", "unknown"), (OTHERS, "0")),
    ),
    Convention(
        "calflops",
        "FLOPs of calflops and of DeepSpeed's profiler: two a multiply-accumulate; the biases of convolutions count",
        "calflops 0.3.2, calflops/pytorch_ops.py",
        table(
            ("conv dwconv channelconv", "2 macs + bias"),
            ("wsconv", "2 macs + bias + 5 standardised"),
            ("wsconv:ungained", "2 macs + bias + 4 standardised"),
            ("fc linear conv:linear convtranspose:unbiased blurpool", "2 macs"),
            (f"matmul {RECURRENT}", "unknown"),
            (f"{STILL} {FUNCTIONS} relu6 sigmoid hardsigmoid hardswish tanh attention", "0"),
            ("relu leakyrelu prelu elu silu gelu softmax", "out"),
            ("batchnorm", "out + trained"),
            ("batchnorm:untracked layernorm groupnorm instancenorm", "4 out + trained"),
            (f"{POOLS} upsample", "in"),
            ("upsample:sized", "places"),
            ("lrn", "3 out + padded"),
            (":method", "out"),
            ("globalavgpool:functional", "0"),
        ),
        notes=(
            note("the biases of fully connected layers do not count", "fc"),
            note("upsampling to a given size counts the positions of one image, once for all channels", "upsample"),
        ),
        aliases=("deepspeed",),
    ),
    Convention(
        "torch",
        "FLOPs of torch.utils.flop_counter.FlopCounterMode; ThiNet and others: 2 x MACs",
        "torch 2.13, torch/utils/flop_counter.py",
        table((f"{KERNELS} wsconv {PRODUCTS} {RECURRENT}", "2 macs"), (OTHERS, "0")),
        aliases=("thinet",),
    ),
    Convention(
        "torchinfo",
        "mult-adds of torchinfo; normalisation counts its parameters once an image",
        "torchinfo 1.8.0, torchinfo/layer_info.py",
        table(
            ("conv dwconv convmap fc wsconv channelconv", "macs + bias"),
            ("convtranspose", "spread + bias"),
            (f"{OTHERS} linear conv:linear", "params"),
            (RECURRENT, "macs + step_biases"),
            (f"scale shift tokens blurpool {PRODUCTS} :functional", "0"),
            (f"{HANDMADE} scale:custom shift:custom tokens:custom :windowed :strided", "unknown"),
        ),
        by_module=True,
        notes=(TRANSPOSED,),
    ),
    Convention(
        "netscope",
        "macc of the Netscope CNN Analyzer; comparisons, additions and divisions stand in columns of their own",
        "dgschwend/netscope 8ae36d8, src/analyzer.coffee",
        table(
            ("conv dwconv fc", "macs"),
            ("convtranspose", "spread_back"),
            (f"input flatten dropout concat softmax relu prelu sigmoid tanh add batchnorm scale {POOLS}", "0"),
        ),
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
    ),
    Convention(
        "darknet",
        "BFLOPs of Darknet: two for each multiply-accumulate",
        "pjreddie/darknet, src/convolutional_layer.c, and numops in examples/darknet.c",
        table(
            ("conv dwconv fc lstm gru", "2 macs"),
            ("input identity flatten dropout concat add upsample slice crop reshape padchannels multiply", "0"),
            ("leakyrelu relu relu6 sigmoid tanh elu selu gelu silu mish hardswish hardsigmoid hardtanh softmax", "0"),
            (
                "maxpool avgpool globalavgpool spacetodepth depthtospace local convtranspose scale shift lrn batchnorm",
                "0",
            ),
        ),
    ),
    Convention(
        "darknet-alexeyab",
        "BFLOPs of AlexeyAB's Darknet: the sums of shortcuts and the pixels of max pooling count too",
        "AlexeyAB/darknet, src/convolutional_layer.c, shortcut_layer.c and maxpool_layer.c",
        table(
            ("conv dwconv", "2 macs"),
            ("add", "out"),
            ("maxpool", "taps"),
            ("input identity flatten dropout concat upsample slice crop reshape batchnorm", "0"),
            ("leakyrelu relu relu6 sigmoid tanh elu selu gelu silu mish hardswish hardsigmoid hardtanh softmax", "0"),
        ),
    ),
    Convention(
        "ultralytics",
        "FLOPs of Ultralytics' tables since YOLOv8: 2 x thop's count of a network whose batch normalisation is folded",
        "ultralytics 8.3, get_flops in utils/torch_utils.py, over thop 0.1.1",
        table(
            ("conv dwconv fc linear", "2 macs"),
            ("upsample", "2 out"),
            (f"batchnorm {STILL} {PRODUCTS} *activation maxpool", "0"),
        ),
    ),
    Convention(
        "distill",
        "FLOPs of the receptive field tables: two a multiply-accumulate, bias adds, k*k an output of max pooling",
        "google-research/receptive_field f12ae8e, counted by tf.profiler; Araujo et al., Distill 2019",
        table(("conv dwconv", "2 macs + bias"), ("maxpool", "taps"), ("input relu dropout", "0")),
        notes=(
            note(
                "it stops at the last layer with a map, so stop there; of fully connected layers it says nothing",
                "fc softmax",
            ),
        ),
    ),
)
