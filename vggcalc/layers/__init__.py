"""The kinds of layer, each one small class; importing this room registers them all."""

from vggcalc.layers.answers import Answers, View
from vggcalc.layers.base import REGISTRY, Formula, Layer, Weight
from vggcalc.layers.channels import ChannelShuffle, PadChannels, Slice
from vggcalc.layers.conv import Conv, ConvMap, DepthwiseConv
from vggcalc.layers.dense import FullyConnected, RadialBasis
from vggcalc.layers.elementwise import (
    ELU,
    GELU,
    Abs,
    Dropout,
    Elementwise,
    HardSigmoid,
    HardSwish,
    LeakyReLU,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    StochasticDepth,
    Tanh,
)
from vggcalc.layers.geometry import Crop, Flatten, Identity, Input, Pad, Upsample
from vggcalc.layers.merge import Add, Concat, Multiply, Subtract
from vggcalc.layers.norm import BatchNorm, GroupNorm, L2Norm, LayerNorm, LocalResponseNorm, Scale
from vggcalc.layers.pool import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
    Subsample,
)
from vggcalc.layers.roles import MULTIPLYING, ROLES, Role
from vggcalc.layers.transposed import ConvTranspose
from vggcalc.layers.window import Window

__all__ = [
    "ELU",
    "GELU",
    "MULTIPLYING",
    "REGISTRY",
    "ROLES",
    "Abs",
    "AdaptiveAvgPool",
    "AdaptiveMaxPool",
    "Add",
    "Answers",
    "AvgPool",
    "BatchNorm",
    "ChannelShuffle",
    "Concat",
    "Conv",
    "ConvMap",
    "ConvTranspose",
    "Crop",
    "DepthwiseConv",
    "Dropout",
    "Elementwise",
    "Flatten",
    "Formula",
    "FullyConnected",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "GroupNorm",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "Input",
    "L2Norm",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "LocalResponseNorm",
    "MaxPool",
    "Mish",
    "Multiply",
    "PReLU",
    "Pad",
    "PadChannels",
    "RadialBasis",
    "ReLU",
    "ReLU6",
    "Role",
    "Scale",
    "SiLU",
    "Sigmoid",
    "Slice",
    "Softmax",
    "StochasticDepth",
    "Subsample",
    "Subtract",
    "Tanh",
    "Upsample",
    "View",
    "Weight",
    "Window",
]  # fmt: skip
