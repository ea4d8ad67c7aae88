"""Files of strangers: which models a table or a document may read, and what is never quoted of what is no spec."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vggcalc import UsageError, VggcalcError, load
from vggcalc.cli import cli
from vggcalc.reading import files

NET = "family: net\ninput: 8x8x3\nlayers: [{conv3-4: {name: conv}}]\n"  # 3*3*3*4 + 4 = 112 params
KUBE = "users:\n- name: admin\n  user: {token: s3cr3t-of-the-cluster}\n"
SECRET = "s3cr3t"


def run(*arguments: str, stdin: str | None = None) -> Result:
    """What the command line answers."""
    return CliRunner().invoke(cli, arguments, input=stdin, catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a stranger's table, beside which lies what is not the stranger's."""
    (tmp_path / "kube.yaml").write_text(KUBE)
    (tmp_path / "net.yaml").write_text(NET)
    own = tmp_path / "pr"
    (own / "below").mkdir(parents=True)
    (own / "below" / "net.yaml").write_text(NET)
    (own / "net.yaml").write_text(NET)
    return own


def table(folder: Path, model: str) -> Path:
    """A table of one claim about a model."""
    path = folder / "table.yaml"
    path.write_text(f"model: '{model}'\nclaims: {{params: 112}}\n")
    return path


def documents(folder: Path, model: str) -> list[Path]:
    """Documents with a figure and with a table of a model, in both languages."""
    texts = {
        "number.md": f'<!-- vggcalc "{model}" params -->112<!-- /vggcalc -->\n',
        "show.md": f'<!-- vggcalc show "{model}" -->\n<!-- /vggcalc -->\n',
        "rf.md": f'<!-- vggcalc rf "{model}" -->\n<!-- /vggcalc -->\n',
        "compare.md": f'<!-- vggcalc compare vgg16 "{model}" -->\n<!-- /vggcalc -->\n',
        "option.md": f'<!-- vggcalc show --columns=layer "{model}" -->\n<!-- /vggcalc -->\n',
        "number.tex": f'\\vggcalc{{"{model}" params}}{{112}}\n',
        "show.tex": f'% vggcalc show "{model}"\n% /vggcalc\n',
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in texts]


def test_models_lie_in_the_folder_and_below(folder: Path) -> None:
    """A table reads the specs beside it and below it, by a link too that stays inside."""
    (folder / "link.yaml").symlink_to("below/net.yaml")
    (folder / "inside").symlink_to("below")
    for model in ("net.yaml", "below/net.yaml", "./net.yaml", "below/../net.yaml", "link.yaml", "inside/net.yaml"):
        assert run("check", str(table(folder, model))).exit_code == 0, model
        assert run("check", str(table(folder, f"{model}:net"))).exit_code == 0, model


