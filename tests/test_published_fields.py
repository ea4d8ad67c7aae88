"""Receptive fields against what google-research/receptive_field prints, row by row: size, stride and padding."""

import csv
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from vggcalc import Report, load
from vggcalc.spec.catalogue import names

PUBLISHED = Path(__file__).parent / "published"


class Spec(NamedTuple):
    """The bundled model that is a published network, and the layer that its last end point is."""

    model: str
    last: str
    variables: dict[str, int | str] = {}


SPECS = {
    "alexnet_v2": Spec("alexnet-v2-slim", "pool5"),
    "vgg_a": Spec("A", "pool5"),
    "vgg_16": Spec("D", "pool5"),
    "inception_v3": Spec("inception_v3-no-aux", "Mixed_7c.concat.3"),
    "inception_v4": Spec("inception_v4", "features.21.concat.3"),
    "inception_resnet_v2": Spec("inception_resnet_v2", "conv2d_7b.conv"),
    "mobilenet_v1": Spec("mobilenet_v1-tensorflow", "conv13_pw"),
    "mobilenet_v1_075": Spec("mobilenet_v1-tensorflow", "conv13_pw", {"width": 75}),
    "resnet_v1_50": Spec("resnet50-slim", "block4.unit_3.add"),
    "resnet_v1_101": Spec("resnet101-slim", "block4.unit_3.add"),
    "resnet_v1_152": Spec("resnet152-slim", "block4.unit_3.add"),
    "resnet_v1_200": Spec("resnet200-slim", "block4.unit_3.add"),
}

NO_SUCH_SPEC = {"inception_v2": "inceptionv2|bninception|googlenetbn"}
"""Published networks that no bundled spec is, and what the name of one would look like, in letters and digits alone."""

OTHER_NETWORKS: dict[str, str] = {}
"""Bundled models that look like one of those by their name, each with the reason why it is another network."""

BLOCKS = {
    # RECEPTIVE_FIELD_TABLE.md, resnet_v1_50 at the ends of its blocks: size, stride, padding at 224 and at 321
    "block1.unit_3.add": (35, 8, 15, 17),
    "block2.unit_4.add": (99, 16, 47, 49),
    "block3.unit_6.add": (291, 32, 143, 145),
    "block4.unit_3.add": (483, 32, 239, 241),
}

STRIDE_PLACES = {
    # the last addition, and its size with a stage's stride in the first 1x1, in the last unit's 3x3, in the first's
    "resnet50-v1": ("layer4.2.add", 483),
    "resnet50-slim": ("block4.unit_3.add", 483),
    "resnet50": ("layer4.2.add", 427),
}


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a table, without the comments that tell its source."""
    lines = (PUBLISHED / f"receptive_field_{name}.csv").read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


TABLE, SUMMARY = rows_of("table"), rows_of("summary")


@cache
def analysed(network: str, resolution: str) -> Report:
    """A published network at a resolution; at none, it is the declared one."""
    spec = SPECS[network]
    return load(spec.model, **spec.variables).analyse(input=resolution or None)


def axes(report: Report, layer: str) -> set[tuple[Any, ...]]:
    """Size, stride and padding of a layer along its axes: one where all axes are alike."""
    return {(field.size, field.jump, field.padding) for field in report.row(layer).fields["input"]}


def printed(row: dict[str, str]) -> tuple[int, ...]:
    """Size, stride and padding of a row."""
    return tuple(int(row[column]) for column in ("rf", "eff_stride", "eff_padding"))


def where(rows: Iterable[dict[str, str]]) -> list[str]:
    """Names of tests."""
    return [" ".join(filter(None, (row["cnn"], row.get("resolution"), row.get("end_point")))) for row in rows]


@pytest.mark.parametrize("row", TABLE, ids=where(TABLE))
def test_every_end_point_of_the_table(row: dict[str, str]) -> None:
    """The field of every end point, at 224 and 321 pixels and without a size, is the printed one."""
    layer = row["end_point"].rpartition("/")[2]
    assert axes(analysed(row["cnn"], row["resolution"]), layer) == {printed(row)}


KNOWN = [row for row in SUMMARY if row["cnn"] not in NO_SUCH_SPEC]


@pytest.mark.parametrize("row", KNOWN, ids=where(KNOWN))
def test_every_network_of_the_summary(row: dict[str, str]) -> None:
    """The field of every network's last end point is the printed one; the source has all of them at 224 pixels."""
    assert axes(analysed(row["cnn"], "224"), SPECS[row["cnn"]].last) == {printed(row)}


@pytest.mark.parametrize("layer", BLOCKS)
def test_same_padding_depends_on_the_size(layer: str) -> None:
    """The blocks of TF-Slim's ResNet-50 reach out further at 321 pixels than at 224, by the pooling's odd pixel."""
    size, stride, *paddings = BLOCKS[layer]
    found = [axes(analysed("resnet_v1_50", resolution), layer) for resolution in ("224", "321")]
    assert found == [{(size, stride, padding)} for padding in paddings]


@pytest.mark.parametrize("name", STRIDE_PLACES)
def test_resnet_50_sees_483_or_427(name: str) -> None:
    """ResNet-50 sees 483 pixels in its original form and 427 in torchvision's: it depends on where the strides are."""
    layer, size = STRIDE_PLACES[name]
    fields = load(name).analyse().row(layer).fields["input"]
    assert [(field.size, field.jump) for field in fields] == [(size, 32)] * 2


def test_every_published_network_is_tested_or_missing() -> None:
    """Each network of both tables has a spec or is listed as one that has none, and no list holds another."""
    published = {row["cnn"] for row in (*TABLE, *SUMMARY)}
    assert published == {*SPECS, *NO_SUCH_SPEC}
    assert not {*SPECS} & {*NO_SUCH_SPEC}
    assert len(TABLE) == 99  # 7 + 13 + 13 end points, each at None, 224 and 321
    assert len(SUMMARY) == 12


def test_no_spec_appears_untested() -> None:
    """A bundled model whose name looks like a network listed as missing must be tested here."""
    plain = {name: re.sub("[^a-z0-9]", "", name.lower()) for name in names()}
    for network, pattern in NO_SUCH_SPEC.items():
        found = [name for name, letters in plain.items() if re.search(pattern, letters) and name not in OTHER_NETWORKS]
        assert not found, f"{network} has no such spec, it is said; test its rows with {found}"
