"""Every kind of layer against figures from papers and sums done by hand."""

import re
import subprocess
import sys
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from jsonschema import Draft7Validator
from oracle import evaluate
from seldom import SELDOM, SELDOM_ERRORS

from vggcalc.errors import FieldError, ShapeError
from vggcalc.layers import (
    ELU,
    GELU,
    MULTIPLYING,
    REGISTRY,
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    Add,
    AvgPool,
    BatchNorm,
    Concat,
    Conv,
    ConvMap,
    ConvTranspose,
    Crop,
    DepthwiseConv,
    Dropout,
    Flatten,
    FullyConnected,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    HardSigmoid,
    HardSwish,
    Identity,
    Input,
    L2Norm,
    Layer,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool,
    Multiply,
    Pad,
    PReLU,
    RadialBasis,
    ReLU,
    ReLU6,
    Scale,
    Sigmoid,
    SiLU,
    Softmax,
    StochasticDepth,
    Subsample,
    Subtract,
    Tanh,
    Upsample,
    Window,
)
from vggcalc.layers.attention import Attention, MatrixProduct
from vggcalc.layers.channels import ChannelShuffle, PadChannels, Slice
from vggcalc.layers.fields import Positive
from vggcalc.layers.functions import Abs, HardTanh, Mish
from vggcalc.layers.kernels import DynamicConv
from vggcalc.layers.meant import layer_meant
from vggcalc.layers.notation import ShorthandError, read, spell, write
from vggcalc.layers.rearranged import Permute, Roll
from vggcalc.layers.regions import RegionPool
from vggcalc.layers.registry import LATER
from vggcalc.layers.tokens import Shift
from vggcalc.layers.unknown import Unknown
from vggcalc.shape import Shape, parse_shape

