"""What an algorithm carries from step to step, and the mean over what it draws at random."""

from __future__ import annotations

from typing import Any

from sympy import sympify

from backproof.theory.language.nodes.base import MatrixNode


class Carried(MatrixNode):
    """What ``z`` is after the steps ``first … last``, if it begins as zeros and each step puts ``body`` in its place.

    ``Carried(A * z + u[j], z, (j, 1, t))`` is u_t + A u_{t−1} + A² u_{t−2} + …
    """

    def __new__(cls, body: Any, carried: Any, *limits: Any) -> Carried:
        """``limits`` is (index, first, last), both inclusive; ``carried`` is bound in the body, as the index is."""
        index, first, last = limits[0] if len(limits) == 1 else limits  # as written, or as SymPy rebuilds it
        return super().__new__(cls, body, carried, index, sympify(first), sympify(last))  # type: ignore[no-any-return]

    @property
    def shape(self) -> tuple[Any, Any]:
        """The shape of what is carried."""
        return self.args[1].shape  # type: ignore[no-any-return]

    @property
    def free_symbols(self) -> set[Any]:
        """The free symbols of the arguments, without what is carried and the index."""
        body, carried, index, first, last = self.args
        inside = body.free_symbols - {index, carried}
        return inside | first.free_symbols | last.free_symbols  # type: ignore[no-any-return]

    def _latex(self, printer: Any) -> str:
        body, carried, index, first, last = (printer._print(arg) for arg in self.args)
        return rf"\left[ {carried} \leftarrow {body} \right]_{{{index}={first}}}^{{{last}}}"


class Mean(MatrixNode):
    """``E[body]`` over the outcomes of a law: a symbol for which the instance gives outcomes with their probabilities.

    An outcome gives values to sequences at their times, ``u[1]``, ``u[2]``, …
    """

    @property
    def free_symbols(self) -> set[Any]:
        """The free symbols of both arguments."""
        return self.args[0].free_symbols | self.args[1].free_symbols  # type: ignore[no-any-return]

    def _latex(self, printer: Any) -> str:
        body, law = (printer._print(arg) for arg in self.args)
        return rf"\mathbb{{E}}_{{{law}}}\left[ {body} \right]"
