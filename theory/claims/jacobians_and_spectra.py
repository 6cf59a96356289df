"""What the sources say about Jacobians of the state, their products and norms, and the spectra of W."""

from __future__ import annotations

from sympy import And, Eq, Gt, Integer, Limit, Lt, Symbol, oo, sqrt
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.instances.bounds import q, r
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import StateJacobian, TimeProduct, phi_prime
from backproof.theory.language.notation import T, W, h, k, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Claim, Reading
from backproof.theory.records.sources import AACHEN, CS6180, FYS5429, SLIDES, TRAINING_RNNS
from backproof.theory.theorems.jacobians._endless import EXPLODES, decide_forever
from backproof.theory.theorems.jacobians._laws import PRODUCT, STEP, Endless, decide_law, ell, i
from backproof.theory.theorems.jacobians.linear_vanishing import linear_forever
from backproof.theory.theorems.jacobians.scalar_products import scalar

j = Symbol("j", integer=True)

misprint = Eq(
    StateJacobian(t, k).T,
    TimeProduct(W.T * DiagMatrix(h[j - 1].applyfunc(phi_prime)), (j, k + 1, t), ascending=1),
    evaluate=False,
)

layout = "The source has inputs as rows: its ∂h_t/∂h_k is our transpose, and its factors stand in the order of time."

saturating = net(
    W=[[1, 0], [0, 1]], inputs=[[1, 0]]
)  # the state before is 0, where tanh is steepest; the step reaches the bend

rate = PRODUCT ** (1 / T)
to_zero = And(Eq(Limit(PRODUCT, T, oo), 0, evaluate=False), Lt(Limit(rate, T, oo), 1, evaluate=False), evaluate=False)

to_infinity = And(
    Eq(Limit(PRODUCT, T, oo), oo, evaluate=False), Gt(Limit(rate, T, oo), 1, evaluate=False), evaluate=False
)

shrinking = Endless(weight=Integer(1), states=1 / (i + 1), product=(ell + 2) / (2 * (ell + 1)))

growing = Endless(
    weight=Integer(2),
    states=sqrt((i**2 + 2 * i - 1) / (2 * i * (i + 2))),
    product=2 * (ell + 1) / (ell + 2),
)

nilpotent = NetWithValues(linear_forever([[0, 2], [0, 0]]), {q: 2, r: 2})
"""Every step has norm 2, and two steps multiply to 0."""