LENET_C3 = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""LeCun et al. 1998, Table I, by columns: 6*3 + 6*4 + 3*4 + 1*6 = 60 connected pairs."""

Row = tuple[str, Layer, str, int, int, int, int]

ROWS: list[Row] = [
    # input(s), layer, output, weights, biases, buffers, multiply-accumulates
    #
    # VGG, arXiv:1409.1556, Table 1; weights as in CS231n's notes, with biases as in pytorch-summary's README
    # 3*3*3*64 = 1728; 224*224*1728 = 86704128
    ("224x224x3", Conv(kernel_size=3, out_channels=64, padding=1), "224x224x64", 1728, 64, 0, 86704128),
    # 3*3*64*64 = 36864; 224*224*36864 = 1849688064
    ("224x224x64", Conv(kernel_size=3, out_channels=64, padding=1), "224x224x64", 36864, 64, 0, 1849688064),
    # 3*3*512*512 = 2359296; 14*14*2359296 = 462422016
    ("14x14x512", Conv(kernel_size=3, out_channels=512, padding="same"), "14x14x512", 2359296, 512, 0, 462422016),
    # configuration C, conv1-256: 1*1*256*256 = 65536; 56*56*65536 = 205520896
    ("56x56x256", Conv(kernel_size=1, out_channels=256), "56x56x256", 65536, 256, 0, 205520896),
    # section 3.2, fc6 as a convolution: 7*7*512*4096 = 102760448, at one position;
    # on an image of 384 pixels: 12 - 7 + 1 = 6; 6*6*102760448 = 3699376128
    ("7x7x512", Conv(kernel_size=7, out_channels=4096), "1x1x4096", 102760448, 4096, 0, 102760448),
    ("12x12x512", Conv(kernel_size=7, out_channels=4096), "6x6x4096", 102760448, 4096, 0, 3699376128),
    # AlexNet, NIPS 2012, 227 -> 55: (227 - 11)/4 + 1 = 55; 11*11*3*96 = 34848; 55*55*34848 = 105415200
    ("227x227x3", Conv(kernel_size=11, stride=4, out_channels=96), "55x55x96", 34848, 96, 0, 105415200),
    # the printed input of 224 gives 54: floor((224 - 11)/4) + 1 = 54; 54*54*34848 = 101616768
    ("224x224x3", Conv(kernel_size=11, stride=4, out_channels=96), "54x54x96", 34848, 96, 0, 101616768),
    # conv2, "5x5x48": 27 - 5 + 2*2 + 1 = 27; 5*5*48*256 = 307200; 27*27*307200 = 223948800
    ("27x27x96", Conv(kernel_size=5, out_channels=256, padding=2, groups=2), "27x27x256", 307200, 256, 0, 223948800),
    # EECS 498, lecture 8, 227 -> 56, 23296 params, 72855552 flop:
    # 11*11*3*64 = 23232; 23232 + 64 = 23296; 56*56*23232 = 72855552
    ("227x227x3", Conv(kernel_size=11, stride=4, padding=2, out_channels=64), "56x56x64", 23232, 64, 0, 72855552),
    # ResNet, arXiv:1512.03385, Table 1, 224 -> 112:
    # floor((224 - 7 + 2*3)/2) + 1 = 112; 7*7*3*64 = 9408; 112*112*9408 = 118013952
    ("224x224x3", Conv(kernel_size=7, stride=2, padding=3, out_channels=64, bias=False),
     "112x112x64", 9408, 0, 0, 118013952),
    ("224x224x3", Conv(kernel_size=7, stride=2, padding="half", out_channels=64, bias=False),
     "112x112x64", 9408, 0, 0, 118013952),
    # SqueezeNet, arXiv:1602.07360, Table 1, 111x111 and 14208 parameters; the printed 224 would give 109:
    # (227 - 7)/2 + 1 = 111; 7*7*3*96 = 14112; 14112 + 96 = 14208; 111*111*14112 = 173873952
    ("227x227x3", Conv(kernel_size=7, stride=2, out_channels=96), "111x111x96", 14112, 96, 0, 173873952),
    # U-Net, arXiv:1505.04597, Figure 1, 572 -> 570: 3*3*1*64 = 576; 570*570*576 = 187142400
    ("572x572x1", Conv(kernel_size=3, out_channels=64, padding="valid"), "570x570x64", 576, 64, 0, 187142400),
    # MobileNet, arXiv:1704.04861, Table 1, first row: ceil(224/2) = 112; 3*3*3*32 = 864; 112*112*864 = 10838016
    ("224x224x3", Conv(kernel_size=3, stride=2, padding="same", out_channels=32, bias=False),
     "112x112x32", 864, 0, 0, 10838016),
    # the same in numbers: floor((224 - 3 + 0 + 1)/2) + 1 = 112
    ("224x224x3", Conv(kernel_size=3, stride=2, padding=((0, 1), (0, 1)), out_channels=32, bias=False),
     "112x112x32", 864, 0, 0, 10838016),
    # LeNet-5 C1, 156 params, 122304 connections:
    # 5*5*1*6 = 150; 150 + 6 = 156; 28*28*150 = 117600; 117600 + 28*28*6 = 122304
    ("32x32x1", Conv(kernel_size=5, out_channels=6), "28x28x6", 150, 6, 0, 117600),
    # LeNet-5 C5, 48120 connections: 5*5*16*120 = 48000; 48000 + 120 = 48120
    ("5x5x16", Conv(kernel_size=5, out_channels=120), "1x1x120", 48000, 120, 0, 48000),
    # Inception, arXiv:1512.00567, a 1x7: 1*7*128*128 = 114688; 17*17*114688 = 33144832
    ("17x17x128", Conv(kernel_size=(1, 7), padding=(0, 3), out_channels=128, bias=False),
     "17x17x128", 114688, 0, 0, 33144832),
    # DeepLab-LargeFOV, arXiv:1412.7062, fc6: 28 - (12*(3 - 1) + 1) + 2*12 + 1 = 28; 3*3*512*1024 = 4718592;
    # 28*28*4718592 = 3699376128
    ("28x28x512", Conv(kernel_size=3, dilation=12, padding=12, out_channels=1024),
     "28x28x1024", 4718592, 1024, 0, 3699376128),
    # an even kernel with half padding grows the map: 10 - 4 + 2*2 + 1 = 11; 4*4 = 16; 11*11*16 = 1936
    ("10x10x1", Conv(kernel_size=4, padding="half", out_channels=1), "11x11x1", 16, 1, 0, 1936),
    # torch's FlopCounterMode says 2*28800 for Conv2d(8, 16, 3, padding=1, groups=4): 3*3*2*16 = 288; 10*10*288 = 28800
    ("10x10x8", Conv(kernel_size=3, padding=1, groups=4, out_channels=16, bias=False), "10x10x16", 288, 0, 0, 28800),
    # M5, arXiv:1610.00087, "[80/4, 128]": floor((32000 - 80)/4) + 1 = 7981; 80*1*128 = 10240; 7981*10240 = 81725440
    ("32000x1", Conv(kernel_size=80, stride=4, out_channels=128), "7981x128", 10240, 128, 0, 81725440),
    # a causal layer as in WaveNet, arXiv:1609.03499:
    # 16 - (4*(2 - 1) + 1) + 4 + 0 + 1 = 16; 2*32*32 = 2048; 16*2048 = 32768
    ("16x32", Conv(kernel_size=2, dilation=4, padding=((4, 0),), out_channels=32), "16x32", 2048, 32, 0, 32768),
    # C3D, arXiv:1412.0767, conv1a: 3*3*3*3*64 = 5184; 16*112*112*5184 = 1040449536
    ("16x112x112x3", Conv(kernel_size=3, padding=1, out_channels=64), "16x112x112x64", 5184, 64, 0, 1040449536),
    # a vector is a map without axes: 5*7 = 35
    ("5", Conv(kernel_size=3, out_channels=7), "7", 35, 7, 0, 35),
    #
    # MobileNet, arXiv:1704.04861, Table 1
    # "3x3x32 dw": 3*3*32 = 288; 112*112*288 = 3612672
    ("112x112x32", DepthwiseConv(kernel_size=3, padding=1, bias=False), "112x112x32", 288, 0, 0, 3612672),
    # "3x3x64 dw" / s2: ceil(112/2) = 56; 3*3*64 = 576; 56*56*576 = 1806336
    ("112x112x64", DepthwiseConv(kernel_size=3, stride=2, padding="same", bias=False), "56x56x64", 576, 0, 0, 1806336),
    # Table 3, 52.3 million with the 1x1 after it:
    # 3*3*512 = 4608; 14*14*4608 = 903168; 903168 + 14*14*512*512 = 52283392
    ("14x14x512", DepthwiseConv(kernel_size=3, padding=1, bias=False), "14x14x512", 4608, 0, 0, 903168),
    # three filters for each channel: 2*3 = 6; 3*3*6 = 54; 3*3*54 = 486
    ("5x5x2", DepthwiseConv(kernel_size=3, depth_multiplier=3), "3x3x6", 54, 6, 0, 486),
    # 8 - 3 + 1 = 6; 3*4 = 12; 6*12 = 72
    ("8x4", DepthwiseConv(kernel_size=3), "6x4", 12, 4, 0, 72),
    # 1*3*3*2 = 18; 4*2*2*18 = 288
    ("4x4x4x2", DepthwiseConv(kernel_size=(1, 3, 3)), "4x2x2x2", 18, 2, 0, 288),
    #
    # U-Net, arXiv:1505.04597, Figure 1, "up-conv 2x2", 28 -> 56: 2*2*1024*512 = 2097152; 28*28*2097152 = 1644167168
    ("28x28x1024", ConvTranspose(kernel_size=2, stride=2, out_channels=512), "56x56x512", 2097152, 512, 0, 1644167168),
    # its last, 196 -> 392: 2*2*128*64 = 32768; 196*196*32768 = 1258815488
    ("196x196x128", ConvTranspose(kernel_size=2, stride=2, out_channels=64), "392x392x64", 32768, 64, 0, 1258815488),
    # FCN-32s, arXiv:1411.4038, whose Caffe model has a kernel of 64 and a stride of 32:
    # (16 - 1)*32 + 64 = 544; 64*64*21*21 = 1806336; 16*16*1806336 = 462422016
    ("16x16x21", ConvTranspose(kernel_size=64, stride=32, out_channels=21, bias=False),
     "544x544x21", 1806336, 0, 0, 462422016),
    # DCGAN, arXiv:1511.06434, Figure 1, 4 -> 8: 5*5*1024*512 = 13107200; 4*4*13107200 = 209715200
    ("4x4x1024", ConvTranspose(kernel_size=5, stride=2, padding="same", out_channels=512),
     "8x8x512", 13107200, 512, 0, 209715200),
    # the same in PyTorch's numbers: (4 - 1)*2 - 2*2 + 5 + 1 = 8
    ("4x4x1024", ConvTranspose(kernel_size=5, stride=2, padding=2, output_padding=1, out_channels=512),
     "8x8x512", 13107200, 512, 0, 209715200),
    # torch's FlopCounterMode says 2*115200 for ConvTranspose2d(8, 16, 3, stride=2):
    # 9*2 + 3 = 21; 3*3*8*16 = 1152; 10*10*1152 = 115200
    ("10x10x8", ConvTranspose(kernel_size=3, stride=2, out_channels=16, bias=False), "21x21x16", 1152, 0, 0, 115200),
    # a kernel smaller than the stride: 3*4 = 12 with same padding; 2*1*1 = 2; 3*2 = 6
    ("3x1", ConvTranspose(kernel_size=2, stride=4, padding="same", out_channels=1, bias=False), "12x1", 2, 0, 0, 6),
    # (5 - 1)*2 - 2*1 + 3 + 1 = 10; 3*2*4 = 24; 5*24 = 120
    ("5x2", ConvTranspose(kernel_size=3, stride=2, padding=1, output_padding=1, out_channels=4), "10x4", 24, 4, 0, 120),
    # 3*3 - 1 - 0 = 8 by one pixel off the start, half of a kernel of 3 off both ends: 3*3 - 2*1 = 7
    ("3x1", ConvTranspose(kernel_size=3, stride=3, padding=((1, 0),), out_channels=1), "8x1", 3, 1, 0, 9),
    ("3x1", ConvTranspose(kernel_size=3, stride=3, padding="half", out_channels=1), "7x1", 3, 1, 0, 9),
    # groups: (3 - 1)*1 + 2 = 4; 2*2*4*(6/2) = 48; 3*3*48 = 432
    ("3x3x4", ConvTranspose(kernel_size=2, groups=2, out_channels=6), "4x4x6", 48, 6, 0, 432),
    # dilation: (4 - 1)*1 + 2*(3 - 1) + 1 = 8; 3*3 = 9; 4*4*9 = 144
    ("4x4x1", ConvTranspose(kernel_size=3, dilation=2, padding="valid", out_channels=1), "8x8x1", 9, 1, 0, 144),
    # 2*2*2*8*4 = 256; 2*3*4*256 = 6144
    ("2x3x4x8", ConvTranspose(kernel_size=2, stride=2, out_channels=4), "4x6x8x4", 256, 4, 0, 6144),
    #
    # LeNet-5 C3, 1516 params, 151600 connections:
    # 5*5*60 = 1500; 1500 + 16 = 1516; 10*10*1500 = 150000; 150000 + 10*10*16 = 151600
    ("14x14x6", ConvMap(kernel_size=5, connections=LENET_C3), "10x10x16", 1500, 16, 0, 150000),
    # 5 - 3 + 1 = 3; 3*(1 + 2) = 9; 3*9 = 27
    ("5x2", ConvMap(kernel_size=3, connections=((0,), (0, 1))), "3x2", 9, 2, 0, 27),
    # 2*2*2*1 = 8; 2*2*2*8 = 64
    ("3x3x3x2", ConvMap(kernel_size=2, connections=((1,),), bias=False), "2x2x2x1", 8, 0, 0, 64),
    #
    # VGG, Table 1, FC-4096, FC-4096, FC-1000:
    # 7*7*512*4096 = 102760448; 4096*4096 = 16777216; 4096*1000 = 4096000
    ("7x7x512", FullyConnected(out_features=4096), "1x1x4096", 102760448, 4096, 0, 102760448),
    ("1x1x4096", FullyConnected(out_features=4096), "1x1x4096", 16777216, 4096, 0, 16777216),
    ("1x1x4096", FullyConnected(out_features=1000, bias=False), "1x1x1000", 4096000, 0, 0, 4096000),
    # LeNet-5 F6, 10164 params: 120*84 = 10080; 10080 + 84 = 10164
    ("1x1x120", FullyConnected(out_features=84), "1x1x84", 10080, 84, 0, 10080),
    # 10*4*3 = 120
    ("10x4", FullyConnected(out_features=3), "1x3", 120, 3, 0, 120),
    # C3D, arXiv:1412.0767, fc6: 1*4*4*512*4096 = 33554432
    ("1x4x4x512", FullyConnected(out_features=4096), "1x1x1x4096", 33554432, 4096, 0, 33554432),
    #
    # LeNet-5 OUTPUT, 0 params: 84*10 = 840 fixed values; 2*2*3*4 = 48
    ("1x1x84", RadialBasis(out_features=10), "1x1x10", 0, 0, 840, 0),
    ("2x2x3", RadialBasis(out_features=4), "1x1x4", 0, 0, 48, 0),
    #
    # He et al., arXiv:1502.01852, section 2.1: channel-shared and channel-wise
    ("56x56x64", PReLU(), "56x56x64", 1, 0, 0, 0),
    ("56x56x64", PReLU(num_parameters="channels"), "56x56x64", 64, 0, 0, 0),
    ("100x8", PReLU(num_parameters="channels"), "100x8", 8, 0, 0, 0),
    ("56x56x64", PReLU(num_parameters="map"), "56x56x64", 200704, 0, 0, 0),  # 56*56*64
    # 64 means, 64 variances and one count: 64 + 64 + 1 = 129
    ("112x112x64", BatchNorm(), "112x112x64", 64, 64, 129, 0),
    ("112x112x64", BatchNorm(affine=False), "112x112x64", 0, 0, 129, 0),
    ("112x112x64", BatchNorm(counts_batches=False), "112x112x64", 64, 64, 128, 0),  # Keras: mean and variance
    ("100x8", BatchNorm(track_running_stats=False), "100x8", 8, 8, 0, 0),
    # over the channels 96; over all values 7*7*8 = 392
    ("56x56x96", LayerNorm(), "56x56x96", 96, 96, 0, 0),
    ("56x56x96", LayerNorm(bias=False), "56x56x96", 96, 0, 0, 0),
    ("7x7x8", LayerNorm(normalized_shape="all"), "7x7x8", 392, 392, 0, 0),
    ("7x7x8", LayerNorm(elementwise_affine=False), "7x7x8", 0, 0, 0, 0),
    ("56x56x64", GroupNorm(num_groups=32), "56x56x64", 64, 64, 0, 0),
    ("4x4x4x6", GroupNorm(num_groups=6), "4x4x4x6", 6, 6, 0, 0),
    ("56x56x64", GroupNorm(num_groups=1, affine=False), "56x56x64", 0, 0, 0, 0),
    #
    # VGG, 224 -> 112: (224 - 2)/2 + 1 = 112
    ("224x224x64", MaxPool(), "112x112x64", 0, 0, 0, 0),
    # AlexNet, 3x3/2, 55 -> 27 -> 13: (55 - 3)/2 + 1 = 27; (27 - 3)/2 + 1 = 13
    ("55x55x96", MaxPool(kernel_size=3, stride=2), "27x27x96", 0, 0, 0, 0),
    ("27x27x256", MaxPool(kernel_size=3, stride=2), "13x13x256", 0, 0, 0, 0),
    # ResNet, Table 1: floor((112 - 3 + 2*1)/2) + 1 = 56; GoogLeNet, Table 1: ceil((112 - 3)/2) + 1 = 56;
    # without either: floor((112 - 3)/2) + 1 = 55
    ("112x112x64", MaxPool(kernel_size=3, stride=2, padding=1), "56x56x64", 0, 0, 0, 0),
    ("112x112x64", MaxPool(kernel_size=3, stride=2, ceil_mode=True), "56x56x64", 0, 0, 0, 0),
    ("112x112x64", MaxPool(kernel_size=3, stride=2), "55x55x64", 0, 0, 0, 0),
    # windows start at -1 and 2, the third at 5 is behind the input of 4: ceil((4 - 2 + 2*1)/3) + 1 - 1 = 2
    ("4x4x1", MaxPool(kernel_size=2, stride=3, padding=1, ceil_mode=True), "2x2x1", 0, 0, 0, 0),
    # a map smaller than the window, in ceil mode: ceil((1 - 2)/2) + 1 = 1
    ("1x1x8", MaxPool(ceil_mode=True), "1x1x8", 0, 0, 0, 0),
    # every other pixel: 9 - (2*(3 - 1) + 1) + 1 = 5
    ("9x9x1", MaxPool(kernel_size=3, stride=1, dilation=2), "5x5x1", 0, 0, 0, 0),
    # floor((7981 - 4)/4) + 1 = 1995
    ("7981x128", MaxPool(kernel_size=4), "1995x128", 0, 0, 0, 0),
    # C3D, arXiv:1412.0767: pool1 is 1x2x2 and leaves time alone, pool2 is 2x2x2
    ("16x112x112x64", MaxPool(kernel_size=(1, 2, 2)), "16x56x56x64", 0, 0, 0, 0),
    ("16x56x56x128", MaxPool(), "8x28x28x128", 0, 0, 0, 0),
    # ResNet's and MobileNet's 7x7; SqueezeNet's 13x13; DenseNet's transition, arXiv:1608.06993, Table 1, 56 -> 28
    ("7x7x2048", AvgPool(kernel_size=7), "1x1x2048", 0, 0, 0, 0),
    ("13x13x1000", AvgPool(kernel_size=13), "1x1x1000", 0, 0, 0, 0),
    ("56x56x128", AvgPool(kernel_size=2, stride=2, count_include_pad=False), "28x28x128", 0, 0, 0, 0),
    # (6 - 3)/3 + 1 = 2
    ("6x4", AvgPool(kernel_size=3), "2x4", 0, 0, 0, 0),
    ("7x7x512", GlobalMaxPool(), "1x1x512", 0, 0, 0, 0),
    ("2x7x7x512", GlobalMaxPool(), "1x1x1x512", 0, 0, 0, 0),
    # Network In Network, arXiv:1312.4400, on ImageNet
    ("6x6x1000", GlobalAvgPool(), "1x1x1000", 0, 0, 0, 0),
    ("50x512", GlobalAvgPool(), "1x512", 0, 0, 0, 0),
    ("12x12x512", AdaptiveMaxPool(output_size=7), "7x7x512", 0, 0, 0, 0),
    ("100x64", AdaptiveMaxPool(output_size=10), "10x64", 0, 0, 0, 0),
    # torchvision's VGG, also from a map smaller than 7x7
    ("7x7x512", AdaptiveAvgPool(output_size=7), "7x7x512", 0, 0, 0, 0),
    ("3x3x512", AdaptiveAvgPool(output_size=(7, 5)), "7x5x512", 0, 0, 0, 0),
    ("4x7x7x16", AdaptiveAvgPool(output_size=1), "1x1x1x16", 0, 0, 0, 0),
    # LeNet-5 S2 and S4, 12 and 32 params: 6 + 6 = 12; 16 + 16 = 32
    ("28x28x6", Subsample(), "14x14x6", 6, 6, 0, 0),
    ("10x10x16", Subsample(), "5x5x16", 16, 16, 0, 0),
    ("9x2", Subsample(kernel_size=3), "3x2", 2, 2, 0, 0),
    #
    ("224x224x3", Input(), "224x224x3", 0, 0, 0, 0),
    ("16000x1", Input(), "16000x1", 0, 0, 0, 0),
    # 7*7*512 = 25088; 4*3 = 12; 2*3*4*5 = 120
    ("7x7x512", Flatten(), "1x1x25088", 0, 0, 0, 0),
    ("4x3", Flatten(), "1x12", 0, 0, 0, 0),
    ("2x3x4x5", Flatten(), "1x1x1x120", 0, 0, 0, 0),
    # 224 + 3 + 3 = 230; 112 + 0 + 1 = 113; 5 + 4 = 9 (causal); 4 + 2*1 = 6, 4 + 2*0 = 4, 4 + 2*2 = 8
    ("224x224x3", Pad(padding=3), "230x230x3", 0, 0, 0, 0),
    ("112x112x64", Pad(padding=((0, 1), (0, 1))), "113x113x64", 0, 0, 0, 0),
    ("5x1", Pad(padding=((4, 0),)), "9x1", 0, 0, 0, 0),
    ("4x4x4x2", Pad(padding=(1, 0, 2)), "6x4x8x2", 0, 0, 0, 0),
    # U-Net, Figure 1, copy and crop: 64 -> 56, 136 -> 104, 280 -> 200, 568 -> 392
    ("64x64x512", Crop(size=56), "56x56x512", 0, 0, 0, 0),
    ("136x136x256", Crop(size=104), "104x104x256", 0, 0, 0, 0),
    ("280x280x128", Crop(cropping=40), "200x200x128", 0, 0, 0, 0),
    ("568x568x64", Crop(cropping=((88, 88), 88)), "392x392x64", 0, 0, 0, 0),
    # 10 - 1 - 2 = 7
    ("10x3", Crop(cropping=((1, 2),)), "7x3", 0, 0, 0, 0),
    # YOLOv3, arXiv:1804.02767: 13 -> 26
    ("13x13x256", Upsample(scale_factor=2), "26x26x256", 0, 0, 0, 0),
    ("13x13x256", Upsample(size=(26, 20), mode="bilinear"), "26x20x256", 0, 0, 0, 0),
    ("5x8", Upsample(scale_factor=3), "15x8", 0, 0, 0, 0),
    ("2x3x4x1", Upsample(scale_factor=(1, 2, 2)), "2x6x8x1", 0, 0, 0, 0),
    # SegNet, 360x480: the map of conv5_3 has 23 rows, of which pooling left 12
    ("12x15x512 23x30x512", Upsample(), "23x30x512", 0, 0, 0, 0),
    # FCN-32s at 384: (19 - 1)*32 + 64 = 640; 640 - 19 - 237 = 384
    ("640x640x21 384x384x3", Crop(offset=19), "384x384x21", 0, 0, 0, 0),
    # ShuffleNetV2, arXiv:1807.11164, channel split of 116: 116 - 58 = 58
    ("28x28x116", Slice(stop=58), "28x28x58", 0, 0, 0, 0),
    ("28x28x116", Slice(start=58), "28x28x58", 0, 0, 0, 0),
    ("100x8", Slice(start=2, stop=5), "100x3", 0, 0, 0, 0),
    ("28x28x116", ChannelShuffle(groups=2), "28x28x116", 0, 0, 0, 0),
    ("100x12", ChannelShuffle(groups=3), "100x12", 0, 0, 0, 0),
    # CIFAR ResNet-20, option A: 16 -> 32
    ("16x16x16", PadChannels(out_channels=32), "16x16x32", 0, 0, 0, 0),
    ("100x4", PadChannels(out_channels=4), "100x4", 0, 0, 0, 0),
    # Keras's Inception-v3: a shift without a scale
    ("149x149x32", BatchNorm(scale=False), "149x149x32", 0, 32, 65, 0),
    # SSD's conv4_3: a scale for each of 512 channels
    ("38x38x512", L2Norm(), "38x38x512", 512, 0, 0, 0),
    ("8x4", L2Norm(), "8x4", 4, 0, 0, 0),
    # ConvNeXt-T's first layer_scale: 96; Caffe's Scale with a bias: 64 + 64
    ("56x56x96", Scale(), "56x56x96", 96, 0, 0, 0),
    ("56x56x64", Scale(bias=True), "56x56x64", 64, 64, 0, 0),
    #
    # ResNet, Figure 5
    ("56x56x256 56x56x256", Add(), "56x56x256", 0, 0, 0, 0),
    ("100x8 100x8 100x8", Add(), "100x8", 0, 0, 0, 0),
    # GoogLeNet, arXiv:1409.4842, Table 1, inception (3a) and (3b): 64 + 128 + 32 + 32 = 256; 128 + 192 + 96 + 64 = 480
    ("28x28x64 28x28x128 28x28x32 28x28x32", Concat(), "28x28x256", 0, 0, 0, 0),
    ("28x28x128 28x28x192 28x28x96 28x28x64", Concat(), "28x28x480", 0, 0, 0, 0),
    # U-Net, Figure 1: 512 + 512 = 1024; 1 + 2 = 3
    ("56x56x512 56x56x512", Concat(), "56x56x1024", 0, 0, 0, 0),
    ("9x9x9x1 9x9x9x2", Concat(), "9x9x9x3", 0, 0, 0, 0),
    # squeeze and excitation, arXiv:1709.01507
    ("56x56x256 1x1x256", Multiply(), "56x56x256", 0, 0, 0, 0),
    ("1x1x4096 1x1x4096", Subtract(), "1x1x4096", 0, 0, 0, 0),
    ("100x8 100x8", Subtract(), "100x8", 0, 0, 0, 0),
    ("1x1x256 56x56x256", Multiply(), "56x56x256", 0, 0, 0, 0),
    ("100x8 100x8", Multiply(), "100x8", 0, 0, 0, 0),
    # whatever a foreign file says of it
    ("56x56x64", Unknown(op="GridSample", output_shape=(28, 28, 32), held=5), "28x28x32", 5, 0, 0, 0),
    ("100x8 20x8", Unknown(op="Merge", output_shape=(10, 8)), "10x8", 0, 0, 0, 0),
    *SELDOM,
]  # fmt: skip

UNCHANGING: list[Layer] = [
    ReLU(), ReLU6(), LeakyReLU(), LeakyReLU(negative_slope=0.1), ELU(), Sigmoid(), HardSigmoid(), HardSwish(), SiLU(),
    GELU(), Mish(), Tanh(), Softmax(), Dropout(), Dropout(p=0.2, inplace=True), Identity(),
    StochasticDepth(), Abs(),
    LocalResponseNorm(), LocalResponseNorm(size=5, k=2.0),
]  # fmt: skip
"""Layers that neither change the shape nor hold weights."""

ROWS += [(text, layer, text, 0, 0, 0, 0) for layer in UNCHANGING for text in ("224x224x64", "900x32", "16x112x112x64")]

TENSORS: list[tuple[str, Layer, list[tuple[str, tuple[int, ...], str]]]] = [
    # input, layer, tensors; kernels are in the textbook's order: extents, in, out
    ("224x224x3", Conv(kernel_size=(3, 5), out_channels=64),
     [("weight", (3, 5, 3, 64), "weight"), ("bias", (64,), "bias")]),
    ("27x27x96", Conv(kernel_size=5, out_channels=256, groups=2, bias=False), [("weight", (5, 5, 48, 256), "weight")]),
    ("9x8", DepthwiseConv(kernel_size=3, depth_multiplier=2, bias=False), [("weight", (3, 1, 16), "weight")]),
    ("9x9x4", ConvTranspose(kernel_size=2, out_channels=6, groups=2, bias=False), [("weight", (2, 2, 4, 3), "weight")]),
    ("14x14x6", ConvMap(kernel_size=5, connections=LENET_C3),
     [("weight", (5, 5, 60), "weight"), ("bias", (16,), "bias")]),
    ("7x7x512", FullyConnected(out_features=4096, bias=False), [("weight", (7, 7, 512, 4096), "weight")]),
    ("1x1x4096", FullyConnected(out_features=1000, bias=False), [("weight", (4096, 1000), "weight")]),
    ("2x2x3", RadialBasis(out_features=4), [("vectors", (12, 4), "buffer")]),
    ("7x9x8", LayerNorm(normalized_shape="all", bias=False), [("weight", (7, 9, 8), "weight")]),
    ("9x8", BatchNorm(),
     [("weight", (8,), "weight"), ("bias", (8,), "bias"), ("running_mean", (8,), "buffer"),
      ("running_var", (8,), "buffer"), ("num_batches_tracked", (), "buffer")]),
]  # fmt: skip

FORMULAS: list[tuple[str, Layer, str, str, str]] = [
    # input, layer, how the first extent, the channels and the MACs are derived
    ("227x227x3", Conv(kernel_size=11, stride=4, out_channels=96),
     "(227 - 11 + 2*0)/4 + 1", "96", "(55*55*96) * (11*11*3)"),
    ("224x224x3", Conv(kernel_size=7, stride=2, padding=3, out_channels=64),
     "floor((224 - 7 + 2*3)/2) + 1", "64", "(112*112*64) * (7*7*3)"),
    ("9x9x1", Conv(kernel_size=3, dilation=2, padding=((0, 1), 0), out_channels=1),
     "(9 - (2*(3 - 1) + 1) + 0 + 1)/1 + 1", "1", "(6*5*1) * (3*3*1)"),
    ("225x225x3", Conv(kernel_size=3, stride=2, padding="same", out_channels=8),
     "ceil(225/2)", "8", "(113*113*8) * (3*3*3)"),
    ("224x224x3", Conv(kernel_size=3, stride=2, padding="same", out_channels=8), "224/2", "8", "(112*112*8) * (3*3*3)"),
    ("5x5x2", DepthwiseConv(kernel_size=3, depth_multiplier=3), "(5 - 3 + 2*0)/1 + 1", "2 * 3", "(3*3*6) * (3*3*1)"),
    ("28x28x1024", ConvTranspose(kernel_size=2, stride=2, out_channels=512),
     "(28 - 1)*2 - 2*0 + 2", "512", "(28*28) * (2*2*1024*512)"),
    ("5x1", ConvTranspose(kernel_size=3, dilation=2, padding=((1, 0),), output_padding=1, out_channels=1),
     "(5 - 1)*1 - 1 - 0 + 2*(3 - 1) + 1 + 1", "1", "(5) * (3*1*1)"),
    ("14x14x6", ConvMap(kernel_size=5, connections=LENET_C3), "(14 - 5 + 2*0)/1 + 1", "16", "(10*10) * (5*5*60)"),
    ("7x7x512", FullyConnected(out_features=4096), "(7 - 7)/1 + 1", "4096", "4096 * (7*7*512)"),
    ("1x1x4096", FullyConnected(out_features=1000), "(1 - 1)/1 + 1", "1000", "1000 * (4096)"),
    ("112x112x64", MaxPool(kernel_size=3, stride=2, ceil_mode=True), "ceil((112 - 3 + 2*0)/2) + 1", "64", "0"),
    ("4x4x1", MaxPool(stride=3, padding=1, ceil_mode=True), "ceil((4 - 2 + 2*1)/3) + 1 - 1", "1", "0"),
    ("12x12x512", AdaptiveAvgPool(output_size=7), "7", "512", "0"),
    ("7x7x512", Flatten(), "(7 - 7)/1 + 1", "7*7*512", "0"),
    ("9x9x1", Pad(padding=((0, 1), 2)), "9 + 0 + 1", "1", "0"),
    ("9x9x1", Crop(size=6), "9 - 1 - 2", "1", "0"),
    ("13x13x256", Upsample(scale_factor=2), "13 * 2", "256", "0"),
    ("13x13x256", Upsample(size=20), "20", "256", "0"),
    ("28x28x116", Slice(start=58), "28", "116 - 58", "0"),
    ("28x28x64 28x28x128 28x28x32", Concat(), "28", "64 + 128 + 32", "0"),
    ("28x28x64", ReLU(), "28", "64", "0"),
]  # fmt: skip

Taps = tuple[int, int | Fraction, int | Fraction, int]

WINDOWS: list[tuple[str, Layer, Taps]] = [
    # input, layer, and along the first axis: taps, stride, padding, dilation
    ("224x224x3", Conv(kernel_size=7, stride=2, padding=3, out_channels=1), (7, 2, 3, 1)),
    # 111*2 + 7 - 224 = 5 pixels of padding: 2 before and 3 after
    ("224x224x3", Conv(kernel_size=7, stride=2, padding="same", out_channels=1), (7, 2, 2, 1)),
    ("28x28x1", Conv(kernel_size=3, padding=12, dilation=12, out_channels=1), (3, 1, 12, 12)),
    ("55x55x1", MaxPool(kernel_size=3, stride=2), (3, 2, 0, 1)),
    ("7x7x512", FullyConnected(out_features=10), (7, 1, 0, 1)),
    ("7x5x512", GlobalAvgPool(), (7, 1, 0, 1)),
    ("9x9x1", Pad(padding=((2, 0), 0)), (1, 1, 2, 1)),
    ("9x9x1", Crop(cropping=((2, 0), 0)), (1, 1, -2, 1)),
    # units 0 and 1 see pixel 0
    ("9x9x1", ConvTranspose(kernel_size=2, stride=2, out_channels=1), (1, Fraction(1, 2), Fraction(1, 2), 1)),
    ("9x9x1", ReLU(), (1, 1, 0, 1)),
]  # fmt: skip

REDUCED: list[tuple[str, Layer, Layer]] = [
    # input, layer, the layer with the same windows in smaller numbers
    ("9x9x1", Upsample(scale_factor=2), ConvTranspose(kernel_size=2, stride=2, out_channels=1)),
    ("14x14x1", AdaptiveAvgPool(output_size=7), AvgPool(kernel_size=2)),
    ("7x7x1", AdaptiveAvgPool(output_size=7), Identity()),
]  # fmt: skip

SHAPE_ERRORS: list[tuple[Layer, str, str]] = [
    # layer, input(s), message
    (
        Conv(kernel_size=7, out_channels=1),
        "5x5x512",
        "a 7x7 kernel does not fit a 5x5 input with padding 0: (5 - 7 + 2*0)/1 + 1 = -1; "
        "use a larger input, a smaller kernel or more padding",
    ),
    (
        Conv(kernel_size=3, dilation=2, padding=((0, 0), (0, 1)), out_channels=1),
        "5x3x1",
        "a 3x3 kernel with dilation 2 does not fit a 5x3 input with padding 0 and 1: "
        "(3 - (2*(3 - 1) + 1) + 0 + 1)/1 + 1 = 0; use a larger input, a smaller kernel or more padding",
    ),
    (
        MaxPool(),
        "1x1x8",
        "a 2x2 kernel does not fit a 1x1 input with padding 0: floor((1 - 2 + 2*0)/2) + 1 = 0; "
        "use a larger input, a smaller kernel or more padding",
    ),
    (
        AvgPool(kernel_size=(4, 2, 2)),
        "3x8x8x1",
        "a 4x2x2 kernel does not fit a 3x8x8 input with padding 0: floor((3 - 4 + 2*0)/4) + 1 = 0; "
        "use a larger input, a smaller kernel or more padding",
    ),
    (
        Conv(kernel_size=3, groups=3, out_channels=6),
        "9x9x4",
        "3 groups do not divide in_channels = 4: 4/3 leaves 1; choose groups that divide both 4 and 6",
    ),
    (
        ConvTranspose(kernel_size=3, groups=2, out_channels=5),
        "9x9x4",
        "2 groups do not divide out_channels = 5: 5/2 leaves 1; choose groups that divide both 4 and 5",
    ),
    (
        ConvTranspose(kernel_size=3, padding=2, out_channels=1),
        "2x2x1",
        "nothing is left of the output: (2 - 1)*1 - 2*2 + 3 = 0; use less padding",
    ),
    (
        ConvMap(kernel_size=1, connections=((0, 6),)),
        "9x9x6",
        "connections name map 6, but the input has 6 maps; maps count from 0 to 5",
    ),
    (
        Conv(kernel_size=(3, 3), out_channels=1),
        "9x1",
        "kernel_size is [3, 3], but the input has 1 spatial axis; write one number, or 1",
    ),
    (
        MaxPool(stride=(2, 2, 2)),
        "9x9x1",
        "stride is [2, 2, 2], but the input has 2 spatial axes; write one number, or 2",
    ),
    (
        Conv(kernel_size=3, out_channels=1, padding=(1, (0, 1))),
        "9x9x9x1",
        "padding has 2 parts, but the input has 3 spatial axes; write one number, or 3 numbers or pairs",
    ),
    (
        Crop(cropping=(1, 2)),
        "9x1",
        "cropping has 2 parts, but the input has 1 spatial axis; write one number, or 1 numbers or pairs",
    ),
    (Crop(), "9x8x3", "'crop' needs 'size' or 'cropping', or a second input that has the size; as in crop2"),
    (Upsample(), "9x8x3",
     "'upsample' needs 'scale_factor' or 'size', or a second input that has the size; as in upsample2"),
    (Crop(size=9), "9x8x3", "a crop to 9x9 does not fit a map of 9x8x3; crop a smaller part"),
    (Crop(cropping=4), "9x8x3", "a crop to 1x0 does not fit a map of 9x8x3; crop a smaller part"),
    (
        AdaptiveAvgPool(output_size=(7, 7)),
        "9x1",
        "output_size is [7, 7], but the input has 1 spatial axis; write one number, or 1",
    ),
    (
        Slice(start=58),
        "28x28x58",
        "channels 58 to 58 are no part of 58 channels; "
        "start lies below stop, and stop is at most the number of channels",
    ),
    (
        Slice(stop=9),
        "28x28x8",
        "channels 0 to 9 are no part of 8 channels; "
        "start lies below stop, and stop is at most the number of channels",
    ),
    (GroupNorm(num_groups=32), "56x56x48", "32 groups do not divide 48 channels; choose num_groups that divide them"),
    (
        PadChannels(out_channels=6, groups=3),
        "7x7x4",
        "3 groups do not divide 4 and 6 channels; choose groups that divide both",
    ),
    (
        PadChannels(out_channels=7, groups=2),
        "7x7x4",
        "2 groups do not divide 4 and 7 channels; choose groups that divide both",
    ),
    (
        Add(),
        "56x56x64 28x28x128",
        "inputs of different shapes cannot be added: 56x56x64 and 28x28x128; "
        "give the shortcut a convolution that brings it to the same shape",
    ),
    (
        Concat(),
        "64x64x512 56x56x512",
        "maps of different extents cannot be concatenated: 64x64x512 and 56x56x512; "
        "pad, crop or pool them to the same height and width",
    ),
    (
        Multiply(),
        "56x56x64 28x28x64",
        "inputs of different shapes cannot be multiplied: 56x56x64 and 28x28x64; "
        "along each axis, and of channels, all have as many or one",
    ),
    (
        Multiply(),
        "1x1x32 56x56x64",
        "inputs of different shapes cannot be multiplied: 1x1x32 and 56x56x64; "
        "along each axis, and of channels, all have as many or one",
    ),
]  # fmt: skip

WHOLE = "a whole number of at least"
EACH = "or a list with one for each axis"
SIDES = f"{WHOLE} 0, a list with one for each axis, or a list of pairs [before, after]"
PADDING = f"{SIDES}, or 'valid', 'half' or 'same'"

FIELD_ERRORS: list[tuple[type[Layer], dict[str, Any], str, str]] = [
    # class, fields, the field at fault, message
    (Conv, {"kernel_size": 3}, "", f"'conv' needs 'out_channels'; out_channels is {WHOLE} 1"),
    (Conv, {"out_channels": 3}, "", f"'conv' needs 'kernel_size'; kernel_size is {WHOLE} 1, {EACH}"),
    (Conv, {"kernal_size": 3}, "kernal_size", "'conv' has no field 'kernal_size'; did you mean 'kernel_size'?"),
    (Tanh, {"slope": 3}, "slope", "'tanh' has no field 'slope'"),
    (PReLU, {"xyz": 3}, "xyz", "'prelu' has no field 'xyz'; known are num_parameters"),
    (Conv, {"out_channels": 0}, "out_channels", f"conv.out_channels is 0; it must be {WHOLE} 1"),
    (Conv, {"out_channels": True}, "out_channels", f"conv.out_channels is true; it must be {WHOLE} 1"),
    (Conv, {"out_channels": 64.0}, "out_channels", f"conv.out_channels is 64.0; it must be {WHOLE} 1"),
    (Conv, {"out_channels": "64"}, "out_channels", f"conv.out_channels is '64'; it must be {WHOLE} 1"),
    (Conv, {"kernel_size": (3, 0)}, "kernel_size", f"conv.kernel_size is [3, 0]; it must be {WHOLE} 1, {EACH}"),
    (Conv, {"kernel_size": ()}, "kernel_size", f"conv.kernel_size is []; it must be {WHOLE} 1, {EACH}"),
    (Conv, {"kernel_size": [1, 1, 1, 1]}, "kernel_size",
     f"conv.kernel_size is [1, 1, 1, 1]; it must be {WHOLE} 1, {EACH}"),
    (Conv, {"stride": 0}, "stride", f"conv.stride is 0; it must be {WHOLE} 1, {EACH}"),
    (Conv, {"bias": 1}, "bias", "conv.bias is 1; it must be true or false"),
    (Conv, {"padding": -1}, "padding", f"conv.padding is -1; it must be {PADDING}"),
    (Conv, {"padding": "full"}, "padding", f"conv.padding is 'full'; it must be {PADDING}"),
    (Conv, {"padding": [[1, 2, 3], 0]}, "padding", f"conv.padding is [[1, 2, 3], 0]; it must be {PADDING}"),
    (Conv, {"padding": [[1, False], 0]}, "padding", f"conv.padding is [[1, false], 0]; it must be {PADDING}"),
    (Pad, {"padding": "same"}, "padding", f"pad.padding is 'same'; it must be {SIDES}"),
    (ConvTranspose, {"output_padding": -1}, "output_padding",
     f"convtranspose.output_padding is -1; it must be {WHOLE} 0, {EACH}"),
    (
        ConvMap,
        {"connections": [[0], []]},
        "connections",
        "convmap.connections is [[0], []]; it must be a list with, for each output map, "
        "the list of the input maps that it reads, counted from 0",
    ),
    (
        ConvMap,
        {"connections": [[0, -1]]},
        "connections",
        "convmap.connections is [[0, -1]]; it must be a list with, for each output map, "
        "the list of the input maps that it reads, counted from 0",
    ),
    (Roll, {"shifts": [1, 2, 3, 4]}, "shifts",
     f"roll.shifts is [1, 2, 3, 4]; it must be a whole number, {EACH}"),
    (Concat, {"axis": -1}, "axis", "concat.axis is -1; it must be the number of an axis, from 0"),
    (HardTanh, {"min_val": 2, "max_val": 1}, "min_val",
     "hardtanh.min_val 2 is above max_val 1; exchange them"),
    (Conv, {"kernel_size": 3}, "", f"'conv' needs 'out_channels'; out_channels is {WHOLE} 1"),
    (LeakyReLU, {"negative_slope": "0.1"}, "negative_slope", "leakyrelu.negative_slope is '0.1'; it must be a number"),
    (LeakyReLU, {"negative_slope": False}, "negative_slope", "leakyrelu.negative_slope is false; it must be a number"),
    (PReLU, {"num_parameters": "all"}, "num_parameters",
     "prelu.num_parameters is 'all'; it must be 'one' or 'channels' or 'map'"),
    (Upsample, {"mode": "cubic"}, "mode",
     "upsample.mode is 'cubic'; it must be 'nearest' or 'bilinear' or 'bicubic' or 'linear' or 'trilinear'"),
    (Upsample, {"size": 2, "scale_factor": 2}, "",
     "'upsample' takes 'scale_factor' or 'size', not both; leave one of them out"),
    (Crop, {"size": 2, "cropping": 2}, "", "'crop' takes 'size' or 'cropping', not both; leave one of them out"),
    (Slice, {"start": -1}, "start", f"slice.start is -1; it must be {WHOLE} 0"),
    (Slice, {"stop": 0}, "stop", f"slice.stop is 0; it must be {WHOLE} 1"),
    (Unknown, {"op": "x", "output_shape": (6, 0, 4)}, "output_shape",
     "unknown.output_shape is [6, 0, 4]; it must be a list of whole numbers: height, width and channels"),
]  # fmt: skip

REPRS: list[tuple[Layer, str]] = [
    (ReLU(), "ReLU()"),
    (Conv(kernel_size=3, out_channels=64), "Conv(kernel_size=3, out_channels=64)"),
    (Conv(out_channels=64, kernel_size=(3, 5), stride=1, bias=False),
     "Conv(kernel_size=(3, 5), bias=False, out_channels=64)"),
    (MaxPool(), "MaxPool()"),
    (MaxPool(kernel_size=3, stride=2, padding="same"), "MaxPool(kernel_size=3, stride=2, padding='same')"),
    (Dropout(p=0.2), "Dropout(p=0.2)"),
]  # fmt: skip

NO_SOURCE = {"input"}
"""Kinds that compute nothing and so have nothing to cite."""


def shapes(text: str) -> tuple[Shape, ...]:
    """The inputs of a row."""
    return tuple(map(parse_shape, text.split()))


def row_id(value: object) -> str | None:
    """Rows are called by their layer and input; figures would only make the name long."""
    return repr(value)[:60] if isinstance(value, Layer) else value if isinstance(value, str) else ""


rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row_id(row[1])}")
kinds = pytest.mark.parametrize("cls", REGISTRY.values(), ids=list(REGISTRY))


@kinds
def test_every_kind_has_rows(cls: type[Layer]) -> None:
    """No kind lacks its two rows in the table."""
    assert sum(type(layer) is cls for _, layer, *_ in ROWS) >= 2


@kinds
def test_a_kind_reads_as_many_inputs_as_its_rows(cls: type[Layer]) -> None:
    """The fewest that any row has, and the most; where there is no most, a row has more than the fewest."""
    given = {len(shapes(text)) for text, layer, *_ in ROWS if type(layer) is cls}
    if cls.kind == "input":
        given = {0}  # its row has the image
    fewest, most = cls.inputs
    assert fewest == min(given)
    assert max(given) == most or (most is None and max(given) > fewest)


@rows
def test_row(row: Row) -> None:
    """Output, tensors and MACs are those of the papers and of the sums beside them."""
    text, layer, output, weights, biases, buffers, macs = row
    inputs = shapes(text)
    held = {"weight": 0, "bias": 0, "buffer": 0}
    for tensor in layer.weights(*inputs):
        held[tensor.counts_as] += tensor.elements
    assert str(layer.output(*inputs)) == output
    assert held == {"weight": weights, "bias": biases, "buffer": buffers}
    assert layer.macs(*inputs) == macs


@rows
def test_derivations_of_row(row: Row) -> None:
    """Each derivation gives its value, and the values are those of the row."""
    text, layer, output, *_, macs = row
    inputs = shapes(text)
    sizes = layer.size_formulas(*inputs)
    channels, products = layer.channel_formula(*inputs), layer.macs_formula(*inputs)
    for shown in (*sizes, channels, *([products] if layer.role != "unknown" else [])):
        assert evaluate(shown.numbers) == shown.value
    for tensor in layer.weights(*inputs):
        assert evaluate(tensor.arithmetic) == tensor.elements
    assert "x".join(str(shown.value) for shown in (*sizes, channels)) == output
    assert products.value == (None if layer.role == "unknown" else macs)


@rows
def test_windows_of_row(row: Row) -> None:
    """There is a window on each input for each axis of the output; of one that is not seen, none.

    A map may only lend its size, or nobody knows what is seen of it. An axis of the input is continued by one of the
    output at most.
    """
    text, layer, output, *_ = row
    inputs = shapes(text)[:1] if layer.kind in ("crop", "upsample", "roipool", "roialign") else shapes(text)
    inputs = () if layer.role == "unknown" or layer.kind == "constant" else inputs
    inputs = inputs[:3] if layer.kind == "attention" else inputs
    axes = len(parse_shape(output).spatial)
    assert [len(windows) for windows in layer.windows(*shapes(text))] == [axes] * len(inputs)
    if inputs:
        assert layer.window(*shapes(text)) == layer.windows(*shapes(text))[0]
    continued = [axis for axis in layer.axes(*shapes(text)) if axis is not None]
    assert len(layer.axes(*shapes(text))) == axes
    assert sorted(set(continued)) == sorted(continued)
    assert set(continued) <= set(range(len(shapes(text)[0].spatial)))


@pytest.mark.parametrize(("text", "layer", "tensors"), TENSORS, ids=row_id)
def test_tensors(text: str, layer: Layer, tensors: list[tuple[str, tuple[int, ...], str]]) -> None:
    """Tensors have the names, shapes and roles that textbooks give them."""
    assert [(tensor.name, tensor.shape, tensor.counts_as) for tensor in layer.weights(*shapes(text))] == tensors


@pytest.mark.parametrize(("text", "layer", "extent", "channels", "macs"), FORMULAS, ids=row_id)
def test_formulas(text: str, layer: Layer, extent: str, channels: str, macs: str) -> None:
    """Derivations read as a student would write them."""
    inputs = shapes(text)
    assert layer.size_formulas(*inputs)[0].numbers == extent
    assert layer.channel_formula(*inputs).numbers == channels
    assert layer.macs_formula(*inputs).numbers == macs


def test_symbols_and_notes() -> None:
    """The symbols have the shape of the numbers, and a note says what they leave open."""
    (size,) = Conv(kernel_size=3, stride=2, padding=((0, 1),), out_channels=1).size_formulas(Shape(1, (9,)))
    assert (size.symbols, size.note) == ("floor((in - k + before + after)/s) + 1", "")
    (size,) = Conv(kernel_size=4, padding="same", out_channels=1).size_formulas(Shape(1, (9,)))
    assert (size.symbols, size.note) == ("in/s", "SAME padding: 1 before and 2 after")
    (size,) = MaxPool(stride=3, padding=1, ceil_mode=True).size_formulas(Shape(1, (4,)))
    assert (size.symbols, size.note) == (
        "ceil((in - k + 2*p)/s) + 1 - 1",
        "in ceil mode a last window past the input is dropped",
    )


@pytest.mark.parametrize(("text", "layer", "expected"), WINDOWS, ids=row_id)
def test_window(text: str, layer: Layer, expected: Taps) -> None:
    """A window tells its taps, its stride, its padding and its dilation."""
    window = layer.window(*shapes(text))[0]
    assert (window.size, window.stride, window.padding, window.dilation) == expected


@pytest.mark.parametrize(("text", "layer", "twin"), REDUCED, ids=row_id)
def test_windows_in_lowest_terms(text: str, layer: Layer, twin: Layer) -> None:
    """Layers that see the same pixels have the same window, with the same taps, stride and padding."""
    assert layer.window(*shapes(text)) == twin.window(*shapes(text))


@pytest.mark.parametrize(
    ("mode", "extents", "taps"),
    [
        # PyTorch's align_corners: unit i stands at pixel i * (in - 1)/(out - 1), and sees what is less than 1 from it
        ("bilinear", (3, 5), [[0], [0, 1], [1], [1, 2], [2]]),
        ("bilinear", (4, 7), [[0], [0, 1], [1], [1, 2], [2], [2, 3], [3]]),
        ("bilinear", (4, 3), [[0], [1, 2], [3]]),
        ("bilinear", (5, 3), [[0], [2], [4]]),
        ("bicubic", (3, 5), [[-1, 0, 1], [-1, 0, 1, 2], [0, 1, 2], [0, 1, 2, 3], [1, 2, 3]]),  # less than 2
        ("bilinear", (5, 1), [[0]]),
    ],
)
def test_windows_with_aligned_corners(mode: Any, extents: tuple[int, int], taps: list[list[int]]) -> None:
    """Of every unit, by hand."""
    n, out = extents
    layer = Upsample(size=out, mode=mode, align_corners=True)
    (along, _) = layer.window(Shape(1, (n, n)))
    assert [list(along.taps(unit)) for unit in range(out)] == taps


def near(n: int, out: int, unit: int, reach: int, aligned: bool) -> list[int]:
    """The pixels less than `reach` from where a unit stands: PyTorch's area_pixel_compute_source_index."""
    if aligned:
        centre = Fraction(unit * (n - 1), out - 1) if out > 1 else Fraction(0)
    else:
        centre = Fraction(2 * unit + 1, 2) * Fraction(n, out) - Fraction(1, 2)
    return [pixel for pixel in range(-n - 9, 2 * n + 9) if abs(pixel - centre) < reach]


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize(("mode", "reach"), [("linear", 1), ("bilinear", 1), ("trilinear", 1), ("bicubic", 2)])
def test_windows_of_interpolation(mode: Any, reach: int, aligned: bool) -> None:
    """Of every unit of small maps, by the distance of the pixels; a map that keeps its size is not touched."""
    for n, out in product(range(2, 8), range(1, 8)):
        (window,) = Upsample(size=out, mode=mode, align_corners=aligned).window(Shape(1, (n,)))
        found = [list(window.taps(unit)) for unit in range(out)]
        expected = [[unit] if n == out else near(n, out, unit, reach, aligned) for unit in range(out)]
        assert found == expected, (n, out)


