"""From a network to its report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from vggcalc.analysis.report import Report, Rows
from vggcalc.errors import Problem, SpecError
from vggcalc.layers import Answers, Weight
from vggcalc.network import Network


def analyse(
    network: Network,
    *,
    batch: int = 1,
    dtype: str = "float32",
    training: bool = False,
    gradient: bool = False,
) -> Report:
    """The report on a network; what runs in training alone does no work unless `training` is set.

    gradient: its receptive fields hold all that a gradient reaches, through the statistics of norms too.

    That every layer fits its input is seen at once. Figures are worked out when somebody reads them.

    Raises: SpecError with all layers that do not fit their input.
    """
    found, problems = network.answers()
    answers = cast("Sequence[Answers]", found)  # where there is no problem, there is an answer
    if problems := problems or _misfit_shares(network, answers):
        raise SpecError(problems)
    return Report(network, Rows(network, answers, batch, training, gradient), batch, dtype)


def _misfit_shares(network: Network, answers: Sequence[Answers]) -> list[Problem]:
    """Layers that share the weights of another but would need other ones."""
    problems = []
    for node, found in zip(network.nodes, answers, strict=True):
        if node.shares is not None and _held(found.tensors) != _held(theirs := answers[node.shares].tensors):
            needed = f"{node.name} needs {_tensors(found.tensors)}"
            message = f"{needed}, but shares those of {network.nodes[node.shares].name}: {_tensors(theirs)}"
            problems.append(
                Problem(
                    message, "give both the same fields and as many input channels", node.mark, code="shared-misfit"
                )
            )
    return problems


def _held(tensors: tuple[Weight, ...]) -> list[Weight]:
    """Tensors whatever the letters are in which they are said."""
    return [tensor._replace(symbols="") for tensor in tensors]


def _tensors(tensors: tuple[Weight, ...]) -> str:
    return " and ".join(f"{tensor.name} {'x'.join(map(str, tensor.shape))}" for tensor in tensors) or "no weights"
