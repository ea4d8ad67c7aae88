"""One layer of a Caffe network while it is read: what it reads, its numbers, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite, prod
from typing import Any

from vggcalc.errors import FieldError, Mark, Problem, SpecError
from vggcalc.frameworks.assembly import Assembly
from vggcalc.frameworks.caffe.blobs import BATCH, CHANNELS, SINGLE, Blob, usual
from vggcalc.frameworks.caffe.prototxt import Message, Text
from vggcalc.layers import REGISTRY
from vggcalc.shape import NOT_KNOWN

_DIGITS = 9
_WHOLE = re.compile(r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*", re.ASCII)
_MOST = 4
"""A map has at most three axes beside its channels."""


class Step:
    """A layer's message, its bottoms, and the network that its layers are put into."""

    def __init__(
        self,
        assembly: Assembly,
        message: Message,
        bottoms: Sequence[Blob],
        shares: int | None,
        training: bool,
        roundings: list[str],
        held: int | None,
    ) -> None:
        self.assembly = assembly
        self.message = message
        self.bottoms = bottoms
        self.shares = shares
        self.training = training
        self.roundings = roundings
        self.held = held
        """0 where layers of its type hold nothing, or else None."""
        kind = message.text("type")
        of_python = message.message("python_param").text("layer") if kind.lower() == "python" else ""
        self.type = (of_python or kind)[:100] or "?"
        self.name = message.text("name") or (message.text("top") or self.type.lower())
        self.tops = len(message.texts("top"))

    @property
    def mark(self) -> Mark:
        """Where the layer stands in the file."""
        return self.message.mark

    @property
    def bottom(self) -> Blob:
        """The first thing that the layer reads."""
        if not self.bottoms:
            raise SpecError(Problem(f"{self.name} reads nothing", "give it a bottom", self.mark, code="no-inputs"))
        return self.bottoms[0]

    @property
    def axes(self) -> int:
        """How many axes of positions the map has that is read."""
        return len(self.bottom.shape.spatial)

    def param(self, *names: str) -> Message:
        """What `name` { } says of the layer; the first networks of Caffe had the fields in the layer itself."""
        for name in names:
            if found := self.message.messages(name):
                if len(found) > 1:
                    hint = "put all of it into one"
                    raise SpecError(Problem(f"'{name}' is said twice", hint, found[1].mark, code="duplicate-key"))
                return found[0]
        return self.message

    def add(self, kind: str, *sources: Blob, suffix: str = "", layout: str | None = None, **fields: Any) -> Blob:
        """A layer of this kind under the layer's name; it reads the bottom unless told otherwise, and keeps its layout.

        Raises: FieldError for fields that the kind cannot have.
        """
        read = sources or (self.bottom,)
        tensor = self.assembly.add(
            self.name + suffix,
            REGISTRY[kind](**fields),
            *(source.tensor for source in read),
            mark=self.mark,
            shares=self.shares,
            training=self.training,
        )
        batch = next((source.batch for source in read if source.layout), (1,))
        return Blob(tensor, read[0].layout if layout is None else layout, batch)

    def unknown(
        self, said: Sequence[int] | None = None, layout: str = "", held: int | None = None, known_op: bool = False
    ) -> Blob:
        """A layer of unknown work; `said` is the map that the file has it write, the channels last."""
        return self.add(
            "unknown",
            *self.bottoms,
            layout=layout,
            op=self.type,
            output_shape=None if said is None else tuple(said),
            held=self.held if held is None else held,
            known_op=known_op,
        )

    def as_usual(self, blob: Blob) -> Blob | None:
        """The blob with its batch first and its channels next, those of its axis 1, as windows see it that slide.

        None for one that has none.
        """
        if blob.layout in (usual(len(blob.shape.spatial)), usual(0)):
            return blob
        rest = blob.layout[1:]
        if not blob.layout.startswith(BATCH) or set(rest) & {BATCH, SINGLE} or CHANNELS not in rest:
            return None
        return self.regrouped(blob, BATCH, list(rest), 0, ".nchw")

    def regrouped(self, blob: Blob, kept: str, groups: Sequence[str], channels: int, suffix: str = "") -> Blob:
        """The blob with the letters of each group as one axis, of which one is the channels.

        kept: the letters of the batch that stand before them.
        """
        if len(groups) == 1:
            return self.add("flatten", blob, suffix=suffix, layout=kept + CHANNELS)
        shape = blob.shape
        sizes = {CHANNELS: shape.channels, SINGLE: 1} | {str(axis): n for axis, n in enumerate(shape.spatial)}
        extents = [prod(sizes[letter] for letter in group) for group in groups]
        spatial = [n for place, n in enumerate(extents) if place != channels] or [1]
        digits = iter("0123")
        layout = kept + "".join(CHANNELS if place == channels else next(digits) for place in range(len(groups)))
        if len(groups) > _MOST:
            return self.unknown()
        order = [place for place in range(len(groups)) if place != channels] + [channels]
        letters = [groups[place] for place in order]
        own = [str(axis) for axis in range(len(shape.spatial))] + [CHANNELS]
        if letters == own:
            return blob._replace(layout=layout) if suffix else self.add("identity", blob, layout=layout)
        if sorted(letters) == sorted(own):
            return self.add(
                "permute", blob, suffix=suffix, layout=layout, order=tuple(own.index(letter) for letter in letters)
            )
        return self.add("reshape", blob, suffix=suffix, layout=layout, shape=(*spatial, extents[channels]))

    def per_axis(self, message: Message, *names: str, default: int | None = None) -> int | tuple[int, ...]:
        """A number for all axes or one for each: repeated, or as `kernel_h` and `kernel_w` beside `kernel_size`.

        Raises: FieldError where it is needed and not there.
        """
        stem = names[0].partition("_")[0]
        found = [whole(text) for text in message.texts(*names)]
        common = found[0] if len(set(found)) == 1 else None
        sides = [message.texts(f"{stem}_{side}") for side in "hw"]
        if any(sides) and found:
            hint = f"give the one, or {stem}_h and {stem}_w"
            raise FieldError("", f"it has {names[0]} beside {stem}_h or {stem}_w", hint, code="together")
        if any(sides):
            numbers = [whole(side[-1]) if side else default for side in sides]
            if None in numbers:
                raise FieldError("", f"it has no {stem}_h or no {stem}_w", "give both", code="missing-key")
            return tuple(n for n in numbers if n is not None) if len(set(numbers)) > 1 else (numbers[0] or 0)
        if common is not None:
            return common
        if found:
            return tuple(found)
        if default is None:
            raise FieldError("", f"it says no {names[0]}", f"as in {names[0]}: 3", code="missing-key")
        return default

    def note(self, text: str) -> None:
        """Something that is said of the whole network once."""
        if text not in self.assembly.notes:
            self.assembly.notes.append(text)


