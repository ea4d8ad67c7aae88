"""Darknet's networks: the grammar, the sections, and what goes wrong in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from vggcalc import Report, SpecError, load

NET = "[net]\nbatch=1\nheight=6\nwidth=8\nchannels=4\n"
"""An image of 4 channels, 6 high and 8 wide."""


def report(tmp_path: Path, text: str, settings: str = "") -> Report:
    """The figures of a network with this text."""
    path = tmp_path / "net.cfg"
    path.write_text(text, "utf-8")
    return load(f"{path}{settings}").analyse()


CONV = "[convolutional]\nsize=3\nstride=1\npad=1\nfilters=5\nbatch_normalize=1\nactivation=leaky\n"

ONE = [
    # a section on 6x8x4: its last layer, the map, parameters, buffers and MACs
    (CONV, "conv0.leaky", "6x8x5", 180 + 10, 48 * 180),
    ("[convolutional]\nsize=3\nfilters=4\ngroups=2\nactivation=linear\n", "conv0", "4x6x4", 72 + 4, 24 * 72),
    ("[convolutional]\nsize=2\npad=1\nfilters=1\nactivation=linear\n", "conv0", "7x9x1", 17, 63 * 16),
    ("[conv]\nsize=3\npadding=2\nstride_x=2\nstride_y=1\nactivation=relu\n", "conv0.relu", "8x5x1", 37, 40 * 36),
    ("[convolutional]\nsize=3\npad=1\ndilation=2\nactivation=mish\n", "conv0.mish", "6x8x1", 37, 48 * 36),
    ("[convolutional]\n", "conv0.logistic", "6x8x1", 5, 48 * 4),
    ("[deconvolutional]\nsize=4\nstride=2\npadding=1\nfilters=2\n", "deconv0.logistic", "12x16x2", 130, 48 * 128),
    ("[local]\nsize=3\npad=1\nfilters=2\nactivation=leaky\n", "local0.leaky", "6x8x2", 48 * 74, 48 * 72),
    ("[connected]\noutput=3\nactivation=linear\n", "connected0", "1x1x3", 192 * 3 + 3, 576),
    ("[connected]\noutput=3\nbatch_normalize=1\nactivation=linear\n", "connected0.bn", "1x1x3", 576 + 6, 576),
    ("[maxpool]\nsize=2\nstride=2\n", "maxpool0", "3x4x4", 0, 0),  # (6 + 1 - 2)/2 + 1
    ("[maxpool]\nsize=2\nstride=1\n", "maxpool0", "6x8x4", 0, 0),
    ("[maxpool]\nsize=3\nstride=2\n", "maxpool0", "3x4x4", 0, 0),  # (6 + 2 - 3)/2 + 1
    ("[maxpool]\nsize=3\nstride=2\npadding=0\n", "maxpool0", "2x3x4", 0, 0),
    ("[maxpool]\nmaxpool_depth=1\nout_channels=2\n", "maxpool0", "6x8x2", 0, 0),
    ("[local_avgpool]\nsize=2\nstride=2\n", "local_avgpool0", "3x4x4", 0, 0),
    ("[avgpool]\n", "avgpool0", "1x1x4", 0, 0),
    ("[softmax]\ngroups=2\n", "softmax0", "1x1x192", 0, 0),
    ("[dropout]\nprobability=.5\n", "dropout0", "6x8x4", 0, 0),
    ("[batchnorm]\n", "batchnorm0", "6x8x4", 8, 0),
    ("[crop]\ncrop_height=4\ncrop_width=5\n", "crop0", "4x5x4", 0, 0),
    ("[reorg]\nstride=2\n", "reorg0", "3x4x16", 0, 0),
    ("[reorg]\nstride=2\nreverse=1\n", "reorg0", "12x16x1", 0, 0),
    ("[upsample]\nstride=2\n", "upsample0", "12x16x4", 0, 0),
    ("[upsample]\nstride=-2\n", "upsample0", "3x4x4", 0, 0),
    ("[activation]\nactivation=elu\n", "activation0.elu", "6x8x4", 0, 0),
    ("[crnn]\nhidden_filters=2\noutput_filters=3\nactivation=leaky\n", "crnn0.output.leaky", "6x8x3", 169, 48 * 162),
    ("[yolo]\nclasses=80\n", "yolo0", "6x8x4", 0, 0),
]


@pytest.mark.parametrize(("text", "name", "shape", "params", "macs"), ONE)
def test_a_section(tmp_path: Path, text: str, name: str, shape: str, params: int, macs: int) -> None:
    """Its map, what it holds, and what it multiplies."""
    found = report(tmp_path, NET + text)
    row = found.rows[-1]
    assert (row.name, str(row.output), found.totals.params, found.totals.macs) == (name, shape, params, macs)
    assert "unknown" not in [each.kind for each in found.rows]


def test_batch_normalisation_keeps_a_mean_and_a_variance(tmp_path: Path) -> None:
    """Of each of 5 filters; what it adds and scales by are parameters."""
    assert report(tmp_path, NET + CONV).totals.buffers == 10


def test_routes(tmp_path: Path) -> None:
    """From the start or from here; several stand one after the other, and groups take a part of each."""
    text = NET + CONV + CONV.replace("filters=5", "filters=6")
    for said, shape in (
        ("layers=-1,-2", "6x8x11"),
        ("layers = 0", "6x8x5"),
        ("layers=1\ngroups=2\ngroup_id=1", "6x8x3"),
        ("layers=1,1\ngroups=3\ngroup_id=2", "6x8x4"),
    ):
        row = report(tmp_path, f"{text}[route]\n{said}\n").row("route2")
        assert str(row.output) == shape


def test_shortcuts_of_other_sizes(tmp_path: Path) -> None:
    """A sum is as large as the layer above it: of what is larger every second pixel, and as many channels as fit."""
    text = NET + CONV + "[convolutional]\nsize=3\nstride=2\npad=1\nfilters=7\nactivation=linear\n"
    found = report(tmp_path, f"{text}[shortcut]\nfrom=-2\nactivation=linear\n")
    assert (str(found.row("shortcut2").output), found.totals.params) == ("3x4x7", 190 + 45 * 7 + 7)
    text = NET + CONV + CONV.replace("filters=5", "filters=3")
    assert str(report(tmp_path, f"{text}[shortcut]\nfrom=0\n").row("shortcut2").output) == "6x8x3"


def test_shortcuts_with_weights(tmp_path: Path) -> None:
    """AlexeyAB's: a factor for each of two inputs, or for each of their 5 channels."""
    for word, more in (("per_feature", 2), ("per_channel", 10)):
        text = f"{NET}{CONV}{CONV}[shortcut]\nfrom=-2\nweights_type={word}\n"
        assert report(tmp_path, text).totals.params == 190 + 9 * 25 + 10 + more


