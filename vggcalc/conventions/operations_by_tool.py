"""How many operations, as anyone counts them: one table of rules for each tool and paper.

The tables say what the tools were seen to answer for one layer of each kind, in the version that `source` names.
"""

from __future__ import annotations

from vggcalc.conventions.convention import Convention, by_name, note
from vggcalc.conventions.operations_by_module import BY_MODULE
from vggcalc.conventions.rules import OTHERS, table
from vggcalc.conventions.vocabulary import FUNCTIONS, HANDMADE, KERNELS, POOLS, PRODUCTS, RECURRENT, STILL

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
    *BY_MODULE,
    Convention(
        "ptflops-aten",
        "MACs of ptflops' aten backend",
        "ptflops 0.7.5, ptflops/aten_ops.py",
        table(
            (f"{KERNELS} wsconv", "macs + bias"),
            ("linear:strided fc:strided", "macs"),
            ("linear:expanded fc:expanded", "macs + lone_bias"),
            ("linear:product linear:method", "macs"),
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
        "calflops-macs",
        "MACs of calflops and of DeepSpeed's profiler",
        "calflops 0.3.2, calflops/pytorch_ops.py",
        table(
            (f"{KERNELS} wsconv attention:method matmul:method", "macs"),
            ("linear:method", "macs"),
            (f"attention {RECURRENT} matmul:functional linear:product", "0"),
            ("matmul :shared", "unknown"),
            (OTHERS, "0"),
        ),
        notes=(note("products by the operator @ are not seen, products by name are", "matmul"),),
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
            (f"matmul {RECURRENT} attention:method :shared", "unknown"),
            ("matmul:method linear:method", "2 macs"),
            ("matmul:functional linear:product softmax:method relu:method", "0"),
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
