"""Right calls of what trains nets: clipping, tying, optimisers, loops and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from fuzz_impl import (
    ACTIVATION,
    CLASSES,
    DTYPE,
    FLOATS,
    INPUTS,
    SMALL,
    B,
    M,
    N,
    T,
    by_name,
    drawn,
    floats,
    params,
)
from fuzz_kinds import (
    Kind,
    Target,
    anything,
    array,
    choice,
    function,
    instance,
    integer,
    mapping,
    number,
    optional,
    several,
    text,
)

from backproof import impl
from backproof.impl import grammar


def updates() -> list[Target]:
    """Clipping, tying and optimisers."""
    loose = Kind(
        right=lambda: {"w": np.ones(2)},
        sane=lambda v: isinstance(v, dict) and all(floats(a) and a.dtype in FLOATS for a in v.values()),
        parts={"w": array(np.ones(2))},
    )
    gradients, groups = by_name(v=drawn(2), w=drawn(2)), several(anything(("v", "w")), ("v", "w"))
    one_group = Kind(
        right=lambda: [("v", "w")],
        sane=lambda v: (
            isinstance(v, list | tuple) and all(isinstance(g, list | tuple) and set(g) == {*"vw"} for g in v)
        ),
        parts=groups.parts,
    )
    both = mapping({"v": array(np.ones(2)), "w": array(np.ones(2))})
    more = mapping(both.parts, others=array(np.ones(2)))
    fewer = mapping(both.parts, both.parts)
    threshold = number(0.5, 0, ends=(True, True))
    found = [
        Target(name="global_norm", call=impl.global_norm, kinds={"gradients": gradients}),
        Target(name="clip_by_norm", call=impl.clip_by_norm, kinds={"gradients": gradients, "threshold": threshold}),
        Target(name="clip_by_value", call=impl.clip_by_value, kinds={"gradients": gradients, "threshold": threshold}),
        Target(
            name="clip_by_norm_derivative",
            call=impl.clip_by_norm_derivative,
            kinds={"gradients": both, "directions": both, "threshold": threshold},
        ),
        Target(name="tie", call=impl.tie, kinds={"params": more, "groups": one_group}),
        Target(name="tied_gradients", call=impl.tied_gradients, kinds={"gradients": more, "groups": one_group}),
        Target(name="SGD", call=impl.SGD, kinds={"rate": number(0.5)}),
        Target(
            name="Momentum",
            call=impl.Momentum,
            kinds={"rate": number(0.5), "momentum": number(0.5, 0, 1, ends=(True, False))},
        ),
        Target(
            name="Adam",
            call=impl.Adam,
            kinds={"rate": number(0.5), "epsilon": number(1e-8)}
            | dict.fromkeys(("mean_decay", "square_decay"), number(0.5, 0, 1, ends=(True, False))),
        ),
        Target(
            name="State",
            call=impl.State,
            kinds={"count": integer(0, 0), "first": loose},
        ),
    ]
    for optimiser in (impl.SGD(rate=0.1), impl.Momentum(rate=0.1), impl.Adam()):
        state = optimiser.init(both.right())
        kinds = {"params": fewer, "gradients": more, "state": instance(state)}
        name = type(optimiser).__name__
        found.append(Target(name=f"{name}.step", call=optimiser.step, kinds=kinds, together=_step_makes_sense))
        found.append(Target(name=f"{name}.init", call=optimiser.init, kinds={"params": loose}))
    return found


def _step_makes_sense(arguments: Mapping[str, Any]) -> bool:
    """Whether each parameter has its gradient; others are ignored."""
    params, gradients = arguments["params"], arguments["gradients"]
    if (
        not isinstance(params, dict)
        or not isinstance(gradients, dict)
        or not isinstance(arguments["state"], impl.State)
    ):
        return False
    one = array(np.ones(2))
    return all(
        name in ("v", "w") and one.sane(value) and one.sane(gradients.get(name)) for name, value in params.items()
    )


def training() -> list[Target]:
    """Training loops, words and sentences."""
    batch = (drawn(T, B, M), CLASSES.right())
    word = text("the")
    tokens = several(word, "the", "girl", "in", "the", "garden", least=2)
    vocabulary = impl.Vocabulary(words=("<unknown>", "girl", "the"))
    knows = impl.init_params(N, 3, 3, seed=0)
    of_words = mapping({name: array(value) for name, value in knows.items()} | {"h0": array(drawn(1, N))}, ["h0"])
    batches = Kind(
        right=lambda: [batch],
        sane=lambda v: isinstance(v, list | tuple) and bool(v) and all(one is batch for one in v),
        parts={0: Kind(right=lambda: batch, sane=lambda v: v is batch)},
    )
    monitor = impl.VanishingMonitor(distance=1, below=0.5)
    steps = integer(2, 0, 1000)
    return [
        Target(
            name="train",
            call=impl.train,
            kinds={
                "params": params(),
                "batches": batches,
                "gradients": Kind(right=lambda: impl.loss_and_gradients, sane=lambda v: v is impl.loss_and_gradients),
                "optimiser": instance(impl.SGD(rate=0.1)),
                "steps": steps,
                "clip": optional(Kind(right=lambda: _clip, sane=lambda v: v is _clip)),
                "monitor": optional(instance(monitor)),
            },
        ),
        Target(
            name="VanishingMonitor",
            call=impl.VanishingMonitor,
            kinds={
                "distance": integer(1),
                "below": number(0.5),
                "every": integer(1),
                "shares": optional(function(impl.distance_shares)),
            },
        ),
        Target(
            name="VanishingMonitor.__call__",
            call=monitor,
            kinds={"step": integer(1), "params": params(), "inputs": INPUTS, "targets": CLASSES},
        ),
        Target(name="paired", call=impl.paired, kinds=dict.fromkeys(("loss", "gradients"), function(impl.loss))),
        Target(name="tokenise", call=impl.tokenise, kinds={"text": text("The girl.")}),
        Target(
            name="vocabulary_of",
            call=impl.vocabulary_of,
            kinds={"tokens": several(word, "a", "b", "b"), "minimum": integer(1)},
        ),
        Target(
            name="Vocabulary",
            call=impl.Vocabulary,
            kinds={"words": several(word, "<unknown>", "a", made=tuple, least=1)},
        ),
        Target(name="Vocabulary.encode", call=vocabulary.encode, kinds={"tokens": several(word, "a", "girl")}),
        Target(
            name="Vocabulary.decode",
            call=vocabulary.decode,
            kinds={"classes": array(np.array([1, 2]), lambda s: len(s) == 1, kinds="iu")},
        ),
        Target(
            name="one_hot",
            call=impl.one_hot,
            kinds={
                "classes": Kind(right=lambda: np.array([1, 0]), sane=_classes_below_three),
                "size": integer(3, 2, SMALL),
                "dtype": DTYPE,
            },
        ),
        Target(
            name="next_word_batches",
            call=impl.next_word_batches,
            kinds={
                "tokens": tokens,
                "vocabulary": instance(vocabulary),
                "length": integer(2, 1, 4),
                "batch": integer(2),
                "dtype": DTYPE,
            },
        ),
        Target(
            name="train_language_model",
            call=impl.train_language_model,
            kinds={
                "text": text("The girl in the garden sees the girl in the garden. " * 3, empty=False),
                "units": integer(3, 1, 100),
                "steps": integer(1, 0, 100),
                "seed": integer(0, 0),
                "length": integer(4, 1, 30),
                "batch": integer(2),
                "activation": ACTIVATION,
                "optimiser": optional(instance(impl.SGD(rate=0.1))),
            },
        ),
        Target(
            name="perplexity",
            call=impl.perplexity,
            kinds={
                "params": of_words,
                "vocabulary": instance(vocabulary),
                "tokens": tokens,
                "activation": ACTIVATION,
            },
        ),
        Target(
            name="share_by_distance",
            call=impl.share_by_distance,
            kinds={
                "params": of_words,
                "tokens": tokens,
                "vocabulary": instance(vocabulary),
                "step": optional(integer(2, 1, 4)),
                "activation": ACTIVATION,
            },
        ),
        Target(
            name="learnability",
            call=impl.learnability,
            kinds={
                "model": choice("windowed", grammar.MODELS),
                "gap": integer(2, 1, 100),
                "seed": integer(0, 0),
                "template": choice("agreement", grammar.TEMPLATES),
                "window": optional(integer(1)),
                "steps": integer(1, 1, 100),
                "units": integer(2, 1, 100),
                "recurrent": choice("normal", ["normal", "orthogonal", "identity"]),
            },
        ),
    ]


def _clip(gradients: Any) -> Any:
    return impl.clip_by_norm(gradients, 1.0)


def _classes_below_three(v: Any) -> bool:
    right = isinstance(v, np.ndarray) and not isinstance(v, np.ma.MaskedArray) and v.dtype.kind in "iu"
    return bool(right and np.all((v >= 0) & (v < 2)))


TARGETS = [*updates(), *training()]
