"""What a Caffe network reads: declared inputs, layers of data, and sequences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vggcalc.frameworks.caffe.prototxt import Message, Text
from vggcalc.frameworks.caffe.step import flag, number, whole
from vggcalc.frameworks.caffe.table import type_of
from vggcalc.shape import Shape

_WORDS = (
    "data images imagedata hdf5data memorydata dummydata windowdata annotateddata input denseimagedata videodata"
    " imagesegdata imagedimdata imagelabeldata labelmapdata multiimagedata roidatalayer compactdata"
)
DATA = frozenset(_WORDS.split())

_SEQUENTIAL = frozenset(["lstm", "rnn", "lstmnode", "recurrent"])
_STEPWISE = "embed dropout concat split relu tanh sigmoid scale batchnorm eltwise power"
_KEEPS_STEPS = frozenset(_STEPWISE.split())


def is_data(message: Message) -> bool:
    """Whether a layer brings data in: those that Caffe calls so, and those in Python that read nothing."""
    name = type_of(message)
    return (
        name in DATA
        or (name.endswith("data") and not message.texts("bottom"))
        or (message.text("type").lower() == "python" and not message.texts("bottom"))
    )


def declared_dims(root: Message) -> list[tuple[Text, list[Text]]]:
    """The inputs that a network declares beside its layers, with their dimensions, in whichever way it writes them.

    `input_dim` is four numbers an input, or as many as stand between one input and the next; `input_shape` a message
    for each.
    """
    inputs: list[tuple[Text, list[Text]]] = [(text, []) for text in root.texts("input")]
    shapes = root.messages("input_shape")
    if len(shapes) >= len(inputs):
        return [(name, shape.texts("dim")) for (name, _), shape in zip(inputs, shapes, strict=False)]
    names = {id(text) for text in root.texts("input")}
    runs: list[list[Text]] = []
    said = [*root.texts("input"), *root.texts("input_dim")]
    for text in sorted(said, key=lambda each: (each.mark.line, each.mark.column)):
        if id(text) in names:
            runs.append([])
        elif runs:
            runs[-1].append(text)
    free = list(shapes)
    loose = [text for run in runs for text in run]
    if len(inputs) > 1 and not any(runs[:-1]) and not shapes:
        runs = [loose[start : start + 4] for start in range(0, len(loose), 4)]
    for place, (_, dims) in enumerate(inputs):
        if place < len(runs) and runs[place]:
            dims += runs[place]
        elif free:
            dims += free.pop(0).texts("dim")
    return inputs


def data_dims(message: Message) -> list[list[int]]:
    """The dimensions of each top that a layer of data gives, where it says them."""
    said = message.message("input_param", "dummy_data_param", "image_dim_param")
    shapes = [[whole(dim) for dim in shape.texts("dim")] for shape in said.messages("shape")]
    if shapes or not said.texts("channels"):
        return shapes
    fields = ("num", "channels", "height", "width")
    counts = [[whole(text) for text in said.texts(field)] for field in fields]
    return [list(dims) for dims in zip(*counts, strict=False)]


def image(message: Message) -> Shape | None:
    """What a layer of data cuts out of its images; their colours are three, unless it makes them grey."""
    memory = message.message("memory_data_param")
    if memory.texts("channels"):
        sides = number(memory, "height", default=1), number(memory, "width", default=1)
        return Shape(number(memory, "channels", default=3), sides)
    params = ("transform_param", "data_param", "image_data_param", "window_data_param", "video_data_param")
    said = [message.message(param) for param in params] + [message]
    is_grey = any(flag(each, "force_gray", default=False) or not flag(each, "is_color", default=True) for each in said)
    sizes = [("crop_size", "crop_size"), ("cropsize", "cropsize"), ("crop_height", "crop_width"), ("crop_h", "crop_w")]
    resized = [resize for each in said for resize in each.messages("resize_param")]
    for height, width in [*sizes, ("new_height", "new_width")]:
        for each in said:
            sides = number(each, height, default=0), number(each, width, default=0)
            if all(sides):
                return Shape(1 if is_grey else 3, sides)
    for each in resized:
        sides = number(each, "height", default=0), number(each, "width", default=0)
        if all(sides):
            return Shape(1 if is_grey else 3, sides)
    return None


def batch_size(message: Message) -> int:
    """How many images a layer of data gives at once."""
    params = [each for name, each in _messages(message) if name.endswith("_param")]
    return max([number(each, "batch_size", "batchsize", default=0) for each in [*params, message]] + [1])


def _messages(message: Message) -> Iterable[tuple[str, Message]]:
    return [(name, value) for name, values in message.values.items() for value in values if isinstance(value, Message)]


def sequences(layers: Sequence[Message]) -> set[str]:
    """The blobs that recurrent layers read, and what these are made of step by step: their first axis is steps."""
    found: set[str] = set()
    for message in reversed(layers):
        bottoms = [text.text for text in message.texts("bottom")]
        name = type_of(message)
        if name in _SEQUENTIAL:
            found.update(bottoms[:2])
        elif name in _KEEPS_STEPS and any(top.text in found for top in message.texts("top")):
            found.update(bottoms)
    return found
