"""A program of tensor operations, as ONNX and PyTorch have it, put into layers: maps joined, cut and reduced."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from vggcalc.frameworks.layering import ConstantError, Held, Layering, UnknownOperationError, written
from vggcalc.frameworks.views import Factors, View, factors, leaves, same, size
from vggcalc.shape import NOT_KNOWN

__all__ = ["ConstantError", "Held", "Program", "UnknownOperationError", "written"]


class Program(Layering):
    """Operations of several maps, of parts of maps and over their dimensions, beside those of one."""

    # --- several maps ----------------------------------------------------------------------------------------------

    def combined(self, kind: str, *views: View, **fields: Any) -> View:
        """A layer of several maps, value by value; along a dimension some may have a single one, which serves all."""
        before = self.assembly.last
        try:
            return self._combined(kind, views, fields)
        except UnknownOperationError:
            self.undo(before)
            if any(map(self.is_constant, views)):  # it is as a number for each value
                raise
        sizes = [max(extents) for extents in zip(*(self._wide(view, views).sizes for view in views), strict=True)]
        full = [self.expanded(self._wide(view, views), sizes) for view in views]
        home = next((view.home for view in full if view.home is not None), 1)
        return self._combined(kind, [self.rearranged(view, home, merges_front=True) for view in full], fields)

    def _combined(self, kind: str, views: Sequence[View], fields: dict[str, Any]) -> View:
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
        wide = [self._wide(view, views) for view in views]
        arranged = [view.arrangement() for view in wide]
        if all(len({group for group in groups if group}) <= 1 for groups in zip(*arranged, strict=True)):
            return wide
        home = next(iter({view.home for view in wide if view.home is not None}), min(1, most - 1))
        return [self.rearranged(view, home) for view in wide]

    @staticmethod
    def _wide(view: View, views: Sequence[View]) -> View:
        """A tensor with as many dimensions as the others have, the new ones in front."""
        return view._replace(dims=((),) * (max(len(each.dims) for each in views) - len(view.dims)) + view.dims)

    def expanded(self, view: View, sizes: Sequence[int], copies: bool = False) -> View:
        """A tensor that is repeated along dimensions in which it has one; images all have what is of none."""
        if not view.map.batch and view.sizes[0] == 1 and sizes[0] == size(self.batch):
            view = view.with_dim(0, self.batch)._replace(map=view.map._replace(batch=self.batch))
        places = [place for place, (own, n) in enumerate(zip(view.sizes, sizes, strict=True)) if own != n]
        if not places:
            return view
        batch = view.batch_dim
        home = next((place for place in range(len(sizes)) if place != batch and place not in places), batch)
        home = home if view.home is None else view.home
        if any(view.sizes[place] != 1 for place in places) or home in (batch, *places):
            raise UnknownOperationError("a map that is repeated otherwise")
        ahead = leaves(view.map.batch)
        front = leaves(view.dims[batch])[len(ahead) :]
        rest = [place for place in range(len(sizes)) if place not in (batch, home, *places)]
        merged = (*front, *(factor for place in rest for factor in view.dims[place]))
        new = self.rearranged(View(view.map, (ahead, view.dims[home], merged, ())), 1)
        times = prod(sizes[place] for place in places)
        form = self.form
        self.at(self.name, self.mark, form if copies else "view")
        tensor = self.layer("tile", new.map.tensor, repeats=(1, times))
        self.at(self.name, self.mark, form)
        more = factors(times)
        new = View(new.map._replace(tensor=tensor, axes=(new.map.axes[0], more)), (*new.dims[:3], more))
        cut = new.reshaped(
            (*new.sizes[:2], size(front), *(sizes[place] for place in rest), *(sizes[place] for place in places))
        )
        assert cut is not None
        first, own, inside, *others = cut.dims
        found = {batch: (*first, *inside), home: own, **dict(zip((*rest, *places), others, strict=True))}
        return cut._replace(dims=tuple(found[place] for place in range(len(sizes))))

    def tiled(self, view: View, dim: int, times: int) -> View:
        """A tensor so often, one after the other along a dimension that is the channels or an axis."""
        if not (leaves(view.dims[dim]) == leaves(view.map.channels) or view.axis(dim) is not None):
            view = self.as_map(view)
        axis = view.axis(dim)
        if axis is None and leaves(view.dims[dim]) == leaves(view.map.channels):
            return self.channelwise("tile", view, dim, channels=times)
        if axis is None:
            raise UnknownOperationError("a part of an axis that is repeated")
        repeats = tuple(times if place == axis else 1 for place in range(len(view.map.axes)))
        return view.with_axis(dim, self.layer("tile", view.map.tensor, repeats=repeats), view.sizes[dim] * times)

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
        axis = [place for place in range(len(views[0].dims)) if place not in (views[0].batch_dim, home)].index(dim)
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

    def gathered(self, view: View, dim: int, count: int) -> View:
        """So many of what stands along a dimension, as constants choose them."""
        dim %= len(view.dims)
        if self.is_constant(view):
            raise UnknownOperationError("constants are looked up, which is no layer")
        if leaves(view.dims[dim]) == leaves(view.map.channels):
            return self.channelwise("gather", view, dim, count=count)
        if view.axis(dim) is None:
            view = self._as_axes(view, "what is looked up along neither channels nor an axis")
            if leaves(view.dims[dim]) == leaves(view.map.channels):
                return self.channelwise("gather", view, dim, count=count)
        axis = view.axis(dim)
        if axis is None:
            raise UnknownOperationError("what is looked up along neither channels nor an axis")
        return view.with_axis(dim, self.layer("gather", view.map.tensor, count=count, axis=axis), count)

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
        elif set(gone) == positions | set(channels) and op in ("mean", "max"):
            view = self.reduced(
                view, [place for place in places if not set(leaves(view.dims[place])) <= set(channels)], op, True
            )
            view = self._reduced_channels(view, list(channels), op) if channels else view
        elif gone:
            whole = [number for number, axis in enumerate(axes) if axis and set(axis) <= set(gone)]
            inside = [leaf for leaf in channels if leaf in gone]
            if {leaf for number in whole for leaf in axes[number]} | set(inside) != set(gone):
                return self._reduced_part(view, places, op, keeps)
            fields, left = self._groups(view, inside) if inside else ({}, channels)
            tensor = self.layer("reduce", view.map.tensor, op=op, positions=tuple(whole), **fields)
            new = tuple(() if number in whole else axis for number, axis in enumerate(view.map.axes))
            view = view._replace(map=view.map._replace(tensor=tensor, axes=new, channels=left))
        kept = tuple(() if place in places else dim for place, dim in enumerate(view.dims))
        return view._replace(dims=kept if keeps else tuple(d for place, d in enumerate(kept) if place not in places))

    def _reduced_part(self, view: View, places: Sequence[int], op: str, keeps: bool) -> View:
        """What is reduced as an axis behind all others, which are one."""
        home, batch = view.home or 0, view.batch_dim
        rest = [place for place in range(len(view.dims)) if place not in (home, batch, *places)]
        if home in places or home == batch or not self._is_pure(view, batch):
            raise UnknownOperationError("a reduction over a part of an axis")
        groups = [tuple(factor for place in each for factor in view.dims[place]) for each in (rest, places)]
        new = self.rearranged(view._replace(dims=(view.dims[batch], view.dims[home], *groups)), 1)
        tensor = self.layer("reduce", new.map.tensor, op=op, positions=(1,))
        kept = new._replace(
            map=new.map._replace(tensor=tensor, axes=(new.map.axes[0], ())), dims=(*new.dims[:2], new.dims[2])
        ).reshaped((*new.sizes[:2], *(view.sizes[place] for place in rest)))
        assert kept is not None
        found = dict(zip((batch, home, *rest), kept.dims, strict=True))
        return kept._replace(dims=tuple(found.get(p, ()) for p in range(len(view.dims)) if keeps or p not in places))

    @staticmethod
    def _is_pure(view: View, batch: int) -> bool:
        """Whether a dimension is the batch and nothing else."""
        return same(view.dims[batch], view.map.batch)

    def _reduced_channels(self, view: View, gone: Sequence[Any], op: str) -> View:
        fields, left = self._groups(view, gone)
        if not left:
            del fields["out_channels"]
        tensor = self.layer("reduce", view.map.tensor, op=op, **fields)
        return view._replace(map=view.map._replace(tensor=tensor, channels=left))

    @staticmethod
    def _groups(view: View, gone: Sequence[Any]) -> tuple[dict[str, Any], Factors]:
        """How channels are reduced to groups, and those that are left."""
        own = leaves(view.map.channels)
        left = tuple(leaf for leaf in own if leaf not in gone)
        fields: dict[str, Any] = {"out_channels": size(left)}
        if left and own[-len(gone) :] != tuple(gone):
            if own[: len(gone)] != tuple(gone):
                raise UnknownOperationError("a reduction over channels that do not stand together")
            fields["interleaved"] = True
        return fields, left

    def settled(self, view: View, dim: int) -> View:
        """The tensor, rearranged at once where each part along a dimension would be."""
        own, group = leaves(view.map.channels), leaves(view.dims[dim])
        stands = not group or own[: len(group)] == group or view.axis(dim) is not None
        return view if stands or not self.has_batch(view) else self.as_map(view)

    def _as_axes(self, view: View, why: str) -> View:
        """The tensor as a map whose channels and axes its dimensions are; raises where they are already."""
        new = self.as_map(view)
        if new.map == view.map:
            raise UnknownOperationError(why)
        return new
