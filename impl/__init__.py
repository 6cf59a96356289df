"""Recurrent nets in NumPy: what runs, to be confronted with what theory says.

The cell is a_t = W h_{t-1} + U x_t + b, h_t = φ(a_t), o_t = V h_t + c for t = 1 … T, from a given h_0.
Parameters are a mapping from names to arrays: W (n,n), U (n,m), V (p,n), b (n,), c (p,), and h0 (B,n),
zero if left out. Time comes first, then the batch:

    inputs           (T, B, m)      x_t at index t-1
    pre-activations  (T, B, n)      a_t at index t-1
    hidden states    (T+1, B, n)    h_t at index t
    outputs          (T, B, p)      o_t at index t-1
    targets          (T, B)         class indices, for the cross-entropy of the softmax
                     (T, B, p)      for every other loss, as the squared error ½‖o - y‖²

Jacobians have outputs as rows and inputs as columns. A gradient has the shape of its parameter. Everything
is float32 or everything is float64, and stays so. Arguments are never modified. A wrong argument raises
TypeError or ValueError naming it, and overflow raises FloatingPointError naming quantity and step;
underflow is silent.

`CELLS` holds other cells by name, and `layers` stacks them, in one direction or two; `layered_forward` runs such a net
or a cell alone, and `layered_back` takes gradients by outputs and last states back through it. A cell of one's own is a
`Cell`: its products, one step forward, one step back.

>>> import numpy as np
>>> params = init_params(3, 2, 4, recurrent="orthogonal", seed=0)
>>> inputs, targets = np.ones((5, 1, 2)), np.zeros((5, 1), dtype=int)
>>> found = gradients(params, inputs, targets)
>>> {name: gradient.shape for name, gradient in found.items()}
{'W': (3, 3), 'U': (3, 2), 'b': (3,), 'V': (4, 3), 'c': (4,), 'h0': (1, 3)}
>>> clip_by_norm(found, 0.5).clipped
True
"""

from backproof.impl.activations import ACTIVATIONS, Activation
from backproof.impl.cell import Cell, Diagonal, Linear, affine
from backproof.impl.cells import CELLS
from backproof.impl.clipping import Clipped, clip_by_norm, clip_by_norm_derivative, clip_by_value, global_norm
from backproof.impl.decomposition import contributions, contributions_by_distance
from backproof.impl.deep import (
    DeepTrajectory,
    deep_forward,
    deep_gradients,
    deep_jacobian_norms,
    deep_jacobian_products,
    deep_layer_jacobians,
    deep_loss,
)
from backproof.impl.elman import forward, gradients, loss, loss_and_gradients
from backproof.impl.grammar import Learned, learnability
from backproof.impl.gru import GruTrajectory, gru_carry, gru_forward, gru_gradients, gru_loss
from backproof.impl.initialisers import identity_init, init_params, normal_init, orthogonal_init, semi_orthogonal_init
from backproof.impl.jacobians import jacobian_norms, jacobian_products, step_jacobians
from backproof.impl.language import (
    LanguageModel,
    Vocabulary,
    next_word_batches,
    one_hot,
    perplexity,
    share_by_distance,
    tokenise,
    train_language_model,
    vocabulary_of,
)
from backproof.impl.layered import (
    LayeredRun,
    cell_gradients,
    layered_back,
    layered_forward,
    layered_gradients,
    net_gradients,
)
from backproof.impl.losses import LOSSES, Loss
from backproof.impl.lstm import LstmTrajectory, lstm_cell_jacobians, lstm_forward, lstm_gradients, lstm_loss
from backproof.impl.lyapunov import (
    Expansion,
    autonomous_exponents,
    eigen_expansion,
    expanded_power,
    gaussian_spectral_radius,
    lyapunov_exponents,
    mean_log_determinant,
)
from backproof.impl.optimisers import SGD, Adam, Momentum, Optimiser, State, UpdateOverflow
from backproof.impl.orthogonal import cayley_step, departure, exponential_step, plain_step, skew_gradient
from backproof.impl.recurrence import Trajectory
from backproof.impl.rtrl import bptt_operations, rtrl_gradients, rtrl_operations
from backproof.impl.scans import diagonal_cell, in_parallel
from backproof.impl.spectra import condition_of_eigenvectors, eigenvalues, spectral_norm, spectral_radius
from backproof.impl.stacks import Layers, layers
from backproof.impl.training import Explosion, Reach, Training, VanishingMonitor, distance_shares, paired, train
from backproof.impl.truncated import truncated_gradients
from backproof.impl.tying import tie, tied_gradients

__all__ = [
    "ACTIVATIONS",
    "CELLS",
    "LOSSES",
    "SGD",
    "Activation",
    "Adam",
    "Cell",
    "Clipped",
    "DeepTrajectory",
    "Diagonal",
    "Expansion",
    "Explosion",
    "GruTrajectory",
    "LanguageModel",
    "LayeredRun",
    "Layers",
    "Learned",
    "Linear",
    "Loss",
    "LstmTrajectory",
    "Momentum",
    "Optimiser",
    "Reach",
    "State",
    "Training",
    "Trajectory",
    "UpdateOverflow",
    "VanishingMonitor",
    "Vocabulary",
    "affine",
    "autonomous_exponents",
    "bptt_operations",
    "cayley_step",
    "cell_gradients",
    "clip_by_norm",
    "clip_by_norm_derivative",
    "clip_by_value",
    "condition_of_eigenvectors",
    "contributions",
    "contributions_by_distance",
    "deep_forward",
    "deep_gradients",
    "deep_jacobian_norms",
    "deep_jacobian_products",
    "deep_layer_jacobians",
    "deep_loss",
    "departure",
    "diagonal_cell",
    "distance_shares",
    "eigen_expansion",
    "eigenvalues",
    "expanded_power",
    "exponential_step",
    "forward",
    "gaussian_spectral_radius",
    "global_norm",
    "gradients",
    "gru_carry",
    "gru_forward",
    "gru_gradients",
    "gru_loss",
    "identity_init",
    "in_parallel",
    "init_params",
    "jacobian_norms",
    "jacobian_products",
    "layered_back",
    "layered_forward",
    "layered_gradients",
    "layers",
    "learnability",
    "loss",
    "loss_and_gradients",
    "lstm_cell_jacobians",
    "lstm_forward",
    "lstm_gradients",
    "lstm_loss",
    "lyapunov_exponents",
    "mean_log_determinant",
    "net_gradients",
    "next_word_batches",
    "normal_init",
    "one_hot",
    "orthogonal_init",
    "paired",
    "perplexity",
    "plain_step",
    "rtrl_gradients",
    "rtrl_operations",
    "semi_orthogonal_init",
    "share_by_distance",
    "skew_gradient",
    "spectral_norm",
    "spectral_radius",
    "step_jacobians",
    "tie",
    "tied_gradients",
    "tokenise",
    "train",
    "train_language_model",
    "truncated_gradients",
    "vocabulary_of",
]
