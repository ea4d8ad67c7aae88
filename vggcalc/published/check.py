"""The verdict on every claim of a table."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from vggcalc.analysis.report import Report, Row
from vggcalc.conventions import Count
from vggcalc.errors import Mark, Problem, SpecError, UsageError, VggcalcError, did_you_mean
from vggcalc.model import Model, load
from vggcalc.published.arithmetic import arithmetic, text_of
from vggcalc.published.figures import FIGURES, Selection, value_of
from vggcalc.published.printed import Actual, Printed
from vggcalc.published.question import Question
from vggcalc.published.table import Claim, Table
from vggcalc.spec.catalogue import names
from vggcalc.spec.reader import Reader
from vggcalc.spec.text import Scalar
from vggcalc.units import byte_text, count

Verdict = Literal["exact", "agrees", "truncated", "erratum", "wrong", "unknown"]

_FILE = re.compile(r"\.ya?ml(:|$)")
_FIGURE = re.compile(rf"\b(?P<figure>{'|'.join(FIGURES)})\b(?:\((?P<layers>[^()]*)\))?")
"""A figure in the arithmetic of an erratum: macs, or macs(conv3_3)."""

RIGHT = ("exact", "agrees", "truncated")


class Finding(NamedTuple):
    """A claim, what the figure is, and how the two agree; `explanation` is for what is not simply right."""

    claim: Claim
    actual: Actual | None
    verdict: Verdict
    explanation: str = ""


def check(table: Table) -> list[Finding]:
    """The verdict on every claim, in the order of the table.

    exact, agrees (to the last printed digit), truncated (cut there), erratum (explained in the table), wrong, or
    unknown, where nobody can compute the figure.

    Raises: SpecError where a model cannot be loaded or a layer does not exist, with all such places.
    """
    bench = _Bench(table.folder)
    findings = [bench.finding(claim) for claim in table.claims]
    if bench.problems:
        raise SpecError(bench.problems)
    return findings


class _Bench:
    """Computes each model and each report once, and keeps what is wrong with the questions."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.models: dict[object, Model | None] = {}
        self.reports: dict[object, Report | None] = {}
        self.places: dict[int, dict[str, int]] = {}
        self.counts: dict[int, dict[str, Count]] = {}

    def finding(self, claim: Claim) -> Finding:
        """The verdict on a claim; a question that makes no sense becomes a problem."""
        if claim.arithmetic:
            reckoned = self._reckoned(claim)
            return Finding(claim, reckoned, "unknown" if reckoned is None else self._verdict(claim, reckoned))
        selection = self._selection(claim)
        actual = self._actual(claim, selection) if selection else None
        given = [self.finding(other) for other in claim.gives]
        if selection is None or actual is None:
            return Finding(claim, None, "unknown", f"{claim.question.figure} is unknown here")
        verdict = self._verdict(claim, actual)
        if verdict in RIGHT and not claim.erratum:
            return Finding(claim, actual, verdict)
        said = arithmetic(claim.question.figure, selection, actual)
        if not claim.erratum:
            return Finding(claim, actual, "wrong", f"{said}, printed {claim.printed.text}{_why(claim, actual)}")
        if verdict in RIGHT:
            return Finding(claim, actual, "wrong", f"is marked as an erratum, but agrees: {said}")
        reason = f"{claim.erratum}: {said}, printed {claim.printed.text}"
        if claim.instead and not _is_right(claim.instead, actual):
            return Finding(claim, actual, "wrong", f"not {claim.instead.text} instead; {reason}")
        for other in given:
            name = other.claim.arithmetic or _named(other.claim.question)
            if other.actual is None:
                return Finding(claim, actual, "unknown", f"{reason}; {name} is unknown")
            if other.verdict not in RIGHT:
                return Finding(claim, actual, "wrong", f"{name}, {_amount(other)}, does not give it; {reason}")
            reason += f"; {name} is {_amount(other)}"
        return Finding(claim, actual, "erratum", reason)

    def _verdict(self, claim: Claim, actual: Actual) -> Verdict:
        """The print's own verdict, held to cutting or rounding where the table says which it does."""
        verdict = claim.printed.verdict(actual)
        cut = claim.question.cut
        if verdict in ("exact", "wrong") or cut is None or claim.printed.relation != "=" or isinstance(actual, tuple):
            return verdict
        if cut:
            return "truncated" if claim.printed.cuts(actual) else "wrong"
        return "agrees" if claim.printed.rounds(actual) else "wrong"

    def _actual(self, claim: Claim, selection: Selection) -> Actual | None:
        asked = claim.question
        found = value_of(asked.figure, selection, bool(claim.printed.bytes))
        if not asked.share or not isinstance(found, int):
            return found
        whole = value_of(asked.figure, self._whole(selection.report, asked.convention), bool(claim.printed.bytes))
        return Fraction(found, whole) if isinstance(whole, int) and whole else None

    def _reckoned(self, claim: Claim) -> int | None:
        """What the arithmetic of a claim comes to; its figures are those of the claim's layers, or of named ones."""
        unknown = []

        def value(found: re.Match[str]) -> str:
            figure, layers = found["figure"], found["layers"]
            asked = claim.question._replace(figure=figure, share=False)
            if figure != claim.question.figure:
                asked = asked._replace(convention="")
            if layers is not None:
                asked = asked._replace(layer=tuple(name.strip() for name in layers.split(" + ")), part="")
            selection = self._selection(claim._replace(question=asked))
            number = value_of(figure, selection, False) if selection else None
            if not isinstance(number, int):
                unknown.append(figure)
            return str(number)

        text = _FIGURE.sub(value, claim.arithmetic)
        if unknown:
            return None
        reader = Reader()
        found = reader.filled(Scalar(f"$({text})", True, claim.mark), dict.fromkeys(FIGURES, 0))
        self.problems += reader.problems
        return None if found is None else int(found)

    def _selection(self, claim: Claim) -> Selection | None:
        """The layers that a claim is about; None, with a problem, where there is none such."""
        asked = claim.question
        report = self._report(asked, claim.mark)
        if report is None or not asked.layers:
            return self._whole(report, asked.convention) if report else None
        rows: dict[str, Row] = {}
        last = None
        for name in asked.layers:
            found = self._rows(report, name)
            if not found:
                known = dict.fromkeys([*report.network.blocks, *(row.name for row in report.rows)])
                message = f"{report.model} has no layer or block '{name}'"
                mark = asked.mark("part", "layer") or claim.mark
                self.problems.append(Problem(message, did_you_mean(name, known), mark))
                return None
            rows |= {row.name: row for row in found}
            last = report.rows[report.network.blocks[name]] if name in report.network.blocks else found[-1]
        counts = self.counts_of(report)
        return Selection(report, list(rows.values()), last, False, asked.convention, counts, asked.layers)

    def _whole(self, report: Report, convention: str) -> Selection:
        outputs = report.network.outputs
        last = report.rows[outputs[0]] if len(outputs) == 1 else None
        return Selection(report, report.rows, last, True, convention, self.counts_of(report))

    def counts_of(self, report: Report) -> dict[str, Count]:
        """The counts of a report that were made so far."""
        return self.counts.setdefault(id(report), {})

    def _rows(self, report: Report, name: str) -> Sequence[Row]:
        """The layer of this name, or those inside the block of this name."""
        if id(report) not in self.places:
            self.places[id(report)] = {row.name: place for place, row in enumerate(report.rows)}
        place = self.places[id(report)].get(name)
        if place is not None:
            return [report.rows[place]]
        return [row for row in report.rows if row.name.startswith(f"{name}.")]

    def _report(self, asked: Question, mark: Mark) -> Report | None:
        model = self._path(asked.model)
        network = (model, *sorted(asked.variables.items()))
        options = (network, *asked.options.items())
        if network not in self.models:
            self.models[network] = self._tried(asked, mark, ("classes", "vars", "model"), model)
        loaded = self.models[network]
        if loaded is None:
            return None
        if options not in self.reports:
            self.reports[options] = self._analysed(asked, mark, loaded)
        return self.reports[options]

    def _tried(self, asked: Question, mark: Mark, keys: Sequence[str], model: str) -> Model | None:
        try:
            if not _FILE.search(model) and (model.startswith("-") or os.path.exists(model)) and model not in names():
                raise UsageError(Problem(f"there is no model '{model}'", "name a bundled one, or a FILE.yaml"))
            return load(model, **asked.variables)
        except VggcalcError as error:
            self._keep(error, asked.mark(*keys) or mark)
            return None

    def _analysed(self, asked: Question, mark: Mark, model: Model) -> Report | None:
        try:
            return model.analyse(**asked.options)
        except VggcalcError as error:
            self._keep(error, asked.mark("until", "top", "input", "batch", "model") or mark)
            return None

    def _keep(self, error: VggcalcError, mark: Mark) -> None:
        """What is wrong with a model, where it is asked for, or in its own file where that says."""
        self.problems += [problem if problem.mark else problem._replace(mark=mark) for problem in error.problems]

    def _path(self, model: str) -> str:
        """A file is looked for beside the table; anything else is a name of the catalogue."""
        return os.path.join(self.folder, model) if _FILE.search(model) else model


def _is_right(printed: Printed, actual: Actual) -> bool:
    """Whether a figure is the printed one or rounds to it."""
    return printed.verdict(actual) == "exact" or (not isinstance(actual, tuple) and printed.rounds(actual))


def _why(claim: Claim, actual: Actual) -> str:
    """What is wrong with a figure that would be right if the table cut, or rounded, as it says it does not."""
    if claim.printed.verdict(actual) not in RIGHT:
        return ""
    return ", which is not cut as the table says" if claim.question.cut else ", which is cut, but the table rounds"


def _amount(finding: Finding) -> str:
    """A recomputed figure; bytes as such."""
    if finding.claim.printed.bytes and isinstance(finding.actual, int):
        return f"{count(finding.actual)} bytes ({byte_text(finding.actual)})"
    return text_of(finding.actual)


def _named(asked: Question) -> str:
    """A question in a few words."""
    layers = f" of {' + '.join(asked.layers)}" if asked.layers else ""
    return f"{asked.figure}{f' ({asked.convention})' if asked.convention else ''}{layers}"
