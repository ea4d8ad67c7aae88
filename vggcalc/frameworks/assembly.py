"""A network in the making: what a reader of a foreign format puts together, layer by layer, in order of execution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from vggcalc import bounds
from vggcalc.errors import FieldError, Mark, Problem, ShapeError, SpecError
from vggcalc.layers import REGISTRY, Input, Layer
from vggcalc.network import Network, Node, output_shape
from vggcalc.paths import enclosing
from vggcalc.record import Record
from vggcalc.shape import AXES, Shape


class Tensor(Record):
    """What a layer wrote: its place in the network and its shape; None where a fault leaves it unknown."""

    place: int
    shape: Shape | None


def unseen(op: str, kind: type[Layer]) -> Layer:
    """A layer of a kind that is known, and reads a map of unknown shape; what it holds is known if that is nothing."""
    held = 0 if kind.weights is Layer.weights else None
    return REGISTRY["unknown"](op=op[:100] or kind.kind, known_op=True, held=held)


class Assembly:
    """Layers with the names that the file gives them, each with the place in the file where it stands.

    What is wrong with one layer becomes a problem, and what reads it is not looked at; `network` raises them all.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self._nodes: list[Node] = []
        self._input_shapes: list[Shape] = []
        self._names: dict[str, int] = {}
        self._repeated: dict[str, int] = {}

    def fault(self, message: str, hint: str, mark: Mark | None, *, code: str) -> None:
        """Something that is wrong with the file."""
        self.problems.append(Problem(message, hint, mark, code=code))

    @contextmanager
    def layer_of(self, name: str, mark: Mark | None) -> Iterator[None]:
        """What is wrong with a layer that is made here is told with its name, where it stands."""
        try:
            yield
        except (FieldError, ShapeError) as error:
            self.problems += [each._replace(message=f"{name}: {each.message}", mark=mark) for each in error.problems]

    def input(self, name: str, shape: Shape, mark: Mark | None) -> Tensor:
        """An input of the network; all of them come before the first layer."""
        self._input_shapes.append(shape)
        node = Node(self._free(name), Input(), (), mark)
        if len(shape.spatial) in AXES and min(shape.hwc) >= 1 and shape.elements <= bounds.ELEMENTS:
            return self._append(node, shape)
        hint = f"an input has at least 1 along each axis, and at most {bounds.ELEMENTS:,} values"
        if len(shape.spatial) not in AXES:
            hint = f"there are at most {max(AXES)} spatial axes"
        extents = "x".join(map(str, shape.hwc))
        self.fault(f"{name} is no input of {extents}", hint, mark, code="bad-value")
        return self._append(node, None)

    def add(
        self,
        name: str,
        layer: Layer,
        *sources: Tensor,
        mark: Mark | None,
        shares: int | None = None,
        training: bool = False,
        form: str = "",
    ) -> Tensor:
        """A layer that reads these tensors, and what it writes."""
        shapes = tuple(source.shape for source in sources if source.shape is not None)
        if not layer.is_blind and not all(shape.is_known for shape in shapes):
            layer = unseen(layer.kind, type(layer))
        output = None
        if len(shapes) == len(sources):
            with self.layer_of(name, mark):
                output = output_shape(layer, shapes)
        places = tuple(source.place for source in sources)
        return self._append(Node(self._free(name), layer, places, mark, shares, training, form), output)

    @property
    def last(self) -> int:
        """The place of the layer that was added last."""
        return len(self._nodes) - 1

    def drop(self, last: int) -> None:
        """Take away the layers behind this place, which nothing reads yet."""
        for node in self._nodes[last + 1 :]:
            del self._names[node.name]
        del self._nodes[last + 1 :]

    def kind(self, place: int) -> str:
        """The kind of the layer in a place."""
        layer = self._nodes[place].layer
        return layer.kind if layer else ""

    def find(self, name: str) -> int:
        """The place of the layer with this name."""
        return self._names[name]

    def _append(self, node: Node, shape: Shape | None) -> Tensor:
        if len(self._nodes) >= bounds.LAYERS:
            hint = "vggcalc works with no more"
            raise SpecError(
                Problem(f"the file has more than {bounds.LAYERS:,} layers", hint, node.mark, code="out-of-bounds")
            )
        self._nodes.append(node)
        self._names[node.name] = len(self._nodes) - 1
        return Tensor(len(self._nodes) - 1, shape)

    def _free(self, name: str) -> str:
        """The name, or with `.2`, `.3` behind it the first that no layer has yet."""
        if name not in self._names:
            return name
        number = self._repeated.get(name, 1) + 1
        while f"{name}.{number}" in self._names:
            number += 1
        self._repeated[name] = number
        return f"{name}.{number}"

    def network(self, name: str, outputs: Sequence[int] = (), title: str = "", source: str = "") -> Network:
        """The network; its outputs are those named, or else whatever no layer reads.

        Raises: SpecError with all that is wrong.
        """
        if len(self._nodes) == len(self._input_shapes) and not self.problems:
            self.fault(f"{name} has no layers", "there is nothing to work out", None, code="missing-key")
        if self.problems:
            raise SpecError(self.problems)
        read = {place for node in self._nodes for place in node.inputs}
        return Network(
            name=name,
            nodes=tuple(self._nodes),
            input_shapes=tuple(self._input_shapes),
            outputs=tuple(outputs) or tuple(place for place in range(len(self._nodes)) if place not in read),
            title=title,
            source=source,
            notes=noted(self.notes),
            blocks=_blocks(self._names),
            passing=None,
        )


def noted(notes: Iterable[str]) -> tuple[str, ...]:
    """Notes as they are told: equal ones once, and of many so many as one reads.

    >>> noted(["a ReLU6 is clipped", "a bias is gone", "a ReLU6 is clipped"])
    ('a ReLU6 is clipped (2 times)', 'a bias is gone')
    """
    told = [text if times == 1 else f"{text} ({times:,} times)" for text, times in Counter(notes).items()]
    if (rest := len(told) - bounds.NOTES) > 0:
        told[bounds.NOTES :] = [f"and {rest:,} more notes"]
    return tuple(told)


def _blocks(names: Iterable[str]) -> dict[str, int]:
    """What names stand in: of `layer1.0.conv1` those are `layer1` and `layer1.0`; and the last layer of each."""
    blocks: dict[str, int] = {}
    for place, name in enumerate(names):
        blocks.update(dict.fromkeys(enclosing(name), place))
    return {block: place for block, place in blocks.items() if block not in names}
