"""What every kind of layer is: a frozen record of fields that answers four questions.

Its output's shape, its weights, its multiply-accumulates, and the window through which each unit of its output
sees its input. A layer knows shapes and whole numbers; files, names, tables and networks are not its business.
"""

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, get_type_hints

from vggcalc import bounds
from vggcalc.errors import FieldError, ShapeError, did_you_mean
from vggcalc.layers.fields import Check
from vggcalc.layers.registry import REGISTRY
from vggcalc.layers.roles import ROLES, Role
from vggcalc.layers.window import POINT, Window
from vggcalc.record import Record
from vggcalc.shape import Shape

if TYPE_CHECKING:
    from fractions import Fraction

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        """Tells type checkers alone that `Layer` makes its own `__init__`; at run time it is nothing."""
        return lambda cls: cls


class Weight(Record):
    """A named tensor of a layer; `shape` is in the textbook's order: kernel, in, out.

    `counts_as` is `weight`, `bias`, or `buffer` for what is stored but not trained; `symbols` are the shape in letters.
    """

    name: str
    shape: tuple[int, ...]
    counts_as: str = "weight"
    symbols: str = "in_channels"

    @property
    def elements(self) -> int:
        """How many numbers the tensor holds."""
        return prod(self.shape)

    @property
    def arithmetic(self) -> str:
        """The product that `elements` is: what one output sees in brackets, times the outputs."""
        *seen, outputs = map(str, self.shape or (1,))
        return f"({'*'.join(seen)})*{outputs}" if len(seen) > 1 else "*".join((*seen, outputs))


def weight_and_bias(shape: tuple[int, ...], outputs: int, bias: bool, symbols: str) -> tuple[Weight, ...]:
    """The tensors of a layer of weights: the weights and, unless it has none, one bias for each output."""
    weight = Weight("weight", shape, "weight", symbols)
    return (weight, Weight("bias", (outputs,), "bias", "outputs")) if bias else (weight,)


class Formula(Record):
    """A line of arithmetic as a student would write it: in symbols, with numbers put in, and its value."""

    symbols: str
    numbers: str
    value: "int | Fraction | None"
    note: str = ""


