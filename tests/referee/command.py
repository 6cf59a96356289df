"""The command `backproof`. Heavy imports wait until a command runs, so that help is immediate."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backproof.referee.streams import lasting_streams
from backproof.theory.language.suggest import did_you_mean

if TYPE_CHECKING:
    from types import ModuleType

    from backproof.theory.records.records import Theorem

FAILED = 1  # exit status; a wrong call is click's 2


def _bench_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--subject",
            default="impl",
            show_default=True,
            help="What is under test: impl, torch, jax, module, module:object, file.py or file.py:object.",
        ),
        click.option("--profile", default="ci", show_default=True, type=click.Choice(["ci", "dev", "thorough"])),
        click.option("--seed", default=0, show_default=True, help="Seed of the search."),
    ):
        function = option(function)
    return function


class _OneLine(click.Group):
    """A group that reports a wrong call in one line."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; exit status 2 for a wrong call."""
        with lasting_streams():
            return self._main(*args, **kwargs)

    def _main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.ClickException as wrong:
            click.echo(f"backproof: {wrong.format_message()}", err=True)
            sys.exit(2)
        except click.Abort:
            click.echo("backproof: interrupted; nothing was written", err=True)
            sys.exit(130)


@click.group(cls=_OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="backproof")
def main() -> None:
    """Verify the theory of back-propagation through time against running code."""


@contextmanager
def _wrong_calls() -> Iterator[None]:
    """Turn what a caller got wrong into one clear line and exit status 2."""
    from backproof.referee.moved import new_name
    from backproof.referee.subjects import SubjectError
    from backproof.referee.template import CannotWrite
    from backproof.reports.errors import ReportError
    from backproof.theory.nets.equations import CellError
    from backproof.theory.records.forms import RecordError

    try:
        yield
    except (SubjectError, ReportError, RecordError, CellError, CannotWrite, FileNotFoundError) as error:
        moved = new_name(error.__cause__)
        raise click.UsageError(str(error) + (f"; {moved}" if moved else "")) from None


@main.command()
@_bench_options
@click.option("--out", default=Path("reports/out"), type=click.Path(path_type=Path), show_default=True)
def report(subject: str, profile: str, seed: int, out: Path) -> None:
    """Run every theorem and claim; write index.html and report.json, and print the verdicts."""
    with _wrong_calls():
        from backproof.referee.progress import progress
        from backproof.referee.run import run_all
        from backproof.reports import writer

        writer.check(out)
        with progress() as advance:
            run = run_all(subject=subject, profile=profile, seed=seed, progress=advance)
        writer.write(run, out)
    from rich.console import Console

    from backproof.reports.console import print_verdicts

    print_verdicts(run, Console())
    click.echo(f"Report: {out / 'index.html'}")
    if not run.sound:
        sys.exit(FAILED)


_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")


def _print_json(data: Any) -> None:
    """Print data as JSON of ASCII characters, which every terminal and pipe can carry."""
    click.echo(json.dumps(data, indent=1))


@main.command(name="list")
@_json_option
def list_(as_json: bool) -> None:
    """List every theorem and every claim."""
    from rich.console import Console
    from rich.table import Table

    from backproof.referee.described import catalogue

    found = catalogue()
    if as_json:
        _print_json(found)
        return
    console = Console()
    table = Table("id", "title", title="Theorems", title_justify="left", box=None)
    for id, theorem in found["theorems"].items():
        table.add_row(id, theorem["title"])
    console.print(table)
    table = Table("id", "statement of the source", "judged by", title="\nClaims", title_justify="left", box=None)
    for id, claim in found["claims"].items():
        table.add_row(id, claim["words"], ", ".join(claim["theorems"]))
    console.print(table)


@main.command()
@click.argument("id")
@_json_option
def show(id: str, as_json: bool) -> None:
    """Show a theorem with its derivation, or a claim with its readings."""
    from backproof.referee import described, shown
    from backproof.theory.records.catalogue import claims

    if id in claims():
        data, text = described.claim(claims()[id]), shown.claim
    else:
        found = _resolve((id,))
        if len(found) > 1:
            raise click.UsageError(f"{id} defines {len(found)} theorems; show takes one")
        data, text = described.theorem(*found[0]), shown.theorem
    if as_json:
        _print_json(data)
    else:
        click.echo(text(data))


def _resolve(names: tuple[str, ...]) -> list[tuple[str, Theorem]]:
    """Ids of the catalogue, claims (meaning the theorems that judge them) and files."""
    from backproof.theory.records.catalogue import claims, load_file, theorem, theorem_ids

    found: dict[str, Theorem] = {}
    for name in names:
        if name in theorem_ids():
            found[name] = theorem(name)
        elif name in claims():
            found |= {reading.theorem: theorem(reading.theorem) for reading in claims()[name].readings}
        elif name.endswith(".py"):
            with _wrong_calls():
                found |= load_file(Path(name))
        else:
            near = did_you_mean(name, [*theorem_ids(), *claims()])
            raise click.UsageError(
                f"{name!r} is no theorem, claim or file{near or '; `backproof list` shows what there is'}"
            )
    return list(found.items())


