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
        "transposed W",
        "transposes",
        "the adjoint is carried back by W instead of Wᵀ",
        "V. Zhou, An Introduction to Recurrent Neural Networks for Beginners: `d_h = self.Whh @ temp`; "
        "j0sephsasson/numpy-RNN, layers/lstm.py: `dhf = np.dot(df, self.recurrent_kernel_f)`",
        "one unit, a symmetric W, a small W",
        ADJOINT,
        carry=lambda s: s.alpha @ s.W.T,
    ),
    fault(
        "transposed gradient of W",
        "transposes",
        "h_{t-1} α_tᵀ is added instead of α_t h_{t-1}ᵀ",
        NOT_FOUND,
        "one unit; its shape is right at every size",
        INTO_W,
        W=lambda s: s.h(s.t - 1).T @ s.alpha,
    ),
    fault(
        "state after for state before",
        "time indices",
        "the gradient of W reads h_t instead of h_{t-1}",
        "VikParuchuri/zero_to_gpt issue 9: hidden state index at t=1 during backprop; j0sephsasson/numpy-RNN, "
        "layers/lstm.py: `dUf = np.dot(h.T, df)` with the step's own h",
        "slowly changing states",
        INTO_W,
        W=lambda s: s.alpha.T @ s.h(s.t),
    ),
    fault(
        "last state for the initial one",
        "time indices",
        "at the first step index −1 is read: h_T instead of h_0",
        "nicklashansen/rnn_lstm_from_scratch, the notebook at 0a292c4: `hidden_states[t-1]` down to t = 0, in a list "
        "without h_0; Synthaze/EpyNN, nnlibs/rnn/parameters.py at 16ef10c: `layer.fc['h'][t-1]`. Index −1 is h_0 on "
        "purpose in A. Karpathy's min-char-rnn and in the WildML tutorial",
        "many steps, vanishing gradients",
        INTO_W,
        W=lambda s: s.alpha.T @ s.h(s.t - 1 if s.t > 1 else s.run.steps),
    ),
    fault(
        "input of the step before",
        "time indices",
        "the gradient of U reads x_{t-1} instead of x_t",
        NOT_FOUND,
        "slowly changing inputs",
        "gradients/input_weights",
        U=lambda s: s.alpha.T @ s.x(s.t - 1),
    ),
    fault(
        "output weights read the state before",
        "time indices",
        "the gradient of V reads h_{t-1} instead of h_t",
        "nicklashansen/rnn_lstm_from_scratch issue 1: `W_v_d += np.dot(dv, h[t].T)`, in a list that begins with the "
        "initial state",
        "slowly changing states",
        "gradients/output_weights",
        V=lambda s: s.g(s.t).T @ s.h(s.t - 1),
    ),
    fault(
        "output for its adjoint",
        "transposes",
        "the gradient of V is made of the outputs o_t in place of ∂L/∂o_t",
        "FonzieTree/RNN-From-Scratch, hello_rnn.py: `np.dot(h4.T,o4)`",
        "nowhere; its shape is right",
        "gradients/output_weights",
        V=lambda s: s.run.o[s.t - 1].T @ s.h(s.t),
    ),
    fault(
        "slope of the step after",
        "time indices",
        "φ′(a_{t+1}) for φ′(a_t)",
        NOT_FOUND,
        "small or slowly changing pre-activations, where every slope is nearly the same",
        ADJOINT,
        slope=lambda s: s.slope(s.a(s.t + 1)),
    ),
    fault(
        "slope at the state before",
        "slopes",
        "φ′(h_{t-1}) for φ′(a_t)",
        "a misprint in two of the sources judged here: Training RNNs, Jacobian of h_t by h_k, and the RWTH Aachen "
        "slides, exploding and vanishing gradient",
        "small states, where every slope is nearly that at 0",
        ADJOINT,
        slope=lambda s: s.slope(s.h(s.t - 1)),
    ),
    fault(
        "slope at the state",
        "slopes",
        "φ′(h_t) for φ′(a_t): the slope is taken of what has been through φ already",
        "nicklashansen/rnn_lstm_from_scratch, the notebook at 0a292c4: `tanh(hidden_states[t], derivative=True)`, "
        "which applies tanh again; davidrmiller/neural2d issue 40: 1 − tanh² of what is a tanh already",
        "small pre-activations, where φ(a) ≈ a: off by a⁴",
        ADJOINT,
        slope=lambda s: s.slope(s.h(s.t)),
    ),
    fault(
        "slope formula of the value at the argument",
        "slopes",
        "1 − a² for 1 − h², and a (1 − a) for h (1 − h)",
        "MichaelMastro/Batched-Gated-Recurrent-Unit, GRU.py at abf1764: `1 - ZRC[t,:,2*d:]**2` before the tanh; "
        "BoltzmannEntropy/interviews.ai issue 4: the sigmoid derivative is y * (1 - y) not x * (1 - x)",
        "tanh at small pre-activations, off by a⁴",
        ADJOINT,
        slope=_slope_from_pre_activation,
    ),
    fault(
        "slope of another activation",
        "slopes",
        "h (1 − h) under tanh, 1 − h² under the sigmoid",
        "Synthaze/EpyNN, nnlibs/rnn/backward.py at 16ef10c: `layer.activate(layer.fc['h'][t], deriv=True)`, the slope "
        "of the outputs' activation for that of the states; a relative: llSourcell/LSTM_Networks: `self.dtangent(o)` "
        "for a gate that is a sigmoid",
        "nowhere but in ReLU nets, which have no such formula",
        ADJOINT,
        slope=_slope_of_the_other,
    ),
    fault(
        "slope of the adjoint",
        "slopes",
        "φ′(δ_t) for φ′(a_t)",
        "yizt/numpy_neural_network issue 6: `1 - np.square(np.tanh(next_dz))`; FonzieTree/RNN-From-Scratch",
        "small pre-activations and small adjoints, where every slope is nearly that at 0",
        ADJOINT,
        slope=lambda s: s.slope(s.delta),
    ),
    fault(
        "slope dropped",
        "slopes",
        "α_t = δ_t",
        "llSourcell/LSTM_Networks issue 4: the slopes are missing from what is carried to the state before",
        "small pre-activations under tanh, where every slope is nearly 1",
        ADJOINT,
        slope=lambda s: np.ones_like(s.delta),
    ),
    fault(
        "slope upside down",
        "slopes",
        "δ_t is divided by φ′(a_t)",
        "oreilly-japan/deep-learning-from-scratch-2 issue 26, which asks for this in place of the right line",
        "small pre-activations under tanh, where every slope is nearly 1",
        ADJOINT,
        slope=lambda s: 1 / s.slope(s.a(s.t)),
    ),
    fault(
        "no recurrence",
        "dropped contributions",
        "nothing is carried back to the step before",
        "qixianbiao/RNN issue 2: the gradient of h is not passed to the step before; davidgonmar/rnn-numpy, rnn.py at "
        "36be53e: `h_grad = out_grad @ self.ww.T.T` is all that a state gets",
        "a small W, vanishing gradients",
        ADJOINT,
        carry=lambda s: np.zeros_like(s.alpha),
    ),
    fault(
        "last step only",
        "dropped contributions",
        "the gradients get what the last step contributes and nothing else",
        "FluxML/Flux.jl issue 2185, a comment: the gradients by Wi, Wh and b over two steps are those of the second",
        "losses at the last step only, with vanishing gradients",
        INTO_W,
        steps=lambda steps: [steps],
    ),
    fault(
        "oldest step missing",
        "dropped contributions",
        "the loop over the steps ends one too early",
        "a relative: raphaelsenn/rnn-lstm-gru-numpy, rnn_numpy.py: `range(self.seq_len - 1, 1, -1)` ends two too early",
        "many steps, vanishing gradients; in W where h_0 = 0",
        INTO_W,
        steps=lambda steps: range(steps, 1, -1),
    ),
    fault(
        "last loss only",
        "dropped contributions",
        "the losses of all steps but the last are not sent back into the states",
        "plausible slip: right for a classifier of whole sequences; no public instance found",
        "a small V",
        ADJOINT,
        ask=lambda s: s.g(s.t) @ s.V * (s.t == s.run.steps),
    ),
    fault(
        "initial state left out",
        "dropped contributions",
        "∂L/∂h_0 is zero",
        "FluxML/Flux.jl pull request 2215: the gradient of `state0` ends up in another field",
        "wherever h_0 is not trained",
        "gradients/initial_state",
        finish=lambda found, steps: found | {"h0": np.zeros_like(found["h0"])},
    ),
)
