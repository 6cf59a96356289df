"""A picture of each kind, for the sample of a report."""

import math

from backproof.reports.record import (
    Picture,
)

PICTURES = (
    Picture(
        kind="norms_against_bound",
        title="Vanishing along the lag",
        caption="Norms of the Jacobian for eight nets with $\\|W\\| \\le 0.9$, and the bound.",
        data={
            "lag": list(range(41)),
            "norms": [[0.9**k * 0.7 ** (k * i / 2) * (k < 30 or i < 6) for k in range(41)] for i in range(8)],
            "bound": [0.9**k for k in range(41)],
        },
    ),
    Picture(
        kind="unit_circle",
        title="Eigenvalues of an orthogonal matrix",
        caption="All sixteen lie on the circle.",
        data={
            "real": [math.cos(0.41 * k * k) for k in range(16)],
            "imag": [math.sin(0.41 * k * k) for k in range(16)],
            "label": "eigenvalues of Q",
        },
    ),
    Picture(
        kind="before_after",
        title="Two ways to clip",
        caption="Clipping by norm keeps the direction, clipping by value does not.",
        data={"before": [3, 1.2], "after": {"by norm": [0.93, 0.37], "by value": [1, 1]}, "threshold": 1.0},
    ),
    Picture(
        kind="series",
        title="Cost of a derivation",
        caption="Operations against the number of steps.",
        data={
            "x": [1, 2, 4, 8, 16],
            "curves": {"unrolled": [3, 9, 81, 6561, 43046721], "by adjoints": [3, 6, 12, 24, 48]},
            "xlabel": "steps",
            "ylabel": "operations",
            "log": True,
        },
    ),
    Picture(
        kind="histogram",
        title="Spectral radius at initialisation",
        caption="Two hundred draws of 64 units.",
        data={
            "values": [1 + math.sin(k * k) / 7 for k in range(200)],
            "bins": 24,
            "xlabel": "spectral radius",
            "marks": {"circular law": 1.0},
        },
    ),
    Picture(
        kind="over_setting",
        title="Over the forget bias",
        caption="The claim holds from 1 on.",
        data={
            "setting": "forget bias",
            "names": ["0", "1", "2"],
            "estimate": [0.2, 3.0, 4.5],
            "low": [-0.2, 2.6, 4.2],
            "high": [0.6, 3.4, 4.9],
            "at_least": 1.0,
        },
    ),
    Picture(
        kind="sensitivity",
        title="Smallest relative error always seen",
        caption="Lower is finer.",
        data={"sizes": ["2 × 5", "4 × 10"], "curves": {"ours": [1e-13, 1e-12], "another": [0.1, None]}},
    ),
)
