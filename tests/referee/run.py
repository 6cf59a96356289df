"""A whole run: every theorem in parallel processes, then every claim, into one `backproof.reports.record.Run`."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import metadata
from multiprocessing import get_context
from typing import Any

from backproof.referee.deviations import deviating, of_theorem
from backproof.referee.judge import Bench, judge
from backproof.referee.ledger import judge_claim
from backproof.referee.subjects import SubjectError, distributions, load_subject
from backproof.reports.record import ClaimRecord, DeviationRecord, NotOfferedRecord, Run, TheoremRecord
from backproof.theory.records.catalogue import claims, theorem, theorem_ids

__all__ = ["SubjectError", "claims_of", "load_subject", "machine", "run_all", "run_some", "versions"]

VERSIONED = ("backproof", "numpy", "sympy", "mpmath", "python-flint", "hypothesis", "scipy")


def claims_of(id: str) -> tuple[str, ...]:
    """The claims that a theorem serves, and the questions beyond the sources that it answers."""
    return theorem(id).ledger + tuple(
        name for name, claim in claims().items() if any(r.theorem == id for r in claim.readings)
    )


def _load_catalogue() -> None:
    """Import every record before the first search: Hypothesis draws constants from the modules that are loaded."""
    for id in theorem_ids():
        theorem(id)
    claims()


def _judge_theorem(id: str, subject: str, profile: str, seed: int) -> TheoremRecord | NotOfferedRecord:
    bench = Bench(subject=load_subject(subject), name=subject, profile=profile, seed=seed)
    return judge(id, theorem(id), bench, claims_of(id))


def _judge_claim(
    id: str, records: dict[str, TheoremRecord], subject: str, profile: str, seed: int
) -> ClaimRecord | NotOfferedRecord:
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
    loaded = load_subject(subject)
    ids = theorem_ids()
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # one process a core; and sums in one order, whatever the machine
    with ProcessPoolExecutor(workers or os.cpu_count(), get_context("forkserver"), _load_catalogue) as pool:
        jobs = {pool.submit(_judge_theorem, id, subject, profile, seed): id for id in ids}
        judged = _gather(jobs, progress)
        records = {id: record for id, record in judged.items() if isinstance(record, TheoremRecord)}
        wanted = {
            id: {r.theorem: records[r.theorem] for r in claim.readings if r.theorem in records}
            for id, claim in claims().items()
        }
        claim_jobs = {pool.submit(_judge_claim, id, wanted[id], subject, profile, seed): id for id in claims()}
        judged |= _gather(claim_jobs, progress)
        deviations = pool.submit(_deviations, subject).result()
    theorems = tuple(records[id] for id in ids if id in records)
    everything = [judged[id] for id in (*ids, *claims())]
    return Run(
        subject=subject,
        seed=seed,
        profile=profile,
        versions=versions((*VERSIONED, *distributions(loaded))),
        machine=machine(time.perf_counter() - start),
        theorems=theorems,
        claims=tuple(judged[id] for id in claims() if isinstance(judged[id], ClaimRecord)),
        deviations=(*deviations, *(found for record in theorems if (found := of_theorem(record, loaded)))),
        not_offered=tuple(record for record in everything if isinstance(record, NotOfferedRecord)),
    )


def _deviations(subject: str) -> tuple[DeviationRecord, ...]:
    return deviating(load_subject(subject))


def _gather(jobs: dict[Any, str], progress: Callable[[str], None]) -> dict[str, Any]:
    done = {}
    for future in as_completed(jobs):
        done[jobs[future]] = future.result()
        progress(jobs[future])
    return done


def versions(distributions: Iterable[str]) -> dict[str, str]:
    """The versions of these distributions; an `importlib.metadata.PackageNotFoundError` if one is not installed."""
    return {name: metadata.version(name) for name in distributions}


def machine(seconds: float) -> dict[str, str]:
    """What differs between two runs of the same seed and versions: where it ran, and how long it took."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "processors": str(os.cpu_count()),
        "seconds": f"{seconds:.1f}",
    }


def run_some(
    chosen: Iterable[tuple[str, Any]],
    bench: Bench,
    *,
    heard: Callable[[TheoremRecord | NotOfferedRecord], None] = lambda _: None,
) -> Run:
    """Judge the given (id, theorem) pairs in this process; ``heard`` hears each record as it is done.

    Deviations are those at these theorems; a known one excuses nothing where a fault is planted, and is left out.
    """
    start = time.perf_counter()
    judged = []
    for id, one in chosen:
        judged.append(judge(id, one, bench))
        heard(judged[-1])
    named = {record.id for record in judged}
    theorems = tuple(record for record in judged if isinstance(record, TheoremRecord))
    known = () if bench.fault else (of_theorem(record, bench.subject) for record in theorems)
    probed = (found for found in deviating(bench.subject) if found.theorem in named)
    return Run(
        subject=bench.name,
        seed=bench.seed,
        profile=bench.profile,
        versions=versions((*VERSIONED, *distributions(bench.subject))),
        machine=machine(time.perf_counter() - start),
        theorems=theorems,
        claims=(),
        deviations=(*(found for found in known if found), *probed),
        not_offered=tuple(record for record in judged if isinstance(record, NotOfferedRecord)),
    )
