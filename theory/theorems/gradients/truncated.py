"""Truncated back-propagation: with the state K steps back held fixed, the last K terms of each loss are left."""

from typing import Any

from sympy import And, Eq, Max

from theory.checks.truncation import truncated_matches
from theory.nets import net
from theory.nodes import LossGradient, TruncatedGradient
from theory.notation import T, U, W, b, h, k, t
from theory.proofs.truncation import TRUNCATED
from theory.records import Theorem
from theory.sources import TRAINING_RNNS, WILLIAMS_PENG
from theory.truncation import K, Windowed, kept, windowed


def _window(whole: Any = T, **how: Any) -> Any:
    """The gradients within a window of K, and those that a window as long as the sequence gives."""
    sums = (Eq(TruncatedGradient(q, K), kept(q, **how), evaluate=False) for q in (W, U, b))
    return And(*sums, *(Eq(TruncatedGradient(q, whole), LossGradient(q), evaluate=False) for q in (W, U, b)))


relu = net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2], [2, 1]], activation="relu", loss="squared_error")
THEOREM = Theorem(
    title="Truncated gradients",
    words="A window of K steps keeps the K nearest terms of every loss; as long as the sequence, it keeps them all.",
    sources=(WILLIAMS_PENG.at("BPTT(h)"), TRAINING_RNNS.at("truncated BPTT")),
    statement=_window(),
    instances=windowed(),
    check=truncated_matches,
    proof=TRUNCATED,
    certified=(Windowed(relu, {}, 1), Windowed(relu, {}, 2)),
    mutants={
        "one step fewer": _window(oldest=Max(1, t - K + 2)),
        "one step more": _window(oldest=Max(1, t - K)),
        "the step itself missing": _window(newest=t - 1),
        "h_k for h_{k-1}": _window(state=h[k]),
        "a window of one is the whole": _window(whole=1),
    },
    uses=("gradients/sum_over_earlier_steps", "gradients/sum_over_losses"),
    examples=40,
)
