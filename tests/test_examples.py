"""The examples in the docstrings of `impl` run, and every system has one."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from backproof import impl

MODULES = [module.name for module in pkgutil.iter_modules(impl.__path__, "backproof.impl.") if not module.ispkg]
LEARNING = ("grammar", "language", "optimisers", "training", "tying")
NETS = ("cell", "deep", "gru", "layered", "lstm", "scans", "shapes", "stacks")
SYSTEMS = (*NETS, "lyapunov", "orthogonal", "rtrl", "sums", "truncated", *LEARNING)


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_has_an_example(name: str) -> None:
    found = doctest.DocTestFinder().find(importlib.import_module(f"backproof.impl.{name}"))
    assert any(test.examples for test in found)


def test_the_package_itself_shows_how_to_begin() -> None:
    assert doctest.testmod(impl).failed == 0
    assert any(test.examples for test in doctest.DocTestFinder().find(impl))