def test_units_between_dilated_taps_see_nothing() -> None:
    """A stride of 2 puts pixels on even places, taps 2 apart read even ones: an odd unit meets none."""
    (along, _) = ConvTranspose(kernel_size=3, stride=2, dilation=2, out_channels=1).window(Shape(1, (4, 4)))
    assert [list(along.taps(unit)) for unit in range(4)] == [[-2, -1, 0], [], [-1, 0, 1], []]


def test_an_axis_is_named_by_its_number() -> None:
    """Height 0, width 1, channels 2: they stand where the order says."""
    layer, shape = Permute(order=(0, 2, 1)), Shape(4, (2, 3))
    assert str(layer.output(shape)) == "2x4x3"
    assert layer.channel_formula(shape).note == "axis 1 of the input"


def test_what_shorthand_cannot_say_is_said_behind_it() -> None:
    """Dilation and groups, where they are not 1."""
    layer = Conv(kernel_size=3, out_channels=64, dilation=2, groups=4)
    assert write(layer) == "conv3-64 dilation 2 groups 4"
    assert write(Conv(kernel_size=3, out_channels=64)) == "conv3-64"
    assert write(layer, in_training=True) == "conv3-64 dilation 2 groups 4 (training)"


def test_a_long_text_that_is_no_layer_is_cut() -> None:
    """To 80 letters."""
    with pytest.raises(ShorthandError) as caught:
        read("?" * 100)
    assert str(caught.value) == f"'{'?' * 80}' is not a layer"


