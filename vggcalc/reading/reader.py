"""Typed reading of nodes: every fault becomes a problem with its place, and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Variables
from functools import partial
from typing import Any

from vggcalc.errors import Hint, Mark, did_you_mean
from vggcalc.reading.expression import ExpressionError, Value, is_value, substitute
from vggcalc.reading.faults import Faults
from vggcalc.reading.nodes import Entry, ListNode, MapNode, TextNode, YamlNode

_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)?\.[0-9]+|-?[1-9][0-9]*(\.[0-9]+)?e-?[0-9]+")
_YAML_NUMBER = r"[-+]?(0[0-7_]+|0x[0-9a-f_]+|0b[01_]+|0o[0-7]+|[0-9][0-9_]*(:[0-5]?[0-9])+|[0-9][0-9_]*|[0-9]+e[0-9]+)"
_SIDES = re.compile(r"(?!0x)[(\[]?\s*[0-9]{1,9}(?:\s*[x,]\s*[0-9]{1,9}){1,2}\s*[)\]]?")
_YAML_SWITCHES = frozenset(("yes", "no", "on", "off", "y", "n", "true", "false"))


class Reader:
    """Reads what one spec holds and keeps its problems."""

    def __init__(self) -> None:
        self.problems = Faults()
        self._no_mapping: Mark | None = None
        """Where one was wanted last, and something else stood; what that lacks is told to nobody."""

    def fault(self, message: str, hint: Hint, mark: Mark | None, *, code: str) -> None:
        """Note a problem; its code is one of `CODES`.

        Raises: SpecError where it is one too many.
        """
        self.problems.note(message, hint, mark, code=code)

    def mapping(self, node: YamlNode, what: str, hint: str = "it must be a mapping of keys to values") -> MapNode:
        """A mapping, or an empty one with a problem."""
        if isinstance(node, MapNode):
            return node
        if not is_absent(node):
            self.fault(f"{what} is {said(node)}", hint, node.mark, code="wrong-type")
            self._no_mapping = node.mark
        return MapNode({}, node.mark)

    def sequence(self, node: YamlNode, what: str) -> ListNode:
        """A list, or an empty one with a problem."""
        if isinstance(node, ListNode):
            return node
        hint = "it must be a list, as in [conv3-64, maxpool]"
        if isinstance(node, TextNode) and re.match(r"-\w", node.text):
            hint = "write a space behind each dash, as in - conv3-64"
        self.fault(f"{what} is {said(node)}", hint, node.mark, code="wrong-type")
        return ListNode([], node.mark)

    def keys(
        self,
        mapping: MapNode,
        what: str,
        known: Iterable[str],
        needed: Iterable[str] = (),
        meant: Callable[[str], str] = lambda key: "",
    ) -> None:
        """Every key is known and none that is needed is missing; meant: a hint for a key that others have."""
        known = list(known)
        for key, entry in mapping.entries.items():
            if key not in known:
                hint = partial(_key_meant, key, entry, known, meant)
                self.fault(f"{what} has no key '{key}'", hint, entry.mark, code="unknown-key")
        for key in needed if mapping.mark != self._no_mapping else ():
            if key not in mapping.entries:
                self.fault(f"{what} needs the key '{key}'", f"write {key}: ...", mapping.mark, code="missing-key")

    def text(self, entry: Entry | None, what: str, variables: Variables[str, Value] | None = None) -> str:
        """A piece of text; empty when there is none."""
        if entry is None:
            return ""
        if not isinstance(entry.value, TextNode) or not entry.value.text.strip():
            self.fault(f"{what} is {said(entry.value)}", "it must be text", entry.value.mark, code="wrong-type")
            return ""
        return self.filled(entry.value, variables or {}) or ""

    def texts(self, entry: Entry | None, what: str) -> list[TextNode]:
        """One piece of text, or a list of them."""
        if entry is None:
            return []
        items = entry.value.items if isinstance(entry.value, ListNode) else [entry.value]
        found = []
        for item in items:
            if isinstance(item, TextNode) and item.text.strip():
                found.append(item)
            else:
                self.fault(
                    f"{what} is {said(item)}", "it must be a name or a list of names", item.mark, code="wrong-type"
                )
        return found

    def filled(self, scalar: TextNode, variables: Variables[str, Value]) -> str | None:
        """A scalar's text with `$(...)` reckoned; None, with a problem, when that fails."""
        try:
            return substitute(scalar.text, variables)
        except ExpressionError as error:
            self.fault(error.reason, error.hint, scalar.mark, code=error.code)
            return None

    def value(self, node: YamlNode, variables: Variables[str, Value]) -> Any:
        """The Python value of a node: numbers, true and false, words, lists; None, with a problem, when it has none."""
        if isinstance(node, ListNode):
            return tuple(self.value(item, variables) for item in node.items)
        if isinstance(node, MapNode):
            self.fault(
                "a mapping stands where a value belongs",
                "write a number, a word or a list",
                node.mark,
                code="wrong-type",
            )
            return None
        text = self.filled(node, variables)
        return text if text is None or (node.quoted and "$(" not in node.text) else plain_value(text)

    def whole(self, entry: Entry | None, what: str, variables: Variables[str, Value], default: int) -> int:
        """A whole number of at least 0; the default when there is none."""
        if entry is None:
            return default
        before = len(self.problems)
        value = self.value(entry.value, variables)
        if type(value) is int and value >= 0:
            return value
        if len(self.problems) == before:
            self.fault(
                f"{what} is {said(entry.value)}",
                trap(entry.value) or "it must be a whole number of at least 0",
                entry.value.mark,
                code="wrong-type",
            )
        return default

    def variable(self, name: str, node: YamlNode, variables: Variables[str, Value]) -> Value | None:
        """What a variable is set to: a whole number or a word."""
        before = len(self.problems)
        value = self.value(node, variables)
        if type(value) is int:
            return value
        if isinstance(value, str) and is_value(value) and value.lower() not in _YAML_SWITCHES:
            return value
        if len(self.problems) == before:
            hint = trap(node) or "a variable holds a whole number or a word"
            self.fault(f"variable '{name}' is {said(node)}", hint, node.mark, code="wrong-type")
        return None


