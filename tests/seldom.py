"""The rows of test_layers.py for kinds that few networks need, which stand in modules of their own."""

from vggcalc.layers import Add, Concat, Crop, Multiply, Scale, Softmax, Subtract, Upsample
from vggcalc.layers.attention import Attention, MatrixProduct
from vggcalc.layers.blocks import DepthToSpace, SpaceToDepth
from vggcalc.layers.channels import Slice
from vggcalc.layers.eltwise import Divide, Maximum, Minimum, Power
from vggcalc.layers.filters import BlurPool, ChannelConv, LocallyConnected, StandardisedConv
from vggcalc.layers.functions import (
    CELU,
    GLU,
    SELU,
    Erf,
    Exp,
    Hardshrink,
    HardTanh,
    Log,
    LogSigmoid,
    Sine,
    Softplus,
    Softshrink,
    Softsign,
    Sqrt,
    Tanhshrink,
    Threshold,
)
from vggcalc.layers.kernels import DynamicConv, HeadConv
from vggcalc.layers.norm import GroupNorm
from vggcalc.layers.norms import InstanceNorm, Normalize, RMSNorm
from vggcalc.layers.partitions import WindowDepartition, WindowPartition
from vggcalc.layers.rearranged import Gather, Permute, Reshape, Roll, Tile
from vggcalc.layers.recurrent import GRU, LSTM, RNN
from vggcalc.layers.reduce import Reduce
from vggcalc.layers.regions import Boxes, RegionAlign, RegionPool
from vggcalc.layers.tokens import Constant, Embedding, Linear, Shift, Tokens
from vggcalc.layers.unfolded import Fold, Unfold

FUNCTIONS = (
    Softplus, Softsign, SELU, CELU, HardTanh, Threshold, Softshrink, Hardshrink, Tanhshrink, LogSigmoid, Exp, Log, Sqrt,
    Sine, Erf, Power,
)  # fmt: skip

