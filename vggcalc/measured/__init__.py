"""What was measured of networks, each under its protocol: data of others, which nothing here computes."""

from vggcalc.measured.lookup import FIGURES, accuracy, bundled, found, protocols, usual
from vggcalc.measured.table import Measured, Measurement, Protocol, read_measured

__all__ = [
    "FIGURES",
    "Measured",
    "Measurement",
    "Protocol",
    "accuracy",
    "bundled",
    "found",
    "protocols",
    "read_measured",
    "usual",
]
