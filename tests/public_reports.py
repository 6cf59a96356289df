"""Public reports of wrong recurrent gradients, each with what stands for it: planted code, zoo faults, or a reason.

A report is named by its tracker and number, as it was found in November 2026; what was wrong is said in our words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import planted_reports as plant
from planted_reports import ELMAN, LSTM, answers, as_if, asks, both_ways, with_fault

from backproof.cells import layers
from backproof.referee.cellcheck import by_equations
from backproof.theory.cells import cell_of

Planted = Callable[[], tuple[Any, Any]]


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report: where, what was wrong, and what stands for it.

    ``planted``: nets with the gradients as they were; ``zoo``: faults by name; ``reason``: why there is neither.
    """

    at: str
    wrong: str
    planted: tuple[Planted, ...] = ()
    zoo: tuple[str, ...] = ()
    reason: str = ""


def report(at: str, wrong: str, *planted: Planted, zoo: tuple[str, ...] = (), reason: str = "") -> Report:
    """A report written in one breath."""
    return Report(at=at, wrong=wrong, planted=planted, zoo=zoo, reason=reason)


def _without(*names: str) -> Any:
    """What comes in at these last states is not looked at."""
    return lambda params, inputs, upstream, last: (
        params,
        inputs,
        upstream,
        {k: v for k, v in last.items() if k not in names},
    )


def _garbled(found: dict[str, Any], params: Any, inputs: Any, *_: Any) -> dict[str, Any]:
    return found | {"h0": np.where(np.arange(len(params["h0"]))[:, None] > 0, 2 * found["h0"], found["h0"])}


def _nothing_from_above(value: float) -> Any:
    """Where no gradient comes in at the outputs, every answer is this."""
    return lambda found, params, inputs, upstream, last: (
        found if np.any(upstream) else {name: np.full_like(array, value) for name, array in found.items()}
    )


def _swapped(one: str, other: str) -> Any:
    return lambda found, *_: found | {one: found[other], other: found[one]}


def _lost(found: dict[str, Any], *_: Any) -> dict[str, Any]:
    return {name: 0 * array for name, array in found.items()}


def _nan_beyond(found: dict[str, Any], params: Any, inputs: Any, *_: Any) -> dict[str, Any]:
    beyond = np.arange(len(inputs))[:, None] >= params["lengths"]
    return found | {"inputs": np.where(beyond[..., None], np.nan, found["inputs"])}


def _one_sum(found: dict[str, Any], *_: Any) -> dict[str, Any]:
    return found | {"p_i": np.full_like(found["p_i"], found["p_i"].sum())}


def _mapped(params: Any, inputs: Any, upstream: Any, last: Any) -> Any:
    h_0 = params["h0"]
    return params | {"h0": np.where(h_0 >= 0, h_0 + 0.5, 1 / (1 + np.exp(-h_0)))}, inputs, upstream, last


def _drawn_anew(found: dict[str, Any], *_: Any) -> dict[str, Any]:
    return {name: array * np.random.default_rng().uniform(0.9, 1.1) for name, array in found.items()}


FORWARD = layers(LSTM, lengths=True, name="one way")
STACK = layers(LSTM, LSTM, name="stack")
DROPPED = layers(LSTM, LSTM, dropout=True, name="dropped")
THREE = layers(ELMAN, ELMAN, ELMAN, residual=True, name="three")
PEEPHOLE = cell_of("lstm_peephole")
SCAN = layers(cell_of("selective_scan"), lengths=True, name="scan")


def _ignoring_lengths(of: Any, made: Any) -> tuple[Any, Any]:
    """The gradients of the same net without lengths."""
    wrong = by_equations(made)
    return of, lambda params, *at: wrong({k: value for k, value in params.items() if k != "lengths"}, *at)


