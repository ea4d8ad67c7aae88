"""What a wrong figure would be right of: a real case for each of the usual explanations.

The printed figures are from sources or from hand calculation; each is claimed of the wrong thing.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from clock import least_seconds

from vggcalc import load
from vggcalc.analysis.report import Row
from vggcalc.checking import bundled
from vggcalc.claims import Finding, check, load_table, read_table
from vggcalc.errors import Source
from vggcalc.figures import FIGURES
from vggcalc.hints.candidates import Candidate
from vggcalc.hints.explanations import EXPLANATIONS, LAST_RESORT, Explanation
from vggcalc.hints.miscounts import Miscount, input_grid, one_bias, one_bias_if_linear, one_input_channel
from vggcalc.hints.search import MOST, MOST_FIGURES, hints


def findings(text: str, folder: Path | str = "") -> list[Finding]:
    """The findings on a table of a text."""
    return check(read_table(Source("t.yaml", textwrap.dedent(text)), str(folder)))


def told(text: str, folder: Path | str = "") -> dict[int, list[str]]:
    """The hints on a table of a text."""
    found = hints(dict(enumerate(findings(text, folder))), str(folder))
    assert all(0 < len(said) <= MOST for said in found.values())
    return found


def one(model: str, figure: str, printed: str, spec: str = "") -> list[str]:
    """The hints on one claim, of which `spec` says more."""
    claimed = f'figures: {{f: {{figure: {figure}{spec and ", "}{spec}}}}}\nclaims: {{f: "{printed}"}}'
    text = f"model: {model}\n{claimed}"
    (finding,) = findings(text)
    assert finding.verdict == "wrong"
    return told(text).get(0, [])


CASES = [
    # Simonyan and Zisserman's D: 138,344,128 weights and 13,416 biases (DESIGN's golden integers)
    ("vgg16", "params", "138,344,128", "", "the biases are left out (138,344,128)"),
    ("vgg16", "weights", "138,357,544", "", "the biases are counted too (138,357,544)"),
    ("vgg16", "params", "138,370,960", "", "the biases are counted twice (138,370,960)"),  # + 13,416
    # conv2_1: 3*3*64*128 = 73,728
    ("vgg16", "weights", "73,782", "layer: conv2_1", "two neighbouring digits are transposed (73,728)"),
    # Howard et al., Table 2, prints 1.19 for the first convolution: 10.838M of 568.74M are 1.906%
    ("mobilenet_v1", "macs", "1.19%", "layer: conv0, share: true", "two neighbouring digits are transposed (1.9056%)"),
    ("vgg16", "params", "138,357,543", "", "one digit is wrong (138,357,544)"),
    ("vgg16", "params", "13.84M", "", "the decimal point slipped (138,357,544)"),
    # Howard et al., section 4.4, prints millions for billions
    ("mobilenet_v1", "macs", "0.57 million", "", "the unit is off by a factor of 1000 (568,740,352)"),
    ("vgg16", "params", "138G", "", "the unit is off by a factor of 1000 (138,357,544)"),
    ("vgg16", "macs", "15.5M", "", "the unit is off by a factor of 1000 (15,470,264,320)"),
    # 15.47 G multiply-accumulates, 30.94 G FLOPs
    ("vgg16", "flops", "15.5G", "", "MACs, not FLOPs (15,470,264,320)"),
    ("vgg16", "macs", "30.9G", "", "FLOPs, two for each MAC (30,940,528,640)"),
    ("vgg16", "operations", "15.5G", "convention: torch", "half of it, a MAC counted once (15,470,264,320)"),
    ("vgg16", "operations", "30.9G", "convention: macs", "twice as much, a MAC counted as two (30,940,528,640)"),
    # 138,357,544 * 4 = 553,430,176 bytes = 527.8 MiB
    ("vgg16", "params", "528MB", "", "in powers of 1024, not 1000 (553,430,176 bytes = 527.8 MiB)"),
    ("vgg16", "params_bytes", "528MB", "", "in powers of 1024, not 1000 (553,430,176 bytes = 527.8 MiB)"),
    ("vgg16", "params_bytes", "528M", "", "in powers of 1024, not 1000 (553,430,176 bytes = 527.8 MiB)"),
    ("vgg16", "params", "553 MiB", "", "in powers of 1000, not 1024 (553,430,176 bytes = 527.8 MiB)"),
    ("vgg16", "params", "277MB", "", "in float16 (276,715,088 bytes = 263.9 MiB)"),
    # conv2 of GoogLeNet's Table 1 has 112K: 1*1*64*64 + 3*3*64*192 = 114,688 = 112 * 1024
    ("googlenet-paper", "weights", "112K", "layer: conv2 + conv3", "in powers of 1024, not 1000 (114,688)"),
    # keras.applications' notop weights: VGG-16 14,714,688
    ("vgg16", "params", "14,714,688", "", "without the classifier (14,714,688)"),
    # torchvision's inception_v3, 27,161,264 with the auxiliary classifier, 23,834,568 without (aux_logits=False)
    ("inception_v3", "params", "23,834,568", "", "without the auxiliary heads (23,834,568)"),
    ("inception_v3-no-aux", "params", "27,161,264", "", "that is inception_v3 (27,161,264)"),
    # Koch et al.: 38,947,648 in each tower, 4,097 in the last layer
    ("siamese-omniglot", "params", "77,899,393", "", "shared weights are counted again (77,899,393)"),
    # 53,120 running means and variances, 53 counts of batches; as many scales and shifts
    ("resnet50", "params", "25,610,152", "", "the running statistics of normalisation are counted too (25,610,152)"),
    ("resnet50", "params", "25,503,912", "", "normalisation is left out (25,503,912)"),
    # He et al., section 3.3, print 15.3 billion; the fully connected layers have 123,633,664
    ("vgg16", "macs", "15.3G", "", "of convolutions only (15,346,630,656)"),
    ("vgg16", "flops", "15.3G", "", "MACs of convolutions only, not FLOPs (15,346,630,656)"),
    ("vgg16", "macs", "30.7G", "", "FLOPs of convolutions only, two for each MAC (30,693,261,312)"),
    ("vgg16", "activations", "51.7MiB", "", "of convolutions only (54,190,080 bytes = 51.68 MiB)"),  # 13,547,520 values
    ("vgg16", "params", "124M", "", "of fully connected layers only (123,642,856)"),
    # Lyken17/pytorch-OpCounter's README: 15.61 GMACs
    ("vgg16", "macs", "15.61G", "", "as thop-2019 counts (15,607,445,504)"),
    ("resnet50", "macs", "4,133,742,592", "", "as thop counts (4,133,742,592)"),
    # 15,470,264,320 + 123,633,664
    ("vgg16", "macs", "15,593,897,984", "", "fully connected layers are counted twice (15,593,897,984)"),
    # 15,237,608 values with the input's 150,528; 24,352,744 with what layers of weights keep: CS231n's 24M and 93MB
    ("vgg16", "activations", "15,087,080", "", "the input is left out (15,087,080)"),
    ("vgg16", "activations", "24.4M", "", "with the inputs that layers of weights keep (24,352,744)"),
    (
        "vgg16",
        "activations",
        "93MB",
        "",
        "with the inputs that layers of weights keep, in powers of 1024, not 1000 (97,410,976 bytes = 92.90 MiB)",
    ),
    ("vgg16", "forward", "58.13MiB", "", "each output once, kept inputs not again (60,950,432 bytes = 58.13 MiB)"),
    ("vgg16", "activations", "153,595,152", "", "the parameters are counted too (153,595,152)"),  # 15,237,608 + params
    # pytorch-summary's README: VGG-16 takes 218.59 MB forward and backward; torchvision's layers
    (
        "torchvision/vgg16",
        "activations",
        "218.78MiB",
        "",
        "memory as torchsummary counts it (229,408,576 bytes = 218.8 MiB)",
    ),
    ("vgg16", "neurons", "15.2M", "", "memory as activations counts it (15,237,608)"),
    # Krizhevsky's two towers
    ("alexnet-caffe", "params", "62,378,344", "", "that is alexnet-ungrouped or alexnet-tutorial (62,378,344)"),
    ("alexnet-ungrouped", "params", "60,965,224", "", "that is alexnet-caffe or alexnet-paper (60,965,224)"),
    ("alexnet-caffe", "params", "614,656", "layer: conv2", "that is alexnet-ungrouped or alexnet-tutorial (614,656)"),
    # He et al., Table 1: 3.8 x 10^9 with the stride in the first 1x1; torchvision 4.09
    ("resnet50", "macs", "3.86G", "", "that is resnet50-v1 or resnet50-keras (3,857,973,248)"),
    ("resnet50", "macs", "3.8G", "", "that is resnet50-v1 or resnet50-keras (3,857,973,248)"),
    ("resnet50-v1", "macs", "4.09G", "", "that is resnet50 (4,089,184,256)"),
    # VGG: C has 133,638,952, E 143,667,240
    ("vgg16", "params", "133,638,952", "", "that is VGG C (133,638,952)"),
    ("vgg16", "params", "143,667,240", "", "that is vgg19 (143,667,240)"),
    ("googlenet-paper", "params", "13.4M", "", "that is googlenet-paper-aux (13,378,280)"),
    # 15,346,630,656 * (256/224)^2 + 8*8*512*4096 + 4096*4096 + 4096*1000
    ("vgg16", "macs", "20.2G", "", "with a 256x256 input (20,199,669,760)"),
    ("vgg16", "macs", "15.5G", "input: 256x256", "with the declared 224x224x3 input (15,470,264,320)"),
    ("vgg16", "macs", "495G", "", "for a batch of 32 (495,048,458,240)"),
    ("resnet50", "params", "23,528,522", "", "with 10 classes (23,528,522)"),  # 25,557,032 - 990 * 2,049
    ("vgg16", "params", "138,357,544", "classes: 10", "with 1000 classes (138,357,544)"),
    # shapes
    ("vgg16", "output", "512x7x7", "layer: pool5", "height, width and channels are out of order (7x7x512)"),
    ("vgg16", "output", "14x14x512", "layer: pool5", "that is conv5_3's (14x14x512)"),
    ("vgg16", "output", "112x113x128", "layer: conv2_1", "one digit is wrong (112x112x128)"),
    ("vgg16", "output", "112x121x128", "layer: conv2_1", "two neighbouring digits are transposed (112x112x128)"),
    ("vgg16", "rf", "196", "layer: pool5", "that is conv5_3's (196)"),
    ("vgg16", "weights", "1,179,648", "layer: conv5_1", "that is conv4_1's (1,179,648)"),
    # one layer
    ("vgg16", "params", "137,767,464", "", "one 56x56 3x3x256x256 convolution is missing (137,767,464)"),  # - 590,080
    ("vgg16", "params", "241,122,088", "", "one 25088x4096 fully connected layer is counted twice: fc6 (241,122,088)"),
    # without a 3x3 convolution of 64 channels and its normalisation: 3*3*64*64 + 2*64 = 36,992
    ("resnet18", "params", "11,652,520", "", "one 56x56 3x3x64x64 convolution is missing (11,652,520)"),
]
"""Model, figure, print, what else the claim says, and the first hint, or its beginning."""

ROUNDED = [
    # Rounded otherwise: 138,357,544 is nearer 138 M; two of its digits are 140 M
    ("vgg16", "params", "139M", "", "rounds to 138 M (138,357,544)"),
    ("vgg16", "params", "139 million", "", "rounds to 138 million (138,357,544)"),
    ("vgg16", "params", "139M", "cut: true", "is cut to 138 M (138,357,544)"),
    ("vgg16", "params", "1.39e8", "", "rounds to 138,000,000 (138,357,544)"),
    ("vgg16", "params", "75%", "layer: fc6, share: true", "rounds to 74% (74.27%)"),  # 102,764,544 of 138,357,544
    ("vgg16", "params", "140M", "", "only right to 2 digits (138,357,544)"),
    # CS231n's slides have 24M * 4 bytes ~= 96MB: 24,352,744 values are 24 M, and only then multiplied
    (
        "vgg16",
        "activations",
        "96MB",
        "",
        "with the inputs that layers of weights keep: 24 M values x 4 bytes, rounded before they are multiplied (96",
    ),
    ("vgg16", "forward", "96MB", "", "24 M values x 4 bytes, rounded before they are multiplied (96,000,000 bytes"),
    ("vgg16", "params", "552MB", "", "138 M values x 4 bytes, rounded before they are multiplied (552,000,000 bytes"),
    # 552,000,000 / 2^20 = 526.4
    (
        "vgg16",
        "params",
        "526MB",
        "",
        "138 M values x 4 bytes in powers of 1024, not 1000, rounded before they are mult",
    ),
    # keras.io/api/applications prints 98 MB for ResNet50: 25,557,032 + 2 * 26,560 values of 4 bytes are 97.7 MiB
    ("resnet50", "params", "98MB", "", "the running statistics are counted too, in powers of 1024, not 1000 (102,440,"),
]

TAKEN_FOR_OTHERS = [
    # (224 - 3)/1 + 1, ceil(55/2), (224 - 2)/1 + 1
    ("vgg16", "output", "222x222x64", "layer: conv1_1", "without padding (222x222x64)"),
    ("vgg16", "size", "222", "layer: conv1_1", "without padding (222)"),
    ("vgg16", "macs", "85,162,752", "layer: conv1_1", "without padding (85,162,752)"),  # 222*222*64 * 27
    ("alexnet-caffe", "size", "28", "layer: pool1", "with padding that keeps the size (28)"),
    ("vgg16", "size", "223", "layer: pool1", "with stride 1 (223)"),
    # (224 + 2*2 - 11)/4 + 1 = 55.25; (112 - 3)/2 + 1 = 55.5, which Caffe rounds up
    ("alexnet", "size", "56", "layer: conv1", "its size rounded the other way (56)"),
    ("googlenet-paper", "size", "55", "layer: maxpool1", "its size rounded the other way (55)"),
    ("vgg16", "weights", "4,800", "layer: conv1_1", "with a 5x5 kernel (4,800)"),  # 5*5*3*64
    ("vgg16", "rf", "196", "", "that is conv5_3's (196)"),  # DESIGN's 212 is pool5's
    # on 256x256 fc6 would read 8*8*512 values
    ("vgg16", "params", "102.8M", "layer: fc6, input: 256x256", "with the declared 224x224x3 input (102,764,544)"),
]

IN_BYTES = [
    # 25,557,032 values of 4 bytes, of 32 bits; 15,237,608 values of 4 bytes, twice
    ("resnet50", "params_bytes", "25.6MB", "", "values, not bytes (102,228,128 bytes = 97.49 MiB)"),
    ("resnet50", "params", "102M", "", "bytes, not values (102,228,128)"),
    ("vgg16", "params", "4.4GB", "", "bits, not bytes (553,430,176 bytes = 527.8 MiB)"),
    ("vgg16", "activations", "122MB", "", "twice, as with gradients or in float64 (121,900,864 bytes = 116.3 MiB)"),
]

MISCOUNTED = [
    # deeplearning.ai's slide of a LeNet-5: (5*5 + 1)*8, (5*5 + 1)*16, 400*120 + 1, 120*84 + 1, 84*10 + 1; their sum
    ("lenet5-ng", "params", "208", "layer: conv1", "with kernels of one input channel (208)"),
    ("lenet5-ng", "params", "416", "layer: conv2", "with kernels of one input channel (416)"),
    ("lenet5-ng", "params", "48,001", "layer: fc3", "with one bias a layer (48,001)"),
    ("lenet5-ng", "params", "10,081", "layer: fc4", "with one bias a layer (10,081)"),
    ("lenet5-ng", "params", "841", "layer: fc5", "with one bias a layer (841)"),
    (
        "lenet5-ng",
        "params",
        "59,547",
        "",
        "with kernels of one input channel, and one bias a fully connected layer (59",
    ),
    ("lenet5-ng", "params", "62,747", "", "with one bias a fully connected layer (62,747)"),  # 608 + 3,216 + 58,923
    # Howard et al., arXiv:1704.04861: 3*3*32*32 for a depthwise 3*3*32; 112*112*32 times 9*32
    ("mobilenet_v1", "params", "9,216", "layer: conv1_dw", "the groups are ignored (9,216)"),
    ("mobilenet_v1", "macs", "115,605,504", "layer: conv1_dw", "the groups are ignored (115,605,504)"),
    ("alexnet-caffe", "weights", "614,400", "layer: conv2", "that is alexnet-ungrouped or alexnet-tutorial (614,400)"),
    # VGG-16: 13 convolutions, 5 poolings, 3 fully connected layers; ResNet-50: 54 with its 4 projections, 50 in a row
    ("vgg16", "layers", "21", "", "poolings are counted too (21)"),
    ("resnet50", "layers", "50", "", "those on the longest path (50)"),
    ("resnet50", "depth", "54", "", "all of them (54)"),
    # 2*86,704,128 - 3,211,264: (2*3*3*3 - 1) for each of the outputs
    ("vgg16", "flops", "170.2M", "layer: conv1_1", "without an addition for each output's first product (170,196,992)"),
    # CSDN 85043685 on LeNet-5's C3: 10*10*16*(25 + 1) connections, where six maps give 10*10*16*(25*6 + 1)
    ("lenet5-modern", "connections", "41,600", "layer: C3", "with kernels of one input channel (41,600)"),
]

ALL_CASES = (*CASES, *ROUNDED, *TAKEN_FOR_OTHERS, *IN_BYTES, *MISCOUNTED)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "figure", "printed", "spec", "expected"), CASES)
def test_the_usual_explanations(model: str, figure: str, printed: str, spec: str, expected: str) -> None:
    """Each one that explains a figure comes first."""
    assert one(model, figure, printed, spec)[0].startswith(expected)


@pytest.mark.parametrize(("model", "figure", "printed", "spec", "expected"), ROUNDED)
def test_figures_rounded_otherwise(model: str, figure: str, printed: str, spec: str, expected: str) -> None:
    """What is rounded upwards, too early or to fewer digits is told before anything else."""
    assert one(model, figure, printed, spec)[0].startswith(expected)


@pytest.mark.parametrize(("model", "figure", "printed", "spec", "expected"), [*TAKEN_FOR_OTHERS, *IN_BYTES])
def test_layers_and_units_taken_for_others(model: str, figure: str, printed: str, spec: str, expected: str) -> None:
    """A layer without its padding, stride or kernel, or another one; bytes for bits and values."""
    assert one(model, figure, printed, spec)[0].startswith(expected)


@pytest.mark.parametrize(("model", "figure", "printed", "spec", "expected"), MISCOUNTED)
def test_miscounted_layers(model: str, figure: str, printed: str, spec: str, expected: str) -> None:
    """Slips that courses print."""
    assert one(model, figure, printed, spec)[0].startswith(expected)


def test_every_explanation_has_a_case() -> None:
    """What no case speaks of may not work at all."""
    unseen = {known.sentence for known in EXPLANATIONS}
    for sentence in list(unseen):
        opening, _, ending = sentence.partition("{}")
        if any(opening in said and ending in said for *_, said in ALL_CASES if sentence != "{}"):
            unseen.discard(sentence)
    assert unseen == {
        "{}",
        "with the auxiliary heads, as in training",
        "over the input's grid, not the output's",
        "the biases are left out, in powers of {}",
        "of convolutions only, in powers of {}",
        "without the classifier, in powers of {}",
    }  # these have tests of their own


@pytest.mark.slow
def test_the_pairs() -> None:
    """Two things at once: 138,344,128 * 4 bytes are 527.74 MiB, 13,547,520 * 4 are 51.68 MiB."""
    assert one("vgg16", "params", "527.74MB") == [
        "the biases are left out, in powers of 1024, not 1000 (553,376,512 bytes = 527.7 MiB)"
    ]
    assert one("vgg16", "activations", "51.68MB")[0].startswith(
        "of convolutions only, in powers of 1024, not 1000 (54,"
    )
    # 14,714,688 * 4 = 58,858,752 bytes
    said = one("vgg16", "params", "56.13MB")
    assert any("in powers of 1024, not 1000 (58,858,752 bytes = 56.13 MiB)" in hint for hint in said[:2])


@pytest.mark.slow
def test_johnson_forgot_a_convolution() -> None:
    """EECS 498: 13.6 GFLOPs and 48.6 MB each leave several layers, and both together one.

    15,470,264,320 - 1,849,688,064 = 13,620,576,256; 13,547,520 - 802,816 = 12,744,704 values = 48.62 MiB.
    """
    gflops, megabytes = "g: {figure: macs, unit: GFLOPs}", "m: {figure: memory_bytes, memory: conv-outputs, kilo: 1024}"
    assert told(f"model: vgg16\nfigures: {{{gflops}, {megabytes}}}\nclaims: {{g: 13.6, m: 48.6MB}}") == {
        0: ["one 56x56 3x3x256x256 convolution is missing (13,620,576,256)"],
        1: ["one 56x56 3x3x256x256 convolution is missing (50,978,816 bytes = 48.62 MiB)"],
    }
    assert told(f"model: vgg16\nfigures: {{{gflops}}}\nclaims: {{g: 13.6}}") == {
        0: [
            "one 56x56 3x3x256x256 convolution is missing, or another layer of 1,849,688,064 MACs: "
            "conv1_2, conv2_2, conv4_2, ... (13,620,576,256)",
        ]
    }
    (alone,) = told(f"model: vgg16\nfigures: {{{megabytes}}}\nclaims: {{m: 48.6MB}}")[0]
    said = "one 56x56 3x3x256x256 convolution is missing, or another layer of 3,211,264 bytes = 3.063 MiB: conv3_1 ("
    assert alone.startswith(said)


@pytest.mark.slow
def test_evidence_is_of_one_model_and_explained_errata_count() -> None:
    """Another model's figure says nothing; one that is documented as wrong does."""
    claims = '{printed: 48.6MiB, erratum: "a layer is missing", instead: 51.7MiB, convention: conv-outputs}'
    both = told(f"model: vgg16\nclaims: {{macs: 13.6G, memory_bytes: {claims}}}")
    assert both == {0: ["one 56x56 3x3x256x256 convolution is missing (13,620,576,256)"]}
    # the same layer of VGG-19: 14,852,096 - 802,816 values are 53.59 MiB
    claims = claims.replace("48.6MiB", "53.6MiB").replace("51.7MiB", "56.7MiB").replace("}", ", model: vgg19}")
    other = told(f"model: vgg16\nclaims: {{macs: 13.6G, memory_bytes: {claims}}}")
    assert "or another layer of 1,849,688,064 MACs: " in other[0][0]


