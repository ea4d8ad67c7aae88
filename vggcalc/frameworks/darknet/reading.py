"""A Darknet network: its sections in order, each a layer or a few."""

from __future__ import annotations

from collections.abc import Mapping

from vggcalc.errors import Problem, Source, SpecError
from vggcalc.frameworks.assembly import Assembly, Tensor
from vggcalc.frameworks.darknet import recurrent  # noqa: F401  it fills the table
from vggcalc.frameworks.darknet.cfg import Section, parse
from vggcalc.frameworks.darknet.sections import SECTIONS
from vggcalc.frameworks.darknet.step import Step
from vggcalc.network import Network
from vggcalc.shape import Shape, fit_shape, parse_input

_STEPS = "it is counted for one step of a sequence"


def read(source: Source, name: str, sizes: Mapping[str, str] = {}) -> Network:
    """The network that a cfg holds.

    sizes: what is said of the input; it goes before what the file says.

    Raises: SpecError with all that is wrong, each with its line.
    """
    sections = list(parse(source))
    net, *layers = sections
    assembly = Assembly()
    image = assembly.input("input", _input(net, next(iter(sizes.values()), "")), net.mark)
    made: list[Tensor] = []
    trained: dict[tuple[str, int], int] = {}
    for number, section in enumerate(layers):
        step = Step(assembly, section, number, made, image, trained)
        tensor = step.above._replace(shape=None)
        if step.above.shape is not None:
            with assembly.layer_of(step.name, section.mark):
                tensor = SECTIONS.get(step.type, Step.unknown)(step)
        made.append(tensor)
    if net.number("time_steps", 1) > 1:
        assembly.notes.append(_STEPS)
    return assembly.network(name)


def _input(net: Section, asked: str) -> Shape:
    """Height, width and channels, or a vector of so many numbers."""
    height, width, channels = (net.number(word, 0) for word in ("height", "width", "channels"))
    inputs = net.number("inputs", height * width * channels)
    declared = Shape(channels, (height, width)) if height * width * channels else Shape(inputs, (1,))
    if inputs <= 0 and not asked:
        message, hint = "the file does not say how large its input is", "say its input, as in 416x416x3"
        raise SpecError(Problem(message, hint, net.mark, code="missing-key"))
    if not asked:
        return declared
    return fit_shape(asked, declared) if inputs > 0 else parse_input(asked)