def test_squeeze_and_excitation(tmp_path: Path) -> None:
    """What is named is as large as the result; the layer above scales its channels."""
    text = f"{NET}{CONV}[avgpool]\n[scale_channels]\nfrom=0\n"
    assert str(report(tmp_path, text).row("scale_channels2").output) == "6x8x5"
    text = f"{NET}{CONV}{CONV}[sam]\nfrom=-2\n"
    assert str(report(tmp_path, text).row("sam2").output) == "6x8x5"


def test_shared_weights(tmp_path: Path) -> None:
    """AlexeyAB's `share_index`: they are counted once, their work twice."""
    text = NET + CONV.replace("filters=5", "filters=4") + CONV.replace("filters=5", "filters=4\nshare_index=0")
    totals = report(tmp_path, text).totals
    assert (totals.params, totals.macs) == (144 + 8, 2 * 48 * 144)


@pytest.mark.parametrize(
    ("text", "params", "macs"),
    [
        # three connected layers: input to hidden, hidden to hidden, hidden to output, each with biases
        ("[rnn]\nhidden=5\noutput=6\n", 7 * 5 + 5 + 25 + 5 + 30 + 6, 35 + 25 + 30),
        ("[rnn]\nbatch_normalize=1\noutput=6\n", 42 + 36 + 36 + 3 * 12, 42 + 36 + 36),
        ("[lstm]\noutput=6\n", 4 * 6 * 13 + 8 * 6, 4 * 6 * 13),
        ("[lstm]\nbatch_normalize=1\noutput=6\n", 4 * 6 * 13 + 8 * 12, 4 * 6 * 13),
        ("[gru]\noutput=6\n", 3 * 6 * 13 + 6 * 6, 3 * 6 * 13),
        ("[gru]\noutput=6\nbatch_normalize=1\n", 3 * 6 * 13 + 6 * 12, 3 * 6 * 13),
    ],
)
def test_layers_with_a_state(tmp_path: Path, text: str, params: int, macs: int) -> None:
    """For one step of a vector of seven numbers."""
    found = report(tmp_path, f"[net]\ninputs=7\ntime_steps=9\n{text}")
    assert (found.totals.params, found.totals.macs) == (params, macs)
    assert found.network.notes == ("it is counted for one step of a sequence",)


def test_trained_vectors_of_yolor(tmp_path: Path) -> None:
    """They are counted where they are used, and once."""
    text = f"{NET}[implicit_add]\nfilters=4\n[implicit_mul]\nfilters=4\n"
    text += "[shift_channels]\nfrom=0\n[control_channels]\nfrom=1\n[shift_channels]\nfrom=0\n"
    assert report(tmp_path, text).totals.params == 8