OUTSIDE = {
    "above": "../kube.yaml",
    "above, a spec": "../net.yaml",
    "through a folder": "below/../../kube.yaml",
    "absolute": "{above}/kube.yaml",
    "link": "link.yaml",
    "link of a folder": "out/kube.yaml",
    "folder like a spec": "d.yaml:/../../kube.yaml",
    "link like a spec": "e.yaml:/kube.yaml",
    "file like a spec": "f.yaml:",
    "standard input": "-:x.yaml",
    "standard input, settings": "-:x.yaml,batch=2",
    "standard input alone": "-",
    "pipe": "pipe.yaml",
    "device": "zero.yaml",
    "device by name": "/dev/zero:x.yaml",
    "descriptor": "/dev/fd/0:x.yaml",
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
@pytest.mark.parametrize("model", OUTSIDE.values(), ids=OUTSIDE)
def test_no_table_and_no_document_reads_anything_else(
    folder: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing above, by no link, no standard input, no pipe, no device: refused soon, and nothing of it is quoted."""
    (folder / "link.yaml").symlink_to("../kube.yaml")
    (folder / "out").symlink_to("..")
    (folder / "d.yaml:").mkdir()
    (folder / "e.yaml:").symlink_to("..")
    (folder / "f.yaml:").symlink_to("../net.yaml")
    (folder / "zero.yaml").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.yaml")
    monkeypatch.chdir(folder)
    model = model.format(above=folder.parent)
    for path in (table(folder, model), *documents(folder, model)):
        for name in (str(path), path.name):
            result = run("check", name, stdin=NET + KUBE)
            assert result.exit_code == 2, (name, result.output)
            assert SECRET not in result.output
            assert result.stderr.startswith((f"{name}:", "vggcalc: ")), result.stderr


def test_what_was_swapped_after_a_look_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that becomes a link between the look at its path and its opening leads nowhere."""
    path = folder / "net.yaml"
    looked_at = os.path.realpath

    def swapped(name: str) -> str:
        found = looked_at(name)
        if name == str(path) and not path.is_symlink():
            path.unlink()
            path.symlink_to("../kube.yaml")
        return found

    monkeypatch.setattr(os.path, "realpath", swapped)
    with files.reach(str(folder)), pytest.raises(UsageError, match="outside"):
        files.content(str(path), "spec")
    assert path.is_symlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_that_nobody_writes_is_refused(tmp_path: Path) -> None:
    """Who names a pipe himself has it read when somebody writes, and is told when nobody does."""
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="nobody writes"):
        load(str(pipe))
    writer = threading.Timer(0.2, lambda: pipe.write_text(NET))  # comes later, as a script's may
    writer.start()
    assert load(str(pipe)).analyse().totals.params == 112
    writer.join()


def test_a_slow_writer_is_waited_for() -> None:
    """What a shell's `<(command)` prints is read to its end, however long its command takes between two lines."""
    ours, theirs = os.pipe()

    def write() -> None:
        with open(theirs, "w") as out:
            for line in NET.splitlines():
                threading.Event().wait(0.05)
                print(line, file=out, flush=True)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert load(f"/dev/fd/{ours}").analyse().totals.params == 112
    finally:
        writer.join()
        os.close(ours)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no /dev/zero")
def test_a_device_without_an_end_is_read_to_a_bound() -> None:
    """Bytes without an end are a file that is too large."""
    with pytest.raises(VggcalcError, match="larger than 16 MiB"):
        load("/dev/zero")


FOREIGN = {
    "yaml": KUBE,
    "list": "- password: s3cr3t\n- b\n",
    "word": "s3cr3t\n",
    "number of keys": "a: 1\npassword: s3cr3t\nvars: {token: s3cr3t}\n",
    "below": "spec:\n  family: x\n  token: s3cr3t\n",
    "no yaml": "root:x:0:0\npassword = s3cr3t: [\n",
    "key file": "-----BEGIN s3cr3t-----\ns3cr3t\n-----END s3cr3t-----\n",
    "json": '{"auths": {"family": {"auth": "s3cr3t"}}',
    "tabs": "a:\n\tpassword: s3cr3t\n",
    "twice": "token: s3cr3t\ntoken: s3cr3t\n",
    "tags": "token: !!s3cr3t x\nother: *s3cr3t\n",
    "documents": "---\ntoken: s3cr3t\n---\ntoken: s3cr3t\n",
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_spec_is_not_quoted(folder: Path, text: str) -> None:
    """A file of another kind is told by its name, and nothing of what stands in it."""
    path = folder / "other.yaml"
    path.write_text(text)
    for arguments in (("show", str(path)), ("check", str(table(folder, "other.yaml")))):
        result = run(*arguments)
        assert result.exit_code == 2
        assert f"{path} is no spec of networks" in result.stderr
        assert SECRET not in result.output
    model = result.stderr.splitlines()[0]
    assert model.startswith(f"{folder / 'table.yaml'}:1:8: ")


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_table_is_not_quoted(folder: Path, text: str) -> None:
    """Nor is what somebody has checked by mistake, as by a pattern that fits too many files."""
    path = folder / "other.yaml"
    path.write_text(text)
    result = run("check", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"vggcalc: {path} is no table of figures; ")
    assert SECRET not in result.output


def test_a_folder_ends_where_a_link_leads_out(folder: Path) -> None:
    """What is searched for tables and documents is the folder: no link makes a file elsewhere part of it."""
    wrong = "<!-- vggcalc vgg16 params -->139 M<!-- /vggcalc -->\n"
    (folder.parent / "paper.md").write_text(wrong)
    (folder.parent / "claims.yaml").write_text(f"claims: {{password: {SECRET}}}\n")
    (folder / "paper.md").symlink_to("../paper.md")
    (folder / "claims.yaml").symlink_to("../claims.yaml")
    table(folder, "net.yaml")
    (folder / "link.yaml").symlink_to("table.yaml")
    for arguments in (("check", str(folder)), ("check", "--fix", str(folder)), ("validate", str(folder))):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        assert SECRET not in result.output
    assert (folder.parent / "paper.md").read_text() == wrong
    assert run("check", str(folder / "paper.md")).exit_code == 1  # who names it himself means it


OWN = {
    "no family": ("input: 8x8x3\nlayers: [conv3-8]\n", "a spec needs the key 'family'"),
    "misspelt": ("familly: f\ninput: 8x8x3\nlayers: [conv3-8]\n", "a spec has no key 'familly'"),
    "no yaml": ("family: f\ninput: 8x8x3\nlayers: [conv3-8}\n", "layers: [conv3-8}"),
    "flow": ("{family: f, input: 8x8x3, layers: [conv3-8}\n", "{family: f"),
    "flow on lines": ('{\n  "family": "f",\n  "layers": [conv3-8}\n', '"layers"'),
    "flow, later": ("{input: 8x8x3, family: f, layers: [conv3-8}\n", "{input: 8x8x3"),
    "quoted": ('"family": f\n"layers": [conv3-8}\n', '"layers"'),
}


@pytest.mark.parametrize(("text", "said"), OWN.values(), ids=OWN)
def test_the_faults_of_a_spec_are_quoted(tmp_path: Path, text: str, said: str) -> None:
    """What means to be a spec is answered with its lines."""
    path = tmp_path / "net.yaml"
    path.write_text(text)
    assert said in run("show", str(path)).stderr
