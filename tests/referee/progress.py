"""How far a run has come: a bar on a terminal, a line for each result elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backproof.theory.records.catalogue import claims, theorem_ids


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A bar on a terminal; elsewhere a line for each result."""
    total = len(theorem_ids()) + len(claims())
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda id: click.echo(f"judged {id}", err=True)
        return
    columns = (TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("judging", total=total)
        yield lambda id: bar.update(task, advance=1, description=id)