def test_shorthand_is_read_back() -> None:
    """A number of more digits than shorthand has stands behind it."""
    for channels in (1, 64, 10**9 - 1, 10**9):
        layer = Conv(kernel_size=3, out_channels=channels)
        text, rest = spell(Conv, layer.fields)
        cls, fields = read(text)
        assert cls(**fields, **rest) == layer


@pytest.mark.parametrize(("cls", "word"), [(cls, word) for cls in REGISTRY.values() for word in cls.elsewhere.split()])
def test_what_others_call_it_is_understood(cls: type[Layer], word: str) -> None:
    """A hint names the kind."""
    assert f"'{cls.kind}" in layer_meant(word) or f"{{{cls.kind}" in layer_meant(word)


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        ("Conv2d(3, 64, 5)", "conv5-64"),  # PyTorch: in, out, kernel
        ("Conv2D(64, 5)", "conv5-64"),  # Keras: out, kernel
        ("Conv2d(3, 64, kernel_size=7)", "conv7-64"),
        ("Conv2D(filters=32, kernel_size=7)", "conv7-32"),
        ("Linear(512, 10)", "linear-10"),
    ],
)
def test_a_call_is_understood(call: str, meant: str) -> None:
    """What is written in another's program is said as shorthand."""
    assert layer_meant(call) == f"did you mean '{meant}'?"


