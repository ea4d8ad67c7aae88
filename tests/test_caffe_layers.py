"""Each type of Caffe layer: what it makes of a small blob, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from vggcalc import Report, SpecError, load
from vggcalc.layers.unknown import Unknown

IMAGE = "input: 'data' input_shape { dim: [2, 4, 6, 8] }\n"
"""Two images of 4 channels, 6 high and 8 wide."""


def report(tmp_path: Path, text: str) -> Report:
    """The figures of a network with this text."""
    path = tmp_path / "net.prototxt"
    path.write_text(text, "utf-8")
    return load(str(path)).analyse()


def layer(kind: str, said: str = "", bottoms: str = "data", tops: str = "y") -> str:
    """A layer in the text format; bottoms and tops stand in one word."""
    reads = "".join(f" bottom: '{name}'" for name in bottoms.split())
    writes = "".join(f" top: '{name}'" for name in tops.split())
    return f"layer {{ name: 'l_{tops.split()[0]}' type: '{kind}'{reads}{writes} {said} }}\n"


ONE = [
    # what a type makes of 6x8x4: height, width, channels, then parameters and MACs
    ("Convolution", "convolution_param { num_output: 5 kernel_h: 3 kernel_w: 1 pad_h: 1 }", "6x8x5", 65, 6 * 8 * 60),
    ("Convolution", "convolution_param { num_output: 4 kernel_size: 3 group: 2 }", "4x6x4", 76, 24 * 72),
    ("Convolution", "convolution_param { num_output: 5 kernel_size: 3 dilation: 2 }", "2x4x5", 185, 8 * 180),
    ("ConvolutionDepthwise", "convolution_param { num_output: 4 kernel_size: 3 bias_term: false }", "4x6x4", 36, 864),
    ("Deconvolution", "convolution_param { num_output: 2 kernel_size: 4 stride: 2 pad: 1 }", "12x16x2", 130, 48 * 128),
    ("InnerProduct", "inner_product_param { num_output: 3 }", "1x1x3", 192 * 3 + 3, 576),
    ("InnerProduct", "inner_product_param { num_output: 3 axis: 3 }", "4x6x3", 27, 24 * 24),  # 8 values a row
    ("Local", "local_param { num_output: 2 kernel_size: 3 }", "4x6x2", 24 * 74, 24 * 72),
    ("Pooling", "pooling_param { kernel_size: 3 stride: 2 }", "3x4x4", 0, 0),  # ceil(3/2) + 1, ceil(5/2) + 1
    ("Pooling", "pooling_param { pool: AVE global_pooling: true }", "1x1x4", 0, 0),
    ("Pooling", "pooling_param { kernel_size: 1 stride: 3 }", "3x4x4", 0, 0),  # nothing is clipped without padding
    ("BatchNorm", "", "6x8x4", 0, 0),
    ("BN", "", "6x8x4", 8, 0),
    ("Scale", "scale_param { bias_term: true }", "6x8x4", 8, 0),
    ("Scale", "scale_param { axis: 1 num_axes: -1 }", "6x8x4", 192, 0),
    ("Scale", "scale_param { num_axes: 0 }", "6x8x4", 1, 0),
    ("Scale", "scale_param { axis: 2 num_axes: 2 }", "6x8x4", 48, 0),
    ("Bias", "", "6x8x4", 4, 0),
    ("PReLU", "", "6x8x4", 4, 0),
    ("PReLU", "prelu_param { channel_shared: true }", "6x8x4", 1, 0),
    ("Normalize", "norm_param { across_spatial: false channel_shared: false }", "6x8x4", 4, 0),
    ("Normalize", "norm_param { across_spatial: false }", "6x8x4", 1, 0),
    ("Normalize", "", "6x8x4", 0, 0),
    ("MVN", "", "6x8x4", 0, 0),
    ("LRN", "", "6x8x4", 0, 0),
    ("Flatten", "", "1x1x192", 0, 0),
    ("Flatten", "flatten_param { axis: 2 }", "48x4", 0, 0),
    ("Reshape", "reshape_param { shape { dim: 0 dim: -1 } }", "1x1x192", 0, 0),
    ("Reshape", "reshape_param { shape { dim: 0 dim: 2 dim: -1 dim: 0 } }", "12x8x2", 0, 0),
    ("Reshape", "reshape_param { shape { dim: 2 dim: 6 dim: 2 } axis: 1 num_axes: 2 }", "6x2x8x2", 0, 0),
    ("Reshape", "reshape_param { shape { dim: 2 dim: 12 } axis: 1 num_axes: 2 }", "12x8x2", 0, 0),
    ("Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }", "6x8x4", 0, 0),  # the channels stand last
    ("Permute", "permute_param { order: [0, 1, 3] }", "8x6x4", 0, 0),
    ("Softmax", "softmax_param { axis: 2 }", "6x8x4", 0, 0),
    ("Tile", "tile_param { axis: 1 tiles: 3 }", "6x8x12", 0, 0),
    ("Tile", "tile_param { axis: 3 tiles: 2 }", "6x16x4", 0, 0),
    ("Reduction", "reduction_param { axis: 1 }", "1x1x1", 0, 0),
    ("Reduction", "reduction_param { operation: MEAN axis: 2 }", "1x1x4", 0, 0),
    ("ArgMax", "argmax_param { axis: 1 }", "6x8x1", 0, 0),
    ("SPP", "spp_param { pyramid_height: 2 pool: MAX }", "1x1x20", 0, 0),  # (1 + 4) bins of 4 channels
    ("Interp", "interp_param { height: 33 width: 65 }", "33x65x4", 0, 0),
    ("Interp", "interp_param { zoom_factor: 8 }", "41x57x4", 0, 0),  # n + (n - 1)*7
    ("Interp", "interp_param { shrink_factor: 2 pad_end: -1 }", "3x4x4", 0, 0),  # (n - 1 - 1)/2 + 1
    ("Upsample", "upsample_param { scale: 2 }", "12x16x4", 0, 0),
    ("Upsample", "upsample_param { upsample_w: 17 upsample_h: 13 }", "13x17x4", 0, 0),
    ("Reorg", "reorg_param { stride: 2 }", "3x4x16", 0, 0),
    ("PixelShuffle", "pixel_shuffle_param { upscale_factor: 2 }", "12x16x1", 0, 0),
    ("ShuffleChannel", "shuffle_channel_param { group: 2 }", "6x8x4", 0, 0),
    ("CReLU", "", "6x8x8", 0, 0),
    ("Power", "power_param { scale: 0.1 shift: -1 power: 2 }", "6x8x4", 0, 0),
    ("Exp", "", "6x8x4", 0, 0),
    ("Log", "log_param { scale: 2 }", "6x8x4", 0, 0),
    ("BNLL", "", "6x8x4", 0, 0),
    ("ELU", "elu_param { alpha: 0.5 }", "6x8x4", 0, 0),
    ("PriorBox", "prior_box_param { min_size: 3 max_size: 6 aspect_ratio: 2 aspect_ratio: 3 }", "1152x2", 0, 0),
    ("ROIPooling", "roi_pooling_param { pooled_h: 3 pooled_w: 2 }", "3x2x4", 0, 0),
    ("PSROIPooling", "psroi_pooling_param { output_dim: 1 group_size: 2 }", "2x2x1", 0, 0),
]


@pytest.mark.parametrize(("kind", "said", "shape", "params", "macs"), ONE)
def test_a_layer(tmp_path: Path, kind: str, said: str, shape: str, params: int, macs: int) -> None:
    """Its map, what it holds, and what it multiplies."""
    found = report(tmp_path, IMAGE + layer(kind, said))
    assert (str(found.row("l_y").output), found.totals.params, found.totals.macs) == (shape, params, macs)
    assert "unknown" not in [row.kind for row in found.rows]


TWO = [
    ("Eltwise", "", "6x8x4", "add"),
    ("Eltwise", "eltwise_param { operation: SUM coeff: 1 coeff: -1 }", "6x8x4", "subtract"),
    ("Eltwise", "eltwise_param { operation: SUM coeff: [0.5, 1] }", "6x8x4", "add"),
    ("Eltwise", "eltwise_param { operation: MAX }", "6x8x4", "maximum"),
    ("Eltwise", "eltwise_param { operation: PROD }", "6x8x4", "multiply"),
    ("Scale", "scale_param { axis: 0 }", "6x8x4", "multiply"),
    ("Concat", "", "6x8x8", "concat"),
    ("Concat", "concat_param { axis: 3 }", "6x16x4", "concat"),
    ("Concat", "concat_param { concat_dim: 1 }", "6x8x8", "concat"),
    ("Concat", "concat_param { axis: -2 }", "12x8x4", "concat"),
    ("Concat", "concat_param { axis: 0 }", "6x8x4", "unknown"),  # an image is one, and then half of it
    ("Crop", "crop_param { axis: 2 offset: 0 }", "6x8x4", "crop"),
]


@pytest.mark.parametrize(("kind", "said", "shape", "made"), TWO)
def test_a_layer_that_reads_two(tmp_path: Path, kind: str, said: str, shape: str, made: str) -> None:
    """Its map, and the kind that it is."""
    row = report(tmp_path, IMAGE + layer("ReLU", tops="b") + layer(kind, said, "data b")).row("l_y")
    assert (str(row.output), row.kind) == (shape, made)


def test_slices_along_any_axis(tmp_path: Path) -> None:
    """At points, or in equal parts; each part has a name."""
    found = report(tmp_path, IMAGE + layer("Slice", "slice_param { axis: 2 slice_point: 1 }", tops="a b"))
    assert [str(row.output) for row in found.rows[1:]] == ["1x8x4", "5x8x4"]
    found = report(tmp_path, IMAGE + layer("Slice", "slice_param { slice_dim: 1 }", tops="a b"))
    assert [(row.name, str(row.output)) for row in found.rows[1:]] == [("l_a.0", "6x8x2"), ("l_a.1", "6x8x2")]


def test_heads_of_ssd(tmp_path: Path) -> None:
    """Channels last, flattened, joined, told apart as boxes and classes: 6*8*3 boxes of 7 classes."""
    text = IMAGE + layer("Convolution", "convolution_param { num_output: 21 kernel_size: 1 }", tops="c")
    text += layer("Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }", "c", "p")
    text += layer("Flatten", "flatten_param { axis: 1 }", "p", "f") + layer("Concat", "", "f f", "k")
    text += layer("Reshape", "reshape_param { shape { dim: 0 dim: -1 dim: 7 } }", "k", "r")
    text += layer("Softmax", "softmax_param { axis: 2 }", "r", "s")
    found = report(tmp_path, text)
    assert [str(found.row(f"l_{name}").output) for name in "pfkrs"] == [
        *("6x8x21", "1x1x1008", "1x1x2016", "288x7", "288x7"),
    ]


def test_a_convolution_on_what_was_turned_round(tmp_path: Path) -> None:
    """Its channels are the blob's axis 1, which is the height here: 6 of them, on 8x4."""
    text = IMAGE + layer("Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }", tops="p")
    text += layer("Convolution", "convolution_param { num_output: 2 kernel_size: 1 }", "p")
    row = report(tmp_path, text).row("l_y")
    assert (row.output.hwc, row.params) == ((8, 4, 2), 14)


