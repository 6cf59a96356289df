"""A run as data: `report.json`, and `comparison.json` beside it; strict JSON in UTF-8."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from backproof.reports.proof_record import ProofRecord
from backproof.reports.record import OUTCOMES, ClaimRecord, Run, TheoremRecord, WitnessRecord, as_json

SCHEMA = 1
COMPARISON_SCHEMA = 1


def report_json(run: Run) -> dict[str, Any]:
    """Return the run under the keys that outsiders rely on, and the rest of the record beside them.

    Infinite and undefined numbers become the strings "Infinity", "-Infinity" and "NaN".

    Raises
    ------
        ValueError: two theorems or two claims share an id.
        TypeError: the record holds something that JSON cannot.

    """
    report = {
        "schema": SCHEMA,
        "subject": run.subject,
        "seed": run.seed,
        "profile": run.profile,
        "sound": run.sound,
        "versions": run.versions,
        "theorems": _by_id(run.theorems, _theorem),
        "claims": _by_id(run.claims, _claim),
        "deviations": [as_json(deviation) for deviation in run.deviations],
        "second_engine": _second_engine(run),
        "not_offered": {one.id: {"title": one.title, "why": one.why} for one in run.not_offered},
        "machine": run.machine,
    }
    strict: dict[str, Any] = _strict(report, "report")
    return strict


def report_text(run: Run) -> str:
    """Return the text of `report.json`: keys sorted, one trailing newline."""
    return _text(report_json(run))


def comparison_json(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a comparison of gradient checkers with its results apart from times, versions and machine.

    ``times.all_faults`` are the seconds by checker for every fault at every scale, ``times.one_check`` those of one
    full check.

    Raises
    ------
        KeyError: the table lacks one of them.
        TypeError: it holds something that JSON cannot.

    """
    results = dict(table)
    times = {"all_faults": results.pop("seconds"), "one_check": results.pop("time")}
    apart = {key: results.pop(key) for key in ("subject", "versions", "machine")}
    report = {"schema": COMPARISON_SCHEMA, **apart, "times": times, "results": results}
    strict: dict[str, Any] = _strict(report, "comparison")
    return strict


def comparison_text(table: Mapping[str, Any]) -> str:
    """Return the text of `comparison.json`: keys sorted, one trailing newline."""
    return _text(comparison_json(table))


def _text(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1) + "\n"


def witness_of(claim: ClaimRecord) -> str | None:
    """Join the texts of the instances at which the claim's literal readings fail; None if none does."""
    return _joined(reading.witness.text for reading in claim.readings if reading.witness)


def _theorem(theorem: TheoremRecord) -> dict[str, Any]:
    """Return the record's own fields, with the outside contract on top."""
    record: dict[str, Any] = as_json(theorem)
    del record["id"]
    return record | {
        "examples": theorem.property.examples,
        "worst_margin": theorem.property.worst_margin,
        "assumptions": [{"name": name, "text": text} for name, text in theorem.assumptions],
        "mutants": {
            "killed": sum(mutant.killed for mutant in theorem.mutants),
            "total": len(theorem.mutants),
            "each": [as_json(mutant) | {"killed": mutant.killed} for mutant in theorem.mutants],
        },
        "machine_made": {
            "made": len(theorem.machine_made),
            **{outcome: sum(m.outcome == outcome for m in theorem.machine_made) for outcome in OUTCOMES},
            "each": record["machine_made"],
        },
        "sharp": _texts(theorem.sharp),
        "witnesses": record["sharp"],
        "second_engine": None if theorem.proof is None else _second_engine(theorem.proof),
    }


def _second_engine(proofs: Run | ProofRecord) -> dict[str, Any]:
    """Return how many lines claim something, with how many the second engine agrees, and the share."""
    share = proofs.agreed / proofs.claiming if proofs.claiming else None
    return {"lines": proofs.claiming, "agreed": proofs.agreed, "share": share}


def _claim(claim: ClaimRecord) -> dict[str, Any]:
    record: dict[str, Any] = as_json(claim)
    del record["id"]
    return record | {"witness": witness_of(claim)}


def _by_id(records: Iterable[Any], convert: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for record in records:
        if record.id in found:
            raise ValueError(f"two records of the run have the id {record.id!r}")
        found[record.id] = convert(record)
    return found


def _texts(witnesses: tuple[WitnessRecord, ...]) -> dict[str, str | None]:
    """Witness texts by the assumption they drop."""
    names = dict.fromkeys(witness.name for witness in witnesses)
    return {name: _joined(w.text for w in witnesses if w.name == name) for name in names}


def _joined(texts: Iterable[str]) -> str | None:
    return "; ".join(dict.fromkeys(texts)) or None


def _strict(value: Any, where: str) -> Any:
    """Replace in the value what strict JSON or UTF-8 lacks; `where` names the place in errors."""
    if hasattr(value, "tolist"):  # arrays and scalars of NumPy, without knowing NumPy
        value = value.tolist()
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _name_of(value)
    if isinstance(value, Mapping):
        return {_strict(str(key), where): _strict(entry, f"{where}.{key}") for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(entry, f"{where}[{index}]") for index, entry in enumerate(value)]
    raise TypeError(f"{where} is a {type(value).__name__}, which JSON cannot hold")


def _name_of(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
