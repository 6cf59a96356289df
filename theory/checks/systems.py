"""Systems (A − λI) x = 0 with solutions, exact."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq, ZeroMatrix
from sympy.matrices.expressions import Identity

from theory.cases import Case
from theory.checks.spectra import diagonalised
from theory.decide import decide
from theory.notation import W, n
from theory.proofs.lyapunov import A, lamda, x
from theory.proofs.spectra import S, lam


def solves(case: Case) -> bool:
    """Whether (A − λI) x = 0."""
    return decide(Eq((A - lamda * Identity(n)) * x, ZeroMatrix(n, 1), evaluate=False), case) is True


@st.composite
def solved(draw: Any) -> Case:
    """A matrix, one of its eigenvalues and a multiple of the eigenvector; or any number and x = 0."""
    case = draw(diagonalised())
    place = draw(st.integers(0, len(case[W]) - 1))
    column = np.array(case[S])[:, place : place + 1] * draw(st.integers(-2, 2))
    value = float(case[lam][place][0]) if np.any(column) or draw(st.booleans()) else draw(st.integers(-3, 3)) / 2
    return Case({A: case[W], lamda: value, x: column})
