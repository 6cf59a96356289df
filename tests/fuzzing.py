"""Right calls of public functions, broken in one place or two, and what becomes of them.

A kind says of one argument what is right, and whether another value would make sense there. A broken call must return,
where its arguments make sense, or raise an error of ours: of one line, by a `raise` of this project, naming the
argument.
"""

from __future__ import annotations

import linecache
import math
import random
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from fuzz_kinds import Kind, Target, always

SECONDS = 2.0
"""What a call may take. A right one takes milliseconds, and training some tenths of a second."""

OURS = ("/theory/", "/impl/", "/referee/", "/reports/")
ALLOWED = (TypeError, ValueError, NotImplementedError)
DOCUMENTED = ("FloatingPointError", "Undecided", "WrongGradient")
"""What a call whose arguments make sense may raise, by its name."""


def _nothing(*_: Any, **__: Any) -> None:
    """A function that takes anything and returns nothing."""


def _structured() -> Any:
    return np.zeros(2, dtype=[("a", float), ("b", int)])


JUNK: tuple[Callable[[], Any], ...] = (
    lambda: None,
    lambda: math.nan,
    lambda: math.inf,
    lambda: -math.inf,
    lambda: -1,
    lambda: 0,
    lambda: 0.5,
    lambda: 1j,
    lambda: True,
    lambda: "x",
    lambda: "",
    object,
    lambda: [],
    lambda: [[1.0], [1.0, 2.0]],
    lambda: {},
    lambda: {"x": 1},
    lambda: [("W", 1)],
    lambda: 2**31,
    lambda: 2**63,
    lambda: 10**30,
    lambda: 10**400,
    lambda: (i for i in range(2)),
    lambda: b"x",
    lambda: np.array(["2001-01-01"], "datetime64[D]"),
    _structured,
    lambda: np.array([1 + 1j]),
    lambda: np.ma.masked_array([1.0, 2.0], [True, False]),
    lambda: np.zeros(0),
    lambda: np.zeros((0, 0)),
    lambda: np.array(1.0),
    lambda: np.array([None, "x"], object),
    lambda: _nothing,
)


def spoilt(right: Any, rng: random.Random) -> Any:
    """A value like the right one, with something wrong about it."""
    if isinstance(right, list | tuple) and right and not isinstance(right[0], str):
        try:
            made = np.asarray(right)
        except ValueError:
            return None
        return _spoilt_array(made, rng) if made.dtype.kind in "iuf" else [*right, right[-1]]
    if isinstance(right, np.ndarray):
        return _spoilt_array(right, rng)
    if isinstance(right, Mapping) and right:
        return rng.choice([_without, _with_more, list, lambda m: [*m.items()], lambda m: {**m, 3: 1}])(right)
    if isinstance(right, bool):
        return rng.choice([int(right), str(right), None, 2])
    if isinstance(right, int | float):
        return rng.choice([-right, right + 0.5, str(right), complex(right), [right], 10**9 * right, right * math.nan])
    if isinstance(right, str):
        return rng.choice([right.upper() + "?", right.encode(), [right], right + " ", ""])
    return rng.choice(JUNK)()


def _without(right: Mapping[Any, Any]) -> dict[Any, Any]:
    return dict(islice(right.items(), 1, None))


def _with_more(right: Mapping[Any, Any]) -> dict[Any, Any]:
    return {**right, "W_back": next(iter(right.values()))}


def _entry(made: Any, value: Any, dtype: Any = None) -> Any:
    broken = made.astype(dtype or made.dtype)
    broken.flat[-1] = value
    return broken


