"""The README is run: its worked example is a theorem that stands, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import impl
from referee.judge import Bench, judge
from theory.catalogue import load_file

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_worked_example_stands(tmp_path: Path) -> None:
    (name,) = re.findall(r"<!-- example: (\S+) -->", README)
    (code,) = re.findall(r"<!-- example: \S+ -->\n```python\n(.*?)```", README, flags=re.DOTALL)
    file = tmp_path / name
    file.write_text(code, encoding="utf-8")
    ((id, theorem),) = load_file(file).items()
    record = judge(id, theorem, Bench(subject=impl))
    assert record.problems == ()
    assert record.verdict == "tested"
    assert all(mutant.killed for mutant in record.mutants)


def test_what_it_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
