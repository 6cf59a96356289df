"""What the sources say of eigenvalues: powers of W, linear nets, and when gradients vanish or explode."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Gt, Le, Limit, Lt, Ne, Rational, oo
from sympy.matrices.expressions import MatPow

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import LargestEigenvalue, SpectralRadius
from backproof.theory.language.notation import D, Q, S, S_inv, W, k, lam, s, t, v
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Claim, Reading
from backproof.theory.records.sources import AACHEN, CS6180, FYS5429, TRAINING_RNNS
from backproof.theory.theorems.jacobians._endless import EXPLODES, LIMIT, STAYS, VANISHES, gamma
from backproof.theory.theorems.jacobians.eigenvector_expansion import THEOREM as EXPANSION
from backproof.theory.theorems.jacobians.linear_net import across, back, linear
from backproof.theory.theorems.jacobians.linear_vanishing import linear_forever
from backproof.theory.theorems.jacobians.vanishing_by_norm import SWITCH, slopes
from backproof.theory.theorems.spectra._eigenvectors import (
    DISTANCE,
    c,
    decide_aligned,
    decide_expanded,
    gap,
    lamda,
    mu,
    q,
    share,
)
from backproof.theory.theorems.spectra.alignment import first, others
from backproof.theory.theorems.spectra.symmetric_powers import carried, expansion


def _both(*relations: Any) -> Any:
    return And(*relations, evaluate=False)


top, radius = LargestEigenvalue(W), SpectralRadius(W)
symmetric = Eq(W, W.T, evaluate=False)
switched = NetWithValues(SWITCH, {gamma: 1})
flipping, shear, still = linear_forever([[-2]]), linear_forever([[1, 1], [0, 1]]), linear_forever([[1, 0], [0, 1]])
slow = linear_forever([[129 / 128]])
tanh_net = net(W=[[1]], inputs=[[1]])
lopsided = net(W=[[1, 1], [0, 1]], inputs=[[1, 2], [0, 1]], activation="identity", loss="squared_error")
defective = NetWithValues(  # the only eigenvector of Wᵀ is (1, 0): no basis holds, whatever S is
    net(W=[[1, 0], [1, 1]], inputs=[[1, 2]], activation="identity", loss="squared_error"),
    {S: [[1, 0], [0, 1]], S_inv: [[1, 0], [0, 1]], lam: [[1], [1]]},
)

signed = NetWithValues(  # q = (1, 0) with eigenvalue 1, and (0, 1) with −2
    linear_forever([[1, 0], [0, -2]]),
    {q: [[1], [0]], S: [[0, 0], [0, 1]], mu: [[0], [-2]], c: [[0], [1]], lamda: 1, gap: 1, share: 1},
)

drift = Limit(DISTANCE, s, oo)
lines_up = Eq(drift, 0, evaluate=False)
largest_leads = (first, others, Eq(top, lamda, evaluate=False))
not_exploding = Ne(LIMIT, oo, evaluate=False)

CLAIMS = (
    Claim(
        id="A2",
        source=TRAINING_RNNS.at("repeated multiplication by W"),
        words="An eigenvalue makes its part of Wᵗ explode if its modulus exceeds 1, and vanish if it is below 1.",
        readings=(Reading(theorem="spectra/eigenvalue_parts"),),
        mapping="The part is an eigenvector, or the plane of a complex pair; the power is s. The length is the "
        "Frobenius norm of "
        "the plane's basis X.",
        why="For a real eigenvalue lengths are multiplied by |λ|ˢ exactly. For a complex pair that is so of the "
        "basis as a "
        "whole, and of one vector up to the condition of the basis: [[0, −4], [1/4, 0]] has |λ| = 1 and shortens e_1 "
        "to "
        "1/4. |λ|ˢ tends to ∞ or to 0 all the same.",
    ),
    Claim(
        id="A10",
        source=TRAINING_RNNS.at("conditions by the largest eigenvalue"),
        words="With |σ′| ≤ γ and λ_1 the largest eigenvalue of W_h: λ_1 < 1/γ suffices for gradients to vanish, and "
        "they explode only if λ_1 > 1/γ.",
        readings=(
            Reading(
                theorem="jacobians/vanishing_by_norm",
                premises=(slopes, Lt(gamma * radius, 1, evaluate=False)),
                statement=VANISHES,
                witness=switched,
            ),
            Reading(
                theorem="jacobians/vanishing_by_norm",
                premises=(slopes, Le(gamma * radius, 1, evaluate=False)),
                statement=not_exploding,
                witness=switched,
            ),
        ),
        mapping="Largest is read in modulus, in the source's favour; necessary says that without it nothing "
        "explodes; the net of the witness has no eigenvalue but 0.",
        why="Slopes can break a cancellation in W: with one unit at rest W² = 0 becomes a doubling. The largest "
        "singular value decides, as in the theorem; for normal W the two agree.",
    ),
    Claim(
        id="A16",
        source=TRAINING_RNNS.at("Mikolov's explanation, σ(x) = x"),
        words="For σ(x) = x a step's Jacobian is W_hᵀ, and ∂J/∂h_j is ∂J/∂h_i times (W_hᵀ)^ℓ, ℓ = i − j.",
        readings=(
            Reading(theorem="jacobians/linear_net", statement=across(MatPow(W, t - k))),
            Reading(theorem="jacobians/linear_net", statement=back(MatPow(W, t - k)), witness=lopsided),
        ),
        mapping="Its Jacobian is our transpose. A row times (W_hᵀ)^ℓ is, as a column, W_h^ℓ times the column; "
        "a column on the left of a matrix has no product at all.",
        why="Each formula is read in the layout that makes the source's other formulas right, here as for A5, B1, C3 "
        "and D1. "
        "In the one that makes the Jacobian W_hᵀ the gradient is a column, and the power stands on its left: as a row "
        "times (W_hᵀ)^ℓ the second formula contradicts the first in every layout.",
    ),
    Claim(
        id="A17",
        source=TRAINING_RNNS.at("Mikolov's explanation, σ(x) = x"),
        words="In the eigenvectors q_i of W_hᵀ the gradient at lag ℓ is Σ c_i λ_i^ℓ q_i.",
        readings=(
            Reading(
                theorem="jacobians/eigenvector_expansion",
                premises=(linear,),
                statement=EXPANSION.statement,
                witness=defective,
                decide=decide_expanded,
            ),
        ),
        mapping="For any W. The witness is decided for all coefficients c at once.",
        why="A defective W has too few eigenvectors to hold every gradient; where Wᵀ is diagonalisable, it is proved.",
    ),
    Claim(
        id="A18",
        source=TRAINING_RNNS.at("Mikolov's explanation, σ(x) = x"),
        words="For σ(x) = x: a largest eigenvalue below 1 suffices for gradients to vanish, one above 1 is necessary "
        "for them to explode.",
        readings=(
            Reading(
                theorem="jacobians/linear_vanishing",
                premises=(linear, Lt(top, 1, evaluate=False)),
                statement=VANISHES,
                witness=flipping,
            ),
            Reading(
                theorem="jacobians/linear_vanishing",
                premises=(linear, Le(radius, 1, evaluate=False)),
                statement=not_exploding,
                witness=shear,
            ),
            Reading(theorem="spectra/defective_growth"),
        ),
        mapping="Largest is read with its sign in the first half, in modulus in the second.",
        why="The eigenvalue −2 is below 1 and explodes: moduli count. In moduli the first half is proved; the second "
        "needs 'at least 1', as a defective eigenvalue 1 grows linearly.",
    ),
    Claim(
        id="A19",
        source=TRAINING_RNNS.at("Mikolov's explanation, σ(x) = x"),
        words="As the lag grows the terms (λ_i/λ_1)^ℓ die out, and the gradient lines up with the leading eigenvector.",
        readings=(
            Reading(
                theorem="spectra/alignment",
                premises=largest_leads,
                statement=lines_up,
                witness=signed,
                decide=decide_aligned,
            ),
        ),
        mapping="λ_1 is the largest eigenvalue. W stands for the W_hᵀ that acts on gradients; q is the part c_1 q_1.",
        why="λ_1 = 1 does not lead −2. It must lead strictly in modulus, and c_1 must not be 0; then it is proved.",
    ),
    Claim(
        id="B5",
        source=CS6180.at("background on eigenvalues"),
        words="A x = λ x gives Aⁿ x = λⁿ x: it grows for |λ| > 1, dies for |λ| < 1, alternates for λ < 0, and is "
        "stable for λ near 1.",
        readings=(
            Reading(theorem="spectra/eigenvalue_parts"),
            Reading(
                theorem="jacobians/linear_vanishing",
                premises=(linear, Lt((radius - 1) ** 2, Rational(1, 64) ** 2, evaluate=False)),
                statement=_both(Gt(LIMIT, 0, evaluate=False), Lt(LIMIT, oo, evaluate=False)),
                witness=slow,
            ),
        ),
        mapping="Stable is read as: neither dying out nor growing without end. Near is read as within 1/64.",
        why="The power law is proved, sign and all. But 129/128 is near 1 and explodes, if slowly: only |λ| = 1 is "
        "stable, and near it all depends on the number of steps.",
    ),
    Claim(
        id="B7",
        source=CS6180.at("update of W_h"),
        words="The eigenvalues of W_h matter for learning, and the update W_h − α ∂L/∂W_h changes them.",
        readings=(
            Reading(theorem="jacobians/eigenvector_expansion"),
            Reading(theorem="spectra/update_moves_eigenvalues"),
        ),
        mapping="The source does not say how they matter, so this is the mildest reading: they matter, as the "
        "gradient at lag ℓ carries their ℓ-th powers. They change: by how much is proved "
        "for their sum, and that ρ(W) moves is measured over seeds.",
        why="Both are shown.",
    ),
    Claim(
        id="B16",
        source=CS6180.at("orthogonal initialisation, characteristic equation"),
        words="(A − λI) x = 0 has a solution other than 0 only where det(A − λI) = 0; for A = [[2, 0], [1, −1]] the "
        "system A x = 0 leaves 0 alone.",
        readings=(Reading(theorem="spectra/singular_system"),),
        mapping="det(A − λI) x = 0 says it: a determinant that is not 0 leaves x = 0. That of the example is −2.",
        why="The adjugate of A − λI, applied to the system, gives the determinant times x.",
    ),
    Claim(
        id="C5",
        source=FYS5429.at("powers of a diagonalised W"),
        words="With W = U D Uᵀ, UᵀU = I: h_0 = Σ α_i w_i and Wᵗ h_0 = Σ α_i λ_iᵗ w_i.",
        readings=(
            Reading(
                theorem="spectra/symmetric_powers",
                statement=_both(expansion, carried(Q * MatPow(D, s) * Q.T * v)),
            ),
        ),
        mapping="U is our Q, h_0 is v, the power is s, and α = Qᵀ v.",
        why="It is proved for every symmetric W and every power.",
    ),
    Claim(
        id="C6",
        source=FYS5429.at("powers of a diagonalised W"),
        words="For λ_0 > λ_1 > … > λ_n the state is nearly λ_0ᵗ α_0 w_0.",
        readings=(
            Reading(
                theorem="spectra/alignment",
                premises=largest_leads,
                statement=lines_up,
                witness=signed,
                decide=decide_aligned,
            ),
        ),
        mapping="Nearly is read as: relative to |λ_0|ᵗ the rest tends to 0. The order is that of signed numbers; q is "
        "α_0 w_0, λ is λ_0.",
        why="1 > −2, but −2 wins. |λ_0| must exceed every other modulus, and α_0 must not be 0; then it is proved.",
    ),
    Claim(
        id="C7",
        source=FYS5429.at("exploding and vanishing gradients"),
        words="λ_0 ≥ 1 means exploding gradients, λ_0 = 1 is the ideal case, and λ_0 < 1 means vanishing gradients.",
        readings=(
            Reading(
                theorem="jacobians/linear_vanishing",
                premises=(linear, symmetric, Ge(top, 1, evaluate=False)),
                statement=EXPLODES,
                witness=still,
            ),
            Reading(
                theorem="jacobians/linear_vanishing",
                premises=(linear, symmetric, Eq(top, 1, evaluate=False)),
                statement=STAYS,
                witness=linear_forever([[1, 0], [0, -2]]),
            ),
            Reading(
                theorem="jacobians/linear_vanishing",
                premises=(linear, symmetric, Lt(top, 1, evaluate=False)),
                statement=VANISHES,
                witness=flipping,
            ),
            Reading(theorem="spectra/symmetric_powers"),
        ),
        mapping="λ_0 heads the source's order of signed eigenvalues, of a symmetric W in a linear net. The "
        "inequalities are "
        "read off a scan, which may have lost bars or the sign for strict: λ_0 ≥ 1 stands beside λ_0 = 1.",
        why="At λ_0 = 1 the first two contradict each other, and −2 explodes below 1. With W symmetric ‖Wˢ‖ = ρ(W)ˢ: "
        "ρ > 1 explodes, ρ = 1 keeps, ρ < 1 vanishes.",
    ),
    Claim(
        id="E4",
        source=AACHEN.at("exploding and vanishing gradient problem"),
        words="∂h_t/∂h_k is (W_hhᵀ)^ℓ with ℓ = t − k, a high power of the weight matrix.",
        readings=(Reading(theorem="jacobians/linear_net", statement=across(MatPow(W, t - k)), witness=tanh_net),),
        mapping="The source's Jacobian is our transpose; its net has an activation σ.",
        why="The slopes of the activation are dropped on the way. Without them, φ(x) = x, it is proved.",
    ),
    Claim(
        id="E5",
        source=AACHEN.at("exploding and vanishing gradient problem"),
        words="With the largest eigenvalue of W_hh above 1 gradients may explode, with it below 1 they will vanish.",
        readings=(
            Reading(theorem="spectra/growth_of_powers"),
            Reading(
                theorem="jacobians/vanishing_by_norm",
                premises=(slopes, Lt(radius, 1, evaluate=False)),
                statement=VANISHES,
                witness=switched,
            ),
        ),
        mapping="Largest is read in modulus. May explode: in a linear net with ρ(W) > 1 they do.",
        why="Both eigenvalues of the witness are 0, its slopes are 0 and 1, and its gradient doubles at every step. "
        "What makes gradients vanish is a norm below 1 (or eigenvalues, in a linear net).",
    ),
)
