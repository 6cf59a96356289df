"""A net beside the same net with its recurrent matrix scaled: what the size of W alone does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from sympy import Symbol

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation import Environment
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import MatrixNode
from backproof.theory.language.notation import k, n, t
from backproof.theory.nets.networks import Net
from backproof.theory.nets.unrolled import Unrolled

scale = Symbol("gamma", positive=True)


class ScaledJacobian(MatrixNode):
    """``∂h_t/∂h_k`` of the net with γW for W, by definition."""

    shape = (n, n)

    def _latex(self, printer: Any) -> str:
        late, early = (printer._print(time) for time in self.args)
        return rf"\left.\frac{{\partial h_{{{late}}}}}{{\partial h_{{{early}}}}}\right|_{{\gamma W}}"


class Scaled(NetWithValues):
    """A net of one sequence and the factor γ."""

    @property
    def scaled(self) -> Net:
        """The net with γW."""
        wider: Net = self.net.with_(W=self.net.W * self.values[scale])
        return wider

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """The net's environments, with γ and the scaled net's ``∂h_t/∂h_k`` added."""
        other = Unrolled(self.scaled, arithmetic)
        for environment in super().environments(arithmetic, statement):
            late, early = environment.integer(t), environment.integer(k)
            environment[ScaledJacobian(t, k)] = other.state_jacobian(late, early)
            yield environment


linear_pairs = st.builds(
    Scaled,
    nets(batch=(1, 1), activations=("identity",), losses=("squared_error",)),
    st.sampled_from([0.5, 0.25, 2.0, 1.5]).map(lambda factor: {scale: factor}),
)


def linear(instance: Scaled) -> bool:
    """Whether φ is the identity."""
    return bool(instance.net.phi.linear)
