"""The order of a model's calls: each behind those whose outputs it reads, and else as in the file."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from vggcalc.frameworks.keras.calls import Model, Reference, Unit, fault


def node_of(model: Model, reference: Reference) -> int:
    """Which call of a layer is meant; of a single one some versions count others before it that the file leaves out."""
    unit = model.units.get(reference.layer)
    return 0 if unit is not None and len(unit.calls) < 2 else reference.node


def in_order(model: Model) -> Iterator[tuple[Unit, int]]:
    """Calls, each behind those whose outputs it reads."""
    calls = [(unit, node) for unit in model.units.values() for node in range(max(len(unit.calls), 1))]
    places = {(unit.name, node): place for place, (unit, node) in enumerate(calls)}
    waits: list[int] = []
    readers: list[list[int]] = [[] for _ in calls]
    for place, (unit, node) in enumerate(calls):
        read = {(each.layer, node_of(model, each)) for each in (unit.calls[node].references() if unit.calls else ())}
        for key in read:
            if key not in places:
                message = f"{unit.name} reads '{key[0]}', which is no layer that is called here"
                raise fault(unit.mark, message, "name an output of a call of a layer", code="unknown-name")
            readers[places[key]].append(place)
        waits.append(len(read))
    ready = [place for place, number in enumerate(waits) if number == 0]
    done = 0
    while ready:
        place = heappop(ready)
        done += 1
        yield calls[place]
        for reader in readers[place]:
            waits[reader] -= 1
            if not waits[reader]:
                heappush(ready, reader)
    if done < len(calls):
        unit, _ = next(call for call, number in zip(calls, waits, strict=True) if number)
        raise fault(
            unit.mark,
            f"{unit.name} waits for what it writes itself",
            "a network has no circles",
            code="circular",
        )
