"""Where questions are put to the calculator: each network is built once, and each report made once."""

from __future__ import annotations

from vggcalc import bounds
from vggcalc.catalogue import Located, locate
from vggcalc.claims.models import NO_MODEL, beside, is_file, is_stray
from vggcalc.claims.printed import Actual
from vggcalc.claims.quantity import Quantity, placed
from vggcalc.errors import Mark, Problem, SpecError, UsageError, VggcalcError, did_you_mean
from vggcalc.figures import FIGURES, Selection, select, value_of, whole
from vggcalc.model import ask
from vggcalc.network import Network
from vggcalc.question import SETTINGS, with_words
from vggcalc.reading.faults import Faults
from vggcalc.reading.files import reach
from vggcalc.record import Record


class Variation(Record):
    """Another variant of a family: its name, and the name to show.

    is_sibling: it is the same network as someone else builds it.
    """

    name: str
    shown: str
    is_sibling: bool


class _Whole(Record):
    """A whole model, and where its layers stand."""

    selection: Selection
    places: dict[str, int]


class Calculator:
    """Answers questions of one table or document. What cannot be answered is None, and `problems` say why.

    folder: where the files of models lie. layers: so many may be looked at, beside those of the first network; as
    many as a table may have, if not said.
    """

    def __init__(self, folder: str, layers: int | None = None) -> None:
        self.folder = folder
        self._most = bounds.TABLE_LAYERS if layers is None else layers
        self.problems = Faults()
        self._left: int | None = None
        """So many layers may still be looked at; None before the first network."""
        self._networks: dict[object, Network | None] = {}
        self._wholes: dict[object, _Whole | None] = {}
        self._answers: dict[object, tuple[Selection, Actual | None]] = {}

    def spend(self, layers: int, mark: Mark | None) -> None:
        """Note that so many layers are looked at, for a question that stands there.

        Raises: SpecError where those of all questions are too many.
        """
        if self._left is None:
            self._left = self._most + 2 * layers
        self._left -= layers
        if self._left < 0:
            reason = f"up to here more than {self._most:,} layers are looked at"
            raise SpecError(Problem(reason, "ask fewer questions in one file", mark, code="out-of-bounds"))

    def answer(self, asked: Quantity, in_bytes: bool, mark: Mark) -> tuple[Selection, Actual | None] | None:
        """The layers that are asked about, and the figure of them; the same question is answered once."""
        what = (asked.figure, asked.convention, asked.of, asked.share, in_bytes)
        key = (asked.model, asked.question, what, *asked.layers)
        if key not in self._answers:
            selection = self.selection(asked, mark)
            if selection is None:
                return None
            self.spend(len(selection.places), mark)
            self._answers[key] = selection, value_of(FIGURES[asked.figure], selection, in_bytes, asked.share)
        return self._answers[key]

    def selection(self, asked: Quantity, mark: Mark | None = None, variant: str = "") -> Selection | None:
        """The layers that are asked about, of the model or of another variant of its family.

        mark: where the question stands, if not one of its settings says it better.
        """
        found = self._whole(asked, mark, variant)
        if found is None:
            return None
        names = found.selection.report.network.input_names
        if asked.of and asked.of not in names:
            message = f"{found.selection.report.model} has no input '{asked.of}'"
            self.problems.append(
                Problem(message, did_you_mean(asked.of, names), asked.mark("of") or mark, code="unknown-name")
            )
            return None
        conventions = dict.fromkeys(("operations", "memory", "accuracy"), asked.convention)
        of = found.selection._replace(conventions=conventions, input=asked.of)
        if not asked.layers:
            return of
        if not found.places.keys() >= set(asked.layers):
            self.spend(len(found.places) // 10, mark)  # a block's layers are looked for by their names
        try:
            return select(of, asked.layers, found.places)
        except UsageError as error:
            self.problems += placed(error, asked.mark("part", "layer") or mark)
            return None

    def network(self, asked: Quantity, mark: Mark | None = None, variant: str = "") -> Network | None:
        """The network that is asked about, or another variant of its family."""
        key = (asked.model, variant, asked.question.variables)
        if key not in self._networks:
            if self._left is not None:
                self.spend(0, mark)  # what is refused is not built first
            try:
                found = self._located(asked)
                chosen = found.family.variants[variant] if variant else found.variant
                name = variant or with_words(found.name, asked.words)
                network = found.family.build(chosen, name, asked.question)
            except VggcalcError as error:
                self.problems += placed(error, asked.mark("classes", "vars", "model") or mark)
                network = None
            self._networks[key] = network
            self.spend(len(network.nodes) if network else bounds.TABLE_LAYERS // bounds.FAULTS, mark)
        return self._networks[key]

    def variations(self, asked: Quantity) -> list[Variation]:
        """The other variants of the model's family."""
        try:
            family, own, _ = self._located(asked)
        except VggcalcError:
            return []
        stems = set(map(_stem, (own.name, *own.aliases)))
        found = []
        for name, variant in family.variants.items():
            shown = name if len(name) > 1 else next(iter(variant.aliases), f"{family.title} {name}")
            if variant is not own:
                is_sibling = not stems.isdisjoint(map(_stem, (name, *variant.aliases)))
                found.append(Variation(name, shown, is_sibling))
        return found

    def _located(self, asked: Quantity) -> Located:
        model = beside(self.folder, asked.model)
        if is_stray(model) or (model.startswith("-") and not is_file(model)):
            raise UsageError(Problem(f"there is no model '{model}'", NO_MODEL, code="unknown-name"))
        with reach(self.folder):
            return locate(model)

    def _whole(self, asked: Quantity, mark: Mark | None, variant: str) -> _Whole | None:
        key = (asked.model, variant, asked.question)
        if key not in self._wholes:
            self._wholes[key] = None
            network = self.network(asked, mark, variant)
            try:
                report = ask(network, asked.question) if network else None
            except VggcalcError as error:
                self.problems += placed(error, asked.mark("until", "top", "dense", "input", *SETTINGS, "model") or mark)
                return None
            if report:
                self.spend(len(report.rows), mark)
                places = {row.name: place for place, row in enumerate(report.rows)}
                self._wholes[key] = _Whole(whole(report), places)
        return self._wholes[key]


def _stem(name: str) -> str:
    """What variants that are one network in several hands have in common: resnet50 of resnet50-v1."""
    return name.rpartition("/")[2].partition("-")[0].removesuffix("_bn")