def test_the_text(tmp_path: Path) -> None:
    """Blanks anywhere, comments of both kinds, the first of two equal options, capitals, any end of lines."""
    text = "# by\r\n; hand\r\n\r\n [network]\r\n width = 8 # wide\r\nheight=6\r\nchannels = 4\r\nchannels = 9\r\n"
    text += "[Convolutional]\r\nfilters= 5 ; five\r\nsize =3\r\npad=1\r\nactivation = linear"
    assert report(tmp_path, text).totals.params == 185


def test_another_size_is_asked(tmp_path: Path) -> None:
    """As for a spec; and where the file says none, it has to be."""
    assert report(tmp_path, NET + CONV, ",input=12x10").totals.macs == 120 * 180
    assert report(tmp_path, f"[net]\nbatch=1\n{CONV}", ",input=12x10x4").totals.macs == 120 * 180
    with pytest.raises(SpecError, match=r"net.cfg:1:1: the file does not say how large its input is"):
        report(tmp_path, f"[net]\nbatch=1\n{CONV}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{NET}[convolutional]\nsize=x\n", "7:6: 'x' is no whole number; put the number in"),
        (f"{NET}[convolutional]\nsize=9999999999\n", "7:6: '9999999999' is no whole number; numbers have at most 9"),
        (f"{NET}[convolutional]\nfilters=0\n", "6:1: conv0: conv.out_channels is 0; it must be a whole number of at"),
        (f"{NET}[convolutional]\nsize=9\n", "6:1: conv0: a 9x9 kernel does not fit a 6x8 input"),
        (f"{NET}[route]\nlayers=-1\n", "7:8: route0 reads layer -1, which does not stand above it"),
        (f"{NET}{CONV}[route]\nlayers=5\n", "14:8: route1 reads layer 5, which does not stand above it"),
        (f"{NET}[route]\n", "6:1: route0 has no 'layers'; as in layers=-1"),
        (f"{NET}{CONV}[route]\nlayers=\n", "14:8: 'layers' of route1 leaves a layer out"),
        (f"{NET}{CONV}[route]\nlayers=0,,0\n", "14:8: 'layers' of route1 leaves a layer out"),
        (f"{NET}{CONV}[shortcut]\nfrom=\n", "14:6: 'from' of shortcut1 leaves a layer out"),
        (f"{NET}{CONV}[sam]\nfrom=\n", "14:6: 'from' of sam1 leaves a layer out; it names layers, with a comma"),
        (f"{NET}{CONV}{CONV}share_index=\n", "20:13: 'share_index' of conv1 leaves a layer out"),
        (f"{NET}{CONV}[route]\nlayers=0\ngroups=2\ngroup_id=2\n", "13:1: route1: it has no group 2; there are 0 to 1"),
        (f"{NET}[reorg]\nstride=4\n", "6:1: reorg0: blocks of 4 do not divide a map of 6x8x4"),
        (f"{NET}[convolutional\nsize=3\n", "6:1: this line is neither a section nor an option"),
        (f"{NET}[convolutional]\nsize 3\n", "7:1: this line is neither a section nor an option"),
        (NET, "net has no layers"),
    ],
)
def test_faults_have_their_place(tmp_path: Path, text: str, said: str) -> None:
    """Line and column in the file, and what is wrong."""
    with pytest.raises(SpecError) as caught:
        report(tmp_path, text)
    assert said in str(caught.value)


def test_what_nobody_entered_is_unknown(tmp_path: Path) -> None:
    """A section, and an activation."""
    kinds = [row.kind for row in report(tmp_path, f"{NET}[wavelet]\n[convolutional]\n").rows]
    assert kinds == ["input", "unknown", "unknown", "unknown"]
    text = f"{NET}[convolutional]\nactivation=stair\n"
    assert [row.kind for row in report(tmp_path, text).rows] == ["input", "conv", "unknown"]


def test_bounds(tmp_path: Path) -> None:
    """What is far beyond any network is told so."""
    with pytest.raises(SpecError, match="more than 20,000 layers"):
        report(tmp_path, NET + "[dropout]\n" * 20_001)
    with pytest.raises(SpecError, match="more than 500,000 lines"):
        report(tmp_path, NET + "\n" * 500_000)


def test_published_figures(tmp_path: Path) -> None:
    """Darknet prints 0.299 BFLOPs for YOLOv3's first convolution at 416: 2 * 3*3*3*32 * 416*416."""
    text = "[net]\nwidth=416\nheight=416\nchannels=3\n" + CONV.replace("filters=5", "filters=32")
    assert report(tmp_path, text).totals.flops == 299_040_768
