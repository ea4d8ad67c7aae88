"""How many operations tools count that look at PyTorch's modules, and not at the operators beneath.

The tables say what the tools were seen to answer, in the version that `source` names.
"""

from __future__ import annotations

from vggcalc.conventions.convention import Convention, note
from vggcalc.conventions.rules import OTHERS, table
from vggcalc.conventions.vocabulary import FUNCTIONS, HANDMADE, POOLS, PRODUCTS, RECURRENT, STILL, TRANSPOSED

BY_MODULE = (
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
            ("attention:functional attention:method lrn:subclass upsample:subclass", "unknown"),
            ("softmax:method relu:method matmul:functional", "0"),
            ("matmul:method", "macs"),
            (POOLS, "2 in"),
            ("globalavgpool:functional", "0"),
            ("maxpool:functional avgpool:functional adaptiveavgpool:functional", "in"),
            ("maxpool:subclass avgpool:subclass adaptiveavgpool:subclass adaptivemaxpool:subclass", "in"),
            ("upsample", "out + image"),
            ("upsample:functional", "out"),
            ("lrn", "3 out + padded"),
            ("fc:functional linear:functional conv:functional convtranspose:functional", "0"),
            (":method", "out"),
            ("linear:method", "macs"),
            (":shared", "unknown"),
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
            (f"{HANDMADE} :shared", "unknown"),
            (":functional :subclass linear:product linear:method", "0"),
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
        "torchinfo",
        "mult-adds of torchinfo; normalisation counts its parameters once an image",
        "torchinfo 1.8.0, torchinfo/layer_info.py",
        table(
            ("conv dwconv convmap fc wsconv channelconv", "macs + bias"),
            ("convtranspose", "spread + bias"),
            (f"{OTHERS} linear conv:linear", "params"),
            (RECURRENT, "macs + step_biases"),
            (f"scale shift tokens blurpool {PRODUCTS} :functional", "0"),
            (f"{HANDMADE} scale:custom shift:custom tokens:custom :windowed :strided :expanded :shared", "unknown"),
        ),
        by_module=True,
        notes=(TRANSPOSED,),
    ),
)
