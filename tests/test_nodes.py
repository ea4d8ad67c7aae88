"""YAML to nodes: every machine reads the same from the same text, with libyaml or without."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml
from documents import ROOT

from vggcalc import SpecError, load
from vggcalc.errors import Source
from vggcalc.reading import nodes
from vggcalc.reading.faults import Faults
from vggcalc.reading.nodes import MapNode, parse

LOADERS = [yaml.CSafeLoader, yaml.SafeLoader]

DISPUTED = [
    "{4:]",
    "[4:]",
    "{a: 4:}",
    "{use:\t stage}",
    "a:\tb",
    "- x\t# remark",
    "{activat?ion: sigmoid}",
    "{with: {st? a : 2}}",
    "blocks\ufeff: 1",
    "{kernel_size: , stride: 2}",
    "{five: ,pool4: 3}",
    "conv: {padding:      }",
    "layers: [conv3-64",
    "layers: [conv3-64\n",
    'name: "conv',
]
"""Texts that libyaml and PyYAML's own parser were seen to read differently, or to complain of in different places."""


def read(text: str, loader: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[object, list[tuple[int, int]]]:
    """What is read with a loader as the fast one, and where the faults are."""
    monkeypatch.setattr(nodes, "_FAST", loader)
    problems = Faults()
    node = parse(Source("net.yaml", text), problems)
    return without_sources(node), [(problem.mark.line, problem.mark.column) for problem in problems if problem.mark]


def without_sources(node: Any) -> object:
    """A node with the numbers of its places."""
    if node is None:
        return None
    place = (node.mark.line, node.mark.column)
    if isinstance(node, MapNode):
        return place, {key: (entry.mark[1:], without_sources(entry.value)) for key, entry in node.entries.items()}
    if isinstance(node, nodes.ListNode):
        return place, [without_sources(item) for item in node.items]
    return place, node.text, node.quoted


@pytest.mark.parametrize("text", DISPUTED)
def test_both_parsers_read_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes, places and faults alike."""
    with_libyaml, without = (read(text, loader, monkeypatch) for loader in LOADERS)
    assert with_libyaml == without


@pytest.mark.slow
def test_both_parsers_accept_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1,500 bundled specs with slips of the keyboard, neither parser accepts what the other refuses."""
    specs = [file.read_text("utf-8") for file in sorted((ROOT / "specs").glob("*.yaml"))]
    dice = random.Random(20)
    accepted = 0
    for _ in range(1500):
        text = dice.choice(specs)
        start = dice.randrange(max(1, len(text) - 300))
        text = text[start : start + 300].partition("\n")[2]
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(text) + 1)
            slip = dice.choice(
                [*"\t \n:-,[]{}#&*!|>'\"%@`?0a]\\~<=\ufeff\u00a0", "- ", ": ", "? ", "{4:]", "---\n", "&a "]
            )
            text = text[:place] + slip + text[place:]
        (one, faults), (other, faults_of_other) = (read(text, loader, monkeypatch) for loader in LOADERS)
        assert bool(faults) == bool(faults_of_other), text
        assert faults or one == other, text
        accepted += not faults
    assert 50 < accepted < 1450


@pytest.mark.parametrize("escape", ["\\Uffffffff", "\\U00110000"])
def test_an_escape_beyond_unicode_is_no_text(escape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where libyaml is missing, whose place PyYAML's own parser takes: it is a fault of the text."""
    for loader in LOADERS:
        monkeypatch.setattr(nodes, "_FAST", loader)
        with pytest.raises(SpecError) as caught:
            load(f'family: "{escape}"\ninput: 8x8x3\nlayers: [conv3-8]\n').analyse()
        assert len(str(caught.value).splitlines()) <= 6