def test_groups_and_heads(tmp_path: Path) -> None:
    """A network of its own, with groups and with an auxiliary head, whose family has no other variant.

    Params: 3*3*4*8/2 + 8 = 152, and 8*10 + 10 = 90 each for the head and the classifier, 332 in all; without groups
    144 more. MACs: 4*4*144 = 2,304, and 80 each.
    """
    (tmp_path / "net.yaml").write_text(
        textwrap.dedent("""\
        family: net
        input: 4x4x4
        training: [aux]
        outputs: [fc, aux]
        layers:
          - {conv3-8: {name: conv, padding: 1, groups: 2}}
          - {globalavgpool: {name: pool}}
          - {fc-10: {name: aux, from: pool}}
          - {fc-10: {name: fc, from: pool}}
        """)
    )
    assert told('model: net.yaml\nclaims: {params: "476"}', tmp_path) == {0: ["the groups are ignored (476)"]}
    assert told('model: net.yaml\nclaims: {macs: "4,688"}', tmp_path) == {0: ["the groups are ignored (4,688)"]}
    assert told('model: net.yaml\nclaims: {macs: "2,464"}', tmp_path) == {
        0: ["with the auxiliary heads, as in training (2,464)"]
    }
    assert told('model: net.yaml\nclaims: {params: "242"}', tmp_path) == {0: ["without the auxiliary heads (242)"]}


