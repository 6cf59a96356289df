"""Hypothesis strategies that draw exact, readable instances: matrices and numbers, networks, structured matrices."""

from backproof.theory.instances.strategies import *  # noqa: F403
from backproof.theory.instances.strategies import __all__ as __all__
