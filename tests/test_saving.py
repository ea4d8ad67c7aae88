"""Writing files: whole or not at all, whatever others do meanwhile and whenever the process ends."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile  # noqa: F401  a child would have to import it first
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from vggcalc import UsageError
from vggcalc.cli import cli
from vggcalc.reading import saving

OLD = "old\n" * 5_000
NEW = "newer\n" * 6_000
WRONG = "VGG-16 has <!-- vggcalc vgg16 params -->139 M<!-- /vggcalc --> parameters.\n"
RIGHT = WRONG.replace("139", "138")


def run(*arguments: str) -> Result:
    """What the command line answers."""
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with an old text, alone in its folder."""
    path = tmp_path / "paper.md"
    path.write_text(OLD)
    return path


def linked(path: Path) -> Path:
    """Another name of a file, in another folder."""
    other = path.parent.parent / f"{path.parent.name}.link"
    other.hardlink_to(path)
    return other


@pytest.mark.parametrize("is_linked", [False, True])
def test_what_is_saved_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_linked: bool) -> None:
    """An editor that saves between the reading and the rewriting of a document keeps its text, and it is said."""
    path = tmp_path / "paper.md"
    path.write_text(WRONG)
    if is_linked:
        linked(path)

    def edited(*arguments: Any, **settings: Any) -> None:
        path.write_text("edited\n" + WRONG)
        saving.write(*arguments, **settings)

    monkeypatch.setattr("vggcalc.checking.write", edited)
    result = run("check", "--fix", str(path))
    monkeypatch.undo()
    assert result.exit_code == 2
    assert f"{path} was saved by somebody else meanwhile" in result.stderr
    assert path.read_text() == "edited\n" + WRONG
    assert run("check", "--fix", str(path)).exit_code == 0
    assert path.read_text() == "edited\n" + RIGHT
    assert [*tmp_path.iterdir()] == [path]


def test_what_is_taken_away_meanwhile_is_not_put_back(tmp_path: Path) -> None:
    """A file that is gone by now is somebody's decision."""
    path = tmp_path / "paper.md"
    with pytest.raises(UsageError, match="meanwhile"):
        saving.write(str(path), b"new", before=b"old")
    assert [*tmp_path.iterdir()] == []


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    """A file that appears while another of its name is being written is not overwritten."""
    path = tmp_path / "a.csv"

    def write() -> None:
        with saving.writing(str(path)) as file:
            file.write(b"ours")
            path.write_text("theirs")

    with pytest.raises(UsageError, match="meanwhile"):
        write()
    assert path.read_text() == "theirs"
    assert [*tmp_path.iterdir()] == [path]


def test_hard_links_stay(path: Path) -> None:
    """All names of a file go on being one file."""
    other = linked(path)
    saving.write(str(path), NEW.encode(), before=OLD.encode())
    assert other.read_text() == NEW
    assert other.samefile(path)
    saving.write(str(other), b"short")
    assert path.read_text() == "short"
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o4755])
def test_owner_and_mode_stay(path: Path, mode: int) -> None:
    """Who may read a file, and whose it is, is not a matter of its text."""
    os.chown(path, 12, 34)
    path.chmod(mode)
    saving.write(str(path), NEW.encode())
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (12, 34, mode)
    assert path.read_text() == NEW


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes somebody else")
def test_a_file_of_somebody_else_stays_theirs(path: Path) -> None:
    """Who may write into a file but not give it away writes into it."""
    os.chown(path, 12, 34)
    path.chmod(0o666)
    path.parent.chmod(0o777)

    def write() -> None:
        os.setgroups([])
        os.setgid(56)
        os.setuid(78)
        saving.write(str(path), NEW.encode(), before=OLD.encode())

    for folder in path.parents:  # pytest keeps them to itself
        if not folder.stat().st_mode & 1:
            folder.chmod(folder.stat().st_mode | 0o5)
    assert forked(write) == 0
    found = path.stat()
    assert (found.st_uid, found.st_gid, path.read_text()) == (12, 34, NEW)
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="there are no extended attributes here")
def test_attributes_stay(path: Path) -> None:
    """What else hangs on a file goes on doing so."""
    try:
        os.setxattr(path, "user.from", b"arxiv")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    saving.write(str(path), NEW.encode())
    assert os.getxattr(path, "user.from") == b"arxiv"
    assert path.read_text() == NEW


def test_links_and_new_files(tmp_path: Path) -> None:
    """A link is followed, to a file that is not there yet too; a new file has the mode that one from a shell has."""
    (tmp_path / "link.md").symlink_to("real.md")
    before = os.umask(0o027)
    try:
        saving.write(str(tmp_path / "link.md"), b"text")
    finally:
        os.umask(before)
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "real.md").read_bytes() == b"text"
    assert (tmp_path / "real.md").stat().st_mode & 0o777 == 0o640


