"""Claims: figures as they are printed, the tables that hold them, and the verdict on each."""

from vggcalc.claims.check import check
from vggcalc.claims.claim import Claim
from vggcalc.claims.finding import Finding
from vggcalc.claims.printed import Printed, read_printed
from vggcalc.claims.table import Table, load_table, read_table

__all__ = ["Claim", "Finding", "Printed", "Table", "check", "load_table", "read_printed", "read_table"]
