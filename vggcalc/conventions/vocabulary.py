"""Words for kinds of layers that tables of several tools have in common, and notes."""

from __future__ import annotations

from vggcalc.conventions.convention import note

KERNELS = "conv dwconv headconv convmap convtranspose fc channelconv blurpool linear"
"""What PyTorch has a convolution or a matrix product for; how tools see another kind with this role is unknown."""
PRODUCTS = "attention matmul"
"""Products of one map with another: scaled dot-product attention as PyTorch's one function, and `@`."""
RECURRENT = "rnn lstm gru"
FUNCTIONS = (
    "abs mish softplus softsign selu celu hardtanh threshold softshrink hardshrink tanhshrink logsigmoid exp log sqrt"
    " sin erf power glu"
)
"""Functions of values that no tool counts."""
POOLS = "maxpool avgpool globalmaxpool globalavgpool adaptivemaxpool adaptiveavgpool"
STILL = "*move *merge *idle *embedding scale rmsnorm reduce"
"""What no module or function stands for that tools look at, but for `upsample`."""
HANDMADE = "l2norm subsample rbf"
"""PyTorch has no module for them: what a tool that looks at modules counts depends on who writes them."""

TRANSPOSED = note(
    "it counts a transposed convolution at the output's positions, stride * stride times too many", "convtranspose"
)
