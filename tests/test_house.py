"""The rooms of the house: who may import whom, where libraries may be used, and what every name must say."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from documents import ROOT

import vggcalc
from vggcalc import VggcalcError

FLOORS: tuple[tuple[str, ...], ...] = (
    ("bounds", "collector", "errors", "paths", "record", "shape", "units", "version", "specs"),
    ("reading",),
    ("layers",),
    ("network",),
    ("transform",),
    ("question",),
    ("analysis",),
    ("language",),
    ("frameworks", "writing"),
    ("catalogue",),
    ("model", ""),
    ("memory", "suspicions"),
    ("conventions", "measured"),
    ("figures",),
    ("claims",),
    ("hints",),
    ("documents",),
    ("checking",),
    ("validating",),
    ("drawing",),
    ("render",),
    ("notebook",),
    ("cli",),
    ("__main__",),
)
"""The rooms from the ground up; `""` is the package itself. A room imports itself and what lies below its floor."""

GROUND = 0
LIBRARIES = {
    "click": ("cli",),
    "rich": ("render.terminal", "render.width"),
    "tabulate": ("render.formats.html",),
    "yaml": ("reading.nodes", "render.formats.yaml"),
    "torch": ("frameworks.pytorch.live", "frameworks.pytorch.door"),
    "h5py": ("frameworks.keras.container",),
    "cairosvg": ("drawing",),
    "pandas": ("notebook",),
}
"""The rooms, or modules, that may import a library; none may import torch."""


class Import(NamedTuple):
    """One import: where it stands, and the module, or name in a module, that it means."""

    file: Path
    line: int
    importer: str
    target: str


def imports(root: Path, package: str = "vggcalc") -> Iterator[Import]:
    """Every import in a package, also those inside functions and those only for type checkers."""
    for file in sorted((root / package).rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        module = parts[:-1] if is_package else parts
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(file, node.lineno, ".".join(module), alias.name)
            elif isinstance(node, ast.ImportFrom):
                here = module if is_package else module[:-1]
                base = (
                    ".".join((*here[: len(here) - node.level + 1], *filter(None, [node.module]))) if node.level else ""
                )
                for alias in node.names:
                    yield Import(file, node.lineno, ".".join(module), f"{base or node.module}.{alias.name}")


def room(module: str, root: Path, package: str = "vggcalc") -> str:
    """The room of a module of the package, or of a name that is imported from it: its first part."""
    parts = module.split(".")[1:]
    if parts and (root / package / parts[0]).is_dir():
        return parts[0]
    if parts and (root / package / f"{parts[0]}.py").is_file():
        return parts[0]
    return "specs" if parts[:1] == ["specs"] else ""


def violations(root: Path, package: str = "vggcalc") -> list[str]:
    """Every import that goes up, sideways, or out of the door by another room than its own."""
    floor = {name: height for height, names in enumerate(FLOORS) for name in names}
    found = []
    for entry in imports(root, package):
        importer = room(entry.importer, root, package)
        top = entry.target.split(".")[0]
        place = f"{entry.file.relative_to(root)}:{entry.line}"
        if importer not in floor:
            found.append(f"{place}: '{importer}' is no room of the house")
        elif top == package:
            target = room(entry.target, root, package)
            together = target == importer or floor.get(target) == floor[importer] in (GROUND, floor[""])
            if target not in floor:
                found.append(f"{place}: '{target}' is no room of the house")
            elif not together and floor[target] >= floor[importer]:
                found.append(f"{place}: {importer or package} imports {target or package}")
        elif top in LIBRARIES and not any(_within(entry.importer, f"{package}.{home}") for home in LIBRARIES[top]):
            found.append(f"{place}: {top} is imported outside {' and '.join(LIBRARIES[top]) or 'its own extra'}")
    return found


def _within(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


def undocumented(root: Path, package: str = "vggcalc") -> list[str]:
    """Every module, public class and public function or method without a docstring."""
    found = []
    for file in sorted((root / package).rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        for name, node in [("", tree), *_public(tree, "")]:
            if not ast.get_docstring(node):
                found.append(f"{file.relative_to(root)}: {name or 'the module'}")
    return found


def _public(node: ast.AST, path: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if child.name.startswith("_"):
                continue
            yield f"{path}{child.name}", child
            if isinstance(child, ast.ClassDef):
                yield from _public(child, f"{path}{child.name}.")
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _public(child, path)


def long_modules(root: Path, package: str = "vggcalc") -> list[str]:
    """Every module above 300 lines, with how many it has."""
    lines = {file: len(file.read_text("utf-8").splitlines()) for file in sorted((root / package).rglob("*.py"))}
    return [f"{file.relative_to(root)}: {count}" for file, count in lines.items() if count > 300]


def options_named(root: Path, package: str = "vggcalc") -> list[str]:
    """Every text of the library, and every line of a bundled spec or table, that names an option."""
    texts = [
        (file, node.lineno, node.value)
        for file in sorted((root / package).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if file.relative_to(root / package).parts[0] not in ("cli", "documents")
    ]
    texts += [
        (file, number, line)
        for file in sorted((root / "specs").rglob("*.yaml"))
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
    ]
    return [f"{file.relative_to(root)}:{line}" for file, line, text in texts if re.search(r"(?<![-<])--[a-z]", text)]


NEEDING_TORCH = ("vggcalc.frameworks.pytorch.live",)
"""What is imported only where PyTorch is there, and defines no exception."""


def exceptions() -> list[type[BaseException]]:
    """Every exception that the package defines."""
    names = [found.name for found in pkgutil.walk_packages(vggcalc.__path__, "vggcalc.")]
    modules = [importlib.import_module(name) for name in names if name not in NEEDING_TORCH]
    classes = {value for module in modules for value in vars(module).values() if inspect.isclass(value)}
    return [cls for cls in classes if issubclass(cls, BaseException) and cls.__module__.startswith("vggcalc.")]


@pytest.mark.slow
def test_imports_go_down() -> None:
    """A room imports only rooms below it; a library only where `LIBRARIES` has it."""
    assert violations(ROOT) == []


@pytest.mark.slow
def test_every_module_is_walked() -> None:
    """The walk sees the imports that are there: a checker that finds nothing to check would pass too."""
    seen = {(room(entry.importer, ROOT), entry.target.split(".")[0]) for entry in imports(ROOT)}
    assert {("cli", "click"), ("render", "rich"), ("reading", "yaml")} <= seen
    assert {room(entry.importer, ROOT) for entry in imports(ROOT)} >= {
        "cli",
        "render",
        "analysis",
        "language",
        "layers",
    }


@pytest.mark.slow
def test_everything_public_has_a_docstring() -> None:
    """Every module, public class and public function says what it is."""
    assert undocumented(ROOT) == []


@pytest.mark.slow
def test_no_module_is_long() -> None:
    """A module above 300 lines is usually two things."""
    assert long_modules(ROOT) == []


def test_the_library_names_no_option_of_the_command_line() -> None:
    """Who uses it from Python or a page has none; only cli knows them, and documents, which hold command lines."""
    assert options_named(ROOT) == []


def test_importing_the_library_loads_no_picture_and_no_framework() -> None:
    """`import vggcalc` costs neither rich, nor click, nor torch."""
    heavy = "{'rich', 'click', 'torch', 'numpy'}"
    code = f"import sys, vggcalc; vggcalc.load('vgg16').analyse(); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_exceptions_are_one_family() -> None:
    """One `except VggcalcError` catches whatever the library raises on purpose."""
    public = [value for name in vggcalc.__all__ if inspect.isclass(value := getattr(vggcalc, name))]
    assert VggcalcError in public
    for cls in public:
        if issubclass(cls, BaseException):
            assert issubclass(cls, VggcalcError), cls


@pytest.mark.slow
def test_private_exceptions_stay_in_their_room() -> None:
    """An exception of another family, bar click's, is for its own room alone: no other room imports it."""
    import click

    private = [cls for cls in exceptions() if not issubclass(cls, VggcalcError | click.ClickException)]
    homes = {cls.__name__: room(cls.__module__, ROOT) for cls in private}
    for entry in imports(ROOT):
        home = homes.get(entry.target.rsplit(".", 1)[-1])
        assert home in (None, room(entry.importer, ROOT)), entry


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("layers/conv.py", "from vggcalc.render import show", "layers imports render"),
        ("layers/conv.py", "def f():\n    from vggcalc import cli", "layers imports cli"),
        ("layers/conv.py", "from ..render import show", "layers imports render"),
        ("layers/conv.py", "import vggcalc", "layers imports vggcalc"),
        ("shape.py", "from vggcalc.layers import Conv", "shape imports layers"),
        ("render/plain.py", "from vggcalc.cli import cli", "render imports cli"),
        ("render/plain.py", "import rich.table", "rich is imported outside render.terminal and render.width"),
        ("render/plain.py", "import click", "click is imported outside cli"),
        (
            "render/plain.py",
            "if False:\n    import yaml",
            "yaml is imported outside reading.nodes and render.formats.yaml",
        ),
        (
            "render/plain.py",
            "import torch",
            "torch is imported outside frameworks.pytorch.live and frameworks.pytorch.door",
        ),
        ("extra/new.py", "import os", "'extra' is no room of the house"),
    ],
)
def test_a_seeded_violation_is_found(tmp_path: Path, file: str, text: str, expected: str) -> None:
    """The checker itself: one wrong import in an otherwise clean tree is named with its place."""
    clean = {
        "__init__.py": "from vggcalc.model import load",
        "model.py": "from vggcalc.layers import conv",
        "shape.py": "from vggcalc.errors import UsageError",
        "errors.py": "import re",
        "layers/__init__.py": "",
        "layers/conv.py": "from vggcalc.shape import Shape",
        "render/terminal.py": "import rich",
        "render/plain.py": "from vggcalc import load",
        "cli/__init__.py": "import click\nfrom vggcalc.render import plain",
        "cli/show.py": "from . import other\nfrom vggcalc.cli import other",
    }
    for name, source in clean.items():
        target = tmp_path / "vggcalc" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source, "utf-8")
    assert violations(tmp_path) == []
    target = tmp_path / "vggcalc" / file
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8")
    (found,) = violations(tmp_path)
    assert found.endswith(expected)
    assert found.startswith(f"vggcalc/{file}:")


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            "vggcalc/errors.py",
            'HINT = "leave it out"\nraise ValueError(f"{HINT} of --set x=1")',
            ["vggcalc/errors.py:2"],
        ),
        ("vggcalc/layers/conv.py", '"""As by\n--dense."""', ["vggcalc/layers/conv.py:1"]),
        ("vggcalc/cli/show.py", 'HINT = "add --force"', []),
        ("vggcalc/errors.py", 'LINE = "---rule <!-- vggcalc a -- b"', []),
        ("specs/a.yaml", "family: a\nnote: --columns +macs", ["specs/a.yaml:2"]),
        ("specs/published/a.yaml", "table: a  # a -- b\nquote: show --dense", ["specs/published/a.yaml:2"]),
    ],
)
def test_an_option_in_the_library_is_found(tmp_path: Path, file: str, text: str, expected: list[str]) -> None:
    """The checker itself."""
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text, "utf-8")
    assert options_named(tmp_path) == expected


def test_a_long_module_is_found(tmp_path: Path) -> None:
    """The checker itself: 300 lines are not too many, 301 are."""
    (tmp_path / "vggcalc").mkdir()
    for lines in (300, 301):
        (tmp_path / "vggcalc" / f"m{lines}.py").write_text("a = 1\n" * lines, "utf-8")
    assert long_modules(tmp_path) == ["vggcalc/m301.py: 301"]


def test_a_missing_docstring_is_found(tmp_path: Path) -> None:
    """The checker itself: modules, classes, methods and functions are named; what begins with _ is not."""
    (tmp_path / "vggcalc").mkdir()
    source = "class A:\n    def f(self): ...\n    def _g(self): ...\ndef h():\n    def inner(): ...\ndef _i(): ...\n"
    (tmp_path / "vggcalc" / "new.py").write_text(source, "utf-8")
    names = [entry.partition(": ")[2] for entry in undocumented(tmp_path)]
    assert names == ["the module", "A", "A.f", "h"]


def test_records_are_records() -> None:
    """Every record of the house is defined the cheap way, by `vggcalc.record`."""
    users = {entry.importer for entry in imports(ROOT) if entry.target == "typing.NamedTuple"}
    assert users == {"vggcalc.record"}
