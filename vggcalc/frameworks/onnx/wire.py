"""The wire format of protocol buffers: fields with numbers, of which long ones are passed over, not copied.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from vggcalc import bounds
from vggcalc.errors import Problem, SpecError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""How a field's value is written; groups, 3 and 4, are in no file of today."""

_LONGEST = 10
"""Bytes of a varint of 64 bits."""

Value = int | memoryview


class Fields:
    """How many fields a file may have, counted while they are read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.left = bounds.WIRE_FIELDS

    def count(self) -> None:
        """One more field; raises SpecError beyond the bound."""
        self.left -= 1
        if self.left < 0:
            wrong = f"{self.name} has more than {bounds.WIRE_FIELDS:,} fields beside its weights"
            raise SpecError(Problem(wrong, "vggcalc reads no more", code="out-of-bounds"))

    def broken(self, why: str) -> SpecError:
        """What is wrong with the file."""
        hint = "it may be cut off or damaged: export or fetch it again"
        return SpecError(Problem(f"{self.name} is no whole ONNX file: {why}", hint, code="bad-file"))


class Message:
    """A message: its fields by number, each in order; what is nested in it stays bytes until it is asked for."""

    def __init__(self, data: memoryview, fields: Fields) -> None:
        self.fields = fields
        self._values: dict[int, list[Value]] = {}
        for number, value in _fields(data, fields):
            self._values.setdefault(number, []).append(value)

    def messages(self, number: int) -> Iterator[Message]:
        """The nested messages of a field."""
        return (Message(each, self.fields) for each in self.raw(number))

    def message(self, number: int) -> Message | None:
        """The last of a field, where it is there."""
        raw = self.raw(number)
        return Message(raw[-1], self.fields) if raw else None

    def raw(self, number: int) -> list[memoryview]:
        """The bytes of a field, as often as it is there."""
        return [each for each in self._values.get(number, ()) if isinstance(each, memoryview)]

    def has(self, number: int) -> bool:
        """Whether a field is there."""
        return number in self._values

    def texts(self, number: int) -> list[str]:
        """A field of texts."""
        return [self._text(each) for each in self.raw(number)]

    def text(self, number: int) -> str:
        """A field of one text, which is empty where it is not there."""
        raw = self.raw(number)
        return self._text(raw[-1]) if raw else ""

    def _text(self, raw: memoryview) -> str:
        if len(raw) > bounds.WIRE_TEXT:
            raise self.fields.broken(f"a name of {len(raw):,} bytes")
        return str(raw, "utf-8", "replace")

    def number(self, number: int, default: int = 0) -> int:
        """A field of one whole number."""
        found = [each for each in self._values.get(number, ()) if isinstance(each, int)]
        return _signed(found[-1]) if found else default

    def numbers(self, number: int) -> list[int]:
        """A field of whole numbers, one by one or packed."""
        found: list[int] = []
        for each in self._values.get(number, ()):
            if isinstance(each, int):
                found.append(_signed(each))
            else:
                at = 0
                while at < len(each):
                    self.fields.count()
                    value, at = _varint(each, at, self.fields)
                    found.append(_signed(value))
        return found

    def real(self, number: int) -> float:
        """A field of one float of 32 bits."""
        found = [each for each in self._values.get(number, ()) if isinstance(each, int)]
        value: float = struct.unpack("<f", (found[-1] & 0xFFFFFFFF).to_bytes(4, "little"))[0] if found else 0.0
        return value

    def floats(self, number: int, size: int = 4) -> list[float]:
        """A field of floats of 32 or 64 bits, one by one or packed."""
        form = "<f" if size == 4 else "<d"
        found: list[float] = []
        for each in self._values.get(number, ()):
            if isinstance(each, int):
                each = memoryview(each.to_bytes(8, "little"))[:size]
            if len(each) % size:
                raise self.fields.broken("packed floats of no whole number")
            for (value,) in struct.iter_unpack(form, each):
                self.fields.count()
                found.append(value)
        return found


def _fields(data: memoryview, fields: Fields) -> Iterator[tuple[int, Value]]:
    at, end = 0, len(data)
    while at < end:
        fields.count()
        key, at = _varint(data, at, fields)
        number, form = key >> 3, key & 7
        if number == 0:
            raise fields.broken("a field without a number")
        if form == VARINT:
            value, at = _varint(data, at, fields)
            yield number, value
            continue
        if form == BYTES:
            length, at = _varint(data, at, fields)
        elif form in (FIXED32, FIXED64):
            length = 4 if form == FIXED32 else 8
        else:
            raise fields.broken(f"a field of form {form}, which there is not")
        if length > end - at:
            raise fields.broken(f"a field of {length:,} bytes where {end - at:,} are left")
        part = data[at : at + length]
        at += length
        yield number, part if form == BYTES else int.from_bytes(part, "little")


def _varint(data: memoryview, at: int, fields: Fields) -> tuple[int, int]:
    """A number of seven bits a byte, the least first, and where it ends."""
    value = shift = 0
    for byte in data[at : at + _LONGEST] if at < len(data) and data[at] > 0x7F else data[at : at + 1]:
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
    raise fields.broken("a number without an end")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
