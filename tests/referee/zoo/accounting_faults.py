"""Faults of everything around the recursion: sums, losses, precision, hidden clipping, batches and sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproof.referee.zoo import bptt
from backproof.referee.zoo.bptt import Array, at_target, one_hot, softmax
from backproof.referee.zoo.elman import ADJOINT, AT_THE_OUTPUT, INTO_W, fault
from backproof.referee.zoo.records import NOT_FOUND

EPSILON = 1e-8


def _log_of_probability_and_epsilon(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """−log(ŷ_y + ε), and its derivative (ŷ − y) ŷ_y / (ŷ_y + ε)."""
    probabilities = softmax(outputs)
    hit = at_target(probabilities, targets)
    gradient = (probabilities - one_hot(targets, outputs)) * (hit / (hit + EPSILON))[..., None]
    return -np.log(hit + EPSILON), gradient


def _sum_of_weights_and_epsilon(outputs: Array, targets: Array) -> tuple[Array, Array]:
    weights = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    probabilities = weights / (weights.sum(axis=-1, keepdims=True) + EPSILON)
    return bptt.entropy(outputs, targets)[0], probabilities - one_hot(targets, outputs)


def _maximum_left(outputs: Array, targets: Array) -> tuple[Array, Array]:
    weights = np.exp(outputs)
    total = weights.sum(axis=-1)
    return np.log(total) - at_target(outputs, targets), weights / total[..., None] - one_hot(targets, outputs)


def _one_after_the_other(states: Any, h0: Array) -> Array:
    """Each sequence of the batch starts where the one before it ended."""
    start = h0.copy()
    for i in range(1, len(h0)):
        start[i] = states(start)[-1][i - 1]
    return start


def _first_row(found: dict[str, Array], steps: int) -> dict[str, Array]:
    """Only the first sequence still starts from h_0."""
    return found | {"h0": found["h0"] * (np.arange(len(found["h0"])) == 0)[:, None]}


def _one_entry(found: dict[str, Array], steps: int) -> dict[str, Array]:
    wrong = found["W"].copy()
    wrong[0, -1] *= 1 + found["W"].dtype.type(1e-9)
    return found | {"W": wrong}


def _averaged(found: dict[str, Array], steps: int) -> dict[str, Array]:
    return {name: g if name == "h0" else g / steps for name, g in found.items()}


FAULTS = (
    fault(
        name="overwritten",
        family="accumulation",
        what="= for +=: the gradients keep what the first step contributes",
        known_from=(
            "tensorflow/swift-apis issue 518: RNN gradients are wrong, for want of a += in the loop over the steps; "
            "elizaluna007/AI_EC, RNN.py: `d_Whh = temp @ self.last_hs[t].T` in the loop"
        ),
        hides="one step",
        caught_by=INTO_W,
        add=lambda total, share: share,
    ),
    fault(
        name="added to itself",
        family="accumulation",
        what="the gradient of c is added to itself, and so stays 0",
        known_from="javaidnabi31/RNN-from-scratch issue 2: `dc += dc`",
        hides="nowhere; a net without it trains nearly as well",
        caught_by="gradients/output_bias",
        c=lambda s: np.zeros_like(s.c),
    ),
    fault(
        name="bias averaged over the batch",
        family="accumulation",
        what="the gradient of b is the mean over the sequences where those of W and U are sums",
        known_from="davidgonmar/rnn-numpy, rnn.py",
        hides="a batch of one",
        caught_by="gradients/hidden_bias",
        b=lambda s: s.alpha.mean(axis=0),
    ),
    fault(
        name="carry added up",
        family="accumulation",
        what="+= for =: the adjoint of a step also keeps that of the step after it, unchanged",
        known_from="davidkorea/NLP_201811, numpy_kafka_sentence_generate_RNN.md: `dhnext += np.dot(Whh.T, dhraw)`",
        hides="one or two steps",
        caught_by=ADJOINT,
        carry=lambda s: s.carried + s.alpha @ s.W,
    ),
    fault(
        name="mean for sum",
        family="accumulation",
        what="the gradients are divided by T, though the loss is not",
        known_from=(
            "llSourcell/LSTM_Networks: `self.update(tu/self.rl)`, and its error is a sum over the steps; kin: "
            "OpenNMT/OpenNMT-py issue 2209: Incorrect normalization"
        ),
        hides="one step; an optimiser that does not care for scale",
        caught_by=INTO_W,
        finish=_averaged,
    ),
    fault(
        name="1/T missing",
        family="accumulation",
        what="the mean loss is divided by the sequences but not by the steps on the way back",
        known_from=(
            "horecdev/RNN-from-scratch, core.py at 13b348d: `(self.probs - self.targets) / batch_size` for a mean over "
            "sequences and steps; kin: agokrani/distillKitPlus issue 5, accumulated gradients that are not normalised"
        ),
        hides="one step; an optimiser that does not care for scale",
        caught_by=AT_THE_OUTPUT,
        divisor=lambda steps, batch: batch,
    ),
    fault(
        name="epsilon in the logarithm",
        family="softmax and loss",
        what="the loss is −log(ŷ + 10⁻⁸), and the gradient is its derivative",
        known_from=(
            "MarvinTeichmann/tensorflow-fcn issue 18, which asks for `tf.nn.softmax(logits) + epsilon`; kin: "
            "chainer/chainer issue 584, which asks for a floor of 10⁻⁸"
        ),
        hides="everywhere but at confident mistakes; the gradient is the derivative of the loss",
        caught_by=AT_THE_OUTPUT,
        loss_changes=True,
        loss_agrees=True,
        entropy=_log_of_probability_and_epsilon,
    ),
    fault(
        name="epsilon in the softmax",
        family="softmax and loss",
        what="the weights are divided by their sum and 10⁻⁸",
        known_from="open-edge-platform/geti pull request 1507: `x /= np.sum(x) + eps` before the change",
        hides="everywhere: off by 10⁻⁸",
        caught_by=AT_THE_OUTPUT,
        entropy=_sum_of_weights_and_epsilon,
    ),
    fault(
        name="target off by one",
        family="softmax and loss",
        what="step t is charged with the target of step t − 1",
        known_from="huggingface/transformers issue 47394: labels shifted twice train for the next but one token",
        hides="any comparison of the gradient with the loss: both are wrong alike",
        caught_by="gradients/output_weights",
        loss_changes=True,
        loss_agrees=True,
        aim=lambda targets: np.roll(targets, 1, axis=0),
    ),
    fault(
        name="maximum not subtracted",
        family="softmax and loss",
        what="exp(o) / Σ exp(o) as it stands",
        known_from="FluxML/NNlib.jl issue 68: softmax and crossentropy are prone to produce NaNs",
        hides="until an output passes 709",
        caught_by=AT_THE_OUTPUT,
        loss_changes=True,
        entropy=_maximum_left,
    ),
    fault(
        name="float32 carry",
        family="precision",
        what="the adjoint goes from step to step in single precision",
        known_from="kin: lmnt-com/haste issue 24, numerical precision of RNN routines",
        hides="everywhere: off by 10⁻⁸",
        caught_by=ADJOINT,
        carry=lambda s: (s.alpha @ s.W).astype(np.float32).astype(s.alpha.dtype),
    ),
    fault(
        name="one entry off by 1e-9",
        family="precision",
        what="one entry of the gradient of W is larger by a billionth",
        known_from="no bug of its own: it stands for any that touches little",
        hides="everywhere",
        caught_by=INTO_W,
        finish=_one_entry,
    ),
    fault(
        name="small adjoints flushed to zero",
        family="precision",
        what="what is below 10⁻¹² in an adjoint is set to 0",
        known_from=NOT_FOUND,
        hides="wherever gradients do not vanish; where they do, below every absolute tolerance",
        caught_by=ADJOINT,
        limit=lambda delta: np.where(np.abs(delta) < 1e-12, 0, delta),
    ),
    fault(
        name="clipped before it is returned",
        family="hidden clipping and detaching",
        what="every entry of a gradient is brought into [−1, 1]",
        known_from=(
            "V. Zhou, An Introduction to Recurrent Neural Networks for Beginners, and A. Karpathy's min-char-rnn (±5), "
            "both on purpose; a fault where the gradient is promised"
        ),
        hides="gradients below the threshold, that is most tests",
        caught_by=INTO_W,
        finish=lambda found, steps: {name: np.clip(g, -1, 1) for name, g in found.items()},
    ),
    fault(
        name="clipped at every step",
        family="hidden clipping and detaching",
        what="every entry of an adjoint is brought into [−1, 1]",
        known_from=(
            "Lasagne's recurrent layers have the option grad_clipping, on purpose; a fault where the gradient is "
            "promised"
        ),
        hides="adjoints below the threshold, that is most tests",
        caught_by=ADJOINT,
        limit=lambda delta: np.clip(delta, -1, 1),
    ),
    fault(
        name="detached every third step",
        family="hidden clipping and detaching",
        what="nothing is carried back across every third step",
        known_from=(
            "yunjey/pytorch-tutorial issue 90: states are detached, on purpose; a fault where the gradient is promised"
        ),
        hides="vanishing gradients, fewer than four steps",
        caught_by=ADJOINT,
        carry=lambda s: s.alpha @ s.W * ((s.t - 1) % 3 != 0),
    ),
    fault(
        name="batch and time exchanged",
        family="batch and sequences",
        what="inputs (B,T,m) are reshaped to (T,B,m) where they should be transposed",
        known_from="NervanaSystems/neon issue 311; HHTseng/video-classification issue 42",
        hides="a batch of one; any comparison of the gradient with the loss: both are wrong alike",
        caught_by="gradients/input_weights",
        loss_changes=True,
        loss_agrees=True,
        read=lambda inputs: inputs.swapaxes(0, 1).reshape(inputs.shape),
    ),
    fault(
        name="state carried over",
        family="batch and sequences",
        what="each sequence starts where the one before it ended, and not from h_0",
        known_from=(
            "karpathy/char-rnn issue 78; soumith/cudnn.torch issue 348: resetStates is broken; paxcema/KerasGRU4Rec "
            "issue 1: the state is reset one step too late"
        ),
        hides="a batch of one; short memories",
        caught_by=INTO_W,
        loss_changes=True,
        start=_one_after_the_other,
        finish=_first_row,
    ),
)
