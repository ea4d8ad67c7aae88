"""What fuzzing has found stays found, two thousand cases more run with all tests, and the watch sees what it should."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import ROOT
from fuzzing import wire
from fuzzing.case import FRAMEWORKS, KINDS, Case, read, saved
from fuzzing.foreign import formats
from fuzzing.mutate import flow
from fuzzing.seeds import case
from fuzzing.trees import zipped
from fuzzing.watch import Watch

from vggcalc import bounds

CASES = 2000
FINDS = sorted((ROOT / "tests" / "finds").glob("*.json"))


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """A watch in a folder of its own; afterwards bounds and working folder are as before."""
    monkeypatch.setattr(bounds, "LAYERS", bounds.LAYERS // 100)
    monkeypatch.setattr(bounds, "STEPS", bounds.STEPS // 100)
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        yield Watch(Path(folder))
        os.chdir(before)


@pytest.mark.slow
@pytest.mark.parametrize("path", FINDS, ids=lambda path: path.stem)
def test_finds(path: Path, watch: Watch) -> None:
    """Nothing is wrong any more with what once was."""
    assert watch.look(read(path)) is None


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_cases(kind: str, tmp_path: Path) -> None:
    """Mutated specs, tables, documents, fixes, command lines and foreign files end as they should: 200 of each."""
    fuzz = [sys.executable, str(ROOT / "tests" / "fuzz.py"), "--what", kind, "--cases", str(CASES // len(KINDS))]
    done = subprocess.run(
        [*fuzz, "--seed", "1", "--workers", "1", "--into", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{CASES // len(KINDS):,} cases of {kind}, seed 1: 0 finds" in done.stdout


def test_a_case_is_the_same_for_ever() -> None:
    """Kind, seed and number make it; another number makes another one."""
    for kind in KINDS:
        made = [case(kind, 7, number) for number in range(20)]
        assert made == [case(kind, 7, number) for number in range(20)]
        assert len(set(made)) > 15


def test_a_case_survives_its_file(tmp_path: Path) -> None:
    """Bytes that are no text too."""
    given = Case(("show", "net.yaml"), (("net.yaml", b"\xff\xfe\x00a\n\xe2\x80\xa8"), ("b", "\U0001f642".encode())))
    path = tmp_path / "case.json"
    path.write_text(saved(given, "why"), "utf-8")
    assert read(path) == given


def test_a_tree_is_written_as_yaml() -> None:
    """Texts keep their quotes where they need them."""
    assert flow({"a b": ["conv3-$(n + 1)", "8x8x3", "x: y", ""]}) == '{a b: [conv3-$(n + 1), 8x8x3, "x: y", ""]}'


@pytest.mark.parametrize("kind", FRAMEWORKS)
def test_what_is_mutated_is_sound(kind: str, watch: Watch) -> None:
    """Most files that are mutated are answered as they are: what is wrong in each case is what the mutation did."""
    members = {"keras": "config.json", "pt2": "net/models/model.json"}
    for form in formats()[kind]:
        faults = 0
        for text in form.texts:
            member = members.get(form.file.rpartition(".")[2])
            Path(form.file).write_bytes(zipped({member: text}) if member else text)
            code = watch._run(Case(("show", form.file))).exit_code  # type: ignore[union-attr]
            faults += code == 2
        assert faults <= len(form.texts) / 6


def test_messages_are_written_as_they_were_read() -> None:
    """Protocol buffers: what is not changed stays."""
    for text in formats()["onnx"][0].texts:
        fields = wire.message(text)
        assert fields is not None
        assert wire.written(fields) == text


class TestTheWatch:
    """It sees what it should see: the program is broken on purpose."""

    NET = (("net.yaml", b"family: a\ninput: 8x8x3\nlayers: [conv3-8]\n"),)

    def test_nothing(self, watch: Watch) -> None:
        """A sound case, and a fault that is told as it should be."""
        assert watch.look(Case(("show", "net.yaml"), self.NET)) is None
        assert watch.look(Case(("show", "net.yaml"), (("net.yaml", b"a"),))) is None

    def test_an_exception(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        """Any but a clean exit."""
        monkeypatch.setattr("vggcalc.cli.tell", lambda error: dict[str, str]()["key"])
        found = watch.look(Case(("show", "nothing"), self.NET))
        assert found is not None
        assert found.signature.startswith("KeyError")

    @pytest.mark.parametrize(
        ("text", "signature"),
        [("x\n" * 101, "flood show"), ("x" * 100_001, "flood show"), ("\x1b[31m", "control character show")],
    )
    def test_a_message(self, watch: Watch, monkeypatch: pytest.MonkeyPatch, text: str, signature: str) -> None:
        """One too long, and one that moves the cursor."""
        monkeypatch.setattr("vggcalc.cli.tell", lambda error: sys.stderr.write(text))
        found = watch.look(Case(("show", "nothing"), self.NET))
        assert found is not None
        assert found.signature == signature

    def test_what_no_reader_foresaw(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        """A foreign file that is told to be beyond understanding is a fault of its reader."""
        text = b"input: 'x' input_shape { dim: [1, 3, 8, 8] } layer { type: 'ReLU' top: 'x' bottom: 'x' }"
        case = Case(("show", "n.prototxt"), (("n.prototxt", text),))
        assert watch.look(case) is None
        monkeypatch.setattr("vggcalc.frameworks.caffe.arithmetic.real", lambda *_: dict[str, str]()["key"])
        found = watch.look(case)
        assert found is not None
        assert found.signature == "not understood KeyError: 'key'"

    def test_an_exit_code(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        """1 is for a network of which something is unknown, and 0 for one of which nothing is."""
        unknown = b"input: 'x' input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\nlayer { name: 'l' type: 'Warp' "
        case = Case(("show", "n.prototxt"), (("n.prototxt", unknown + b"bottom: 'x' top: 'y' }"),))
        assert watch.look(case) is None
        lines = "vggcalc: a layer of Warp: what it does is unknown\n"
        with monkeypatch.context() as wrong:
            wrong.setattr("vggcalc.cli.output_options.tells_unknown", lambda: sys.stderr.write(lines) < 0)
            found = watch.look(case._replace(arguments=("convert", "n.prototxt")))
        assert found is not None
        assert found.signature == "exit code 0 of convert"
        monkeypatch.setattr("vggcalc.render.unknown.unknown_lines", lambda report: ["the end is unknown"])
        found = watch.look(case)
        assert found is not None
        assert found.signature == "exit code 1 of show"

    def test_work(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        """More than its time, more than its memory, and no end at all."""
        for work, signature, alarm in (
            (lambda error: sum(range(10**8)), "time", 100),
            (lambda error: bytearray(10**9).count(1), "memory", 100),
            (lambda error: [None for _ in iter(int, 1)], "alarm", 1),
        ):
            monkeypatch.setattr("fuzzing.watch.ALARM", alarm)
            monkeypatch.setattr("fuzzing.watch.SECONDS", 0.2 if signature == "time" else 100)
            monkeypatch.setattr("vggcalc.cli.tell", work)
            found = watch.look(Case(("show", "nothing"), self.NET))
            assert found is not None
            assert found.signature == f"{signature} show"

    def test_a_file(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        """One that was changed, and one that was left."""
        monkeypatch.setattr("vggcalc.cli.tell", lambda error: print(Path("net.yaml").write_text("a"), file=sys.stderr))
        found = watch.look(Case(("show", "nothing"), self.NET))
        assert found is not None
        assert found.signature == "written"
        monkeypatch.setattr("vggcalc.cli.tell", lambda error: print(Path("draft").write_text("a"), file=sys.stderr))
        found = watch.look(Case(("show", "nothing"), self.NET))
        assert found is not None
        assert found.signature == "left behind"