def test_a_net_of_one_dimension(tmp_path: Path) -> None:
    """netscope's 1D_lstm by hand: 4*15*(1 + 15) weights and 4*15 biases, then (15 + 1)."""
    text = "input: 'data' input_dim: 1 input_dim: 1 input_dim: 1 input: 'clip' input_shape { dim: 1 dim: 1 }"
    text += layer("LSTM", "recurrent_param { num_output: 15 }", "data clip", "h")
    text += layer("InnerProduct", "inner_product_param { num_output: 1 }", "h")
    totals = report(tmp_path, text).totals
    assert (totals.params, totals.macs) == (4 * 15 * 16 + 60 + 16, 4 * 15 * 16 + 15)


def test_a_language_model(tmp_path: Path) -> None:
    """Twenty steps of words in a hundred streams: each step looks up, and multiplies, for one of them."""
    text = "input: 'words' input_shape { dim: [20, 100] } input: 'cont' input_shape { dim: [20, 100] }"
    text += layer("Embed", "embed_param { input_dim: 50 num_output: 8 bias_term: false }", "words", "e")
    text += layer("LSTM", "recurrent_param { num_output: 6 }", "e cont", "h")
    text += layer("InnerProduct", "inner_product_param { num_output: 50 axis: 2 }", "h")
    found = report(tmp_path, text)
    assert [str(found.row(f"l_{name}").output) for name in "ehy"] == ["20x8", "20x6", "20x50"]
    assert found.totals.params == 50 * 8 + 4 * 6 * (8 + 6) + 4 * 6 + 6 * 50 + 50
    assert found.totals.macs == 20 * (4 * 6 * 14 + 300)


