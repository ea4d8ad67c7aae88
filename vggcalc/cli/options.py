"""Options that several commands share, each with one meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import click

from vggcalc.analysis.report import Report
from vggcalc.cli.output_options import UNKNOWN
from vggcalc.errors import SpecError, VggcalcError
from vggcalc.model import load
from vggcalc.question import AS_DECLARED, SETTINGS, SWITCHES, Question, Setting, read_texts, split_model

if TYPE_CHECKING:
    from vggcalc.conventions import Counts
    from vggcalc.figures import Depth
    from vggcalc.render.view import View

F = TypeVar("F", bound=Callable[..., Any])


def complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> Sequence[Any]:
    """What may follow what was typed, for the shell: a bundled name, a setting behind one, or else any file."""
    from click.shell_completion import CompletionItem

    from vggcalc.language import index

    before, comma, _ = incomplete.rpartition(",")
    known = _own_settings(before) if comma else index.names()
    found = [f"{before}{comma}{each}" for each in known if f"{before}{comma}{each}".startswith(incomplete)]
    return found if found or comma else [CompletionItem(incomplete, type="file")]


def _own_settings(model: str) -> list[str]:
    """What may stand behind the name of a model: its switches, its settings and the variables of its spec."""
    from vggcalc.catalogue import locate

    try:
        variables = locate(split_model(model)[0]).variant.vars
    except VggcalcError:
        return []
    settings = [key for key, setting in SETTINGS.items() if setting.form and not setting.sets_variables]
    return [*SWITCHES, *(f"{key}=" for key in (*settings, *variables))]


def _decorated(function: F, options: Sequence[Callable[[F], F]]) -> F:
    for option in reversed(options):
        function = option(function)
    return function


def _option(key: str, setting: Setting) -> Callable[[F], F]:
    """The option that says a setting; a switch has its word, all else a value."""
    if not setting.form:
        word, text = next((word, text) for word, (own, text) in SWITCHES.items() if own == key)
        return click.option(f"--{word}", key, flag_value=text, help=setting.what)
    form = f"[{'|'.join(setting.choices)}]" if setting.choices else setting.form
    return click.option(
        _OTHERWISE.get(key, f"--{key}"),
        key,
        multiple=setting.is_named,
        metavar=form,
        help=setting.what,
        shell_complete=lambda ctx, param, typed: [choice for choice in setting.choices if choice.startswith(typed)],
    )


_OTHERWISE = {"vars": "--set"}
"""Options that have another name than their setting."""


def question_options(*keys: str) -> Callable[[F], F]:
    """The options that say these settings; the command gets all of them as one record, its `question`."""

    def decorate(function: F) -> F:
        @wraps(function)
        def command(**values: Any) -> Any:
            given = {key: values.pop(key) for key in keys}
            listed = {key: [value] if isinstance(value, str) else value or () for key, value in given.items()}
            texts = [(key, text) for key, own in listed.items() for text in own]
            return function(**values, question=AS_DECLARED.changed(read_texts(texts)))

        return _decorated(cast("F", command), [_option(key, SETTINGS[key]) for key in keys])

    return decorate


def network_options(function: F) -> F:
    """--input, --batch, --dtype and all else that changes the question; and --strict."""
    return strict_option(question_options(*SETTINGS)(function))


_STRICT = "vggcalc.strict"


def _note_strict(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    ctx.meta[_STRICT] = value


strict_option = click.option(
    "--strict", is_flag=True, expose_value=False, callback=_note_strict, help="Refuse a network with unknown work."
)
"""--strict, which `judged` minds."""


def judged(report: Report) -> Report:
    """A report that a command shows; that it has unknown work is said at its end, or the command ends here if strict.

    Raises: SpecError with each layer of unknown work, if none shall be.
    """
    if any(answers.layer.role == "unknown" for answers in report.rows.answers):
        from vggcalc.render.unknown import unknown_lines
        from vggcalc.suspicions.unknown import unknown_work

        meta = click.get_current_context().meta
        if meta.get(_STRICT) and (problems := [*unknown_work(report)]):
            raise SpecError(problems)
        meta.setdefault(UNKNOWN, []).extend(unknown_lines(report))
    return report


def counting_options(function: F) -> F:
    """--convention and --memory."""
    options = (
        click.option("--convention", metavar="NAME", help="Operations as someone else counts them; see 'conventions'."),
        click.option("--memory", metavar="NAME", help="Memory as someone else counts it; see 'conventions'."),
    )
    return _decorated(function, options)


protocol_option = click.option(
    "--protocol", metavar="NAME", help="How accuracies were measured, or a,b; see 'list measured'."
)

layout_option = click.option(
    "--layout", type=click.Choice(["hwc", "chw"]), default="hwc", show_default=True, help="Shapes."
)


_USUAL_DEPTH = "usual"


def _depth(text: str) -> int | str | None:
    """How deep blocks are shown: a number, `auto`, or `all`, which is None."""
    if text in (_USUAL_DEPTH, "auto", "all"):
        return None if text == "all" else text
    if not re.fullmatch("0{0,8}[1-9][0-9]{0,8}", text):
        raise click.BadParameter(f"{text} is no depth; give a number from 1 on, auto, or all")
    return int(text)


depth_option = click.option(
    "--depth",
    type=_depth,
    default=_USUAL_DEPTH,
    metavar="N|auto|all",
    help="Blocks in one row each, down to this depth; long networks on a terminal: auto.",
)


def depth_on(view: View, depth: Depth | Literal["usual"], looks_at_layers: bool = False) -> Depth:
    """How deep blocks are shown: as asked for; or else, unless layers are ordered, what a screen has room for."""
    if depth != _USUAL_DEPTH:
        return cast("Depth", depth)
    return "auto" if view.on_screen and not (looks_at_layers or view.sort or view.top) else None


def analysed(model: str, question: Question) -> Report:
    """The report that a command's options ask for."""
    return judged(load(model, question).analyse())


def counted(report: Report, convention: str | None, memory: str | None) -> Counts | None:
    """The counts that --convention and --memory ask for."""
    if convention is None and memory is None:
        return None
    from vggcalc.conventions import counts

    return counts(report, convention, memory)
