"""Shapes: their numbers, their text, and the texts that are none."""

import pytest

from vggcalc.errors import UsageError
from vggcalc.shape import Shape, fit_shape, parse_shape, vector

SHAPES = [
    # shape, text, values
    (Shape(3, (224, 224)), "224x224x3", 150528),  # CS231n's notes: 224*224*3
    (Shape(64, (224, 224)), "224x224x64", 3211264),  # 224*224*64
    (Shape(1, (16000,)), "16000x1", 16000),
    (Shape(3, (16, 112, 114)), "16x112x114x3", 612864),  # 16*112*114*3
    (Shape(4096, (1, 1)), "1x1x4096", 4096),
    (Shape(64, ()), "64", 64),
    (Shape(999_999_999, (1,)), "1x999999999", 999_999_999),
]

NO_SHAPES = [
    "", "x", "224x", "x224", "224xx3", "0", "0x224x3", "224x0x3", "0224x224x3", "-1x3", "+1x3", "1.5x3", "1e3x3",
    " 224x224x3", "224x224x3\n", "224 x 224 x 3", "224X224X3", "224,224,3", "2x2x2x2x2", "1000000000x3", "٣x٣", "1_0x3",
]  # fmt: skip

FITS = [
    # text, declared, shape
    ("384", "224x224x3", "384x384x3"),
    ("480x640", "224x224x3", "480x640x3"),
    ("480x640x1", "224x224x3", "480x640x1"),
    ("8000", "16000x1", "8000x1"),
    ("8000x2", "16000x1", "8000x2"),
    ("64", "16x112x112x3", "64x64x64x3"),
    ("8x64x96", "16x112x112x3", "8x64x96x3"),
    ("8x64x96x1", "16x112x112x3", "8x64x96x1"),
    ("32", "64", "32"),
]

MISFITS = [
    # text, declared, message
    (
        "112x112",
        "16x112x112x3",
        "'112x112' has 2 numbers, but the input 16x112x112x3 has 3 spatial axes and channels; "
        "write it as in 16x112x112x3",
    ),
    (
        "1x2x3x4",
        "224x224x3",
        "'1x2x3x4' has 4 numbers, but the input 224x224x3 has 2 spatial axes and channels; write it as in 224x224x3",
    ),
    (
        "224x224x3",
        "16000x1",
        "'224x224x3' has 3 numbers, but the input 16000x1 has 1 spatial axis and channels; write it as in 16000x1",
    ),
    ("224x", "224x224x3", "'224x' is not a shape; write height x width x channels, as in 224x224x3"),
]


@pytest.mark.parametrize(("shape", "text", "values"), SHAPES)
def test_text_and_values(shape: Shape, text: str, values: int) -> None:
    """A shape is written as extents before channels, is read back from that, and holds the product of all."""
    assert str(shape) == text
    assert parse_shape(text) == shape
    assert shape.elements == values


def test_orders() -> None:
    """The papers' order ends in the channels, PyTorch's begins with them; the spatial order is the same."""
    shape = Shape(channels=3, spatial=(16, 112, 114))
    assert shape.hwc == (16, 112, 114, 3)
    assert shape.chw == (3, 16, 112, 114)


@pytest.mark.parametrize(("axes", "text"), [(0, "10"), (1, "1x10"), (2, "1x1x10"), (3, "1x1x1x10")])
def test_vector(axes: int, text: str) -> None:
    """A vector is a map of one position with as many axes as its network."""
    assert str(vector(10, axes)) == text


@pytest.mark.parametrize("text", NO_SHAPES)
def test_no_shapes(text: str) -> None:
    """What is no list of one to four whole numbers from 1 to 999,999,999 is refused."""
    with pytest.raises(UsageError, match="is not a shape; "):
        parse_shape(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("224 x 224 x 3", "write 224x224x3"),
        ("224X224X3", "write 224x224x3"),
        ("(224, 224, 3)", "write 224x224x3"),
        ("[8,8,3]", "write 8x8x3"),
        ("224\u00d7224\u00d73", "write 224x224x3"),
        ("None x 224 x 224 x 3", "write 224x224x3"),
        ("1000000000x3", "numbers have at most 9 digits"),
        ("224xx3", "write height x width x channels, as in 224x224x3"),
        ("0 x 8 x 3", "write height x width x channels, as in 224x224x3"),
        ("2, 2, 2, 2, 2", "write height x width x channels, as in 224x224x3"),
    ],
)
def test_what_may_be_meant_by_no_shape(text: str, hint: str) -> None:
    """Python's, Keras's and the papers' way of writing one is answered by ours."""
    with pytest.raises(UsageError) as raised:
        parse_shape(text)
    assert str(raised.value) == f"'{text}' is not a shape; {hint}"


@pytest.mark.parametrize(("text", "declared", "expected"), FITS)
def test_fit(text: str, declared: str, expected: str) -> None:
    """One number stands for all axes; channels that are left out are the declared ones."""
    assert str(fit_shape(text, parse_shape(declared))) == expected


@pytest.mark.parametrize(("text", "declared", "message"), MISFITS)
def test_misfits(text: str, declared: str, message: str) -> None:
    """A shape with another number of axes is refused with an example of the right one."""
    with pytest.raises(UsageError) as caught:
        fit_shape(text, parse_shape(declared))
    assert str(caught.value) == message
