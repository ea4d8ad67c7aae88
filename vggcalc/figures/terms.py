"""How each layer's share of a sum comes about, as arithmetic with numbers: (3*3*64)*128."""

from __future__ import annotations

from vggcalc.analysis.report import Report, Row


def weights_of(row: Row, counted: tuple[str, ...]) -> list[str]:
    """The elements of the tensors that count as one of these."""
    return [tensor.arithmetic for tensor in row.tensors if tensor.counts_as in counted]


def macs(row: Row, report: Report) -> list[str]:
    """The multiply-accumulates of a convolution or linear layer."""
    from vggcalc.analysis.derive import macs_formula

    return [macs_formula(report, row).numbers] if row.multiplies else []


def flops(row: Row, report: Report) -> list[str]:
    """Two for each of them."""
    return [f"2*({term})" for term in macs(row, report)]


def activations(row: Row, report: Report) -> list[str]:
    """The values of the output, where it has memory of its own."""
    from vggcalc.analysis.derive import values_formula

    return [values_formula(report, row.output).numbers] if row.activations else []


def neurons(row: Row, report: Report) -> list[str]:
    """The values of the output of a convolution or linear layer."""
    return activations(row, report) if row.multiplies else []


def forward(row: Row, report: Report) -> list[str]:
    """The values of the output, and those of the input that a convolution or linear layer keeps."""
    from vggcalc.analysis.derive import values_formula

    kept = row.input_shapes if row.multiplies else ()
    return [*activations(row, report), *(values_formula(report, shape).numbers for shape in kept)]
