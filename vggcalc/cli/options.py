"""Options that several commands share, each with one meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from vggcalc.analysis.report import Report
from vggcalc.model import load
from vggcalc.question import AS_DECLARED, SETTINGS, SWITCHES, Question, Setting, read_texts

if TYPE_CHECKING:
    from vggcalc.conventions import Counts

F = TypeVar("F", bound=Callable[..., Any])


def complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> Sequence[str]:
    """The bundled names that begin with what was typed, for the shell."""
    from vggcalc.language.index import names

    return [name for name in names() if name.startswith(incomplete)]


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


network_options = question_options(*SETTINGS)
"""--input, --batch, --dtype and all else that changes the question."""


def counting_options(function: F) -> F:
    """--convention and --memory."""
    options = (
        click.option("--convention", metavar="NAME", help="Operations as someone else counts them; see 'conventions'."),
        click.option("--memory", metavar="NAME", help="Memory as someone else counts it; see 'conventions'."),
    )
    return _decorated(function, options)


layout_option = click.option(
    "--layout", type=click.Choice(["hwc", "chw"]), default="hwc", show_default=True, help="Shapes."
)


columns_option = click.option(
    "--columns", metavar="KEYS", help="As in layer,params,macs; +flops adds to the usual ones; see 'list figures'."
)


def analysed(model: str, question: Question) -> Report:
    """The report that a command's options ask for."""
    return load(model, question).analyse()


def counted(report: Report, convention: str | None, memory: str | None) -> Counts | None:
    """The counts that --convention and --memory ask for."""
    if convention is None and memory is None:
        return None
    from vggcalc.conventions import counts

    return counts(report, convention, memory)
