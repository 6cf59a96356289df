"""A small run that has everything a report can show, for the tests of reports beside it."""

import dataclasses
import math

from sample_claims import CLAIMS, HOSTILE, NOTES, SLIDES, WERBOS
from sample_pictures import PICTURES

from backproof.reports.proof_record import Line, ProofRecord
from backproof.reports.record import (
    MeasurementRecord,
    MutantRecord,
    PropertyRecord,
    Run,
    TheoremRecord,
    TightnessRecord,
    WitnessRecord,
)

PROVED = TheoremRecord(
    id="adjoint/recursion",
    title="Adjoint recursion",
    words="The loss gradient runs backward in time through $W$ transposed, scaled by the slopes.",
    tex=r"\delta_t = \nabla_{h_t} L + W^{\top} D_{t+1} \delta_{t+1},"
    r" \qquad D_t = \operatorname{diag}(\phi'(a_t))",
    subject="backproof.impl.numpy:Elman",
    verdict="proved",
    scope="every horizon, 2 units, every smooth activation",
    problems=(),
    assumptions=(
        ("smooth activation", "$\\phi$ is differentiable at every $a_t$"),
        ("shared weights", "the same $W$ acts at each step"),
    ),
    proof=ProofRecord(
        closed=True,
        scope="every horizon, 2 units, every smooth activation",
        lines=(
            Line(
                why="The loss sees $h_t$ directly, and through $h_{t+1}$.",
                tex=r"\frac{\mathrm{d} L}{\mathrm{d} h_t} = \nabla_{h_t} L"
                r" + \left(\frac{\partial h_{t+1}}{\partial h_t}\right)^{\top}"
                r" \frac{\mathrm{d} L}{\mathrm{d} h_{t+1}}",
                holds=True,
                method="matrix algebra",
                second="agreed",
                engines=("balls", "z3"),
                points=3,
            ),
            Line(
                why="One step's Jacobian.",
                tex=r"\frac{\partial h_{t+1}}{\partial h_t} = D_{t+1} W"
                r" = \left[\begin{matrix}\phi'(a_1) & 0\\0 & \phi'(a_2)\end{matrix}\right]"
                r" \left[\begin{matrix}W_{11} & W_{12}\\W_{21} & W_{22}\end{matrix}\right]"
                r" = \left[\begin{matrix}\phi'(a_1) W_{11} & \phi'(a_1) W_{12}\\"
                r"\phi'(a_2) W_{21} & \phi'(a_2) W_{22}\end{matrix}\right]",
                holds=True,
                method="componentwise, 2 and 3 units",
                second="not looked at",
                remark="a limit is not known in closed form",
            ),
        ),
    ),
    certified="every entry at 24 rational nets, to a radius of $10^{-30}$",
    property=PropertyRecord(
        offered=True,
        examples=1234,
        worst_margin=0.0431,
        undecided=3,
        reach="units 1 to 8, steps 1 to 24, magnitudes 1e-200 to 1e+150; 12 orthogonal",
        digits=153.4,
        closest=0.998,
        worst_instance="units=2, steps=3\nW = [[1/2, 0], [0, -1]]",
        regions={"near |λ| = 1": 311, "non-normal": 802, "saturated": 97, "tiny": 20, "huge": 4},
    ),
    mutants=(
        MutantRecord(
            name="W for its transpose",
            tex=r"\delta_t = \nabla_{h_t} L + W D_{t+1} \delta_{t+1}",
            killed_by=("proof", "property"),
            missed_by=(),
        ),
        MutantRecord(
            name="no local loss",
            tex=r"\delta_t = W^{\top} D_{t+1} \delta_{t+1}",
            killed_by=("proof", "property"),
            missed_by=(),
        ),
    ),
    sharp=(
        WitnessRecord(
            name="shared weights",
            text="$W_1 = 1$, $W_2 = 2$ with one unit",
            certified=True,
            detail="the gradient is 3, the recursion gives 4",
        ),
    ),
    tight=None,
    measured=None,
    pictures=PICTURES[:2],
    sources=(WERBOS, NOTES),
    claims=("A5", "A6"),
    uses=("jacobian/product",),
    reproduce="backproof check adjoint/recursion --seed 7",
    seconds=1.25,
)

BOUND = dataclasses.replace(
    PROVED,
    id="jacobian/bound",
    title="Norm of a product of Jacobians",
    words="The norm decays at least geometrically.",
    tex=r"\left\|\frac{\partial h_t}{\partial h_k}\right\| \le "
    r"\prod_{j=k+1}^{t} \lVert W \rVert \max_i |\phi'(a_{j,i})|"
    r" \le (\gamma \sigma_{\max})^{t-k} \text{ for every } k < t",
    verdict="certified",
    scope="boxes that cover all nets of 2 units",
    proof=None,
    tight=TightnessRecord(ratio=1.0, attained=True, instance="W = I/2, φ linear"),
    pictures=PICTURES[2:],
    claims=("B8",),
    uses=("adjoint/recursion",),
)

FAILED = dataclasses.replace(
    PROVED,
    id="jacobian/product",
    title=f"Product of Jacobians {HOSTILE}",
    words=HOSTILE,
    tex=r"\text{" + HOSTILE + "}",
    verdict="failed",
    scope="none",
    problems=("the proof does not close", f"a counterexample was found: {HOSTILE}"),
    assumptions=((HOSTILE, HOSTILE),),
    proof=ProofRecord(
        closed=False,
        scope="2 units",
        lines=(Line(why="Order the factors.", tex=r"\undefined{a", holds=False, method=HOSTILE),),
        obstacle="line 1 is unknown to the checker",
    ),
    certified=None,
    property=PropertyRecord(
        offered=True,
        examples=3,
        worst_margin=math.inf,
        regions={HOSTILE: 3},
        counterexample=f"W = [[0, 1], [0, 0]]\nnote = {HOSTILE!r}",
        message="first Jacobian, row 1: expected 0, found 1",
    ),
    mutants=(MutantRecord(name=HOSTILE, tex="a & b", killed_by=(), missed_by=("property",)),),
    sharp=(WitnessRecord(name=HOSTILE, text=HOSTILE, certified=False, detail=HOSTILE),),
    measured=MeasurementRecord(
        seeds=40,
        quantity="share of nets that learn",
        effect="at least 0.2 more",
        estimate=0.03,
        low=-0.11,
        high=0.17,
        confidence=0.95,
        shown=False,
    ),
    pictures=(),
    sources=(SLIDES,),
    claims=("absent",),
    uses=("absent/theorem",),
    reproduce=f"backproof check {HOSTILE}",
    seconds=0.5,
)


def sample_run() -> Run:
    """Theorems of three verdicts, and claims of each."""
    return Run(
        subject="backproof.impl.numpy:Elman",
        seed=7,
        profile="default",
        versions={"python": "3.11", "sympy": "1.14"},
        machine={"processor": "two cores", "seconds": "12.5"},
        theorems=(PROVED, BOUND, FAILED),
        claims=CLAIMS,
    )
