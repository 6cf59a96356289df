"""A subject that reads minimal pairs, whole or through a window, and one that truncates: what it answers and keeps.

The bound on a softmax: an entry moves by at most half of what any output is off, as p (1 − p) ≤ 1/4 for a shift of all
the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sympy import Eq, Ge, Le, Ne, OneMatrix

from backproof.theory.arithmetic import Approximate, Balls, Rounded, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most, truth
from backproof.theory.confronting.subject import answer, followed, offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.relations import holds
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Softmax
from backproof.theory.language.notation import At, T, p
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import NAMES, Net, net
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.theorems.learning._text_pairs import K, Pair
from backproof.theory.theorems.learning._windows import swept


def run(subject: Any, reader: Net) -> Any:
    """The subject's outputs for both texts, (T, 2, p)."""
    return np.asarray(followed(subject, "forward", reader).outputs)


def room(reader: Net) -> Any:
    """How far a subject's outputs in float64 may be off, (T, 2, p)."""
    roundoff = Roundoff.of(np.float64)
    A, columns = Rounded(roundoff), []
    for text in reader.sequences():
        moved, states = tolerances(text).hidden, Unrolled(text, A).series["h"]
        steps = [Approximate(states[s].value, moved[s][:, None], roundoff) for s in range(1, text.steps + 1)]
        weights, bias = A.matrix(text.V), A.matrix(text.c[:, None])
        columns.append(np.stack([A.products([(weights, state), (bias,)]).radius[:, 0] for state in steps]))
    return np.stack(columns, axis=1)


def answers_satisfy(statement: Any, subject: Any, instance: Pair) -> Iterator[Comparison]:
    """A bound on probabilities of answers at the last step: with the subject's outputs for those of the statement."""
    asked = {symbol.name for symbol in statement.atoms(At)}
    with precision(BITS):
        (environment,) = instance.environments(Balls(), statement)
        slack = 0.0
        for name, reader in _readers(asked, instance, subject):
            got, off = run(subject, reader)[-1], room(reader)[-1]
            for place, symbol in enumerate((name, f"{name}_other")):
                node = next((s for s in statement.atoms(At) if s.name == symbol), None)
                if node is None:
                    continue
                if name == "seen":
                    yield agree(f"the answer {symbol}", got[place], evaluate(node, Balls(), environment), off[place])
                environment[node] = Balls().matrix(got[place][:, None])
                slack += 0.5 * float(np.max(off[place]))
        left, right = (evaluate(side, Balls(), environment) for side in statement.args)
        if isinstance(statement, Le | Ge):
            low, high = (left, right) if isinstance(statement, Le) else (right, left)
            low, high = Balls().scalar(low), Balls().scalar(high)
            yield at_most(str(statement), float(low.lower()), float(high.upper()), slack)
        else:
            yield truth(str(statement), holds(statement, Balls(), environment))


def _readers(asked: set[str], instance: Pair, subject: Any) -> Iterator[tuple[str, Net]]:
    if "seen" in asked:
        yield "seen", instance.windowed
    if "o" in asked:
        yield "o", instance.net
    if "trained" in asked:
        yield "trained", trained_by(subject, instance)


def trained_by(subject: Any, instance: Pair) -> Net:
    """The net after one step against what the subject's truncated back-propagation returns."""
    whole = instance.net
    gradient = answer(subject, "truncated_gradients", whole, every=1, window=instance.window)
    moved = {name: getattr(whole, name) - instance.rate * gradient[name] for name in NAMES if name != "h0"}
    return whole.with_(**moved)  # type: ignore[no-any-return]


def told_apart(statement: Any, subject: Any, instance: Pair) -> Iterator[Comparison]:
    """Equality or inequality of two answers: logits differ by more than a constant, beyond all rounding."""
    reader = instance.net
    got, off = run(subject, reader), room(reader)
    for place, text in enumerate(reader.sequences()):
        with precision(BITS):
            outputs = Unrolled(text, Balls()).series["o"][reader.steps]
        yield agree(f"o_T of text {place + 1}", got[-1, place], outputs, off[-1, place])
    for part in parts(statement):
        if isinstance(part, Eq | Ne) and part.lhs.has(Softmax):
            gaps = got[-1, 0] - got[-1, 1]
            apart, doubt = float(np.ptp(gaps)), 4 * float(np.max(off[-1]))
            if not apart > doubt:
                raise Undecided("the two answers are within rounding of each other")
            yield truth(f"{part}: the logits differ by {apart:.3g}", isinstance(part, Ne))
        else:
            with precision(BITS):
                (environment,) = instance.environments(Balls(), statement)
                yield truth(str(part), holds(part, Balls(), environment))


def by_logits(statement: Any, instance: Pair) -> bool | None:
    """Decide whether two predictions are equal: they are where ``p o − (Σ o) 1`` is, which needs no exponential."""
    if isinstance(statement, Eq | Ne) and all(isinstance(side, Softmax) for side in statement.args):
        left, right = (p * side.args[0] - OneMatrix(p, p) * side.args[0] for side in statement.args)
        statement = statement.func(left, right, evaluate=False)
    return decide(statement, instance)


def kept(subject: Any, steps: int, window: int) -> int:
    """How many terms the subject's truncated gradient has: those of b, each of which is 1 in the net that counts.

    One linear unit with W = U = V = 1 from h_0 = 0 on zeros, and targets −1 under the squared error: every output is 0,
    every ∂L_t/∂o_t is 1, and so is every term of ∂L/∂b, whatever its distance.
    """
    counter = net(W=[[1]], inputs=[[0]] * steps, targets=[[-1]] * steps, activation="identity", loss="squared_error")
    gradient = answer(subject, "truncated_gradients", counter, every=1, window=window)
    return int(gradient["b"][0])


def counts(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """Relations between counts of terms, with those of the subject."""
    given = {K: case[K], T: case[T]}
    found = {
        node: kept(subject, *(int(arg.subs(given)) for arg in reversed(node.args))) for node in statement.atoms(swept)
    }
    stated = statement.xreplace(found).subs(given)
    yield truth(f"{statement} with {found}", bool(stated) if stated in (True, False) else None)


def carried_along(subject: Any, seed: int) -> float:
    """Accuracy across a gap of four words, trained with a window of two and the state carried from the first word."""
    return float(offered(subject, "learnability")("truncated", 4, seed, window=2, steps=60, units=16).accuracy)
