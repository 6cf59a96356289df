"""Right calls of every public function of impl, for the fuzz test to break."""

from __future__ import annotations

from typing import Any

import numpy as np
from fuzz_kinds import (
    Kind,
    Target,
    array,
    choice,
    classes,
    flag,
    integer,
    mapping,
    number,
    optional,
)

from backproof import impl

T, B, N, M, P = 3, 2, 3, 2, 4
NOT_CALLED = {
    "Clipped DeepTrajectory Expansion Explosion GruTrajectory LanguageModel LayeredRun Layers Learned LstmTrajectory "
    "Reach Training Trajectory UpdateOverflow": "what functions return",
    "ACTIVATIONS CELLS LOSSES": "tables",
    "Optimiser": "a protocol",
}
"""Public names that are not called, with the reason."""

FLOATS = (np.float32, np.float64)


def drawn(*shape: int) -> Any:
    """Normal numbers, the same for the same shape."""
    return np.random.default_rng(sum(shape)).normal(size=shape)


def params(**more: Kind) -> Kind:
    """The parameters of an Elman net."""
    arrays = {name: array(value) for name, value in impl.init_params(N, M, P, seed=0).items()}
    return mapping({**arrays, "h0": array(drawn(B, N)), **more}, left_out=("h0",))


def gated(letters: str, *firsts: str) -> Kind:
    """The parameters of a gated net."""
    arrays = {f"W_{j}": drawn(N, N) for j in letters} | {f"U_{j}": drawn(N, M) for j in letters}
    arrays |= {f"b_{j}": drawn(N) for j in letters} | {"V": drawn(P, N), "c": drawn(P)}
    arrays |= {name: drawn(B, N) for name in firsts}
    return mapping({name: array(value) for name, value in arrays.items()}, left_out=firsts)


def by_name(**arrays: Any) -> Kind:
    """Arrays by names of one's own."""
    kinds = {name: array(value, shapes=lambda s: True) for name, value in arrays.items()}
    return Kind(
        right=lambda: {name: kind.right() for name, kind in kinds.items()},
        sane=lambda v: isinstance(v, dict) and bool(v) and all(map(floats, v.values())) and one_dtype(v),
        parts=kinds,
    )


def one_dtype(arrays: dict[Any, Any]) -> bool:
    """Whether all arrays are of one."""
    return len({value.dtype for value in arrays.values()}) == 1


def floats(value: Any) -> bool:
    """Whether it is a finite array of floats, 16 bits among them."""
    masked = isinstance(value, np.ma.MaskedArray)
    right = isinstance(value, np.ndarray) and value.dtype in (np.float16, *FLOATS) and not masked
    return bool(right and np.isfinite(value).all())


RUN = array(drawn(T, B, M), shapes=lambda s: len(s) == 3 and s[0] > 0 and s[1:] == (B, M))
INPUTS, CLASSES = array(drawn(T, B, M)), classes(np.arange(T * B).reshape(T, B) % P, P)
ACTIVATION = choice("relu", impl.ACTIVATIONS)
CHARGED = {"loss": choice("cross_entropy", ["cross_entropy"]), "reduction": choice("mean", ["sum", "mean"])}
VALUED = {"loss": choice("squared_error", ["squared_error", "huber"]), "reduction": choice("sum", ["sum", "mean"])}
DTYPE = Kind(right=lambda: np.float32, sane=lambda v: v in (np.float32, np.float64, "float32", float))
SEED = Kind(right=lambda: 3, sane=lambda v: (integer(3, 0).sane(v)) or isinstance(v, np.random.SeedSequence))
SMALL = 2**14


def square(size: int = N) -> Kind:
    """A square matrix of floats."""
    made = drawn(size, size)

    def sane(v: Any) -> bool:
        return floats(v) and v.dtype in FLOATS and v.ndim == 2 and v.shape[0] == v.shape[1] > 0

    return Kind(right=made.copy, sane=sane)


