"""What the command line tells: one style for all that is wrong, nothing raw of an argument, and help in every way."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from vggcalc.cli import COMMANDS, cli

ESCAPE = "\x1b[31m\x07"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")

WRONG = [
    # a command line, and all that is said
    (["show"], "missing argument 'MODEL'; see 'vggcalc show --help'"),
    (["show", "A", "E"], "got unexpected extra argument (E); see 'vggcalc show --help'"),
    (["layer", "conv3-8"], "missing option '--input'; see 'vggcalc layer --help'"),
    (["show", "A", "--formt", "csv"], "there is no option '--formt'; did you mean '--format'?"),
    (["--quiet"], "there is no option '--quiet'; see 'vggcalc --help'"),
    (["show", "A", "--top", "0"],
     "invalid value for '--top': 0 is not in the range x>=1; see 'vggcalc show --help'"),
    (["show", "A", "--batch"], "option '--batch' requires an argument"),
    (["show", "A", "--no-totals=1"], "option '--no-totals' does not take a value"),
    (["shwo"], "there is no command 'shwo'; did you mean 'show'?"),
    (["help", "shwo"], "there is no command 'shwo'; did you mean 'show'?"),
    (["show", "vgg61"], "there is no model 'vgg61'; did you mean 'vgg16'?"),
    (["show", "no/such/file.yaml"], "no/such/file.yaml: no such file or directory; name a readable YAML file"),
    (["rf"], "rf needs something to look at; give one of MODEL, --stack and --reach"),
    (["check", "no-such-table"], "there is no table 'no-such-table'; "
                                 "'vggcalc list published' shows all; a file is named by its path"),
]  # fmt: skip


def run(*arguments: str) -> Result:
    """A command in this process, on a terminal of 80 columns."""
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_one_style(arguments: list[str], said: str) -> None:
    """Whoever finds a mistake, click or vggcalc: one line that begins with the program's name, and exit code 2."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"vggcalc: {said}\n")


def test_a_place_stands_first(tmp_path: Path) -> None:
    """What is wrong in a file begins with its place, as an editor reads it; each of several on lines of its own."""
    path = tmp_path / "net.yaml"
    path.write_text("family: t\ninput: 8x8x3\nlayers: [blob-3, {conv3-8: {strides: 2}}]\n")
    lines = run("show", str(path)).stderr.splitlines()
    assert [line.split(": ")[0] for line in lines if line.startswith(str(path))] == [f"{path}:3:10", f"{path}:3:29"]
    assert not [line for line in lines if line.startswith("vggcalc")]


@pytest.mark.parametrize(
    "arguments",
    [
        [ESCAPE], [f"--{ESCAPE}"], ["show", ESCAPE], ["show", f"{ESCAPE}.yaml"], ["show", "A", ESCAPE],
        ["show", "A", "--format", ESCAPE], ["show", "A", f"--{ESCAPE}"], ["show", "A", "--batch", ESCAPE],
        ["show", "A", "--top", ESCAPE], ["show", "A", "--columns", ESCAPE], ["show", "A", "--sort", ESCAPE],
        ["show", "A", "--input", ESCAPE], ["show", "A", "--set", ESCAPE], ["show", "A", "--until", ESCAPE],
        ["show", "A", "-o", f"{ESCAPE}.foo"], ["show", "A", "-o", f"/no/{ESCAPE}.csv"],
        ["show", "A", "--convention", ESCAPE], ["rf", "A", "--layer", "conv1_1", "--at", ESCAPE],
        ["rf", "--stack", ESCAPE], ["rf", "A", "--picture", ESCAPE], ["layer", ESCAPE, "--input", "8x8x3"],
        ["layer", "conv3-8", ESCAPE, "--input", "8x8x3"], ["layer", "conv3-8", "--input", ESCAPE],
        ["memory", "A", "--fits", ESCAPE], ["conventions", ESCAPE], ["list", ESCAPE], ["check", ESCAPE],
        ["spec", ESCAPE], ["help", ESCAPE], ["explain", "A", ESCAPE], ["why", "A", "--between", ESCAPE, "thop"],
        ["show", "A", "--batch", "\u202e"], ["show", "A", "--format", "a\nb"],
    ],
    ids=repr,
)  # fmt: skip
def test_no_argument_is_echoed_raw(arguments: list[str]) -> None:
    """Whatever stands in an argument, its control characters are spelt out: they cannot colour or move anything."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert not CONTROL.search(result.stderr)
    assert re.search(r"\\x1b|\\u202e|a\\nb", result.stderr)


def test_help_is_a_command() -> None:
    """`vggcalc help` says what --help says, and `vggcalc help show` what `vggcalc show --help` says."""
    assert run("help").stdout == run("--help").stdout
    for command in COMMANDS:
        assert run("help", command).stdout == run(command, "--help").stdout


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_nothing_of_a_summary_is_cut_off(columns: int) -> None:
    """The list of commands says of each all that it has to say, wrapped where a terminal is narrow."""
    text = cli.get_help(click.Context(cli, info_name="vggcalc", terminal_width=columns))
    assert "..." not in text.replace("[ARGS]...", "")
    assert max(map(len, text.splitlines())) <= columns
    words = " ".join(text.split())
    for command, about in COMMANDS.items():
        assert f"{command} {about}" in words


@pytest.mark.parametrize("command", COMMANDS)
def test_options_fit_a_terminal(command: str) -> None:
    """The help of each command fits eighty columns and ends no line in dots."""
    text = run(command, "--help").stdout
    assert max(map(len, text.splitlines())) <= 80
    assert not re.search(r"\.\.\.$", text.partition("Options:")[2], re.M)