def test_a_sequence_from_a_file_of_data(tmp_path: Path) -> None:
    """Its size is asked, as steps x channels; where its sequences begin is no part of the figures."""
    text = "layer { type: 'HDF5Data' top: 'data' top: 'begins' top: 'label' }"
    text += layer("LSTM", "recurrent_param { num_output: 6 }", "data begins")
    path = tmp_path / "net.prototxt"
    path.write_text(text, "utf-8")
    found = load(f"{path},input=20x8").analyse()
    assert (str(found.row("l_y").output), found.totals.macs) == ("20x6", 20 * 4 * 6 * 14)


def test_an_input_beside_the_sequence_is_unknown_work(tmp_path: Path) -> None:
    """LRCN's features of the image: their weights are known, 4*6*3 of them, and no kind here multiplies them."""
    text = "input: 'x' input_shape { dim: [5, 2, 8] } input: 'cont' input_shape { dim: [5, 2] }"
    text += "input: 'image' input_shape { dim: [2, 3] }" + layer(
        "LSTM", "recurrent_param { num_output: 6 }", "x cont image"
    )
    found = report(tmp_path, text)
    assert (found.row("l_y").kind, found.totals.params) == ("unknown", 4 * 6 * (8 + 6 + 3 + 1))


def test_an_rnn_has_an_output_layer(tmp_path: Path) -> None:
    """rnn_layer.cpp: h = tanh(W_xh x + W_hh h + b_h), o = tanh(W_ho h + b_o)."""
    text = "input: 'x' input_shape { dim: [5, 1, 3] } input: 'cont' input_shape { dim: [5, 1] }"
    text += layer("RNN", "recurrent_param { num_output: 4 }", "x cont")
    totals = report(tmp_path, text).totals
    assert (totals.params, totals.macs) == (4 * 3 + 4 * 4 + 4 + 4 * 4 + 4, 5 * (12 + 16 + 16))


