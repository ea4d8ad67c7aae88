"""Mutations of a text: of its bytes, its characters, its words, its lines, and of the tree that its YAML is."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import yaml

from vggcalc.layers import REGISTRY

LARGEST = 60_000
"""Bytes of a mutated text; bounds beyond are met by cases of their own, more would only be slow."""

NUMBERS = ("0", "1", "2", "3", "-1", "7", "64", "255", "1000", "65536", "999999", "1000000", "999999999",
           "1000000000", "999999999999", "9" * 30, "9" * 5000, "0.5", "1e3", "1e400", "010", "0x10", "1_000", "+2",
           "1:30", "-0", ".5", "5.", "\u0661", "\u00b2", "inf", "nan")  # fmt: skip

SNIPPETS = ("{", "}", "[", "]", ":", ": ", ",", "-", "- ", "\n", "\n  ", "\t", '"', "'", "#", "&a ", "*a", "!!str ",
            "|", ">", "? ", "<<: ", "---\n", "%", "@", "`", "$(", ")", "$(x)", "$(1//0)", "$(n + 1)", "~", "null",
            "yes", "\x00", "\x1b[31m", "\ufeff", "\u2028", "\u202e", "\x85", "é", "🙂", "\r\n", "\r", "\\", "<!--",
            "-->", "<!-- vggcalc A params -->", "<!-- /vggcalc -->", "```\n", "\\vggcalc{A params}{", "$", "%%",
            "::error::", "=1+1", "||", "<script>")  # fmt: skip

WORDS = (
    *sorted(REGISTRY), "conv3-8", "conv3-8/2", "conv1x7-4", "conv3x3x3-4", "maxpool3/2", "fc-10", "avgpool0", "dwconv3",
    "family", "title", "source", "note", "input", "layers", "vars", "defaults", "blocks", "variants", "outputs", "top",
    "training", "pytorch", "functions", "linear", "subclasses", "modules", "aliases", "like", "use", "with", "from",
    "name", "share", "norm", "activation", "repeat", "times", "index", "residual", "shortcut", "branches", "merge",
    "paths", "kernel_size", "stride", "padding", "dilation", "groups", "bias", "out_channels", "out_features",
    "ceil_mode", "output_padding", "connections", "scale_factor", "size", "start", "stop", "num_groups", "output_size",
    "same", "half", "valid", "none", "true", "false", "8x8x3", "16x3", "4x4x4x2", "0x0x0", "999999999x999999999x9",
    "A", "vgg16", "lenet", "alexnet", "net.yaml", "net.yaml:a", "params", "macs", "flops", "activations", "rf", "jump",
    "output", "figure", "unit", "kilo", "printed", "erratum", "instead", "gives", "arithmetic", "cells", "errata",
    "columns", "rows", "claims", "table", "transcribed", "model", "layer", "batch", "dtype", "until", "dense", "cut",
    "digits", "convention", "memory", "part", "of", "M", "MiB", "%", "GFLOPs", "<= 5M", "138 M", "7x7x512", "thop",
    "show", "check", "compare", "explain", "why", "list", "spec", "--format", "--columns", "--batch",
)  # fmt: skip

_TOKEN = re.compile(r"\$\([^()]*\)|[A-Za-z_][\w./-]*|-?\d[\d.,x]*|\s+|[^\w\s]")


def mutated(text: bytes, other: bytes, dice: random.Random) -> bytes:
    """The text after one to five mutations; `other` is what it may be spliced with."""
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5))):
        text = _MUTATIONS[dice.choices(range(len(_MUTATIONS)), _WEIGHTS)[0]](text, other, dice)[:LARGEST]
    return text


def mutated_arguments(arguments: Sequence[str], others: Sequence[str], dice: random.Random) -> tuple[str, ...]:
    """A command line with words taken out, put in, doubled, exchanged, or changed in themselves."""
    line = list(arguments)
    for _ in range(dice.choice((1, 1, 2, 3))):
        at = dice.randrange(len(line) + 1)
        other = dice.choice((*others, *WORDS[-40:], *NUMBERS, *SNIPPETS))
        inside = line[at : at + 1]
        match dice.randrange(6):
            case 0:
                line[at : at + 1] = []
            case 1:
                line.insert(at, other)
            case 2:
                line[at : at + 1] = [other]
            case 3:
                line[at:at] = inside
            case 4:
                dice.shuffle(line)
            case _ if inside:
                changed = mutated(inside[0].encode("utf-8", "surrogateescape"), other.encode(), dice)[:400]
                line[at] = changed.decode("utf-8", "replace").replace("\0", "0")
    return tuple(line)


def in_bytes(text: bytes, other: bytes, dice: random.Random) -> bytes:
    """Flip, insert, truncate, repeat."""
    at = dice.randrange(len(text) + 1)
    end = min(len(text), at + dice.choice((1, 2, 8, 60)))
    match dice.randrange(5):
        case 0 if at < len(text):
            return text[:at] + bytes([text[at] ^ (1 << dice.randrange(8))]) + text[at + 1 :]
        case 1:
            return text[:at] + dice.randbytes(dice.choice((1, 1, 2, 4))) + text[at:]
        case 2:
            return text[:at]
        case 3:
            return text[:at] + text[at:end] * dice.choice((2, 3, 10, 100, 1000)) + text[end:]
        case _:
            return text[:at] + text[end:]


def _characters(text: bytes, other: bytes, dice: random.Random) -> bytes:
    """Put in, or put in place of a few characters, what means something in YAML, Markdown or LaTeX."""
    at = dice.randrange(len(text) + 1)
    end = min(len(text), at + dice.choice((0, 0, 1, 3, 30)))
    return text[:at] + dice.choice(SNIPPETS).encode() + text[end:]


def _words(text: bytes, other: bytes, dice: random.Random) -> bytes:
    """Words and numbers in place of others: extremes, words of the language, words of this text and of another."""
    tokens = _TOKEN.findall(text.decode("utf-8", "surrogateescape"))
    theirs = _TOKEN.findall(other[:5000].decode("utf-8", "surrogateescape"))
    if not tokens:
        return text
    for _ in range(dice.choice((1, 1, 2, 6))):
        at = dice.randrange(len(tokens))
        if tokens[at].isspace():
            continue
        if tokens[at][:1].isdigit() and dice.random() < 0.6:
            tokens[at] = dice.choice(NUMBERS)
            continue
        match dice.randrange(6):
            case 0:
                tokens[at] = dice.choice(tokens)
            case 1 if theirs:
                tokens[at] = dice.choice(theirs)
            case 2 | 3:
                tokens[at] = dice.choice(WORDS)
            case 4:
                tokens[at] = ""
            case _:
                tokens[at] += dice.choice((tokens[at], "-", "x", dice.choice(WORDS)))
    return "".join(tokens).encode("utf-8", "surrogateescape")


def _lines(text: bytes, other: bytes, dice: random.Random) -> bytes:
    """Lines deleted, doubled, swapped, indented, taken from another text."""
    lines = text.splitlines(keepends=True) or [b""]
    theirs = other.splitlines(keepends=True) or [b"\n"]
    at, to = dice.randrange(len(lines)), dice.randrange(len(lines))
    match dice.randrange(7):
        case 0:
            lines.pop(at)
        case 1:
            lines.insert(to, lines[at])
        case 2:
            lines[at], lines[to] = lines[to], lines[at]
        case 3:
            lines[at] = b" " * dice.choice((1, 2, 4)) + lines[at]
        case 4:
            lines[at] = lines[at][dice.choice((1, 2)) :] if lines[at][:1] == b" " else lines[at].lstrip()
        case 5:
            lines.insert(at, dice.choice(theirs))
        case _:
            lines[at:to] = lines[at:to] * dice.choice((2, 3, 20))
    return b"".join(lines)


def _splice(text: bytes, other: bytes, dice: random.Random) -> bytes:
    """The head of one text and the tail of the other."""
    mine, theirs = text.splitlines(keepends=True), other.splitlines(keepends=True)
    return b"".join(mine[: dice.randrange(len(mine) + 1)] + theirs[dice.randrange(len(theirs) + 1) :])


def _tree(text: bytes, other: bytes, dice: random.Random) -> bytes:
    """The YAML read, changed in its structure, and written again: it stays YAML, and reaches what lies deeper."""
    try:
        root = yaml.load(text, Loader=yaml.CBaseLoader)
        theirs = yaml.load(other, Loader=yaml.CBaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError, UnicodeError):
        return _words(text, other, dice)
    mine = places(root)
    if not mine:
        return _words(text, other, dice)
    for _ in range(dice.choice((1, 1, 2, 4))):
        inside, key = dice.choice(mine)
        if not stands(inside, key):
            continue
        donors = dice.choice((mine, places(theirs) or mine))
        giver, at = dice.choice(donors)
        given = deepcopy(giver[at]) if stands(giver, at) else "x"
        _change(inside, key, given, dice)
    try:
        return flow(root)[:LARGEST].encode("utf-8", "surrogateescape")
    except RecursionError:  # some wrap what is wrapped already
        return b"[" * 500 + text


def stands(inside: Any, key: Any) -> bool:
    """Whether a place is there still."""
    return key in inside if isinstance(inside, dict) else key < len(inside)


def places(root: Any) -> list[tuple[Any, Any]]:
    """Every place in a tree, as its container and its key; those of layers as often as the rest."""
    found: list[tuple[Any, Any]] = []
    waiting = [root]
    while waiting and len(found) < 3000:
        node = waiting.pop()
        inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in inner:
            found.append((node, key))
            waiting.append(value)
    return found


def _change(inside: Any, key: Any, given: Any, dice: random.Random) -> None:
    value = inside[key]
    match dice.randrange(9):
        case 0:
            inside[key] = given
        case 1:
            del inside[key]
        case 2 if isinstance(inside, dict):
            inside[dice.choice(WORDS)] = inside.pop(key)
        case 3 if isinstance(inside, dict):
            inside[dice.choice(WORDS)] = given
        case 4 if isinstance(inside, list):
            inside[key:key] = [deepcopy(value)] * dice.choice((1, 1, 2, 40))
        case 5:
            inside[key] = dice.choice((*NUMBERS, *WORDS, *WORDS))
        case 6:
            inside[key] = _wrapped(value, given, dice)
        case 7 if isinstance(value, list) and value:
            dice.shuffle(value)
        case _ if isinstance(inside, list):
            inside.insert(key, given)
        case _:
            inside[key] = [value, given]


def _wrapped(value: Any, given: Any, dice: random.Random) -> Any:
    wrappers: tuple[Callable[[Any], Any], ...] = (
        lambda inner: [inner],
        lambda inner: {dice.choice(WORDS): inner},
        lambda inner: {"repeat": {"times": dice.choice(NUMBERS), "layers": [inner]}},
        lambda inner: {"residual": {"layers": [inner], "shortcut": [given]}},
        lambda inner: {"branches": {"merge": dice.choice(("concat", "add", "x")), "paths": [[inner], [given], []]}},
        lambda inner: {str(inner)[:30]: {dice.choice(WORDS): given}},
    )
    wrap = dice.choice(wrappers)
    for _ in range(dice.choice((1, 1, 1, 2, 30))):
        value = wrap(value)
    return value


def flow(node: Any) -> str:
    """A tree of texts, lists and mappings as YAML in one line, with quotes where they are needed."""
    if isinstance(node, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(value)}" for key, value in node.items()) + "}"
    if isinstance(node, (list, tuple)):
        return "[" + ", ".join(map(flow, node)) + "]"
    text = str(node)
    return text if re.fullmatch(r"[A-Za-z0-9_.$][\w./+*$() -]*[\w)]|\w|-?\d+|~", text) else json.dumps(text)


_Mutation = Callable[[bytes, bytes, random.Random], bytes]
_MUTATIONS: tuple[_Mutation, ...] = (in_bytes, _characters, _words, _lines, _splice, _tree)
_WEIGHTS = (3, 3, 6, 4, 1, 7)
