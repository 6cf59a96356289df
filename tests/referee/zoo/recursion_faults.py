"""Faults of the recursion backward in time: transposes, time indices, slopes, dropped contributions."""

from __future__ import annotations

import numpy as np

from backproof.referee.zoo.bptt import Array, Step
from backproof.referee.zoo.elman import ADJOINT, INTO_W, fault
from backproof.referee.zoo.records import NOT_FOUND


def _slope_from_pre_activation(s: Step) -> Array:
    a = s.a(s.t)
    forms = {"tanh": 1 - a**2, "sigmoid": a * (1 - a)}
    return np.asarray(forms.get(s.run.activation, s.slope(a)))


def _slope_of_the_other(s: Step) -> Array:
    h = s.h(s.t)
    forms = {"tanh": h * (1 - h), "sigmoid": 1 - h**2}
    return np.asarray(forms.get(s.run.activation, s.slope(s.a(s.t))))


FAULTS = (
    fault(
        name="transposed W",
        family="transposes",
        what="the adjoint is carried back by W instead of Wᵀ",
        known_from=(
            "V. Zhou, An Introduction to Recurrent Neural Networks for Beginners: `d_h = self.Whh @ temp`; "
            "j0sephsasson/numpy-RNN, layers/lstm.py: `dhf = np.dot(df, self.recurrent_kernel_f)`"
        ),
        hides="one unit, a symmetric W, a small W",
        caught_by=ADJOINT,
        carry=lambda s: s.alpha @ s.W.T,
    ),
    fault(
        name="transposed gradient of W",
        family="transposes",
        what="h_{t-1} α_tᵀ is added instead of α_t h_{t-1}ᵀ",
        known_from=NOT_FOUND,
        hides="one unit; its shape is right at every size",
        caught_by=INTO_W,
        W=lambda s: s.h(s.t - 1).T @ s.alpha,
    ),
    fault(
        name="state after for state before",
        family="time indices",
        what="the gradient of W reads h_t instead of h_{t-1}",
        known_from=(
            "VikParuchuri/zero_to_gpt issue 9: hidden state index at t=1 during backprop; j0sephsasson/numpy-RNN, "
            "layers/lstm.py: `dUf = np.dot(h.T, df)` with the step's own h"
        ),
        hides="slowly changing states",
        caught_by=INTO_W,
        W=lambda s: s.alpha.T @ s.h(s.t),
    ),
    fault(
        name="last state for the initial one",
        family="time indices",
        what="at the first step index −1 is read: h_T instead of h_0",
        known_from=(
            "nicklashansen/rnn_lstm_from_scratch, the notebook at 0a292c4: `hidden_states[t-1]` down to t = 0, in a "
            "list without h_0; Synthaze/EpyNN, nnlibs/rnn/parameters.py at 16ef10c: `layer.fc['h'][t-1]`. Index −1 is"
            " h_0 on purpose in A. Karpathy's min-char-rnn and in the WildML tutorial"
        ),
        hides="many steps, vanishing gradients",
        caught_by=INTO_W,
        W=lambda s: s.alpha.T @ s.h(s.t - 1 if s.t > 1 else s.run.steps),
    ),
    fault(
        name="input of the step before",
        family="time indices",
        what="the gradient of U reads x_{t-1} instead of x_t",
        known_from=NOT_FOUND,
        hides="slowly changing inputs",
        caught_by="gradients/input_weights",
        U=lambda s: s.alpha.T @ s.x(s.t - 1),
    ),
    fault(
        name="output weights read the state before",
        family="time indices",
        what="the gradient of V reads h_{t-1} instead of h_t",
        known_from=(
            "nicklashansen/rnn_lstm_from_scratch issue 1: `W_v_d += np.dot(dv, h[t].T)`, in a list that begins with "
            "the initial state"
        ),
        hides="slowly changing states",
        caught_by="gradients/output_weights",
        V=lambda s: s.g(s.t).T @ s.h(s.t - 1),
    ),
    fault(
        name="output for its adjoint",
        family="transposes",
        what="the gradient of V is made of the outputs o_t in place of ∂L/∂o_t",
        known_from="FonzieTree/RNN-From-Scratch, hello_rnn.py: `np.dot(h4.T,o4)`",
        hides="nowhere; its shape is right",
        caught_by="gradients/output_weights",
        V=lambda s: s.run.o[s.t - 1].T @ s.h(s.t),
    ),
    fault(
        name="slope of the step after",
        family="time indices",
        what="φ′(a_{t+1}) for φ′(a_t)",
        known_from=NOT_FOUND,
        hides="small or slowly changing pre-activations, where every slope is nearly the same",
        caught_by=ADJOINT,
        slope=lambda s: s.slope(s.a(s.t + 1)),
    ),
    fault(
        name="slope at the state before",
        family="slopes",
        what="φ′(h_{t-1}) for φ′(a_t)",
        known_from=(
            "a misprint in two of the sources judged here: Training RNNs, Jacobian of h_t by h_k, and the RWTH Aachen "
            "slides, exploding and vanishing gradient"
        ),
        hides="small states, where every slope is nearly that at 0",
        caught_by=ADJOINT,
        slope=lambda s: s.slope(s.h(s.t - 1)),
    ),
    fault(
        name="slope at the state",
        family="slopes",
        what="φ′(h_t) for φ′(a_t): the slope is taken of what has been through φ already",
        known_from=(
            "nicklashansen/rnn_lstm_from_scratch, the notebook at 0a292c4: `tanh(hidden_states[t], derivative=True)`, "
            "which applies tanh again; davidrmiller/neural2d issue 40: 1 − tanh² of what is a tanh already"
        ),
        hides="small pre-activations, where φ(a) ≈ a: off by a⁴",
        caught_by=ADJOINT,
        slope=lambda s: s.slope(s.h(s.t)),
    ),
    fault(
        name="slope formula of the value at the argument",
        family="slopes",
        what="1 − a² for 1 − h², and a (1 − a) for h (1 − h)",
        known_from=(
            "MichaelMastro/Batched-Gated-Recurrent-Unit, GRU.py at abf1764: `1 - ZRC[t,:,2*d:]**2` before the tanh; "
            "BoltzmannEntropy/interviews.ai issue 4: the sigmoid derivative is y * (1 - y) not x * (1 - x)"
        ),
        hides="tanh at small pre-activations, off by a⁴",
        caught_by=ADJOINT,
        slope=_slope_from_pre_activation,
    ),
    fault(
        name="slope of another activation",
        family="slopes",
        what="h (1 − h) under tanh, 1 − h² under the sigmoid",
        known_from=(
            "Synthaze/EpyNN, nnlibs/rnn/backward.py at 16ef10c: `layer.activate(layer.fc['h'][t], deriv=True)`, the "
            "slope of the outputs' activation for that of the states; a relative: llSourcell/LSTM_Networks: "
            "`self.dtangent(o)` for a gate that is a sigmoid"
        ),
        hides="nowhere but in ReLU nets, which have no such formula",
        caught_by=ADJOINT,
        slope=_slope_of_the_other,
    ),
    fault(
        name="slope of the adjoint",
        family="slopes",
        what="φ′(δ_t) for φ′(a_t)",
        known_from="yizt/numpy_neural_network issue 6: `1 - np.square(np.tanh(next_dz))`; FonzieTree/RNN-From-Scratch",
        hides="small pre-activations and small adjoints, where every slope is nearly that at 0",
        caught_by=ADJOINT,
        slope=lambda s: s.slope(s.delta),
    ),
    fault(
        name="slope dropped",
        family="slopes",
        what="α_t = δ_t",
        known_from="llSourcell/LSTM_Networks issue 4: the slopes are missing from what is carried to the state before",
        hides="small pre-activations under tanh, where every slope is nearly 1",
        caught_by=ADJOINT,
        slope=lambda s: np.ones_like(s.delta),
    ),
    fault(
        name="slope upside down",
        family="slopes",
        what="δ_t is divided by φ′(a_t)",
        known_from=(
            "oreilly-japan/deep-learning-from-scratch-2 issue 26, which asks for this in place of the right line"
        ),
        hides="small pre-activations under tanh, where every slope is nearly 1",
        caught_by=ADJOINT,
        slope=lambda s: 1 / s.slope(s.a(s.t)),
    ),
    fault(
        name="no recurrence",
        family="dropped contributions",
        what="nothing is carried back to the step before",
        known_from=(
            "qixianbiao/RNN issue 2: the gradient of h is not passed to the step before; davidgonmar/rnn-numpy, "
            "rnn.py at 36be53e: `h_grad = out_grad @ self.ww.T.T` is all that a state gets"
        ),
        hides="a small W, vanishing gradients",
        caught_by=ADJOINT,
        carry=lambda s: np.zeros_like(s.alpha),
    ),
    fault(
        name="last step only",
        family="dropped contributions",
        what="the gradients get what the last step contributes and nothing else",
        known_from=(
            "FluxML/Flux.jl issue 2185, a comment: the gradients by Wi, Wh and b over two steps are those of the second"
        ),
        hides="losses at the last step only, with vanishing gradients",
        caught_by=INTO_W,
        steps=lambda steps: [steps],
    ),
    fault(
        name="oldest step missing",
        family="dropped contributions",
        what="the loop over the steps ends one too early",
        known_from=(
            "a relative: raphaelsenn/rnn-lstm-gru-numpy, rnn_numpy.py: `range(self.seq_len - 1, 1, -1)` ends two too "
            "early"
        ),
        hides="many steps, vanishing gradients; in W where h_0 = 0",
        caught_by=INTO_W,
        steps=lambda steps: range(steps, 1, -1),
    ),
    fault(
        name="last loss only",
        family="dropped contributions",
        what="the losses of all steps but the last are not sent back into the states",
        known_from="plausible slip: right for a classifier of whole sequences; no public instance found",
        hides="a small V",
        caught_by=ADJOINT,
        ask=lambda s: s.g(s.t) @ s.V * (s.t == s.run.steps),
    ),
    fault(
        name="initial state left out",
        family="dropped contributions",
        what="∂L/∂h_0 is zero",
        known_from="FluxML/Flux.jl pull request 2215: the gradient of `state0` ends up in another field",
        hides="wherever h_0 is not trained",
        caught_by="gradients/initial_state",
        finish=lambda found, steps: found | {"h0": np.zeros_like(found["h0"])},
    ),
)
