"""The kinds of layer, each one small class. Seldom ones are imported when they are met; see `registry`."""

from vggcalc.layers.answers import Answers, View
from vggcalc.layers.base import Formula, Layer, Weight
from vggcalc.layers.conv import Conv, ConvMap, DepthwiseConv
from vggcalc.layers.dense import FullyConnected, RadialBasis
from vggcalc.layers.elementwise import (
    ELU,
    GELU,
    Dropout,
    Elementwise,
    HardSigmoid,
    HardSwish,
    LeakyReLU,
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
from vggcalc.layers.registry import REGISTRY
from vggcalc.layers.roles import MULTIPLYING, ROLES, Role
from vggcalc.layers.transposed import ConvTranspose
from vggcalc.layers.window import Window

__all__ = [
    "ELU",
    "GELU",
    "MULTIPLYING",
    "REGISTRY",
    "ROLES",
    "AdaptiveAvgPool",
    "AdaptiveMaxPool",
    "Add",
    "Answers",
    "AvgPool",
    "BatchNorm",
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
    "Multiply",
    "PReLU",
    "Pad",
    "RadialBasis",
    "ReLU",
    "ReLU6",
    "Role",
    "Scale",
    "SiLU",
    "Sigmoid",
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
