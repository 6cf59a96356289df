"""Statements about seeds: a sample, a confidence interval, and whether it lies where the theorem said it would."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from backproof.reports.record import MeasurementRecord
from backproof.theory.records.records import Measurement


def measure(measurement: Measurement, subject: Any) -> MeasurementRecord:
    """Sample once a seed and test the whole confidence interval against what was expected.

    Shares of yes and no get an exact (Clopper–Pearson) interval, other numbers Student's t interval of the mean. An
    interval that straddles the edge of what was expected shows nothing.
    """
    sample = np.array([measurement.sample(subject, seed) for seed in range(measurement.seeds)], dtype=np.float64)
    low, high = interval(sample, measurement.confidence)
    least, most = measurement.expected
    return MeasurementRecord(
        seeds=measurement.seeds,
        quantity=measurement.quantity,
        effect=measurement.effect,
        estimate=float(sample.mean()),
        low=low,
        high=high,
        confidence=measurement.confidence,
        shown=bool(least <= low and high <= most),
    )


def interval(sample: Any, confidence: float) -> tuple[float, float]:
    """The confidence interval of a mean, exact for a share of yes and no."""
    return _share(sample, confidence) if _is_share(sample) else _mean(sample, confidence)


def _is_share(sample: Any) -> bool:
    return bool(np.all((sample == 0) | (sample == 1)))


def _share(sample: Any, confidence: float) -> tuple[float, float]:
    interval = stats.binomtest(int(sample.sum()), sample.size).proportion_ci(confidence, method="exact")
    return float(interval.low), float(interval.high)


def _mean(sample: Any, confidence: float) -> tuple[float, float]:
    half = stats.t.ppf((1 + confidence) / 2, sample.size - 1) * sample.std(ddof=1) / np.sqrt(sample.size)
    return float(sample.mean() - half), float(sample.mean() + half)