def test_the_letters_of_groups() -> None:
    """Of a transposed convolution a group has its share of the outputs."""
    shape = Shape(4, (5, 5))
    symbols = [
        ConvTranspose(kernel_size=2, out_channels=4, groups=groups).weights(shape)[0].symbols for groups in (1, 2, 4)
    ]
    assert symbols == ["(k*k*in_channels)*out_channels"] + ["(k*k*in_channels)*out_channels/groups"] * 2


def test_output_padding_has_no_say_beside_same() -> None:
    """One side's zero does not hide the other's one."""
    with pytest.raises(FieldError, match="output_padding does not go with padding 'same'"):
        ConvTranspose(kernel_size=3, stride=2, padding="same", output_padding=(1, 0), out_channels=1)
    assert ConvTranspose(kernel_size=3, stride=2, padding="same", output_padding=(0, 0), out_channels=1)


def test_decomposed_positions_have_two_maps() -> None:
    """Of queries and of keys, with the same axes."""
    for maps in ({"query_map": (8, 56, 56)}, {"key_map": 7}, {"query_map": 7, "key_map": (8, 7, 7)}):
        with pytest.raises(FieldError, match="query_map and key_map differ in their axes"):
            Attention(**maps)


def test_an_attention_has_an_input() -> None:
    """One to four; an extent that is no number is none."""
    assert Attention.inputs == (1, 4)
    with pytest.raises(FieldError):
        Unknown(op="Odd", output_shape=(True, 4))


