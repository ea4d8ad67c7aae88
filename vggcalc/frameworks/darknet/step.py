"""One layer of a Darknet network while it is read: its options, what stands above it, and what it becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vggcalc.errors import Problem, SpecError
from vggcalc.frameworks.assembly import Assembly, Tensor
from vggcalc.frameworks.darknet.cfg import Section
from vggcalc.layers import REGISTRY, Layer
from vggcalc.shape import NOT_KNOWN, Shape

_WORDS = {"convolutional": "conv", "deconvolutional": "deconv", "connected": "connected"}

_ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "logistic": ("sigmoid", {}),
    "relu": ("relu", {}),
    "relu6": ("relu6", {}),
    "leaky": ("leakyrelu", {"negative_slope": 0.1}),
    "relie": ("leakyrelu", {"negative_slope": 0.01}),
    "ramp": ("leakyrelu", {"negative_slope": 0.1}),
    "tanh": ("tanh", {}),
    "loggy": ("tanh", {}),
    "elu": ("elu", {}),
    "selu": ("selu", {}),
    "gelu": ("gelu", {}),
    "swish": ("silu", {}),
    "mish": ("mish", {}),
    "hard_mish": ("hardswish", {}),
    "hardtan": ("hardtanh", {}),
    "lhtan": ("hardtanh", {}),
    "plse": ("hardsigmoid", {}),
    "normalize_channels": ("rmsnorm", {"elementwise_affine": False}),
    "normalize_channels_softmax": ("softmax", {}),
    "normalize_channels_softmax_maxval": ("softmax", {}),
}
"""Darknet's activations; `ramp`, `loggy`, `lhtan`, `plse` and `hard_mish` are the nearest that has the same work."""


class Step:
    """A section, and the network that its layers are put into.

    number: which layer it is, counted from 0, as Darknet prints it. trained: where weights stand that others may share,
    by what they are, and of which layer.
    """

    def __init__(
        self,
        assembly: Assembly,
        section: Section,
        number: int,
        made: Sequence[Tensor],
        image: Tensor,
        trained: dict[tuple[str, int], int],
    ) -> None:
        self.assembly = assembly
        self.section = section
        self.number = number
        self.made = made
        self.above = made[-1] if made else image
        self.trained = trained
        self.type = section.type.lower()
        self.name = f"{_WORDS.get(self.type, self.type)}{number}"

    @property
    def shape(self) -> Shape:
        """The map that the layer reads."""
        return self.above.shape or NOT_KNOWN

    def add(self, kind: str, *sources: Tensor, suffix: str = "", shares: int | None = None, **fields: Any) -> Tensor:
        """A layer of this kind under the section's name; it reads what stands above unless told otherwise."""
        read = sources or (self.above,)
        if kind == "unknown" or all(each.shape is None or each.shape.is_known for each in read):
            layer = REGISTRY[kind](**fields)
        else:
            held = 0 if REGISTRY[kind].weights is Layer.weights else None
            layer = REGISTRY["unknown"](op=self.section.type, held=held, known_op=True)
        return self.assembly.add(self.name + suffix, layer, *read, mark=self.section.mark, shares=shares)

    def unknown(self) -> Tensor:
        """A layer of unknown work."""
        return self.add("unknown", op=self.section.type)

    def activated(self, tensor: Tensor, default: str, suffix: str = "") -> Tensor:
        """What the section's activation makes of it."""
        word = self.section.text("activation", default).lower()
        if word in ("linear", "none"):
            return tensor
        kind, fields = _ACTIVATIONS.get(word, ("unknown", {"op": word[:100] or "?"}))
        return self.add(kind, tensor, suffix=f"{suffix}.{word[:100]}", **fields)

    def weighted(self, make: Callable[[bool], Tensor], suffix: str = "", shares: int | None = None) -> Tensor:
        """A layer of weights, made with or without biases; its batch normalisation has them, where it has one.

        shares: the layer whose batch normalisation it uses.
        """
        normalises = self.section.flag("batch_normalize")
        made = make(not normalises)
        if normalises:
            known = None if shares is None else self.trained.get(("norm", shares))
            made = self.add("batchnorm", made, suffix=f"{suffix}.bn", shares=known, counts_batches=False)
            self.trained["norm", self.number] = made.place
        return self.activated(made, "logistic", suffix)

    def layers(self, option: str) -> list[int]:
        """The layers that an option names, from 0, or below 0 from here.

        Raises: SpecError for one that does not stand above.
        """
        found = self.section.options.get(option)
        if found is None:
            hint = f"as in {option}=-1"
            raise SpecError(Problem(f"{self.name} has no '{option}'", hint, self.section.mark, code="missing-key"))
        if not all(found.text.split(",")):  # Darknet reads a 0 where nothing stands
            hint = f"it names layers, with a comma between two, as in {option}=-1,-4"
            raise SpecError(
                Problem(f"'{option}' of {self.name} leaves a layer out", hint, found.mark, code="bad-value")
            )
        places = []
        for number in found.wholes():
            place = number + self.number if number < 0 else number
            if not 0 <= place < self.number:
                wrong = f"{self.name} reads layer {number}, which does not stand above it"
                raise SpecError(Problem(wrong, f"there are 0 to {self.number - 1}", found.mark, code="unknown-name"))
            places.append(place)
        return places