FASTBOOK = """\
family: fastbook
title: the network of fast.ai's book, chapter 13
input: 28x28x1
defaults: {conv: {stride: 2, padding: 1}}
layers: [conv3-4, conv3-8, conv3-16, conv3-32, conv3-2, flatten]
"""


def test_the_grid_of_the_input(tmp_path: Path) -> None:
    """fast.ai's book, chapter 13: 14*14*288 and 7*7*1,152, where the kernels stop at 7*7 and at 4*4 places."""
    (tmp_path / "net.yaml").write_text(FASTBOOK)
    claims = 'layers: {conv1_2: {macs: "56,448"}, conv1_3: {macs: "56,448"}}'
    said = "over the input's grid, not the output's (56,448)"
    assert told(f"model: net.yaml\n{claims}", tmp_path) == {0: [said], 1: [said]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "ng-lenet5",
            ["with kernels of one input channel (208)", "with kernels of one input channel (416)"]
            + [f"with one bias a layer ({number})" for number in ("48,001", "10,081", "841")],
        ),
        ("fastbook-chapter13", ["over the input's grid, not the output's (56,448)"] * 2),
        ("lenet5-c3", ["with kernels of one input channel (41,600)"]),
        ("datahacker-alexnet", ["that is conv2's (27x27x256)"]),
        ("review-table1", [None, None, None, None]),
        (
            "eecs498-comparison",
            ["one 56x56 3x3x256x256 convolution is missing"],
        ),
    ],
)
def test_errata_of_courses_are_found_by_the_check(name: str, expected: list[str | None]) -> None:
    """What a bundled table explains, the check would say by itself, had nobody explained it."""
    table = load_table(bundled()[name])
    claims = tuple(claim._replace(erratum="", instead=None, gives=()) for claim in table.claims if claim.erratum)
    found = check(table._replace(claims=claims))
    said = hints(dict(enumerate(found)), "")
    assert len(found) == len(expected)
    for place, hint in enumerate(expected):
        assert (said.get(place, [""])[0]).startswith(hint or ""), said.get(place)


