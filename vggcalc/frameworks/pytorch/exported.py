"""An exported program of PyTorch, read from its archive: every operation, argument and size is there as JSON.

What else lies in the archive, weights and pickled inputs, is never opened.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, Source, SpecError
from vggcalc.frameworks.assembly import Assembly
from vggcalc.frameworks.file import File
from vggcalc.frameworks.program import Held, Program
from vggcalc.frameworks.pytorch.tracing import Tracing, Value, finished, held_to
from vggcalc.frameworks.views import View
from vggcalc.layers import Layer
from vggcalc.network import UNTOLD, Network
from vggcalc.paths import enclosing

PROGRAM = "models/model.json"
"""Where the program stands in the archive, below a folder of the file's name."""

ATEN = "torch.ops.aten."

ORDERED_OTHERWISE = {name: f"aten.{name}" for name in ("batch_norm", "instance_norm")}
"""What has its arguments in another order than the function of its name."""


def member(file: File) -> zipfile.ZipInfo | None:
    """Where the program stands in an archive; None in one that is no exported program."""
    try:
        with file.opened() as opened, zipfile.ZipFile(opened) as archive:
            return next((each for each in archive.infolist() if each.filename.endswith(PROGRAM)), None)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError):
        return None


def read(file: File, name: str, sizes: Mapping[str, str]) -> Network:
    """The network that an exported program is.

    Raises: SpecError where the program is not what its schema says.
    """
    mark = Mark(Source(file.path, ""), name=PROGRAM)
    try:
        return _Reader(_program(file, mark), Source(file.path, "")).network(name)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, RecursionError) as error:
        message = f"the program is not as its schema says: {type(error).__name__} {str(error)[:80]}"
        raise SpecError(Problem(message, "export it anew", mark, code="bad-file")) from error


def _program(file: File, mark: Mark) -> dict[str, Any]:
    """The program as JSON, within the bound of files."""
    found = member(file)
    if found is None or found.file_size > bounds.FILE_BYTES:
        hint = f"its program takes at most {bounds.FILE_BYTES // 1024**2} MiB"
        raise SpecError(Problem("the archive holds no program that can be read", hint, mark, code="bad-file"))
    try:
        with file.opened() as opened, zipfile.ZipFile(opened) as archive, archive.open(found) as text:
            program = json.loads(text.read(bounds.FILE_BYTES + 1))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise SpecError(Problem(f"the archive is broken: {error}", "export it anew", mark, code="bad-file")) from error
    if not isinstance(program, dict):
        raise SpecError(Problem("the program is no mapping", "export it anew", mark, code="bad-file"))
    return program


