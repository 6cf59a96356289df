"""A net beside the same net with its recurrent matrix scaled: what the size of W alone does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from sympy import Symbol

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation import Environment
from backproof.theory.evaluation.truth import environments
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import MatrixNode
from backproof.theory.language.notation import k, n, t
from backproof.theory.nets.networks import Net, readable
from backproof.theory.nets.unrolled import Unrolled

scale = Symbol("gamma", positive=True)


class ScaledJacobian(MatrixNode):
    """``∂h_t/∂h_k`` of the net with γW for W, by definition."""

    shape = (n, n)

    def _latex(self, printer: Any) -> str:
        late, early = (printer._print(time) for time in self.args)
        return rf"\left.\frac{{\partial h_{{{late}}}}}{{\partial h_{{{early}}}}}\right|_{{\gamma W}}"


@dataclass(frozen=True, eq=False)
class Scaled:
    """A net of one sequence and the factor γ."""

    net: Net
    factor: float

    @property
    def scaled(self) -> Net:
        """The net with γW."""
        return self.net.with_(W=self.net.W * self.factor)

    def __repr__(self) -> str:
        """The factor, then the net."""
        return f"γ = {readable(self.factor)}, {self.net}"


@environments.register
def _scaled(instance: Scaled, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
    other = Unrolled(instance.scaled, arithmetic)
    for environment in environments(instance.net, arithmetic, statement):
        environment[scale] = arithmetic.number(instance.factor)
        late, early = environment.integer(t), environment.integer(k)
        environment[ScaledJacobian(t, k)] = other.state_jacobian(late, early)
        yield environment


linear_pairs = st.builds(
    Scaled,
    nets(batch=(1, 1), activations=("identity",), losses=("squared_error",)),
    st.sampled_from([0.5, 0.25, 2.0, 1.5]),
)


def linear(instance: Scaled) -> bool:
    """Whether φ is the identity."""
    return instance.net.phi.linear
