"""What is written in a mark of a document: the command that prints a table, or what a number is a figure of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from vggcalc.claims.claim import Claim, read_claim
from vggcalc.claims.models import NO_MODEL, beside, is_file, is_stray
from vggcalc.claims.quantity import COLUMN, Given, quantity, read_settings
from vggcalc.documents.typeset import Language, plain
from vggcalc.errors import Mark, did_you_mean
from vggcalc.figures import FIGURES
from vggcalc.language.index import names
from vggcalc.question import SETTINGS, split_model
from vggcalc.reading.nodes import Entry, MapNode, TextNode
from vggcalc.reading.reader import Reader
from vggcalc.record import Record

COMMANDS = ("show", "compare", "explain", "why", "memory", "rf", "layer", "conventions", "list")
"""The commands whose output a document may hold."""

REFUSED = {
    **dict.fromkeys(("--picture", "--output", "-o", "--force"), "a document's commands write no files"),
    "--help": "write a command that prints figures",
    "-h": "write a command that prints figures",
    "-": "name a file beside the document; nothing stands on standard input",
}
"""Words that no command of a document may have, and what to do instead."""

WORDS = tuple(key for key in COLUMN if key not in ("figure", "model", "vars"))
"""What may be said of a number after its model and figure; what has a name besides, as in vars.width=32."""

HOW_COUNTED = {
    "markdown": "<!-- vggcalc vgg16 params -->138.4 M<!-- /vggcalc -->",
    "latex": r"\vggcalc{vgg16 params}{138.4\,M}",
}
"""How a number is marked."""


_FIRST = re.compile("\\s*[\"']?([^\\s\"']+)")


class Word(Record):
    """A word of a mark, without the quotes that may hold spaces together."""

    text: str
    mark: Mark


def is_meant(text: str) -> bool:
    """Whether what stands behind `vggcalc` can only be meant for it: a command, a bundled model, a file, or nothing."""
    word = _FIRST.match(text)
    return word is None or word[1] in COMMANDS or is_file(word[1]) or split_model(word[1])[0] in _models()


@cache
def _models() -> frozenset[str]:
    return frozenset(names())


def read_command(reader: Reader, words: Sequence[Word], mark: Mark, folder: str, language: Language) -> tuple[str, ...]:
    """A command line in the document's own format, with files in its folder; what is wrong becomes a problem."""
    if not words:
        reader.fault("this mark names no command", f"known are {', '.join(COMMANDS)}", mark, code="bad-mark")
        return ()
    name, place = words[0]
    if name not in COMMANDS:
        near = did_you_mean(name, COMMANDS)
        hint = near if near.startswith("did") else f"{near}; a number is marked as in {HOW_COUNTED[language]}"
        reader.fault(f"no table is printed by 'vggcalc {name}'", hint, place, code="bad-mark")
        return ()
    rest = []
    is_value = False  # of an option that is refused: what it names is no model
    for word, at in words[1:]:
        option = word.partition("=")[0] if word.startswith("--") else word[:2] if word.startswith("-") else word
        if option in REFUSED:
            reader.fault(f"'{option}' does not belong into a document", REFUSED[option], at, code="bad-mark")
        elif "/" in word and not is_value and is_stray(word):
            reader.fault(f"there is no model '{word}'", NO_MODEL, at, code="unknown-name")
        is_value = option in REFUSED and "=" not in word
        rest.append(word if word.startswith("-") else beside(folder, word))
    return (name, *rest) if style_of(rest) else (name, "--format", language, *rest)


def style_of(command: Sequence[str]) -> str:
    """The format that a command line asks for; empty for none."""
    for number, word in enumerate(command):
        if word == "--format" and number + 1 < len(command):
            return command[number + 1]
        if word.startswith("--format="):
            return word.partition("=")[2]
    return ""


def read_number(
    reader: Reader, words: Sequence[Word], raw: str, mark: Mark, at: Mark, language: Language
) -> Claim | None:
    """What a marked number claims; None, with problems, where that makes no sense.

    raw: the number as the document sets it. at: where it stands.
    """
    if len(words) < 2:
        hint = f"write model and figure as in {HOW_COUNTED[language]}"
        reader.fault("this mark does not say of what the number is", hint, mark, code="bad-mark")
        return None
    model, figure, *more = words
    before = len(reader.problems)
    if figure.text not in FIGURES:
        reader.fault(
            f"there is no figure '{figure.text}'",
            did_you_mean(figure.text, FIGURES),
            figure.mark,
            code="unknown-figure",
        )
    settings = read_settings(reader, _entries(reader, more)) | {"model": Given(*model)}
    asked = quantity(reader, settings, figure.text, mark) if len(reader.problems) == before else None
    return read_claim(reader, asked, plain(raw, language)[0].strip(), at, at, figure.text, model.text)


def _entries(reader: Reader, words: Iterable[Word]) -> dict[str, Entry]:
    """The settings of a number, those with names as mappings; the first word may be a convention."""
    entries: dict[str, Entry] = {}
    named: dict[str, dict[str, Entry]] = {}
    for number, (word, mark) in enumerate(words):
        key, equals, value = word.partition("=")
        if not equals and number == 0:
            key, value = "convention", word
        setting, dot, name = key.partition(".")
        is_named = bool(dot) and setting in SETTINGS and SETTINGS[setting].is_named
        if not equals and key != "convention":
            reader.fault(f"'{word}' sets nothing", "write SETTING=VALUE, as in batch=4", mark, code="bad-mark")
        elif not is_named and key not in WORDS:
            reader.fault(
                f"there is no setting '{key}'", did_you_mean(key, (*WORDS, "vars.width")), mark, code="unknown-name"
            )
        elif setting in entries or key in named or name in named.get(setting, {}):
            reader.fault(f"'{key}' is set twice", "keep one of the two", mark, code="duplicate-key")
        else:
            holder = named.setdefault(setting, {}) if is_named else entries
            holder[name if is_named else key] = Entry(mark, TextNode(value, False, mark))
    for key, own in named.items():
        first = next(iter(own.values())).mark
        entries[key] = Entry(first, MapNode(own, first))
    return entries
