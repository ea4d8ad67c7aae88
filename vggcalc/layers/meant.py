"""What may be meant by a text that is no layer, and by a field that is none: words of frameworks, papers and shells.

Only a mistake imports this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from vggcalc.errors import did_you_mean
from vggcalc.layers import REGISTRY, Layer
from vggcalc.layers.notation import ShorthandError, read

AS_TYPED = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u00d7": "x"})
"""Signs of typesetting, and what is typed for them: dashes, the minus and the times sign."""

_FOREIGN = re.compile(r"(?P<kind>[a-z][a-z_-]*?)(?:_?[123]d(?P<rest>[a-z]*))?(?P<numbers>(?:-?[0-9].*)?)")
_VARIABLE = re.compile(r"\$\{?\s*([A-Za-z_]\w*)|\{\{\s*([A-Za-z_]\w*)")
_SETTING = re.compile(r"(\S+?)[\s,]+(\w+)\s*[=:]\s*(\S+)")
_BETWEEN = re.compile(r"\s*(?:->|[,;+>])\s*|\s+(?:-\s+)?")
_CALL = re.compile(r"(?:nn\.|layers\.)?(\w+)\((.*)\)")
_IN_PAPERS = re.compile(
    r"(?:(?P<before>\d+)x(?P<width>\d+),? )?(?P<kind>conv|max ?pool|(?:avg|average) ?pool)"
    r"(?:,? (?P<behind>\d+)x(?P<wide>\d+))?(?:, ?(?P<out>\d+))?(?:,? ?(?:/|stride )(?P<stride>\d+))?"
)

_FIELDS = {
    "kernel_size": "kernel kernelsize ksize filter_size filtersize pool_size poolsize window_size field",
    "out_channels": "filters num_output num_filters nfilters n_filters channels num_channels",
    "out_features": "units num_output num_classes neurons hidden",
    "num_groups": "groups",
    "bias": "use_bias bias_term",
    "padding": "pads",
    "p": "rate ratio dropout_ratio dropout_rate prob keep_prob",
    "scale_factor": "factor scale",
}
"""What others call a field."""
_READ = ("in_channels", "in_features", "num_features", "input_shape", "input_dim", "in_planes", "normalized_shape")
"""What others say of the input of a layer."""


def layer_meant(text: str) -> str:
    """A hint for a text that is no layer; empty where nobody knows.

    >>> layer_meant("Conv2d(3, 64, kernel_size=3)"), layer_meant("7x7 conv, 64, /2")
    ("did you mean 'conv3-64'?", "did you mean 'conv7-64/2'?")
    """
    word = text.strip().lower()
    typed = word.translate(AS_TYPED)
    for other in (typed, re.sub(r"(?<=\d)_(?=\d)", "-", typed)):
        if other != word and _is_layer(other):
            return f"did you mean '{other}'?"
    if variable := _VARIABLE.search(text):
        return f"a variable is written $({variable[1] or variable[2]})"
    if (setting := _SETTING.fullmatch(text)) and _is_layer(setting[1]):
        return f"its options hang on it, as in {setting[1]}: {{{setting[2]}: {setting[3]}}}"
    if found := _in_papers(typed) or _called(word) or _translated(word):
        return found
    parts = _BETWEEN.split(text.strip())
    if len(parts) > 1 and all(map(_is_layer, parts)):
        return "write each layer as an item of its own"
    return ""


def field_meant(field: str, cls: type[Layer], others: Iterable[str]) -> str:
    """A hint for a word that is no field of a kind; others: what else may be said of any layer.

    >>> field_meant("filters", REGISTRY["conv"], ["name"])
    "did you mean 'out_channels'?"
    """
    if field in _READ:
        return "leave it out: a layer reads what its input has"
    for name, elsewhere in _FIELDS.items():
        if name in cls.checks and field in elsewhere.split():
            return f"did you mean '{name}'?"
    return did_you_mean(field, (*cls.checks, *others))


def _is_layer(text: str) -> bool:
    try:
        read(text)
    except ShorthandError:
        return False
    return True


def _in_papers(word: str) -> str:
    """`7x7 conv, 64, /2` and `3x3 max pool, stride 2`, as ResNet's table and its followers print layers."""
    match = _IN_PAPERS.fullmatch(word)
    size = match and (match["before"] or match["behind"])
    if match is None or not size:
        return ""
    width = match["width"] or match["wide"]
    kind = match["kind"].replace(" ", "").replace("average", "avg")
    kernel = size if size == width else f"{size}x{width}"
    out, stride = match["out"], match["stride"]
    written = f"{kind}{kernel}{f'-{out}' if out else ''}{f'/{stride}' if stride else ''}"
    return f"did you mean '{written}'?" if _is_layer(written) else ""


def _called(word: str) -> str:
    """`Conv2d(3, 64, 3)` of PyTorch, `Conv2D(64, 3)` of Keras: channels in and out and kernel, or out and kernel."""
    match = _CALL.fullmatch(word)
    if match is None:
        return ""
    given = [argument.strip() for argument in match[2].split(",") if argument.strip()]
    numbers = [argument for argument in given if "=" not in argument]
    named = dict(argument.replace(" ", "").split("=", 1) for argument in given if "=" in argument)
    if len(numbers) > 1 or "kernel_size" in named:
        is_conv = "conv" in match[1]
        kernel = named.get("kernel_size", numbers[-1] if numbers else "") if is_conv else ""
        behind = numbers if "kernel_size" in named or not is_conv else numbers[:-1]
        return _translated(f"{match[1]}{kernel}-{behind[-1] if behind else named.get('filters', '')}")
    return _translated(match[1] + "".join(numbers)) or (f"did you mean '{match[1]}'?" if _is_layer(match[1]) else "")


def _translated(word: str) -> str:
    """A hint at what a word of PyTorch, Keras or Caffe is here: `conv2d-64` is `conv3-64` or another kernel."""
    match = _FOREIGN.fullmatch(word)
    name = match["kind"].replace("-", "").replace("_", "") + (match["rest"] or "") if match else ""
    known = (cls for cls in REGISTRY.values() if not {name, word}.isdisjoint(cls.elsewhere.split()))
    cls = REGISTRY.get(name) or next(known, None)
    if match is None or cls is None:
        return ""
    numbers = match["numbers"]
    if cls.glued and cls.glued not in cls.defaults and not numbers[:1].isdigit():
        numbers = f"3{numbers}"
    for written in (cls.kind + numbers, cls.kind + numbers.removeprefix("-")):
        if numbers and _is_layer(written):
            return f"did you mean '{written}'?"
    if numbers and cls.checks and not (cls.glued or cls.dashed):
        return options_of(cls, numbers.removeprefix("-"))
    return f"did you mean '{cls.kind}'?" if name != cls.kind or match["rest"] is not None else ""


def options_of(cls: type[Layer], value: str) -> str:
    """How a value is said of a layer whose shorthand has no place for it, or whose options are no mapping."""
    field = cls.dashed or next(iter(cls.checks), "")
    return f"write it as in {{{cls.kind}: {{{field}: {value}}}}}" if field else ""
