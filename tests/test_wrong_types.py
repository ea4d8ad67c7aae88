"""What is no network at all is refused in words at the door of the library, not somewhere within."""

import io
from typing import Any

import pytest

from vggcalc import load
from vggcalc.model import load_all


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (None, "None"),
        (16, "int"),
        (b"family: f\n", "bytes"),
        (["vgg16"], "list"),
        ({"family": "f"}, "dict"),
        (16.0, "float"),
    ],
    ids=repr,
)
def test_what_is_no_network(model: Any, what: str) -> None:
    """The message says what was given, and what would be right."""
    with pytest.raises(TypeError) as raised:
        load(model)
    assert str(raised.value) == f"a network is given by its name, path or text, or as an open file, not as {what}"
    if model is not None:
        with pytest.raises(TypeError):
            load_all(model)


def test_a_file_that_gives_no_text() -> None:
    """What an open file reads is text or bytes."""

    class Numbers(io.RawIOBase):
        def read(self, size: int = -1) -> Any:
            return 5

    with pytest.raises(TypeError, match="an open file gives text or bytes, not int"):
        load(Numbers())  # type: ignore[call-overload, arg-type, unused-ignore]


@pytest.mark.parametrize("question", [None, 4, {"batch": 4}])
def test_what_is_no_question(question: Any) -> None:
    """Settings are keywords of `analyse`."""
    with pytest.raises(TypeError, match=r"a question is a vggcalc\.Question"):
        load("vgg16", question)


def test_no_variant_is_no_name() -> None:
    """None says nothing, as elsewhere."""
    text = "family: net\ninput: 8x8x3\nlayers: [conv3-8]\n"
    nothing: Any = None
    assert load(text, variant=nothing).network.name == "net"
    assert load("vgg16", variant=nothing).network.name == "vgg16"
