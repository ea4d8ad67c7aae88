"""Layers made of single tensors: on channels alone, value by value, over positions, or of unknown work.

What regroups values makes no layer; what works on channels alone acts on the map, whatever its tensor looks like; what
slides over positions wants the map as it was written, and gets a layer that rearranges it where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from vggcalc.errors import FieldError, Mark, ShapeError
from vggcalc.frameworks.assembly import Assembly, Tensor
from vggcalc.frameworks.rearranging import MOST_AXES, rearrangement
from vggcalc.frameworks.views import Factors, Map, View, factors, leaves, same, size
from vggcalc.layers import REGISTRY
from vggcalc.network import output_shape
from vggcalc.record import Record
from vggcalc.shape import NOT_KNOWN, Shape

STILL = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1, "output_padding": 0, "scale_factor": 1}
"""The fields of what slides, along an axis where it does not."""


class Held(Record):
    """A tensor that is no map: trained ones by name, what is made of them, or a constant, of which none is trained."""

    sizes: tuple[int, ...]
    trained: tuple[str, ...] = ()


class UnknownOperationError(Exception):
    """Why an operation cannot be put into layers; it becomes one of unknown work."""


class ConstantError(Exception):
    """No value of a map is in what an operation gives: it is a constant of the traced sizes."""


class Layering:
    """Layers under way; `at` says under which name and where the next ones are."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.name = ""
        self.mark: Mark | None = None
        self.form = ""
        self.training = False
        self._owners: dict[tuple[str, ...], int] = {}
        self.elements: dict[str, int] = {}
        """How many numbers each trained tensor holds."""
        self.held: set[str] = set()
        """The trained tensors that a layer has."""
        self.batch: Factors = ()
        """The batch of the first input."""
        self._first: Tensor | None = None
        self._constants: set[int] = set()

    def at(self, name: str, mark: Mark | None = None, form: str = "") -> None:
        """The operation whose layers come next."""
        self.name, self.mark, self.form = name, mark, form

    def input(self, name: str, sizes: Sequence[int], mark: Mark | None = None) -> View:
        """An input of batch, channels and axes; one without channels is a row of indices."""
        batch, *rest = sizes
        shape = Shape(rest[0], tuple(rest[1:])) if len(rest) != 1 else Shape(1, (rest[0],))
        view = written(self.assembly.input(name, shape, mark), self.batch or factors(batch))
        self.batch, self._first = view.map.batch, self._first or view.map.tensor
        return view._replace(dims=(view.dims[0], view.dims[2])) if len(rest) == 1 else view

    def layer(self, kind: str, *read: Tensor, trained: Sequence[str] = (), **fields: Any) -> Tensor:
        """A layer under the operation's name; trained: the names of its tensors, which an earlier one may have.

        Raises: UnknownOperationError where the layer does not fit what it reads: the operation is not understood.
        """
        names = tuple(sorted(trained))
        try:
            made = REGISTRY[kind](**fields)
            output_shape(made, [source.shape for source in read if source.shape is not None])
        except (FieldError, ShapeError) as error:
            raise UnknownOperationError(str(error)) from error
        tensor = self.assembly.add(
            self.name,
            made,
            *read,
            mark=self.mark,
            shares=self._owners.get(names) if names else None,
            training=self.training,
            form=self.form,
        )
        if all(source.place in self._constants for source in read):
            self._constants.add(tensor.place)
        if names:
            self.held |= set(names)
            self._owners.setdefault(names, tensor.place)
        return tensor

    def undo(self, last: int) -> None:
        """Take away the layers behind this place: the operation that they were made for is put otherwise."""
        for names in [names for names, place in self._owners.items() if place > last]:
            del self._owners[names]
            self.held -= set(names)
        self._constants -= set(range(last + 1, self.assembly.last + 1))
        self.assembly.drop(last)

    # --- on channels alone -----------------------------------------------------------------------------------------

    def channelwise(self, kind: str, view: View, dim: int, trained: Sequence[str] = (), **fields: Any) -> View:
        """A layer that makes the channels of each position, wherever that is; they stand in dimension `dim`.

        The map is rearranged first where that dimension is not its channels, or where positions went into the batch.
        """
        dim %= len(view.dims)
        if not same(view.dims[dim], view.map.channels) or self._has_windows(view):
            view = self.rearranged(view, dim)
        tensor = self.layer(kind, view.map.tensor, trained=trained, **fields)
        channels = view.map.channels
        if tensor.shape and tensor.shape.channels != size(channels):
            channels = factors(tensor.shape.channels)
        return view.with_dim(dim, channels)._replace(map=view.map._replace(tensor=tensor, channels=channels))

    def valuewise(self, kind: str, view: View, trained: Sequence[str] = (), **fields: Any) -> View:
        """A layer that makes each value from the one in its place."""
        tensor = self.layer(kind, view.map.tensor, trained=trained, **fields)
        return view._replace(map=view.map._replace(tensor=tensor))

    def is_elsewhere(self, kind: str, trained: Sequence[str]) -> bool:
        """Whether a layer of another kind holds these tensors already."""
        place = self._owners.get(tuple(sorted(trained)))
        return place is not None and self.assembly.kind(place) != kind

    def whole(self, kind: str, view: View, trained: Sequence[str] = (), **fields: Any) -> View:
        """A layer that makes a vector of the whole map."""
        new = written(self.layer(kind, view.map.tensor, trained=trained, **fields), view.map.batch)
        return new._replace(dims=new.dims[:2])

    # --- over positions --------------------------------------------------------------------------------------------

    def sliding(self, kind: str, view: View, trained: Sequence[str] = (), **fields: Any) -> View:
        """A layer over the positions of a tensor of batch, channels and axes; what it writes is such a tensor."""
        if not self.has_batch(view) and view.dims and view.batch_dim == 0:
            if len(view.dims) - 1 <= MOST_AXES:
                return self._sliding_in_front(kind, view, trained, fields)
            return self._sliding_in_heads(kind, view, trained, fields)
        view = self.canonical(view)
        return written(self.layer(kind, view.map.tensor, trained=trained, **fields), view.map.batch)

    def _sliding_in_front(self, kind: str, view: View, trained: Sequence[str], fields: dict[str, Any]) -> View:
        """What stands beside the batch, as windows do, is an axis in front, along which nothing slides."""
        view = self.rearranged(view, 1, merges_front=True)
        front, axes = view.map.axes[0], len(view.dims) - 2
        still = {**STILL, "output_size": size(front), "size": size(front)}
        fields = {
            name: (still[name], *((value,) * axes if isinstance(value, int) else value)) if name in still else value
            for name, value in fields.items()
        }
        new = written(self.layer(kind, view.map.tensor, trained=trained, **fields), view.map.batch)
        ahead, *behind = new.map.axes
        return new._replace(dims=((*new.map.batch, *ahead), new.map.channels, *behind))

    def _sliding_in_heads(self, kind: str, view: View, trained: Sequence[str], fields: dict[str, Any]) -> View:
        """What stands beside the batch are parts of the channels, which all go through the same kernels."""
        batch = leaves(view.map.batch)
        heads = leaves(view.dims[0])[len(batch) :]
        view = self.canonical(view._replace(dims=(batch, (*heads, *view.dims[1]), *view.dims[2:])))
        if kind == "conv":
            kind, fields = "headconv", {**fields, "num_heads": size(heads)}
        elif not REGISTRY[kind].channelwise:
            raise UnknownOperationError("positions stand in the batch")
        new = written(self.layer(kind, view.map.tensor, trained=trained, **fields), view.map.batch)
        cut = new.reshaped((*new.sizes[:1], size(heads), new.sizes[1] // size(heads), *new.sizes[2:]))
        assert cut is not None
        ahead, major, *rest = cut.dims
        return cut._replace(dims=((*ahead, *major), *rest))

    @staticmethod
    def beside(tensor: Tensor, read: View) -> View:
        """What a layer wrote for each image, as one image of all their channels."""
        new = written(tensor, read.map.batch)
        return new._replace(dims=((), (*new.dims[0], *new.dims[1]), *new.dims[2:]))

    def canonical(self, view: View) -> View:
        """A tensor of batch, channels and axes as the map that it is, rearranged where it is none."""
        own = (view.map.batch, view.map.channels, *view.map.axes)
        if len(own) == len(view.dims) and all(map(same, own, view.dims)):
            return view
        if not self.has_batch(view):
            raise UnknownOperationError("positions stand in the batch")
        return self.rearranged(view, 1)

    # --- elsewhere -------------------------------------------------------------------------------------------------

    def rearranged(self, view: View, dim: int, merges_front: bool = False) -> View:
        """The tensor as a map of its own, whose channels are dimension `dim`, the others but the batch its axes.

        merges_front: what stands beside the batch is one axis.
        """
        found = rearrangement(view, dim % len(view.dims), merges_front)
        if found is None:
            raise UnknownOperationError("the batch is taken apart")
        if found.kind == "":
            return view._replace(map=found.map(view.map.tensor))
        tensor = self.layer(found.kind, view.map.tensor, **found.fields)
        return View(found.map(tensor), found.dims)

    def constant(self, held: Held, dim: int = -1) -> View:
        """A tensor that is no map as one whose channels are dimension `dim`: what is not of the input, or a parameter.

        As often as there are images it is one for all of them.
        """
        sizes, batch = held.sizes, size(self.batch)
        dim %= len(sizes)
        own = self.batch if dim and sizes[0] == batch else ()
        dims: list[Factors] = [own if place == 0 and own else factors(n) for place, n in enumerate(sizes)]
        rest = dims[1:dim] + dims[dim + 1 :] if own or (dim and sizes[0] == 1) else dims[:dim] + dims[dim + 1 :]
        axes = (tuple(factor for group in rest for factor in group),) if len(rest) > MOST_AXES else tuple(rest)
        fields: dict[str, Any] = {
            "shape": (*(map(size, axes or ((),))), sizes[dim]),
            "values": "trained" if held.trained else "fixed",
        }
        if tuple(sorted(held.trained)) in self._owners:  # another layer has it
            held = Held(sizes)
            fields["values"] = "fixed"
        elements = sum(self.elements[name] for name in held.trained)
        if held.trained and elements != prod(fields["shape"]):
            fields["elements"] = elements
        name = self.name
        self.name = f"{name}.constant"
        read = [self._first] if self._first else []
        tensor = self.layer("constant", *read, trained=held.trained, **fields)
        self._constants.add(tensor.place)
        self.name = name
        return View(Map(tensor, own, dims[dim], axes or ((),)), tuple(dims))

    def is_constant(self, view: View) -> bool:
        """Whether nothing of an input is in a map."""
        return view.map.tensor.place in self._constants

    def unknown(self, op: str, read: Sequence[View], sizes: Sequence[int] | None, held: int | None = 0) -> View:
        """An operation that nobody here knows, and the sizes of what it writes, where they are known.

        What stands beside the batch in the first dimension, as windows do, is an axis in front.
        """
        if not sizes or not all(sizes):
            return written(self._nobody_knows(op, read, None, held), ())
        each = sizes[0] // size(self.batch) if sizes[0] % size(self.batch) == 0 else 1
        batch = self.batch if sizes[0] == each * size(self.batch) else factors(sizes[0])
        rest = tuple(sizes[2:]) if each == 1 else (each, *sizes[2:])
        if len(rest) > MOST_AXES:
            rest = (prod(rest),)
        tensor = self._nobody_knows(op, read, (*rest, sizes[1] if len(sizes) > 1 else 1), held)
        view = written(tensor, batch)
        if each == 1 and len(view.dims) == len(sizes):
            return view
        front, *axes = view.map.axes if each > 1 else ((), *view.map.axes)
        found = view._replace(dims=((*batch, *front), view.map.channels, *axes)[: max(len(sizes), 1)])
        return found.reshaped(tuple(sizes)) or found

    def _nobody_knows(self, op: str, read: Sequence[View], shape: Any, held: int | None) -> Tensor:
        op = op[:100] or "?"
        return self.layer("unknown", *(view.map.tensor for view in read), op=op, output_shape=shape, held=held)

    @staticmethod
    def _has_windows(view: View) -> bool:
        """Whether parts of axes went into the batch, as windows do."""
        batch, _, *axes = view.map.parts()
        home = next((group for group in view.groups() if batch and group[: len(batch)] == batch), ())
        inside = set(home[len(batch) :])
        return any(inside & set(axis) and not set(axis) <= inside for axis in axes)

    @staticmethod
    def has_batch(view: View) -> bool:
        """Whether the first dimension is the batch and nothing else."""
        return bool(view.dims) and same(view.dims[0], view.map.batch)

    def as_map(self, view: View) -> View:
        """The tensor as a map whose channels are the dimension that has them."""
        return self.rearranged(view, min(1, len(view.dims) - 1) if view.home is None else view.home)


def written(tensor: Tensor, batch: Factors) -> View:
    """A tensor as a layer writes it: batch, channels, axes."""
    shape = tensor.shape or NOT_KNOWN
    channels, axes = factors(shape.channels), tuple(map(factors, shape.spatial))
    return View(Map(tensor, batch, channels, axes), (batch, channels, *axes))
