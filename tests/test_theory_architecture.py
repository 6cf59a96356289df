"""Who may know whom: the four parts of the project, and the rooms of the theory, in one direction only."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = {"theory": "theory", "impl": "impl", "reports": "reports", "referee": "tests/referee"}
MAY_KNOW = {
    "theory": {"theory"},
    "impl": {"impl"},
    "reports": {"reports"},
    "referee": {"theory", "reports", "referee"},
}

ROOMS = (
    "language",
    "arithmetic",
    "evaluation",
    "nets",
    "cells",
    "confronting",
    "instances",
    "proving",
    "records",
    "theorems",
    "claims",
)
"""The rooms of `theory/`, from the ground up: a room imports only those above it in this list."""

EXCEPTIONS = {
    "backproof.theory.records.catalogue": "finds theorems and claims by their files, and names none of them",
}
"""Modules that may import against the order of the rooms, or from one topic into another, each with the reason."""


class Module:
    """A file of ours by its import name, with what it imports and which private names of others it uses."""

    def __init__(self, name, text, is_package=False):
        self.name, self.tree = name, ast.parse(text)
        self.is_package = is_package

    def imports(self):
        """Every imported module and, for `from` imports, the names taken from it; wherever the import stands."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, None, node) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((self.absolute(node), alias.name, node) for alias in node.names)
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
                "import_module",
                "__import__",
            ):
                words = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
                yield from ((word.rstrip("."), None, node) for word in words if isinstance(word, str))

    def absolute(self, node):
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")[: None if self.is_package and node.level == 1 else -node.level + self.is_package]
        return ".".join([*parts, *filter(None, [node.module])])

    def known(self, names):
        """The modules of ours that it imports, each by its full name."""
        for module, name, _ in self.imports():
            whole = f"{module}.{name}"
            if module.startswith("backproof"):
                yield whole if whole in names else module

    def lazily_known(self, names):
        """Those that it imports inside a function."""
        inner = {
            id(node)
            for function in ast.walk(self.tree)
            if isinstance(function, ast.FunctionDef)
            for node in ast.walk(function)
        }
        for module, name, node in self.imports():
            if id(node) in inner and not isinstance(node, ast.Call) and module.startswith("backproof"):
                yield f"{module}.{name}" if f"{module}.{name}" in names else module


def modules(root=None):
    """Every module of the four folders by its import name."""
    root = root or ROOT
    found = {}
    for package, folder in FOLDERS.items():
        for file in sorted((root / folder).rglob("*.py")):
            if "__pycache__" in file.parts:
                continue
            parts = file.relative_to(root / folder).with_suffix("").parts
            is_package = parts[-1:] == ("__init__",)
            name = ".".join(["backproof", package, *(parts[:-1] if is_package else parts)])
            found[name] = Module(name, file.read_text(encoding="utf-8"), is_package)
    return found


def wrong_parts(found):
    """Imports from one of the four parts into one that it may not know."""
    for module in found.values():
        part = module.name.split(".")[1]
        for known in module.known(found):
            other = [*known.split("."), ""][1]
            if other and other not in MAY_KNOW[part]:
                yield module.name, known


def wrong_rooms(found):
    """Imports inside the theory from a room into one below it, and from one topic into another."""
    for module in found.values():
        here = module.name.split(".")[2:]
        if module.name.split(".")[1] != "theory" or not here or module.name in EXCEPTIONS:
            continue
        for known in module.known(found):
            there = known.split(".")[2:]
            if not there:
                yield module.name, known
                continue
            if ROOMS.index(there[0]) > ROOMS.index(here[0]):
                yield module.name, known
            topics = here[0] == there[0] == "theorems" and len(here) > 1 and len(there) > 1
            if topics and here[1] != there[1]:
                yield module.name, known


def circles(found):
    """Import circles among our modules, each as its path; what is imported inside functions counts."""
    done = set()

    def visit(name, path):
        if name in path:
            yield [*path[path.index(name) :], name]
        elif name not in done:
            for known in dict.fromkeys(found[name].known(found)):
                if known in found and known != name:
                    yield from visit(known, [*path, name])
            done.add(name)

    for name in found:
        yield from visit(name, [])


