"""Kinds of layers that most tools count alike, for the tables of operations and of memory."""

from __future__ import annotations

FILTERS = "conv dwconv convmap"
WEIGHTS = f"{FILTERS} fc"
NORMS = "batchnorm layernorm groupnorm"
POOLS = "maxpool avgpool adaptiveavgpool adaptivemaxpool globalavgpool globalmaxpool"
SIGMOIDLESS = "relu relu6 leakyrelu elu hardsigmoid hardswish silu gelu mish tanh softmax"
FREE_CURVES = f"sigmoid {SIGMOIDLESS}"
CURVES = f"{FREE_CURVES} prelu"
"""Element-wise functions: but for the sigmoid, those without parameters, and all."""
SUMS = "add subtract multiply"
MOVES = "concat flatten slice pad padchannels crop channelshuffle"
IDLE = "dropout stochasticdepth identity"
"""At inference they hand on what they read."""
