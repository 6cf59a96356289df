"""Nodes that statements are made of: norms, spectral radii, derivatives, sums over steps."""

from backproof.theory.language.nodes import *  # noqa: F403
from backproof.theory.language.nodes import __all__ as __all__
