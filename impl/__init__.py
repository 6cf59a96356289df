"""Elman nets in NumPy: what runs, to be confronted with what theory says.

The cell is a_t = W h_{t-1} + U x_t + b, h_t = φ(a_t), o_t = V h_t + c for t = 1 … T, from a given h_0.
Parameters are a mapping from names to arrays: W (n,n), U (n,m), V (p,n), b (n,), c (p,), and h0 (B,n),
zero if left out. Time comes first, then the batch:

    inputs           (T, B, m)      x_t at index t-1
    pre-activations  (T, B, n)      a_t at index t-1
    hidden states    (T+1, B, n)    h_t at index t
    outputs          (T, B, p)      o_t at index t-1
    targets          (T, B)         class indices, for the cross-entropy of the softmax
                     (T, B, p)      for the squared error ½‖o - y‖²

Jacobians have outputs as rows and inputs as columns. A gradient has the shape of its parameter. Everything
is float32 or everything is float64, and stays so. Arguments are never modified. A wrong argument raises
TypeError or ValueError naming it, and overflow raises FloatingPointError naming quantity and step;
underflow is silent.
"""

from impl.activations import ACTIVATIONS, Activation
from impl.clipping import Clipped, clip_by_norm, clip_by_value, global_norm
from impl.decomposition import contributions, contributions_by_distance
from impl.elman import forward, gradients, loss, loss_and_gradients
from impl.initialisers import identity_init, init_params, normal_init, orthogonal_init
from impl.jacobians import jacobian_norms, jacobian_products, step_jacobians
from impl.losses import LOSSES, Loss
from impl.recurrence import Trajectory
from impl.spectra import condition_of_eigenvectors, eigenvalues, spectral_norm, spectral_radius

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "Activation",
    "Clipped",
    "Loss",
    "Trajectory",
    "clip_by_norm",
    "clip_by_value",
    "condition_of_eigenvectors",
    "contributions",
    "contributions_by_distance",
    "eigenvalues",
    "forward",
    "global_norm",
    "gradients",
    "identity_init",
    "init_params",
    "jacobian_norms",
    "jacobian_products",
    "loss",
    "loss_and_gradients",
    "normal_init",
    "orthogonal_init",
    "spectral_norm",
    "spectral_radius",
    "step_jacobians",
]