def test_images_become_steps_of_a_sequence(tmp_path: Path) -> None:
    """LRCN's: sixteen frames of two clips are 32 images, and the recurrent layer is counted for one of them."""
    text = "input: 'data' input_shape { dim: [32, 3, 4, 4] } input: 'cont' input_shape { dim: [16, 2] }"
    text += layer("InnerProduct", "inner_product_param { num_output: 5 }", tops="f")
    text += layer("Reshape", "reshape_param { shape { dim: 16 dim: 2 dim: 5 } }", "f", "r")
    text += layer("LSTM", "recurrent_param { num_output: 6 }", "r cont", "h")
    text += layer("InnerProduct", "inner_product_param { num_output: 7 axis: 2 }", "h")
    found = report(tmp_path, text)
    assert found.totals.macs == 48 * 5 + 4 * 6 * 11 + 6 * 7
    assert "one step" in found.network.notes[0]


def test_regions_are_counted_once(tmp_path: Path) -> None:
    """Faster R-CNN: proposals in Python, whose number nobody knows, and a classifier of one region."""
    text = IMAGE + "input: 'im_info' input_shape { dim: [1, 3] }\n"
    text += layer("Python", "python_param { module: 'rpn' layer: 'ProposalLayer' }", "data im_info", "rois")
    text += layer("ROIPooling", "roi_pooling_param { pooled_w: 2 pooled_h: 2 }", "data rois", "pool")
    text += layer("InnerProduct", "inner_product_param { num_output: 3 }", "pool")
    found = report(tmp_path, text)
    assert (found.totals.params, found.totals.macs) == (51, 48)
    assert "one region" in found.network.notes[0]


