"""vggcalc: a calculator for convolutional networks.

>>> import vggcalc
>>> report = vggcalc.load("vgg16").analyse()
>>> report.totals.params, report.totals.macs
(138357544, 15470264320)
>>> report.row("conv1_1").params
1792
"""

TYPE_CHECKING = False  # importing `typing` takes a while in which nothing meets Ctrl-C yet
if TYPE_CHECKING:
    from typing import Any

    from vggcalc.analysis import Report, Row, Totals
    from vggcalc.errors import FieldError, Problem, ShapeError, SpecError, UsageError, VggcalcError
    from vggcalc.model import Model, from_keras, from_torch, load
    from vggcalc.network import Network, Node
    from vggcalc.question import Question
    from vggcalc.shape import Shape
    from vggcalc.version import __version__

__all__ = [
    "FieldError",
    "Model",
    "Network",
    "Node",
    "Problem",
    "Question",
    "Report",
    "Row",
    "Shape",
    "ShapeError",
    "SpecError",
    "Totals",
    "UsageError",
    "VggcalcError",
    "__version__",
    "from_keras",
    "from_torch",
    "load",
]

_ROOMS = {
    "analysis": ("Report", "Row", "Totals"),
    "errors": ("FieldError", "Problem", "ShapeError", "SpecError", "UsageError", "VggcalcError"),
    "model": ("Model", "from_keras", "from_torch", "load"),
    "network": ("Network", "Node"),
    "question": ("Question",),
    "shape": ("Shape",),
    "version": ("__version__",),
}


def __getattr__(name: str) -> "Any":
    """Import a name when it is asked for: the command line must be able to meet Ctrl-C before it loads anything."""
    import importlib

    for room, names in _ROOMS.items():
        if name in names:
            return getattr(importlib.import_module(f"vggcalc.{room}"), name)
    raise AttributeError(f"module 'vggcalc' has no attribute '{name}'")
