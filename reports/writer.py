"""Writes a report, or a comparison beside it, as a whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from backproof.reports.comparison import Table, comparison_page
from backproof.reports.data import comparison_text, report_text
from backproof.reports.errors import ReportError
from backproof.reports.links import linked
from backproof.reports.page import page
from backproof.reports.record import Run

FILES = frozenset({"index.html", "report.json", "comparison.html", "comparison.json"})


def check(folder: Path) -> None:
    """Whether a report may be written to `folder`, asked before a long run. Writes nothing.

    Raises
    ------
        ReportError: it is a file, holds other files than a report's, or may not be written.

    """
    folder = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise ReportError(f"cannot write the report: {folder} is a file, not a folder")
    parent = next(place for place in (*folder.parents, folder) if place.exists())
    if not parent.is_dir():
        raise ReportError(f"cannot write the report: {parent} is a file, not a folder")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise ReportError(f"cannot write the report: {parent} is not writable")
    if folder.exists():
        _check_content(folder)


def write(run: Run, folder: Path) -> None:
    """Write `index.html` and `report.json` to `folder`, in place of the report that it holds.

    All files are made in a new folder beside it, which then takes its place; a comparison is carried over. The old
    folder stays as it was if anything fails before that. The same run gives the same bytes.

    Raises
    ------
        ReportError: the folder cannot be written, or holds other files than a report's.

    """
    _publish(
        folder,
        lambda: {
            "index.html": page(run).encode("utf-8", "backslashreplace"),
            "report.json": report_text(run).encode("utf-8"),
        },
    )


def write_comparison(table: Table, folder: Path) -> None:
    """Write `comparison.html` and `comparison.json` to `folder`, beside the report if it holds one, as `write` does.

    Raises
    ------
        ReportError: the folder cannot be written, or holds other files than a report's.

    """
    _publish(
        folder,
        lambda: {
            "comparison.html": comparison_page(table).encode("utf-8", "backslashreplace"),
            "comparison.json": comparison_text(table).encode("utf-8"),
        },
    )


def _publish(folder: Path, make: Callable[[], dict[str, bytes]]) -> None:
    """Put new files into the folder in place of those of the same names; the others stay."""
    folder = folder.resolve()
    _recover(folder)
    check(folder)
    made = make()
    try:
        kept = {file.name: file.read_bytes() for file in folder.glob("*")}
        _replace(folder, linked({**kept, **made}))
    except OSError as error:
        raise ReportError(f"cannot write the report to {folder}: {error.strerror or error}") from error


def _check_content(folder: Path) -> None:
    """Refuse a folder with foreign files: swapping folders would take them away with the old report."""
    try:
        foreign = sorted({entry.name for entry in folder.iterdir()} - FILES)
    except OSError as error:
        raise ReportError(f"cannot write the report: {folder} is not readable") from error
    if foreign:
        names = ", ".join(foreign[:3])
        raise ReportError(f"cannot write the report: {folder} holds other files ({names})")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ReportError(f"cannot write the report: {folder} is not writable")


def _replace(folder: Path, contents: dict[str, bytes]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}")
    try:
        made.mkdir()
        for name, content in contents.items():
            (made / name).write_bytes(content)
        _swap(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _swap(made: Path, folder: Path) -> None:
    """Put `made` where `folder` is, and put the old folder back if that fails."""
    previous = _previous(folder)
    if not folder.exists():
        made.rename(folder)
        return
    folder.rename(previous)
    try:
        made.rename(folder)
    except BaseException:
        previous.rename(folder)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Finish what a run killed in the middle of its swap left behind."""
    previous = _previous(folder)
    if not previous.is_dir() or {entry.name for entry in previous.iterdir()} - FILES:
        return
    if folder.exists():
        shutil.rmtree(previous, ignore_errors=True)
    else:
        previous.rename(folder)


def _previous(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.previous-report")