def test_pooling_that_rounds_up_is_said(tmp_path: Path) -> None:
    """In one note, with what other frameworks make of it."""
    text = IMAGE + layer("Pooling", "pooling_param { kernel_size: 3 stride: 2 }", tops="p")
    text += layer("Pooling", "pooling_param { kernel_size: 2 stride: 2 }", "p")
    (note,) = report(tmp_path, text).network.notes
    assert note == "pooling rounds up: l_p makes 3x4x4, and 2x3x4 where it rounds down, and 1 more"
    text = IMAGE + layer("Pooling", "pooling_param { kernel_size: 2 stride: 2 }")
    assert report(tmp_path, text).network.notes == ()


def test_what_nobody_entered_is_unknown(tmp_path: Path) -> None:
    """And so is what reads it, but regions and detections."""
    text = IMAGE + layer("Wavelet", tops="w")
    text += layer("Convolution", "convolution_param { num_output: 2 kernel_size: 1 }", "w")
    text += layer("DetectionOutput", "detection_output_param { keep_top_k: 9 }", "y", "d")
    found = report(tmp_path, text)
    assert [row.kind for row in found.rows[1:]] == ["unknown", "unknown", "boxes"]
    assert str(found.row("l_d").output) == "9x7"


FORKS = [
    # of 6x8x4 and another as large: the map and what is held; the work is not counted
    ("FlowWarp", "", "6x8x4", 0),
    ("DenseCRF", "dense_crf_param { max_iter: 10 }", "6x8x4", 0),
    ("DenseCRF", "densecrf_param { max_iter: 10 }", "unknown", 0),  # another one's, which writes one channel
    ("MultiStageMeanfield", "", "6x8x4", 3 * 4 * 4),
    ("Correlation", "correlation_param { pad: 2 max_displacement: 2 kernel_size: 1 }", "6x8x25", 0),  # 5x5 places
    ("Correlation", "correlation_param { pad: 4 max_displacement: 3 kernel_size: 3 stride_2: 2 }", "6x8x9", 0),
    ("Correlation", "correlation_param { pad: 0 max_displacement: 2 kernel_size: 1 stride_1: 3 }", "1x2x25", 0),
    ("Correlation", "correlation_param { type: 1 }", "unknown", 0),
    ("SpatialTransformer", "st_param { to_compute_dU: true }", "6x8x4", 0),
    ("SpatialTransformer", "affine_param { top_height: 2 }", "unknown", 0),
    ("SpatialTransformer", "st_param { output_H: 3 output_W: 5 }", "3x5x4", 0),
    ("Downsample", "downsample_param { top_height: 2 top_width: 4 }", "6x8x4", 0),  # as large as another bottom
    ("Pooling", "pooling_param { pool: MIN kernel_size: 3 stride: 2 }", "3x4x4", 0),
    ("Pooling", "pooling_param { pool: STOCHASTIC global_pooling: true }", "1x1x4", 0),
    ("Im2col", "convolution_param { kernel_size: 3 }", "4x6x36", 0),
]


