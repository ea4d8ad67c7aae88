"""What is shipped: packages, data, versions, and nothing of the machine that it was written on."""

import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest
from documents import ROOT

from vggcalc import __version__

LEFTOVERS = {
    ".git",
    ".venv",
    "build",
    "dist",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}
TRACES = re.compile(
    r"/(?:root|home|work|Users)/\w|/opt/\w|/tmp/\w|\b[A-Z]:\\Users"  # a path of one machine
    r"|index-ur[l]|find-link[s]|trusted-hos[t]|pythonhoste[d]|pypi[.]\w|/simpl[e]\b"  # a registry
)


def required(lines: str) -> list[str]:
    """Names of the packages in a list of requirements."""
    return [line.strip().split(">")[0].split("<")[0] for line in lines.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def setup() -> ConfigParser:
    """setup.cfg, read."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg", "utf-8")
    return parser


def texts() -> Iterator[tuple[Path, str]]:
    """Every file of the repository that holds text."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if (
            path.is_file()
            and not LEFTOVERS.intersection(parts)
            and not any(part.endswith(".egg-info") for part in parts)
        ):
            try:
                yield path, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def folders() -> set[str]:
    """The packages that the folders are."""
    code = {path.parent.relative_to(ROOT) for path in (ROOT / "vggcalc").rglob("*.py")}
    return {".".join(folder.parts) for folder in code} | {"vggcalc.specs"}


def test_the_package_list_is_the_folders(setup: ConfigParser) -> None:
    """A folder that is missing from the list is missing from the wheel, and an editable install hides it."""
    assert set(setup["options"]["packages"].split()) == folders()
    assert setup["options"]["package_dir"].split() == ["vggcalc.specs", "=", "specs"]


def test_every_package_has_its_init() -> None:
    """Each folder of code says what it is in its `__init__.py`."""
    for package in folders() - {"vggcalc.specs"}:
        assert (ROOT / Path(*package.split(".")) / "__init__.py").is_file(), package
    assert (ROOT / "specs" / "__init__.py").is_file()


def test_every_spec_is_shipped(setup: ConfigParser) -> None:
    """The patterns of package_data take every file of specs/ that is no code."""
    patterns = [pattern.strip() for pattern in setup["options.package_data"]["vggcalc.specs"].split(",")]
    shipped = {path for pattern in patterns for path in (ROOT / "specs").glob(pattern)}
    held = {path for path in (ROOT / "specs").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert shipped == held
    assert len(held) >= 4


def test_the_library_is_typed(setup: ConfigParser) -> None:
    """py.typed lies in the package and in its data."""
    assert (ROOT / "vggcalc" / "py.typed").is_file()
    assert setup["options.package_data"]["vggcalc"].split() == ["py.typed"]


def test_classifiers_are_the_versions_that_are_promised_and_tried(setup: ConfigParser) -> None:
    """python_requires begins where the classifiers do, they have no gap, and the workflow tries each of them."""
    minors = [int(minor) for minor in re.findall(r"Python :: 3\.(\d+)", setup["metadata"]["classifiers"])]
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert setup["options"]["python_requires"] == f">=3.{minors[0]}"
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    (matrix,) = re.findall(r"python: \[(.+)\]", workflow)
    assert [int(minor) for minor in re.findall(r"3\.(\d+)", matrix)] == minors


def test_dependencies_are_four_and_the_tests_too(setup: ConfigParser) -> None:
    """Nothing else is pulled onto a user's machine; what the tests need comes with an extra."""
    assert set(required(setup["options"]["install_requires"])) == {"click", "rich", "tabulate", "pyyaml"}
    extra = required(setup["options.extras_require"]["test"])
    assert set(extra) == {"pytest", "hypothesis", "jsonschema", "pytest-xdist"}


def test_constraints_hold_each_dependency_to_one_version(setup: ConfigParser) -> None:
    """What CI installs is written down: one version each for a Python, and none that setup.cfg would refuse."""
    constraints = (ROOT / ".ci" / "constraints.txt").read_text("utf-8").splitlines()
    pinned = [line for line in constraints if not line.startswith("#")]
    assert [line for line in pinned if not re.fullmatch(r"[a-z-]+==[\d.]+( ; .+)?", line)] == []
    held = {line.partition("==")[0] for line in pinned}
    wanted = [*required(setup["options"]["install_requires"]), *required(setup["options.extras_require"]["test"])]
    for file in ("build.txt", "lint.txt", "measure.txt"):
        wanted += required((ROOT / ".ci" / file).read_text("utf-8").lower())
    assert set(wanted) - held == set()


def test_actions_are_pinned_by_commit() -> None:
    """A tag can be moved, a commit cannot; the version stands behind it for who reads it."""
    files = [ROOT / "action.yml", *(ROOT / ".github" / "workflows").iterdir()]
    used = [line for file in files for line in file.read_text("utf-8").splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not re.search(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


def test_the_version_stands_once(setup: ConfigParser) -> None:
    """vggcalc/version.py has it; setup.cfg reads it from there, and the changelog's newest entry is of it."""
    assert setup["metadata"]["version"] == "attr: vggcalc.version.__version__"
    code = [ROOT / "setup.cfg", ROOT / "pyproject.toml", *(ROOT / "vggcalc").rglob("*.py")]
    assert [path.name for path in code if __version__ in path.read_text("utf-8")] == ["version.py"]
    newest = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert newest is not None
    assert newest[1] == __version__


def test_the_files_that_setup_names_are_there(setup: ConfigParser) -> None:
    """The licence and the long description exist and say the same as the metadata."""
    assert setup["metadata"]["long_description"] == "file: README.md"
    licence = (ROOT / setup["metadata"]["license_files"]).read_text("utf-8")
    assert licence.startswith(f"{setup['metadata']['license']} License")


@pytest.mark.slow
def test_no_trace_of_a_machine() -> None:
    """No file holds a path of somebody's machine or the name of a package registry."""
    found = [(path.relative_to(ROOT), match[0]) for path, text in texts() for match in TRACES.finditer(text)]
    assert found == []


@pytest.mark.parametrize("text", [f"/{'home'}/ada/net.yaml", f"--index-{'url'} x", "/usr/local"])
def test_traces_are_found(text: str) -> None:
    """The check itself: paths and registries are found, system paths that every machine has are not."""
    assert bool(TRACES.search(text)) is not text.startswith("/usr")
