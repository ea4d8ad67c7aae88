"""All that is wrong in specs, tables and documents, and what is suspicious; each with its place and its code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vggcalc import bounds
from vggcalc.analysis.analyse import analyse
from vggcalc.catalogue import read
from vggcalc.checking import Kind, Target, check_file, find, is_document, kind_of, what
from vggcalc.documents.document import Run
from vggcalc.errors import Mark, Problem, Source, SpecError, VggcalcError
from vggcalc.frameworks.foreign import Foreign
from vggcalc.language.family import Family
from vggcalc.record import Record
from vggcalc.suspicions import of_family, of_network
from vggcalc.suspicions.silencers import silenced
from vggcalc.suspicions.unknown import unknown_work


class Validated(Record):
    """A file, what it is, and its problems in order; or why nobody can say."""

    name: str
    kind: Kind = "unknown"
    problems: tuple[Problem, ...] = ()
    fault: VggcalcError | None = None

    def count(self, warnings: bool) -> int:
        """How many warnings it has, or how many errors."""
        return sum(problem.is_warning == warnings for problem in self.problems)


def targets(names: Sequence[str]) -> list[Target]:
    """The files that names, paths and folders mean; of a folder every spec, table and document with figures."""
    otherwise = "it holds no spec (YAML with 'family'), no table ('table' or 'claims') and no document with figures"
    return find(names, lambda path: kind_of(path) != "other", otherwise)


def validate(targets: Sequence[Target], run: Run) -> list[Validated]:
    """The problems of files; a YAML file that is no table is meant as a spec.

    What is wrong with a spec is told once, and not again of each table that is about it. run: what vggcalc prints for a
    command line.
    """
    told: set[tuple[str, str]] = set()
    found = []
    for each in (_validated(target, run) for target in targets):
        new = {(str(problem), problem.code): problem for problem in each.problems}
        fresh = tuple(problem for key, problem in new.items() if key not in told)
        if all(problem.code == "faulty-model" for problem in fresh):
            fresh = ()
        found.append(each._replace(problems=fresh))
        told |= new.keys()
    return found


def _validated(target: Target, run: Run) -> Validated:
    name, path, fault = target
    if fault is not None:
        return Validated(name, fault=fault)
    kind = kind_of(path)
    if is_document(path) and kind == "other":
        return Validated(name, "document")
    if kind not in ("table", "document"):
        kind = "document" if is_document(path) else "spec"
    try:
        problems = list(_of_networks(read(path)) if kind == "spec" else _of_figures(target, run))
    except SpecError as error:
        problems = [*error.problems]
    except VggcalcError as error:
        return Validated(name, kind, fault=error)
    here = Mark(Source(path, ""), 1, 1)
    told = [problem if problem.mark else problem._replace(mark=here) for problem in problems[: bounds.FINDINGS]]
    if rest := problems[bounds.FINDINGS :]:
        more, hint = f"and {len(rest):,} more", "mend these first"
        are_warnings = all(problem.is_warning for problem in rest)
        told.append(
            Problem(more, hint, here, code="more-warnings") if are_warnings else Problem(more, hint, here, code="more")
        )
    return Validated(name, kind, tuple(told))


def _of_networks(family: Family | Foreign) -> Iterator[Problem]:
    """What is wrong with a spec, or with the file of another framework."""
    if isinstance(family, Family):
        yield from _of_spec(family)
        return
    for name, variant in family.variants.items():
        yield from unknown_work(analyse(family.build(variant, name)))


def _of_spec(family: Family) -> Iterator[Problem]:
    """What is wrong with any of the networks or, where nothing is, what is suspicious, once for each place."""
    found: dict[tuple[str, Mark | None], Problem] = {}
    try:
        for name, variant in family.variants.items():
            report = analyse(family.build(variant, name))
            for problem in of_network(report, variant, family):
                found.setdefault((problem.code, problem.mark), problem)
    except SpecError as error:
        yield from error.problems
        return
    problems = [*found.values(), *of_family(family)]
    own = [problem for problem in problems if problem.mark and problem.mark.source is family.source]
    yield from sorted(silenced(own, family.source), key=lambda problem: problem.mark.line if problem.mark else 0)


def _of_figures(target: Target, run: Run) -> Iterator[Problem]:
    """What is wrong with a table or document: it cannot be read, or a figure does not follow."""
    checked = check_file(target, run)
    if checked.fault is not None:
        raise checked.fault
    for place, finding in enumerate(checked.findings):
        said, hint = f"{what(finding)}: {finding.explanation}", "; ".join(checked.hints.get(place, ()))
        if finding.verdict == "wrong":
            yield Problem(said, hint, finding.mark, code="wrong-figure")
        elif finding.verdict == "unknown":
            yield Problem(said, hint, finding.mark, code="uncounted-figure")
