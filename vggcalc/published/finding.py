"""What a check finds: the verdict on a claim, and on a table that a document holds."""

from __future__ import annotations

from typing import NamedTuple

from vggcalc.errors import Mark
from vggcalc.published.claim import Claim
from vggcalc.published.marks import Block
from vggcalc.published.printed import RIGHT, Actual, Verdict, text_of


class Finding(NamedTuple):
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


class BlockFinding(NamedTuple):
    """A block, and whether its command still prints it; `mark` is where it differs first, or else its opening mark.

    expected: the lines that should stand there. A table of many figures has none of its own to print.
    """

    block: Block
    verdict: Verdict
    mark: Mark
    explanation: str = ""
    expected: tuple[str, ...] = ()
    actual: Actual | None = None
    row: str = ""
    printed_text: str = ""
    actual_text: str = ""

    @property
    def column(self) -> str:
        """The command."""
        return " ".join(self.block.command)


AnyFinding = Finding | BlockFinding


def passes(finding: AnyFinding, strict: bool) -> bool:
    """Whether a figure agrees or is a documented erratum; those do not pass where it is strict."""
    return finding.verdict in RIGHT or (finding.verdict == "erratum" and not strict)
