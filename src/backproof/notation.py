"""The symbols of the field, and the conventions of layout and time: W, U, V, h, t, n, …."""

from backproof.theory.language.notation import *  # noqa: F403
from backproof.theory.language.notation import __all__ as __all__
