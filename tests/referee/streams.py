"""Output that no terminal and no closed pipe can end."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class _Pipe(io.FileIO):
    """A file whose reader may leave: what nobody reads any more is dropped."""

    def write(self, data: Any) -> int:
        """Write, and count what is dropped as written."""
        with suppress(BrokenPipeError):
            return super().write(data) or 0
        return memoryview(data).nbytes


@contextmanager
def lasting_streams() -> Iterator[None]:
    """While it lasts, standard output and error escape what their encoding lacks, and may be closed by the reader.

    The exit status then says what came of the command, whoever reads along.
    """
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_lasting, before)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _lasting(stream: TextIO | None) -> TextIO:
    if stream is None:  # closed before we began
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    try:
        descriptor, on_terminal = stream.fileno(), stream.isatty()
    except (AttributeError, OSError):  # a stream of some test or notebook
        return stream
    if on_terminal or not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.flush()
    raw = _Pipe(descriptor, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), stream.encoding, "backslashreplace", line_buffering=stream.line_buffering
    )
