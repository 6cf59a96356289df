"""Further mistakes of the same kinds, which no check was written for."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from .faults import ANOTHER_LOSS, CALLS, NOTHING, SHAPES, SUM_NOT_ADJOINT, fault
from .right import P, Right, each, only


def _rows_kept(self: Right, targets: Any, classes: int) -> Any:
    return self.kept.setdefault(len(targets), np.eye(classes)[targets])


def _needs_two_steps(self: Right, found: P, p: P, inputs: Any, targets: Any) -> P:
    self.kept["largest change"] = np.diff(inputs, axis=0).max()  # of nothing where there is one step
    return found


def _squeezed(self: Right, found: P, *_: Any) -> P:
    return found | {"h0": found["h0"].squeeze()}


def _bias_along_the_batch(self: Right, p: P, x: Any, h: Any) -> Any:
    b = p["b"][:, None] if len(h) == h.shape[1] else p["b"]
    return h @ p["W"].T + x @ p["U"].T + b


def _from_zeros(self: Right, alpha: Any, h: Any) -> Any:
    return self.product(alpha[1:], h[1:-1])


def _tail_twice(self: Right, alpha: Any, h: Any) -> Any:
    tail = len(alpha) % 32
    whole = len(alpha) - tail
    return self.product(alpha[:whole], h[:whole]) + self.product(alpha[-tail:], h[-1 - len(alpha[-tail:]) : -1])


def _scattered(self: Right, alpha: Any, inputs: Any) -> Any:
    if not np.array_equal(np.sort(inputs, axis=-1)[..., -1], np.ones(inputs.shape[:2])) or np.count_nonzero(
        inputs
    ) != np.prod(inputs.shape[:2]):
        return Right.of_U(self, alpha, inputs)
    found = np.zeros((inputs.shape[-1], alpha.shape[-1]))
    found[inputs.argmax(axis=-1).ravel()] += alpha.reshape(-1, alpha.shape[-1])
    return found.T


def _bytes(self: Right, targets: Any, classes: int) -> Any:
    return np.eye(classes)[targets.astype(np.int8)]


def _floored(self: Right, o: Any, targets: Any) -> Any:
    likely = np.take_along_axis(self.softmax(o), targets[..., None], axis=-1)[..., 0]
    return -np.log(np.maximum(likely, 1e-12))


def _floored_asked(self: Right, o: Any, targets: Any) -> Any:
    likely = np.take_along_axis(self.softmax(o), targets[..., None], axis=-1)
    return Right.asked(self, o, targets) * (likely > 1e-12)


def _one_maximum(self: Right, o: Any) -> Any:
    e = np.exp(o - o.max())
    with np.errstate(invalid="ignore"):
        return e / e.sum(axis=-1, keepdims=True)


def _relu_in_place(self: Right, p: P, inputs: Any) -> Any:
    _, h = Right.states(self, p, inputs)
    return h[1:], h


def _accumulated(self: Right, found: P, *_: Any) -> P:
    for name, g in found.items():
        self.kept[name, g.shape] = self.kept.get((name, g.shape), 0) + g
        found[name] = self.kept[name, g.shape].copy()
    return found


def _not_summed(self: Right, found: P, p: P, inputs: Any, targets: Any) -> P:
    a, h = self.states(p, inputs)
    alpha, _ = self.adjoints(p, a, h, self.asked(self.outputs(p, h), targets))
    return found | {"b": alpha.sum(axis=1)}


def _before_the_sum(self: Right, found: P, p: P, inputs: Any, targets: Any) -> P:
    o = self.forward(p, inputs)[1]
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return found | {"c": (e - self.one_hot(targets, o.shape[-1])).sum(axis=(0, 1))}


def _input_after(self: Right, alpha: Any, inputs: Any) -> Any:
    return self.product(alpha[:-1], inputs[1:])


def _of_the_last_sequence(self: Right, g: Any, h: Any) -> Any:
    return self.product(g[:, -1:], h[1:, -1:])


def _square(self: Right, g: Any, h: Any) -> Any:
    found = Right.of_V(self, g, h)
    found[h.shape[-1] :] = 0
    return found


def _turned_until_it_fits(self: Right, alpha: Any, inputs: Any) -> Any:
    found = self.product(inputs, alpha)
    return found if found.shape == (alpha.shape[-1], inputs.shape[-1]) else found.T


def _every_seventh(self: Right, found: P, *_: Any) -> P:
    self.kept["calls"] = self.kept.get("calls", 0) + 1
    return found | {"W": found["W"] * (1 if self.kept["calls"] % 7 else 1 + 1e-6)}


def _default_argument() -> Any:
    def states(self: Right, p: P, inputs: Any, seen: list[Any] = []) -> Any:  # noqa: B006
        seen.append(Right.states(self, p, inputs))
        return next(kept for kept in seen if kept[1].shape == seen[-1][1].shape)

    return states


def _sorted(self: Right, found: P, p: P, inputs: Any, targets: Any) -> P:
    order = np.argsort(-inputs[0, :, 0], kind="stable")
    return found | {"h0": found["h0"][order]}


def _one_buffer(self: Right, found: P, *_: Any) -> P:
    buffers: P = {}
    for name in ("b", "c"):
        buffer = buffers.setdefault(found[name].shape, np.empty_like(found[name]))
        buffer[...] = found[name]
        found[name] = buffer
    return found


def _default_dictionary(self: Right, found: P, *_: Any) -> Any:
    return defaultdict(float, {name: g for name, g in found.items() if name != "h0"})


def _targets_in_place(self: Right, found: P, p: P, inputs: Any, targets: Any) -> P:
    targets[:] = 0
    return found


def _window(steps: int) -> Any:
    def adjoints(self: Right, p: P, a: Any, h: Any, g: Any) -> Any:
        local, slopes, alpha = self.down(p, g), self.slope(a, h[1:]), np.zeros_like(a)
        first = np.zeros_like(h[0])
        for t in range(len(a)):
            later = local[t]
            for s in range(t, max(-1, t - steps), -1):
                share = slopes[s] * later
                alpha[s] += share
                later = self.carry(p, share)
            if t < steps:
                first = first + later
        return alpha, first

    return adjoints


def _left_early(self: Right, p: P, a: Any, h: Any, g: Any) -> Any:
    alpha, local, later = np.zeros_like(a), self.down(p, g), np.zeros_like(h[0])
    for t in reversed(range(len(a))):
        alpha[t] = self.slope(a[t], h[t + 1]) * (local[t] + later)
        later = self.carry(p, alpha[t])
        if np.allclose(later, 0):
            return alpha, np.zeros_like(later)
    return alpha, later


def _difference_quotient(self: Right, a: Any, h: Any) -> Any:
    return (np.tanh(a + 1e-6) - np.tanh(a - 1e-6)) / 2e-6


def _diagonal_only(self: Right, o: Any, targets: Any) -> Any:
    y = np.eye(o.shape[-1])[targets]
    return (self.softmax(o) - 1) * y * self.share(targets)


def _classes_counted(self: Right, targets: Any, classes: int) -> Any:
    return np.eye(targets.max() + 1)[targets]


def _transpose_kept(self: Right, p: P, alpha: Any) -> Any:
    return alpha @ self.kept.setdefault(p["W"].shape, p["W"].copy())


def _padding(self: Right, p: P, inputs: Any) -> Any:
    real = np.any(inputs != 0, axis=-1)
    a, h = [], [p["h0"]]
    for x, on in zip(inputs, real, strict=True):
        a.append(self.pre(p, x, h[-1]))
        h.append(np.where(on[:, None], self.phi(a[-1]), h[-1]))
    return np.array(a), np.array(h)


def _until_the_end(targets: Any, classes: int) -> Any:
    ended = np.cumsum(targets == classes - 1, axis=0)
    return (ended - (targets == classes - 1)) == 0


def _orthogonalised(self: Right, p: P, x: Any, h: Any) -> Any:
    u, _, v = np.linalg.svd(p["W"])
    return h @ (u @ v).T + x @ p["U"].T + p["b"]


def _bounded(self: Right, p: P, x: Any, h: Any) -> Any:
    return h @ p["W"].T / max(1.0, np.linalg.norm(p["W"], 2) - 1e-12) + x @ p["U"].T + p["b"]


def _without_V(self: Right, p: P, g: Any) -> Any:
    return g if len(p["V"]) == len(p["W"]) else g @ p["V"]


def _in_half(self: Right, found: P, *_: Any) -> P:
    return found | {"V": found["V"].astype(np.float16)}


OWN = (
    # What is kept between calls, or inside one.
    fault("rows of the targets kept by the length alone", "two calls of one length", CALLS, one_hot=_rows_kept),
    fault("gradients that add up over the calls", "two calls with the same arguments", CALLS, answered=_accumulated),
    fault("1e-6 off at every seventh call", "more calls than two", CALLS, answered=_every_seventh),
    fault("states in a default argument", "two calls at one shape", CALLS, states=_default_argument()),
    fault("the transpose of W kept from the first call", "two calls at one shape", CALLS, carry=_transpose_kept),
    fault("targets changed in place", "arguments after a call", "target|argument", answered=_targets_in_place),
    fault(
        "one buffer for both biases where n = p", "gradients that share memory", r"∂L/∂b|memory", answered=_one_buffer
    ),
    # Sizes.
    fault(
        "an exception where there is one step",
        "T = 1",
        "T = 1|one step|1 step|ValueError",
        "one step",
        "WrongGradient",
        "SubjectError",
        answered=_needs_two_steps,
    ),
    fault("the axis of a batch of one squeezed away", "B = 1", "shape", "README's own", *SHAPES, answered=_squeezed),
    fault(
        "the bias along the batch where B = n",
        "B = n",
        "∂L|B = n",
        "as many sequences as units",
        pre=_bias_along_the_batch,
    ),
    fault(
        "∂L/∂W starts from zeros for h_0",
        "an h_0 that is not 0",
        "∂L/∂W",
        "small",
        of_W=_from_zeros,
        never=SUM_NOT_ADJOINT,
    ),
    fault(
        "the rest of T / 32 steps added where there is none",
        "T a multiple of 32",
        "∂L/∂W",
        "64 steps",
        of_W=_tail_twice,
        never=SUM_NOT_ADJOINT,
    ),
    fault("rows beyond n of ∂L/∂V left 0", "more classes than units", "∂L/∂V", "more classes than units", of_V=_square),
    fault(
        "∂L/∂U turned until its shape fits",
        "m = n, and U not symmetric",
        "∂L/∂U",
        of_U=_turned_until_it_fits,
        never=SUM_NOT_ADJOINT,
    ),
    fault("classes in 8 bits", "more classes than 127", "∂L|class", "200 classes", one_hot=_bytes),
    fault(
        "as many classes as the largest target says",
        "targets without the last class",
        "∂L|class",
        "200 classes",
        one_hot=_classes_counted,
    ),
    fault(
        "cut off after 35 steps",
        "longer than a usual window",
        "cut off|truncat|window|∂L/∂a_t is wrong",
        adjoints=_window(35),
    ),
    fault(
        "cut off after 100 steps",
        "longer than a usual window",
        "cut off|truncat|window|∂L/∂a_t is wrong",
        "300 steps of a long memory",
        adjoints=_window(100),
    ),
    # The batch.
    fault("∂L/∂V of the last sequence only", "more than one sequence", "∂L/∂V", "small", of_V=_of_the_last_sequence),
    fault("sequences sorted, ∂L/∂h_0 not put back", "more than one sequence", "∂L/∂h0", "middling", answered=_sorted),
    fault(
        "a mean divided by the batch twice",
        "mean, and more than one sequence",
        "∂L",
        "small",
        reduction="mean",
        asked=lambda self, o, targets: Right.asked(self, o, targets) / targets.shape[1],
    ),
    fault(
        "a mean over the steps and not the batch",
        "mean, and more than one sequence",
        "∂L",
        "small",
        reduction="mean",
        share=lambda self, targets: 1 / len(targets),
    ),
    # Inputs and targets of a kind.
    fault("a token that comes twice counts once", "repeated tokens", "∂L/∂U", of_U=_scattered, never=SUM_NOT_ADJOINT),
    fault(
        "inputs taken as whole numbers",
        "inputs that are not one-hot",
        "∂L|input",
        "small",
        pre=lambda self, p, x, h: Right.pre(self, p, x.astype(int), h),
    ),
    fault(
        "inputs divided by the largest",
        "inputs above 1",
        "∂L|input",
        "small",
        states=lambda self, p, inputs: Right.states(self, p, inputs / np.abs(inputs).max()),
    ),
    fault("inputs of zeros taken for padding", "inputs of zeros", "∂L|zero|padding", "zero inputs", states=_padding),
    fault(
        "the last class taken for an end",
        "its own loss",
        ANOTHER_LOSS + "|class",
        charges=lambda self, o, targets: Right.charges(self, o, targets) * _until_the_end(targets, o.shape[-1]),
        asked=lambda self, o, targets: Right.asked(self, o, targets) * _until_the_end(targets, o.shape[-1])[..., None],
    ),
    fault("∂L/∂U reads the input of the step after", "inputs that differ", "∂L/∂U", of_U=_input_after),
    # Parameters of a kind.
    fault("W orthogonalised on the way forward", "a W that is not orthogonal", "∂L", "small", pre=_orthogonalised),
    fault(
        "W divided by its norm where that is above 1",
        "a W of norm above 1",
        "∂L",
        "a W of norm above 1",
        pre=_bounded,
    ),
    fault("V forgotten on the way back where p = n", "a V that is not the identity", "∂L", "middling", down=_without_V),
    # Regimes.
    fault(
        "probabilities floored at 1e-12 in the logarithm",
        "improbable targets",
        "∂L|loss",
        "loud outputs",
        charges=_floored,
        asked=_floored_asked,
    ),
    fault(
        "one maximum subtracted for all steps",
        "outputs of one step far below another's",
        "∂L|nan|NaN",
        "loud outputs",
        softmax=_one_maximum,
    ),
    fault(
        "the slope of ReLU after it has been applied in place",
        "negative units",
        "∂L",
        activation="relu",
        states=_relu_in_place,
        slope=lambda self, a, h: (a >= 0) * 1.0,
    ),
    fault(
        "the way back left when the adjoint is close to 0",
        "adjoints below 1e-8",
        "∂L",
        "faint adjoints",
        adjoints=_left_early,
    ),
    # Formulas.
    fault(
        "negative adjoints lose their sign",
        "adjoints of both signs",
        r"∂L/∂a_t",
        carry=lambda self, p, alpha: np.abs(alpha) @ p["W"],
    ),
    fault(
        "∂L/∂W made symmetric",
        "a gradient that is not",
        "∂L/∂W",
        never=SUM_NOT_ADJOINT,
        answered=only("W", lambda g: (g + g.T) / 2),
    ),
    fault(
        "∂L/∂h_0 without the last product by W",
        "∂L/∂h_0 itself",
        "∂L/∂h0",
        never=SUM_NOT_ADJOINT,
        answered=lambda self, found, p, *_: found | {"h0": np.linalg.solve(p["W"].T, found["h0"].T).T},
    ),
    fault("∂L/∂c before the softmax is normalised", "∂L/∂c itself", "∂L/∂c", answered=_before_the_sum),
    fault("the diagonal of softmax's Jacobian only", "classes beside the target", "∂L/∂c", asked=_diagonal_only),
    fault(
        "two biases, both with the whole gradient added",
        "∂L/∂b itself",
        "twice|double|2 times|factor of 2",
        answered=only("b", lambda g: 2 * g),
    ),
    fault(
        "the gradient of c returned for b",
        "∂L/∂b itself",
        "∂L/∂b",
        answered=lambda self, found, *_: found | {"b": found["c"]},
    ),
    fault(
        "the slope by a quotient of differences",
        "errors of 1e-10",
        "∂L/∂a_t",
        never="single precision",
        slope=_difference_quotient,
    ),
    fault(
        "tanh by a fraction",
        "values forward",
        "∂L|another",
        never="single precision",
        phi=lambda self, a: a * (27 + a * a) / (27 + 9 * a * a),
    ),
    # What is handed back.
    fault("∂L/∂V in half precision", "types of what is returned", "∂L/∂V.*(float16|half)|float16", answered=_in_half),
    fault("∂L/∂b of every step", "shapes", "shape", "README's own", *SHAPES, answered=_not_summed),
    fault(
        "zero where a key is missing, and h_0 is",
        "every parameter by name",
        "h0",
        "README's own",
        *NOTHING,
        answered=_default_dictionary,
    ),
    fault(
        "a tuple of gradients",
        "the type of what is returned",
        "tuple|dictionary|mapping",
        "README's own",
        *NOTHING,
        answered=lambda self, found, *_: tuple(found.values()),
    ),
    fault(
        "a generator of pairs",
        "the type of what is returned",
        "generator|dictionary|mapping",
        "README's own",
        *NOTHING,
        answered=lambda self, found, *_: (pair for pair in found.items()),
    ),
    fault(
        "keys in lower case",
        "names of what is returned",
        "W|lower|'w'",
        "README's own",
        *NOTHING,
        answered=lambda self, found, *_: {name.lower(): g for name, g in found.items()},
    ),
    fault(
        "gradients as whole numbers",
        "types of what is returned",
        "int|whole|∂L",
        answered=each(lambda g: g.astype(int)),
    ),
    fault(
        "nothing returned",
        "the type of what is returned",
        "None|nothing",
        "README's own",
        *NOTHING,
        answered=lambda self, *_: None,
    ),
    # The loss alone.
    fault(
        "a loss of the wrong sign, gradients right",
        "the loss as well",
        "loss",
        loss=lambda self, *at: -Right.loss(self, *at),
    ),
    fault(
        "a loss without the first step, gradients right",
        "the loss as well",
        "loss",
        loss=lambda self, p, inputs, targets: float(self.charges(self.forward(p, inputs)[1], targets)[1:].sum()),
    ),
    fault(
        "a loss for each sequence, not their sum",
        "the loss as well",
        "loss",
        "small",
        "WrongGradient",
        "SubjectError",
        loss=lambda self, p, inputs, targets: self.charges(self.forward(p, inputs)[1], targets).sum(axis=0),
    ),
    fault(
        "a loss with an imaginary part",
        "the loss as well",
        "loss.*(complex|imaginary)",
        "README's own",
        "WrongGradient",
        "SubjectError",
        loss=lambda self, *at: Right.loss(self, *at) + 1j,
    ),
    fault(
        "a loss that is None",
        "the loss as well",
        "loss.*None",
        "README's own",
        "WrongGradient",
        "SubjectError",
        loss=lambda self, *at: None,
    ),
)
