"""Networks as series and parallel branches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from texts import BUNDLED

from vggcalc import load
from vggcalc.analysis.series_parallel import Parallel, Series, leaves, series_parallel
from vggcalc.network import Network


def names(series: Series, network: Network) -> list[Any]:
    """A series with the names of its layers; branches are tuples of lists."""
    return [
        tuple(names(branch, network) for branch in item.branches)
        if isinstance(item, Parallel)
        else network.nodes[item].name
        for item in series
    ]


def network_of(layers: str, tmp_path: Path, inputs: str = "8x8x4") -> Network:
    """A network of some lines of YAML."""
    path = tmp_path / "net.yaml"
    path.write_text(f"family: net\ninput: {inputs}\ndefaults: {{conv: {{padding: half}}}}\nlayers:\n{layers}", "utf-8")
    return load(str(path)).network


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_every_layer_once(name: str) -> None:
    """Whatever the graph, each layer of it stands there once."""
    network = load(name).network
    assert sorted(leaves(series_parallel(network))) == list(range(len(network.nodes)))


def test_a_chain_has_no_branches() -> None:
    """VGG is one layer after the other."""
    series = series_parallel(load("vgg16").network)
    assert series == tuple(range(len(series)))


def test_an_inception_module() -> None:
    """Four branches, as figure 2 (b) of the paper draws them."""
    network = load("torchvision/googlenet").network
    (module,) = [
        item
        for item in series_parallel(network)
        if isinstance(item, Parallel) and network.nodes[next(leaves(item.branches[0]))].name.startswith("inception3a")
    ]
    kinds = [[network.nodes[place].name.split(".")[1:] for place in leaves(branch)] for branch in module.branches]
    assert [len({name[0] for name in branch}) for branch in kinds] == [1, 1, 1, 1]
    assert len(module.branches) == 4


def test_a_shortcut_is_an_empty_branch(tmp_path: Path) -> None:
    """A residual unit has its layers in one branch and nothing in the other."""
    network = network_of("- conv3-4\n- {residual: {layers: [{conv3-4: {name: a}}, {conv3-4: {name: b}}]}}\n", tmp_path)
    assert names(series_parallel(network), network) == ["input", "conv1_1", (["a", "b"], []), "add1_1"]


def test_branches_inside_of_branches(tmp_path: Path) -> None:
    """A gate inside of a residual unit, and layers behind it in the same branch."""
    network = network_of(
        "- {conv3-4: {name: a}}\n- {conv3-4: {name: b}}\n- {globalavgpool: {name: pool}}\n- {conv1-4: {name: c}}\n"
        "- {multiply: {name: gated, from: [b, c]}}\n- {conv3-4: {name: d}}\n- {add: {name: sum, from: [a, d]}}\n",
        tmp_path,
    )
    assert names(series_parallel(network), network) == [
        "input", "a", (["b", (["pool", "c"], []), "gated", "d"], []), "sum"
    ]  # fmt: skip


def test_paths_that_cross_stand_in_their_order(tmp_path: Path) -> None:
    """Where a layer of one path is read by another, there are no branches to tell apart: a to w, b to c and w."""
    network = network_of(
        "- {conv3-4: {name: s}}\n- {conv3-4: {name: a}}\n- {conv3-4: {name: b, from: s}}\n"
        "- {add: {name: c, from: [a, b]}}\n- {concat: {name: w, from: [a, c]}}\n- {conv3-4: {name: z}}\n",
        tmp_path,
    )
    assert names(series_parallel(network), network) == ["input", "s", "a", "b", "c", "w", "z"]


def test_two_towers_and_two_heads(tmp_path: Path) -> None:
    """Several inputs part before the first layer, several outputs meet behind the last."""
    network = network_of(
        "- {conv3-4: {name: a, from: left}}\n- {conv3-4: {name: b, from: right}}\n- {add: {name: sum, from: [a, b]}}\n"
        "- {conv3-2: {name: head1, from: sum}}\n- {conv3-2: {name: head2, from: sum}}\n",
        tmp_path,
        "{left: 8x8x4, right: 8x8x4}",
    )
    assert names(series_parallel(network), network) == [
        (["left", "a"], ["right", "b"]), "sum", (["head1"], ["head2"])
    ]  # fmt: skip
