"""Hypothesis strategies that draw exact, readable instances: matrices and numbers, networks, structured matrices."""

from backproof.theory.instances import strategies as _nets
from backproof.theory.instances import symbols as _symbols
from backproof.theory.instances.strategies import *  # noqa: F403
from backproof.theory.instances.symbols import *  # noqa: F403
from backproof.theory.instances.two_runs import two_runs

__all__ = ["two_runs", *_nets.__all__, *_symbols.__all__]  # noqa: PLE0604
