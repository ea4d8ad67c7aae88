"""A Caffe network: its layers in order, joined by the names of blobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vggcalc import bounds
from vggcalc.errors import Problem, Source, SpecError
from vggcalc.frameworks.assembly import Assembly, Tensor
from vggcalc.frameworks.caffe import arithmetic, forks, pools, regions, shapes, weights  # noqa: F401  they fill the table
from vggcalc.frameworks.caffe.arithmetic import is_loss
from vggcalc.frameworks.caffe.blobs import Blob, declared, usual
from vggcalc.frameworks.caffe.inputs import batch_size, data_dims, declared_dims, image, is_data, sequences
from vggcalc.frameworks.caffe.phases import State
from vggcalc.frameworks.caffe.prototxt import Message, Text, parse
from vggcalc.frameworks.caffe.step import Step, is_known, whole
from vggcalc.frameworks.caffe.table import BLIND, HOLDING, OPS, SOURCES, TRAINED, type_of, unknown, unseen
from vggcalc.network import Network
from vggcalc.shape import Shape, fit_shape, parse_input


def read(source: Source, name: str, sizes: Mapping[str, str] = {}) -> Network:
    """The network that a prototxt holds, as it runs when it is tested.

    sizes: what is said of the inputs, by name, or of all by ""; it goes before what the file says.

    Raises: SpecError with all that is wrong, each with its line.
    """
    return _Reader(parse(source), sizes).network(name)


class _Reader:
    def __init__(self, root: Message, sizes: Mapping[str, str]) -> None:
        self.root = root
        self.sizes = sizes
        self.assembly = Assembly()
        self.layers = list(_layers(root))
        if len(self.layers) > bounds.FOREIGN_LAYERS:
            message, hint = f"the file has more than {bounds.FOREIGN_LAYERS:,} layers", "vggcalc works with no more"
            mark = self.layers[bounds.FOREIGN_LAYERS].mark
            raise SpecError(Problem(message, hint, mark, code="out-of-bounds"))
        self.steps = sequences(self.layers)
        self.blobs: dict[str, Blob] = {}
        self.labels: set[str] = set()
        self.shared: dict[str, int] = {}
        self.roundings: list[str] = []

    def network(self, name: str) -> Network:
        tested = State.of(self.root, self.layers, "test")
        trained = State.of(self.root, self.layers, "train")
        for top, dims in declared_dims(self.root):
            self._input(top, [whole(dim) for dim in dims])
        data = [message for message in self.layers if is_data(message)]
        for message in sorted(data, key=lambda each: not tested.runs(each)):
            self._data(message)
        others = [message for message in self.layers if not is_data(message)]
        if not self.blobs:
            self._undeclared([message for message in others if tested.runs(message)])
        for message in others:
            if tested.runs(message):
                self._layer(message)
        heads = [message for message in others if not tested.runs(message) and trained.runs(message)]
        if any(type_of(message) in TRAINED for message in heads):
            for message in heads:
                self._head(message)
        self._say_rounding()
        return self.assembly.network(name, title=self.root.text("name"))

    def _data(self, message: Message) -> None:
        """A layer that reads images: the first top is the image, a second its label."""
        dims = data_dims(message)
        for place, top in enumerate(message.texts("top")):
            if top.text in self.blobs or top.text in self.labels:
                continue
            if dims:
                self._input(top, dims[min(place, len(dims) - 1)])
            elif (place or "label" in top.text) and top.text not in self.sizes:
                self.labels.add(top.text)
            else:
                self._input(top, [], image(message), batch_size(message))

    def _undeclared(self, layers: Sequence[Message]) -> None:
        """The file says nothing of its input: that is what its first layer reads."""
        bottom = next((text for message in layers for text in message.texts("bottom")), None)
        if bottom is not None:
            self._input(bottom, [])

    def _input(self, top: Text, dims: Sequence[int], shape: Shape | None = None, batch: int = 1) -> None:
        said = declared(dims, top.text in self.steps)
        layout = ""
        counts: tuple[int, ...] = (batch,)
        if said is not None:
            shape, layout, counts = said
        asked = self.sizes.get(top.text, self.sizes.get(""))
        if shape is not None and asked and said is not None:
            shape = fit_shape(asked, shape)
        elif asked:
            shape = parse_input(asked)
            layout = "0nc" if top.text in self.steps and len(shape.spatial) == 1 else ""
        if shape is None:
            raise _sizeless(top)
        tensor = self.assembly.input(top.text, shape, top.mark)
        self.blobs[top.text] = Blob(tensor, layout or usual(len(shape.spatial)), counts)

    def _head(self, message: Message) -> None:
        """What runs in training alone, unless it stands in for what runs when the network is tested."""
        tops, bottoms = message.texts("top"), message.texts("bottom")
        stands_in = any(top.text in self.blobs for top in tops)
        if stands_in or not all(text.text in self.blobs or text.text in self.labels for text in bottoms):
            self.labels.update(top.text for top in tops if top.text not in self.blobs)
        else:
            self._layer(message, training=True)

    def _layer(self, message: Message, training: bool = False) -> None:
        kind = type_of(message)
        tops = message.texts("top")
        bottoms = self._bottoms(message, kind)
        if bottoms is None or is_loss(kind) or (message.texts("bottom") and not bottoms):
            self.labels.update(top.text for top in tops if top.text not in self.blobs)
            return
        held = 0 if kind in OPS and kind not in HOLDING else None
        if not bottoms and kind in OPS and kind not in SOURCES:
            wrong = f"{message.text('name') or kind} reads nothing"
            self.assembly.fault(wrong, "give it a bottom", message.mark, code="no-inputs")
            self.blobs.update((top.text, _BROKEN) for top in tops)
            return
        step = Step(self.assembly, message, bottoms, self._shares(message), training, self.roundings, held)
        tensors: Sequence[Blob] = ()
        if not any(bottom.is_broken for bottom in bottoms):
            with self.assembly.layer_of(step.name, step.mark):
                sees = kind in BLIND or all(map(is_known, bottoms))
                made = OPS.get(kind, unknown)(step) if sees or kind not in OPS else unseen(step)
                tensors = [made] if isinstance(made, Blob) else made
        for place, top in enumerate(tops):
            self.blobs[top.text] = tensors[place] if place < len(tensors) else _BROKEN
            self.labels.discard(top.text)
        for name in _param_names(message) if tensors else ():
            self.shared.setdefault(name, tensors[0].tensor.place)

    def _bottoms(self, message: Message, kind: str) -> list[Blob] | None:
        """What a layer reads, but labels; None where something is not there, and has been told."""
        bottoms = []
        for bottom in message.texts("bottom"):
            if bottom.text in self.blobs:
                bottoms.append(self.blobs[bottom.text])
            elif bottom.text not in self.labels:
                wrong, hint = f"no layer writes '{bottom.text}'", "a blob is written above where it is read"
                self.assembly.fault(wrong, hint, bottom.mark, code="unknown-name")
                self.blobs.update((top.text, _BROKEN) for top in message.texts("top"))
                return None
            elif kind in TRAINED and not bottoms:
                raise _sizeless(bottom)
        return bottoms

    def _shares(self, message: Message) -> int | None:
        """The layer that has the weights of the same name already."""
        return next((self.shared[name] for name in _param_names(message) if name in self.shared), None)

    def _say_rounding(self) -> None:
        """Where pooling rounds up, and other frameworks would make a smaller map."""
        if self.roundings:
            more = f", and {len(self.roundings) - 1} more" if len(self.roundings) > 1 else ""
            self.assembly.notes.append(f"pooling rounds up: {self.roundings[0]}{more}")


_BROKEN = Blob(Tensor(0, None))


def _sizeless(top: Text) -> SpecError:
    message, hint = f"the file does not say how large '{top.text}' is", "say its input, as in 224x224x3"
    return SpecError(Problem(message, hint, top.mark, code="missing-key"))


def _layers(root: Message) -> Iterator[Message]:
    """All layers. Version 0 has a layer in a layer: its type inside, its bottoms and tops outside."""
    for outer in root.messages("layers", "layer"):
        inner = outer.messages("layer")
        yield outer.joined(inner[0]) if inner else outer


def _param_names(message: Message) -> list[str]:
    """The names by which layers share their weights; version 1 has them as texts."""
    named = [text for param in message.messages("param") if (text := param.text("name"))]
    return named or [text.text for text in message.texts("param") if text.text]
