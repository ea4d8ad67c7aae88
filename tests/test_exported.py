"""Exported programs of PyTorch, read from archives that are written here by hand: no PyTorch, figures by hand."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from vggcalc import SpecError, VggcalcError, load


def tensor(name: str) -> dict[str, Any]:
    """An argument that is a tensor."""
    return {"as_tensor": {"name": name}}


def node(operation: str, args: list[dict[str, Any]], output: str, stack: str = "") -> dict[str, Any]:
    """One call, as the archive has it."""
    inputs = [{"name": f"a{place}", "arg": each, "kind": 1} for place, each in enumerate(args)]
    return {
        "target": f"torch.ops.aten.{operation}",
        "inputs": inputs,
        "outputs": [tensor(output)],
        "name": output,
        "metadata": {"nn_module_stack": stack},
    }


def program() -> dict[str, Any]:
    """A convolution with its normalisation, a mean over the map, and a linear layer."""
    parameters = {"p_w": ("conv.weight", [4, 3, 3, 3]), "p_g": ("bn.weight", [4]), "p_b": ("bn.bias", [4])}
    parameters |= {"p_fc": ("fc.weight", [10, 4])}
    values = {"x": [5, 3, 8, 8], "conv2d": [5, 4, 8, 8], "bn": [5, 4, 8, 8], "mean": [5, 4], "linear": [5, 10]}
    values |= {"b_m": [4], "b_v": [4]} | {name: sizes for name, (_, sizes) in parameters.items()}
    specs: list[dict[str, Any]] = [
        {"parameter": {"arg": {"name": name}, "parameter_name": path}} for name, (path, _) in parameters.items()
    ]
    specs += [{"buffer": {"arg": {"name": name}, "buffer_name": name}} for name in ("b_m", "b_v")]
    specs.append({"user_input": {"arg": tensor("x")}})
    ones: dict[str, Any] = {"as_ints": [1, 1]}
    none: dict[str, Any] = {"as_none": True}
    nodes = [
        node("conv2d.default", [tensor("x"), tensor("p_w"), none, ones, ones], "conv2d",
             "L__self__,,Net;L__self__stem,stem,net.Stem;L__self__conv,stem.conv,torch.nn.modules.conv.Conv2d"),
        node("batch_norm.default",
             [tensor("conv2d"), *map(tensor, ("p_g", "p_b", "b_m", "b_v")), {"as_bool": False}, {"as_float": 0.1}],
             "bn", "L__self__,,Net;L__self__bn,stem.bn,torch.nn.modules.batchnorm.BatchNorm2d"),
        node("mean.dim", [tensor("bn"), {"as_ints": [2, 3]}], "mean", "L__self__,,Net"),
        node("linear.default", [tensor("mean"), tensor("p_fc")], "linear",
             "L__self__,,Net;L__self__fc,fc,torch.nn.modules.linear.Linear"),
    ]  # fmt: skip
    sized = {name: {"sizes": [{"as_int": size} for size in sizes]} for name, sizes in values.items()}
    graph = {"inputs": [], "outputs": [tensor("linear")], "nodes": nodes, "tensor_values": sized}
    return {"graph_module": {"graph": graph, "signature": {"input_specs": specs}}}


def written(folder: Path, found: Any) -> str:
    """The path of an archive that holds this program."""
    path = folder / "net.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/models/model.json", found if isinstance(found, str) else json.dumps(found))
        archive.writestr("net/data/sample_inputs/model.pt", b"a pickle that nobody opens")
    return str(path)


def test_a_program(tmp_path: Path) -> None:
    """Names are module paths, figures those of the layers: 27*4 weights, 4 + 4, 40; 64*27*4 + 40 products."""
    report = load(written(tmp_path, program())).analyse()
    assert [(row.name, row.kind) for row in report.rows][1:] == [
        ("stem.conv", "conv"), ("stem.bn", "batchnorm"), ("mean", "globalavgpool"), ("fc", "fc"),
    ]  # fmt: skip
    assert (report.totals.params, report.totals.macs) == (108 + 8 + 40, 64 * 108 + 40)
    assert report.network.modules == {"stem": 1}
    assert [row.node.form for row in report.rows][1:] == ["", "", "functional", ""]


def test_an_unknown_operation_is_a_layer_of_unknown_work(tmp_path: Path) -> None:
    """With the shape that the program has of it."""
    found = program()
    found["graph_module"]["graph"]["nodes"][2]["target"] = "torch.ops.aten.fft.default"
    report = load(written(tmp_path, found)).analyse()
    (row,) = (row for row in report.rows if row.role == "unknown")
    assert (row.layer.fields["op"], row.output.channels) == ("fft", 4)
    assert report.totals.macs is None


def test_an_operation_without_a_name_is_unknown(tmp_path: Path) -> None:
    """It is called "?"; the file is understood all the same."""
    found = program()
    found["graph_module"]["graph"]["nodes"][2]["target"] = ""
    (row,) = (row for row in load(written(tmp_path, found)).analyse().rows if row.role == "unknown")
    assert row.layer.fields["op"] == "?"


def test_an_input_of_four_spatial_axes(tmp_path: Path) -> None:
    """It is refused with what is possible."""
    found = program()
    found["graph_module"]["graph"]["tensor_values"]["x"]["sizes"] += [{"as_int": 8}, {"as_int": 8}]
    with pytest.raises(SpecError, match=r"no input of 8x8x8x8x3; there are at most 3 spatial axes"):
        load(written(tmp_path, found))


def test_another_size_than_the_program_says_is_unknown(tmp_path: Path) -> None:
    """The trace knows better: nothing is guessed."""
    found = program()
    found["graph_module"]["graph"]["tensor_values"]["bn"]["sizes"][1] = {"as_int": 7}
    report = load(written(tmp_path, found)).analyse()
    assert [row.kind for row in report.rows].count("unknown") >= 1


@pytest.mark.parametrize(
    "found",
    ["", "[]", "{", "{}", '{"graph_module": 3}', '{"graph_module": {"graph": {}, "signature": {}}}', "[" * 5000],
)
def test_what_is_no_program_is_told_in_one_line(tmp_path: Path, found: str) -> None:
    """Whatever the archive holds."""
    with pytest.raises(VggcalcError) as caught:
        load(written(tmp_path, found))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("key", ["nodes", "outputs", "tensor_values"])
def test_a_program_without_a_part(tmp_path: Path, key: str) -> None:
    """It is told that the schema is another."""
    found = program()
    del found["graph_module"]["graph"][key]
    with pytest.raises(SpecError, match="not as its schema says"):
        load(written(tmp_path, found))


def test_a_truncated_archive(tmp_path: Path) -> None:
    """One line, at any length."""
    path = Path(written(tmp_path, program()))
    data = path.read_bytes()
    for length in range(4, len(data), 97):
        path.write_bytes(data[:length])
        with pytest.raises(VggcalcError):
            load(str(path))
