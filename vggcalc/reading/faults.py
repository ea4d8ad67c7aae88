"""What is found wrong in one text: each fault once, and not without end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vggcalc import bounds
from vggcalc.errors import Hint, Mark, Problem, SpecError


class Faults:
    """Problems in the order in which they were found; `count` counts those found again too.

    A repeat of a hundred thousand turns has the same fault in each. What is found in so many turns is told once, what
    would be right is looked for once, and after a bound reading ends.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, Mark | None], Problem] = {}
        self.count = 0

    def note(self, message: str, hint: Hint, mark: Mark | None, *, code: str) -> None:
        """A problem; its code is one of `CODES`. A hint that must be searched for is for the first problems alone.

        Raises: SpecError with all of them, when there are so many that reading ends.
        """
        problem = Problem(message, "", mark, code=code).shortened()
        if (problem.message, mark) not in self._found:
            if callable(hint):
                hint = hint() if len(self._found) < bounds.FAULTS else ""
            self._found[problem.message, mark] = problem._replace(hint=hint).shortened()
        self.count += 1
        if self.count >= bounds.FAULTS_FOUND:
            self.more(f"reading ended after {bounds.FAULTS_FOUND:,} faults")
            raise SpecError(self)

    def more(self, why: str) -> None:
        """There may be others, and why they are not told."""
        self._found.setdefault(("more", None), Problem(f"and more: {why}", "mend these first", code="more"))

    def append(self, problem: Problem) -> None:
        """One more."""
        self.note(problem.message, problem.hint, problem.mark, code=problem.code)

    def __iadd__(self, problems: Iterable[Problem]) -> Faults:
        for problem in problems:
            self.append(problem)
        return self

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return self.count
