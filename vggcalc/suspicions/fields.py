"""Receptive fields that outgrow the image."""

from __future__ import annotations

from collections.abc import Iterator

from vggcalc.errors import Problem
from vggcalc.layers.base import per_axis
from vggcalc.layers.partitions import WindowPartition
from vggcalc.layers.windowed import Windowed
from vggcalc.suspicions.suspect import Suspect


def wide_field(suspect: Suspect) -> Iterator[Problem]:
    """The first convolution that reads units each of which sees more than the image, along every axis and every path.

    Neither it nor what lies below it can add context. That a global layer sees everything is its purpose, and a field
    that is wide along the longest path alone is usual; both are not told. Nor is anything behind a partition into
    windows: a unit that returns to its place from there is followed as all of its window.

    Source: Richter et al., Should You Go Deeper?, arXiv:2106.12307: layers behind the border layer are unproductive.
    """
    network = suspect.report.network
    extents = {name: shape.spatial for name, shape in zip(network.input_names, network.input_shapes, strict=True)}
    for row in suspect.report.rows:
        if isinstance(row.layer, WindowPartition):
            return
        if not (row.has_kernel and isinstance(row.layer, Windowed)):
            continue
        if max(per_axis(row.layer.kernel_size, len(row.output.spatial), "kernel_size"), default=1) == 1:
            continue
        seen = [
            (field.smallest.size, n)
            for name, fields in row.input_fields[0].items()
            for field, n in zip(fields, extents[name], strict=True)
        ]
        if seen and all(size > n for size, n in seen):
            said = (
                f"each unit that it reads sees {seen[0][0]:,} pixels already, more than the {seen[0][1]:,} of the image"
            )
            hint = "it adds no context; use a larger input, or fewer layers or strides"
            yield suspect.problem(row, said, hint, code="wide-field")
            return