class _Reader:
    """A program's values by their names."""

    def __init__(self, program: dict[str, Any], source: Source) -> None:
        module = program["graph_module"]
        self.graph, self.signature = module["graph"], module["signature"]
        self.source = source
        self.program = Program(Assembly())
        self.tracing = Tracing(self.program)
        self.values: dict[str, Value] = {}
        self.modules: dict[str, int] = {}
        self._composites: set[str] = set()

    def network(self, name: str) -> Network:
        """All of it, in order."""
        self._inputs()
        stacks = {node.get("metadata", {}).get("nn_module_stack", "") for node in self.graph["nodes"]}
        self._composites = {above for stack in stacks for path, _ in _modules(stack) for above in enclosing(path)}
        for node in self.graph["nodes"]:
            self._node(node)
        outputs = [self._given(each) for each in self.graph["outputs"]]
        mark = Mark(self.source, name=PROGRAM)
        found = finished(self.program, _flat(outputs), name, self.modules, {"": UNTOLD}, mark)
        return held_to(self.program, _as_far_as_told(found), mark)

    def _inputs(self) -> None:
        """What the program is given: its parameters by their names, buffers and constants, and the inputs proper."""
        proper = []
        for spec in self.signature["input_specs"]:
            ((kind, said),) = spec.items()
            name = said["arg"].get("name") or said["arg"].get("as_tensor", {}).get("name", "")
            if kind == "user_input":
                proper.append(name)
                continue
            trained = (said["parameter_name"],) if kind == "parameter" else ()
            sizes = self._sizes(name)
            self.values[name] = Held(sizes, trained)
            if trained:
                self.program.elements[trained[0]] = _product(sizes)
        for name in filter(None, proper):
            view = self.program.input("input" if len(proper) == 1 else name, self._sizes(name), self._mark(name))
            self.values[name] = view
            self.tracing.first = self.tracing.first or view

    def _node(self, node: dict[str, Any]) -> None:
        target = str(node["target"])
        operation = target.removeprefix(ATEN).partition(".")[0]
        operation = ORDERED_OTHERWISE.get(operation, operation)
        names = [name for output in node["outputs"] for name in _names(output)]
        args = [self._given(each["arg"]) for each in node["inputs"] if each.get("kind", 1) == 1]
        kwargs = {each["name"]: self._given(each["arg"]) for each in node["inputs"] if each.get("kind", 1) != 1}
        read = [each for each in _flat([args, list(kwargs.values())]) if isinstance(each, View | Held)]
        path, form, composites = self._stack(node.get("metadata", {}).get("nn_module_stack", ""), operation)
        self.program.at(path, self._mark(node.get("name") or (names[0] if names else operation)), form)
        outputs = [self._sizes(name) for name in names]
        if not target.startswith(ATEN):
            operation = target
        made = self.tracing.call(operation, args, kwargs, read, outputs) if read else [Held(size) for size in outputs]
        self.values |= dict(zip(names, made, strict=False))
        if isinstance(made[0] if made else None, View):
            self.modules |= dict.fromkeys(composites, self.program.assembly.last)

    def _stack(self, text: str, operation: str) -> tuple[str, str, list[str]]:
        """A layer's name and form, by the modules that it is called in, and the composite ones among these.

        A module is a leaf where no call is made in one within it; its layers have its name.
        """
        modules = _modules(text)
        path, cls = modules[-1] if modules else ("", "")
        plain = cls.startswith("torch.nn.modules.") and not cls.startswith("torch.nn.modules.container.")
        own = operation.rpartition(".")[2].strip("_")
        is_leaf = bool(path) and (plain or path not in self._composites)
        name = path if is_leaf else f"{path}.{own}" if path else own
        outer = [path for path, cls in modules[: -1 if is_leaf else None] if path and "container." not in cls]
        return name, "" if plain else "functional", outer

    def _mark(self, name: str) -> Mark:
        return Mark(self.source, name=name[:200])

    def _sizes(self, name: str) -> tuple[int, ...]:
        found = self.graph["tensor_values"].get(name)
        return () if found is None else tuple(_whole(each) for each in found["sizes"])

    def _given(self, argument: Any) -> Any:
        """An argument: a value by its name, a number, a list of either."""
        ((kind, value),) = argument.items()
        if kind in ("as_tensor", "as_optional_tensor") and isinstance(value, dict):
            inner = value.get("as_tensor", value)
            return self.values.get(inner["name"]) if "name" in inner else None
        if kind == "as_tensors":
            return [self.values[each["name"]] for each in value]
        if kind == "as_optional_tensors":
            return [self._given(each) for each in value]
        if kind in ("as_sym_int", "as_sym_bool", "as_sym_float"):
            return _whole(value)
        if kind == "as_sym_ints":
            return [_whole(each) for each in value]
        if kind in ("as_none", "as_scalar_type", "as_device", "as_layout", "as_memory_format"):
            return None
        return value


def _as_far_as_told(network: Network) -> Network:
    """The network, of which nobody tells the modules where layers that hold something are in classes of its own.

    The file does not say what a class is derived from.
    """
    is_own = any(node.form and node.layer and type(node.layer).weights is not Layer.weights for node in network.nodes)
    return network._replace(passing=None) if is_own else network


def _modules(stack: str) -> list[tuple[str, str]]:
    """Paths and classes of the modules that a call is made in, the outermost first."""
    entries = [entry.split(",") for entry in stack.split(";") if entry.count(",") >= 2]
    return [(entry[1], entry[2]) for entry in entries]


def _names(output: Any) -> Sequence[str]:
    """The tensors that an output is."""
    ((kind, value),) = output.items()
    if kind == "as_tensor":
        return [value["name"]]
    return [each["name"] for each in value] if kind == "as_tensors" else []


def _whole(value: Any) -> int:
    """A size: a number, or an expression with the number that it had when the program was traced."""
    if isinstance(value, dict):
        if "as_int" in value:
            return _whole(value["as_int"])
        if "as_expr" in value:
            return _whole(value["as_expr"]["hint"])
    if type(value) is not int or not 0 <= value <= bounds.FIELD:
        raise ValueError(f"a size of {str(value)[:40]}")
    return value


def _product(sizes: Sequence[int]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def _flat(values: Any) -> list[Any]:
    if isinstance(values, list | tuple) and not isinstance(values, View | Held):
        return [each for value in values for each in _flat(value)]
    return [values]
