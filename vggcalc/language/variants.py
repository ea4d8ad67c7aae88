"""The variants of a spec file: what each network of a family sets itself, shares, or takes from one that it is like."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from vggcalc import bounds
from vggcalc.errors import Problem, did_you_mean
from vggcalc.layers import REGISTRY
from vggcalc.reading.expression import is_word
from vggcalc.reading.nodes import Entry, MapNode, YamlNode
from vggcalc.reading.reader import Reader, is_absent
from vggcalc.record import Record

SHARED = ("title", "source", "note", "input", "vars", "defaults", "outputs", "top", "training", "pytorch")
FAMILY_KEYS = ("family", *SHARED, "blocks", "variants", "like", "layers")
VARIANT_KEYS = (*SHARED, "aliases", "like", "layers")
_OF_ITS_OWN = ("title", "note")
"""What a network that is like another does not take over from it."""
_NAMING_LAYERS = ("outputs", "top", "training", "pytorch")
"""What names the layers of a network, and so does not go with other ones."""


class Variant(Record):
    """One network of a family: its name, its other names, and the keys that it inherits and sets."""

    name: str
    aliases: tuple[str, ...]
    keys: dict[str, Entry]
    vars: dict[str, Entry]
    defaults: dict[str, dict[str, Entry]]
    blocks: dict[str, Entry]


Find = Callable[[str], Variant | None]
"""Finds a bundled network by its name."""


class Variants:
    """Reads the variants of a spec file; what is wrong with them becomes a problem of the reader."""

    def __init__(self, reader: Reader, root: MapNode, name: str, blocks: dict[str, Entry], bundled: Find) -> None:
        self._reader = reader
        self._root = root
        self._name = name
        self._bundled = bundled
        keys = {key: root.entries[key] for key in (*SHARED, "layers") if key in root.entries}
        self._shared = Variant(name, (), keys, self._vars(keys), self._defaults(keys), blocks)

    def read(self) -> dict[str, Variant]:
        """All variants by name, in the order of the file."""
        reader, entries, base = self._reader, self._root.entries, self._shared
        if "like" in entries:
            base = _over(self._like(self._root, (), Variant(self._name, (), {}, {}, {}, {})), base)
        if "variants" not in entries:
            if "layers" not in base.keys:
                if "like" in entries:  # what is wrong with that is told
                    return {}
                reader.fault(
                    "a spec needs 'layers' or 'variants'",
                    "write layers: [conv3-64, ...]",
                    self._root.mark,
                    code="missing-key",
                )
                return {}
            return {self._name: base}
        if "layers" in entries:
            reader.fault(
                "'layers' stands beside 'variants'", "move it into a variant", entries["layers"].mark, code="together"
            )
        bodies = reader.mapping(entries["variants"].value, "variants").entries
        found: dict[str, Variant] = {}
        for name in bodies:
            self._variant(name, bodies, base, found, ())
        if not found and not reader.problems:
            reader.fault("'variants' is empty", "write at least one", entries["variants"].mark, code="missing-key")
        self._check_names(bodies)
        return {name: found[name] for name in bodies if name in found}

    def _check_names(self, bodies: dict[str, Entry]) -> None:
        """An alias is the name of one variant alone: a second one could never be asked for."""
        taken = set(bodies)
        for entry in bodies.values():
            if isinstance(entry.value, MapNode):
                for alias in Reader().texts(entry.value.entries.get("aliases"), "aliases"):
                    if alias.text in taken:
                        self._reader.fault(
                            f"the name '{alias.text}' is taken", "give it to one variant", alias.mark, code="name-taken"
                        )
                    taken.add(alias.text)

    def _variant(
        self, name: str, bodies: dict[str, Entry], base: Variant, found: dict[str, Variant], chain: tuple[str, ...]
    ) -> Variant:
        """A variant on top of the one that it is `like`, or of the family's shared keys."""
        if name in found:
            return found[name]
        reader = self._reader
        node = bodies[name].value
        hint = f"write {name}: {{layers: [...]}}" if not isinstance(node, MapNode) else ""
        body = reader.mapping(node, f"variant '{name}'", hint)
        of_family = "it is the family's; write it beside variants"
        reader.keys(body, f"variant '{name}'", VARIANT_KEYS, (), lambda key: of_family if key in FAMILY_KEYS else "")
        under = base
        if "like" in body.entries:
            other = reader.text(body.entries["like"], "like")
            mark = body.entries["like"].value.mark
            if other not in bodies:
                under = self._like(body, bodies, self._shared)
            elif len(chain) >= bounds.NESTING:
                reader.fault(
                    f"variants are like each other more than {bounds.NESTING} deep",
                    "be like the first",
                    mark,
                    code="out-of-bounds",
                )
            elif other == name or other in chain:
                ring = " -> ".join(f"'{each}'" for each in (*chain[chain.index(other) :], name, other)) if chain else ""
                message = f"variants are like each other: {ring}" if ring else f"variant '{name}' is like itself"
                reader.fault(message, "name another one, or write layers", mark, code="circular")
            else:
                under = self._variant(other, bodies, base, found, (*chain, name))
        aliases = tuple(scalar.text for scalar in reader.texts(body.entries.get("aliases"), "aliases"))
        own = {key: entry for key, entry in body.entries.items() if key not in ("aliases", "like")}
        if under is not base:
            under = under._replace(keys={key: entry for key, entry in under.keys.items() if key != "title"})
        variant = _over(under, Variant(name, aliases, own, self._vars(own), self._defaults(own), {}))
        is_told = "like" in body.entries or not (isinstance(node, MapNode) or is_absent(node))
        if "layers" not in variant.keys and not is_told:
            reader.fault(
                f"variant '{name}' needs 'layers'",
                "write its layers, or like: OTHER",
                bodies[name].mark,
                code="missing-key",
            )
        found[name] = variant
        return variant

    def _like(self, body: MapNode, siblings: Iterable[str], own: Variant) -> Variant:
        """What a network that is like a bundled one sets, over what it takes from there.

        body: where it says so. With layers of its own there, what names the other's does not go with it.
        """
        entry, has_layers = body.entries["like"], "layers" in body.entries
        name = self._reader.text(entry, "like")
        theirs = self._bundled(name) if name else None
        if theirs is None:
            if name:
                self._reader.fault(
                    f"there is no variant and no model '{name}'",
                    partial(self._like_meant, name, siblings),
                    entry.value.mark,
                    code="unknown-name",
                )
            return own
        gone = (*_OF_ITS_OWN, *(_NAMING_LAYERS if has_layers else ()))
        kept = {key: value for key, value in theirs.keys.items() if key not in gone}
        found = _over(theirs._replace(keys=kept), own)
        if not has_layers and not self._shared.blocks and "vars" in body.entries:
            self._check_vars(body.entries["vars"].value, found.vars)
        return found

    def _like_meant(self, name: str, siblings: Iterable[str]) -> str:
        """What may be meant by a network that there is not."""
        from vggcalc.language.index import names  # only a mistake pays for it

        model, _, setting = name.partition(",")
        if setting and self._bundled(model):
            return f"write like: {model}, and what differs beside it"
        near = did_you_mean(name, siblings)
        near = near if near.startswith("did") else did_you_mean(name, names())
        return near if near.startswith("did") else "name a variant of this file, or a bundled model"

    def _check_vars(self, given: YamlNode, known: Iterable[str]) -> None:
        """A network that takes its layers from a bundled one sets no variable that nothing there reads."""
        for name, entry in given.entries.items() if isinstance(given, MapNode) else ():
            if name not in known:
                message = f"the network that it is like has no variable '{name}'"
                self._reader.fault(message, partial(did_you_mean, name, known), entry.mark, code="unknown-name")

    def _vars(self, keys: dict[str, Entry]) -> dict[str, Entry]:
        entries = self._reader.mapping(keys["vars"].value, "vars").entries if "vars" in keys else {}
        for name, entry in entries.items():
            if not is_word(name):
                self._reader.fault(
                    f"'{name}' cannot name a variable", "use letters, digits and _", entry.mark, code="bad-name"
                )
        return entries

    def _defaults(self, keys: dict[str, Entry]) -> dict[str, dict[str, Entry]]:
        entries = self._reader.mapping(keys["defaults"].value, "defaults").entries if "defaults" in keys else {}
        for kind, entry in entries.items():
            if kind not in REGISTRY:
                self._reader.fault(
                    f"'{kind}' is no kind of layer", partial(_kind_meant, kind), entry.mark, code="unknown-kind"
                )
                continue
            body = self._reader.mapping(entry.value, f"defaults of '{kind}'")
            self._reader.keys(body, f"'{kind}'", line_keys(kind))
        return {
            kind: {field: value for field, value in body.entries.items() if field in line_keys(kind)}
            for kind, body in ((kind, entry.value) for kind, entry in entries.items())
            if kind in REGISTRY and isinstance(body, MapNode)
        }


