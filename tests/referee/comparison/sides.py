"""Subjects side by side at the same probes, and what a comparison ran on: versions, threads, machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from backproof.referee.deviations import probed
from backproof.referee.probes import PROBES
from backproof.referee.run import machine, versions
from backproof.referee.subjects import SubjectError, load_subject, named_subjects

Table = dict[str, Any]

VERSIONED = ("backproof", "numpy", "python-flint", "scipy", "torch", "jax", "jaxlib", "optax", "autograd")


def subjects(names: Iterable[str] | None = None) -> Table:
    """The subjects that load, why the others do not, and what each does at every probe; all that have a name."""
    loaded, missing = {}, {}
    for name in named_subjects() if names is None else names:
        try:
            loaded[name] = load_subject(name)
        except SubjectError as reason:
            missing[name] = str(reason)
    return {"names": list(loaded), "missing": missing, "probes": side_by_side(loaded)}


def side_by_side(subjects: Mapping[str, Any]) -> list[Table]:
    """A row for each probe, in their order: what is expected, and what each subject does.

    ``found`` is None for a subject that cannot be asked, ``expected`` if none can.
    """
    answers = {name: {record.name: record for record in probed(subject)} for name, subject in subjects.items()}
    rows: list[Table] = []
    for probe in PROBES:
        asked = {name: records.get(probe.name) for name, records in answers.items()}
        rows.append(
            {
                "probe": probe.name,
                "theorem": probe.theorem,
                "textbook": probe.textbook,
                "instance": probe.instance,
                "within": probe.within,
                "expected": next((record.expected for record in asked.values() if record), None),
                "found": {
                    name: record and {"found": record.found, "size": record.size, "deviates": record.deviates}
                    for name, record in asked.items()
                },
            }
        )
    return rows


def installed() -> dict[str, str]:
    """The versions of what takes part in a comparison, as far as it is there."""
    present = {name for each in metadata.distributions() if (name := each.name.lower()) in VERSIONED}
    return versions(name for name in VERSIONED if name in present)


def threads() -> dict[str, str]:
    """How many threads the packages that are timed may use, as far as they say."""
    found = {"OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "not set")}
    if find_spec("torch") is None:
        return found
    import torch

    return {"torch.get_num_threads()": str(torch.get_num_threads()), **found}


def load() -> float | None:
    """How many processes wanted to run in the last minute, on average; None where the system does not say."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def surroundings(seconds: float) -> dict[str, str]:
    """The machine, with the date: a comparison holds times, which age."""
    return {"date": f"{datetime.now(UTC):%Y-%m-%d}", **machine(seconds)}
