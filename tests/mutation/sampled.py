"""Mutants of what a verdict rests on: the kernel, the decision, the comparison, the judge and the reports.

All of them would take days, for a proof or a search takes seconds where a test of `impl` takes none. So a sample is
run: the mutants of which a hash, of function, old code and new, is divided by `EVERY`. It is the same sample whatever
else changes, and another `offset` gives another one. mutmut's operators make the mutants, of decorated functions too;
each is run in a copy of the tree by the tests of its room, up to the first that fails.

    python tests/mutation/sampled.py                      the sample; the figures go into sampled.md
    python tests/mutation/sampled.py reports              of rooms whose name holds a word: their lines of sampled.md
    python tests/mutation/sampled.py reports 7            with another offset, without figures
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue

import libcst as cst
from libcst.metadata import MetadataWrapper
from mutmut.mutation.file_mutation import MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import get_ignored_lines
from survivors import Mutant, change, explained, table, unexplained

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
EVERY = 64
SLACK = 5.0
"""The tests of a mutant may take so many times as long as they take on the original."""

HEADING = f"""# Mutants of what a verdict rests on

Written by `make mutants-sampled`, with the operators of mutmut {version("mutmut")}: one in {EVERY} of the mutants of
the kernel, the decision, the comparison, the judge and the reports. Equivalent are those that `sampled.toml` lists,
each with the reason; left are those that neither a test nor a reason meets. A room may be run alone.

"""


@dataclass(frozen=True, kw_only=True)
class Room:
    """Files, as patterns, and the tests that have to notice a change of them: files and options of pytest."""

    files: tuple[str, ...]
    tests: tuple[tuple[str, ...], ...]


PROOFS = ("tests/test_catalogue.py", "-k", "proof")
PROPERTIES = ("tests/test_catalogue.py", "-k", "property or mutants")
ROOMS = {
    "kernel": Room(
        files=("theory/proving/**/*.py",),
        tests=(("tests/test_proving_*.py", "tests/test_theory_derivation.py"), PROOFS),
    ),
    "second engine": Room(
        files=("theory/records/second_*.py", "theory/records/siblings.py", "theory/records/derivations.py"),
        tests=(
            ("tests/test_theory_attempts.py", "tests/test_theory_second_engine.py", "tests/test_referee_siblings.py"),
            PROOFS,
        ),
    ),
    "decision": Room(
        files=("theory/evaluation/*.py", "theory/arithmetic/exact.py", "theory/arithmetic/eigenvalues.py"),
        tests=(
            ("tests/test_evaluation_*.py", "tests/test_theory_[aiu]*.py", "tests/test_theory_relations.py"),
            ("tests/test_tools_judge.py", "tests/test_entrywise.py", "tests/test_referee_statements.py"),
            PROPERTIES,
        ),
    ),
    "comparison": Room(
        files=("theory/confronting/*.py", "tests/referee/reference.py", "tests/referee/oracles.py"),
        tests=(
            ("tests/test_tools_*.py", "tests/test_theory_r*.py", "tests/test_examples.py", "tests/test_readme.py"),
            PROPERTIES,
        ),
    ),
    "judge": Room(
        files=tuple(
            f"tests/referee/{name}.py"
            for name in (
                *("blind", "corrections", "dependence", "described", "deviations", "directed", "evidence", "judge"),
                *("ledger", "moved", "proofs", "property", "run", "shown", "siblings", "statistics", "subjects"),
            )
        ),
        tests=(
            ("tests/test_tools_*.py", "tests/test_claims_*.py", "tests/test_subject_*.py", "tests/test_referee_*.py"),
            ("tests/test_command.py", "tests/test_plugin.py", "tests/test_readme.py"),
        ),
    ),
    "reports": Room(
        files=("reports/*.py",), tests=(("tests/test_report_*.py",), ("tests/test_command.py", "tests/test_compare.py"))
    ),
}
LOADED = ["sympy", "numpy", "scipy.optimize", "mpmath", "flint", "z3", "matplotlib", "networkx", "rich"]


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A file with one place of it changed."""

    room: str
    path: Path
    function: str
    change: str
    code: str


