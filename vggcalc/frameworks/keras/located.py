"""JSON whose objects know where they stand."""

from __future__ import annotations

import json
import re
from typing import Any

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, Source, SpecError

_TOKENS = re.compile(r'\\.|["{}]', re.DOTALL)


class Object(dict[str, Any]):
    """A JSON object with its place in the text."""

    __slots__ = ("mark",)
    mark: Mark


def parse(source: Source) -> Object:
    """The object that a text holds.

    Raises: SpecError where it is no JSON, no object, or larger or deeper than any model.
    """
    text = source.text
    if sum(map(text.count, '"{[,\\')) > bounds.JSON_MARKS:
        raise _fault(f"{source.name} has too many parts", "it holds more than any model", Mark(source, 1, 1))
    places = iter(_closed(source))

    def placed(pairs: list[tuple[str, Any]]) -> Object:
        found = Object(pairs)
        found.mark = next(places, Mark(source, 1, 1))
        return found

    try:
        root = json.loads(text, object_pairs_hook=placed)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise _fault(message, "save the model again", Mark(source, error.lineno, error.colno)) from None
    except RecursionError:
        raise _fault(f"{source.name} is nested too deep", "no model is", Mark(source, 1, 1)) from None
    except ValueError:  # a number of thousands of digits
        raise _fault(f"{source.name} holds a number without end", "no model does", Mark(source, 1, 1)) from None
    if isinstance(root, str) and root.lstrip().startswith("{"):  # JSON that was written as JSON once more
        return parse(Source(source.name, root))
    if not isinstance(root, Object):
        raise _fault(f"{source.name} is no model", "it begins with {", Mark(source, 1, 1))
    return root


def _closed(source: Source) -> list[Mark]:
    """Where objects begin, in the order in which they end, which is that in which a decoder makes them."""
    text = source.text
    opened: list[Mark] = []
    closed: list[Mark] = []
    is_text = False
    line, line_start, before = 1, 0, 0
    for found in _TOKENS.finditer(text):
        token = found[0]
        if token == '"':
            is_text = not is_text
        elif is_text or len(token) == 2:
            continue
        elif token == "{":
            here = found.start()
            if lines := text.count("\n", before, here):
                line += lines
                line_start = text.rindex("\n", before, here) + 1
            before = here
            opened.append(Mark(source, line, here - line_start + 1))
        elif opened:
            closed.append(opened.pop())
    return closed


def _fault(message: str, hint: str, mark: Mark) -> SpecError:
    return SpecError(Problem(message, hint, mark, code="bad-file"))