CLAIMS = (
    Claim(
        id="A1",
        source=TRAINING_RNNS.at("repeated multiplication by W"),
        words="With W = V diag(λ) V⁻¹, t applications of W are V diag(λ)ᵗ V⁻¹.",
        mapping="Our V is the output matrix, so the eigenvectors are the columns of S; the power is s.",
        readings=(Reading(theorem="spectra/powers"),),
    ),
    Claim(
        id="A6",
        source=TRAINING_RNNS.at("Jacobian of h_t by h_k"),
        words="∂h_t/∂h_k is the product of W_hᵀ diag(σ′(h_{j−1})) over the steps j = k + 1 … t.",
        mapping=layout,
        why="σ′ belongs at the pre-activation a_j, not at the state h_{j−1} that the step reads.",
        readings=(Reading(theorem="jacobians/product_of_steps", statement=misprint, witness=saturating),),
    ),
    Claim(
        id="A8",
        source=TRAINING_RNNS.at("bounds on the Jacobians"),
        words="If β_W and β_h bound the norms of W_hᵀ and diag(σ′), then ‖∂h_t/∂h_k‖ ≤ (β_W β_h)^(t−k).",
        mapping="A matrix and its transpose have the same spectral norm. The bound on one step is the case t = k + 1.",
        readings=(Reading(theorem="jacobians/norm_bound"),),
    ),
    Claim(
        id="B6",
        source=CS6180.at("large and small eigenvalues of W_h"),
        words="A W_h drawn from a normal distribution can have large or small eigenvalues.",
        mapping="Large is a modulus above 1, small one below 1; both occur in one draw.",
        readings=(Reading(theorem="spectra/random_normal"),),
    ),
    Claim(
        id="B9",
        source=CS6180.at("orthogonal initialisation"),
        words="A matrix with orthonormal columns has all |λ| = 1, as (1/√2) [[1, −1], [−1, −1]] with λ = ±1 does.",
        mapping="All |λ| = 1 says that the largest and the smallest modulus are 1. The example is decided exactly.",
        readings=(Reading(theorem="spectra/orthogonal"),),
    ),
    Claim(
        id="B10",
        source=CS6180.at("orthogonal initialisation"),
        words="Q of the QR factorisation of a normal matrix is orthogonal, and all its eigenvalues have modulus 1.",
        readings=(Reading(theorem="spectra/qr_initialisation"),),
    ),
    Claim(
        id="C4",
        source=FYS5429.at("chain rule through the states"),
        words="∂h_t/∂h_k is the product of ∂h_i/∂h_{i−1} over i = k + 1 … t.",
        mapping="Later factors stand to the left, which the source leaves open.",
        readings=(
            Reading(
                theorem="jacobians/product_of_steps",
                statement=Eq(StateJacobian(t, k), TimeProduct(StateJacobian(j, j - 1), (j, k + 1, t)), evaluate=False),
            ),
        ),
    ),
    Claim(
        id="D2",
        source=SLIDES.at("scalar hidden state"),
        words="Scalar state: if every |∂h_i/∂h_{i−1}| < 1 the product decays to 0 exponentially; if every one is "
        "> 1 it grows to infinity exponentially.",
        mapping="Exponentially: the T-th root of the product over T steps has a limit below (above) 1.",
        why="Factors may tend to 1: those of the witnesses have products that tend to 1/2 and to 2. One bound q < 1 "
        "(or r > 1) for all factors is needed.",
        readings=(
            Reading(
                theorem="jacobians/scalar_products",
                premises=(scalar, Lt(STEP, 1, evaluate=False)),
                statement=to_zero,
                witness=shrinking,
                decide=decide_law,
            ),
            Reading(
                theorem="jacobians/scalar_products",
                premises=(scalar, Gt(STEP, 1, evaluate=False)),
                statement=to_infinity,
                witness=growing,
                decide=decide_law,
            ),
        ),
    ),
    Claim(
        id="D4",
        source=SLIDES.at("matrices, spectral norm above one"),
        words="Matrices: if every spectral norm ‖∂h_i/∂h_{i−1}‖₂ > 1, the product grows to infinity exponentially.",
        mapping="Of the exponential growth the reading asks the limit alone, in the source's favour.",
        why="A norm says how much the best direction is stretched; the next step may send just that direction to zero. "
        "What makes a product grow is the least stretch: σ_min ≥ r > 1 at every step gives ‖·‖ ≥ rᵀ.",
        readings=(
            Reading(
                theorem="jacobians/uniform_steps",
                premises=(Gt(STEP, 1, evaluate=False),),
                statement=EXPLODES,
                witness=nilpotent,
                decide=decide_forever,
            ),
            Reading(theorem="jacobians/norms_above_one"),
        ),
    ),
    Claim(
        id="D5",
        source=SLIDES.at("spectral norm"),
        words="The spectral norm is the largest singular value, the most by which a matrix stretches a vector.",
        readings=(Reading(theorem="spectra/spectral_norm"), Reading(theorem="spectra/attained_stretch")),
    ),
    Claim(
        id="D6",
        source=SLIDES.at("Jacobian of one step"),
        words="h_t = f(V x_t + W h_{t−1} + b) has ∂h_t/∂h_{t−1} = diag(f′(pr_t)) W.",
        mapping="Their V is our U, their pr_t our a_t; the layout is ours.",
        readings=(Reading(theorem="jacobians/step_jacobian"),),
    ),
    Claim(
        id="E3",
        source=AACHEN.at("exploding and vanishing gradient"),
        words="∂h_t/∂h_k is the product of W_hhᵀ diag(σ′(h_{i−1})) over t ≥ i > k.",
        mapping=layout,
        why="σ′ belongs at the pre-activation a_i. Were h_i the state before the nonlinearity, as in Pascanu, Mikolov "
        "and Bengio (2013), the formula would be right.",
        readings=(Reading(theorem="jacobians/product_of_steps", statement=misprint, witness=saturating),),
    ),
)
