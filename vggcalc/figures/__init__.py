"""The catalogue of figures: what each is called, what it means, and its value of a layer, a block or a network."""

from vggcalc.figures.catalogue import FIGURES
from vggcalc.figures.counted import adds, as_counted, count_of
from vggcalc.figures.figure import ByName, Figure, Unit, Value, known_part, value_of
from vggcalc.figures.folding import Depth, Fold, fitting, folded, type_text, unfolded
from vggcalc.figures.selection import Selection, layer, select, whole

__all__ = [
    "FIGURES",
    "ByName",
    "Depth",
    "Figure",
    "Fold",
    "Selection",
    "Unit",
    "Value",
    "adds",
    "as_counted",
    "count_of",
    "fitting",
    "folded",
    "known_part",
    "layer",
    "select",
    "type_text",
    "unfolded",
    "value_of",
    "whole",
]