def test_shorthand_says_what_it_can() -> None:
    """Several numbers of a kernel, and none at all of a border."""
    assert spell(Conv, {"kernel_size": (1, 7), "out_channels": 192}) == ("conv1x7-192", {})
    assert spell(Pad, {"padding": 0}) == ("pad0", {})


def test_kernels_that_are_made_slide_as_others_do() -> None:
    """TensorFlow's padding: 5 -> 3 needs (3 - 1)*2 + 3 - 5 = 2, one before; 6 -> 3 needs 1, none before."""
    layer = DynamicConv(kernel_size=3, stride=2, padding="same", out_channels=2)
    inputs = shapes("5x6x3 6x3x3")  # 3*3*3*2 = 54 values
    own, kernels = layer.windows(*inputs)
    assert layer.window(*inputs) == own
    assert [list(window.taps(0)) for window in own] == [[-1, 0, 1], [0, 1, 2]]
    assert [list(window.taps(2)) for window in kernels] == [[0, 1, 2, 3, 4, 5], [0, 1, 2]]


def test_a_scale_of_a_vector() -> None:
    """A vector without a map has one position."""
    assert [tensor.shape for tensor in Scale(over="positions", bias=False).weights(Shape(5, ()))] == [(1,)]


def test_a_number_for_all_is_the_same_for_a_vector() -> None:
    """What is added to each position differs between a map and its vector."""
    kinds = [Shift(), Shift(over="map"), Shift(over="positions"), Shift(over="one")]
    assert [layer.valuewise for layer in kinds] == [False, False, False, True]
    assert [DepthwiseConv(kernel_size=3, depth_multiplier=n).channelwise for n in (1, 2)] == [True, False]


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (MatrixProduct(transpose=True), (Shape(8, ()), Shape(8, ()))),  # neither has rows
        (RegionPool(output_size=7), (Shape(8, (9, 9)), Shape(4, ()))),  # no list of boxes
    ],
)
def test_vectors_are_no_maps(layer: Layer, inputs: tuple[Shape, ...]) -> None:
    """What has no positions is refused where positions are read."""
    with pytest.raises(ShapeError):
        layer.output(*inputs)


