"""Models as subjects: what their framework runs and differentiates, as checks of nets and of cells call it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.referee.models.calling import Convention, Frame, Model, Tensors, firsts_of, part
from backproof.referee.models.matching import Matching
from backproof.referee.models.others import Named, WithFixed
from backproof.theory.language.functions import UPSTREAM
from backproof.theory.nets.layers import Layers
from backproof.theory.nets.losses import REDUCTIONS

Array = NDArray[Any]
Matched = Matching | Named | WithFixed


class OfNet:
    """A model, as checks of Elman and gated nets call a subject: ``loss`` and ``gradients`` of any settings."""

    def __init__(self, model: Model, how: Convention, matchings: Sequence[Matched], without: tuple[str, ...]) -> None:
        self.model, self.how, self.matchings, self.without = model, how, matchings, without
        self.tokens, self.__name__ = model.indices, model.name
        self.states = [] if how.states == "none" else [name for names in model.states.values() for name in names]
        self._totals: dict[tuple[str, str], Callable[[Tensors], Sequence[Any]]] = {}

    def loss(
        self, parameters: Any, inputs: Array, targets: Array, *, loss: str, reduction: str, activation: str = ""
    ) -> Any:
        """The network's loss of the model's outputs."""
        return self._run(self.matchings[0], parameters, inputs, targets, loss, reduction)[0]

    def gradients(
        self, parameters: Any, inputs: Array, targets: Array, *, loss: str, reduction: str, activation: str = ""
    ) -> dict[str, Array]:
        """Its gradients by ours; the mean, where there are several ways to put them into theirs."""
        each = [self._run(one, parameters, inputs, targets, loss, reduction)[1] for one in self.matchings]
        first = each[0]
        return {name: value + sum((one[name] - value) / len(each) for one in each[1:]) for name, value in first.items()}

    def _run(
        self, matching: Matched, parameters: Any, inputs: Array, targets: Array, loss: str, reduction: str
    ) -> tuple[Any, dict[str, Array]]:
        def total(given: Tensors) -> Sequence[Any]:
            outputs, _ = self.model.run(self.how, part(given, "own"), given["fixed inputs"], firsts_of(self.how, given))
            return [charged(self.model.frame, outputs, given["fixed targets"], loss, reduction)]

        given = {f"own {name}": array for name, array in matching.theirs(parameters).items()}
        given |= {f"first {name}": parameters[name] for name in self.states}
        given |= {"fixed inputs": inputs.argmax(axis=-1) if self.model.indices else inputs, "fixed targets": targets}
        function = self._totals.setdefault((loss, reduction), total)
        results, found = self.model.frame.vjp(function, given, [np.ones(())])
        return results[0], matching.ours(part(found, "own"), parameters) | part(found, "first")


def charged(frame: Frame, outputs: Any, aims: Any, loss: str, reduction: str) -> Any:
    """The loss of outputs (T, B, p), added up or averaged over steps and sequences."""
    share = outputs.shape[0] * outputs.shape[1] if reduction == "mean" else 1
    return frame.losses[loss](outputs, aims).sum() / share


class OfFunction:
    """A loss, or outputs, of parameters by name and inputs, as checks of nets call a subject."""

    def __init__(self, function: Any, name: str, named: Named, frame: Frame, *, charged: bool) -> None:
        self.function, self.__name__, self.named, self.frame, self.charged = function, name, named, frame, charged
        self.without: tuple[str, ...] = ()
        self._totals: dict[tuple[str, str], Callable[[Tensors], Sequence[Any]]] = {}

    def kind(self, net: Any) -> str | None:
        """What the function returns at a net: a "loss", "outputs", or neither."""
        found: list[Any] = []
        given = self._given(net.parameters, net.inputs, net.targets)
        with redirect_stdout(io.StringIO()):
            self.frame.shaped(lambda given: found.append(self._result(given)), given)
        if not self.frame.owns(found[-1]):
            return None
        if self.charged:
            return "loss" if tuple(found[-1].shape) == () else None
        return "outputs"

    def loss(
        self, parameters: Any, inputs: Array, targets: Array, *, loss: str, reduction: str, activation: str = ""
    ) -> Any:
        """The loss."""
        return self._run(parameters, inputs, targets, loss, reduction)[0][0]

    def gradients(
        self, parameters: Any, inputs: Array, targets: Array, *, loss: str, reduction: str, activation: str = ""
    ) -> dict[str, Array]:
        """Its gradients."""
        found = self._run(parameters, inputs, targets, loss, reduction)[1]
        return self.named.ours(part(found, "own"), parameters)

    def _given(self, parameters: Any, inputs: Array, targets: Array) -> dict[str, Array]:
        own = {f"own {name}": array for name, array in self.named.theirs(parameters).items()}
        return own | {"fixed inputs": inputs, "fixed targets": targets}

    def _result(self, given: Tensors) -> Any:
        aims = (given["fixed targets"],) if self.charged else ()
        return self.function(self.named.nested(part(given, "own")), given["fixed inputs"], *aims)

    def _run(self, parameters: Any, inputs: Array, targets: Array, loss: str, reduction: str) -> tuple[Any, Any]:
        def total(given: Tensors) -> Sequence[Any]:
            result = self._result(given)
            return [result if self.charged else charged(self.frame, result, given["fixed targets"], loss, reduction)]

        function = self._totals.setdefault((loss, reduction), total)
        return self.frame.vjp(function, self._given(parameters, inputs, targets), [np.ones(())])  # type: ignore[no-any-return]


class OfCell:
    """A model, as checks of cells and of layers call a function."""

    def __init__(self, model: Model, how: Convention, matching: Matched, net: Layers) -> None:
        self.model, self.how, self.matching, self.net = model, how, matching, net
        self.ends = [name for names in model.states.values() for name in names]
        self.__name__ = model.name

    def __call__(self, params: Mapping[str, Array], inputs: Array, asked: Array, last: Mapping[str, Array]) -> Any:
        """The gradients by name."""
        given = {f"own {name}": array for name, array in self.matching.theirs(params).items()} | {"inputs": inputs}
        given |= {f"first {name}": params[name] for name in self.ends if self.how.states != "none"}
        given |= {f"fixed told {name}": value for name, value in self._told(params).items()}
        incoming = asked
        if self.net.loss is not UPSTREAM:
            weights = self._weights(params, inputs, asked)
            given |= {
                "fixed weights": weights,
                "fixed targets": np.maximum(asked, 0) if self.net.loss.classes else asked,
            }
            incoming = np.ones(())
        ends = [last.get(self._state(name)) for name in self.ends]
        _, found = self.model.frame.vjp(self._results, given, [incoming, *ends])
        return self.matching.ours(part(found, "own"), params) | part(found, "first") | {"inputs": found["inputs"]}

    def _results(self, given: Tensors) -> Sequence[Any]:
        """Outputs, or the loss of them, and the last states, if they come back."""
        told, states = part(given, "fixed told"), firsts_of(self.how, given)
        outputs, after = self.model.run(self.how, part(given, "own"), given["inputs"], states, **told)
        if "fixed weights" in given:
            losses = self.model.frame.losses[self.net.loss.name]
            outputs = (losses(outputs, given["fixed targets"]) * given["fixed weights"]).sum()
        return [outputs, *([] if after is None else [after[name] for name in self.ends])]

    def _told(self, params: Mapping[str, Array]) -> dict[str, Array]:
        """What steps are told beside their inputs, by keyword."""
        names = {
            name for node in self.net.nodes if node.cell for own, name in node.names.items() if own in node.cell.symbols
        }
        known = {*names, *self.ends, "weights"}
        return {name: value for name, value in params.items() if name not in known}

    def _weights(self, params: Mapping[str, Array], inputs: Array, asked: Array) -> Array:
        """What each step's loss counts for (T, B)."""
        steps, batch = inputs.shape[:2]
        valid = np.arange(steps)[:, None] < params.get("lengths", np.full(batch, steps))
        if self.net.loss.classes:
            valid &= asked >= 0
        counted: Array = REDUCTIONS[self.net.reduction](valid) * params.get("weights", 1.0)
        return counted.astype(np.float64)

    def _state(self, first: str) -> str:
        """The state's name without the 0 of its first."""
        for node in self.net.nodes:
            for q in node.cell.states if node.cell is not None else ():
                own = f"{q.base.name}0"
                if node.names[own] == first:
                    return first.replace(own, q.base.name, 1)
        return first