def row(model: str, name: str) -> Row:
    """A layer of a bundled network."""
    return load(model).analyse().row(name)


@pytest.mark.parametrize(
    ("slip", "model", "layer"),
    [
        # A depthwise kernel has one channel anyway, a gray image too; groups and LeNet-5's wiring leave none to choose
        (one_input_channel, "mobilenet_v1", "conv1_dw"),
        (one_input_channel, "lenet5", "C1"),
        (one_input_channel, "alexnet-caffe", "conv2"),
        (one_input_channel, "lenet5", "C3"),
        (one_input_channel, "lenet5-ng", "fc3"),
        (one_input_channel, "lenet5-ng", "pool1"),
        # A map that stays, and one that grows, are counted where the kernel stops
        (input_grid, "vgg16", "conv1_1"),
        (input_grid, "lenet5-ng", "pool1"),
        (input_grid, "unet", "up1"),
        # No bias, and the shift of normalisation, which is none
        (one_bias, "resnet50", "conv1"),
        (one_bias, "resnet50", "bn1"),
        (one_bias_if_linear, "vgg16", "conv1_1"),
    ],
)
def test_slips_that_cannot_have_been_made(slip: Miscount, model: str, layer: str) -> None:
    """A layer to which a slip does not apply is counted as it is."""
    own = row(model, layer)
    assert slip(own) is own


