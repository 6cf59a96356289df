"""Cells of torchrecurrent as cells under test, by their own names.

What a function takes and returns is as in `backproof.impl.adapters.torch_cells`. The library runs one step; the steps
are run one after another and differentiated by PyTorch. Where it adds several biases they are shares of ours, by powers
of two; where its documentation has them in different places, they are several of ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from backproof.impl.adapters import torch as adapter
from backproof.impl.adapters.torch_cells import gradients_by, leaf
from backproof.impl.arrays import Array

NAME = "torchrecurrent"

try:
    import torchrecurrent
except ImportError as missing:
    raise ImportError(f"{NAME} is not installed: pip install torchrecurrent ({missing})") from None

torch = adapter.torch  # type: ignore[attr-defined]
Params = Mapping[str, Array]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """How a cell of the library is run.

    ``stacked``  by its parameter, those of ours that it stacks; one that the equations do not have is zero, and one
                 that is stacked in several places is shared out among them
    ``options``  what its class is told
    ``states``   our names for its states, in its order; the first is its output, unless the output stands ``apart``
    ``delayed``  whether the second state is the first of a step before, which whoever runs the cell keeps
    """

    stacked: Mapping[str, tuple[str, ...]]
    options: Mapping[str, Any] = field(default_factory=dict)
    states: tuple[str, ...] = ("h",)
    apart: bool = False
    delayed: bool = False

    def stepped(self, run: Any, x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """The output of a step, and the states after it."""
        if self.delayed:
            new = run(x, *states)
            return new, [new, states[0]]
        found = run(x, tuple(states) if len(states) > 1 else states[0])
        output, after = found if self.apart else (None, found)
        after = list(after) if isinstance(after, tuple) else [after]
        return output if self.apart else after[0], after


def gates(
    letters: Sequence[str], state: Sequence[str] | None = None, **more: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """What most cells stack: U and b of each gate, W and b of each that reads the state; all do if it is not said."""
    every = {"ih": letters, "hh": letters if state is None else state}
    weights = {"weight_ih": "U", "weight_hh": "W"}
    stacked = {name: tuple(f"{letter}_{gate}" for gate in every[name[-2:]]) for name, letter in weights.items()}
    return stacked | {f"bias_{side}": tuple(f"b_{gate}" for gate in own) for side, own in every.items()} | more


def single(**more: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """One U, W and b."""
    return {"weight_ih": ("U",), "weight_hh": ("W",), "bias_ih": ("b",), "bias_hh": ("b",)} | more


PAIR = ("h", "c")
CELLS: Mapping[str, Subject] = {
    "ATRCell": Subject(stacked=single(bias_hh=("d",))),
    "AntisymmetricRNNCell": Subject(stacked=single(), options={"epsilon": 1 / 8, "gamma": 1 / 16}),
    "BRCell": Subject(stacked=gates("ach", "ac", weight_hh=("w_a", "w_c"))),
    "CFNCell": Subject(stacked=gates("teh", "te")),
    "DSGUCell": Subject(stacked=gates("gz", bias_hh=("d_g", "b_z"), weight_ho=("V",))),
    "FastGRNNCell": Subject(stacked=single(bias_ih=("b_z", "b_g"), bias_hh=("b_z", "b_g"), zeta=("zeta",), nu=("nu",))),
    "FastRNNCell": Subject(stacked=single(alpha=("alpha",), beta=("beta",))),
    "GatedAntisymmetricRNNCell": Subject(
        stacked=gates("zh", weight_hh=("W",), bias_hh=("d",)), options={"epsilon": 1 / 8, "gamma": 1 / 16}
    ),
    "IndRNNCell": Subject(
        stacked={"weight_ih": ("U",), "vector_u": ("u",), "bias_ih": ("b",)}, options={"nonlinearity": "relu"}
    ),
    "IntersectionRNNCell": Subject(stacked=gates(("y", "h", "gy", "gh")), apart=True),
    "JANETCell": Subject(stacked=gates("fg", beta=("beta",)), states=PAIR),
    "LEMCell": Subject(
        stacked=gates("12ch", "12c", weight_ch=("V",), bias_ch=("b_h",)), options={"dt": 1 / 2}, states=PAIR
    ),
    "LiGRUCell": Subject(stacked=gates("zh")),
    "LightRUCell": Subject(stacked=gates("hf", "f")),
    "MCLSTMCell": Subject(stacked=gates("fiqmg"), states=("v", "c"), apart=True),
    "MGUCell": Subject(stacked=gates("fg")),
    "MUT1Cell": Subject(stacked=gates("zrh", "rh", bias_hh=("b_r", "d_h"))),
    "MUT2Cell": Subject(stacked=gates("zrg")),
    "MUT3Cell": Subject(stacked=gates("zrg")),
    "MiRU1Cell": Subject(stacked=gates("rg"), options={"update_coefficient": 1 / 4}),
    "MiRU2Cell": Subject(stacked=single(), options={"update_coefficient": 1 / 4, "reset_coefficient": 5 / 8}),
    "MinimalRNNCell": Subject(
        stacked=single(weight_ih=("V",), bias_ih=("d",), weight_mm=("U",)),
    ),
    "MultiplicativeLSTMCell": Subject(
        stacked=gates("mifgq", "m", bias_hh=("d_m",), weight_mh=("W_i", "W_f", "W_g", "W_q"))
        | {"bias_mh": ("b_i", "b_f", "b_g", "b_q")},
        states=PAIR,
    ),
    "NASCell": Subject(stacked=gates("01234567"), states=PAIR),
    "NBRCell": Subject(stacked=gates("ach", "ac")),
    "OriginalLSTMCell": Subject(stacked=gates("igq"), states=PAIR),
    "PeepholeLSTMCell": Subject(stacked=gates("ifgq", weight_ph=("p_i", "p_f", "p_q")), states=PAIR),
    "RANCell": Subject(stacked=gates("cif", "if", bias_ih=("b_i", "b_f")), states=PAIR),
    "ResLSTMCell": Subject(
        stacked=gates("ifgq", weight_ph=("p_i", "p_f", "p_q"), weight_proj=("V",), weight_res=("R",)), states=PAIR
    ),
    "SCRNCell": Subject(
        stacked=gates("sh", "hy", weight_ch=("V_h", "V_y"), bias_ch=("e_h", "e_y"), alpha=("alpha",)),
        states=("h", "s"),
    ),
    "SGRNCell": Subject(stacked=single(bias_hh=("d",))),
    "SGUCell": Subject(stacked=gates("gz", bias_hh=("d_g", "b_z"))),
    "STARCell": Subject(stacked=gates("zk", "k")),
    "TGRUCell": Subject(stacked=gates("zfo", weight_hh=("V_z", "V_f", "V_o")), states=("h", "k")),
    "TLSTMCell": Subject(stacked=gates("zfo", weight_hh=("V_z", "V_f", "V_o")), states=("c", "k"), apart=True),
    "TRNNCell": Subject(stacked={"weight_ih": ("U_z", "U_f"), "bias_ih": ("b_z", "b_f")}),
    "UGRNNCell": Subject(stacked=gates("cg")),
    "UnICORNNCell": Subject(
        stacked={"weight_ih": ("U",), "weight_hh": ("w",), "weight_ch": ("k",), "bias_ih": ("b",)},
        options={"dt": 1 / 8, "alpha": 1 / 4},
        states=("h", "z"),
    ),
    "WMCLSTMCell": Subject(
        stacked=gates("ifgq", weight_mh=("V_i", "V_f", "V_q"), bias_mh=("e_i", "e_f", "e_q")), states=PAIR
    ),
    "coRNNCell": Subject(
        stacked=single(weight_ch=("V",), bias_ch=("b",)),
        options={"dt": 1 / 8, "gamma": 1 / 2, "epsilon": 1 / 4},
        states=PAIR,
    ),
    "tauGRUCell": Subject(stacked=gates("uzga"), states=("h", "k"), delayed=True),
}
"""By the name of the class; what its documentation leaves open, the order above all, is as it is run."""

DEVIATIONS: Mapping[str, str] = {
    "DSGUCell": "PyTorch's slope of the hard sigmoid is 1/6 rounded to float32, in float64 as well",
    "FastGRNNCell": "the gate is tanh unless told otherwise, and not the sigmoid",
    "GatedAntisymmetricRNNCell": "the gate leaves out the recurrent bias",
    "LEMCell": "c takes the second step size and h the first, where both took the first; h reads c before it changed",
    "MUT3Cell": "z reads tanh(h) for h, and r reads U x + b for x",
    "NASCell": "c is made of tanh(ℓ₁ + c), which is computed and left unused in the equations",
    "RANCell": "the content has no bias",
    "SCRNCell": "what comes back is the output and not the hidden layer",
    "SGUCell": "PyTorch's slope of the hard sigmoid is 1/6 rounded to float32, in float64 as well",
    "WMCLSTMCell": "what the gates read of c goes through tanh, and the candidate reads h as well",
    "coRNNCell": "c is damped by its value before the step, where the equations have that after it",
}
"""By the name of the class, how what it does differs from what its documentation says."""


def gradients(
    name: str, params: Params, inputs: Array, upstream: Array, last: Params, **options: Any
) -> dict[str, Array]:
    """Return the gradients of a cell by its name, told more than usual if ``options`` are given."""
    subject = CELLS[name]
    units = params[f"{subject.states[0]}0"].shape[1]
    cell = getattr(torchrecurrent, name)(inputs.shape[2], units, dtype=torch.float64, **subject.options, **options)
    given = {key: leaf(value) for key, value in params.items()}
    weights = _stacked(subject, given, dict(cell.named_parameters()))
    x = leaf(inputs)
    states = [given[f"{state}0"] for state in subject.states]
    outputs = []
    for step in x:
        output, states = subject.stepped(lambda *at: torch.func.functional_call(cell, weights, at), step, states)
        outputs.append(output)
    asked = [last.get(key, np.zeros(tuple(state.shape))) for key, state in zip(subject.states, states, strict=True)]
    return gradients_by({**given, "inputs": x}, [torch.stack(outputs), *states], [upstream, *asked])


def _stacked(subject: Subject, given: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The library's parameters, made of ours."""
    weights = {key: torch.zeros_like(value) for key, value in parameters.items()}
    total = Counter(part for parts in subject.stacked.values() for part in parts)
    left = total.copy()
    for key, parts in subject.stacked.items():
        rows = []
        for part, block in zip(parts, weights[key].reshape(len(parts), -1), strict=True):
            left[part] -= 1
            share = 2.0 ** -min(total[part] - left[part], total[part] - 1)
            rows.append(share * given[part].reshape(-1) if part in given else torch.zeros_like(block))
        weights[key] = torch.cat(rows).reshape(weights[key].shape)
    return weights


FUNCTIONS = {name: partial(gradients, name) for name in CELLS}
"""The function of each cell, by its name."""
