"""Networks made of a network: for other inputs, up to a layer, without its classifier, fully convolutional.

Each is a pure function; the network that it is given stays as it is.
"""

from vggcalc.transform.classifier import without_top
from vggcalc.transform.convolutional import dense
from vggcalc.transform.parts import until, with_inputs

__all__ = ["dense", "until", "with_inputs", "without_top"]
