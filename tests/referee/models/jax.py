"""Functions of JAX and modules of Flax and Equinox as models: parameters, how they are called, and what ``vjp`` gives.

JAX's 64-bit mode is on while a subject runs, and afterwards what it was.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from backproof.referee.models.calling import Convention, Frame, Opened

Array = NDArray[Any]
Function = Callable[[Mapping[str, Any]], Any]

COMPILED = 32
"""Up to how many steps."""
CONCRETE = (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError)
"""What JAX raises where code looks at numbers while they are traced."""


def frame(dtype: str) -> Frame:
    """What JAX does, in a format."""
    format_ = jnp.dtype(dtype)

    def tensor(array: Any) -> Any:
        array = np.asarray(array)
        with jax.enable_x64(True):
            return jnp.asarray(array, dtype=format_ if array.dtype.kind == "f" else array.dtype)

    def tensors(arrays: Mapping[str, Array]) -> dict[str, Any]:
        return {name: tensor(array) for name, array in arrays.items()}

    def vjp(
        function: Function, arrays: Mapping[str, Array], asked: Sequence[Array | None]
    ) -> tuple[list[Any], dict[str, Array]]:
        with jax.enable_x64(True):
            incoming = [None if one is None else tensor(one) for one in asked]
            steps = len(arrays.get("inputs", arrays.get("fixed inputs", ())))
            results, found = _differentiated(function, steps)(tensors(arrays), incoming)
            return [_array(one) for one in results], {name: _array(by) for name, by in found.items()}

    def shaped(function: Function, arrays: Mapping[str, Array]) -> None:
        with jax.enable_x64(True):
            try:
                jax.eval_shape(function, tensors(arrays))
            except CONCRETE:
                function(tensors(arrays))

    return Frame(
        name="JAX",
        vjp=vjp,
        shaped=shaped,
        over=_over,
        tensor=tensor,
        array=_array,
        owns=lambda one: isinstance(one, jax.Array),
        stack=jnp.stack,
        losses=LOSSES,
        within=lambda: jax.enable_x64(True),
        alone=jax.vmap,
        denormals=_denormals(format_),
    )


@lru_cache(maxsize=16)
def _compiled(function: Function) -> Any:
    return jax.jit(partial(_pulled_back, function))


def _differentiated(function: Function, steps: int) -> Callable[..., Any]:
    """Results and gradients: compiled for each size, unless there are many steps, which may have been unrolled."""
    eager = partial(_pulled_back, function)
    if steps > COMPILED:
        return eager

    def run(given: Any, asked: Any) -> Any:
        try:
            return _compiled(function)(given, asked)
        except CONCRETE:  # the user's code looks at numbers
            return eager(given, asked)

    return run


def _pulled_back(function: Function, given: Mapping[str, Any], asked: Sequence[Any]) -> tuple[Any, Any]:
    free = {name: one for name, one in given.items() if not name.startswith("fixed ")}
    own = {name: one for name, one in free.items() if jnp.issubdtype(one.dtype, jnp.floating)}
    results, back = jax.vjp(lambda own: list(function({**given, **own})), own)
    incoming = [*asked, *[None] * len(results)][: len(results)]
    pairs = zip(results, incoming, strict=True)
    (found,) = back([jnp.zeros_like(one) if a is None else a.astype(one.dtype) for one, a in pairs])
    return results, found


def _over(step: Callable[..., Any], states: Any, told: Mapping[str, Any]) -> tuple[Any, Any]:
    """Steps one after the other; one by one if the code looks at numbers."""
    try:
        last, outputs = jax.lax.scan(step, states, told)
        return outputs, last
    except CONCRETE:
        each = []
        for number in range(len(told["inputs"])):
            states, output = step(states, {name: value[number] for name, value in told.items()})
            each.append(output)
        return jnp.stack(each), states


def _array(tensor: Any) -> Array:
    """The numbers of a tensor; bfloat16 as float32, which has them all."""
    array = np.asarray(tensor)
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def _denormals(format_: Any) -> bool:
    """Whether half of the smallest normal number is one here."""
    with jax.enable_x64(True):
        smallest = jnp.asarray(jnp.finfo(format_).smallest_normal, dtype=format_)
        return bool(jax.jit(lambda x: x * 0.5)(smallest) != 0)


def _entropy(outputs: Any, targets: Any) -> Any:
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets.astype(int)[..., None], axis=-1)[..., 0]


def _huber(outputs: Any, targets: Any) -> Any:
    off = jnp.abs(outputs - targets)
    return jnp.where(off <= 1, off**2 / 2, off - 0.5).sum(axis=-1)


LOSSES: Mapping[str, Callable[[Any, Any], Any]] = {
    "cross_entropy": _entropy,
    "soft_cross_entropy": lambda o, y: -(y * jax.nn.log_softmax(o)).sum(axis=-1),
    "binary_cross_entropy": lambda o, y: (jax.nn.softplus(o) - y * o).sum(axis=-1),
    "huber": _huber,
    "squared_error": lambda o, y: ((o - y) ** 2).sum(axis=-1) / 2,
    "sum_of_squares": lambda o, y: ((o - y) ** 2).sum(axis=-1),
}


def opened(subject: Any, width: int) -> Opened | None:
    """A module of Flax or Equinox; None for anything else."""
    equinox, linen, nnx = (sys.modules.get(name) for name in ("equinox", "flax.linen", "flax.nnx"))
    if equinox and isinstance(subject, equinox.Module):
        return _equinox(subject, equinox)
    if linen and isinstance(subject, linen.Module):
        return _linen(subject, linen, width)
    if nnx and isinstance(subject, nnx.Module):
        return _nnx(subject, nnx)
    return None


def _equinox(module: Any, equinox: Any) -> Opened:
    """A callable tree, mostly of one sequence or step; its arrays by their paths."""
    own, rest = equinox.partition(module, equinox.is_inexact_array)
    names, built = _leaves(own)
    words = [name for name, one in _modules(module, equinox) if isinstance(one, equinox.nn.Embedding)]
    ways = [Convention(step=True, layout="T", states=one) for one in ("flat", "apart")]
    ways += [Convention(layout=layout, states=one) for layout in _layouts(module, "T", "TB", "BT") for one in STATES]
    return Opened(
        name=type(module).__name__,
        shapes={name: tuple(one.shape) for name, one in names.items()},
        call=lambda parameters, *at: equinox.combine(built(parameters), rest)(*at),
        ways=ways,
        embedding=f"{words[0]}.weight" if words else None,
    )


STATES = ("flat", "apart", "stacked", "none")


def _modules(module: Any, equinox: Any) -> list[tuple[str, Any]]:
    """The modules right below a module, by their paths."""
    below = jax.tree_util.tree_flatten_with_path(
        module, is_leaf=lambda one: isinstance(one, equinox.Module) and one is not module
    )[0]
    return [(_path(path), one) for path, one in below]


def _linen(module: Any, linen: Any, width: int) -> Opened:
    """A module of Flax whose parameters are made for inputs of this width; or for indices, if it takes no others."""
    is_cell = isinstance(module, linen.RNNCellBase)
    with jax.enable_x64(True):
        made = _made(module, is_cell, width)
    names, built = _leaves(made["params"])
    rest = {name: value for name, value in made.items() if name != "params"}

    def call(parameters: Mapping[str, Any], *at: Any, **more: Any) -> Any:
        return module.apply({"params": built(parameters), **rest}, *at, **more)

    return _flax(module, call, names, is_cell, isinstance(module, linen.RNN))


def _made(module: Any, is_cell: bool, width: int) -> Any:
    """What a module of Flax makes before it is run."""
    key = jax.random.key(0)
    if is_cell:
        return module.init(key, module.initialize_carry(key, (1, width)), jnp.zeros((1, width)))
    try:
        return module.init(key, jnp.zeros((2, 3, width), dtype=jnp.float32))
    except (TypeError, ValueError):
        return module.init(key, jnp.zeros((2, 3), dtype=int))


def _nnx(module: Any, nnx: Any) -> Opened:
    """A module of Flax that has its parameters."""
    graph, own, rest = nnx.split(module, nnx.Param, ...)
    names, built = _leaves(own)
    beside, again = _leaves(rest)

    def call(parameters: Mapping[str, Any], *at: Any, **more: Any) -> Any:
        return nnx.merge(graph, built(parameters), again(beside))(*at, **more)

    return _flax(module, call, names, isinstance(module, nnx.nn.recurrent.RNNCellBase), isinstance(module, nnx.RNN))


def _flax(module: Any, call: Callable[..., Any], names: Mapping[str, Any], is_cell: bool, is_layer: bool) -> Opened:
    """Kernels are stored transposed; states come before inputs, the output last; other modules are batch first."""
    run: Callable[..., Any] = call
    ways = [Convention(step=True, states="first")]
    if is_layer:
        ways = [Convention(layout="TB" if module.time_major else "BT", states="first")]
        run = lambda p, states, x, **more: call(p, x, initial_carry=states, return_carry=True, **more)  # noqa: E731
    elif not is_cell:
        ways = [
            Convention(layout=layout, states=one) for layout in _layouts(module, "BT") for one in ("first", *STATES)
        ]
    return Opened(
        name=type(module).__name__,
        shapes={name: tuple(one.shape) for name, one in names.items()},
        call=run,
        ways=ways,
        turned=frozenset(name for name, one in names.items() if name.endswith("kernel") and len(one.shape) == 2),
        embedding=next((name for name in names if name.split(".")[-1] == "embedding"), None),
        output_last=True,
    )


def _layouts(module: Any, *otherwise: str) -> tuple[str, ...]:
    """As the module says, or these."""
    said = getattr(module, "layout", None)
    return (said,) if said in ("TB", "BT", "T") else otherwise


def _leaves(tree: Any) -> tuple[dict[str, Any], Callable[[Mapping[str, Any]], Any]]:
    """The arrays of a tree by their paths, and the tree again from others."""
    found, shape = jax.tree_util.tree_flatten_with_path(tree)
    names = {_path(path): leaf for path, leaf in found}
    return names, lambda arrays: jax.tree_util.tree_unflatten(shape, [arrays[name] for name in names])


def _path(path: Any) -> str:
    """The words of a path, with points between."""
    return str(jax.tree_util.keystr(path, simple=True, separator=".")).removesuffix(".value")
