"""Claims of every verdict, for the small run beside it."""

from sample_pictures import PICTURES

from backproof.reports.record import (
    ClaimRecord,
    CorrectionRecord,
    DependenceRecord,
    ReadingRecord,
    SettingRecord,
    SourceRecord,
    WitnessRecord,
)

HOSTILE = "<script>alert('x')</script> {{ 7 * 7 }} {% raw %} \"quoted\" & <img src=x onerror=alert(1)>"
WERBOS = SourceRecord(key="Werbos1990", title="Back-propagation through time: what it does", place="eq. 9")
NOTES = SourceRecord(key="Notes", title="Training recurrent nets: gradients through time", place="page 2")
SLIDES = SourceRecord(key="Slides", title="Slides on recurrent nets & their gradients", place="slide 14")

CLAIMS = (
    ClaimRecord(
        id="A5",
        source=NOTES,
        words="The gradient with respect to a shared weight is a sum over the steps at which it acts.",
        mapping="their $J$ is our $L$",
        verdict="holds",
        why="The literal reading is the adjoint recursion, summed.",
        readings=(
            ReadingRecord(
                tex=r"\frac{\partial L}{\partial W} = \sum_{t=1}^{T} D_t \delta_t h_{t-1}^{\top}",
                theorem="adjoint/recursion",
                holds=True,
                rejected_by=(),
                witness=None,
            ),
        ),
        theorems=("adjoint/recursion",),
        problems=(),
    ),
    ClaimRecord(
        id="A6",
        source=NOTES,
        words="The Jacobian across several steps is a product of $W^{\\top}$ and slopes.",
        mapping="",
        verdict="corrected",
        why="With gradients as columns, the slopes stand before $W$, and $W$ is not transposed.",
        readings=(
            ReadingRecord(
                tex=r"\frac{\partial h_t}{\partial h_k} = "
                r"\prod_{j=k+1}^{t} W^{\top} \operatorname{diag}(\sigma'(h_{j-1}))",
                theorem="jacobian/bound",
                holds=False,
                rejected_by=("proof", "property"),
                witness=WitnessRecord(
                    name="as stated",
                    text="$W = \\begin{bmatrix} 0 & 1 \\\\ 0 & 0 \\end{bmatrix}$, $h_0 = 0$",
                    certified=True,
                    detail="the two sides differ in entry (1, 2)",
                    setting="A tanh net of 2 units, 1 step",
                    equations=(r"W = \begin{pmatrix}0 & 1 \\ 0 & 0\end{pmatrix}", "h_0 = 0"),
                    values=(r"\frac{1}{4} \ne 0",),
                ),
                premises=(r"\varphi(z) = z", r"\rho(W) < 1"),
                correction=CorrectionRecord(theorem="jacobian/bound", change="an assumption more", added=("‖W‖ < 1",)),
            ),
            ReadingRecord(
                tex=r"\frac{\partial h_t}{\partial h_t} = I",
                theorem="adjoint/recursion",
                holds=True,
                rejected_by=(),
                witness=None,
                own=True,
            ),
        ),
        theorems=("jacobian/bound", "adjoint/recursion"),
        problems=(),
        depends=(
            DependenceRecord(
                setting="forget bias",
                quantity="a share",
                at_least=1.0,
                seeds=24,
                confidence=0.99,
                grid=(
                    SettingRecord(value=0.0, name="0", estimate=0.2, low=-0.2, high=0.6, outcome="fails"),
                    SettingRecord(value=1.0, name="1", estimate=3.0, low=2.6, high=3.4, outcome="holds"),
                ),
                picture=next(picture for picture in PICTURES if picture.kind == "over_setting"),
            ),
        ),
    ),
    ClaimRecord(
        id="B8",
        source=SLIDES,
        words="A matrix whose eigenvalues lie inside the unit circle never lets a gradient grow.",
        mapping="",
        verdict="refuted",
        why="A non-normal matrix grows for many steps first.",
        readings=(
            ReadingRecord(
                tex=r"\rho(W) < 1 \implies \|W^n\| \le 1 \text{ for every } n",
                theorem="jacobian/bound",
                holds=False,
                rejected_by=("property",),
                witness=WitnessRecord(name="as stated", text=HOSTILE, certified=True, detail="the norm is 10"),
            ),
        ),
        theorems=("jacobian/bound",),
        problems=(),
    ),
    ClaimRecord(
        id="B9",
        source=SLIDES,
        words="Recurrent nets are hard to train.",
        mapping="",
        verdict="narrative",
        why="It names no quantity.",
        readings=(),
        theorems=(),
        problems=(),
    ),
    ClaimRecord(
        id="B10",
        source=SLIDES,
        words=HOSTILE,
        mapping=HOSTILE,
        verdict="failed",
        why="",
        readings=(),
        theorems=("jacobian/product", "absent/theorem"),
        problems=(f"its theorem failed {HOSTILE}",),
    ),
)
