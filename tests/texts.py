"""Specs written down in a test: a text becomes a model by the same way as a user's file."""

from pathlib import Path
from tempfile import TemporaryDirectory

from vggcalc import Model, Report, VggcalcError, load
from vggcalc.language.bundled import families

BUNDLED = [variant.name for family in families() for variant in family.variants.values()]
"""Every bundled model."""
SAMPLE = [
    variant.name
    for family in families()
    for number, variant in enumerate(family.variants.values())
    if number == 0 or family.name in ("alexnet", "lenet", "small", "vgg")
]
"""The first model of every family, and all of the oldest families: for tests that would take too long on all models."""


def model(text: str | bytes, variant: str = "", **variables: int | str) -> Model:
    """The network of a spec's text, as the file net.yaml would give it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(f"{path}:{variant}" if variant else str(path), **variables)


def known(amount: int | None) -> int:
    """A figure that must be known."""
    assert amount is not None
    return amount


def report(text: str | bytes, variant: str = "", **variables: int | str) -> Report:
    """The figures of a spec's text."""
    return model(text, variant, **variables).analyse()


def layers(text: str, variant: str = "", **variables: int | str) -> list[str]:
    """Each layer as `name kind output params`, the input first."""
    return [f"{row.name} {row.kind} {row.output} {row.params}" for row in report(text, variant, **variables).rows]


def faults(text: str | bytes, variant: str = "", **variables: int | str) -> list[str]:
    """Each fault of a spec's text as `line:column message; hint`; there must be one."""
    try:
        report(text, variant, **variables)
    except VggcalcError as error:
        return [
            (f"{p.mark.line}:{p.mark.column} " if p.mark else "- ") + "; ".join(filter(None, (p.message, p.hint)))
            for p in error.problems
        ]
    raise AssertionError("the spec was read without a fault")
