"""What a check finds in a document: the verdict on a marked number, and on a table that a command prints."""

from __future__ import annotations

from vggcalc.claims.finding import Finding
from vggcalc.claims.printed import Actual, Verdict
from vggcalc.documents.marks import Block
from vggcalc.errors import Mark
from vggcalc.record import Record


class BlockFinding(Record):
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