def test_windows_on_inputs_of_different_extents() -> None:
    """Every unit of a squeeze-and-excitation's product sees its own pixel of the map, and all of the one gate."""
    own, gate = Multiply().windows(Shape(8, (5, 7)), Shape(8, (1, 1)))
    assert [(window.first(4), window.last(4)) for window in own] == [(4, 4), (4, 4)]
    assert [(window.first(4), window.last(4)) for window in gate] == [(0, 0), (0, 0)]


@pytest.mark.parametrize(
    ("layer", "text", "channel", "read"),
    [
        (Concat(), "7x7x2 7x7x3", 1, [range(1, 2), range(0)]),
        (Concat(), "7x7x2 7x7x3", 4, [range(0), range(2, 3)]),
        (REGISTRY["blurpool"](), "7x7x8", 5, [range(5, 6)]),
        (PadChannels(out_channels=6), "7x7x4", 3, [range(3, 4)]),
        (PadChannels(out_channels=6), "7x7x4", 4, [range(0)]),  # the fifth of four
        (GroupNorm(num_groups=2), "7x7x8", 3, [range(4)]),
        (GroupNorm(num_groups=2), "7x7x8", 4, [range(4, 8)]),
        # of 4 neighbours two before it and one behind; of 5 two on both sides, as far as there are any
        (LocalResponseNorm(size=4), "7x7x8", 3, [range(1, 5)]),
        (LocalResponseNorm(), "7x7x8", 3, [range(1, 6)]),
        (LocalResponseNorm(), "7x7x8", 0, [range(3)]),
        (LocalResponseNorm(), "7x7x8", 7, [range(5, 8)]),
        (ConvTranspose(kernel_size=2, groups=2, out_channels=4), "7x7x8", 1, [range(4)]),
        (ConvTranspose(kernel_size=2, groups=2, out_channels=4), "7x7x8", 2, [range(4, 8)]),
        (RegionPool(output_size=7), "9x9x8 5x4", 3, [range(3, 4)]),
        (Softmax(over="positions"), "7x7x8", 5, [range(5, 6)]),
        (Softmax(groups=2), "7x7x8", 5, [range(4, 8)]),
        (Softmax(groups=2, interleaved=True), "7x7x8", 5, [range(1, 8, 2)]),
        (DepthwiseConv(kernel_size=3, depth_multiplier=2), "7x7x8", 5, [range(2, 3)]),
        (ReLU(), "7x7x8", 5, [range(5, 6)]),
        (Add(), "7x7x8 7x7x1", 5, [range(5, 6), range(1)]),
        (MatrixProduct(groups=2), "9x8 4x6", 2, [range(4), range(2, 3)]),  # a row by a column of the second
        (MatrixProduct(groups=2), "9x8 4x6", 3, [range(4, 8), range(3, 4)]),
        (MatrixProduct(groups=2, transpose=True), "9x8 5x8", 5, [range(4, 8), range(4, 8)]),
    ],
    ids=row_id,
)
def test_channels_that_a_channel_is_made_of(layer: Layer, text: str, channel: int, read: list[range]) -> None:
    """Of each input, by hand."""
    assert list(map(list, layer.channels_read(channel, *shapes(text)))) == list(map(list, read))


@pytest.mark.parametrize(
    ("step", "is_view"), [(1, False), (2, True), ((1, 1), False), ((2, 2), True), ((1, 2), True), ((2, 1), True)]
)
def test_what_steps_is_a_view(step: int | tuple[int, ...], is_view: bool) -> None:
    """In PyTorch `x[::2, ::2]` shares its memory with x; all of a map, and a part of it, are copied here."""
    assert Crop(step=step).in_place == is_view


def test_a_map_of_connections_over_a_vector() -> None:
    """A convmap over a map without axes still shows a derivation that can be worked out."""
    layer = ConvMap(kernel_size=5, connections=((0, 1), (1,)))
    shown = layer.macs_formula(Shape(2, ()))
    assert shown.value == 3  # one position, 3 connected pairs
    assert evaluate(shown.numbers) == 3


@pytest.mark.parametrize(("layer", "text", "message"), [*SHAPE_ERRORS, *SELDOM_ERRORS], ids=row_id)
def test_shape_errors(layer: Layer, text: str, message: str) -> None:
    """What does not fit is told with its figures, and with what would help."""
    with pytest.raises(ShapeError) as caught:
        layer.output(*shapes(text))
    assert str(caught.value) == message