def private_names(found):
    """Private names that a module takes from another; whole modules that begin with _ belong to their topic."""
    for module in found.values():
        for known, name, _ in module.imports():
            if name and name.startswith("_") and known.startswith("backproof") and f"{known}.{name}" not in found:
                yield module.name, f"{known}.{name}"


def hidden_by_laziness(found):
    """Modules of the theory that import another inside a function."""
    return [
        (module.name, known)
        for module in found.values()
        if module.name.split(".")[1] == "theory"
        for known in module.lazily_known(found)
    ]


@pytest.fixture(scope="module")
def ours():
    found = modules()
    assert len(found) > 250
    return found


@pytest.mark.parametrize("rule", [wrong_parts, wrong_rooms, circles, private_names, hidden_by_laziness])
def test_the_house_keeps_its_order(ours, rule):
    assert list(rule(ours)) == []


def test_every_room_is_there_and_no_other():
    rooms = {path.name for path in (ROOT / "theory").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == set(ROOMS)


@pytest.mark.parametrize(
    ("rule", "place", "line"),
    [
        (wrong_parts, "theory/language/f.py", "from backproof import impl"),
        (wrong_parts, "theory/language/f.py", "import backproof.impl.elman"),
        (wrong_parts, "theory/language/f.py", "def f():\n    from backproof.impl.losses import LOSSES"),
        (wrong_parts, "theory/language/f.py", "import_module('backproof.impl')"),
        (wrong_parts, "theory/language/f.py", "from ...impl import losses"),
        (wrong_parts, "impl/f.py", "from backproof.theory.records import records"),
        (wrong_parts, "reports/f.py", "from backproof.referee import judge"),
        (wrong_parts, "tests/referee/f.py", "from backproof.impl import loss"),
        (wrong_rooms, "theory/nets/f.py", "from backproof.theory.records.records import Theorem"),
        (wrong_rooms, "theory/nets/f.py", "def f():\n    from backproof.theory.records.records import Theorem"),
        (wrong_rooms, "theory/nets/f.py", "from ..records.records import Theorem"),
        (wrong_rooms, "theory/theorems/spectra/f.py", "from backproof.theory.theorems.gated._retention import x"),
        (wrong_rooms, "theory/evaluation/f.py", "from backproof.theory import instances"),
        (circles, "theory/language/f.py", "from backproof.theory.language import g\n# g: from . import f"),
        (private_names, "theory/nets/f.py", "from backproof.theory.language.notation import _the_one"),
        (hidden_by_laziness, "theory/nets/f.py", "def f():\n    from backproof.theory.language import notation"),
    ],
)
def test_planted_imports_are_seen(rule, place, line, tmp_path):
    for other in (
        "theory/language/notation",
        "theory/records/records",
        "theory/theorems/gated/_retention",
        "impl/losses",
    ):
        for folder in [tmp_path, *(tmp_path / other).parents]:
            if tmp_path in folder.parents:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "__init__.py").touch()
        (tmp_path / f"{other}.py").touch()
    for package in ("instances", "records"):
        (tmp_path / "theory" / package).mkdir(exist_ok=True)
        (tmp_path / "theory" / package / "__init__.py").touch()
    (tmp_path / "theory" / "language" / "g.py").write_text("from backproof.theory.language import f", encoding="utf-8")
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("", encoding="utf-8")
    assert list(rule(modules(tmp_path))) == []
    file.write_text(line, encoding="utf-8")
    assert list(rule(modules(tmp_path)))


def foreign(module):
    """The top-level packages that a module imports, ours and Python's own aside."""
    names = {name.split(".")[0] for name, _, node in module.imports() if not isinstance(node, ast.Call)}
    return names - {"backproof", "__future__"} - set(sys.stdlib_module_names)


def test_implementation_needs_numpy_alone(ours):
    own = [m for m in ours.values() if m.name.startswith("backproof.impl") and ".adapters" not in m.name]
    assert set().union(*map(foreign, own)) == {"numpy"}


def test_adapters_know_their_own_framework_alone(ours):
    own = {"torch": {"torch"}, "torchrecurrent": {"torchrecurrent"}, "jax": {"jax", "optax"}}
    for name, module in ours.items():
        if ".adapters." in name:
            assert foreign(module) <= {"numpy"} | own.get(name.rpartition(".")[2].partition("_")[0], set())