def _spoilt_array(made: Any, rng: random.Random) -> Any:
    broken = [
        lambda: made.astype(complex) * (1 + 1j),
        lambda: made.astype(object),
        lambda: made.astype(str),
        lambda: made.astype(bool),
        lambda: made.astype(np.float32),
        lambda: made.astype(np.longdouble),
        lambda: made.astype(int),
        lambda: made.astype("timedelta64[s]"),
        lambda: np.ma.masked_array(made, np.zeros(made.shape, bool)),
        lambda: np.ma.masked_equal(made, made.flat[0] if made.size else 0),
        lambda: made[:0],
        lambda: made[..., :0] if made.ndim else made,
        lambda: made[:-1],
        lambda: made[None],
        lambda: made[..., None],
        lambda: made.T,
        lambda: made.ravel(),
        lambda: made.tolist(),
        lambda: [made.tolist(), [1.0]],
        lambda: np.concatenate([made, made]) if made.ndim else made,
        lambda: _entry(made, math.nan, float),
        lambda: _entry(made, math.inf, float),
        lambda: _entry(made, -1),
        lambda: _entry(made, 0.5, float),
        lambda: _entry(made, 10**6),
        lambda: _entry(made, None, object),
    ]
    return rng.choice(broken)() if made.size else made


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a call: "fine", "obscure", "accepted" (nonsense) or "endless"; and what is to be said of it."""

    verdict: str
    said: str = ""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeoutError within, after so many seconds, where the system can."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


Break = tuple[str, Any, Any]
"""What is broken: the argument, the key of its part or None, and the value that is put there."""


def drawn(target: Target, rng: random.Random) -> list[Break]:
    """One argument or two, or a part of them, with something wrong for each."""
    found: list[Break] = []
    for name in rng.sample([*target.kinds], min(len(target.kinds), rng.choice([1, 1, 1, 2]))):
        kind = target.kinds[name]
        key = rng.choice([*kind.parts]) if kind.parts and rng.random() < 0.6 else None
        right = (kind if key is None else kind.parts[key]).right()
        found.append((name, key, spoilt(right, rng) if rng.random() < 0.5 else rng.choice(JUNK)()))
    return found


def broken(target: Target, breaks: list[Break]) -> dict[str, Any]:
    """Right arguments, but for what is broken."""
    arguments = {name: kind.right() for name, kind in target.kinds.items()}
    for name, key, value in breaks:
        right = arguments[name]
        if key is None:
            arguments[name] = value
        elif isinstance(right, Mapping):
            arguments[name] = {**right, key: value}
        else:
            arguments[name] = type(right)(value if i == key else one for i, one in enumerate(right))
    return arguments


def named(target: Target, breaks: list[Break], message: str) -> bool:
    """Whether a message names an argument that is broken; of two shapes that disagree it may name either."""
    words = {*target.also, *(name for name, _, _ in breaks), *(str(key) for _, key, _ in breaks if key is not None)}
    if any(isinstance(value, np.ndarray | list | tuple | Mapping) for _, _, value in breaks):
        words |= {*target.kinds, *(str(key) for kind in target.kinds.values() for key in kind.parts)}
    return any(word in message for word in words)


def makes_sense(kind: Kind, value: Any) -> bool:
    """Whether a kind says so; what it cannot even look at makes none."""
    if hasattr(value, "send"):  # a generator is left as it is, for the call to see
        return kind.sane is always
    try:
        return bool(kind.sane(value))
    except Exception:
        return False


def judged(target: Target, breaks: list[Break]) -> Outcome:
    """Call, and say what became of it. Two that are accepted together, and neither alone, fit each other."""
    arguments = broken(target, breaks)
    sane = all(makes_sense(target.kinds[name], value) for name, value in arguments.items())
    if target.together is not None:
        sane = target.together(arguments)
    try:
        with limited(SECONDS):
            found = target.call(**arguments)
            if hasattr(found, "__next__"):
                list(islice(found, 100))
    except (TimeoutError, MemoryError, RecursionError) as late:
        return Outcome(verdict="endless", said=type(late).__name__)
    except Exception as error:
        return _of_an_error(target, breaks, error, sane)
    fitting = len(breaks) > 1 and all(judged(target, [one]).verdict == "fine" for one in breaks)
    return Outcome(verdict="fine" if sane or fitting else "accepted")


def _of_an_error(target: Target, breaks: list[Break], error: Exception, sane: bool) -> Outcome:
    last = traceback.extract_tb(error.__traceback__)[-1]
    line = linecache.getline(last.filename, last.lineno or 0).strip()
    said = f"{type(error).__name__}: {error} ({last.filename.rpartition('/')[2]}:{last.lineno})"
    ours = any(part in last.filename for part in OURS) and "site-packages" not in last.filename
    if not ours or not line.startswith("raise"):
        return Outcome(verdict="obscure", said=said)
    if any(kind.__name__ in DOCUMENTED for kind in type(error).__mro__):
        return Outcome(verdict="fine" if sane else "obscure", said=said)
    if not isinstance(error, ALLOWED) or "\n" in str(error) or len(str(error)) > 1000:
        return Outcome(verdict="obscure", said=said)
    return Outcome(verdict="fine" if named(target, breaks, str(error)) else "obscure", said=said)


def tried(target: Target, count: int, seed: int) -> Iterator[tuple[dict[str, str], Outcome]]:
    """So many broken calls of a target, each with what was broken and what became of it."""
    rng = random.Random(f"{seed} {target.name}")
    for _ in range(count):
        breaks = drawn(target, rng)
        places = {name if key is None else f"{name}[{key!r}]": value for name, key, value in breaks}
        shown = {place: repr(value)[:80].replace("\n", " ") for place, value in places.items()}
        yield shown, judged(target, breaks)
