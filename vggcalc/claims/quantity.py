"""What a claim is a figure of: which figure of which model, what is asked of it, and how the print counts it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any

from vggcalc.claims.printed import Printed, read_printed
from vggcalc.conventions import MEMORY, OPERATIONS
from vggcalc.errors import Mark, Problem, UsageError, VggcalcError, did_you_mean
from vggcalc.figures import FIGURES
from vggcalc.question import AS_DECLARED, SETTINGS, Question, read_node, read_words, split_model, with_words
from vggcalc.reading.nodes import Entry, YamlNode
from vggcalc.reading.reader import Reader, said
from vggcalc.record import Record


class Quantity(Record):
    """A figure, of what it is one, and how it is printed.

    arithmetic: what it is reckoned from, if it is no figure of the catalogue but made of some.
    cut: whether the print drops digits or rounds; None: it does either. digits: how many of its digits count at most.
    """

    figure: str
    convention: str = ""
    arithmetic: str = ""
    share: bool = False
    unit: str = ""
    kilo: int = 1000
    cut: bool | None = None
    digits: int | None = None
    model: str = ""
    words: str = ""
    """The settings that the model's name has behind it; the question has them too."""
    layer: tuple[str, ...] = ()
    part: str = ""
    of: str = ""
    """The input that a receptive field is on, where there are several."""
    question: Question = AS_DECLARED
    marks: Mapping[str, Mark] = {}
    """Where each setting stands in the file."""

    @property
    def named(self) -> str:
        """The model as it was named."""
        return with_words(self.model, self.words)

    @property
    def layers(self) -> list[str]:
        """The names of the layers or blocks that are asked about; none for the whole model."""
        return [f"{name}.{self.part}" if self.part else name for name in self.layer]

    def changed(self, **changes: Any) -> Quantity:
        """Another quantity: with other fields, or with other settings of the question."""
        settings = {key: value for key, value in changes.items() if key in SETTINGS}
        own = {key: value for key, value in changes.items() if key not in SETTINGS}
        return self._replace(**own, question=self.question.changed(settings))

    def read(self, text: str) -> Printed:
        """What a text claims as a print of the figure; raises UsageError for one that is no figure."""
        unit = self.unit or ("%" if FIGURES[self.figure].unit == "percent" else "")
        return read_printed(text, unit, self.kilo, self.digits)

    def mark(self, *keys: str) -> Mark | None:
        """Where the first of these settings stands that is set."""
        return next((self.marks[key] for key in keys if key in self.marks), None)


class Given(Record):
    """The value of a setting, and its place."""

    value: Any
    mark: Mark


Settings = dict[str, Given]

ROW = ("model", "layer", *SETTINGS)
"""What a claim is about: of a table, of a column or of a row."""

PRINT = ("unit", "kilo", "cut", "digits")
"""How it is printed."""

COLUMN = ("figure", "convention", "memory", "protocol", "arithmetic", "share", "part", "of", *PRINT, *ROW)
"""All that may be said of a column or of a single cell."""

_SAME = {"memory": "convention", "protocol": "convention"}
"""Other words for a setting, where they say more."""


def read_settings(reader: Reader, entries: Mapping[str, Entry], known: Iterable[str] = COLUMN) -> Settings:
    """The settings among some entries; what is wrong with them becomes a problem."""
    settings: Settings = {}
    for key in known:
        if key in entries:
            value = _READERS.get(key, read_node)(reader, key, entries[key].value)
            if value is not None:
                settings[_SAME.get(key, key)] = Given(value, entries[key].value.mark)
    for other, key in combinations((key for key in ("memory", "protocol", "convention") if key in entries), 2):
        hint = "keep one of the two"
        reader.fault(f"'{other}' and '{key}' name one thing", hint, entries[other].mark, code="duplicate-key")
    variables = settings["vars"].value if "vars" in settings else {}
    for key in settings.keys() & variables.keys():
        if key in SETTINGS and SETTINGS[key].sets_variables:
            reader.fault(f"'{key}' is set twice", "keep one of the two", entries[key].mark, code="duplicate-key")
    return settings


def replaced(settings: Settings, other: Settings) -> Settings:
    """Settings with some of them replaced; how one figure is counted says nothing of another."""
    gone: set[str] = {"convention", "arithmetic", "share", "of"} if "figure" in other else set()
    gone |= {"part"} if "layer" in other else set()
    return {key: value for key, value in settings.items() if key not in gone} | other


def quantity(reader: Reader, settings: Settings, figure: str, mark: Mark) -> Quantity | None:
    """What settings say of a figure; None, with a problem, where they do not go together or no model is named."""
    before = len(reader.problems)
    asked = Quantity(figure).changed(**{key: setting.value for key, setting in settings.items()})
    asked = asked._replace(marks={key: setting.mark for key, setting in settings.items()})
    model, words = split_model(asked.model)
    try:
        own = read_words(words)
        asked = asked.changed(model=model, words=words, **own)
        asked = asked._replace(marks={**asked.marks, **dict.fromkeys(own, asked.marks.get("model", mark))})
    except UsageError as error:
        reader.problems += placed(error, asked.mark("model"))
    if asked.convention:
        _check_convention(reader, asked)
    elif of := FIGURES[asked.figure].counted:
        hint = f"say who counts: convention: {'thop' if of == 'operations' else 'torchinfo'}"
        reader.fault(f"{asked.figure} without a convention", hint, mark, code="no-convention")
    elif FIGURES[asked.figure].measured:
        hint = "say how it was measured: protocol: torchvision-v1"
        reader.fault(f"{asked.figure} without a protocol", hint, mark, code="no-convention")
    if not asked.model:
        reader.fault(
            "nothing says which model this is of",
            "write model: NAME, or model: FILE.yaml:VARIANT",
            mark,
            code="bad-claim",
        )
    if asked.part and not asked.layer:
        reader.fault(
            "a part without a layer", "name the layer that it is a part of", asked.mark("part"), code="bad-claim"
        )
    if asked.of and not FIGURES[asked.figure].in_fields:
        known = ", ".join(key for key, each in FIGURES.items() if each.in_fields)
        reader.fault(
            f"{asked.figure} is on no input of its own", f"'of' is for {known}", asked.mark("of"), code="bad-claim"
        )
    return asked if len(reader.problems) == before else None


