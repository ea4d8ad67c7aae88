"""Who counts what: one named rule for each way of counting that is not vggcalc's own."""

from vggcalc.conventions.connections import connections

__all__ = ["connections"]
