"""vggcalc: a calculator for convolutional networks.

>>> report = load("vgg16").analyse()
>>> report.totals.params, report.totals.macs
(138357544, 15470264320)
>>> report.row("conv1_1").params
1792
"""

from vggcalc.analysis import Report, Row, Totals
from vggcalc.errors import FieldError, Problem, ShapeError, SpecError, UsageError, VggcalcError
from vggcalc.model import Model, load
from vggcalc.network import Network, Node
from vggcalc.shape import Shape
from vggcalc.version import __version__

__all__ = [
    "FieldError",
    "Model",
    "Network",
    "Node",
    "Problem",
    "Report",
    "Row",
    "Shape",
    "ShapeError",
    "SpecError",
    "Totals",
    "UsageError",
    "VggcalcError",
    "__version__",
    "load",
]