def placed(error: VggcalcError, mark: Mark | None) -> list[Problem]:
    """What is wrong, each where it stands, or else in this place; that something is wrong in another file, here too."""
    found = [problem if problem.mark else problem._replace(mark=mark) for problem in error.problems]
    elsewhere = [problem for problem in error.problems if problem.mark and mark and problem.mark.source != mark.source]
    if elsewhere:
        found.append(Problem("this cannot be worked out", f"see {elsewhere[0].mark}", mark, code="faulty-model"))
    return found


def _check_convention(reader: Reader, asked: Quantity) -> None:
    """A convention counts what the figure is, and exists."""
    if FIGURES[asked.figure].measured:
        _check_protocol(reader, asked)
        return
    of = FIGURES[asked.figure].counted
    if not of:
        known = ", ".join(key for key, figure in FIGURES.items() if figure.counted)
        reader.fault(
            f"{asked.figure} has one definition",
            f"conventions are for {known}",
            asked.mark("convention"),
            code="no-convention",
        )
        return
    known_names = OPERATIONS if of == "operations" else MEMORY
    if asked.convention not in known_names:
        hint = did_you_mean(asked.convention, known_names)
        reader.fault(
            f"no convention of {of} is called '{asked.convention}'",
            hint,
            asked.mark("convention"),
            code="unknown-figure",
        )


def _check_protocol(reader: Reader, asked: Quantity) -> None:
    from vggcalc.measured import protocols  # reads all that was measured

    if asked.convention not in protocols():
        message, hint = f"there is no protocol '{asked.convention}'", did_you_mean(asked.convention, protocols())
        reader.fault(message, hint, asked.mark("convention"), code="unknown-name")


def _text(reader: Reader, key: str, node: YamlNode) -> str | None:
    return reader.text(Entry(node.mark, node), f"'{key}'") or None


def _arithmetic(reader: Reader, key: str, node: YamlNode) -> str | None:
    text = _text(reader, key, node)
    if text is not None and re.fullmatch("[0-9 ()]+", text):
        reader.fault(
            f"'{text}' reckons nothing", "write what gives it, as in macs - macs(conv1)", node.mark, code="bad-claim"
        )
    return text


def _switch(reader: Reader, key: str, node: YamlNode) -> bool | None:
    value = reader.value(node, {})
    if type(value) is bool:
        return value
    reader.fault(f"'{key}' is {said(node)}", "it must be true or false", node.mark, code="wrong-type")
    return None


def _whole(reader: Reader, key: str, node: YamlNode) -> int | None:
    value = reader.whole(Entry(node.mark, node), f"'{key}'", {}, -1)
    return value if value >= 0 else None


def _one_of(known: Iterable[str]) -> Callable[[Reader, str, YamlNode], str | None]:
    def read(reader: Reader, key: str, node: YamlNode) -> str | None:
        text = _text(reader, key, node)
        if text is None or text in known:
            return text
        reader.fault(f"there is no {key} '{text}'", did_you_mean(text, known), node.mark, code="unknown-name")
        return None

    return read


def _tried(parse: Callable[[str], Any]) -> Callable[[Reader, str, YamlNode], str | None]:
    """A text that must be one that can be read."""

    def read(reader: Reader, key: str, node: YamlNode) -> str | None:
        text = _text(reader, key, node)
        try:
            parse(text or "1")
        except UsageError as error:
            reader.problems += placed(error, node.mark)
            return None
        return text

    return read


def _kilo(reader: Reader, key: str, node: YamlNode) -> int | None:
    text = _text(reader, key, node)
    if text in ("1000", "1024"):
        return int(text)
    if text is not None:
        reader.fault(f"'kilo' is '{text}'", "it is what K means, 1000 or 1024", node.mark, code="wrong-type")
    return None


def _layers(reader: Reader, key: str, node: YamlNode) -> tuple[str, ...] | None:
    text = _text(reader, key, node)
    if text is None:
        return None
    names = tuple(name.strip() for name in f" {text} ".split(" + "))
    if twice := next((name for name, times in Counter(names).items() if times > 1), ""):
        reader.fault(f"'{twice}' stands twice", "name each layer once", node.mark, code="duplicate-key")
        return None
    if all(names):
        return names
    reader.fault(
        f"'{text}' leaves out a layer",
        "write one name, or several with ' + ' between them",
        node.mark,
        code="bad-claim",
    )
    return None


_READERS: dict[str, Callable[[Reader, str, YamlNode], Any]] = {
    "figure": _one_of(FIGURES),
    "convention": _text,
    "memory": _text,
    "protocol": _text,
    "arithmetic": _arithmetic,
    "share": _switch,
    "unit": _tried(lambda unit: read_printed("1", unit)),
    "kilo": _kilo,
    "cut": _switch,
    "digits": _whole,
    "model": _text,
    "layer": _layers,
    "part": _text,
    "of": _text,
}