def _over(under: Variant, own: Variant) -> Variant:
    """A variant with what it does not say itself from the one that it builds on."""
    kinds = {**under.defaults, **own.defaults}
    return own._replace(
        keys={**under.keys, **own.keys},
        vars={**under.vars, **own.vars},
        defaults={kind: {**under.defaults.get(kind, {}), **own.defaults.get(kind, {})} for kind in kinds},
        blocks={**under.blocks, **own.blocks},
    )


def at_home(problems: Iterable[Problem], root: MapNode) -> list[Problem]:
    """Problems of a file, with those of layers of a network that it is like placed where it says so.

    Nobody can write into a bundled file; its place stands in the message.
    """
    variants = root.entries["variants"].value if "variants" in root.entries else root
    inner = (entry.value for entry in variants.entries.values()) if isinstance(variants, MapNode) else ()
    bodies = [body for body in (root, *inner) if isinstance(body, MapNode) and "like" in body.entries]
    place = bodies[0].entries["like"].value.mark if bodies else root.mark
    return [
        p._replace(message=f"{p.mark}: {p.message}", mark=place) if p.mark and p.mark.source is not place.source else p
        for p in problems
    ]


def _kind_meant(kind: str) -> str:
    """What may be meant by a key of `defaults` that is no kind."""
    is_field = any(kind in (*cls.checks, "norm", "activation") for cls in REGISTRY.values())
    return "say it of a kind, as in conv: {padding: half}" if is_field else did_you_mean(kind, REGISTRY)


def line_keys(kind: str) -> tuple[str, ...]:
    """What `defaults` can say of a kind: its fields, and what follows it."""
    return (*REGISTRY[kind].checks, "norm", "activation")