def test_slips_say_nothing_of_other_figures() -> None:
    """A batch, a share and a peak are no sums of what layers have: 2 * 208 is of no layer; 0 is not explained."""
    for claim in ("layer: conv1, batch: 2", "layer: conv1, share: true"):
        assert not any("input channel" in said for said in one("lenet5-ng", "params", "417", claim))
    assert one("lenet5-ng", "live", "5,017") == []
    assert not any("one bias" in said for said in one("lenet5-ng", "params", "62.7K"))  # 62,747 as well as 62,720


def test_a_family_of_its_own(tmp_path: Path) -> None:
    """Models beside the table are searched for variants, too: 3*3*1*2 + 2 = 20 and 3*3*1*4 + 4 = 40 params."""
    variants = "variants: {a-one: {layers: [conv3-2]}, a-two: {layers: [conv3-4]}}"
    (tmp_path / "net.yaml").write_text(f"family: net\ninput: 4x4x1\n{variants}\n")
    assert told("model: net.yaml:a-one\nclaims: {params: 40}", tmp_path) == {0: ["that is a-two (40)"]}


def test_a_convolution_with_its_normalisation(tmp_path: Path) -> None:
    """3*3*3*16 = 432 weights, and 16 scales and 16 shifts; also where the table names the convolution in a block."""
    net = (
        "family: net\ninput: 8x8x3\nlayers: [{conv3-16: {name: conv1, bias: false}}, {batchnorm: {name: bn1}}, fc-10]\n"
    )
    (tmp_path / "net.yaml").write_text(net)
    assert told("model: net.yaml\nlayers: {conv1: {params: 464}}", tmp_path) == {0: ["with bn1's 32 (464)"]}


