"""Finding the records: a theorem's id is its path below ``theorems/``, typed once, by its file name."""

from __future__ import annotations

import importlib.util
import traceback
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType

from backproof.theory.records.forms import RecordError
from backproof.theory.records.records import Claim, Theorem

HERE = Path(__file__).parent.parent


def theorem_ids() -> tuple[str, ...]:
    """Every theorem of the catalogue, by topic; a file whose name begins with _ holds an idea and no theorem."""
    root = HERE / "theorems"
    files = (f.relative_to(root).with_suffix("").as_posix() for f in root.rglob("[!_]*.py"))
    return tuple(sorted(files))


def id_of(file: Path) -> str:
    """The id of the theorem of a file: its path in the catalogue, and the file's name outside of it."""
    inside = file.resolve().is_relative_to((HERE / "theorems").resolve())
    root = (HERE / "theorems").resolve() if inside else file.resolve().parent
    return file.resolve().relative_to(root).with_suffix("").as_posix()


@cache
def theorem(id: str) -> Theorem:
    """The theorem with that id.

    Raises
    ------
    KeyError
        If there is none.
    RecordError
        If its file holds no record called THEOREM, or a malformed one.
    """
    if id not in theorem_ids():
        raise KeyError(id)
    module = importlib.import_module("backproof.theory.theorems." + id.replace("/", "."))
    found = getattr(module, "THEOREM", None)
    if not isinstance(found, Theorem):
        raise RecordError(f"{module.__file__}: a theorem file defines THEOREM = Theorem(…)")
    return found


@lru_cache(maxsize=1)
def claims() -> dict[str, Claim]:
    """Every claim by id, in the order of the ledger.

    Raises
    ------
    RecordError
        If two claims share an id, or one names a theorem that does not exist.
    """
    known = set(theorem_ids())
    found: dict[str, Claim] = {}
    for file in sorted((HERE / "claims").glob("*.py")):
        if file.stem == "__init__":
            continue
        for claim in importlib.import_module(f"backproof.theory.claims.{file.stem}").CLAIMS:
            if claim.id in found:
                raise RecordError(f"{file}: the claim {claim.id} is defined twice")
            for reading in claim.readings:
                if reading.theorem not in known:
                    raise RecordError(f"{file}: {claim.id} names the theorem {reading.theorem!r}, which does not exist")
            found[claim.id] = claim
    return dict(sorted(found.items(), key=lambda item: (item[0][0], int(item[0][1:]))))


def load_file(path: Path) -> dict[str, Theorem]:
    """The theorems of a file outside the catalogue, by id: the file's name, or file name and variable if several.

    Raises
    ------
    FileNotFoundError, RecordError
        If there is no such file, it cannot be run, or it defines no theorem; the message is one line.
    """
    found = {name: value for name, value in vars(load_module(path)).items() if isinstance(value, Theorem)}
    if not found:
        raise RecordError(f"{path}: defines no Theorem")
    if len(found) == 1:
        return {path.stem: next(iter(found.values()))}
    return {f"{path.stem}:{name}": value for name, value in found.items()}


def load_module(path: Path) -> ModuleType:
    """The module of a file, run.

    Raises
    ------
    FileNotFoundError, RecordError
        If there is no such file, or it cannot be run; the message is one line.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise RecordError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except RecordError:
        raise
    except Exception as error:
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(frame.filename) == path.resolve()
        ]
        lines += [error.lineno] if isinstance(error, SyntaxError) else []
        place = f"line {lines[-1]}: " if lines else ""
        raise RecordError(f"{path}: {place}{type(error).__name__}: {' '.join(str(error).split())}") from error
    return module
