"""The version that is installed; without an installation there is none, and importing this fails."""

from importlib.metadata import version

__version__ = version("backproof")
