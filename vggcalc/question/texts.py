"""Settings as they are written: on the command line, in the name of a model, in YAML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vggcalc.errors import Problem, UsageError
from vggcalc.question.record import SWITCHES
from vggcalc.question.settings import SETTINGS
from vggcalc.reading.nodes import Entry, MapNode, YamlNode
from vggcalc.reading.reader import Reader, plain_value, trap


def split_model(text: str) -> tuple[str, str]:
    """A model's name and the settings of its own behind it; the name ends where nothing but settings follows.

    >>> split_model("mobilenet_v2,width=35,no-top"), split_model("my,net.yaml:A,batch=4")
    (('mobilenet_v2', 'width=35,no-top'), ('my,net.yaml:A', 'batch=4'))
    """
    parts = text.split(",")
    end = len(parts)
    while end > 1 and (parts[end - 1] in SWITCHES or "=" in parts[end - 1]):
        end -= 1
    return ",".join(parts[:end]), ",".join(parts[end:])


def with_words(name: str, words: str) -> str:
    """A model's name with the settings of its own, as they were split."""
    return f"{name},{words}" if words else name


def read_words(words: str) -> dict[str, Any]:
    """The settings behind a model's name: `batch=4`, `input.left=8x8`, `dense`; `width=35` sets a variable.

    A variable that is called as a setting is has `vars.` before its name.

    >>> read_words("width=35,input=96x96,no-top")
    {'vars': {'width': 35}, 'input': {'': '96x96'}, 'top': False}

    Raises: UsageError for what is set twice.
    """
    return read_texts(map(_pair, words.split(","))) if words else {}


def _pair(word: str) -> tuple[str, str]:
    if word in SWITCHES:
        return SWITCHES[word]
    key, _, text = word.partition("=")
    setting, dot, name = key.partition(".")
    if dot and setting in SETTINGS:
        return setting, f"{name}={text}"
    return (key, text) if key in SETTINGS else ("vars", word)


def read_texts(texts: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Settings from their texts, as options give them; `Question.changed` checks their values.

    >>> read_texts([("batch", "4"), ("vars", "width=64"), ("vars", "pool=max"), ("top", "false")])
    {'batch': 4, 'vars': {'width': 64, 'pool': 'max'}, 'top': False}

    Raises: UsageError for what is set twice.
    """
    found: dict[str, Any] = {}
    said: set[tuple[str, str]] = set()
    for key, text in texts:
        setting = SETTINGS[key]
        name, equals, value = text.partition("=")
        if not setting.is_named or not (name and equals):
            name, value = "", text
        holder = found.setdefault(key, {}) if setting.is_named else found
        place = name if setting.is_named else key
        what = ("variable" if setting.sets_variables else key, place)
        if what in said:
            hint = f"keep one of the two{'' if name or not setting.is_named else f', or write NAME={setting.form}'}"
            raise UsageError(Problem(f"'{name or key}' is set twice", hint, code="duplicate-key"))
        said.add(what)
        holder[place] = value if setting.is_text else plain_value(value)
    return found


def read_node(reader: Reader, key: str, node: YamlNode) -> Any:
    """A setting as a table of claims writes it; None, with problems, for a value that it cannot have."""
    before, setting = len(reader.problems), SETTINGS[key]
    value = _value(reader, key, node)
    if len(reader.problems) > before:
        return None
    try:
        setting.check(key, value)
    except UsageError as error:
        hint = trap(node)
        reader.problems += [problem._replace(mark=node.mark, hint=hint or problem.hint) for problem in error.problems]
        return None
    return value


def _value(reader: Reader, key: str, node: YamlNode) -> Any:
    setting = SETTINGS[key]
    if isinstance(node, MapNode) and setting.is_named:
        if setting.is_text:
            return {name: reader.text(entry, f"{key} '{name}'") for name, entry in node.entries.items()}
        return {name: reader.variable(name, entry.value, {}) for name, entry in node.entries.items()}
    return reader.text(Entry(node.mark, node), f"'{key}'") if setting.is_text else reader.value(node, {})