@pytest.mark.parametrize(("kind", "said", "shape", "held"), FORKS)
def test_work_that_is_not_counted_on_a_map_that_is_known(
    tmp_path: Path, kind: str, said: str, shape: str, held: int
) -> None:
    """What stands behind it is counted; totals of work stay unknown."""
    found = report(tmp_path, IMAGE + layer("ReLU", tops="b") + layer(kind, said, "data b"))
    row = found.row("l_y")
    assert (str(row.output), row.kind, row.params) == (shape, "unknown", held)
    assert (found.totals.params, found.totals.macs) == (held, None)


@pytest.mark.parametrize(
    ("kind", "said", "shape"),
    [
        ("Downsample", "downsample_param { top_height: 2 top_width: 4 }", "2x4x4"),
        ("Downsample", "downsample_param { top_height: 2 }", "unknown"),
        ("ImResize", "imresize_param { factor: 8 }", "48x64x4"),
        ("ImResize", "imresize_param { target_spatial_width: 9 target_spatial_height: 7 }", "7x9x4"),
    ],
)
def test_maps_that_forks_resize(tmp_path: Path, kind: str, said: str, shape: str) -> None:
    """To a size, or by a factor."""
    assert str(report(tmp_path, IMAGE + layer(kind, said)).row("l_y").output) == shape


def test_a_mean_field_of_four_bottoms_holds_more(tmp_path: Path) -> None:
    """caffe-tvg's holds potentials of higher order, of which its file does not say how many."""
    read = IMAGE + layer("ReLU", tops="b") + layer("MultiStageMeanfield", "", "data b data b")
    assert report(tmp_path, read).row("l_y").params is None


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("correlation_param { max_displacement: 1 kernel_size: 1 stride_1: 0 }", "a stride is below 1"),
        ("correlation_param { max_displacement: 3 kernel_size: 1 }", "its map is too small"),
    ],
)
def test_a_correlation_that_is_none(tmp_path: Path, said: str, wrong: str) -> None:
    """Nothing is left of 6 rows where each needs 3 more on both sides."""
    with pytest.raises(SpecError, match=rf"net\.prototxt:2:\d+: .*{wrong}"):
        report(tmp_path, IMAGE + layer("Correlation", said))


def test_a_classifier_with_a_margin_has_no_bias(tmp_path: Path) -> None:
    """192 values to 5 classes; how strong the margin is, is nothing of the network."""
    text = "layer { name: 'd' type: 'Data' top: 'data' top: 'label' }" + IMAGE
    text += layer("MarginInnerProduct", "margin_inner_product_param { num_output: 5 }", "data label", "y lambda")
    found = report(tmp_path, text)
    assert (found.totals.params, found.totals.macs) == (192 * 5, 192 * 5)


def test_an_unknown_layer_in_python_is_named_by_its_class(tmp_path: Path) -> None:
    """As what it does is in the class, and not in `Python`."""
    said = "python_param { module: 'nets.parts' layer: 'Clusters' }"
    found = report(tmp_path, IMAGE + layer("Python", said))
    assert [node.layer.op for node in found.network.nodes if isinstance(node.layer, Unknown)] == ["Clusters"]


def test_a_reshape_into_more_axes_than_maps_have_is_unknown(tmp_path: Path) -> None:
    """Be they ten axes or twenty."""
    for ones, kind in ((2, "reshape"), (9, "unknown"), (19, "unknown")):
        said = "reshape_param { shape { dim: 2 " + "dim: 1 " * ones + "dim: 192 } }"
        assert report(tmp_path, IMAGE + layer("Reshape", said)).rows[-1].kind == kind
