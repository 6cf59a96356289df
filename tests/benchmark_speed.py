"""How fast the Elman net is, beside other libraries and beside what the machine can do.

`python tests/benchmark_speed.py` prints, for each size, the median time of the loss gradient with respect to
all parameters (tanh, softmax cross-entropy, float64), and how many times as long each library takes that can be
imported: torch (nn.RNN, Linear, cross_entropy, backward) on 2 threads, jax (lax.scan, compiled beforehand).
All are measured in one run, in turns, so that a busy machine slows all of them.

Rates count the 16·T·B·n² operations of the net's eight products with n×n matrices, nothing else. The
denominators are the rates of the same eight products alone, in the shapes that the net needs, and of plain
square products of 1024×1024 matrices.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backproof import impl

SIZES = ((8, 50, 1), (16, 50, 1), (32, 100, 8), (32, 200, 32), (64, 100, 16), (128, 100, 32), (256, 200, 32))
TURNS, REPEATS, SQUARE = 7, 3, 1024

Run = Callable[[], Any]
Problem = tuple[dict[str, Any], Any, Any]


def problem(n: int, steps: int, batch: int) -> Problem:
    """Draw parameters, inputs and targets of a net with n inputs, n units and n classes."""
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(size=(n, n)) / n**0.5 for name in "WUV"}
    vectors = {"b": rng.normal(size=n), "c": rng.normal(size=n), "h0": np.zeros((batch, n))}
    return weights | vectors, rng.normal(size=(steps, batch, n)), rng.integers(0, n, size=(steps, batch))


def in_torch(params: Mapping[str, Any], inputs: Any, targets: Any) -> Run:
    """Return the same gradient in torch."""
    import torch

    torch.set_num_threads(2)
    n = len(params["b"])
    net, layer = torch.nn.RNN(n, n).double(), torch.nn.Linear(n, n).double()
    x, y = torch.tensor(inputs), torch.tensor(targets).reshape(-1)

    def run() -> None:
        net.zero_grad()
        layer.zero_grad()
        outputs = layer(net(x)[0]).reshape(-1, n)
        torch.nn.functional.cross_entropy(outputs, y, reduction="sum").backward()

    return run


def in_jax(params: Mapping[str, Any], inputs: Any, targets: Any) -> Run:
    """Return the same gradient in jax, to be compiled at the first call."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def loss(params: Mapping[str, Any], inputs: Any, targets: Any) -> Any:
        def step(h: Any, driven: Any) -> tuple[Any, Any]:
            h = jnp.tanh(h @ params["W"].T + driven)
            return h, h

        _, states = jax.lax.scan(step, params["h0"], inputs @ params["U"].T + params["b"])
        scores = jax.nn.log_softmax(states @ params["V"].T + params["c"])
        return -jnp.take_along_axis(scores, targets[..., None], -1).sum()

    gradient = jax.jit(jax.grad(loss))
    arguments = {name: jnp.array(array) for name, array in params.items()}, jnp.array(inputs), jnp.array(targets)
    return lambda: jax.block_until_ready(gradient(*arguments))


def own_products(params: Mapping[str, Any], inputs: Any) -> Run:
    """Return the net's products alone: two that wait for their neighbour in time, six over all steps."""
    steps, batch, n = inputs.shape
    W, W_transposed = params["W"], np.ascontiguousarray(params["W"].T)
    flat, step, sequence, square = inputs.reshape(-1, n), np.empty((batch, n)), np.empty((steps * batch, n)), W.copy()

    def run() -> None:
        for x_t in inputs:
            np.matmul(x_t, W_transposed, out=step)
            np.matmul(x_t, W, out=step)
        for matrix in (params["U"].T, params["V"].T, params["V"]):
            np.matmul(flat, matrix, out=sequence)
        for _ in "WUV":
            np.matmul(flat.T, sequence, out=square)

    return run


def square_product() -> Run:
    """Return a product of two large square matrices."""
    left, right, product = np.ones((SQUARE, SQUARE)), np.ones((SQUARE, SQUARE)), np.empty((SQUARE, SQUARE))
    return lambda: np.matmul(left, right, out=product)


def medians(runs: Mapping[str, Run]) -> dict[str, float]:
    """Return the median time of each run, in seconds, measured in turns after a first call that does not count."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(TURNS + 1):
        for name, run in runs.items():
            run()  # What ran before has left its own data in the caches, and its threads awake.
            for _ in range(REPEATS if turn else 0):
                start = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def line(n: int, steps: int, batch: int) -> str:
    """Measure one size."""
    params, inputs, targets = problem(n, steps, batch)
    runs: dict[str, Run] = {"impl": lambda: impl.gradients(params, inputs, targets)}
    for name, build in {"torch": in_torch, "jax": in_jax}.items():
        if importlib.util.find_spec(name):
            runs[name] = build(params, inputs, targets)
    took = medians(runs | {"own": own_products(params, inputs), "square": square_product()})
    others = "".join(f"{took[name] / took['impl']:8.2f}" if name in took else f"{'-':>8}" for name in ("torch", "jax"))
    count = 16 * steps * batch * n**2
    rates = [count / took["impl"], count / took["own"], 2 * SQUARE**3 / took["square"]]
    shares = "".join(f"{rates[0] / rate:9.0%}" for rate in rates[1:])
    return (
        f"{n:5}{steps:5}{batch:5}{took['impl'] * 1e3:10.2f}{others}"
        + "".join(f"{r / 1e9:9.1f}" for r in rates)
        + shares
    )


def main() -> None:
    """Print a table: one line for each size."""
    print("torch, jax: their time over ours. G/s: 1e9 operations per second of the net, of its own products alone, and")
    print(f"of a product of {SQUARE}x{SQUARE} matrices. of own, of square: the net's rate over each of these two.")
    print("    n    T    B   impl ms   torch     jax  net G/s  own G/s   sq G/s   of own   of sq")
    for size in SIZES:
        print(line(*size), flush=True)


if __name__ == "__main__":
    main()
