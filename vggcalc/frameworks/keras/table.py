"""What each class of Keras layer and each operation is here: one small function a class, entered by its name.

Source: keras.io/api/layers and keras.io/api/ops; keras-team/keras, keras/src/layers and keras/src/ops; of Keras 1 and 2
their documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from vggcalc.frameworks.keras.step import Step, Value

Op = Callable[[Step], "Value | Sequence[Value]"]
Function = TypeVar("Function", bound=Op)

LAYERS: dict[str, Op] = {}
"""How a layer of a class is read, in Keras 3's words (`words.py` has those of Keras 1); it gives what it writes."""

HOLDING: set[str] = set()
"""Classes of layers that hold weights; all others that are entered hold none, be what they read known or not."""

OPERATIONS: dict[str, Op] = {}
"""How an operation is read that is called as a function: in small letters, without underscores and its module."""


def layer(*classes: str, holds: bool = False) -> Callable[[Function], Function]:
    """Enter a function for layers of these classes; `Conv{}D` is one for each number of axes.

    holds: they hold weights.
    """

    def enter(function: Function) -> Function:
        for name in classes:
            names = [name.format(axes) for axes in (1, 2, 3)]
            LAYERS.update(dict.fromkeys(names, function))
            if holds:
                HOLDING.update(names)
        return function

    return enter


def operation(*names: str) -> Callable[[Function], Function]:
    """Enter a function for operations of these names."""

    def enter(function: Function) -> Function:
        OPERATIONS.update(dict.fromkeys(names, function))
        return function

    return enter