@pytest.mark.parametrize(("cls", "fields", "field", "message"), FIELD_ERRORS, ids=row_id)
def test_field_errors(cls: type[Layer], fields: dict[str, Any], field: str, message: str) -> None:
    """A wrong field is told with its value as the language writes it, and with what it may be."""
    with pytest.raises(FieldError) as caught:
        cls(**fields)
    assert str(caught.value) == message
    assert caught.value.field == field


@rows
def test_layers_are_values(row: Row) -> None:
    """A layer with the same fields is equal and has the same hash; its text makes it again."""
    layer = row[1]
    twin = type(layer)(**{name: value for name, value in layer.fields.items() if value is not None})
    assert twin == layer
    assert hash(twin) == hash(layer)
    assert eval(repr(layer), {cls.__name__: cls for cls in REGISTRY.values()}) == layer


def unlike(value: object) -> Any:
    """A value as JSON has it."""
    return [unlike(item) for item in value] if isinstance(value, tuple) else value


WHOLES = (-1, 0, 1, 2, 3)
VALUES: list[Any] = [
    *WHOLES, True, False, 0.5, "", "half", "nearest", "x" * 100, "x" * 101,
    *(tuple(each) for size in range(4) for each in product(WHOLES, repeat=size)),
    *((least,) * size for least in WHOLES for size in (4, 5)),
    ((0, 1),), ((1, 2), (0, 0)), ((1,),), ((0, 1, 2),), ((-1, 1),), ((1, -1),), ((), (1,)), ((0, 1), 2), (True,),
    (0.5,), ("half",), ((True, 1),), ((0.5, 1),), ((0, 1), (0, 1), (0, 1), (0, 1)),
]  # fmt: skip
"""Numbers about the least, words of both ends, lists of all lengths and with one fault each, and pairs."""


ORDER = Permute.checks["order"].expected


@pytest.mark.parametrize("cls", REGISTRY.values(), ids=list(REGISTRY))
def test_a_field_takes_what_its_schema_does(cls: type[Layer]) -> None:
    """What editors are told and what layers accept is written down twice, and the same; an order of axes is no form."""
    for name, check in cls.checks.items():
        valid = Draft7Validator(check.form).is_valid
        values = VALUES if check.expected != ORDER else [value for value in VALUES if check.accepts(value)]
        differing = [value for value in values if bool(check.accepts(value)) != valid(unlike(value))]
        assert not differing, name


def test_layers_differ_by_kind_and_by_field() -> None:
    """Layers of another kind, or with another value in any field, are not equal."""
    assert ReLU() != ReLU6()
    assert Conv(kernel_size=3, out_channels=64) != Conv(kernel_size=3, out_channels=32)
    assert Conv(kernel_size=3, out_channels=64) != "Conv(kernel_size=3, out_channels=64)"
    assert len({MaxPool(), MaxPool(kernel_size=2), AvgPool(), MaxPool(kernel_size=3)}) == 3


def test_layers_are_frozen() -> None:
    """No field of a layer can be set, nor any other attribute."""
    layer = Conv(kernel_size=3, out_channels=64)
    for name in (*layer.fields, "colour"):
        with pytest.raises(AttributeError, match=f"a layer is frozen; make another Conv with another {name}"):
            setattr(layer, name, 5)
    with pytest.raises(AttributeError, match="a layer is frozen; stride stays"):
        del layer.stride
    assert layer == Conv(kernel_size=3, out_channels=64)


@pytest.mark.parametrize(("layer", "text"), REPRS)
def test_repr(layer: Layer, text: str) -> None:
    """A layer reads as the call that makes it, without its defaults."""
    assert repr(layer) == text


def test_a_list_is_taken_as_a_tuple() -> None:
    """Lists, as YAML has them, are frozen at any depth."""
    fields: dict[str, Any] = {"kernel_size": [3, 3], "padding": [[0, 1], [0, 1]], "out_channels": 1}
    assert Conv(**fields).fields["padding"] == ((0, 1), (0, 1))
    assert isinstance(hash(Conv(**fields)), int)


def test_a_new_kind_is_one_class() -> None:
    """A kind from outside the package is one class: fields, checks, messages and formulas follow from it."""
    try:

        class Shrink(Layer, kind="shrink"):
            """Only one pixel in `factor` is kept."""

            factor: Positive
            rest: Positive = 1

            role = "move"
            glued = "factor"

            def output(self, *inputs: Shape) -> Shape:
                """in/factor along each axis."""
                return Shape(inputs[0].channels, tuple(n // self.factor for n in inputs[0].spatial))

        assert REGISTRY["shrink"] is Shrink
        layer = Shrink(factor=3)
        assert str(layer.output(Shape(8, (9, 6)))) == "3x2x8"
        assert repr(layer) == "Shrink(factor=3)"
        assert layer.fields == {"factor": 3, "rest": 1}
        assert (layer.weights(Shape(8, (9, 6))), layer.macs(Shape(8, (9, 6)))) == ((), 0)
        with pytest.raises(FieldError, match="'shrink' needs 'factor'; factor is a whole number of at least 1"):
            Shrink(rest=2)  # type: ignore[call-arg]
    finally:
        REGISTRY.pop("shrink", None)


@pytest.mark.parametrize("said", ["", "pooling"])
def test_a_kind_says_its_role(said: str) -> None:
    """A kind without a role, or with one that is none, is refused where it is written, and is no kind."""
    with pytest.raises(TypeError, match="the kind 'shrink' must say its role: one of conv, linear, norm, pool, "):
        type("Shrink", (Layer,), {"role": said} if said else {}, kind="shrink")
    assert "shrink" not in REGISTRY


@rows
def test_the_role_of_row(row: Row) -> None:
    """Who multiplies and accumulates says so by its role; who merges reads several inputs; who moves holds nothing.

    What reads at least two merges them, attends to one with the other, or pools one where the other says.
    """
    text, layer, *_ = row
    inputs = shapes(text)
    assert (layer.macs(*inputs) > 0) is (layer.role in MULTIPLYING)
    assert (layer.role == "merge") <= (layer.inputs[1] != 1)
    assert (layer.inputs[0] > 1) <= (layer.role in ("merge", "attention", "pool", "conv"))
    assert not (layer.role in ("move", "merge", "idle") and layer.weights(*inputs))
    assert layer.output(*inputs) == inputs[0] or layer.role not in ("norm", "idle")


def test_a_word_is_of_one_kind() -> None:
    """Another class cannot take the word of one that is there."""
    with pytest.raises(TypeError, match="the kind 'conv' is taken by Conv"):

        class Other(Layer, kind="conv"):
            """Not a convolution."""

            role = "conv"


def test_a_word_that_ends_in_a_digit_takes_no_number() -> None:
    """Behind it a number would be part of the word: its fields are written out."""
    try:

        class Twin(Layer, kind="twin2"):
            """Nothing, so many times."""

            times: Positive = 1

            role = "idle"
            glued = "times"

        assert spell(Twin, {"times": 3}) == ("twin2", {"times": 3})
    finally:
        del REGISTRY["twin2"]


def test_a_kind_can_refine_another() -> None:
    """A subclass of a kind has its fields, and may give them other defaults without touching the kind's."""
    try:

        class Pointwise(Conv, kind="pointwise"):
            """A 1x1 convolution."""

            kernel_size: Positive = 1

        assert Pointwise(out_channels=8).macs(Shape(4, (5, 5))) == 5 * 5 * 4 * 8
        assert Pointwise(out_channels=8) != Conv(kernel_size=1, out_channels=8)
        with pytest.raises(FieldError, match="'conv' needs 'kernel_size'"):
            Conv(out_channels=8)  # type: ignore[call-arg]
    finally:
        REGISTRY.pop("pointwise", None)


@kinds
def test_docstrings(cls: type[Layer]) -> None:
    """Each kind says in a sentence what it is, cites its source, and shows an example that runs."""
    doc = cls.__dict__.get("__doc__") or ""
    assert re.match(r"[A-Z].*[.:]$", doc.split("\n", 1)[0])
    assert ("Source: " in doc) is (cls.kind not in NO_SOURCE)
    assert ">>> " in doc


@kinds
def test_kinds_are_registered_by_their_word(cls: type[Layer]) -> None:
    """A kind stands in the registry under its own word, and names only fields that it has."""
    assert REGISTRY[cls.kind] is cls
    assert re.fullmatch("[a-z][a-z0-9]*", cls.kind)
    assert {cls.glued, cls.dashed} - {""} <= set(cls.checks)
    assert set(cls.defaults) <= set(cls.checks)


@kinds
def test_seldom_kinds_are_announced(cls: type[Layer]) -> None:
    """A module that is not imported at once says all the words of its kinds, so that each is found by its word."""
    module = cls.__module__.rpartition(".")[2]
    assert module not in LATER or cls.kind in LATER[module].split()


def test_the_announced_kinds_exist() -> None:
    """Every word that is announced is a kind of the module that it is announced for."""
    for module, words in LATER.items():
        assert {REGISTRY[word].__module__ for word in words.split()} == {f"vggcalc.layers.{module}"}


def test_a_seldom_kind_is_imported_when_it_is_met() -> None:
    """VGG-16 needs no slices; a spec with one brings their module in."""
    script = (
        "import sys; from vggcalc import load; from vggcalc.layers import REGISTRY; of = 'vggcalc.layers.channels';"
        "load('vgg16').analyse(); before = of in sys.modules; 'slice' in REGISTRY; print(before, of in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "False True\n"


def test_window_of_a_kernel() -> None:
    """Unit 2 of a 3-wide window with stride 2, padding 1 and dilation 4 sees 2*2 - 1 = 3, 3 + 4 = 7 and 7 + 4 = 11."""
    window = Window.of(3, stride=2, padding=1, dilation=4)
    assert (window.first(2), window.last(2), window.size) == (3, 11, 3)
    assert list(window.taps(2)) == [3, 7, 11]
