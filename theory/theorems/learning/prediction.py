"""A prediction depends on far-off words all the same: what vanishes is the gradient, not the state."""

from __future__ import annotations

from typing import Any

from sympy import Determinant, Eq, Gt, Implies, Integer, Ne, OneMatrix, ZeroMatrix
from sympy.matrices.expressions import Identity

from backproof.theory.evaluation.truth import decide
from backproof.theory.language.functions import z
from backproof.theory.language.nodes import FrobeniusNorm, Softmax, phi, phi_prime
from backproof.theory.language.notation import T, U, V, W, a, b, c, h, n, o, p, x
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import AACHEN, PASCANU
from backproof.theory.theorems.learning._text_pairs import (
    Pair,
    h_other,
    memories,
    o_other,
    slopes_positive,
    x_other,
)
from backproof.theory.theorems.learning._text_pairs_check import by_logits, told_apart
from backproof.theory.theorems.learning._text_pairs_proof import lag, same_start, same_word, same_words


def two_texts(words: list[float], **fields: Any) -> Pair:
    """A net of one unit on the two texts that begin with these words and go on with zeros."""
    given = {"W": [[0.5]], "V": [[1], [0]], "inputs": [[[word] for word in words], [[0], [0]], [[0], [0]]], **fields}
    return Pair(net=net(**given, targets=[[0, 0]] * 3))


differ = Ne(Softmax(o[T]), Softmax(o_other[T]), evaluate=False)
centred = V.T * (p * Identity(p) - OneMatrix(p, p)) * V
regular, told = Ne(Determinant(W), 0, evaluate=False), Ne(Determinant(centred), 0, evaluate=False)
two_words = Ne(U * x[1], U * x_other[1], evaluate=False)
invertible = Assumption(
    name="nothing lost between steps",
    text="W is invertible",
    holds=lambda pair: decide(regular, pair) is True,
    says=regular,
)
increasing = Assumption(
    name="nothing lost in a unit",
    text="φ′ > 0 everywhere",
    holds=slopes_positive,
    says=Gt(phi_prime(z), 0, evaluate=False),
    every=(z,),
)
readable = Assumption(
    name="nothing lost at the output",
    text="(V 1) has full column rank: Vᵀ(pI − J)V is invertible, J all ones",
    holds=lambda pair: decide(told, pair) is True,
    says=told,
)
words = Assumption(
    name="different words", text="U x_1 ≠ U x_1′", holds=lambda pair: decide(two_words, pair) is True, says=two_words
)


def _read(state: Any, word: Any) -> Any:
    """What a step makes of the state before and a word."""
    return W * state + U * word + b


def _apart(time: Any) -> Any:
    return Ne(h[time], h_other[time], evaluate=False)


def _same(time: Any) -> Any:
    return Eq(h[time], h_other[time], evaluate=False)


def _same_read(time: Any) -> Any:
    """The step at a time makes the same of both states and words, before φ is applied."""
    return Eq(_read(h[time - 1], x[time]), _read(h_other[time - 1], x_other[time]), evaluate=False)


DEFINITIONS = {
    "other state": Eq(h_other[lag + 1], _read(h_other[lag], x_other[lag + 1]).applyfunc(phi), evaluate=False),
    "other output": Eq(o_other[T], V * h_other[T] + c, evaluate=False),
}
now = lag + 1
first, then = _read(h[lag], x[now]), _read(h_other[lag], x_other[now])

ONE_STEP = (
    line("pre-activation", Eq(a[now], first, evaluate=False), "cell"),
    line("activation", Eq(h[now], a[now].applyfunc(phi), evaluate=False), "cell"),
    line(
        "state",
        Eq(h[now], first.applyfunc(phi), evaluate=False),
        "equals for equals",
        "pre-activation",
        "activation",
    ),
    line("same state", _same(now), "supposition", why="Suppose that both texts lead to one state"),
    line(
        "same images",
        Eq(first.applyfunc(phi), then.applyfunc(phi), evaluate=False),
        "equals for equals",
        "state",
        "other state",
        "same state",
    ),
    line(
        "same before φ",
        _same_read(now),
        "one to one",
        "nothing lost in a unit",
        "same images",
        why="As φ′ > 0, no two arguments have one value",
    ),
    line("a step back", Implies(_same(now), _same_read(now), evaluate=False), "implication", "same before φ"),
)


def _back(name: str, time: Any) -> tuple[Line, ...]:
    """Lines that suppose one state at a time, and go a step back."""
    return (
        line(
            f"{name}: implied",
            Implies(_same(time), _same_read(time), evaluate=False),
            "instance",
            "a step back",
            at={lag: time - 1},
        ),
        line(f"{name}: supposed", _same(time), "supposition", why="Suppose that both texts lead to one state"),
        line(f"{name}: read", _same_read(time), "modus ponens", f"{name}: implied", f"{name}: supposed"),
    )


