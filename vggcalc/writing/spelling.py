"""Items as the data of a YAML file, over the defaults that most layers of a kind share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from vggcalc.layers import notation
from vggcalc.writing.flow import Layers, layers_in
from vggcalc.writing.items import Body, Group, Item, Line, Paths, Repeat, lines, merges_of

Defaults = Mapping[str, Mapping[str, Any]]
"""By kind, what a layer of it has unless it says otherwise, with `norm` and `activation`."""

_NONE = "none"


class Spelling:
    """Writes items over the defaults that their lines share."""

    def __init__(self, bodies: Iterable[Body]) -> None:
        by_kind: dict[str, list[Line]] = {}
        bodies = [*bodies]
        merges = {line.kind for body in bodies for line in merges_of(body)}
        for line in (line for body in bodies for line in lines(body)):
            if not isinstance(line.kind, str):
                by_kind.setdefault(line.kind.kind, []).append(line)
        self.defaults: dict[str, dict[str, Any]] = {
            kind: _shared(own, 1 if own[0].kind in merges else 2) for kind, own in by_kind.items()
        }
        for kind, own in by_kind.items():
            self.defaults[kind] |= self._shared_followers(own)

    def body(self, body: Body) -> Layers:
        """A list of layers."""
        return Layers(map(self._item, body))

    def _item(self, item: Item) -> Any:
        if isinstance(item, Line):
            text, options = self._line(item)
            return {text: options} if options else text
        if isinstance(item, Paths):
            return self._paths(item)
        if isinstance(item, Repeat):
            index = {"index": item.counter} if item.counter else {}
            merge = {"merge": self._item(item.merge)} if item.merge else {}
            return {"repeat": {"times": item.times, **index, **merge, "layers": self.body(item.body)}}
        assert not isinstance(item, Group)
        name = {"name": item.name} if item.name else {}
        values = {key: value for key, value in item.values if value != f"$({key})"}  # what stands round it is seen
        return {"use": item.block, **name, **({"with": values} if values else {})}

    def _paths(self, item: Paths) -> dict[str, Any]:
        """A residual where two paths are added, the first of which has layers; else branches."""
        head: dict[str, Any] = {"name": item.name} if item.name else {}
        if item.sources is not None:
            head["from"] = _one_or_list(item.sources)
        text, options = self._line(item.merge)
        tail = {key: options.pop(key) for key in ("norm", "activation") if key in options}
        paths = [self.body(path) for path in item.paths]
        merge = {text: options} if options else text
        is_residual = text == "add" and not item.names and len(paths) == 2 and paths[0]
        if is_residual and layers_in(paths[0]) >= layers_in(paths[1]):
            shortcut = {"shortcut": paths[1]} if paths[1] else {}
            named_sum = {"merge": merge} if options else {}
            return {"residual": {**head, "layers": paths[0], **shortcut, **named_sum, **tail}}
        named: Any = dict(zip(item.names, paths, strict=True)) if item.names else Layers(paths)
        return {"branches": {**head, "merge": merge, "paths": named, **tail}}

    def _line(self, line: Line) -> tuple[str, dict[str, Any]]:
        """A layer's shorthand and its options."""
        assert not isinstance(line.kind, str)
        assumed = self.defaults.get(line.kind.kind, {})
        text, fields = self._spelled(line)
        options: dict[str, Any] = {"name": line.name} if line.is_given else {}
        if line.sources is not None:
            options["from"] = _one_or_list(line.sources)
        if line.share:
            options["share"] = line.share
        options |= fields
        for key in ("norm", "activation"):
            said = self._follower(line, key)
            if said != assumed.get(key, _NONE):
                options[key] = said
        return text, options

    def _follower(self, line: Line, key: str) -> Any:
        """What a line says of its normalisation or its activation."""
        found = next(
            (each for each in line.followers if (VARIED if isinstance(each.kind, str) else each.kind.role) == key), None
        )
        if found is None:
            return _NONE
        if isinstance(found.kind, str):
            return found.kind
        text, fields = self._spelled(found)
        options = {**({"name": found.name} if found.is_given else {}), **fields}
        return {text: options} if options else text

    def _spelled(self, line: Line) -> tuple[str, dict[str, Any]]:
        kind = line.kind
        assert not isinstance(kind, str)
        usual = self.defaults.get(kind.kind, {})
        return notation.spell(kind, dict(line.fields), {key: usual[key] for key in usual if key in kind.checks})

    def _shared_followers(self, own: list[Line]) -> dict[str, Any]:
        """The normalisation and the activation that most lines of a kind have."""
        found = {}
        for key in ("norm", "activation"):
            said = {repr(each): each for each in (self._follower(line, key) for line in own)}
            counts = Counter(repr(self._follower(line, key)) for line in own)
            ((most, times),) = counts.most_common(1)
            if said[most] != _NONE and "$(" not in most and times > 1 and 2 * times > len(own):
                found[key] = said[most]
        return found


VARIED = "activation"
"""Of what follows a layer, only this varies in kind."""


def _shared(own: list[Line], least: int) -> dict[str, Any]:
    """The fields that most lines of a kind, and so many, have alike, but not from the kind itself.

    What shorthand says is said by every line.
    """
    kind = own[0].kind
    assert not isinstance(kind, str)
    shared = {}
    for field in kind.checks:
        if field in (kind.glued, kind.dashed, "stride"):
            continue
        values = [dict(line.fields)[field] for line in own]
        ((most, times),) = Counter(values).most_common(1)
        is_open = isinstance(most, str) and "$(" in most
        is_usual = field in kind.defaults and kind.defaults[field] == most
        if not is_usual and not is_open and None not in values and times >= least and 2 * times > len(own):
            shared[field] = most
    return shared


def _one_or_list(names: tuple[str, ...]) -> Any:
    return names[0] if len(names) == 1 else [*names]
