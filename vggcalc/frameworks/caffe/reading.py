"""A Caffe network: its layers in order, joined by the names of blobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vggcalc.errors import Problem, Source, SpecError
from vggcalc.frameworks.assembly import Assembly, Tensor
from vggcalc.frameworks.caffe.ops import OPS, SILENT, unknown
from vggcalc.frameworks.caffe.prototxt import Message, Text, parse
from vggcalc.frameworks.caffe.step import Step, flag, number, shape_of, whole
from vggcalc.network import Network
from vggcalc.shape import Shape, parse_input

_DATA = frozenset(["data", "imagedata", "hdf5data", "memorydata", "dummydata", "windowdata", "annotateddata", "input"])
_LABELS = ("label", "labels")


def read(source: Source, name: str, sizes: Mapping[str, str] = {}) -> Network:
    """The network that a prototxt holds, as it runs when it is tested.

    sizes: what is said of the inputs, by name, or of all by ""; it counts where the file says nothing.

    Raises: SpecError with all that is wrong, each with its line.
    """
    return _Reader(parse(source), sizes).network(name)


class _Reader:
    def __init__(self, root: Message, sizes: Mapping[str, str]) -> None:
        self.root = root
        self.sizes = sizes
        self.assembly = Assembly()
        self.blobs: dict[str, Tensor] = {}
        self.shared: dict[str, int] = {}

    def network(self, name: str) -> Network:
        steps = list(self._layers())
        self._declared_inputs()
        for message in steps:
            if _type(message) in _DATA:
                self._data(message)
        for message in steps:
            if _type(message) not in _DATA:
                self._layer(message)
        return self.assembly.network(name, title=self.root.text("name"))

    def _layers(self) -> Iterator[Message]:
        """Those that run in the test phase, and those for training alone that stand beside them."""
        for outer in self.root.messages("layers", "layer"):
            inner = outer.messages("layer")
            yield _joined(outer, inner[0]) if inner else outer

    def _declared_inputs(self) -> None:
        names = self.root.texts("input")
        shapes = [[whole(dim) for dim in shape.texts("dim")] for shape in self.root.messages("input_shape")]
        if not shapes:
            dims = [whole(dim) for dim in self.root.texts("input_dim")]
            shapes = [dims[start : start + 4] for start in range(0, len(dims), 4)]
        for place, name in enumerate(names):
            self._input(name, shape_of(shapes[place]) if place < len(shapes) else None, name.text)

    def _data(self, message: Message) -> None:
        """A layer that reads images: the first top is the image, a second its label."""
        tops = message.texts("top")
        said = message.message("input_param", "dummy_data_param")
        shapes = [[whole(dim) for dim in shape.texts("dim")] for shape in said.messages("shape")]
        for place, top in enumerate(tops):
            if top.text in self.blobs or top.text in _LABELS or (place and not shapes):
                continue
            shape = shape_of(shapes[min(place, len(shapes) - 1)]) if shapes else _image(message)
            self._input(top, shape, top.text)

    def _input(self, top: Text, shape: Shape | None, name: str) -> None:
        asked = self.sizes.get(name, self.sizes.get(""))
        shape = shape or (parse_input(asked) if asked else None)
        if shape is None:
            message, hint = f"the file does not say how large '{name}' is", "say its input, as in 224x224x3"
            raise SpecError(Problem(message, hint, top.mark, code="missing-key"))
        self.blobs[name] = self.assembly.input(name, shape, top.mark)

    def _layer(self, message: Message) -> None:
        kind = _type(message)
        if kind in SILENT or not _runs(message):
            return
        bottoms = []
        for bottom in message.texts("bottom"):
            if bottom.text in self.blobs:
                bottoms.append(self.blobs[bottom.text])
            elif bottom.text not in _LABELS:
                wrong, hint = f"no layer writes '{bottom.text}'", "a blob is written above where it is read"
                self.assembly.fault(wrong, hint, bottom.mark, code="unknown-name")
                return
        step = Step(self.assembly, message, bottoms, self._shares(message), False)
        made = OPS.get(kind, unknown)(step)
        tensors = [made] if isinstance(made, Tensor) else made
        for top, tensor in zip(message.texts("top"), tensors, strict=False):
            self.blobs[top.text] = tensor
        self._remember(message, tensors)

    def _shares(self, message: Message) -> int | None:
        """The layer that has the weights of the same name already."""
        return next((self.shared[name] for name in _param_names(message) if name in self.shared), None)

    def _remember(self, message: Message, tensors: Sequence[Tensor]) -> None:
        for name in _param_names(message):
            self.shared.setdefault(name, tensors[0].place)


def _type(message: Message) -> str:
    return message.text("type").lower().replace("_", "")


def _joined(outer: Message, inner: Message) -> Message:
    """Version 0 has a layer in a layer: its type inside, its bottoms and tops outside."""
    joined = Message(inner.mark)
    joined.values = {**outer.values, **inner.values}
    return joined


def _param_names(message: Message) -> list[str]:
    """The names by which layers share their weights; version 1 has them as texts."""
    named = [text for param in message.messages("param") if (text := param.text("name"))]
    return named or [text.text for text in message.texts("param") if text.text]


def _runs(message: Message) -> bool:
    """Whether its rules let it run in the test phase."""

    def meets(rule: Message) -> bool:
        return rule.text("phase").upper() in ("TEST", "1", "")

    includes, excludes = message.messages("include"), message.messages("exclude")
    if includes:
        return any(map(meets, includes))
    return not any(rule.text("phase") and meets(rule) for rule in excludes)


def _image(message: Message) -> Shape | None:
    """What a layer of data cuts out of its images; their colours are three, unless grey."""
    memory = message.message("memory_data_param")
    if memory.texts("channels"):
        return Shape(number(memory, "channels", 3), (number(memory, "height", 1), number(memory, "width", 1)))
    for param in ("transform_param", "data_param", "image_data_param"):
        said = message.message(param)
        if side := number(said, "crop_size", 0):
            return Shape(1 if flag(said, "force_gray", False) else 3, (side, side))
    return None
