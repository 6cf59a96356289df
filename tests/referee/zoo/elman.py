"""Faults of an Elman net's back-propagation through time: each is the right recipe with one line changed."""

from __future__ import annotations

from functools import partial
from typing import Any

from backproof.referee.zoo import bptt
from backproof.referee.zoo.bptt import RIGHT, Array
from backproof.referee.zoo.records import Fault

ADJOINT = "gradients/adjoint_recursion"
INTO_W = "gradients/recurrent_weights"
AT_THE_OUTPUT = "gradients/softmax_cross_entropy"


def fault(
    *,
    name: str,
    family: str,
    what: str,
    known_from: str,
    hides: str,
    caught_by: str,
    loss_changes: bool = False,
    loss_agrees: bool = False,
    **changes: Any,
) -> Fault:
    """A fault that makes these choices otherwise; ``loss_changes`` if the subject's loss is to be the recipe's too."""
    recipe = RIGHT.but(**changes)
    names = ("gradients", "contributions", "contributions_by_distance", *(["loss"] if loss_changes else []))

    def replaces(subject: Any) -> dict[str, Any]:
        wrong = {each: partial(getattr(bptt, each), recipe) for each in names}
        return wrong | {"loss_and_gradients": partial(_both, recipe, None if loss_changes else subject)}

    return Fault(
        name=name,
        family=family,
        what=what,
        known_from=known_from,
        hides=hides,
        caught_by=caught_by,
        replaces=replaces,
        loss_agrees=loss_agrees,
        recipe=recipe,
    )


def _both(recipe: bptt.Recipe, subject: Any, *task: Any, **settings: Any) -> tuple[float, dict[str, Array]]:
    """The subject's own loss, if that is not to change, and the recipe's gradients."""
    loss = bptt.loss(recipe, *task, **settings) if subject is None else subject.loss(*task, **settings)
    return loss, bptt.gradients(recipe, *task, **settings)
