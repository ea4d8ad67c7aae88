"""What a layer is for: what whoever treats kinds alike asks, instead of listing them."""

from typing import Literal

Role = Literal[
    "conv", "linear", "norm", "pool", "activation", "attention", "embedding", "move", "merge", "idle", "unknown"
]

ROLES: dict[Role, str] = {
    "conv": "weights that slide over a map",
    "linear": "weights between all inputs and all outputs",
    "norm": "values brought to a common scale",
    "pool": "one value in place of several of its channel",
    "activation": "a function of values",
    "attention": "values weighed by how they match others",
    "embedding": "trained values that are looked up, put in or added",
    "move": "the same values, elsewhere or in another shape",
    "merge": "one output from several inputs",
    "idle": "at work in training alone, and its input at inference",
    "unknown": "an operation of a foreign file of which nobody knows what it does",
}
"""What a layer can be for. A kind has one role, and everything that holds for all layers of a role asks for that."""

MULTIPLYING: tuple[Role, ...] = ("conv", "linear", "attention")
"""The roles of layers whose multiply-accumulates are counted."""
