"""Published tables: claims as they are printed, and the verdict on each."""

from vggcalc.published.check import check
from vggcalc.published.claim import Claim
from vggcalc.published.finding import Finding
from vggcalc.published.printed import Printed, read_printed
from vggcalc.published.table import Table, load_table, read_table

__all__ = ["Claim", "Finding", "Printed", "Table", "check", "load_table", "read_printed", "read_table"]