SELDOM = [
    # input(s), layer, output, weights, biases, buffers, multiply-accumulates
    #
    # NFNet, arXiv:2102.06171, the stem's first convolution, stride 2:
    # floor((224 - 3 + 2)/2) + 1 = 112; 3*3*3*16 = 432, and 16 gains: 448; 112*112*432 = 5419008
    ("224x224x3", StandardisedConv(kernel_size=3, stride=2, padding=1, out_channels=16),
     "112x112x16", 448, 16, 0, 5419008),
    # BiT's weight standardisation without gains, in groups: 3*3*(8/2)*8 = 288; 9*9*288 = 23328
    ("9x9x8", StandardisedConv(kernel_size=3, padding=1, out_channels=8, groups=2, gain=False, bias=False),
     "9x9x8", 288, 0, 0, 23328),
    # MViT, arXiv:2104.11227: two heads of 96 through the same 3x3 kernels: 3*3*96 = 864; 28*28*9*192 = 1354752
    ("56x56x192", HeadConv(kernel_size=3, stride=2, padding=1, out_channels=96, groups=96, num_heads=2, bias=False),
     "28x28x192", 864, 0, 0, 1354752),
    # three heads of 2 channels, each to 4: 3*2*4 = 24; 8 positions * 24 * 3 = 576
    ("10x6", HeadConv(kernel_size=3, out_channels=4, num_heads=3), "8x12", 24, 4, 0, 576),
    # CondConv, arXiv:1904.04971: a mixed kernel of 16*96 = 1536 values; 112*112*1536 = 19267584
    ("112x112x16 1x1x1536", DynamicConv(kernel_size=1, out_channels=96), "112x112x96", 0, 0, 0, 19267584),
    # depthwise, stride 2: 3*3*8 = 72 values; 5*5*72 = 1800
    ("9x9x8 1x1x72", DynamicConv(kernel_size=3, stride=2, padding=1, out_channels=8, groups=8), "5x5x8", 0, 0, 0, 1800),
    # VOLO, arXiv:2106.13112: windows of 3x3, every second of a map of 28x28, 192*9 = 1728; and back
    ("28x28x192", Unfold(kernel_size=3, stride=2, padding=1), "14x14x1728", 0, 0, 0, 0),
    ("10x3", Unfold(kernel_size=4, stride=3), "3x12", 0, 0, 0, 0),
    ("14x14x1728", Fold(kernel_size=3, stride=2, padding=1, output_size=28), "28x28x192", 0, 0, 0, 0),
    ("3x12", Fold(kernel_size=4, stride=3, output_size=10), "10x3", 0, 0, 0, 0),
    # EvoNorm-S0, arXiv:2004.02967: the variance of 32 groups of 8 channels over the map; GroupNorm without biases
    ("14x14x256", Reduce(op="var", positions=(0, 1), out_channels=32), "1x1x32", 0, 0, 0, 0),
    ("14x14x256", GroupNorm(num_groups=1, bias=False), "14x14x256", 256, 0, 0, 0),
    # every fourth of 196 tokens, and 64 channels in another order
    ("196x384", Gather(count=49, axis=0), "49x384", 0, 0, 0, 0),
    ("28x28x64", Gather(count=64), "28x28x64", 0, 0, 0, 0),
    # ECA-Net, arXiv:1910.03151, Table 1, k = 5 for 2048 channels: 5 weights; 2048*5 = 10240
    ("1x1x2048", ChannelConv(kernel_size=5), "1x1x2048", 5, 0, 0, 10240),
    # 4 positions, 6 - 3 + 1 = 4 channels: 4*4*3 = 48; one bias
    ("4x6", ChannelConv(kernel_size=3, padding=0, bias=True), "4x4", 3, 1, 0, 48),
    # arXiv:1904.11486: a binomial filter of 3*3, 112 -> floor((112 - 3 + 2)/2) + 1 = 56; 56*56*64*9 = 1806336
    ("112x112x64", BlurPool(), "56x56x64", 0, 0, 9, 1806336),
    # 10 -> floor((10 - 4 + 1 + 2)/2) + 1 = 5; 5*3*4 = 60
    ("10x3", BlurPool(kernel_size=4, padding=((1, 2),), padding_mode="zeros"), "5x3", 0, 0, 4, 60),
    # a cube: 6 -> 3 along each axis; 27*2*27 = 1458
    ("6x6x6x2", BlurPool(), "3x3x3x2", 0, 0, 27, 1458),
    # Darknet, cfg/yolov1.cfg, [local] of 256 filters: 7*7*3*3*1024*256 = 115605504; 7*7*256 = 12544
    ("7x7x1024", LocallyConnected(kernel_size=3, padding=1, out_channels=256),
     "7x7x256", 115605504, 12544, 0, 115605504),
    # 10 -> floor((10 - 4 + 1 + 2)/2) + 1 = 5; 5*4*3*2 = 120; 5*2 = 10
    ("10x3", LocallyConnected(kernel_size=4, stride=2, padding=((1, 2),), out_channels=2), "5x2", 120, 10, 0, 120),
    # a cube: 6 -> 4; 4*4*4*27*2*2 = 6912
    ("6x6x6x2", LocallyConnected(kernel_size=3, out_channels=2, bias=False), "4x4x4x2", 6912, 0, 0, 6912),
    #
    # ViT-B/16, arXiv:2010.11929: 197 tokens of 768; qkv 768*2304 = 1769472; 197*1769472 = 348585984
    ("197x768", Linear(out_features=2304), "197x2304", 1769472, 2304, 0, 348585984),
    # Swin-T, arXiv:2103.14030, the first MLP: 96*384 = 36864; 56*56*36864 = 115605504
    ("56x56x96", Linear(out_features=384, bias=False), "56x56x384", 36864, 0, 0, 115605504),
    # BERT, arXiv:1810.04805: 30522 words of 768: 23440896
    ("128x1", Embedding(num_embeddings=30522, embedding_dim=768), "128x768", 23440896, 0, 0, 0),
    ("4x5x1", Embedding(num_embeddings=10, embedding_dim=3), "4x5x3", 30, 0, 0, 0),
    # class token, and class and distillation token
    ("196x768", Tokens(), "197x768", 768, 0, 0, 0),
    ("196x192", Tokens(count=2), "198x192", 384, 0, 0, 0),
    # coordinates of a window of 8x8 in Swin V2, and a query of its own; three numbers that are spread over nine
    ("7x7x3", Constant(shape=(15, 15, 2)), "15x15x2", 0, 0, 0, 0),
    ("7x7x3", Constant(shape=(15, 15, 2), values="stored"), "15x15x2", 0, 0, 450, 0),
    ("196x768", Constant(shape=(1, 768), values="trained"), "1x768", 768, 0, 0, 0),
    ("9x9x2", Constant(shape=(3, 3), values="trained", elements=3), "3x3", 3, 0, 0, 0),
    # position embeddings of ViT-B/16: 197*768 = 151296
    ("197x768", Shift(over="map"), "197x768", 0, 151296, 0, 0),
    ("7x5x8", Shift(), "7x5x8", 0, 8, 0, 0),
    ("7x5x8", Shift(over="positions"), "7x5x8", 0, 35, 0, 0),
    ("7x5x8", Shift(over="one"), "7x5x8", 0, 1, 0, 0),
    ("7x5x8", Scale(over="one"), "7x5x8", 1, 0, 0, 0),
    ("7x5x8", Scale(over="positions", bias=True), "7x5x8", 35, 35, 0, 0),
    ("7x8", Scale(over="map"), "7x8", 56, 0, 0, 0),
    #
    # ViT-B/16's heads: q, k and v of 768 channels: 197*197*(768 + 768) = 59610624
    ("197x2304", Attention(num_heads=12), "197x768", 0, 0, 0, 59610624),
    # LeViT, arXiv:2104.01136, keys of 16 in 4 heads, values twice as wide: 2*64 + 128 = 256;
    # 196*196*(64 + 128) = 7375872
    ("196x256", Attention(num_heads=4, key_channels=64), "196x128", 0, 0, 0, 7375872),
    # Swin-T's first windows: 64 of 49 positions; 8*8*49*49*(96 + 96) = 29503488;
    # (2*7 - 1)*(2*7 - 1)*3 = 507 biases, 49*49 = 2401 indices
    ("8x8x49x288", Attention(num_heads=3, relative_positions=(7, 7)), "8x8x49x96", 0, 507, 2401, 29503488),
    # the biases made by layers, as in Swin V2: 8*8*64*64*(96 + 96) = 50331648; 64*64 = 4096 indices
    ("8x8x64x96 8x8x64x96 8x8x64x96 15x15x3", Attention(num_heads=3, relative_positions=8), "8x8x64x96",
     0, 0, 4096, 50331648),
    # MViTv2-S's second block in torchvision: 2 heads of 96; 1 + 8*28*28 = 6273 queries, 1 + 8*14*14 = 1569 keys;
    # (2*8 - 1 + 2 * (2*28 - 1)) * 96 = 12000 weights; 6273*1569*(192 + 192) + 6272*192*(8 + 14 + 14)
    ("6273x192 1569x192 1569x192", Attention(num_heads=2, query_map=(8, 28, 28), key_map=(8, 14, 14)), "6273x192",
     12000, 0, 0, 3822809472),
    # cross attention: 100 queries, 850 keys: 100*850*(256 + 256) = 43520000 (DETR, arXiv:2005.12872)
    ("100x256 850x256 850x256", Attention(num_heads=8), "100x256", 0, 0, 0, 43520000),
    # PVT's spatial reduction, arXiv:2102.12122: keys and values of one map, over all positions:
    # 56*56*7*7*(64 + 64) = 19668992
    ("56x56x64 7x7x128", Attention(over="map"), "56x56x64", 0, 0, 0, 19668992),
    # the same heads in parts: 197*197*768 = 29805312 twice
    ("197x768 197x768", MatrixProduct(groups=12, transpose=True), "197x2364", 0, 0, 0, 29805312),
    ("197x2364 197x768", MatrixProduct(groups=12), "197x768", 0, 0, 0, 29805312),
    # two maps of 3 x 4 times 4 x 5: 2*3*4*5 = 120
    ("2x3x4 2x4x5", MatrixProduct(), "2x3x5", 0, 0, 0, 120),
    #
    # GRU of 256 on 100 steps of 512: 3*256*(512 + 256) = 589824 weights, 2*3*256 = 1536 biases; 100*589824 = 58982400
    ("100x512", GRU(hidden_size=256), "100x256", 589824, 1536, 0, 58982400),
    ("9x4", GRU(hidden_size=2, bias_vectors=1), "9x2", 36, 6, 0, 324),
    # CRNN, arXiv:1507.05717, Table 1: two bidirectional LSTMs of 256 on 26 steps of 512:
    # (4*256*(512 + 256) + 4*256*(512 + 256))*2 = 3145728; 2*2*2*4*256 = 8192 biases; 26*3145728 = 81788928
    ("26x512", LSTM(hidden_size=256, num_layers=2, bidirectional=True), "26x512", 3145728, 8192, 0, 81788928),
    # Keras's LSTM(8) on 5 steps of 3: 4*8*(3 + 8) = 352; 4*8 = 32; 5*352 = 1760
    ("5x3", LSTM(hidden_size=8, bias_vectors=1), "5x8", 352, 32, 0, 1760),
    # 2*(3 + 2) = 10 weights, 2*2 = 4 biases
    ("7x3", RNN(hidden_size=2), "7x2", 10, 4, 0, 70),
    # the second layer reads both directions: 2*(2*(3 + 2) + 2*(4 + 2)) = 44; 7*44 = 308
    ("7x3", RNN(hidden_size=2, num_layers=2, bidirectional=True, bias=False), "7x4", 44, 0, 0, 308),
    #
    # YOLOv5's Focus; ESPCN, arXiv:1609.05158: 56*2 = 112; 256/2^2 = 64
    ("640x640x3", SpaceToDepth(block_size=2), "320x320x12", 0, 0, 0, 0),
    ("12x4", SpaceToDepth(block_size=3, order="blocks"), "4x12", 0, 0, 0, 0),
    ("56x56x256", DepthToSpace(block_size=2), "112x112x64", 0, 0, 0, 0),
    ("4x12", DepthToSpace(block_size=3, order="blocks"), "12x4", 0, 0, 0, 0),
    ("196x768", Permute(order=(1, 0)), "768x196", 0, 0, 0, 0),
    ("5x7x3", Permute(order=(1, 0, 2)), "7x5x3", 0, 0, 0, 0),
    ("14x14x768", Reshape(shape=(196, 768)), "196x768", 0, 0, 0, 0),
    ("6x4", Reshape(shape=(2, 3, 4)), "2x3x4", 0, 0, 0, 0),
    ("56x56x96", Roll(shifts=-3), "56x56x96", 0, 0, 0, 0),
    ("9x2", Roll(shifts=(2,)), "9x2", 0, 0, 0, 0),
    ("1x1x256", Tile(repeats=7), "7x7x256", 0, 0, 0, 0),
    ("3x4", Tile(repeats=2, channels=3), "6x12", 0, 0, 0, 0),
    ("3x2x4", Tile(repeats=(2, 1), interleaved=True), "6x2x4", 0, 0, 0, 0),
    ("56x56x96", WindowPartition(window_size=7), "8x8x49x96", 0, 0, 0, 0),
    ("12x4", WindowPartition(window_size=3, grid=True), "4x3x4", 0, 0, 0, 0),
    # 8/2 * 6/3 * 6/3 = 16 windows of 2*3*3 = 18
    ("8x6x6x2", WindowPartition(window_size=(2, 3, 3)), "16x18x2", 0, 0, 0, 0),
    ("8x8x49x96", WindowDepartition(window_size=7), "56x56x96", 0, 0, 0, 0),
    ("4x3x4", WindowDepartition(window_size=3, grid=True), "12x4", 0, 0, 0, 0),
    ("16x18x2", WindowDepartition(window_size=(2, 3, 3), size=(8, 6, 6)), "8x6x6x2", 0, 0, 0, 0),
    #
    # CBAM, arXiv:1807.06521, figure 2: maximum and mean over the channels
    ("28x28x256", Reduce(op="max"), "28x28x1", 0, 0, 0, 0),
    ("28x28x256", Reduce(out_channels=64), "28x28x64", 0, 0, 0, 0),
    ("28x256", Reduce(op="sum", out_channels=128, interleaved=True), "28x128", 0, 0, 0, 0),
    # coordinate attention, arXiv:2103.02907, equation 4: the mean along the width
    ("28x20x64", Reduce(positions=(1,)), "28x1x64", 0, 0, 0, 0),
    ("28x28x8 28x28x8", Maximum(), "28x28x8", 0, 0, 0, 0),
    ("9x8 1x8 9x1", Maximum(), "9x8", 0, 0, 0, 0),
    ("28x28x8 28x28x8", Minimum(), "28x28x8", 0, 0, 0, 0),
    ("9x8 9x1", Minimum(), "9x8", 0, 0, 0, 0),
    ("1x8 9x8 9x1", Minimum(), "9x8", 0, 0, 0, 0),
    ("28x28x8 28x28x1", Divide(), "28x28x8", 0, 0, 0, 0),
    ("9x8 9x8", Divide(), "9x8", 0, 0, 0, 0),
    # broadcasting: CBAM's map of attention, GCNet's addition of a context, one number for all
    ("28x28x256 28x28x1", Multiply(), "28x28x256", 0, 0, 0, 0),
    ("28x28x256 28x28x1 1x1x256", Multiply(), "28x28x256", 0, 0, 0, 0),
    ("28x28x256 1x1x256", Add(), "28x28x256", 0, 0, 0, 0),
    ("1x1x1 28x28x256", Add(), "28x28x256", 0, 0, 0, 0),
    ("28x1x64 1x20x64", Multiply(), "28x20x64", 0, 0, 0, 0),
    ("1x1x256 28x28x256", Subtract(), "28x28x256", 0, 0, 0, 0),
    # SSD300's boxes: 38*38*4 + 19*19*6 + 10*10*6 + 5*5*6 + 3*3*4 + 1*4 = 8732
    ("5776x4 2166x4 600x4 150x4 36x4 4x4", Concat(axis=0), "8732x4", 0, 0, 0, 0),
    ("3x2x5 3x4x5", Concat(axis=1), "3x6x5", 0, 0, 0, 0),
    ("3x2x5", Concat(), "3x2x5", 0, 0, 0, 0),
    # focus by slices: every second pixel
    ("640x640x3", Crop(cropping=0, step=2), "320x320x3", 0, 0, 0, 0),
    # 9 - 1 - 0 = 8, ceil(8/3) = 3
    ("9x2", Crop(cropping=((1, 0),), step=3), "3x2", 0, 0, 0, 0),
    ("9x2", Crop(size=4, step=2, offset=2), "4x2", 0, 0, 0, 0),
    ("14x14x3", Upsample(scale_factor=2, mode="bicubic"), "28x28x3", 0, 0, 0, 0),
    ("14x14x3", Upsample(size=(20, 9), mode="bilinear", align_corners=True), "20x9x3", 0, 0, 0, 0),
    ("5x6x7x2", Upsample(scale_factor=2, mode="trilinear"), "10x12x14x2", 0, 0, 0, 0),
    ("28x28x128", Softmax(groups=2), "28x28x128", 0, 0, 0, 0),
    ("28x28x1", Softmax(over="positions"), "28x28x1", 0, 0, 0, 0),
    ("3x4x6", Softmax(over="last"), "3x4x6", 0, 0, 0, 0),
    #
    # T5's and Llama's normalisation; AdaIN's
    # XCiT, arXiv:2106.09681: queries and keys by the length of each channel over all positions, or of each position
    ("196x384", Normalize(over="positions"), "196x384", 0, 0, 0, 0),
    ("14x14x64", Normalize(groups=4), "14x14x64", 0, 0, 0, 0),
    # every second channel, as rotary embeddings take them: ceil((64 - 1)/2)
    ("197x64", Slice(start=1, step=2), "197x32", 0, 0, 0, 0),
    # Swin, arXiv:2103.14030: (2*7 - 1)*(2*7 - 1) biases for 3 heads, spread over 49 x 49 positions
    ("8x8x49x147", Shift(over="map", elements=507), "8x8x49x147", 0, 507, 0, 0),
    ("49x147", Scale(over="map", elements=3), "49x147", 3, 0, 0, 0),
    ("197x768", RMSNorm(), "197x768", 768, 0, 0, 0),
    ("7x7x8", RMSNorm(elementwise_affine=False), "7x7x8", 0, 0, 0, 0),
    ("56x56x64", InstanceNorm(), "56x56x64", 0, 0, 0, 0),
    ("9x8", InstanceNorm(affine=True), "9x8", 8, 8, 0, 0),
    *((text, function(), text, 0, 0, 0, 0) for function in FUNCTIONS for text in ("56x48x8", "9x4")),
    ("1x1x256", Power(factor=0.1, offset=3, exponent=2), "1x1x256", 0, 0, 0, 0),
    # arXiv:1612.08083, section 2: half the channels gate the others
    ("100x512", GLU(), "100x256", 0, 0, 0, 0),
    ("5x5x8", GLU(), "5x5x4", 0, 0, 0, 0),
    #
    # SSD300's prior boxes; Fast R-CNN, arXiv:1504.08083: 7x7 of VGG's last map for each of 300 regions
    ("38x38x512 300x300x3", Boxes(output_shape=(8732, 4)), "8732x4", 0, 0, 0, 0),
    ("38x18", Boxes(output_shape=(300, 5)), "300x5", 0, 0, 0, 0),
    ("9x9x3", Boxes(output_shape=(4, 5, 6)), "4x5x6", 0, 0, 0, 0),
    # 9*9*(8 + 8) = 1296, and a table of 10 numbers that are added
    ("9x24", Attention(num_heads=2, elements=10), "9x8", 0, 10, 0, 1296),
    ("38x50x512 300x5", RegionPool(output_size=7), "300x7x7x512", 0, 0, 0, 0),
    ("9x9x2 4x5", RegionPool(output_size=(2, 3)), "4x2x3x2", 0, 0, 0, 0),
    ("200x272x256 1000x4", RegionAlign(output_size=14), "1000x14x14x256", 0, 0, 0, 0),
    ("9x9x2 4x4", RegionAlign(output_size=2, sampling_ratio=2), "4x2x2x2", 0, 0, 0, 0),
]  # fmt: skip