REPORTS = (
    # Recursion, gates, accumulation.
    report("elixir-nx/axon #646", "Jacobians multiplied in forward order", plant.in_forward_order),
    report(
        "wvabrinskas/Neuron #181",
        "the input gate's error uses i for g, the slope is taken twice, W reads the state after",
        lambda: plant.adjoint_changed(LSTM, "ibar[t]", {plant.g[plant.t]: plant.i[plant.t]}),
        lambda: with_fault(LSTM, "∂L/∂W_i: h[t] for h[t - 1]"),
        zoo=("LSTM: slope at the output missing",),
    ),
    report(
        "nicklashansen/rnn_lstm_from_scratch #1",
        "several, and the gradient check fails",
        zoo=("output weights read the state before", "LSTM: slope at the output missing"),
    ),
    report(
        "apache/mxnet #4057",
        "= for += in the cell state's adjoint",
        zoo=("LSTM: adjoint of the cell state overwritten",),
    ),
    report("tensorflow/swift-apis #518", "= for += over the steps", zoo=("overwritten",)),
    report("FluxML/Flux.jl #2185", "the explicit gradient drops earlier steps", zoo=("last step only",)),
    report(
        "qixianbiao/RNN #2, hanbt/learn_dl #53, CaptainE/RNN-LSTM-in-numpy #2",
        "no recurrence; one bias for all; a sigmoid for its slope",
        zoo=("no recurrence", "LSTM: one gate's bias gradient for all", "LSTM: slope of the forget gate missing"),
    ),
    report(
        "ooples/AiDotNet #722",
        "no gradient between steps; the reset gate after the matrix in a net that has it before",
        lambda: as_if(plant.gru(False, "reset before"), plant.gru(True, "reset after")),
        zoo=("LSTM: no recurrence through the gates",),
    ),
    report("mratsim/Arraymancer #237", "weights updated while steps still go back", plant.stepped_while_going_back),
    report("tensorflow/tensorflow #26331", "a second call gives another gradient", lambda: plant.right_once(ELMAN)),
    report(
        "unslothai/unsloth-zoo #776", "wrong for every row of the batch but the first", lambda: answers(ELMAN, _garbled)
    ),
    report(
        "pytorch/pytorch #11662",
        "ReLU gradients twice as large on one device",
        lambda: answers(cell_of("indrnn"), lambda found, *_: found | {"u": 2 * found["u"]}),
    ),
    report(
        "lhnguyen102/cuTAGI #77",
        "one gate reads another buffer of adjoints than the others",
        lambda: plant.adjoint_changed(LSTM, "qbar[t]", {LSTM.adjoints["h"][plant.t]: LSTM.adjoints["c"][plant.t]}),
    ),
    report("Theano/Theano #5439", "aligned with the last steps of the array", lambda: plant.from_the_end(FORWARD)),
    report("Theano/Theano #4652", "a truncated scan goes wrong", zoo=("window one step long",)),
    report(
        "rsokl/MyGrad #4, OpenNMT/OpenNMT-py #891",
        "the window counted from the end; gradients zeroed in the loop",
        zoo=("window one step short", "gradients zeroed before each block"),
    ),
    # Initial, final and missing states.
    report(
        "deeplearning4j #8838", "what comes in at the last cell state is ignored", lambda: asks(LSTM, _without("c"))
    ),
    report(
        "pytorch/pytorch #96416",
        "fails where only the last states are used",
        lambda: answers(LSTM, _nothing_from_above(0.0)),
        lambda: asks(LSTM, _without("h", "c")),
    ),
    report(
        "chainer #2505, #8037",
        "NaN where only the last states are used",
        lambda: answers(LSTM, _nothing_from_above(np.nan)),
    ),
    report(
        "pytorch/pytorch #95137",
        "initial states of the wrong layer and row",
        lambda: answers(STACK, _swapped("h0_l0", "h0_l1")),
        lambda: answers(STACK, lambda found, *_: found | {"c0_l0": found["c0_l0"][::-1]}),
        zoo=("batch and time exchanged",),
    ),
    report(
        "ml-explore/mlx #3249",
        "without a first state the first step leaves out the bias inside the reset",
        lambda: plant.first_step_without(cell_of("gru_reset_after"), "d_g"),
    ),
    report(
        "FluxML/Flux.jl #2215, mquad/hgru4rec #11",
        "the first state's gradient in another field; the old state used after a mask has reset it",
        lambda: as_if(plant.kept_by(True), plant.kept_by(False)),
        zoo=("initial state left out",),
    ),
    report(
        "RWKV-infctx-trainer #102",
        "the gradient of the state is dropped where segments meet",
        zoo=("detached every third step", "initial state left out"),
    ),
    # Masks, packing, direction, depth.
    report("keras #1300", "masked steps still run", lambda: _ignoring_lengths(FORWARD, layers(LSTM))),
    report(
        "theano_lstm #22",
        "outputs are masked, and the states behind them are not",
        lambda: _ignoring_lengths(both_ways(ELMAN, lengths=True), both_ways(ELMAN)),
    ),
    report(
        "keras #4192, pytorch/pytorch #517, yalesong/pvse #13",
        "the second direction starts in the padding; the wrong last state",
        lambda: _ignoring_lengths(both_ways(ELMAN, lengths=True), both_ways(ELMAN)),
        lambda: _ignoring_lengths(layers(ELMAN, lengths=True), layers(ELMAN)),
    ),
    report(
        "sbillburg/CRNN-with-STN #12, stanfordmlgroup/nlc #8",
        "the second direction's outputs are not turned back; its inputs are not turned",
        lambda: plant.not_turned_back(both_ways(ELMAN)),
        lambda: plant.not_turned(both_ways(ELMAN)),
    ),
    report(
        "google/flax #2170",
        "padding mishandled in two directions",
        lambda: _ignoring_lengths(both_ways(ELMAN, lengths=True), both_ways(ELMAN)),
    ),
    report(
        "apache/mxnet #17898",
        "one direction's share of the inputs' gradient overwritten; a middle layer reads another layer's input",
        lambda: with_fault(both_ways(ELMAN), "node 2 hands nothing back to the inputs"),
        lambda: plant.input_of_the_layer_above(THREE, 2, 4, ("U_l1",)),
    ),
    report(
        "pytorch/pytorch #190056",
        "the mask between layers is left out on the way back",
        lambda: with_fault(DROPPED, "mask_l1 forgotten on the way back"),
    ),
    report(
        "pytorch/pytorch #94754",
        "the second direction computes something else",
        lambda: asks(both_ways(ELMAN), lambda params, *at: (params | {"W_l0_reverse": params["W_l0"]}, *at)),
    ),
    report(
        "jax #15183",
        "NaN where sequences have lengths",
        lambda: answers(both_ways(ELMAN, lengths=True), _nan_beyond),
    ),
    report("facebookresearch/higher #38", "gradients lost on the way through packing", lambda: answers(FORWARD, _lost)),
    report(
        "rwth-i6/returnn #1313, apache/mxnet #18669, tensorflow/tensorflow #11650",
        "zoneout hands on what was not kept; another mask on the way back; dropout divides the memory at every step",
        lambda: as_if(plant.zoneout(plant.h), plant.zoneout(plant.s)),
        lambda: with_fault(cell_of("lstm_zoneout"), "ā_h[t]: factor −e[t] + 1 left out"),
        lambda: as_if(LSTM, plant.lstm(cell_state=2 * plant.c[plant.t - 1])),
    ),
    # Clipping.
    report("google-deepmind/optax #1752", "0/0 where norm and threshold are 0", zoo=("0 divided by 0",)),
    report(
        "tensorflow/tensorflow #22048", "the derivative of clipping at 0 is NaN", zoo=("derivative of the root at 0",)
    ),
    report(
        "pytorch/pytorch #46849, tensorflow/tensorflow #21363, facebookresearch/fairscale #263, tracel-ai/burn #5699",
        "squares overflow, and the gradient is 0",
        zoo=("overflow to zero", "overflow in 16 bits"),
    ),
    report(
        "deepspeedai/DeepSpeed #7171, facebookresearch/habitat-lab #2226",
        "an infinite norm makes a NaN; one NaN poisons all",
        zoo=("one NaN poisons all", "an infinite entry silences all"),
    ),
    report(
        "pytorch/pytorch #148259, pytorch/torchtitan #1258, NVIDIA/OpenSeq2Seq #192",
        "nothing is clipped",
        zoo=("never clips",),
    ),
    report(
        "pytorch/pytorch #31367", "a negative threshold turns the gradient round", zoo=("negative threshold turns",)
    ),
    report(
        "facebookresearch/fairscale #1092, pytorch/torchtitan #4135, pytorch/pytorch #194033",
        "partial norms are rounded, so the norm depends on the grouping",
        zoo=("norms of tensors rounded to 8 bits",),
    ),
    report(
        "keras #13575, sony/nnabla #572, apache/mxnet #9291",
        "each tensor by itself; always rescaled; an ε beside the norm",
        zoo=("each tensor by its own norm", "always rescaled", "epsilon beside the norm"),
    ),
    # Initialisers, constraints, tying.
    report(
        "tensorflow/tensorflow #9429, chainer #5615, google-research #436, cr-sparse #28, fast-transformers #87",
        "QR without its signs",
        zoo=("QR without sign fix",),
    ),
    report("scipy #8187", "2 by 2 always of one determinant", zoo=("2 by 2 always a reflection",)),
    report(
        "keras #9149", "the blocks of an orthogonal kernel are not orthogonal", zoo=("orthogonal blocks side by side",)
    ),
    report(
        "FluxML/Flux.jl #1171, mila-iqia/blocks #346",
        "orthogonal blocks stacked; what is not square made square",
        zoo=("orthogonal blocks side by side", "wide made square"),
    ),
    report(
        "pytorch/pytorch #12737, #10004, invertible-resnet #4",
        "the gradient of a spectral normalisation without that of the norm",
        plant.spectral_norm_held,
    ),
    report(
        "paiml/entrenar #314, torch7 #156, NVIDIA/TransformerEngine #3437",
        "tied copies updated apart",
        zoo=("each copy its own gradient", "last copy's gradient for all"),
    ),
    # New cells and scans.
    report(
        "state-spaces/mamba #368",
        "past the end the state still decays",
        lambda: _ignoring_lengths(SCAN, layers(cell_of("selective_scan"))),
    ),
    report(
        "state-spaces/mamba #571, alxndrTL/mamba.py #65",
        "complex states without the conjugate on the way back",
        plant.conjugate_missing,
    ),
    report(
        "lucidrains/minGRU-pytorch #9",
        "the first state goes through the map of the candidate",
        lambda: asks(cell_of("min_gru"), _mapped),
    ),
    report(
        "tensorflow/tensorflow #34171",
        "a peephole's gradient summed along the wrong axis",
        lambda: answers(PEEPHOLE, _one_sum),
    ),
    report(
        "RecurrentLayers.jl #134, KimUyen/ConvLSTM #1, Enny1991/PLSTM #1",
        "the output gate looks at the cell state before the step",
        lambda: as_if(plant.lstm(peephole=plant.c[plant.t]), plant.lstm(peephole=plant.c[plant.t - 1], name="before")),
        zoo=("LSTM: gradients of two gates exchanged",),
    ),
    report(
        "tensorflow/tensorflow #15861, addons #323, DI-engine #849, seba-1511/lstms.pth #3, lmnt-com/haste #1",
        "another convention of layer normalisation",
        lambda: as_if(plant.APART, plant.TOGETHER),
    ),
    report("muditbhargava66/PyxLSTM #15", "exponential gates without a stabiliser overflow", plant.overflowing),
    # Checkers.
    report(
        "pytorch/pytorch #59615", "a fast check passes what is wrong in few entries", zoo=("one entry off by 1e-9",)
    ),
    report(
        "chainer #3541",
        "wrong gradients pass since a merge",
        reason="about another checker; `backproof compare` runs those that are installed on planted faults",
    ),
    report(
        "pytorch/pytorch #57166, #56275, #194869",
        "a fast check and a slow one disagree",
        reason="about another checker; `backproof compare` counts false alarms on right code",
    ),
    report(
        "jax #3130, #39821",
        "a tolerance that scales with the wrong size; steps below the precision",
        reason="about another checker; here tolerances are derived, and there are no steps",
    ),
    report(
        "pytorch/pytorch #114342",
        "the function is made anew at random on each call",
        lambda: answers(ELMAN, _drawn_anew),
    ),
    report(
        "torch-rnn #116, dmlc/le #50, apache/mxnet #19033",
        "a random check fails now and then",
        reason="about checks by random differences; a verdict here depends on derived bounds alone",
    ),
)
