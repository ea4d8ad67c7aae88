"""`$(...)`: whole-number arithmetic over the variables in scope, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import isqrt

from vggcalc import bounds
from vggcalc.errors import Hint, did_you_mean

Value = int | str
"""A variable holds a whole number or a word."""


PLACEHOLDER = re.compile(r"\$\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)")
_LITERAL = r"(?<![A-Za-z_0-9])[0-9][0-9A-Za-z_.]*"
_WORD = re.compile(r"[A-Za-z_]\w*")
_PATH = re.compile(rf"{_WORD.pattern}(?:\.\w+)*")


class ExpressionError(Exception):
    """Why an expression has no value, and what would be right."""

    def __init__(self, reason: str, hint: Hint = "", *, code: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.code = code


def substitute(text: str, variables: Mapping[str, Value]) -> str:
    """The text with every `$(...)` replaced by its value.

    >>> substitute("conv3-$(width * 2)", {"width": 64})
    'conv3-128'

    Raises: ExpressionError, for an unknown name, a result that is no whole number, or anything but arithmetic.
    """
    if "$" not in text:
        return text
    result = PLACEHOLDER.sub(lambda match: str(evaluate(match[1], variables)), text)
    if "$(" in result:
        raise ExpressionError(
            f"'{text}' has a '$(' without its ')'",
            "close it; put quotes round it when a comma stands in it",
            code="bad-expression",
        )
    return result


def evaluate(text: str, variables: Mapping[str, Value]) -> Value:
    """The value of an expression: + - * // %, min, max, ceildiv(a, b), multiple(a, m) and root(a).

    ceildiv(a, b) is a/b rounded up; root(a) is the square root rounded down. multiple(a, m) is the multiple of m
    nearest to a, halves up, at least m, and not below 90% of a: the rule of MobileNet's widths. multiple(a, m, d)
    takes a/d for a.

    >>> evaluate("ceildiv(7, 2) + multiple(30, 8)", {})
    36
    """
    if is_word(text):
        return _variable(text, variables)
    tree = _parsed(text)
    if isinstance(tree, ast.Name):
        return _variable(tree.id, variables)
    return _number(tree, variables, text)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> ast.expr:
    """The expression as a tree; a block that repeats asks for the same ones again and again."""
    if len(text) > bounds.EXPRESSION_CHARACTERS:
        raise ExpressionError(
            f"an expression of {len(text)} characters is too long",
            f"at most {bounds.EXPRESSION_CHARACTERS}",
            code="out-of-bounds",
        )
    for literal in re.findall(_LITERAL, text):
        if not re.fullmatch("0|[1-9][0-9]*", literal):
            hint = "write plain decimal digits, without a leading 0"
            hint = "write whole numbers; half of w is w // 2" if re.fullmatch(r"[0-9]+\.[0-9]+", literal) else hint
            raise ExpressionError(f"'{literal}' is no whole number", hint, code="bad-expression")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ExpressionError(f"'$({text})' is not an expression", _GRAMMAR, code="bad-expression") from None


def _number(node: ast.expr, variables: Mapping[str, Value], text: str) -> int:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        value = node.value
    elif isinstance(node, ast.Name):
        named = _variable(node.id, variables)
        if not isinstance(named, int):
            raise ExpressionError(
                f"'{node.id}' is the word '{named}' in '$({text})'",
                "only numbers can be reckoned with",
                code="bad-expression",
            )
        value = named
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = -_number(node.operand, variables, text)
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _number(node.left, variables, text), _number(node.right, variables, text)
        value = _applied(_OPERATORS[type(node.op)], (left, right), text)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        value = _called(node.func.id, [_number(argument, variables, text) for argument in node.args], text)
    else:
        raise ExpressionError(f"'$({text})' is more than whole-number arithmetic", _GRAMMAR, code="bad-expression")
    if abs(value) > bounds.EXPRESSION_NUMBER:
        raise ExpressionError(
            f"'$({text})' is out of bounds", f"numbers go up to {bounds.EXPRESSION_NUMBER:,}", code="out-of-bounds"
        )
    return value


def _called(name: str, arguments: list[int], text: str) -> int:
    if name not in _FUNCTIONS:
        raise ExpressionError(f"'{name}' is no function", did_you_mean(name, _FUNCTIONS), code="bad-expression")
    function, counts = _FUNCTIONS[name]
    if len(arguments) not in counts:
        raise ExpressionError(
            f"{name} does not take {len(arguments)} numbers in '$({text})'", _GRAMMAR, code="bad-expression"
        )
    return _applied(function, tuple(arguments), text)


def _applied(function: Callable[..., int], numbers: tuple[int, ...], text: str) -> int:
    try:
        return function(*numbers)
    except ZeroDivisionError:
        raise ExpressionError(f"'$({text})' divides by 0", "divide by another number", code="bad-expression") from None


def _variable(name: str, variables: Mapping[str, Value]) -> Value:
    if name not in variables:
        raise ExpressionError(
            f"'{name}' is no variable here",
            lambda: did_you_mean(name, variables) or "declare it under vars, above what uses it",
            code="unknown-name",
        )
    return variables[name]


def is_word(text: str) -> bool:
    """Whether a text can name a variable."""
    return bool(_WORD.fullmatch(text))


def is_value(text: str) -> bool:
    """Whether a text is a word that a variable can hold: also words between dots, as names of layers are.

    >>> is_value("relu"), is_value("layer1.0.conv1"), is_value("1.5")
    (True, True, False)
    """
    return bool(_PATH.fullmatch(text))


def _multiple(number: int, of: int, parts: int = 1) -> int:
    nearest = max(of, (2 * number + of * parts) // (2 * of * parts) * of)
    return nearest if 10 * parts * nearest >= 9 * number else nearest + of


def _root(number: int) -> int:
    return isqrt(max(0, number))


_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
}
_FUNCTIONS: dict[str, tuple[Callable[..., int], range]] = {
    "min": (lambda *numbers: min(numbers), range(1, 100)),
    "max": (lambda *numbers: max(numbers), range(1, 100)),
    "ceildiv": (lambda a, b: -(-a // b), range(2, 3)),
    "multiple": (_multiple, range(2, 4)),
    "root": (_root, range(1, 2)),
}
_GRAMMAR = "it may hold whole numbers, variables, + - * // %, min, max, ceildiv(a, b), multiple(a, m) and root(a)"
