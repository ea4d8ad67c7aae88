"""What a check finds: the verdict on a claim."""

from __future__ import annotations

from vggcalc.claims.claim import Claim
from vggcalc.claims.printed import RIGHT, Actual, Verdict, text_of
from vggcalc.errors import Mark
from vggcalc.record import Record


class Finding(Record):
    """A claim, what the figure is, and how the two agree; `explanation` is for what is not simply right."""

    claim: Claim
    actual: Actual | None
    verdict: Verdict
    explanation: str = ""

    @property
    def mark(self) -> Mark:
        """Where the claim stands."""
        return self.claim.mark

    @property
    def row(self) -> str:
        """What the table calls the layer or model."""
        return self.claim.row

    @property
    def column(self) -> str:
        """What the table calls the figure."""
        return self.claim.column

    @property
    def printed_text(self) -> str:
        """The figure as it is printed."""
        return self.claim.printed.text

    @property
    def actual_text(self) -> str:
        """The figure as a reader would write it."""
        return text_of(self.actual, self.claim.printed)


def passes(verdict: Verdict, strict: bool) -> bool:
    """Whether a figure agrees or is a documented erratum; those do not pass where it is strict."""
    return verdict in RIGHT or (verdict == "erratum" and not strict)
