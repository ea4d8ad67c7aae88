"""Which layers run when a Caffe network is tested, and which in training alone."""

from __future__ import annotations

from collections.abc import Iterable

from vggcalc.frameworks.caffe.prototxt import Message
from vggcalc.frameworks.caffe.step import number

_PHASES = {"": "", "train": "train", "0": "train", "test": "test", "1": "test"}


class State:
    """A phase, a level and stages, which the rules of layers ask for."""

    def __init__(self, phase: str, level: int, stages: Iterable[str]) -> None:
        self.phase = phase
        self.level = level
        self.stages = frozenset(stages)

    @classmethod
    def of(cls, root: Message, layers: Iterable[Message], phase: str) -> State:
        """As the file says; a file that has a stage `deploy` is asked as it is deployed."""
        said = root.message("state")
        stages = {text.text for text in said.texts("stage")}
        rules = [rule for message in layers for rule in message.messages("include", "exclude")]
        if not stages and any(text.text == "deploy" for rule in rules for text in rule.texts("stage", "not_stage")):
            stages = {"deploy"}
        return cls(phase, number(said, "level", default=0), stages)

    def meets(self, rule: Message) -> bool:
        """Whether all that a rule says is so.

        Source: BVLC/caffe, src/caffe/net.cpp, Net::StateMeetsRule
        """
        phase = rule.text("phase").lower()
        return (
            _PHASES.get(phase, phase) in ("", self.phase)
            and number(rule, "min_level", default=self.level) <= self.level
            and number(rule, "max_level", default=self.level) >= self.level
            and all(text.text in self.stages for text in rule.texts("stage"))
            and not any(text.text in self.stages for text in rule.texts("not_stage"))
        )

    def runs(self, message: Message) -> bool:
        """Whether a layer runs: one of the rules that include it is met, or none that exclude it."""
        includes, excludes = message.messages("include"), message.messages("exclude")
        if includes:
            return any(map(self.meets, includes))
        return not any(map(self.meets, excludes))
