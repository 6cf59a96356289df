"""The usual gradient checkers and ours, each as a function that says whether it objects to a subject at a net.

Whatever is under test is handed to a checker as its documentation says: a loss, and the subject's gradient as its
derivative. Defaults are left alone. Where a default asks for what a gradient in NumPy cannot give (a second derivative,
a derivative in forward mode) it is turned off, and ``how`` says so. Frameworks are imported when first used.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.referee.reference import every_gradient
from backproof.theory.confronting.subject import offered
from backproof.theory.nets.networks import NAMES, Net

Array = NDArray[np.float64]
Objects = Callable[[Any, Net], bool]


class Missing(ImportError):
    """The checker's package is not installed."""


def framework(name: str) -> Any:
    """A package, imported when it is needed.

    Raises
    ------
    Missing
        If it is not installed; the message says which.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Missing(f"{name.partition('.')[0]} is not installed") from error


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A subject at a net, as a function of its parameters in the order of `NAMES`, or of one long vector."""

    subject: Any
    net: Net

    @property
    def start(self) -> list[Array]:
        """The parameters."""
        return [self.net.parameters[name] for name in NAMES]

    def loss(self, *arrays: Any) -> float:
        """The subject's loss."""
        return float(self._call("loss", arrays))

    def gradient(self, *arrays: Any) -> list[Array]:
        """The subject's gradients."""
        found: Mapping[str, Array] = self._call("gradients", arrays)
        return [np.asarray(found[name], dtype=np.float64) for name in NAMES]

    def _call(self, function: str, arrays: Any) -> Any:
        parameters = {name: np.asarray(a, dtype=np.float64) for name, a in zip(NAMES, arrays, strict=True)}
        return offered(self.subject, function)(parameters, self.net.inputs, self.net.targets, **self.net.settings)

    def split(self, vector: Array) -> list[Array]:
        """A long vector as arrays of the parameters' shapes."""
        ends = np.cumsum([a.size for a in self.start])[:-1]
        return [part.reshape(a.shape) for part, a in zip(np.split(vector, ends), self.start, strict=True)]

    @staticmethod
    def joined(arrays: list[Array]) -> Array:
        """Arrays as one long vector."""
        return np.concatenate([np.ravel(a) for a in arrays])


def ours(subject: Any, net: Net) -> bool:
    """Every entry against its derived value and bound."""
    return any(not comparison.passes for comparison in every_gradient(subject, net))