@pytest.mark.slow
def test_small_inputs() -> None:
    """Networks for small images on 64 or 128 pixels, large ones on those of CIFAR; the declared size.

    VGG-16's convolutions on 32x32: 15,346,630,656 / 49 = 313,196,544; its fc6 then reads 512 values: 2,097,152
    + 16,777,216 + 4,096,000.
    """
    text = "vgg16", "macs", "336,166,912"
    assert one(*text)[0] == "with a 32x32 input (336,166,912)"
    assert one("resnet20", "macs", "40.55M", "input: 64x64")[0].startswith("with the declared 32x32x3 input")


@pytest.mark.slow
def test_two_digits_are_not_explained_by_chance() -> None:
    """Of all figures of two digits, hardly one meets an explanation that could give anything."""
    claims = ", ".join(f"f{number}: {number}M" for number in range(10, 100) if number not in (13, 14, 15))
    figures = ", ".join(f"f{number}: {{figure: params}}" for number in range(10, 100) if number not in (13, 14, 15))
    found = findings(f"model: resnet50\nfigures: {{{figures}}}\nclaims: {{{claims}}}")
    told = [said for finding in found for said in hints({0: finding}, "").get(0, [])]
    assert len(told) <= 2, told


@pytest.mark.slow
def test_many_wrong_figures_cost_no_more_than_some() -> None:
    """After the first of them nobody reads on; what is certain is that the file is about something else."""
    rows = "".join(f"  - [{number}]\n" for number in range(9_000))
    head = "table: T\nsource: S\ntranscribed: by hand\nmodel: lenet5\n"
    found = findings(f"{head}columns: [params]\nrows:\n{rows}")
    assert least_seconds(lambda: hints(dict(enumerate(found)), "")) < 5
    assert max(hints(dict(enumerate(found)), ""), default=0) < MOST_FIGURES


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "figure", "printed"),
    [
        ("vgg16", "params", "98,765,432"),
        ("vgg16", "params", "200M"),
        ("resnet50", "macs", "1.2345G"),
        ("resnet50", "macs", "7.7G"),
        ("vgg16", "activations", "47.11MB"),
        ("vgg16", "params", "0"),
        ("vgg16", "output", "5x6x7"),
        ("vgg16", "rf", "777"),
        ("vgg16", "macs", "20G"),  # VGG-19's, to two digits: some variant of a family always has them
    ],
)
def test_nonsense_has_no_hint(model: str, figure: str, printed: str) -> None:
    """A number that nothing gives is not explained."""
    assert one(model, figure, printed) == []


