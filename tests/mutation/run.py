"""Mutants of `impl`: each has one place of it changed, and some test has to notice.

mutmut makes them and runs the tests that reach the changed function, the quick ones first. A mutant that survives
is a hole in the tests, unless nobody could tell it from the original: those are listed in `equivalent.toml`, by
function and changed line, with the reason. A survivor that is not listed fails the run, and so does a line of the
list that fits no survivor.

    python tests/mutation/run.py                 all mutants; the figures go into figures.md
    python tests/mutation/run.py 'backproof.impl.sums.*'   some, by mutmut's names, on top of what earlier runs found
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import libcst as cst
from mutmut.__main__ import _run
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import MutationVisitor
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key
from survivors import KILLED, Mutant, change, explained, table, unexplained

HERE = Path(__file__).parent
TESTS = [*sorted(HERE.parent.glob("test_impl_*.py")), HERE.parent / "test_examples.py", HERE / "theorems.py"]
HEADING = f"""# Mutants of `impl`

Written by `make mutants`, with mutmut {version("mutmut")}. Equivalent are those that `equivalent.toml` lists, each with
the reason; left are those that neither a test nor a reason meets.

"""


def main(patterns: list[str]) -> int:
    """Run, print the figures, and return 1 if anything is left to explain."""
    MutationVisitor._skip_node_and_children = _skips_but_not_unwarned  # type: ignore[method-assign]
    config().pytest_add_cli_args_test_selection = [str(file.relative_to(Path.cwd())) for file in TESTS]
    jobs = os.environ.get("JOBS", "auto")
    _run(patterns, None if jobs == "auto" else int(jobs))
    mutants = [mutant for mutant in _results() if not (patterns and mutant.status == "not checked")]
    known = explained(HERE / "equivalent.toml")
    figures = table(mutants, known)
    print(figures)
    if not patterns:
        (HERE / "figures.md").write_text(HEADING + figures, encoding="utf-8")
    return 1 if unexplained(mutants, known, all_ran=not patterns) else 0


_skips = MutationVisitor._skip_node_and_children


def _skips_but_not_unwarned(self: MutationVisitor, node: cst.CSTNode) -> bool:
    """Mutmut passes over decorated functions, for a decorator may do anything; `unwarned` sets NumPy's warnings."""
    if isinstance(node, cst.FunctionDef) and [_name(each) for each in node.decorators] == ["unwarned"]:
        node = node.with_changes(decorators=())
    return _skips(self, node)


def _name(decorator: cst.Decorator) -> str | None:
    return decorator.decorator.value if isinstance(decorator.decorator, cst.Name) else None


def _results() -> Iterator[Mutant]:
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        module = ".".join(path.relative_to("src").with_suffix("").parts)
        for name, code in data.exit_code_by_key.items():
            status = status_by_exit_code[code]
            function, inside = orig_function_and_class_names_from_key(name)
            yield Mutant(
                module=module,
                function=".".join(filter(None, (module, inside, function))),
                change="" if status in KILLED else change(get_diff_for_mutant(name, path=path).splitlines()),
                status=status,
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
