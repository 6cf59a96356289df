"""A whole run: every theorem in parallel processes, then every claim, into one `reports.record.Run`."""

from __future__ import annotations

import importlib
import os
import platform
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import metadata
from multiprocessing import get_context
from typing import Any

from referee.judge import Bench, judge
from referee.ledger import judge_claim
from reports.record import ClaimRecord, Run, TheoremRecord
from theory.catalogue import claims, theorem, theorem_ids

VERSIONED = ("backproof", "numpy", "sympy", "mpmath", "python-flint", "hypothesis", "scipy")


class SubjectError(ValueError):
    """The subject cannot be loaded."""


def load_subject(name: str) -> Any:
    """``impl``, a module, or ``module:object``.

    Raises
    ------
    SubjectError
        If there is no such module or object.
    """
    module_name, _, attribute = name.partition(":")
    try:
        subject: Any = importlib.import_module(module_name)
    except ImportError as error:
        raise SubjectError(f"subject {name!r}: cannot import {module_name!r} ({error})") from None
    for part in attribute.split(".") if attribute else ():
        if not hasattr(subject, part):
            raise SubjectError(f"subject {name!r}: {module_name!r} has no {part!r}")
        subject = getattr(subject, part)
    return subject() if isinstance(subject, type) else subject


def claims_of(id: str) -> tuple[str, ...]:
    """The claims that a theorem serves."""
    return tuple(name for name, claim in claims().items() if any(r.theorem == id for r in claim.readings))


def _load_catalogue() -> None:
    """Import every record before the first search: Hypothesis draws constants from the modules that are loaded."""
    for id in theorem_ids():
        theorem(id)
    claims()


def _judge_theorem(id: str, subject: str, profile: str, seed: int) -> TheoremRecord:
    bench = Bench(subject=load_subject(subject), name=subject, profile=profile, seed=seed)
    return judge(id, theorem(id), bench, claims_of(id))


def _judge_claim(id: str, records: dict[str, TheoremRecord], subject: str, profile: str, seed: int) -> ClaimRecord:
    bench = Bench(subject=load_subject(subject), name=subject, profile=profile, seed=seed)
    return judge_claim(claims()[id], records, bench)


def run_all(
    *,
    subject: str = "impl",
    profile: str = "ci",
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
    workers: int | None = None,
) -> Run:
    """Judge the whole catalogue; ``progress`` hears the id of each theorem and claim as it is done."""
    start = time.perf_counter()
    load_subject(subject)
    with ProcessPoolExecutor(workers or os.cpu_count(), get_context("forkserver"), _load_catalogue) as pool:
        jobs = {pool.submit(_judge_theorem, id, subject, profile, seed): id for id in theorem_ids()}
        records = _gather(jobs, progress)
        wanted = {id: {r.theorem: records[r.theorem] for r in claim.readings} for id, claim in claims().items()}
        claim_jobs = {pool.submit(_judge_claim, id, wanted[id], subject, profile, seed): id for id in claims()}
        judged = _gather(claim_jobs, progress)
    return Run(
        subject=subject,
        seed=seed,
        profile=profile,
        versions={name: metadata.version(name) for name in VERSIONED},
        machine=_machine(time.perf_counter() - start),
        theorems=tuple(records[id] for id in theorem_ids()),
        claims=tuple(judged[id] for id in claims()),
    )


def _gather(jobs: dict[Any, str], progress: Callable[[str], None]) -> dict[str, Any]:
    done = {}
    for future in as_completed(jobs):
        done[jobs[future]] = future.result()
        progress(jobs[future])
    return done


def _machine(seconds: float) -> dict[str, str]:
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "processors": str(os.cpu_count()),
        "seconds": f"{seconds:.1f}",
    }


def run_some(theorems: Iterable[tuple[str, Any]], bench: Bench) -> list[TheoremRecord]:
    """Judge the given (id, theorem) pairs in this process."""
    return [judge(id, one, bench) for id, one in theorems]