def whole(text: Text) -> int:
    """The whole number that a value is, as protobuf reads it: 0x10 is 16, and 010 is 8.

    Raises: SpecError where it is none.
    """
    digits = text.text.removeprefix("-")
    if not (_WHOLE.fullmatch(digits) and len(digits) <= _DIGITS):
        hint = f"numbers have at most {_DIGITS} digits" if digits.isdecimal() else "put the number in"
        raise SpecError(Problem(f"'{text.text[:40]}' is no whole number", hint, text.mark, code="bad-value"))
    return int(text.text, 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10)


def number(message: Message, *names: str, default: int) -> int:
    """The whole number in the first of these fields that is there."""
    found = message.one(*names)
    return default if found is None else whole(found)


def decimal(text: Text) -> float:
    """The number that a value is; raises SpecError where it is none."""
    try:
        value = float(text.text.rstrip("fF"))
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        wrong = f"'{text.text[:40]}' is no number"
        raise SpecError(Problem(wrong, "put the number in", text.mark, code="bad-value"))
    return value


def real(message: Message, name: str, default: float) -> float:
    """The number in a field; raises SpecError where it is none."""
    found = message.one(name)
    return default if found is None else decimal(found)


def flag(message: Message, *names: str, default: bool) -> bool:
    """Whether a field says true."""
    found = message.one(*names)
    return found.text.lower() in ("true", "1", "t") if found and found.text else default


def is_known(blob: Blob) -> bool:
    """Whether anything is known of what a layer wrote."""
    return blob.shape is not NOT_KNOWN and blob.shape.is_known
