"""One call of a layer of a Keras model while it is read: what it reads, its fields, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from vggcalc.errors import FieldError, ShapeError
from vggcalc.frameworks.assembly import Assembly, Tensor
from vggcalc.frameworks.keras.calls import Sizes, Unit
from vggcalc.frameworks.keras.located import Object
from vggcalc.frameworks.keras.words import operation_name
from vggcalc.layers import REGISTRY, Layer
from vggcalc.record import Record
from vggcalc.shape import Shape

FIRST, LAST = "channels_first", "channels_last"

Entries = int | tuple[int, ...]


class Value(Record):
    """A tensor of Keras as a map: its extents without the batch, and which of them are the map's channels.

    All others are the map's positions. A tensor of one extent may be a map with any number of axes, each of extent 1.
    channels is None where no extent is: each position has one value, as an index of a word. Of one whose extents nobody
    knows, `sizes` is None.
    """

    tensor: Tensor
    sizes: tuple[int, ...] | None
    channels: int | None = 0

    @property
    def rank(self) -> int:
        """How many extents there are."""
        return len(self.sizes or ())

    @property
    def positions(self) -> tuple[int, ...]:
        """Which extents are axes of the map."""
        return tuple(place for place in range(self.rank) if place != self.channels)


class Unknown(Exception):  # noqa: N818  nothing is wrong with it
    """A layer does what nobody here knows, be it by its class or by its fields."""


class Step:
    """A layer's fields, its arguments as values, and the network that its layers are put into.

    lead: so many extents in front belong to steps in time, for each of which the layer is run (TimeDistributed).
    order: of the file's tensors, where channels stand unless a layer says it.
    """

    def __init__(
        self,
        assembly: Assembly,
        unit: Unit,
        path: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        order: str,
        owners: dict[str, int],
        sizes: Sequence[Sizes | None] = (),
        lead: int = 0,
    ) -> None:
        self.assembly, self.unit, self.path = assembly, unit, path
        self.args, self.kwargs = args, kwargs
        self.order, self.lead, self.sizes = order, lead, sizes
        self.config = unit.config
        self._owners = owners

    def inside(self, unit: Unit, lead: int = 0) -> Step:
        """The step of a layer that this one wraps."""
        return Step(
            self.assembly,
            unit,
            self.path,
            self.args,
            self.kwargs,
            self.order,
            self._owners,
            self.sizes,
            self.lead + lead,
        )

    @property
    def called(self) -> str:
        """The name of an operation that is called as a function."""
        return operation_name(self.unit.type, self.unit.module, self.config)

    # --- what it reads ----------------------------------------------------------------------------------------------

    @property
    def values(self) -> list[Value]:
        """All that it reads."""
        return [*_values(self.args), *_values(self.kwargs.values())]

    @property
    def value(self) -> Value:
        """The first that it reads."""
        if not self.values:
            raise FieldError(
                "", f"'{self.unit.type}' reads nothing", "a layer is called with a tensor", code="no-inputs"
            )
        return self.values[0]

    @property
    def home(self) -> str:
        """FIRST or LAST, as the layer says it or as the file has it."""
        said = self.config.get("data_format")
        return said if said in (FIRST, LAST) else self.order

    def place(self, rank: int, order: str = "") -> int | None:
        """Which of so many extents the channels are."""
        if rank == 0:
            return None
        return min(self.lead, rank - 1) if (order or self.home) == FIRST else rank - 1

    def axis(self, axis: Any, value: Value) -> int:
        """Which extent an axis is, where 0 is the batch and negative ones count from the end."""
        if type(axis) is not int:
            raise FieldError("axis", f"an axis is {axis!r:.40}", "axes are whole numbers", code="bad-field")
        found = axis + value.rank if axis < 0 else axis - 1 + self.lead
        if not 0 <= found < value.rank:
            raise Unknown
        return found

    # --- its fields -------------------------------------------------------------------------------------------------

    def _refuse(self, name: str, expected: str) -> FieldError:
        said = repr(self.config.get(name))[:40]
        return FieldError(name, f"'{name}' is {said}", f"it must be {expected}", code="bad-field")

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        found = self.config.get(name, default)
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if type(found) is not int:
            raise self._refuse(name, "a whole number")
        return found

    def real(self, name: str, default: float = 0.0) -> float:
        """A number; Keras 3 has those of activations as constants."""
        found = self.config.get(name)
        if isinstance(found, Object) and isinstance(inner := found.get("config"), Object):
            found = inner.get("value")
        if found is None:
            return default
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self._refuse(name, "a number")
        return found

    def flag(self, name: str, default: bool) -> bool:
        """Whether a field says so."""
        found = self.config.get(name)
        return found if isinstance(found, bool) else default

    def text(self, name: str, default: str = "") -> str:
        """A word."""
        found = self.config.get(name)
        return found if isinstance(found, str) else default

    def entries(self, name: str, default: Entries | None = None) -> Entries:
        """A whole number for all axes, or one for each."""
        found = self.config.get(name)
        found = default if found is None else tuple(found) if isinstance(found, list) else found
        if found is None or not all(type(each) is int for each in (found if isinstance(found, tuple) else (found,))):
            raise self._refuse(name, "a whole number or a list of them")
        return found

    def axes(self, name: str, value: Value, default: Sequence[int] = ()) -> list[int]:
        """The extents that a list of axes, or one axis, names."""
        found = self.config.get(name)
        said = default if found is None else found if isinstance(found, list) else [found]
        return sorted({self.axis(each, value) for each in said})

    def window(self, name: str, axes: int, default: Entries | None = None, alone: int = 1) -> Entries:
        """What a window has along each of the map's axes; along those of time, `alone`."""
        found = self.entries(name, default)
        own = axes - self.lead
        if isinstance(found, tuple) and len(found) != own:
            raise self._refuse(name, f"a whole number or a list of {own}")
        each = found if isinstance(found, tuple) else (found,) * own
        return (alone,) * self.lead + each if self.lead else each[0] if len(set(each)) == 1 else each

    # --- its layers -------------------------------------------------------------------------------------------------

    def add(self, kind: str, *read: Value | Tensor, suffix: str = "", **fields: Any) -> Tensor:
        """A layer of this kind under the layer's name; it reads the first value unless told otherwise."""
        tensors = tuple(each.tensor if isinstance(each, Value) else each for each in read or (self.value,))
        name = f"{self.path}.{suffix}" if suffix else self.path
        made = REGISTRY[kind](**fields)
        owner = self._owners.get(name) if self._holds(made, tensors) else None
        written = self.assembly.add(name, made, *tensors, mark=self.unit.mark, shares=owner)
        self._owners.setdefault(name, written.place)
        return written

    @staticmethod
    def _holds(made: Layer, tensors: Sequence[Tensor]) -> bool:
        shapes = [tensor.shape for tensor in tensors if tensor.shape is not None]
        return len(shapes) == len(tensors) and bool(made.weights(*shapes))

    def written(self, tensor: Tensor, like: Value) -> Value:
        """What a layer wrote that keeps the number of extents and which are the channels."""
        shape = tensor.shape
        if shape is None or like.sizes is None:
            return Value(tensor, like.sizes, like.channels)
        if like.rank < 2 and like.channels is not None:
            return Value(tensor, (shape.channels,), 0)
        sizes = list(shape.spatial)
        if like.channels is not None:
            sizes.insert(like.channels, shape.channels)
        return Value(tensor, tuple(sizes), like.channels)

    def same(self, kind: str, value: Value | None = None, suffix: str = "", **fields: Any) -> Value:
        """A layer that keeps all extents."""
        value = self.value if value is None else value
        return value._replace(tensor=self.add(kind, value, suffix=suffix, **fields))

    @property
    def width(self) -> int:
        """How long the vector is that is read; raises ShapeError where it is none."""
        sizes = self.value.sizes or ()
        if len(sizes) == 1:
            return sizes[0]
        raise ShapeError(f"'{self.unit.type}' reads a vector", "flatten the map before it", code="shape-misfit")

    # --- maps of tensors --------------------------------------------------------------------------------------------

    def arranged(self, value: Value, channels: int | None, suffix: str = "permute") -> Value:
        """The same tensor as a map with other channels, for which a layer is needed unless they are that already."""
        if value.channels == channels or value.sizes is None or value.tensor.shape is None:
            return value
        if channels is not None and not 0 <= channels < value.rank:
            raise ShapeError("a single number has no channels", "give it a vector or a map", code="shape-misfit")
        if channels is None or value.channels is None:
            return self.reshaped(value, value.sizes, channels, suffix)
        now = (*value.positions, value.channels)
        wanted = (*(place for place in range(value.rank) if place != channels), channels)
        tensor = self.add("permute", value, suffix=suffix, order=tuple(now.index(place) for place in wanted))
        return Value(tensor, value.sizes, channels)

    def reshaped(self, value: Value, sizes: Sequence[int], channels: int | None, suffix: str = "reshape") -> Value:
        """The same values with other extents."""
        positions = [size for place, size in enumerate(sizes) if place != channels]
        depth = 1 if channels is None else sizes[channels]
        shape = (*(positions or (1,)), depth)
        if len(shape) > 4:
            raise Unknown
        return Value(self.add("reshape", value, suffix=suffix, shape=shape), tuple(sizes), channels)

    def fitted(self, tensor: Tensor, sizes: Sequence[int], channels: int | None) -> Value:
        """A tensor whose map may have axes of extent 1 too many for these extents, brought to them."""
        value = Value(tensor, tuple(sizes), channels)
        shape = tensor.shape
        if shape is None or not shape.is_known or (value.rank < 2 and channels is not None):
            return value
        wanted = tuple(sizes[place] for place in value.positions)
        return value if shape.spatial == wanted else self.reshaped(value, sizes, channels)

    def alike(self, values: Sequence[Value]) -> list[Value]:
        """Values with the same number of extents and axes, new ones in front, for a merge."""
        rank = max(value.rank for value in values)
        axes = max(len(value.tensor.shape.spatial) if value.tensor.shape else 0 for value in values)
        first = next(value for value in values if value.rank == rank)
        found = []
        for value in values:
            sizes = (1,) * (rank - value.rank) + (value.sizes or ())
            moved = None if value.channels is None else value.channels + rank - value.rank
            wide = value._replace(sizes=sizes, channels=moved)
            own = len(value.tensor.shape.spatial) if value.tensor.shape else axes
            if rank > 1 or first.channels is None:
                wide = self.fitted(wide.tensor, sizes, moved) if value.rank != rank else wide
                wide = self.arranged(wide, first.channels)
            elif own != axes and value.tensor.shape is not None:
                ones = (1,) * max(axes, 1)
                wide = value._replace(tensor=self.add("reshape", value, suffix="reshape", shape=(*ones, prod(sizes))))
            found.append(wide)
        return found


def _values(parts: Any) -> list[Value]:
    found: list[Value] = []
    for part in parts:
        if isinstance(part, Value):
            found.append(part)
        elif isinstance(part, tuple):
            found += _values(part)
    return found


def as_shape(sizes: Sequence[int], channels: int | None) -> Shape:
    """The map of a tensor with these extents."""
    spatial = tuple(size for place, size in enumerate(sizes) if place != channels)
    return Shape(1 if channels is None else sizes[channels], spatial)
