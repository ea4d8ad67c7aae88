"""`torch:PACKAGE.MODULE:FACTORY`: the one model that runs code, and says so by its name."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from vggcalc.errors import Problem, Source, UsageError, VggcalcError
from vggcalc.frameworks.assembly import noted
from vggcalc.language.variants import Variant
from vggcalc.network import Network
from vggcalc.question import AS_DECLARED, Question
from vggcalc.reading.files import is_within_reach
from vggcalc.shape import Shape, parse_input

PREFIX = "torch:"
FAULTS = (Exception, SystemExit)
"""What code that somebody wrote may raise; it must not end the command in silence."""
USUAL = Shape(3, (224, 224))
"""The input of a module that names none; a note says that it was taken."""


class Live:
    """What `Family` is for a spec: one network, made by calling a factory; what is set are its arguments.

    Raises: UsageError where there is no such module or factory, and for a table or document, which runs no code.
    """

    def __init__(self, model: str) -> None:
        module, colon, factory = model.removeprefix(PREFIX).rpartition(":")
        if not (colon and module and factory):
            hint = "write torch:PACKAGE.MODULE:FACTORY, as in torch:torchvision.models:resnet50"
            raise UsageError(Problem(f"{model} names no factory", hint, code="unknown-name"))
        if is_within_reach():
            hint = "write it as a spec, or export it"
            raise UsageError(
                Problem(f"{model} would run code, which no table or document does", hint, code="bad-value")
            )
        self.name = self.title = factory
        self.source = Source(model, "")
        self.variants = {factory: Variant(factory, (), {}, {}, {}, {})}
        self._module, self._factory = module, factory

    def find(self, name: str) -> Variant | None:
        """The one network, by the factory's name."""
        return self.variants.get(name)

    def build(self, variant: Variant, name: str, question: Question = AS_DECLARED) -> Network:
        """The network that the factory makes, for the question's input, or the one that the module names.

        Raises: UsageError with whatever the code raises; SpecError where it cannot be put into layers.
        """
        from_torch, torch = _loaded()
        factory = self._found()
        arguments = dict(question.variables)
        try:
            with torch.device("meta"):
                module = factory(**arguments)
        except (NotImplementedError, RuntimeError):  # some compute with values while they are built
            module = self._called(factory, arguments)
        except FAULTS as error:
            raise self._failed(error) from error
        if not isinstance(module, torch.nn.Module):
            message = f"{self.source.name} makes no module of PyTorch, but {type(module).__name__}"
            raise UsageError(Problem(message, "name what makes one: a class, or a function", code="failed-code"))
        sizes, notes = _inputs(module, dict(question.input))
        try:
            network: Network = from_torch(module, *sizes, name=name)
        except VggcalcError:
            raise
        except FAULTS as error:
            raise self._failed(error) from error
        return network._replace(source=self.source.name, notes=noted([*network.notes, *notes]))

    def _found(self) -> Any:
        sys.path.insert(0, os.getcwd())
        try:
            return getattr(importlib.import_module(self._module), self._factory)
        except FAULTS as error:
            raise self._failed(error) from error
        finally:
            sys.path.pop(0)

    def _called(self, factory: Any, arguments: dict[str, Any]) -> Any:
        try:
            return factory(**arguments)
        except FAULTS as error:
            raise self._failed(error) from error

    def _failed(self, error: BaseException) -> UsageError:
        said = " ".join(str(error).split()).rstrip(".") or "no reason is given"
        message = f"{self.source.name}: {type(error).__name__}: {said}"
        return UsageError(Problem(message, "it is the code that says so", code="failed-code"))


def _loaded() -> tuple[Any, Any]:
    """The recorder and torch, which only this door needs."""
    try:
        import torch

        from vggcalc.frameworks.pytorch.live import from_torch
    except ImportError as error:
        hint = "install PyTorch, or export the model to ONNX"
        raise UsageError(Problem(f"PyTorch cannot be imported: {error}", hint, code="failed-code")) from error
    return from_torch, torch


def _inputs(module: Any, asked: dict[str, str]) -> tuple[list[tuple[int, ...]], list[str]]:
    """The sizes of the inputs with a batch: those that are asked for, else what the module says, else the usual one."""
    if asked:
        names = _called_in_forward(module)
        order = sorted(asked, key=names.index) if set(asked) <= set(names) else list(asked)
        return [(1, *parse_input(asked[name]).chw) for name in order], []
    settings = getattr(module, "default_cfg", None) or getattr(module, "pretrained_cfg", None) or {}
    own = settings.get("input_size") if isinstance(settings, dict) else None
    if own:
        return [(1, *own)], []
    return [(1, *USUAL.chw)], [f"it names no input: {USUAL} was taken"]


def _called_in_forward(module: Any) -> list[str]:
    """The names of what a module's forward takes."""
    import inspect  # a millisecond, for what runs torch

    return list(inspect.signature(module.forward).parameters)
