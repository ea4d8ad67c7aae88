"""A foreign file among specs: a family of one network, which nothing can be set in."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from vggcalc.errors import Mark, Problem, Source, SpecError, UsageError, VggcalcError
from vggcalc.frameworks.file import File
from vggcalc.language.variants import Variant
from vggcalc.network import Network
from vggcalc.question import AS_DECLARED, Question


class Foreign:
    """What `Family` is for a spec."""

    def __init__(self, file: File, read: Callable[[File, str, Mapping[str, str]], Network]) -> None:
        self.file = file
        self._read = read
        self.name = os.path.basename(file.path).rpartition(".")[0] or file.path
        self.title = self.name
        self.variants = {self.name: Variant(self.name, (), {}, {}, {}, {})}

    @property
    def source(self) -> Source:
        """The file's name; its text is asked for where it has one."""
        return Source(self.file.path, "")

    def find(self, name: str) -> Variant | None:
        """The one network, by the file's name."""
        return self.variants.get(name)

    def build(self, variant: Variant, name: str, question: Question = AS_DECLARED) -> Network:
        """The network in the file; where the file does not say how large an input is, it is as the question has it.

        Raises: SpecError with all that is wrong in the file; UsageError for variables, of which it has none.
        """
        for key, _ in question.variables:
            hint = "what a foreign file holds is fixed; convert it to a spec first"
            raise UsageError(Problem(f"{name} has no variable '{key}'", hint, code="unknown-name"))
        try:
            return self._read(self.file, name, dict(question.input))
        except VggcalcError:
            raise
        except Exception as error:  # one stranger's file must not end what else is looked at
            what = f"{type(error).__name__}: {str(error)[:80]}"
            hint = (
                "something in it has a form that no such file has; if it is sound, vggcalc is wrong: please report it"
            )
            mark = Mark(self.source, name=self.name)
            raise SpecError(Problem(f"the file is not understood: {what}", hint, mark, code="bad-file")) from error
