"""The package: what is in its archives, what it puts on the path, what its types say, and what it lives beside."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

import backproof

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"

THEOREM = '''
"""A norm is no more than another."""
from sympy import Ge, Le
from backproof import Source, Theorem
from backproof.nodes import FrobeniusNorm, SpectralNorm
from backproof.notation import W
from backproof.strategies import cases

THEOREM = Theorem(
    title="Norms", words="The spectral norm is the smaller one.", sources=(Source(key="x", title="X").at("1"),),
    statement=Le(SpectralNorm(W), FrobeniusNorm(W)), instances=cases(W, units=(1, 2)), examples=5,
    mutants={"other": Ge(SpectralNorm(W), FrobeniusNorm(W)), "half": Le(SpectralNorm(W), FrobeniusNorm(W) / 2)},
)
'''

TYPED = """
import numpy as np

import backproof
from backproof import Assumption, Case, Comparison, Source, Theorem, agree, gradcheck, net
from backproof.nodes import SpectralNorm
from backproof.notation import W
from backproof.strategies import cases

positive = Assumption(name="positive", text="W is positive.", holds=lambda case: bool(case[W][0][0] > 0))
THEOREM = Theorem(
    title="A bound",
    words="No norm is negative.",
    sources=(Source(key="me", title="Notes").at("page 1"),),
    statement=SpectralNorm(W) >= 0,
    instances=cases(W),
    mutants={},
    assumptions=(positive,),
    without={positive: Case({W: [[1]]})},
)
version: str = backproof.__version__
found: Comparison = agree("x", np.zeros(1), np.zeros(1), np.zeros(1))
gradcheck(object(), net(W=np.eye(2), inputs=np.eye(2), targets=np.array([0, 1])))
"""
WRONGLY_TYPED = """
from backproof import Source, gradcheck