@main.command()
@click.argument("what", nargs=-1)
@_bench_options
@click.option("--fault", default=None, help="Plant a fault of the zoo in the subject first.")
@_json_option
def check(what: tuple[str, ...], subject: str, profile: str, seed: int, fault: str | None, as_json: bool) -> None:
    """Check theorems by id, the theorems behind a claim, or those of a file; all of them if none is named.

    A subject that is named by --subject climbs the ladder of gradcheck first. A file of cells has its function
    ``gradients`` checked, or that of --subject file.py:function; --fault is then a fault of the cell. JSON has the keys
    of report.json, and of a file of cells what each rung found.
    """
    from backproof.referee import shown
    from backproof.referee.judge import Bench
    from backproof.referee.laddered import laddered
    from backproof.referee.planting import under_test
    from backproof.referee.run import run_some
    from backproof.reports.data import report_json
    from backproof.theory.records.catalogue import theorem_ids

    modules = _modules_of_cells(what)
    if modules:
        _check_cells(modules, None if subject == "impl" else subject, fault, seed, as_json)
        return
    with _wrong_calls(), redirect_stdout(sys.stderr) if as_json else nullcontext():
        planted = under_test(subject, fault)
        climbed = laddered(planted, seed) if subject != "impl" else None
        if climbed and not as_json:
            click.echo("\n  ".join(("gradcheck:", *climbed.says)))
        bench = Bench(subject=planted, name=subject, profile=profile, seed=seed, fault=fault)
        chosen = _resolve(what or theorem_ids())
        run = run_some(chosen, bench, heard=lambda record: None if as_json else click.echo(shown.verdict(record)))
    looked = climbed is not None or any(theorem.property.offered for theorem in run.theorems)
    if as_json:
        ladder = {"passes": climbed.passes, "says": list(climbed.says)} if climbed else None
        _print_json(report_json(run) | {"fault": fault, "gradcheck": ladder})
    else:
        if run.deviations:
            click.echo(shown.deviations(subject, run.deviations))
        if run.not_offered:
            click.echo(f"Not offered: {', '.join(one.id for one in run.not_offered)}.")
        if not looked:
            click.echo(f"Nothing was checked: {subject} offers nothing of what these theorems ask for.")
    if not run.sound or not looked or (climbed and not climbed.passes):
        sys.exit(FAILED)


def _modules_of_cells(what: tuple[str, ...]) -> list[ModuleType]:
    """The files that are named, run, if each defines cells or nets of layers, and no theorem; else none."""
    if not what or not all(name.endswith(".py") for name in what):
        return []
    from backproof.referee.cellrun import nets_in
    from backproof.theory.records.catalogue import load_module

    with _wrong_calls():
        modules = [load_module(Path(name)) for name in what]
    return modules if all(map(nets_in, modules)) else []


def _check_cells(modules: list[ModuleType], subject: str | None, fault: str | None, seed: int, as_json: bool) -> None:
    from backproof.referee.cellrun import checked, stands

    found: dict[str, Any] = {}
    with _wrong_calls(), redirect_stdout(sys.stderr) if as_json else nullcontext():
        for module in modules:
            found |= checked(module, subject, fault, seed, heard=lambda line: None if as_json else click.echo(line))
    if as_json:
        _print_json({"cells": found, "fault": fault, "seed": seed})
    if not stands(found):
        sys.exit(FAILED)


@main.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--units", default=4, show_default=True, type=click.IntRange(1, 64), help="Of the Elman net.")
@click.option("--steps", default=32, show_default=True, type=click.IntRange(1, 10_000), help="Of the Elman net.")
@click.option("--latex", is_flag=True, help="The equations of a file's cells as LaTeX.")
@click.option("--faults", is_flag=True, help="The names of the faults that a file's cells invite, too.")
def derive(file: Path | None, units: int, steps: int, latex: bool, faults: bool) -> None:
    """Derive the gradients of the cells in FILE; without one, of the Elman net, line by checked line.

    The derived gradients of a cell are compared with forward differentiation, entry by entry.
    """
    from backproof.referee import shown

    if file is not None:
        from backproof.referee.cellwords import derived

        with _wrong_calls():
            text, sound = derived(file, latex=latex, list_faults=faults)
        click.echo(text)
        sys.exit(0 if sound else FAILED)
    text, closed = shown.derivation(units, steps)
    click.echo(text)
    if not closed:
        sys.exit(FAILED)


@main.command()
@click.option("--subject", default="impl", show_default=True, help="The right code that the faults are planted in.")
@click.option("--right-nets", default=240, show_default=True, type=click.IntRange(1), help="Nets for false alarms.")
@click.option("--out", default=Path("reports/out"), type=click.Path(path_type=Path), show_default=True)
def compare(subject: str, right_nets: int, out: Path) -> None:
    """Run every gradient checker that is installed on every fault of the zoo; takes minutes.

    Writes comparison.html and comparison.json, beside the report if the folder holds one, and prints the table.
    """
    from rich.console import Console

    from backproof.referee.comparison import main_table, printable
    from backproof.reports import writer

    with _wrong_calls():
        writer.check(out)
        table = main_table(subject=subject, right_nets=right_nets, progress=lambda done: click.echo(done, err=True))
        for part in printable(table):  # first, so that the minutes are not lost if it cannot be written any more
            Console().print(part)
        writer.write_comparison(table, out)
    click.echo(f"Comparison: {out / 'comparison.html'}")


@main.command()
@click.argument("id")
@click.option("--cell", is_flag=True, help="A cell with its equations and code, and not a theorem.")
def new(id: str, cell: bool) -> None:
    """Write a theorem to start from, into the catalogue if this is the project's folder; or, with --cell, a cell."""
    from backproof.referee.template import start

    with _wrong_calls():
        file, what = start(id, cell=cell)
    click.echo(f"{file}: {what}. Change it into yours, then: backproof check {file}")


if __name__ == "__main__":
    main()
