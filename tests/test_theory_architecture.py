"""Who may know whom: the statements know no implementation, the implementation knows no statement."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"theory", "impl", "reports", "referee", "tests"}
MAY_KNOW = {"theory": {"theory"}, "impl": {"impl"}, "reports": {"reports"}}


def imported(file):
    """The top-level package of every import in a file, wherever it stands; relative imports are its own package."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.split(".")[0] if node.module and not node.level else file.relative_to(ROOT).parts[0]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            names = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            yield from (str(name).split(".")[0] for name in names)


def files(package):
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", MAY_KNOW)
def test_packages_know_what_they_may(package):
    known = {(file.name, name) for file in files(package) for name in imported(file) if name in OURS}
    assert {(file, name) for file, name in known if name not in MAY_KNOW[package]} == set()
    assert len(files(package)) > 5


def test_the_referee_does_not_know_the_implementation_by_name():
    known = {(file.name, name) for file in files("tests/referee") for name in imported(file) if name == "impl"}
    assert known == set()


def test_planted_imports_are_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    package = tmp_path / "theory"
    package.mkdir()
    for i, line in enumerate(
        ["import impl", "from impl.elman import loss", "def f():\n    import impl.losses", "import_module('impl')"]
    ):
        (package / f"f{i}.py").write_text(line, encoding="utf-8")
    assert [name for file in files("theory") for name in imported(file)] == ["impl"] * 4


def test_implementation_needs_numpy_alone():
    import sys

    allowed = {"impl", "numpy", "__future__"} | sys.stdlib_module_names
    own = [file for file in files("impl") if "adapters" not in file.parts]
    assert {name for file in own for name in imported(file)} <= allowed


def test_adapters_know_their_own_framework_alone():
    import sys

    own = {"torch.py": {"torch"}, "jax.py": {"jax", "optax"}}
    for file in files("impl/adapters"):
        allowed = {"impl", "numpy", "__future__"} | sys.stdlib_module_names | own.get(file.name, set())
        assert set(imported(file)) <= allowed


def test_only_tests_of_the_report_and_the_referee_know_both_sides():
    for file in files("theory"):
        assert "tests" not in set(imported(file))
