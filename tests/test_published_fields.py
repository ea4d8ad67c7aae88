"""Receptive fields that google-research/receptive_field prints, beside those in the bundled tables of its figures."""

import re

import pytest
from test_bundled_tables import table

from vggcalc import load
from vggcalc.language.index import names

NETWORKS = {
    *("alexnet_v2", "vgg_16", "inception_v2", "inception_v3", "inception_v4", "inception_resnet_v2"),
    *("mobilenet_v1", "mobilenet_v1_075", "resnet_v1_50", "resnet_v1_101", "resnet_v1_152", "resnet_v1_200"),
}
"""The networks of the README's summary."""

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


@pytest.mark.parametrize("layer", BLOCKS)
def test_same_padding_depends_on_the_size(layer: str) -> None:
    """The blocks of TF-Slim's ResNet-50 reach out further at 321 pixels than at 224, by the pooling's odd pixel."""
    size, stride, *paddings = BLOCKS[layer]
    for pixels, padding in zip(("224", "321"), paddings, strict=True):
        fields = load("resnet50-slim").analyse(input=pixels).row(layer).fields["input"]
        assert [(field.size, field.jump, field.padding) for field in fields] == [(size, stride, padding)] * 2


@pytest.mark.parametrize("name", STRIDE_PLACES)
def test_resnet_50_sees_483_or_427(name: str) -> None:
    """ResNet-50 sees 483 pixels in its original form and 427 in torchvision's: it depends on where the strides are."""
    layer, size = STRIDE_PLACES[name]
    fields = load(name).analyse().row(layer).fields["input"]
    assert [(field.size, field.jump) for field in fields] == [(size, 32)] * 2


def test_every_published_network_is_in_the_table_or_missing() -> None:
    """Each network of the summary has a row in the bundled table, or is listed as one that has no spec."""
    rows = {claim.row for claim in table("receptive-field-summary").claims}
    assert rows == NETWORKS - {*NO_SUCH_SPEC}


def test_no_spec_appears_untested() -> None:
    """A bundled model whose name looks like a network listed as missing must have a row in the table."""
    plain = {name: re.sub("[^a-z0-9]", "", name.lower()) for name in names()}
    for network, pattern in NO_SUCH_SPEC.items():
        found = [name for name, letters in plain.items() if re.search(pattern, letters) and name not in OTHER_NETWORKS]
        assert not found, f"{network} has no such spec, it is said; claim its rows of {found}"