def nets() -> list[Target]:
    """Elman, gated and deep nets."""
    run = {"params": params(), "inputs": INPUTS}
    found = [
        Target(name=f.__name__, call=f, kinds={"params": params(), "inputs": RUN, "activation": ACTIVATION})
        for f in (impl.forward, impl.step_jacobians, impl.jacobian_norms, impl.jacobian_products)
    ]
    for function_, more in (
        (impl.loss, {}),
        (impl.gradients, {}),
        (impl.loss_and_gradients, {}),
        (impl.contributions, {}),
        (impl.rtrl_gradients, {}),
        (impl.contributions_by_distance, {"step": integer(2, 1, T)}),
        (impl.distance_shares, {"step": optional(integer(2, 1, T))}),
        (impl.truncated_gradients, {"every": integer(1, 1, 2), "window": integer(2)}),
    ):
        kinds = {**run, "targets": CLASSES, "activation": ACTIVATION, **CHARGED, **more}
        also = ("window",) if "window" in more else ()
        found.append(Target(name=function_.__name__, call=function_, kinds=kinds, also=also))
    of_values = {**run, "targets": array(drawn(T, B, P)), "activation": ACTIVATION, **VALUED}
    found.append(Target(name="gradients", call=impl.gradients, kinds=of_values))
    found += [
        Target(
            name=f.__name__,
            call=f,
            kinds={**run, "inputs": RUN, "activation": ACTIVATION, "discard": integer(1, 0, T - 1)},
        )
        for f in (impl.lyapunov_exponents, impl.mean_log_determinant)
    ]
    for letters, firsts, runs, losses in (
        ("ifqg", ("h0", "s0"), (impl.lstm_forward, impl.lstm_cell_jacobians), (impl.lstm_loss, impl.lstm_gradients)),
        ("zrn", ("h0",), (impl.gru_forward, impl.gru_carry), (impl.gru_loss, impl.gru_gradients)),
    ):
        own = {"params": gated(letters, *firsts), "inputs": INPUTS}
        found += [Target(name=f.__name__, call=f, kinds={**own, "inputs": RUN}) for f in runs]
        found += [Target(name=f.__name__, call=f, kinds={**own, "targets": CLASSES, **CHARGED}) for f in losses]
    arrays = {"W": drawn(N, N), "b": drawn(N), "V": drawn(P, N), "c": drawn(P)}
    deep = {
        "params": mapping({name: array(value) for name, value in arrays.items()}),
        "inputs": array(drawn(B, N), shapes=lambda s: len(s) == 2 and s[0] > 0 and s[1] == N),
        "depth": integer(4, 1, SMALL),
        "activation": ACTIVATION,
    }
    for f in (impl.deep_forward, impl.deep_layer_jacobians, impl.deep_jacobian_norms, impl.deep_jacobian_products):
        found.append(Target(name=f.__name__, call=f, kinds={**deep}))
    of_one = {**deep, "inputs": array(drawn(B, N)), "targets": classes([1, 0], P), **CHARGED}
    return [*found, *(Target(name=f.__name__, call=f, kinds=of_one) for f in (impl.deep_loss, impl.deep_gradients))]


def matrices() -> list[Target]:
    """Initial weights, spectra, orthogonal steps and counts."""
    size = integer(3, 1, SMALL)
    found = [
        Target(name=f.__name__, call=f, kinds={"W": square()})
        for f in (impl.eigenvalues, impl.spectral_norm, impl.spectral_radius, impl.condition_of_eigenvectors)
    ]
    found += [
        Target(name="identity_init", call=impl.identity_init, kinds={"n": size, "dtype": DTYPE}),
        Target(
            name="normal_init",
            call=impl.normal_init,
            kinds={"n": size, "std": number(0.5), "seed": SEED, "dtype": DTYPE},
        ),
        Target(
            name="orthogonal_init",
            call=impl.orthogonal_init,
            kinds={"n": size, "seed": SEED, "dtype": DTYPE, "haar": flag()},
        ),
        Target(
            name="semi_orthogonal_init",
            call=impl.semi_orthogonal_init,
            kinds={"rows": size, "columns": size, "seed": SEED, "dtype": DTYPE},
        ),
        Target(
            name="init_params",
            call=impl.init_params,
            kinds={
                **dict.fromkeys("nmp", size),
                "recurrent": choice("normal", ["normal", "orthogonal", "identity"]),
                "seed": integer(1, 0),
                "dtype": DTYPE,
            },
        ),
        Target(
            name="gaussian_spectral_radius",
            call=impl.gaussian_spectral_radius,
            kinds={"n": size, "gain": number(1.5), "seed": SEED},
        ),
        Target(name="departure", call=impl.departure, kinds={"Q": square()}),
        Target(
            name="autonomous_exponents",
            call=impl.autonomous_exponents,
            kinds={
                "W": array(drawn(N, N)),
                "steps": integer(4, 3, SMALL),
                "activation": ACTIVATION,
                "h0": optional(array(drawn(N))),
                "discard": integer(1, 0, 3),
            },
        ),
        Target(
            name="eigen_expansion", call=impl.eigen_expansion, kinds={"W": array(drawn(N, N)), "v": array(drawn(N))}
        ),
        Target(
            name="expanded_power",
            call=impl.expanded_power,
            kinds={"W": array(drawn(N, N)), "v": array(drawn(N)), "t": integer(2, 0)},
        ),
    ]
    pair = {"Q": array(drawn(N, N)), "gradient": array(drawn(N, N) / 2)}
    found.append(Target(name="skew_gradient", call=impl.skew_gradient, kinds=pair))
    for f in (impl.cayley_step, impl.exponential_step, impl.plain_step):
        found.append(Target(name=f.__name__, call=f, kinds={**pair, "rate": number(0.5)}))
    for f in (impl.rtrl_operations, impl.bptt_operations):
        found.append(Target(name=f.__name__, call=f, kinds=dict.fromkeys("nmpT", integer(2))))
    return found


TARGETS = [*nets(), *matrices()]