def formula(template: str, numbers: dict[str, int], value: int, note: str = "") -> Formula:
    """A `Formula` from one template: `({in} - {k})/{s} + 1` gives the symbols and the numbers alike.

    >>> formula("({in} - {k})/{s} + 1", {"in": 227, "k": 11, "s": 4}, 55)
    Formula(symbols='(in - k)/s + 1', numbers='(227 - 11)/4 + 1', value=55, note='')
    """
    symbols = template.replace("{", "").replace("}", "")
    return Formula(symbols, template.format_map(numbers), value, note)


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Layer:
    """The base of all kinds. A subclass names its kind, annotates its fields, and answers the four questions.

    Dataclasses would do this too, at a millisecond of start-up a class; there are some sixty.
    """

    kind: ClassVar[str] = ""
    role: ClassVar[Role]
    """What it is for, one of `ROLES`; whoever treats kinds alike asks it instead of listing them."""
    inputs: ClassVar[tuple[int, int | None]] = (1, 1)
    """The fewest and the most inputs that the layer reads; None is any number."""
    in_place: ClassVar[bool] = False
    """Its output can take its input's place in memory, so that it adds no activations of its own."""
    glued: ClassVar[str] = ""
    """The field that takes the number glued to the kind in shorthand: 3 in `conv3-64`."""
    dashed: ClassVar[str] = ""
    """The field that takes the number after the dash: 64 in `conv3-64`."""
    valuewise: ClassVar[bool] = False
    """Each value of its output is made from those in the same place of its inputs, by one rule for all places: on a
    map it does what it does on the vector that the map is flattened to."""
    elsewhere: ClassVar[str] = ""
    """What frameworks and people call it, in small letters and without 1d, 2d or 3d; a hint names the kind for them."""
    channelwise: ClassVar[bool] = False
    """Each channel of its output is made from the same channel of its inputs alone."""
    over_map: ClassVar[bool] = False
    """It takes statistics over its whole map, which no window shows, but a gradient reaches."""
    leaves_out: ClassVar[bool] = False
    """It may leave channels unread: what was seen through these alone is seen no more."""
    mixes_axes: ClassVar[bool] = False
    """Its inputs may differ in how many axes they have, as a map and a list of boxes do."""
    is_blind: ClassVar[bool] = False
    """It writes the same, and holds nothing, whatever it reads, be the shape of that unknown."""
    holds_unknown: ClassVar[bool] = False
    """Nobody knows how many elements its tensors have."""
    summarises: ClassVar[bool] = False
    """It pools to a fixed size, as classifiers want it."""
    stem: ClassVar[str] = ""
    """What its name begins with where nobody names it; the kind, if this is empty."""

    checks: ClassVar[dict[str, Check]] = {}
    defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, kind: str = "") -> None:
        cls.checks = dict(cls.checks)
        cls.defaults = dict(cls.defaults)
        for name, annotation in _annotations(cls).items():
            if check := getattr(annotation, "__metadata__", None):
                cls.checks[name] = check[0]
        for name in cls.checks:
            if name in cls.__dict__:
                cls.defaults[name] = cls.__dict__[name]
        if kind:
            if getattr(cls, "role", "") not in ROLES:
                raise TypeError(f"the kind '{kind}' must say its role: one of {', '.join(ROLES)}")
            if kind in REGISTRY and REGISTRY[kind].__qualname__ != cls.__qualname__:
                raise TypeError(f"the kind '{kind}' is taken by {REGISTRY[kind].__qualname__}")
            cls.kind = kind
            REGISTRY[kind] = cls

    def __init__(self, **fields: Any) -> None:
        for name, value in fields.items():
            value = _frozen(value)
            if fault := self.fault(name, value):
                raise fault
            object.__setattr__(self, name, value)
        for name in self.checks:
            if name not in fields and name not in self.defaults:
                raise FieldError(
                    "", f"'{self.kind}' needs '{name}'", f"{name} is {self.checks[name].expected}", code="missing-key"
                )
        self.check()

    if not TYPE_CHECKING:  # a checker must still see assignments to unknown names

        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(f"a layer is frozen; make another {type(self).__name__} with another {name}")

    @classmethod
    def fault(cls, name: str, value: object) -> FieldError | None:
        """What is wrong with a field's value, if anything."""
        if name not in cls.checks:
            return FieldError(
                name, f"'{cls.kind}' has no field '{name}'", did_you_mean(name, cls.checks), code="unknown-key"
            )
        if value is None and cls.defaults.get(name, _MISSING) is None:
            return None
        if _largest(value) > bounds.FIELD:
            return FieldError(
                name, f"{cls.kind}.{name} is out of bounds", f"numbers go up to {bounds.FIELD:,}", code="out-of-bounds"
            )
        if not cls.checks[name].accepts(value):
            return FieldError(
                name, f"{cls.kind}.{name} is {said(value)}", f"it must be {cls.checks[name].expected}", code="bad-field"
            )
        return None

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a layer is frozen; {name} stays")

    def check(self) -> None:
        """Raises FieldError when fields that are right by themselves do not go together."""

    @property
    def fields(self) -> dict[str, Any]:
        """All fields with their values, defaults included, in the order of the class."""
        return {name: getattr(self, name) for name in self.checks}

    @property
    def own_axes(self) -> int | None:
        """How many spatial axes the fields are written for; None where they go with any number."""
        lists = (value for name, value in self.fields.items() if self.checks[name].is_per_axis)
        return next((len(value) for value in lists if isinstance(value, tuple)), None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layer) and type(self) is type(other) and self.fields == other.fields

    def __hash__(self) -> int:
        return hash((self.kind, *self.fields.values()))

    def __repr__(self) -> str:
        given = ", ".join(f"{n}={v!r}" for n, v in self.fields.items() if self.defaults.get(n, _MISSING) != v)
        return f"{type(self).__name__}({given})"

    def output(self, *inputs: Shape) -> Shape:
        """The shape of the output for inputs of these shapes; raises ShapeError when they do not fit."""
        return inputs[0]

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The tensors that the layer holds."""
        return ()

    def macs(self, *inputs: Shape) -> int:
        """Multiply-accumulates of convolutions and linear layers for one image, without bias adds."""
        return 0

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """For each axis of the output the axis of the input that it continues, or None for one that is new.

        An axis of the input that none continues is seen whole by every unit; none is continued twice.
        """
        return tuple(range(len(inputs[0].spatial)))

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """Per axis of the output, what a unit sees along the axis that this continues; of a new one it says nothing."""
        return (POINT,) * len(self.axes(*inputs))

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """The window on each input that is seen; they differ only where a layer treats its inputs differently."""
        return (self.window(*inputs),) * len(inputs)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The window along the channels: those of each input from which this channel of the output is made."""
        if self.channelwise:
            return (range(channel, channel + 1),) * len(inputs)
        return tuple(range(shape.channels) for shape in inputs)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """The derivation of the output's extent, per axis."""
        return tuple(formula("{in}", {"in": size}, size) for size in self.output(*inputs).spatial)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """The derivation of the output's channels: as many as declared, or as many as came in."""
        if self.dashed.startswith("out_"):
            declared = getattr(self, self.dashed)
            return formula(f"{{{self.dashed}}}", {self.dashed: declared}, declared)
        return formula("{in_channels}", {"in_channels": inputs[0].channels}, self.output(*inputs).channels)

    def macs_formula(self, *inputs: Shape) -> Formula:
        """The derivation of the multiply-accumulates."""
        return Formula("0", "0", 0, "not a convolution or a linear layer: none are counted")


_MISSING = object()


def per_axis(value: "int | tuple[int, ...]", axes: int, field: str) -> tuple[int, ...]:
    """One number for each axis; a single number stands for all of them."""
    if isinstance(value, int):
        return (value,) * axes
    if len(value) != axes:
        raise ShapeError(
            f"{field} is {said(value)}, but the input has {axes} spatial {'axis' if axes == 1 else 'axes'}",
            f"write one number, or {axes}",
            code="shape-misfit",
        )
    return value


def _largest(value: object) -> int:
    """The largest whole number in a field's value."""
    if isinstance(value, tuple):
        return max(map(_largest, value), default=0)
    return value if isinstance(value, int) else 0


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def said(value: object) -> str:
    """A value as the language writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(said, value))}]"
    return f"'{value}'" if isinstance(value, str) else str(value)


def _annotations(cls: type) -> dict[str, Any]:
    """The annotations of the class's own body, from Python 3.10 on; inspect would cost what dataclasses cost."""
    own = dict(cls.__annotations__)
    if any(isinstance(annotation, str) for annotation in own.values()):  # from __future__ import annotations
        hints = get_type_hints(cls, include_extras=True)
        own = {name: hints[name] for name in own}
    return own
