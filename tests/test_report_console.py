"""What the console prints after a run: a table on a terminal, plain lines elsewhere."""

import dataclasses
import io
import re

from rich.console import Console
from sample_run import sample_run

from backproof.reports.console import print_verdicts
from backproof.reports.record import DeviationRecord, NotOfferedRecord, Run


def plain(text: str) -> str:
    """The text without colours and rules."""
    return re.sub(r"\x1b\[[\d;]*m|[│┃]", "", text)


def test_console_off_a_terminal_is_one_plain_line_per_record() -> None:
    out = io.StringIO()
    print_verdicts(sample_run(), Console(file=out, width=40))
    lines = out.getvalue().splitlines()
    assert "\x1b" not in out.getvalue()
    assert lines[1].split()[:2] == ["adjoint/recursion", "proved"]
    assert "1,234" in lines[1]
    assert any(line.startswith("✕ jacobian/product: failed") for line in lines)
    assert any("its theorem failed" in line for line in lines)
    assert lines[-2] == "a second engine agrees with 1 of 2 lines of proofs, 50.0 %"
    assert lines[-1] == "3 theorems and 5 claims on backproof.impl.numpy:Elman: 2 failed"


def test_console_lists_deviations_and_what_is_not_offered_if_there_are_any() -> None:
    differs = DeviationRecord(
        name="norm 0", theorem="a/b", textbook="", instance="g = 0", expected="1", found="2", size=0.5, why=""
    )
    broken = dataclasses.replace(differs, expected="", found="off by 3", size=None, why="squares overflow")
    missing = NotOfferedRecord(id="c/d", title="", subject="mine", why="the subject does not offer gru_loss")

    def printed(run: Run) -> str:
        out = io.StringIO()
        print_verdicts(run, Console(file=out, width=40))
        return out.getvalue()

    text = printed(dataclasses.replace(sample_run(), deviations=(differs, broken), not_offered=(missing,)))
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "a/b 0.5 norm 0: g = 0 2 for 1" in rows
    assert "a/b – norm 0: g = 0 off by 3: squares overflow" in rows
    assert "c/d the subject does not offer gru_loss" in rows
    assert rows[-1].endswith("2 failed, 2 deviations, 1 not offered")
    assert not {"deviates", "not"} & {line.split()[0] for line in printed(sample_run()).splitlines() if line}


def test_console_on_a_terminal_is_a_table() -> None:
    out = io.StringIO()
    print_verdicts(sample_run(), Console(file=out, width=120, force_terminal=True, color_system="truecolor"))
    headings = [" ".join(line.split()) for line in plain(out.getvalue()).splitlines() if "verdict" in line]
    assert headings == ["theorem verdict scope instances worst margin mutants machine-made", "claim verdict why"]
    assert "[red]" not in out.getvalue()
