"""Channels told apart: which channels of a layer see what, and which channels are read for the sake of which.

Most networks need none of this: every layer of theirs reads all channels. It is asked for where one leaves some out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from vggcalc.layers import Answers
from vggcalc.network import Network
from vggcalc.record import Record

if TYPE_CHECKING:
    from vggcalc.analysis.field import Field

    Fields = Mapping[str, tuple[Field, ...]]

Chosen = frozenset[int] | None
"""Some channels of a layer; None stands for all of them."""

MOST_STRANDS = 1000
"""A layer whose channels see more different things than this is taken as a whole."""


class Strands(Record):
    """What the channels of a layer see: of each the place of its fields among those that differ."""

    fields: tuple[Fields, ...]
    places: tuple[int, ...]


def tells_channels_apart(network: Network) -> bool:
    """Whether some layer leaves channels unread, so that what lies behind it sees less than all of them."""
    return any(node.layer is not None and node.layer.leaves_out for node in network.nodes)


def strands_of(
    answers: Answers, above: Sequence[Strands], merged: Callable[[Sequence[tuple[int, Fields]]], Fields]
) -> Strands:
    """The strands of a layer that reads these.

    merged: gives what a channel sees that is made from channels with these fields, each of the input with this number.
    """
    if len(above) == 1 and answers.layer.channelwise:
        return Strands(tuple(merged([(0, seen)]) for seen in above[0].fields), above[0].places)
    known: dict[frozenset[tuple[int, int]], int] = {}  # by the strands that are read
    fields: list[Fields] = []
    alike: dict[tuple[object, ...], int] = {}
    places = []
    last, which = None, frozenset[tuple[int, int]]()
    for channel in range(answers.output.channels):
        read = answers.layer.channels_read(channel, *answers.inputs)
        if read != last:  # of a group, all read the same
            last, which = (
                read,
                frozenset(
                    [(number, above[number].places[each]) for number, channels in enumerate(read) for each in channels]
                ),
            )
            if which not in known:
                seen = merged([(number, above[number].fields[place]) for number, place in sorted(which)])
                known[which] = alike.setdefault(tuple(seen.items()), len(fields))
                if known[which] == len(fields):
                    fields.append(seen)
        places.append(known[which])
    return Strands(tuple(fields), tuple(places))


def channels_read(answers: Answers, chosen: Chosen) -> list[Chosen]:
    """Of each input the channels from which some channels of a layer are made."""
    if chosen is None and not answers.layer.leaves_out:
        return [None] * len(answers.inputs)
    wanted = range(answers.output.channels) if chosen is None else chosen
    read = {answers.layer.channels_read(channel, *answers.inputs) for channel in wanted}
    return [
        _chosen(frozenset().union(*channels), shape.channels)
        for channels, shape in zip(zip(*read, strict=True), answers.inputs, strict=False)
    ]


def channels_reached(answers: Answers, number: int, chosen: Chosen) -> Chosen:
    """The channels of a layer that are made from some channels of the input with this number."""
    if chosen is None:
        chosen = frozenset(range(answers.inputs[number].channels))
    known: dict[Sequence[int], bool] = {}
    reached = set()
    for channel in range(answers.output.channels):
        read = answers.layer.channels_read(channel, *answers.inputs)[number]
        if read not in known:
            known[read] = not chosen.isdisjoint(read)
        if known[read]:
            reached.add(channel)
    return _chosen(frozenset(reached), answers.output.channels)


def _chosen(channels: frozenset[int], all_of_them: int) -> Chosen:
    return None if len(channels) == all_of_them else channels
