"""What the run is expected to say, so that a verdict which changes is noticed; it plays no part in reaching one.

``python tests/expected_verdicts.py reports/out/report.json`` compares a report and exits with 1 where it differs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

CLAIMS = {
    "holds": "A1 A2 A4 A7 A8 A13 B2 B4 B6 B7 B9 B10 B13 B16 C1 C2 C4 C5 C8 C9 D5 D6 D8 D9 D12 E1 E2",
    "corrected": "A3 A5 A6 A9 A10 A11 A12 A14 A15 A16 A17 A18 A19 B1 B3 B5 B8 B11 B12 B14 B15 "
    "C3 C6 C7 D1 D2 D3 D4 D7 D10 D11 E3 E4 E5 E6",
    "refuted": "",
}
AGREED = 0.97
"""The share of the lines of all proofs, at least, with which the second engine has to agree."""

SOUND = {"proved", "certified", "tested", "measured"}


def differences(report: dict[str, Any]) -> list[str]:
    """Every verdict that is not the expected one, in sentences."""
    expected = {id: verdict for verdict, ids in CLAIMS.items() for id in ids.split()}
    found = {id: claim["verdict"] for id, claim in report["claims"].items()}
    lines = [
        f"claim {id}: expected {expected.get(id, 'no such claim')}, the run says {found.get(id, 'nothing')}"
        for id in sorted(expected.keys() | found.keys())
        if expected.get(id) != found.get(id)
    ]
    for id, theorem in report["theorems"].items():
        mutants = theorem["mutants"]
        if theorem["verdict"] not in SOUND:
            lines.append(f"theorem {id}: {theorem['verdict']}")
        if mutants["total"] < 2 or mutants["killed"] != mutants["total"]:
            lines.append(f"theorem {id}: {mutants['killed']} of {mutants['total']} wrong siblings killed")
    agreed = report["second_engine"]
    if not agreed["share"] or agreed["share"] < AGREED:
        few = f"{agreed['agreed']} of {agreed['lines']} lines"
        lines.append(f"the second engine agrees with {few}, fewer than {AGREED:.0%}")
    return lines


def main() -> int:
    """Compare the report named on the command line."""
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    lines = differences(report)
    total = len(report["theorems"]) + len(report["claims"])
    print("\n".join(lines) or f"{total} verdicts, all as expected")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