def torch_gradcheck(subject: Any, net: Net, *, fast_mode: bool) -> bool:
    """``torch.autograd.gradcheck`` of a custom autograd function."""
    torch = framework("torch")
    problem = Problem(subject=subject, net=net)

    def forward(context: Any, *tensors: Any) -> Any:
        context.save_for_backward(*tensors)
        return torch.tensor(problem.loss(*(t.detach().numpy() for t in tensors)), dtype=torch.float64)

    def backward(context: Any, out: Any) -> Any:
        return tuple(out * torch.from_numpy(g) for g in problem.gradient(*(t.numpy() for t in context.saved_tensors)))

    function: Any = type(
        "Loss", (torch.autograd.Function,), {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    )
    tensors = [torch.tensor(a, requires_grad=True) for a in problem.start]
    return not torch.autograd.gradcheck(function.apply, tensors, raise_exception=False, fast_mode=fast_mode)


@contextmanager
def _double_precision(jax: Any) -> Iterator[None]:
    """JAX computes in float32 unless told otherwise."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


def jax_check_grads(subject: Any, net: Net) -> bool:
    """``jax.test_util.check_grads`` of a function with a custom derivative."""
    jax = framework("jax")
    check = framework("jax.test_util").check_grads
    problem = Problem(subject=subject, net=net)
    with _double_precision(jax):
        scalar = jax.ShapeDtypeStruct((), np.float64)
        shapes = tuple(jax.ShapeDtypeStruct(a.shape, np.float64) for a in problem.start)

        @jax.custom_vjp  # type: ignore[untyped-decorator]
        def loss(*arrays: Any) -> Any:
            return jax.pure_callback(lambda *a: np.float64(problem.loss(*a)), scalar, *arrays)

        def forward(*arrays: Any) -> Any:
            return loss(*arrays), arrays

        def backward(arrays: Any, out: Any) -> Any:
            return tuple(out * g for g in jax.pure_callback(lambda *a: tuple(problem.gradient(*a)), shapes, *arrays))

        loss.defvjp(forward, backward)
        return _asserts(lambda: check(loss, tuple(problem.start), order=1, modes=("rev",)))


def _asserts(check: Callable[[], Any]) -> bool:
    try:
        check()
    except AssertionError:
        return True
    return False


ACCEPTED = 1e-6
"""SciPy returns a number and leaves the verdict to its reader; this is what readers ask for."""


def scipy_check_grad(subject: Any, net: Net) -> bool:
    """``scipy.optimize.check_grad`` of the parameters as one vector."""
    check = framework("scipy.optimize").check_grad
    problem = Problem(subject=subject, net=net)
    error = check(
        lambda vector: problem.loss(*problem.split(vector)),
        lambda vector: problem.joined(problem.gradient(*problem.split(vector))),
        problem.joined(problem.start),
    )
    return not error < ACCEPTED


def autograd_check_grads(subject: Any, net: Net) -> bool:
    """``autograd.test_util.check_grads`` of a primitive with a rule of its own."""
    extend, check = framework("autograd.extend"), framework("autograd.test_util").check_grads
    problem = Problem(subject=subject, net=net)
    loss = extend.primitive(lambda vector: problem.loss(*problem.split(vector)))
    extend.defvjp(loss, lambda _, vector: lambda out: out * problem.joined(problem.gradient(*problem.split(vector))))
    return _asserts(lambda: check(loss, modes=["rev"], order=1)(problem.joined(problem.start)))


@dataclass(frozen=True, kw_only=True)
class Checker:
    """``objects(subject, net)`` is True if the checker finds the gradient wrong; ``how`` is the call in words."""

    name: str
    package: str | None
    how: str
    objects: Objects

    @property
    def missing(self) -> str | None:
        """Why it cannot run here, if it cannot."""
        try:
            if self.package is not None:
                framework(self.package)
        except Missing as reason:
            return str(reason)
        return None

    def __call__(self, subject: Any, net: Net) -> bool:
        """Run it; its random directions are the same every time."""
        np.random.seed(0)  # noqa: NPY002  # JAX and autograd draw from NumPy's global generator
        if self.package == "torch":
            framework("torch").manual_seed(0)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return self.objects(subject, net)


OURS = Checker(
    name="backproof",
    package=None,
    how="extended precision, or balls, and derived bounds, at the net and at one of its shape without cancellation",
    objects=ours,
)
CHECKERS = (
    OURS,
    Checker(
        name="torch gradcheck",
        package="torch",
        how="torch.autograd.gradcheck(f, parameters)",
        objects=partial(torch_gradcheck, fast_mode=False),
    ),
    Checker(
        name="torch gradcheck, fast",
        package="torch",
        how="torch.autograd.gradcheck(f, parameters, fast_mode=True)",
        objects=partial(torch_gradcheck, fast_mode=True),
    ),
    Checker(
        name="JAX check_grads",
        package="jax",
        how="jax.test_util.check_grads(f, parameters, order=1, modes=('rev',)) in float64",
        objects=jax_check_grads,
    ),
    Checker(
        name="SciPy check_grad",
        package="scipy",
        how=f"scipy.optimize.check_grad(f, gradient, parameters) below {ACCEPTED:g}",
        objects=scipy_check_grad,
    ),
    Checker(
        name="autograd check_grads",
        package="autograd",
        how="autograd.test_util.check_grads(f, modes=['rev'], order=1)(parameters)",
        objects=autograd_check_grads,
    ),
)
