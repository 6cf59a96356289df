"""The command `backproof`. Heavy imports wait until a command runs, so that help is immediate."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from backproof.referee.judge import Bench
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
    from backproof.referee.subjects import SubjectError
    from backproof.reports.errors import ReportError
    from backproof.theory.records.records import RecordError

    try:
        yield
    except (SubjectError, ReportError, RecordError, FileNotFoundError) as error:
        raise click.UsageError(str(error)) from None


@main.command()
@_bench_options
@click.option("--out", default=Path("reports/out"), type=click.Path(path_type=Path), show_default=True)
def report(subject: str, profile: str, seed: int, out: Path) -> None:
    """Run every theorem and claim; write index.html and report.json, and print the verdicts."""
    with _wrong_calls():
        from backproof.referee.run import run_all
        from backproof.reports import writer

        writer.check(out)
        with _progress() as advance:
            run = run_all(subject=subject, profile=profile, seed=seed, progress=advance)
        writer.write(run, out)
    from rich.console import Console

    from backproof.reports.console import print_verdicts

    print_verdicts(run, Console())
    click.echo(f"Report: {out / 'index.html'}")
    if not run.sound:
        sys.exit(FAILED)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A bar on a terminal; elsewhere a line for each result."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from backproof.theory.records.catalogue import claims, theorem_ids

    total = len(theorem_ids()) + len(claims())
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda id: click.echo(f"judged {id}", err=True)
        return
    columns = (TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("judging", total=total)
        yield lambda id: bar.update(task, advance=1, description=id)


@main.command(name="list")
def list_() -> None:
    """List every theorem and every claim."""
    from rich.console import Console
    from rich.table import Table

    from backproof.theory.records.catalogue import claims, theorem, theorem_ids

    console = Console()
    table = Table("id", "title", title="Theorems", title_justify="left", box=None)
    for id in theorem_ids():
        table.add_row(id, theorem(id).title)
    console.print(table)
    table = Table("id", "statement of the source", "judged by", title="\nClaims", title_justify="left", box=None)
    for id, claim in claims().items():
        table.add_row(id, claim.words, ", ".join(dict.fromkeys(r.theorem for r in claim.readings)))
    console.print(table)


@main.command()
@click.argument("id")
def show(id: str) -> None:
    """Show a theorem with its derivation, or a claim with its readings."""
    from backproof.referee import shown
    from backproof.theory.records.catalogue import claims

    if id in claims():
        click.echo(shown.claim(claims()[id]))
        return
    ((_, theorem),) = _resolve((id,))
    click.echo(shown.theorem(id, theorem))


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
            raise click.UsageError(f"{name!r} is no theorem, claim or file; `backproof list` shows what there is")
    return list(found.items())


@main.command()
@click.argument("what", nargs=-1)
@_bench_options
@click.option("--fault", default=None, help="Plant a fault of the zoo in the subject first.")
def check(what: tuple[str, ...], subject: str, profile: str, seed: int, fault: str | None) -> None:
    """Check theorems by id, the theorems behind a claim, or those of a file; all of them if none is named."""
    from backproof.referee import shown
    from backproof.referee.deviations import deviating, of_theorem
    from backproof.referee.judge import Bench, judge
    from backproof.referee.planting import under_test
    from backproof.reports.record import SOUND, TheoremRecord
    from backproof.theory.records.catalogue import theorem_ids

    with _wrong_calls():
        planted = under_test(subject, fault)
        bench: Bench = Bench(subject=planted, name=subject, profile=profile, seed=seed, fault=fault)
        chosen = _resolve(what or theorem_ids())
        failed, deviations = False, []
        for id, theorem in chosen:
            record = judge(id, theorem, bench)
            click.echo(shown.verdict(record))
            if isinstance(record, TheoremRecord):
                failed |= record.verdict not in SOUND
                deviations += [found for found in [of_theorem(record, bench.subject)] if found and not fault]
        named = {id for id, _ in chosen}
        deviations += [found for found in deviating(bench.subject) if found.theorem in named]
        if deviations:
            click.echo(shown.deviations(subject, deviations))
    if failed:
        sys.exit(FAILED)


@main.command()
@click.option("--units", default=4, show_default=True, type=click.IntRange(1, 64))
@click.option("--steps", default=32, show_default=True, type=click.IntRange(1, 10_000))
def derive(units: int, steps: int) -> None:
    """Derive the gradients of the Elman net, line by checked line, and evaluate them once at the sizes given."""
    from backproof.referee import shown

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
def new(id: str) -> None:
    """Write a theorem file to start from: into the catalogue if this is the project's folder, else here."""
    from backproof.referee.template import TEMPLATE

    if not re.fullmatch(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)*", id):
        raise click.UsageError(
            f"{id!r} is no id: lower-case words joined by _ in folders joined by /, as in spectra/my_bound"
        )
    catalogue = Path("theory/theorems")
    file = (catalogue if catalogue.is_dir() else Path()) / f"{id}.py"
    if file.exists():
        raise click.UsageError(f"{file} exists already; nothing was written")
    file.parent.mkdir(parents=True, exist_ok=True)
    title = id.rsplit("/", 1)[-1].replace("_", " ").capitalize()
    with file.open("x", encoding="utf-8") as out:
        out.write(TEMPLATE.format(title=title))
    click.echo(f"{file}: a small true theorem. Change it into yours, then: backproof check {file}")


if __name__ == "__main__":
    main()
