"""Layers in an order that wastes some of them: what the next layer takes away, what nobody reads."""

from __future__ import annotations

from collections.abc import Iterator

from vggcalc.errors import Problem
from vggcalc.layers import BatchNorm, Softmax
from vggcalc.suspicions.suspect import Suspect


def idle_bias(suspect: Suspect) -> Iterator[Problem]:
    """A bias that only batch normalisations read: they take the mean of each channel away, and the bias with it.

    Source: Ioffe and Szegedy, arXiv:1502.03167, section 3.2: "the bias b can be ignored".
    """
    rows = suspect.report.rows
    for row in rows:
        readers = [rows[reader] for reader in suspect.readers[row.index]]
        if row.has_kernel and row.biases and readers and all(isinstance(each.layer, BatchNorm) for each in readers):
            said = f"its bias is lost in {readers[0].name}, which takes the mean of each channel away"
            yield suspect.problem(row, said, "set bias: false", code="idle-bias")


def early_softmax(suspect: Suspect) -> Iterator[Problem]:
    """A softmax whose values go straight on into a layer of weights; in a product, as in attention, it is of use."""
    rows = suspect.report.rows
    behind: list[str] = [""] * len(rows)
    """The layer of weights into which the values of each layer go, with only layers of one input between."""
    for place in reversed(range(len(rows))):
        for reader in suspect.readers[place]:
            if len(rows[reader].inputs) == 1:
                behind[place] = behind[place] or (rows[reader].name if rows[reader].has_kernel else behind[reader])
    for row in rows:
        if isinstance(row.layer, Softmax) and behind[row.index]:
            said = f"{behind[row.index]} reads what this softmax has made nearly 0 and 1"
            yield suspect.problem(row, said, "put it behind the last layer", code="early-softmax")


def undeclared_output(suspect: Suspect) -> Iterator[Problem]:
    """A layer that nothing reads and that is an output beside the last one, though nobody has said so."""
    for place in () if "outputs" in suspect.keys else suspect.report.network.outputs[:-1]:
        row = suspect.report.rows[place]
        if not row.node.training:  # this is said to serve training alone
            hint = "name all outputs under outputs, or take it out"
            yield suspect.problem(row, "nothing reads it, so that it is an output", hint, code="undeclared-output")