gap = h[now] - h_other[now]
FIRST = (
    *_back("first", Integer(1)),
    line(
        "one word",
        Eq(U * x[1], U * x_other[1], evaluate=False),
        "linear combination",
        "first: read",
        "same start",
        factors=(
            (1, 1),
            (W, 1),
        ),
        why="From one h_0 the first words would be one word",
    ),
    line("start", _apart(Integer(1)), "contradiction", "one word", "different words"),
)
LATER = (
    line("hypothesis", _apart(now), "supposition", why="Suppose that the states differ at a step"),
    *_back("later", now + 1),
    *same_word("the same word", now + 1),
    line(
        "W of the gap",
        Eq(W * gap, ZeroMatrix(n, 1), evaluate=False),
        "linear combination",
        "later: read",
        "the same word",
        factors=(
            (1, 1),
            (U, 1),
        ),
    ),
    by_fact(
        "no gap",
        Eq(gap, ZeroMatrix(n, 1), evaluate=False),
        "a determinant that is not 0",
        "nothing lost between steps",
        "W of the gap",
        X=W,
        v=gap,
    ),
    line("one state before", _same(now), "linear combination", "no gap", factors=((1, 1),)),
    line(
        "step",
        _apart(now + 1),
        "contradiction",
        "one state before",
        "hypothesis",
        why="With one word more they still do",
    ),
    line("every step", _apart(now), "induction", "start", "step", index=lag, why="By induction on the steps"),
    line("last step", _apart(T), "instance", "every step", at={lag: T - 1}),
)
outputs, states = o[T] - o_other[T], h[T] - h_other[T]
ANSWERS = (
    line("one answer", Eq(Softmax(o[T]), Softmax(o_other[T]), evaluate=False), "supposition", why="Suppose one answer"),
    by_fact(
        "outputs differ by a constant",
        Eq(p * outputs, OneMatrix(p, p) * outputs, evaluate=False),
        "softmax forgets a constant alone",
        "one answer",
        u=o[T],
        v=o_other[T],
    ),
    line("output", Eq(o[T], V * h[T] + c, evaluate=False), "cell"),
    line(
        "outputs from states",
        Eq(outputs, V * states, evaluate=False),
        "linear combination",
        "output",
        "other output",
        factors=(
            (1, 1),
            (-1, 1),
        ),
    ),
    line(
        "nothing told",
        Eq(centred * states, ZeroMatrix(n, 1), evaluate=False),
        "linear combination",
        "outputs differ by a constant",
        "outputs from states",
        factors=((V.T, 1), (-V.T * (p * Identity(p) - OneMatrix(p, p)), 1)),
    ),
    by_fact(
        "no gap in the end",
        Eq(states, ZeroMatrix(n, 1), evaluate=False),
        "a determinant that is not 0",
        "nothing lost at the output",
        "nothing told",
        X=centred,
        v=states,
    ),
    line(
        "one state in the end",
        _same(T),
        "linear combination",
        "no gap in the end",
        factors=((1, 1),),
    ),
    line("differ", differ, "contradiction", "one state in the end", "last step"),
)

PROOF = Proof(lines=(*ONE_STEP, *FIRST, *LATER, *ANSWERS))

THEOREM = Theorem(
    title="Far-off words count in predictions",
    words="If W is invertible and slopes are positive, changing the first word changes every later prediction, "
    "however far off it is.",
    sources=(AACHEN.at("vanishing gradients in language modelling"), PASCANU.at("section 2.1")),
    statement=differ,
    instances=memories(),
    check=told_apart,
    proof=PROOF,
    definitions=DEFINITIONS,
    decide=by_logits,
    assumptions=(invertible, increasing, readable, words, same_start, same_words),
    without={
        invertible: two_texts([1, -1], W=[[0]]),
        increasing: two_texts([-1, -2], activation="relu"),
        readable: two_texts([1, -1], V=[[1], [1]], activation="identity"),
        words: two_texts([1, 1], activation="identity"),
        same_start: two_texts([1, 0], h0=[[0], [2]], activation="identity"),
        same_words: two_texts([1, -1], inputs=[[[1], [-1]], [[0], [1]], [[0], [0]]], activation="identity"),
    },
    certified=(two_texts([1, -1]), two_texts([1, -1], activation="identity")),
    mutants={
        "the first word is forgotten": Eq(Softmax(o[T]), Softmax(o_other[T]), evaluate=False),
        "its trace stays as large": Eq(
            FrobeniusNorm(o[T] - o_other[T]), FrobeniusNorm(o[1] - o_other[1]), evaluate=False
        ),
        "predictions have nothing in common": Eq(FrobeniusNorm(Softmax(o[T]) - Softmax(o_other[T])), 1, evaluate=False),
    },
    examples=100,
)
