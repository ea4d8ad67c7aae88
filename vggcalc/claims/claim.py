"""A claim: a printed figure, and the question that it answers."""

from __future__ import annotations

from vggcalc.claims.printed import Printed, read_printed
from vggcalc.claims.quantity import Quantity, placed
from vggcalc.errors import Mark, UsageError
from vggcalc.figures import FIGURES
from vggcalc.reading.reader import Reader
from vggcalc.record import Record


class Claim(Record):
    """A printed figure and what it is a figure of.

    column: what the table calls the figure. row: what it calls the layer or model. erratum: why it is wrong in print.
    instead: what should have been printed. gives: what does give the printed figure of an erratum, claims with the
    same print.
    """

    printed: Printed
    quantity: Quantity
    mark: Mark
    column: str
    row: str
    erratum: str = ""
    instead: Printed | None = None
    gives: tuple[Claim, ...] = ()

    @property
    def in_bytes(self) -> bool:
        """Whether the print says that it counts bytes."""
        return self.printed.noun == "bytes"


def read_claim(
    reader: Reader,
    asked: Quantity | None,
    text: str,
    at: Mark,
    mark: Mark,
    column: str,
    row: str,
    may_mistake: bool = False,
) -> Claim | None:
    """The claim that a text is the figure that is asked for; None, with problems, where it cannot be one.

    at: where the text stands. mark: where the claim does. may_mistake: the print may say that it counts another thing.
    """
    try:
        printed = asked.read(text) if asked else read_printed(text)
    except UsageError as error:
        reader.problems += placed(error, at)
        return None
    if asked is None:
        return None
    if misfit := _misfit(printed, asked) or (None if may_mistake else _mistaken(printed, asked)):
        reader.fault(*misfit, mark, code="not-a-figure")
        return None
    return Claim(printed, asked, mark, column, row or asked.named)


def _misfit(printed: Printed, asked: Quantity) -> tuple[str, str] | None:
    """Why a printed figure cannot be one of the figure that is asked for, and what would be right."""
    name, unit, text = asked.figure, FIGURES[asked.figure].unit, printed.text
    if printed.sides and unit not in ("shape", "axes"):
        return f"'{text}' is a shape, but {name} is a number", "'output' is a shape"
    if printed.noun == "bytes" and unit not in ("values", "bytes"):
        hint = "billions are G, as B is bytes" if printed.unit == "B" else "look at the unit and at the figure"
        return f"'{text}' is in bytes, but {name} has none", hint
    if printed.noun not in ("", "bytes") and unit == "bytes" and not asked.share:
        return f"'{text}' is not in bytes, as {name} is", "look at the unit and at the figure"
    if unit == "percent":
        if printed.noun != "%":
            return f"'{text}' is of {printed.noun}, but {name} is in percent", "write it as in 71.6%"
        return (f"{name} has no shares", "leave share out") if asked.share else None
    if printed.noun == "%" and not asked.share:
        return f"'{text}' is a share of something", "write share: true for a share of the whole model's"
    if printed.relation != "=" and unit == "shape":
        return f"'{text}' is a budget, but {name} is a shape", "write a budget for a number"
    if asked.share and unit in ("shape", "axes"):
        return f"{name} has no shares", "a share is one of a number"
    return None


def _mistaken(printed: Printed, asked: Quantity) -> tuple[str, str] | None:
    """Why a printed figure is one of another thing, by what it says that it counts; and what would be right."""
    own = ("pixels",) if FIGURES[asked.figure].unit == "axes" else FIGURES[asked.figure].nouns
    if printed.noun in ("", "bytes", "%", *own):
        return None
    others = [name for name, figure in FIGURES.items() if printed.noun in figure.nouns[:1]]
    hint = f"write figure: {' or '.join(others[:2])}" if others else "look at the unit and at the figure"
    counted = f", and {asked.figure} is of {' or '.join(own)}" if own else f", and {asked.figure} is not"
    return f"'{printed.text}' is of {printed.noun}{counted}", hint
