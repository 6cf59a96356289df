"""Expression nodes that SymPy lacks: an undefined activation with named derivatives, softmax, norms, sums over time.

They print, substitute and compare like any SymPy expression; `backproof.theory.evaluation` gives them values.
"""

from __future__ import annotations

from backproof.theory.language.nodes.base import (
    DERIVATIVES,
    MatrixNode,
    NamedFunction,
    OpenFunction,
    phi,
    phi_prime,
    phi_second,
)
from backproof.theory.language.nodes.derivatives import (
    Contribution,
    CopyGradient,
    DirectJacobian,
    Gradient,
    Immediate,
    LossGradient,
    Sensitivity,
    StateJacobian,
    StepLossGradient,
    TruncatedGradient,
)
from backproof.theory.language.nodes.matrices import Clamp, InFloats, MatrixExponential, Softmax, Vec
from backproof.theory.language.nodes.measures import (
    EuclideanNorm,
    FrobeniusNorm,
    Inner,
    JointNorm,
    LargestEigenvalue,
    LargestEntry,
    LyapunovExponent,
    Measure,
    SmallestModulus,
    SmallestSingularValue,
    SpectralNorm,
    SpectralRadius,
)
from backproof.theory.language.nodes.random import Carried, Mean
from backproof.theory.language.nodes.runs import RunGradient
from backproof.theory.language.nodes.spectrum import (
    ConditionNumber,
    Eigenvalue,
    ForEveryEigenvalue,
    ForSomeEigenvalue,
    LargestColumnSum,
    LargestRowSum,
    SingularValue,
    SmallestEntry,
)
from backproof.theory.language.nodes.sums import StepSum, TimeProduct, TimeSum

__all__ = [
    "DERIVATIVES",
    "Carried",
    "Clamp",
    "ConditionNumber",
    "Contribution",
    "CopyGradient",
    "DirectJacobian",
    "Eigenvalue",
    "EuclideanNorm",
    "ForEveryEigenvalue",
    "ForSomeEigenvalue",
    "FrobeniusNorm",
    "Gradient",
    "Immediate",
    "InFloats",
    "Inner",
    "JointNorm",
    "LargestColumnSum",
    "LargestEigenvalue",
    "LargestEntry",
    "LargestRowSum",
    "LossGradient",
    "LyapunovExponent",
    "MatrixExponential",
    "MatrixNode",
    "Mean",
    "Measure",
    "NamedFunction",
    "OpenFunction",
    "RunGradient",
    "Sensitivity",
    "SingularValue",
    "SmallestEntry",
    "SmallestModulus",
    "SmallestSingularValue",
    "Softmax",
    "SpectralNorm",
    "SpectralRadius",
    "StateJacobian",
    "StepLossGradient",
    "StepSum",
    "TimeProduct",
    "TimeSum",
    "TruncatedGradient",
    "Vec",
    "phi",
    "phi_prime",
    "phi_second",
]