def plain_value(text: str) -> int | float | bool | str:
    """The value of an unquoted text as the language reads it: `64`, `0.5`, `true`; all else is a word.

    >>> plain_value("64"), plain_value("010"), plain_value("yes")
    (64, '010', 'yes')
    """
    if _WHOLE.fullmatch(text) and len(text) <= 40:
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text == "true" if text in ("true", "false") else text


def trap(node: YamlNode, expected: str = "a number") -> str:
    """A hint for a scalar that is written otherwise than it must be, as YAML 1.1 or Python would have it.

    expected: in words, what it must be.
    """
    if not isinstance(node, TextNode):
        return ""
    text = node.text
    if text.lower() != text and (f"'{text.lower()}'" in expected or text in ("True", "False")):
        return f"write {text.lower()}" if "number" not in expected or "'" in expected else ""
    if "list" in expected and (sides := _SIDES.fullmatch(text)):
        return f"write [{', '.join(re.findall('[0-9]+', sides[0]))}]"
    if "number" not in expected or "true or false" in expected:
        return ""
    if node.quoted and plain_value(text) != text:
        return f"write {text} without quotes"
    if re.fullmatch(_YAML_NUMBER, text, re.IGNORECASE) and not _WHOLE.fullmatch(text):
        return "write it in plain decimal digits, without a leading 0, sign, _ or e"
    if text.lower() in _YAML_SWITCHES:
        return "it must be a number; for a switch write true or false"
    return ""


def _key_meant(key: str, entry: Entry, known: Iterable[str], meant: Callable[[str], str]) -> str:
    return glued(key, entry) or meant(key) or did_you_mean(key, known)


def glued(key: str, entry: Entry) -> str:
    """A hint for a key that has its value glued to it: `padding:1` is one word to YAML."""
    is_glued = is_absent(entry.value) and re.fullmatch(r"\w+:[^:\s]+", key)
    return f"write a space behind the colon, as in {key.replace(':', ': ')}" if is_glued else ""


def is_absent(node: YamlNode) -> bool:
    """Whether nothing is written there: `key:` with no value, `~`, or `null`."""
    return isinstance(node, TextNode) and not node.quoted and node.text in ("", "~", "null")


def said(node: YamlNode) -> str:
    """What stands there, as the author wrote it."""
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node, MapNode):
        return "a mapping"
    return "empty" if is_absent(node) else f"'{node.text}'"