class _OfDecoratedToo(MutationVisitor):
    """Mutmut's visitor, which passes over decorated functions for the sake of its own way of running."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef) and node.decorators:
            node = node.with_changes(decorators=())
        return super()._skip_node_and_children(node)


def main(word: str = "", offset: str = "0") -> int:
    """Run, print the figures, and return 1 if anything is left to explain."""
    file = HERE / "sampled.md"
    sample = [one for name in ROOMS if word in name for one in mutants_of(name, int(offset))]
    print(f"{len(sample)} mutants", flush=True)
    found = run(sample)
    known = explained(HERE / "sampled.toml")
    figures = table(found, known, file.read_text(encoding="utf-8") if word and file.exists() else "")
    print(figures)
    if offset == "0":
        file.write_text(HEADING + figures, encoding="utf-8")
    return 1 if unexplained(found, known, all_ran=not word and offset == "0") else 0


def mutants_of(name: str, offset: int) -> Iterator[Changed]:
    """The sample of a room's mutants; those of imports, types and the sentences of errors are left out."""
    for path in sorted({path for pattern in ROOMS[name].files for path in ROOT.glob(pattern)}):
        code = path.read_text(encoding="utf-8")
        wrapper = MetadataWrapper(cst.parse_module(code))
        visitor = _OfDecoratedToo(mutation_operators, get_ignored_lines(str(path), code, wrapper, None))
        module = wrapper.visit(visitor)
        for mutation in visitor.mutations:
            outer = mutation.contained_by_top_level_function
            inside = outer.name.value if isinstance(outer, cst.FunctionDef) else "module"
            function = f"{_module(path)}.{inside}"
            old, new = mutation.original_node, mutation.mutated_node
            if not _chosen(function, module.code_for_node(old), module.code_for_node(new), offset):
                continue
            mutated = module.deep_replace(old, new).code  # type: ignore[arg-type]
            lines = change(difflib.unified_diff(code.splitlines(), mutated.splitlines(), lineterm="", n=0))
            if not re.search(r"\braise \w+\(|^from |^import |__all__|Literal\[", lines):
                yield Changed(room=name, path=path, function=function, change=lines, code=mutated)


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("backproof", *(parts[1:] if parts[0] == "tests" else parts)))


def _chosen(function: str, old: str, new: str, offset: int) -> bool:
    name = hashlib.sha256(f"{function}\n{old}\n{new}".encode()).digest()
    return int.from_bytes(name[:4], "big") % EVERY == offset


def run(sample: list[Changed]) -> list[Mutant]:
    """Run each mutant, in as many copies of the tree as there are processors."""
    jobs = os.environ.get("JOBS", "auto")
    count = os.cpu_count() or 1 if jobs == "auto" else int(jobs)
    copies: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(count) as pool:
        for number in range(count):
            copies.put(_copy(Path(folder) / str(number)))
        allowed: dict[str, float] = {}
        for name in sorted({one.room for one in sample}):
            start = time.perf_counter()
            if _status(Path(folder) / "0", ROOMS[name].tests, None) != "survived":
                raise SystemExit(f"the tests of the room {name!r} fail as they stand")
            allowed[name] = SLACK * (time.perf_counter() - start)
        return list(pool.map(lambda one: _mutant(one, copies, allowed[one.room]), sample))


def _copy(place: Path) -> Path:
    """A copy of the tree as git sees it, with what is not committed yet."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, names):
        if (ROOT / name).exists():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name, follow_symlinks=False)
    return place


def _mutant(one: Changed, copies: SimpleQueue[Path], limit: float) -> Mutant:
    copy = copies.get()
    file = copy / one.path.relative_to(ROOT)
    original = file.read_text(encoding="utf-8")
    try:
        file.write_text(one.code, encoding="utf-8")
        status = _status(copy, ROOMS[one.room].tests, limit)
    finally:
        file.write_text(original, encoding="utf-8")
        copies.put(copy)
    print(f"{status}: {one.function}: {one.change}", flush=True)
    return Mutant(module=one.room, function=one.function, change=one.change, status=status)


def _status(copy: Path, tests: tuple[tuple[str, ...], ...], limit: float | None) -> str:
    context = get_context("forkserver")
    context.set_forkserver_preload(LOADED)  # not ourselves: the copy's modules are to be imported
    for some in tests:
        process = context.Process(target=_pytest, args=(copy, some))
        process.start()
        process.join(limit)
        if process.exitcode is None:
            process.kill()
            process.join()
            return "timeout"
        if process.exitcode != 0:
            return "killed"
    return "survived"


def _pytest(copy: Path, arguments: tuple[str, ...]) -> None:
    """Run some tests in the copy, up to the first that fails; leave with pytest's status."""
    import pytest  # here, in the process that has loaded nothing of ours

    os.chdir(copy)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    sys.path[:] = [str(copy / "src"), *(place for place in sys.path if Path(place).resolve() != ROOT / "src")]
    os.environ["PYTHONPATH"] = str(copy / "src")
    sys.dont_write_bytecode = True
    files = [str(f) for a in arguments for f in (sorted(Path().glob(a)) if a.startswith("tests/") else [a])]
    os._exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *files]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
