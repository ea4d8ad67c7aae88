"""What is legal and suspicious in a network: a function for each suspicion, all in one table.

Each yields problems at the layers that it finds; a code that is a warning, one of `errors.WARNINGS`, says which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vggcalc.analysis.report import Report
from vggcalc.errors import Problem
from vggcalc.language.family import Family
from vggcalc.language.variants import Variant
from vggcalc.suspicions.blocks import unused_block
from vggcalc.suspicions.fields import wide_field
from vggcalc.suspicions.order import early_softmax, idle_bias, undeclared_output
from vggcalc.suspicions.pixels import skipped_pixels, unread_pixels
from vggcalc.suspicions.suspect import Suspect
from vggcalc.suspicions.unknown import unknown_work

__all__ = ["OF_FAMILIES", "OF_NETWORKS", "of_family", "of_network"]

OF_NETWORKS: tuple[Callable[[Suspect], Iterator[Problem]], ...] = (
    unread_pixels,
    skipped_pixels,
    wide_field,
    undeclared_output,
    idle_bias,
    early_softmax,
    lambda suspect: unknown_work(suspect.report),
)
OF_FAMILIES: tuple[Callable[[Family], Iterator[Problem]], ...] = (unused_block,)


def of_network(report: Report, variant: Variant, family: Family) -> Iterator[Problem]:
    """What is suspicious in one network of a family."""
    suspect = Suspect(report, report.network.readers(), variant.keys, len(family.variants) > 1)
    return (problem for find in OF_NETWORKS for problem in find(suspect))


def of_family(family: Family) -> Iterator[Problem]:
    """What is suspicious in the file of a family, whatever its networks are."""
    return (problem for find in OF_FAMILIES for problem in find(family))