def test_a_right_figure_has_no_hint() -> None:
    """Nor has one that only the table's own rounding makes wrong, or an erratum that is none."""
    assert told('model: vgg16\nclaims: {params: 138M, macs: 15.47G, weights: "138,344,128"}') == {}
    assert told("model: vgg16\nclaims: {macs: {printed: 15.4G, cut: false}}") == {}
    assert told("model: vgg16\nclaims: {params: {printed: 138M, erratum: none, instead: 138M}}") == {}


@pytest.mark.slow
def test_the_more_is_found_the_more_must_agree() -> None:
    """Three digits that are MACs are not a convention, a size and a digit besides; all agree to three digits."""
    assert one("vgg16", "flops", "15.5G") == ["MACs, not FLOPs (15,470,264,320)"]
    assert one("vgg16", "macs", "30.94G") == ["FLOPs, two for each MAC (30,940,528,640)"]
    for model, printed in (("resnet50", "4.13G"), ("vgg16", "15.3G"), ("resnet50", "3.86G")):
        assert len(one(model, "macs", printed)) == 1


def test_of_two_causes_the_simpler_is_told() -> None:
    """138,357,544 and 138,344,128 are both 131.9 in units of 2^20, and VGG-16 has no running statistics."""
    assert one("vgg16", "params", "131.9M") == ["in powers of 1024, not 1000 (138,357,544)"]
    assert one("vgg16", "params", "527MB") == ["in powers of 1024, not 1000 (553,430,176 bytes = 527.8 MiB)"]


