"""A program of tensor operations, as ONNX and PyTorch have it, put into layers.

What regroups values makes no layer; what works on channels alone acts on the map, whatever its tensor looks like; what
slides over positions wants the map as it was written, and gets a layer that rearranges it where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.errors import Mark
from vggcalc.frameworks.assembly import Assembly, Tensor
from vggcalc.frameworks.rearranging import rearrangement
from vggcalc.frameworks.views import Factors, Map, View, factors, leaves, same, size
from vggcalc.layers import REGISTRY, Layer
from vggcalc.record import Record
from vggcalc.shape import NOT_KNOWN, Shape


class Held(Record):
    """A tensor that is no map: trained ones by name, what is made of them, or a constant, of which none is trained."""

    sizes: tuple[int, ...]
    trained: tuple[str, ...] = ()


class UnknownOperationError(Exception):
    """Why an operation cannot be put into layers; it becomes one of unknown work."""


class ConstantError(Exception):
    """No value of a map is in what an operation gives: it is a constant of the traced sizes."""


class Program:
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

    def at(self, name: str, mark: Mark | None = None, form: str = "") -> None:
        """The operation whose layers come next."""
        self.name, self.mark, self.form = name, mark, form

    def input(self, name: str, sizes: Sequence[int], mark: Mark | None = None) -> View:
        """An input of batch, channels and axes; one without channels is a row of indices."""
        batch, *rest = sizes
        shape = Shape(rest[0], tuple(rest[1:])) if len(rest) != 1 else Shape(1, (rest[0],))
        view = written(self.assembly.input(name, shape, mark), factors(batch))
        return view._replace(dims=(view.dims[0], view.dims[2])) if len(rest) == 1 else view

    def layer(self, kind: str, *read: Tensor, trained: Sequence[str] = (), **fields: Any) -> Tensor:
        """A layer under the operation's name; trained: the names of its tensors, which an earlier one may have."""
        made = None
        with self.assembly.layer_of(self.name, self.mark):
            made = REGISTRY[kind](**fields)
        return read[0]._replace(shape=None) if made is None else self.put(made, *read, trained=trained)

    def put(self, made: Layer, *read: Tensor, trained: Sequence[str] = ()) -> Tensor:
        """A layer that is made already."""
        names = tuple(sorted(trained))
        tensor = self.assembly.add(
            self.name,
            made,
            *read,
            mark=self.mark,
            shares=self._owners.get(names) if names else None,
            training=self.training,
            form=self.form,
        )
        if names:
            self.held |= set(names)
            self._owners.setdefault(names, tensor.place)
        return tensor

    # --- on channels alone -----------------------------------------------------------------------------------------

    def channelwise(self, kind: str, view: View, dim: int, trained: Sequence[str] = (), **fields: Any) -> View:
        """A layer that makes the channels of each position, wherever that is; they stand in dimension `dim`.

        The map is rearranged first where that dimension is not its channels, or where positions went into the batch.
        """
        dim %= len(view.dims)
        if not same(view.dims[dim], view.map.channels) or not self._has_batch(view):
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

    def spread(self, kind: str, view: View, trained: Sequence[str], over: str, numbers: int) -> View:
        """A map that is shifted or scaled by so many trained numbers, which are fewer than its values."""
        with self.assembly.layer_of(self.name, self.mark):
            made = REGISTRY[kind](over=over, trained=numbers)
        return view._replace(map=view.map._replace(tensor=self.put(made, view.map.tensor, trained=trained)))

    def whole(self, kind: str, view: View, trained: Sequence[str] = (), **fields: Any) -> View:
        """A layer that makes a vector of the whole map."""
        new = written(self.layer(kind, view.map.tensor, trained=trained, **fields), view.map.batch)
        return new._replace(dims=new.dims[:2])

    # --- over positions --------------------------------------------------------------------------------------------

    def sliding(self, kind: str, view: View, trained: Sequence[str] = (), **fields: Any) -> View:
        """A layer over the positions of a tensor of batch, channels and axes; what it writes is such a tensor."""
        view = self.canonical(view)
        return written(self.layer(kind, view.map.tensor, trained=trained, **fields), view.map.batch)

    def canonical(self, view: View) -> View:
        """A tensor of batch, channels and axes as the map that it is, rearranged where it is none."""
        own = (view.map.batch, view.map.channels, *view.map.axes)
        if len(own) == len(view.dims) and all(map(same, own, view.dims)):
            return view
        if not self._has_batch(view):
            raise UnknownOperationError("positions stand in the batch")
        return self.rearranged(view, 1)

    # --- several maps ----------------------------------------------------------------------------------------------

    def combined(self, kind: str, *views: View, **fields: Any) -> View:
        """A layer of several maps, value by value; along a dimension some may have a single one, which serves all."""
        views = tuple(self._alike(views))
        arranged = [view.arrangement() for view in views]
        if any(len({group for group in groups if group}) > 1 for groups in zip(*arranged, strict=True)):
            raise UnknownOperationError("the maps are arranged differently")
        tensor = self.layer(kind, *(view.map.tensor for view in views), **fields)
        shape = tensor.shape or NOT_KNOWN
        first = next((view for view in views if view.map.tensor.shape == shape), None)
        if first is not None and all(
            first.sizes[dim] >= other for view in views for dim, other in enumerate(view.sizes)
        ):
            return first._replace(map=first.map._replace(tensor=tensor))
        new = written(tensor, max((view.map.batch for view in views), key=size))
        if len(new.dims) != len(arranged[0]):
            raise UnknownOperationError("the maps are arranged differently")
        return new

    def _alike(self, views: Sequence[View]) -> list[View]:
        """Tensors with as many dimensions, taken apart alike, as their maps are where they are arranged differently."""
        most = max(len(view.dims) for view in views)
        wide = [view._replace(dims=((),) * (most - len(view.dims)) + view.dims) for view in views]
        arranged = [view.arrangement() for view in wide]
        if all(len({group for group in groups if group}) <= 1 for groups in zip(*arranged, strict=True)):
            return wide
        home = next(iter({view.home for view in wide if view.home is not None}), min(1, most - 1))
        wide = [self.rearranged(view, home) for view in wide]
        return wide

    def concatenated(self, views: Sequence[View], dim: int, again: bool = False) -> View:
        """Maps one after the other along a dimension, of channels or of positions."""
        dim %= len(views[0].dims)
        first = max(views, key=lambda view: view.sizes[dim])
        rest = first.with_dim(dim, ()).arrangement()
        fits = all(view.with_dim(dim, ()).arrangement() == rest for view in views)
        tensors = [view.map.tensor for view in views]
        if fits and all(same(view.dims[dim], view.map.channels) for view in views) and first.axis(dim) is None:
            tensor = self.layer("concat", *tensors)
            channels = factors(sum(size(view.map.channels) for view in views))
            return first.with_dim(dim, channels)._replace(map=first.map._replace(tensor=tensor, channels=channels))
        axis = first.axis(dim)
        if fits and axis is not None and all(self._is_axis(view, dim, axis, len(first.map.axes)) for view in views):
            tensor = self.layer("concat", *tensors, axis=axis)
            return first.with_axis(dim, tensor, sum(view.sizes[dim] for view in views))
        home = first.home
        if again or home is None:
            raise UnknownOperationError("a concatenation along neither channels nor an axis")
        views = [self.rearranged(view, home) for view in views]
        if dim != home and all(view.sizes[dim] == 1 for view in views):
            return self._stacked(views, dim, home)
        return self.concatenated(views, dim, again=True)

    def _stacked(self, views: Sequence[View], dim: int, home: int) -> View:
        """Maps along an axis on which each has one position."""
        axis = [place for place in range(len(views[0].dims)) if place not in (0, home)].index(dim)
        tensor = self.layer("concat", *(view.map.tensor for view in views), axis=axis)
        new = factors(len(views))
        axes = tuple(new if place == axis else each for place, each in enumerate(views[0].map.axes))
        return views[0].with_dim(dim, new)._replace(map=views[0].map._replace(tensor=tensor, axes=axes))

    @staticmethod
    def _is_axis(view: View, dim: int, axis: int, axes: int) -> bool:
        """Whether a dimension is this axis of a map with so many, also where that has one position."""
        return len(view.map.axes) == axes and same(view.dims[dim], view.map.axes[axis])

    # --- parts -----------------------------------------------------------------------------------------------------

    def part(self, view: View, dim: int, start: int, stop: int, step: int = 1) -> View:
        """Every `step`-th of what stands along a dimension, from `start` up to but without `stop`."""
        dim %= len(view.dims)
        extent = view.sizes[dim]
        start, stop = max(start + extent * (start < 0), 0), min(stop + extent * (stop < 0), extent)
        if (start, stop, step) == (0, extent, 1):
            return view
        if len(range(start, stop, step)) == 0:
            raise UnknownOperationError("a part of nothing")
        own, group = leaves(view.map.channels), leaves(view.dims[dim])
        if group and own[: len(group)] == group and step == 1:
            return self._major_channels(view, dim, start, stop)
        if group and group == own:
            tensor = self.layer("slice", view.map.tensor, start=start, stop=stop, step=step)
            channels = factors(len(range(start, stop, step)))
            return view.with_dim(dim, channels)._replace(map=view.map._replace(tensor=tensor, channels=channels))
        axis = view.axis(dim)
        if axis is None:
            return self.part(self._as_axes(view, "a part of neither channels nor an axis"), dim, start, stop, step)
        axes = len(view.map.axes)
        chosen = {"offset": [0] * axes, "size": [size(each) for each in view.map.axes], "step": [1] * axes}
        chosen["offset"][axis], chosen["size"][axis] = start, len(range(start, stop, step))
        chosen["step"][axis] = step
        if step == 1:
            del chosen["step"]
        fields: dict[str, Any] = {key: tuple(value) for key, value in chosen.items()}
        tensor = self.layer("crop", view.map.tensor, **fields)
        return view.with_axis(dim, tensor, chosen["size"][axis])

    def _major_channels(self, view: View, dim: int, start: int, stop: int) -> View:
        """Channels that stand together: a dimension is the major part of them."""
        group = leaves(view.dims[dim])
        minor = leaves(view.map.channels)[len(group) :]
        each = size(minor)
        tensor = self.layer("slice", view.map.tensor, start=start * each, stop=stop * each)
        renewed = {leaf: factors(leaf.size) for leaf in minor}
        major = factors(stop - start)
        channels = (*major, *(new for leaf in minor for new in renewed[leaf]))
        dims = tuple(
            major if place == dim else tuple(new for leaf in leaves(group) for new in renewed.get(leaf, (leaf,)))
            for place, group in enumerate(view.dims)
        )
        return View(view.map._replace(tensor=tensor, channels=channels), dims)

    # --- reductions ------------------------------------------------------------------------------------------------

    def reduced(self, view: View, dims: Sequence[int], op: str, keeps: bool) -> View:
        """One value in place of all along some dimensions."""
        places = sorted({dim % len(view.dims) for dim in dims})
        gone = [leaf for place in places for leaf in leaves(view.dims[place])]
        batch, channels, *axes = view.map.parts()
        positions = {leaf for axis in axes for leaf in axis}
        if set(gone) & set(batch):
            raise UnknownOperationError("a reduction over the batch")
        if gone and set(gone) <= set(channels):
            view = self._reduced_channels(view, gone, op)
        elif set(gone) == positions and op in ("mean", "max"):
            tensor = self.layer("globalavgpool" if op == "mean" else "globalmaxpool", view.map.tensor)
            view = view._replace(map=view.map._replace(tensor=tensor, axes=((),) * len(axes)))
        elif set(gone) == positions | set(channels):
            view = self.reduced(
                view, [place for place in places if not set(leaves(view.dims[place])) <= set(channels)], op, True
            )
            view = self._reduced_channels(view, list(channels), op) if channels else view
        elif gone:
            whole = [number for number, axis in enumerate(axes) if axis and set(axis) <= set(gone)]
            if {leaf for number in whole for leaf in axes[number]} != set(gone):
                raise UnknownOperationError("a reduction over a part of an axis")
            tensor = self.layer("reduce", view.map.tensor, op=op, positions=tuple(whole))
            new = tuple(() if number in whole else axis for number, axis in enumerate(view.map.axes))
            view = view._replace(map=view.map._replace(tensor=tensor, axes=new))
        kept = tuple(() if place in places else dim for place, dim in enumerate(view.dims))
        return view._replace(dims=kept if keeps else tuple(d for place, d in enumerate(kept) if place not in places))

    def _reduced_channels(self, view: View, gone: Sequence[Any], op: str) -> View:
        own = leaves(view.map.channels)
        left = tuple(leaf for leaf in own if leaf not in gone)
        fields: dict[str, Any] = {"out_channels": size(left)} if left else {}
        if left and own[-len(gone) :] != tuple(gone):
            if own[: len(gone)] != tuple(gone):
                raise UnknownOperationError("a reduction over channels that do not stand together")
            fields["interleaved"] = True
        tensor = self.layer("reduce", view.map.tensor, op=op, **fields)
        return view._replace(map=view.map._replace(tensor=tensor, channels=left))

    def as_map(self, view: View) -> View:
        """The tensor as a map whose channels are the dimension that has them."""
        return self.rearranged(view, min(1, len(view.dims) - 1) if view.home is None else view.home)

    def _as_axes(self, view: View, why: str) -> View:
        """The tensor as a map whose channels and axes its dimensions are; raises where they are already."""
        new = self.as_map(view)
        if new.map == view.map:
            raise UnknownOperationError(why)
        return new

    # --- elsewhere -------------------------------------------------------------------------------------------------

    def rearranged(self, view: View, dim: int) -> View:
        """The tensor as a map of its own, whose channels are dimension `dim`, the others but the batch its axes."""
        found = rearrangement(view, dim % len(view.dims))
        if found is None:
            raise UnknownOperationError("the batch is taken apart")
        if found.kind == "":
            return view._replace(map=found.map(view.map.tensor))
        tensor = self.layer(found.kind, view.map.tensor, **found.fields)
        return View(found.map(tensor), found.dims)

    def unknown(self, op: str, read: Sequence[View], sizes: Sequence[int] | None, held: int = 0) -> View:
        """An operation that nobody here knows, and the sizes of what it writes, where they are known."""
        shape = (*sizes[2:], sizes[1] if len(sizes) > 1 else 1) if sizes and len(sizes) < 6 else None
        tensor = self.layer("unknown", *(view.map.tensor for view in read), op=op[:100], output_shape=shape, held=held)
        return written(tensor, factors(sizes[0]) if sizes else ())

    @staticmethod
    def _has_batch(view: View) -> bool:
        """Whether the first dimension is the batch and nothing else."""
        return bool(view.dims) and same(view.dims[0], view.map.batch)


def written(tensor: Tensor, batch: Factors) -> View:
    """A tensor as a layer writes it: batch, channels, axes."""
    shape = tensor.shape or NOT_KNOWN
    channels, axes = factors(shape.channels), tuple(map(factors, shape.spatial))
    return View(Map(tensor, batch, channels, axes), (batch, channels, *axes))
