"""A network as the text of a spec, which reads back to an equal network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vggcalc.analysis.series_parallel import Series, series_parallel
from vggcalc.errors import Problem, Source, SpecError, UsageError
from vggcalc.language.family import Family
from vggcalc.language.patterns import prefixes
from vggcalc.network import FORMS, Network, Node
from vggcalc.question import split_model
from vggcalc.writing.dissolving import dissolved
from vggcalc.writing.flow import block
from vggcalc.writing.folding import folded
from vggcalc.writing.items import Body
from vggcalc.writing.patterns import patterns
from vggcalc.writing.spelling import Spelling
from vggcalc.writing.weaving import Weaver


def spec_of(network: Network, flat: bool = False) -> str:
    r"""The spec of a network: layers under their names, what repeats written once. flat: layer by layer instead.

    What nothing reads is an output of it, for a spec has no layer for nothing; notes on its file are one note.

    >>> from vggcalc import load
    >>> print(spec_of(load("family: net\ninput: 8x8x3\nlayers: [conv3-8, relu, fc-2]").network), end="")
    family: net
    input: 8x8x3
    layers:
      - {conv3-8: {activation: relu}}
      - fc-2

    Raises: UsageError for a network that no spec can say; SpecError for a layer by the name of which none can call it.
    """
    if unsayable := [_renaming(node) for node in network.nodes if not _can_be_said(node.name)]:
        raise SpecError(unsayable)
    unread = [place for place, readers in enumerate(network.readers()) if not readers]
    network = network._replace(
        outputs=tuple(dict.fromkeys((*network.outputs, *unread))),
        note="; ".join(filter(None, (network.note, *network.notes))),
        notes=(),
    )
    wrong = ""
    for text in _texts(network, flat):
        try:
            wrong = _difference(network, _read(text))
        except SpecError as error:
            wrong = error.problems[0].message
        if not wrong:
            return text
    raise UsageError(Problem(f"no spec says {network.name}: {wrong}", code="not-a-spec"))


def _can_be_said(name: str) -> bool:
    """Whether a layer of a spec can have this name: no expression, nothing that is no character, no blanks round it."""
    return "$(" not in name and name == name.strip() != "" and not any("\ud800" <= each <= "\udfff" for each in name)


def _renaming(node: Node) -> Problem:
    wrong = f"no layer of a spec can have the name '{node.name}'"
    return Problem(wrong, "give it another one in the file", node.mark, code="not-a-spec")


def _texts(network: Network, flat: bool) -> Iterator[str]:
    """Specs of a network, the shortest first."""
    if not flat:
        weaver = Weaver(network, grouped=True)
        body = weaver.body(series_parallel(network))
        short = folded(body)
        yield _text(network, short.body, weaver.names, short.blocks)
        yield _text(network, dissolved(body), weaver.names)
    everything: Series = tuple(range(len(network.nodes)))
    weaver = Weaver(network, grouped=False)
    yield _text(network, weaver.body(everything), weaver.names)


def _text(network: Network, body: Body, names: Mapping[int, str], blocks: Mapping[str, Body] = {}) -> str:
    spelling = Spelling([body, *blocks.values()])
    parts: dict[str, Any] = {
        **_head(network),
        "defaults": {kind: own for kind, own in spelling.defaults.items() if own},
        **_marks(network, names),
        "blocks": {name: spelling.body(own) for name, own in blocks.items()},
        "layers": spelling.body(body),
    }
    return "".join(f"{line}\n" for line in block({key: value for key, value in parts.items() if value}))


def _head(network: Network) -> dict[str, Any]:
    """What the network is, and what it reads."""
    name = split_model(network.name)[0]
    shapes = {name: str(shape) for name, shape in zip(network.input_names, network.input_shapes, strict=True)}
    return {
        "family": name,
        "title": network.title if network.title != name else "",
        "source": network.source,
        "note": network.note,
        "input": shapes["input"] if [*shapes] == ["input"] else shapes,
    }


def _marks(network: Network, lines: Mapping[int, str]) -> dict[str, Any]:
    """What is said of layers by their names: the outputs, the classifier, training, and PyTorch's implementation."""
    names = [node.name for node in network.nodes]
    read = {source for node in network.nodes for source in node.inputs}
    ends = tuple(place for place in range(len(names)) if place not in read)
    pytorch: dict[str, Any] = {}
    for key, form in FORMS.items():
        own = [node.name for node in network.nodes if node.form == form]
        pytorch[key] = patterns(own, [node.name for node in network.nodes if node.form != form])
    blocks = {prefix for name in names for prefix in prefixes(name)}
    pytorch["modules"] = patterns([*network.modules], blocks - {*network.modules})
    return {
        "outputs": [lines[place] for place in network.outputs] if network.outputs != ends else [],
        "top": "" if network.top is None else names[network.top],
        "training": _in_training(network),
        "pytorch": {key: value for key, value in pytorch.items() if value},
    }


def _in_training(network: Network) -> list[str]:
    """The layers that run in training alone, of blocks that do as a whole the blocks."""
    working = {prefix for node in network.nodes if not node.training for prefix in (*prefixes(node.name), node.name)}
    marked = [node.name for node in network.nodes if node.training]
    return [*dict.fromkeys(next(part for part in (*prefixes(name), name) if part not in working) for name in marked)]


def _read(text: str) -> Network:
    family = Family(Source("<spec>", text))
    (variant,) = family.variants.values()
    return family.build(variant, variant.name)


def _difference(network: Network, other: Network) -> str:
    """In what a network differs from another, the names of blocks left out; empty where they are equal."""
    for own, theirs in zip(network.nodes, other.nodes, strict=False):
        if own._replace(mark=None) != theirs._replace(mark=None):
            return f"{own.name} is read back otherwise"
    for key in ("input_names", "input_shapes", "outputs", "source", "note", "top", "modules"):
        if getattr(network, key) != getattr(other, key):
            return f"{key.replace('_', ' ')} are read back otherwise"
    return "" if len(network.nodes) == len(other.nodes) else "layers are missing"