def forked(work: Callable[[], object]) -> int:
    """Do something in a process of its own, and say how that ended: 0, 1 for an error, or its own code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(call: int, work: Callable[[], object]) -> int:
    """Do something in a process that is killed before its so many-th call of the system or of Python."""

    def killing() -> None:
        left = call

        def count(frame: FrameType, event: str, argument: object) -> None:
            nonlocal left
            left -= event == "c_call"
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        work()

    return forked(killing)


@pytest.mark.slow
@pytest.mark.parametrize("is_linked", [False, True])
def test_a_kill_at_any_time_loses_nothing(path: Path, is_linked: bool) -> None:
    """Before each of its calls, a run is killed: a text is there whole, and the next run writes and tidies."""
    folder = path.parent
    if is_linked:
        linked(path)
    call, ends = 0, set()
    while True:
        path.write_text(OLD)
        end = killed_at(call, lambda: saving.write(str(path), NEW.encode(), before=OLD.encode()))
        ends.add(end)
        text = path.read_text()
        left = [each for each in folder.iterdir() if each != path]
        assert text in (OLD, NEW) or OLD in [each.read_text() for each in left]
        assert all(each.name.startswith(".paper.md.") for each in left)
        if any(each.name.endswith("-before") and each.read_text() != text for each in left):
            with pytest.raises(UsageError, match="a run was killed; what stood in it before is in"):
                saving.write(str(path), NEW.encode())
            assert path.read_text() == text
            next(each for each in left if each.name.endswith("-before")).unlink()
        saving.write(str(path), NEW.encode())
        assert path.read_text() == NEW
        assert [*folder.iterdir()] == [path]
        if end == 0:
            break
        call += 1
    assert ends == {0, -signal.SIGKILL}
    assert call > 40  # or else nothing was killed


@pytest.mark.parametrize("is_linked", [False, True])
@pytest.mark.parametrize("room", [0, 100, 20_001, 30_000])
def test_a_full_disk_loses_nothing(path: Path, room: int, is_linked: bool) -> None:
    """A file that may not become as long as it would have to stays what it was, and nothing is left beside it."""
    if is_linked:
        linked(path)

    def write() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        with pytest.raises(UsageError, match="file too large; nothing was changed"):
            saving.write(str(path), NEW.encode(), "nothing was changed", before=OLD.encode())

    assert len(NEW) > 30_000 > 20_001 > len(OLD)
    assert forked(write) == 0
    assert path.read_text() == OLD
    assert [*path.parent.iterdir()] == [path]


def test_a_disk_that_is_full_in_the_middle_of_a_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file itself is written into, what was written over is put back."""
    linked(path)
    write = os.write
    written: list[int] = []

    def full(handle: int, data: bytes) -> int:
        written.append(handle)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        return write(handle, data[:1_000] if len(written) == 1 else data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(UsageError, match="no space left on device"):
        saving.write(str(path), NEW.encode())
    assert len(written) == 3
    assert path.read_text() == OLD
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.slow
@pytest.mark.parametrize("is_linked", [False, True])
def test_two_at_once(tmp_path: Path, is_linked: bool) -> None:
    """Of several runs at a time each rewrites the document, or says that another one did; it is never half written."""
    path = tmp_path / "doc" / "paper.md"
    path.parent.mkdir()
    for _ in range(5):
        path.write_text(WRONG * 50)
        if is_linked and path.stat().st_nlink == 1:
            linked(path)
        command = [sys.executable, "-m", "vggcalc", "check", "--fix", str(path)]
        children = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
        told = [child.communicate(timeout=60)[1].decode() for child in children]
        codes = [child.returncode for child in children]
        assert 0 in codes
        assert all(code == 0 or "meanwhile" in said for code, said in zip(codes, told, strict=True)), told
        assert path.read_text() == RIGHT * 50
        assert [*path.parent.iterdir()] == [path]


def test_what_only_looks_like_a_draft_is_in_nobodys_way(path: Path) -> None:
    """A folder or a link of such a name stays, and what the link leads to too."""
    (path.parent / ".paper.md.a.vggcalc").mkdir()
    (path.parent / ".paper.md.b.vggcalc").symlink_to("other.txt")
    (path.parent / ".paper.md.c.vggcalc-before").symlink_to("other.txt")
    (path.parent / "other.txt").write_text("other")
    os.mkfifo(path.parent / ".paper.md.d.vggcalc-before")
    before = {*path.parent.iterdir()}
    saving.write(str(path), NEW.encode())
    assert path.read_text() == NEW
    assert (path.parent / "other.txt").read_text() == "other"
    assert {*path.parent.iterdir()} == before


def test_a_draft_that_is_being_written_is_left_alone(path: Path) -> None:
    """Whoever writes at the same time keeps the draft that the other one needs."""
    with saving.writing(str(path)) as file:
        file.write(b"first")
        saving.write(str(path), b"second")
    assert path.read_text() == "first"
    assert [*path.parent.iterdir()] == [path]
