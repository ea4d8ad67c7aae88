"""The table of Caffe's types of layers: each has a function that puts in what it is here.

Types are entered in small letters without underscores: version 1 of the format writes INNER_PRODUCT, version 2
InnerProduct. Layers in Python are entered by their class. Source: BVLC/caffe, src/caffe/proto/caffe.proto and
src/caffe/layers; of forks' types the fork is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vggcalc.frameworks.caffe.blobs import Blob
from vggcalc.frameworks.caffe.prototxt import Message
from vggcalc.frameworks.caffe.step import Step

Op = Callable[[Step], "Blob | Sequence[Blob]"]

OPS: dict[str, Op] = {}
"""How the layers of a type are read; a function gives what the tops are."""

BLIND: set[str] = set()
"""Types whose outputs are as large whatever they read, be it unknown."""

SOURCES = frozenset(["parameter"])
"""Types that read nothing."""

_WORDS = (
    "convolution conv deconvolution deconv innerproduct embed lstm rnn local locallyconnected convolutiondepthwise"
    " depthwiseconvolution deformableconvolution prelu scale bias batchnorm bn"
)
TRAINED = frozenset(_WORDS.split())
"""Types that hold what is trained, and nobody leaves out by mistake."""
HOLDING: set[str] = set()
"""All types of which some layers hold what is trained."""


def op(*types: str, is_blind: bool = False, holds: bool = False) -> Callable[[Op], Op]:
    """Enter a function for these types."""

    def enter(function: Op) -> Op:
        OPS.update(dict.fromkeys(types, function))
        if is_blind:
            BLIND.update(types)
        if holds:
            HOLDING.update(types)
        return function

    return enter


def unknown(step: Step) -> Sequence[Blob]:
    """A type that nobody entered: one layer a top, so that each can be read by its name."""
    return [step.unknown() for _ in range(max(1, step.tops))]


def unseen(step: Step) -> Sequence[Blob]:
    """The same for a type that is entered, where nobody knows the shape of what it reads."""
    return [step.unknown(known_op=True) for _ in range(max(1, step.tops))]


def type_of(message: Message) -> str:
    """A layer's type as the table has it; of a layer in Python, its class."""
    name = message.text("type").lower().replace("_", "")
    return message.message("python_param").text("layer").lower() if name == "python" else name
