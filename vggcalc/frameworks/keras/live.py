"""A live model of Keras, by what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping

from vggcalc.errors import Problem, Source, UsageError
from vggcalc.frameworks.keras.reading import read
from vggcalc.network import Network


def from_keras(model: object, name: str = "", sizes: Mapping[str, str] = {}) -> Network:
    """The network that a model's configuration describes; of Keras itself nothing is called but the model's `to_json`.

    Raises: UsageError for what has none; SpecError where it cannot be put into layers.
    """
    described = getattr(model, "to_json", None)
    if not callable(described):
        hint = "give it a keras.Model, or a file's path to vggcalc.load"
        raise UsageError(Problem(f"a {type(model).__name__} is no model of Keras", hint, code="bad-value"))
    try:
        text = described()
    except (NotImplementedError, TypeError, ValueError) as error:  # a class of one's own, or fields that are no text
        said = str(error).strip().partition("\n")[0]
        hint = "only functional and sequential models hold their layers"
        raise UsageError(Problem(f"the model does not describe itself: {said}", hint, code="bad-value")) from None
    own = getattr(model, "name", None)
    return read(Source("<keras>", text), name or (own if isinstance(own, str) else "model"), sizes)
