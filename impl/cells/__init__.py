"""The cells of papers and libraries by their file names; each docstring says which convention is meant."""

from collections.abc import Mapping
from types import MappingProxyType

from backproof.impl.cell import Cell
from backproof.impl.cells import (
    antisymmetric,
    gru,
    gru_reset_after,
    indrnn,
    leaky,
    lstm,
    lstm_coupled,
    lstm_layer_norm,
    lstm_peephole,
    lstm_projection,
    lstm_zoneout,
    mgu,
    min_gru,
    min_lstm,
    minimal_rnn,
    residual,
    selective_scan,
    slstm,
)

CELLS: Mapping[str, Cell] = MappingProxyType(
    {
        "antisymmetric": antisymmetric.CELL,
        "gru": gru.CELL,
        "gru_reset_after": gru_reset_after.CELL,
        "indrnn": indrnn.CELL,
        "leaky": leaky.CELL,
        "lstm": lstm.CELL,
        "lstm_coupled": lstm_coupled.CELL,
        "lstm_layer_norm": lstm_layer_norm.CELL,
        "lstm_peephole": lstm_peephole.CELL,
        "lstm_projection": lstm_projection.CELL,
        "lstm_zoneout": lstm_zoneout.CELL,
        "mgu": mgu.CELL,
        "min_gru": min_gru.CELL,
        "min_lstm": min_lstm.CELL,
        "minimal_rnn": minimal_rnn.CELL,
        "residual": residual.CELL,
        "selective_scan": selective_scan.CELL,
        "slstm": slstm.CELL,
    }
)
