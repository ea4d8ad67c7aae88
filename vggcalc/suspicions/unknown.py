"""Operations of foreign files of which nobody knows what they do."""

from __future__ import annotations

from collections.abc import Iterator

from vggcalc.analysis.report import Report
from vggcalc.errors import Problem


def unknown_work(report: Report) -> Iterator[Problem]:
    """Each layer whose work is unknown, and with it every total; not those that read what it writes."""
    for row in report.rows:
        if row.is_unknown and not row.layer.fields["known_op"]:
            message, hint = f"{row.name}: what {row.called} does is unknown", "totals that it adds to are unknown"
            yield Problem(message, hint, row.node.mark, code="unknown-work")