SELDOM_ERRORS = [
    # layer, input(s), message: figures from the shapes beside it
    (Attention(), "9x8", "9x8 holds no queries and keys of 2 channels each, and values; "
     "give it channels for q, k and v, and say key_channels where they are no thirds"),
    (Attention(), "9x8 7x8 5x4", "queries, keys and values of 9x8 and 7x8 and 5x4 do not fit; "
     "keys have the queries' channels and the values' positions"),
    (Attention(), "9x8 7x4 7x4", "queries, keys and values of 9x8 and 7x4 and 7x4 do not fit; "
     "keys have the queries' channels and the values' positions"),
    (Attention(), "2x9x8 3x9x8 3x9x4", "positions of 2x9x8 and 3x9x8 and 3x9x4 differ before the last axis; "
     "attend over the last axis, or write over: map"),
    (Attention(), "3x9x8 2x9x8 2x9x4", "positions of 3x9x8 and 2x9x8 and 2x9x4 differ before the last axis; "
     "attend over the last axis, or write over: map"),
    (Attention(num_heads=2, relative_positions=3), "9x8 9x8 9x8 5x6x2",
     "5x6x2 holds no biases of 2 heads for differences of 5x5 positions; the fourth input has a position for each "
     "difference and a channel for each head"),
    (Attention(num_heads=5), "9x24", "5 heads do not divide 8 channels; "
     "choose num_heads that divide the channels of q, k and v"),
    (MatrixProduct(groups=2), "9x8 8x4", "9x8 and 8x4 are no factors in 2 groups; "
     "the second has as many positions as a group of the first has channels"),
    (SpaceToDepth(block_size=2), "5x4x3", "blocks of 2 do not divide a map of 5x4x3; "
     "pad or crop the map to a multiple"),
    (DepthToSpace(block_size=2), "4x4x6", "6 channels do not fall into groups of 4; "
     "give the layer above a multiple of that"),
    (Softmax(groups=3), "7x4", "3 groups do not divide 4 channels; choose groups that divide them"),
    (ChannelConv(kernel_size=9, padding=0), "1x1x8", "a kernel of 9 does not fit 8 channels; "
     "use a smaller kernel or more padding"),
    (GLU(), "5x3", "3 channels have no halves; give the layer above an even number of them"),
    (Maximum(), "4x4x2 4x2", "inputs of different shapes cannot be compared: 4x4x2 and 4x2; "
     "along each axis, and of channels, all have as many or one"),
    (Concat(axis=1), "7x8 9x8", "7x8 and 9x8 have no axis 1; axes count from 0, and the channels are none of them"),
    (Concat(axis=0), "7x8 9x4", "maps cannot be concatenated along axis 0: 7x8 and 9x4; "
     "give them the same channels, and the same extents along all other axes"),
    (WindowPartition(window_size=7), "14x15x3", "windows of 7x7 do not divide a map of 14x15x3; "
     "pad the map to a multiple"),
    (WindowDepartition(window_size=7), "2x2x48x3", "2x2x48x3 is no map of windows of 7x7; "
     "its last axis has a window's positions, and those before it the windows"),
    (WindowDepartition(window_size=2, size=(4, 4)), "5x4x3", "5x4x3 is no map of windows of 2x2; "
     "its last axis has a window's positions, and those before it the windows"),
    (Permute(order=(1, 0)), "7x7x3", "order has 2 axes, but 7x7x3 has 3; "
     "name each axis once, the channels with the highest number"),
    (Reshape(shape=(5, 5)), "2x2x6", "2x2x6 has 24 values, and 5x5 has 25; give it a shape of as many"),
    (LSTM(hidden_size=4), "7x7x3", "a map of 7x7x3 is no sequence; "
     "give it one axis of positions, as in {reshape: {shape: [100, 512]}}"),
    (Gather(count=2, axis=1), "7x3", "7x3 has no axis 1; axes count from 0, and the channels are none of them"),
    (Reduce(positions=(1,)), "7x3", "7x3 has no axis 1; axes count from 0, and the channels are none of them"),
    (Reduce(out_channels=2), "7x3", "3 channels do not fall into 2 groups; choose out_channels that divide them"),
    (RegionPool(output_size=7), "9x9x2 4x4x5", "9x9x2 and 4x4x5 are no map and a list of boxes; "
     "the first has two axes of positions, the second one, a box at each"),
    (RegionPool(output_size=7), "9x2 4x5", "9x2 and 4x5 are no map and a list of boxes; "
     "the first has two axes of positions, the second one, a box at each"),
    (RegionAlign(output_size=7), "9x9x9x2 4x5", "9x9x9x2 and 4x5 are no map and a list of boxes; "
     "the first has two axes of positions, the second one, a box at each"),
    (DynamicConv(kernel_size=1, out_channels=2), "7x7x3 1x1x5", "1x1x5 holds 5 values, and the kernels 6; "
     "give it a value for each weight, and no bias"),
    (Fold(kernel_size=2, output_size=4), "2x2x12", "2x2x12 are not the windows of 4x4x3, which are 3x3x12; "
     "give it the windows that unfold makes with the same fields"),
    (HeadConv(kernel_size=1, out_channels=2, num_heads=2), "7x3", "2 heads do not divide 3 channels; "
     "choose num_heads that divide them"),
    (Embedding(num_embeddings=9, embedding_dim=4), "7x2", "an embedding reads one index at each position, not 2; "
     "give it a map of one channel"),
    (Tokens(), "7x7x3", "a map of 7x7x3 is no sequence of tokens; "
     "give it one axis of positions, as in {reshape: {shape: [196, 768]}}"),
]  # fmt: skip
