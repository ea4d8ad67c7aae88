"""The language as a JSON Schema (draft-07), made from the layer classes: what editors complete and check by.

Where a schema cannot tell it lets pass: what names mean, what `$(...)` is, whether layers fit. It refuses nothing that
is read here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from vggcalc.language.line import LINE_KEYS
from vggcalc.language.variants import FAMILY_KEYS, VARIANT_KEYS, line_keys
from vggcalc.layers import REGISTRY, Layer
from vggcalc.layers.fields import Form
from vggcalc.network import FORMS

FILE = "schema.json"
"""The kept schema, among the bundled specs."""

_EXPRESSION = r"\$\("
_NUMBER = "[1-9][0-9]{0,8}"

_PLAIN: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
_TEXT = {"$ref": "#/definitions/text"}
_TEXTS = {"$ref": "#/definitions/texts"}
_LAYERS = {"$ref": "#/definitions/layers"}

_OPTIONS: dict[str, Form] = {
    "name": {"$ref": "#/definitions/text", "description": "the layer's name; without one it gets a name"},
    "from": {"$ref": "#/definitions/sources", "description": "what it reads, by name; without it, the layer above"},
    "norm": {"$ref": "#/definitions/follower", "description": "a normalisation below it, or none"},
    "activation": {"$ref": "#/definitions/follower", "description": "an activation below both, or none"},
    "share": {"$ref": "#/definitions/text", "description": "the layer whose weights it uses"},
}

_KEYS: dict[str, Form] = {
    "family": {"description": "the name of the family", **_TEXT},
    "title": {"description": "what is printed as its title", **_TEXT},
    "source": {"description": "the paper, table or implementation that it is from", **_TEXT},
    "note": {"description": "what is printed below its figures", **_TEXT},
    "input": {"description": "height x width x channels, as in 224x224x3, or several inputs by name", "anyOf": [
        {"$ref": "#/definitions/shape"},
        {"type": ["object", "null"], "additionalProperties": {"$ref": "#/definitions/shape"}},
    ]},
    "vars": {"description": "variables for $(...), each of which may use those above it", **_PLAIN,
             "type": ["object", "null"], "additionalProperties": {"type": ["integer", "string", "null"]}},
    "defaults": {"description": "by kind, what a layer has unless it says otherwise", "$ref": "#/definitions/defaults"},
    "blocks": {"description": "lists of layers by name, for {use: NAME}",
               "type": ["object", "null"], "additionalProperties": _LAYERS},
    "outputs": {"description": "the layers that the network gives; without it, those that nothing reads", **_TEXTS},
    "top": {"description": "the first layer of the classifier", **_TEXT},
    "training": {"description": "layers and blocks that run in training alone", **_TEXTS},
    "pytorch": {"description": "what PyTorch's implementation makes of layers, as patterns of names",
                "type": ["object", "null"], "additionalProperties": False,
                "properties": dict.fromkeys((*FORMS, "modules"), _TEXTS)},
    "like": {"description": "the variant or bundled model that it is like in all that it does not say", **_TEXT},
    "layers": {"description": "the layers, from the input on", **_LAYERS},
    "aliases": {"description": "other names of the variant", **_TEXTS},
    "variants": {"description": "the networks of the family by name",
                 "type": ["object", "null"], "additionalProperties": {"$ref": "#/definitions/variant"}},
}  # fmt: skip


def text() -> str:
    """The schema as it is kept and printed, each definition on a line of its own."""
    found = schema()
    definitions = found.pop("definitions")
    lines = [f"  {json.dumps(name)}: {json.dumps(each)}" for name, each in definitions.items()]
    head = json.dumps(found, indent=1).removesuffix("\n}")
    return f'{head},\n "definitions": {{\n' + ",\n".join(lines) + "\n }\n}\n"


def schema() -> dict[str, Any]:
    """The schema of a spec."""
    kinds = {kind: REGISTRY[kind] for kind in sorted(REGISTRY) if kind != "input"}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "vggcalc spec",
        "description": "A family of convolutional networks",
        **_object({key: _KEYS[key] for key in FAMILY_KEYS}),
        "required": ["family"],
        "anyOf": [{"required": [key]} for key in ("layers", "variants", "like")],
        "not": {"required": ["layers", "variants"]},
        "definitions": {
            "text": {**_PLAIN, "pattern": r"\S"},
            "texts": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
            "sources": {"anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": _TEXT}]},
            "shape": {"type": "string", "pattern": rf"^[0-9]+(x[0-9]+)+$|{_EXPRESSION}"},
            "expression": {"type": "string", "pattern": _EXPRESSION},
            "variant": {**_object({key: _KEYS[key] for key in VARIANT_KEYS}), "type": ["object", "null"]},
            "defaults": _object({kind: _without(_kind(kind), {*LINE_KEYS} - {*line_keys(kind)}) for kind in kinds}),
            "shorthand": {
                "type": "string",
                "pattern": "|".join([*(_shorthand(kind) for kind in kinds.values()), _EXPRESSION]),
                "description": "a layer as papers write it: conv3-64, conv7-64/2, maxpool3/2, fc-4096, relu",
                "examples": [*kinds],
            },
            "follower": {
                "anyOf": [
                    {"enum": ["none", None]},
                    {"$ref": "#/definitions/shorthand"},
                    _follower(),
                ]
            },
            "layers": {"type": "array", "items": {"$ref": "#/definitions/layer"}},
            "layer": {
                "anyOf": [
                    {"$ref": "#/definitions/shorthand"},
                    {"$ref": "#/definitions/kinds"},
                    _one_of(_structures()),
                    {
                        **_object({"use": _TEXT, "with": _KEYS["vars"], **_some("name", "from", "share")}),
                        "type": "object",
                        "required": ["use"],
                    },
                ]
            },
            "kinds": _one_of(
                {kind: _kind(kind) for kind in kinds},
                {_shorthand(cls): _kind(kind) for kind, cls in kinds.items()}
                | {_EXPRESSION: {"type": ["object", "null"]}},
            ),
            **{kind: _options(cls) for kind, cls in kinds.items()},
        },
    }


def _structures() -> dict[str, Form]:
    """The layers that are made of lists of layers."""
    merge = {
        "anyOf": [{"$ref": "#/definitions/shorthand"}, _follower()],
        "description": "how paths are joined: add, concat, multiply",
    }
    block = _some("name", "from", "norm", "activation")
    paths = {"anyOf": [{"type": "array", "items": _LAYERS}, {"type": "object", "additionalProperties": _LAYERS}]}
    times = _with_expressions({"type": "integer", "minimum": 0})
    repeat: dict[str, Form] = {
        "times": times,
        "layers": _LAYERS,
        "index": _TEXT,
        "merge": merge,
        **_some("name", "from"),
    }
    residual: dict[str, Form] = {"layers": _LAYERS, "shortcut": _LAYERS, "merge": merge, **block}
    branches: dict[str, Form] = {"merge": merge, "paths": paths, **block}
    return {
        "repeat": {**_object(repeat), "type": "object", "required": ["times", "layers"]},
        "residual": {**_object(residual), "type": "object", "required": ["layers"]},
        "branches": {**_object(branches), "type": "object", "required": ["merge", "paths"]},
    }


def _kind(kind: str) -> Form:
    return {"$ref": f"#/definitions/{kind}"}


def _one_of(properties: Mapping[str, Form], patterns: Mapping[str, Form] = {}) -> dict[str, Any]:
    """A mapping with one key."""
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": dict(properties),
        "patternProperties": dict(patterns),
        "additionalProperties": False,
    }


def _follower() -> dict[str, Any]:
    """A normalisation or activation with its options: it has no others behind it, and reads its layer alone."""
    own = {"additionalProperties": _no({*LINE_KEYS} - {"name"})}
    return {"allOf": [{"$ref": "#/definitions/kinds"}, own]}


def _without(form: Form, keys: Iterable[str]) -> dict[str, Any]:
    """A mapping without some of its keys."""
    return {"allOf": [form, _no(keys)]}


def _no(keys: Iterable[str]) -> Form:
    return {"properties": dict.fromkeys(sorted(keys), False)}


def _options(cls: type[Layer]) -> dict[str, Any]:
    """What may be said of a layer of a kind."""
    fields = {}
    for field, check in cls.checks.items():
        default = {"default": cls.defaults[field]} if field in cls.defaults else {}
        fields[field] = {"description": check.expected, **default, **_with_expressions(check.form)}
    return {"description": (cls.__doc__ or "").split("\n")[0], **_object({**fields, **_OPTIONS})}


def _some(*keys: str) -> dict[str, Form]:
    return {key: _OPTIONS[key] for key in keys}


def _object(properties: Mapping[str, Form]) -> dict[str, Any]:
    """A mapping of these keys alone; one that is left empty says nothing."""
    return {"type": ["object", "null"], "properties": dict(properties), "additionalProperties": False}


def _with_expressions(form: Form) -> dict[str, Any]:
    """A form in which each value may be `$(...)` too."""
    if "anyOf" in form:
        return {"anyOf": [each for part in form["anyOf"] for each in _with_expressions(part).get("anyOf", [part])]}
    if form.get("type") == "array":
        return {"anyOf": [{**form, "items": _with_expressions(form["items"])}]}
    return {"anyOf": [dict(form), {"$ref": "#/definitions/expression"}]}


def _shorthand(cls: type[Layer]) -> str:
    """The pattern of a kind with the numbers that it takes, in small and large letters, with dashes between them."""
    word = "[-_]*".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in cls.kind)
    numbers = "".join(
        f"(?:{sign}(?:{_numbers(cls, field)}))?"
        for sign, field in (("", cls.glued), ("-", cls.dashed), ("/", "stride"))
        if field in cls.checks and not re.search("[0-9]", cls.kind)
    )
    return rf"^\s*{word}(?:[-_]*|_*{numbers})\s*$"


def _numbers(cls: type[Layer], field: str) -> str:
    """The numbers that shorthand can give to a field: one, or several with x between them."""
    check = cls.checks[field]
    several = f"{_NUMBER}(?:x{_NUMBER}){{0,2}}" if check.is_per_axis else _NUMBER
    return f"{several}|0" if check.accepts(0) else several
