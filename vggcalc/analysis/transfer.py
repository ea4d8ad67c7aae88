"""Which weights of one network fit another: by the name of the layer and of the tensor, and by its shape."""

from __future__ import annotations

from typing import Literal

from vggcalc.analysis.report import Report, Row
from vggcalc.layers import Weight
from vggcalc.record import Record

Fate = Literal["fits", "other shape", "new", "left"]
"""It is taken over; it cannot be; only the second network has it; only the first one has."""


class Tensor(Record):
    """A tensor of a layer in the first network, in the second, or in both."""

    row: Row
    name: str
    first: Weight | None
    second: Weight | None

    @property
    def fate(self) -> Fate:
        """Whether it fits."""
        if self.first is None or self.second is None:
            return "new" if self.first is None else "left"
        return "fits" if self.first.shape == self.second.shape else "other shape"

    @property
    def params(self) -> int:
        """Its elements, in the second network if it is there; none of statistics, which are taken over as well."""
        tensor = self.second or self.first
        return tensor.elements if tensor is not None and tensor.counts_as != "buffer" else 0


class Transfer(Record):
    """All tensors of the second network in its order, then those that only the first has."""

    first: Report
    second: Report
    tensors: tuple[Tensor, ...]

    def params(self, *fates: Fate) -> int:
        """Elements of the parameters that fare so: those of the first network where only that has them."""
        return sum(tensor.params for tensor in self.tensors if tensor.fate in fates)


def transfer(first: Report, second: Report) -> Transfer:
    """The tensors of two networks, side by side.

    A tensor fits another where its layer and it have the same names and its shape is the same, as it is when weights
    are loaded by name. Not counted: tensors of layers that use another one's.

    Source: Simonyan and Zisserman, arXiv:1409.1556, section 3.1: deeper networks begin with layers of network A.

    >>> from vggcalc import load
    >>> vgg16 = load("vgg16").analyse()
    >>> found = transfer(vgg16, load("vgg16", classes=10).analyse())
    >>> found.params("other shape") == 4096 * 10 + 10, found.params("fits") == vgg16.totals.params - 4096 * 1000 - 1000
    (True, True)
    """
    before = {(row.name, tensor.name): (row, tensor) for row in first.rows for tensor in row.tensors}
    found = []
    for row in second.rows:
        for tensor in row.tensors:
            _, own = before.pop((row.name, tensor.name), (None, None))
            found.append(Tensor(row, tensor.name, own, tensor))
    left = [Tensor(row, tensor.name, tensor, None) for row, tensor in before.values()]
    return Transfer(first, second, (*found, *left))