Source(key="me", tittle="Notes")
Source(key=1, title="Notes")
gradcheck(object(), 3)
gradcheck()
"""
WHAT_MYPY_SAYS = (
    'wrong.py:4: error: Unexpected keyword argument "tittle" for "Source"',
    'wrong.py:5: error: Argument "key" to "Source" has incompatible type "int"; expected "str"',
    'wrong.py:6: error: Argument 2 to "gradcheck" has incompatible type "int"; '
    'expected "Net | Gated | Layered | Cell | Layers"',
    'wrong.py:7: error: Missing positional arguments "subject", "network" in call to "gradcheck"',
)


def python(*args: object, cwd: Path, path: Path | None = SOURCE) -> subprocess.CompletedProcess[str]:
    """Python in a folder, with what is under test on its path."""
    env = {**os.environ, "PYTHONPATH": str(path or "")}
    return subprocess.run([sys.executable, *map(str, args)], cwd=cwd, env=env, capture_output=True, text=True)


def built(kind: str, tree: Path, folder: Path) -> Path:
    """An archive of that kind, built from a tree without any network."""
    done = python("-m", "hatchling", "build", "-t", kind, "-d", folder, cwd=tree)
    assert done.returncode == 0, done.stderr
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for packages that holds the wheel."""
    folder = tmp_path_factory.mktemp("site-packages")
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for packages that holds the editable install."""
    folder = tmp_path_factory.mktemp("site-packages")
    with ZipFile(built("wheel:editable", ROOT, tmp_path_factory.mktemp("editable"))) as archive:
        archive.extractall(folder)
    return folder


def test_a_wheel_of_the_tree_and_one_of_the_sdist_hold_the_same_files(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        assert not [member.name for member in archive if not (member.isfile() or member.isdir())]
        archive.extractall(tmp_path / "tree", filter="data")
    (tree,) = (tmp_path / "tree").iterdir()
    again = built("wheel", tree, tmp_path / "again")
    names = [set(ZipFile(each).namelist()) for each in (wheel, again)]
    assert names[0] == names[1]
    folders = {"theory": "theory", "impl": "impl", "reports": "reports", "referee": "tests/referee"}
    ours = {
        f"backproof/{package}/{file.relative_to(ROOT / folder).as_posix()}"
        for package, folder in folders.items()
        for file in (ROOT / folder).rglob("*.py")
        if not file.relative_to(ROOT / folder).parts[0].startswith("out")
    }
    top = {f"backproof/{file.name}" for file in (SOURCE / "backproof").iterdir() if file.is_file()}
    assert len(ours) > 250
    assert ours | top <= names[0]
    assert {"backproof/py.typed", "backproof/__init__.pyi", "backproof/reports/templates/page.html.j2"} <= names[0]


def test_a_wheel_holds_nothing_but_the_package(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {
            "backproof",
            f"backproof-{backproof.__version__}.dist-info",
        }
        assert not [entry.filename for entry in archive.infolist() if entry.external_attr >> 28 == 0o12]  # links
        assert not [name for name in archive.namelist() if re.search(r"reports/out|mutants|__pycache__|/test_", name)]


def test_an_install_puts_nothing_else_on_the_path(installed: Path, editable: Path, tmp_path: Path) -> None:
    code = "import site, sys; before = set(sys.path); site.addsitedir(sys.argv[1]); print(*set(sys.path) - before)"
    for folder, places in {installed: {installed}, editable: {editable, SOURCE}}.items():
        done = python("-S", "-c", code, folder, cwd=tmp_path, path=None)
        assert {Path(place) for place in done.stdout.split()} == places
        names = {file.name for place in places for file in place.iterdir()}
        importable = {name for name in names if name.endswith((".py", ".so")) or "." not in name}
        assert importable == {"backproof"}


def test_what_is_installed_runs(installed: Path, tmp_path: Path) -> None:
    done = python("-m", "backproof", "--version", cwd=tmp_path, path=installed)
    assert done.stdout == f"backproof, version {backproof.__version__}\n"
    assert (
        str(installed)
        in python("-c", "import backproof.impl as i; print(i.__file__)", cwd=tmp_path, path=installed).stdout
    )


def test_a_checkout_without_symbolic_links_is_the_package_too(tmp_path: Path) -> None:
    package = tmp_path / "src" / "backproof"
    package.mkdir(parents=True)
    for file in (SOURCE / "backproof").iterdir():
        if file.is_file():
            shutil.copy(file, package)
        else:  # what git writes for a link there
            (package / file.name).write_text(f"../../{file.name}", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    for link, folder in {
        "theory": "theory",
        "impl": "impl",
        "reports": "reports",
        "tests/referee": "tests/referee",
    }.items():
        (tmp_path / link).symlink_to(ROOT / folder)
    code = "from backproof import impl, referee, reports, theory; print(impl.__file__, referee.__file__)"
    done = python("-c", code, cwd=package, path=tmp_path / "src")
    assert done.stdout.split() == [str(tmp_path / "impl/__init__.py"), str(tmp_path / "tests/referee/__init__.py")]


def test_importing_it_loads_no_library(tmp_path: Path) -> None:
    code = (
        "import sys, backproof; print({'numpy', 'sympy', 'hypothesis', 'scipy', 'pytest', 'click'} & set(sys.modules))"
    )
    assert python("-c", code, cwd=tmp_path).stdout == "set()\n"


def test_every_public_name_is_there() -> None:
    stub = (SOURCE / "backproof" / "__init__.pyi").read_text(encoding="utf-8")
    listed = re.findall(r'^    "(\w+)",$', stub, flags=re.MULTILINE)
    assert listed == backproof.__all__
    assert all(hasattr(backproof, name) for name in backproof.__all__)
    assert re.fullmatch(r"\d+\.\d+\.\d+", backproof.__version__)


def test_a_users_project_is_typed(tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(TYPED, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(WRONGLY_TYPED, encoding="utf-8")
    cache = ROOT / ".mypy_cache" / "of_a_user"
    done = python("-m", "mypy", "--strict", "--cache-dir", cache, "right.py", "wrong.py", cwd=tmp_path)
    errors = [line for line in done.stdout.splitlines() if "error:" in line]
    assert len(errors) == len(WHAT_MYPY_SAYS), done.stdout
    assert all(line.startswith(said) for line, said in zip(errors, WHAT_MYPY_SAYS, strict=True)), done.stdout


def test_a_project_keeps_its_own_packages_of_our_old_names(tmp_path: Path) -> None:
    own = ("theory", "impl", "reports", "referee", "tests")
    for name in own:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("OWN = True\n", encoding="utf-8")
    test = f"import {', '.join(own)}\n\ndef test_own():\n    assert all(each.OWN for each in ({', '.join(own)}))\n"
    (tmp_path / "tests" / "test_own.py").write_text(test, encoding="utf-8")
    (tmp_path / "my_theorem.py").write_text(THEOREM, encoding="utf-8")
    done = python("-m", "pytest", "-q", "-k", "own or property", "tests", "my_theorem.py", cwd=tmp_path)
    assert "2 passed" in done.stdout, done.stdout
