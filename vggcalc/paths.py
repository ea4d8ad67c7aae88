"""Names that are paths: what they stand in, and which of them a shorter name means.

Layers of a spec or a PyTorch module stand in blocks by dots: `layer1.0.conv1`. Those of other files have slashes, and
PyTorch's exporter repeats in each part what stands before the dot: `/layer1/layer1.0/conv1/Conv` is the operation Conv
of the module `layer1.0.conv1`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SLASH, DOT = "/", "."


def separator(name: str) -> str:
    """What stands between the parts of a name."""
    return SLASH if SLASH in name else DOT


def enclosing(name: str) -> Iterator[str]:
    """The blocks that a name stands in, the outermost first.

    >>> list(enclosing("layer1.0.conv1")), list(enclosing("/layer1/layer1.0/conv1"))
    (['layer1', 'layer1.0'], ['/layer1', '/layer1/layer1.0'])
    """
    between = separator(name)
    end = name.find(between, 1)
    while end >= 0:
        yield name[:end]
        end = name.find(between, end + 1)


def meant(short: str, layers: Iterable[str], blocks: Iterable[str] = ()) -> list[str]:
    """The paths with slashes that a shorter name means: the one that it is, or else those that end in it.

    Of a layer the operation may be left out; of several in one module, that is meant, if it is a block.

    >>> names = ["/conv1/Conv", "/layer1/layer1.0/conv1/Conv", "/layer1/layer1.0/relu/Relu"]
    >>> meant("layer1.0.conv1", names), meant("conv1", names), meant("0.relu.Relu", names)
    (['/layer1/layer1.0/conv1/Conv'], ['/conv1/Conv'], ['/layer1/layer1.0/relu/Relu'])
    """
    wanted = _dotted(short.split(SLASH))
    if not wanted:
        return []
    own, inside = _matching(wanted, layers, 1)
    own_blocks, inside_blocks = _matching(wanted, blocks, 0)
    return (own if len(own) == 1 else own_blocks or own) or inside or inside_blocks


def _matching(wanted: str, names: Iterable[str], most_left_out: int) -> tuple[list[str], list[str]]:
    """The names that are the wanted one, and those that end in it; so many parts at their ends may be left out."""
    ending = f".{wanted}"
    whole: list[str] = []
    ends: list[str] = []
    for name in names:
        if SLASH not in name:
            continue
        parts = name.split(SLASH)
        forms = [_dotted(parts[: len(parts) - left_out]) for left_out in range(most_left_out + 1)]
        if wanted in forms:
            whole.append(name)
        elif any(form.endswith(ending) for form in forms):
            ends.append(name)
    return whole, ends


def _dotted(parts: Iterable[str]) -> str:
    """A path with dots between its parts; what a part repeats of the one before it is said once."""
    found: list[str] = []
    for part in filter(None, parts):
        if found and part.startswith(f"{found[-1]}."):
            found[-1] = part
        else:
            found.append(part)
    return ".".join(found)