@pytest.mark.slow
def test_names_are_told_together() -> None:
    """Several candidates of one explanation make one sentence, of at most three names."""
    assert one("resnet50", "macs", "4.13G") == [
        "as ptflops (4,132,436,968), thop (4,133,742,592) or thop-2019 (4,135,790,592) counts"
    ]
    assert one("vgg16", "params", "133M") == [
        "that is vgg11 (132,863,336), A-LRN (132,863,336), vgg13 (133,047,848), ..."
    ]


def test_where_all_digits_agree_nothing_else_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine digits are no chance, a rounded figure may be."""
    asked = []

    def other(_: object) -> list[Candidate]:
        asked.append(True)
        return []

    module = sys.modules[hints.__module__]
    first = next(known for known in EXPLANATIONS if known.sentence == "the biases are left out")
    monkeypatch.setattr(module, "EXPLANATIONS", (first, Explanation("another", 1, other)))
    assert one("vgg16", "params", "138,344,128") == ["the biases are left out (138,344,128)"]
    assert asked == []
    assert one("vgg16", "params", "138.34M") == ["the biases are left out (138,344,128)"]
    assert asked == [True]


def test_one_layer_is_not_twice_itself() -> None:
    """Of a single layer, 3*3*3*64 = 1,728, none is missing or doubled."""
    assert one("vgg16", "weights", "3,456", "layer: conv1_1") == []


@pytest.mark.slow
def test_a_digit_is_the_last_resort() -> None:
    """It stands last, and is not told where anything else explains the figure."""
    assert EXPLANATIONS[-1] is LAST_RESORT
    assert one("vgg16", "params", "138,344,128") == ["the biases are left out (138,344,128)"]
    assert one("vgg16", "params", "138.34M") == ["the biases are left out (138,344,128)"]
    assert one("vgg16", "macs", "18.47G") == ["one digit is wrong (15,470,264,320)"]


def test_a_budget_is_told_what_takes_most() -> None:
    """fc6: 25,088*4,096 + 4,096; alive at conv1_2: its input and its output, 2*224*224*64 values. No other hint."""
    assert one("vgg16", "params", "<= 5M") == ["most is at fc6 (102,764,544), fc7 (16,781,312), fc8 (4,097,000)"]
    (said,) = one("vgg16", "live", "<= 256 KiB")
    assert said.startswith("most is at conv1_2 (25,690,112 bytes = 24.50 MiB), ")
    assert one("vgg16", "params", "< 138,344,128")[0].startswith("most is at fc6")
    assert one("vgg16", "params", ">= 500M") == []
    (said,) = one("vgg16", "saved", "<= 1 KiB")  # 4*224*224*64 bytes, then 4*112*112*128
    assert said.startswith(
        "most is at relu1_1 (12,845,056 bytes = 12.25 MiB), relu1_2 (12,845,056 bytes = 12.25 MiB), "
    )
    assert one("vgg16", "depth", "<= 3") == []


@pytest.mark.slow
def test_unknown_figures_and_odd_claims_raise_nothing() -> None:
    """Every figure, of a model and of a layer, wrong in print, has hints or none, but is answered."""
    for model, layer in (("lenet5", ""), ("googlenet-aux", "layer: inception3a"), ("m3", ""), ("siamese-omniglot", "")):
        for figure, known in FIGURES.items():
            printed = (
                "3x4" if known.unit == "shape" else "1234" + " bytes" * (known.unit == "bytes") + "%" * known.measured
            )
            protocol = ", protocol: vgg-256" if known.measured else ""
            spec = f"{{figure: {figure}{known.counted and ', convention: netscope'}{protocol}}}"
            told(f"model: {model}\n{layer}\nfigures: {{f: {spec}}}\nclaims: {{f: {printed}}}")


@pytest.mark.slow
def test_only_what_is_wrong_costs() -> None:
    """One wrong figure takes less than the blink of an eye; the check does not import this for right ones."""
    wrong = findings('model: resnet50\nclaims: {macs: "1.2345G"}')
    assert least_seconds(lambda: hints(dict(enumerate(wrong)), "")) < 1.5
    right = "from vggcalc.claims import check, read_table; from vggcalc.errors import Source; import sys; "
    right += "check(read_table(Source('t', 'model: vgg16\\nclaims: {params: 138M}'))); "
    code = f"{right}print('vggcalc.hints.search' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
