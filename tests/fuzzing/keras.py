"""Configurations of Keras to mutate: each class of layer alone, in three versions, and models that have branches."""

from __future__ import annotations

import json
from typing import Any

from test_keras import KERAS_1, LENET, ROWS, functional, layer, residual, sequential, tensor

MERGES = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot")
KINDS = (*MERGES, "MultiHeadAttention", "GroupQueryAttention")
_MAP = tensor("in", 8, 8, 4)
_VECTORS = tensor("in", 5, 4)


def _called(kind: str, *args: Any, of: tuple[int, ...], **fields: Any) -> dict[str, Any]:
    """A layer or operation of Keras 3 that reads these."""
    there = layer("InputLayer", "in", batch_shape=[None, *of])
    it = layer(kind, "it", {"args": list(args), "kwargs": {}}, **fields)
    return functional(there, it if kind in KINDS else it | {"module": "keras.src.ops.numpy"})


MODELS = [
    *(sequential((kind, said), ("Activation", {"activation": "relu"}), shape=shape) for kind, said, shape, *_ in ROWS),
    *(_called(kind, [_MAP, _MAP], of=(8, 8, 4), axis=-1, axes=-1) for kind in MERGES[:-1]),
    _called("Dot", [_VECTORS, _VECTORS], of=(5, 4), axes=[2, 2], normalize=False),
    _called("MultiHeadAttention", _VECTORS, _VECTORS, of=(5, 4), num_heads=2, key_dim=3),
    _called("GroupQueryAttention", _VECTORS, _VECTORS, of=(5, 4), num_query_heads=2, num_key_value_heads=1, head_dim=3),
    _called("Mean", _MAP, of=(8, 8, 4), axis=[1, 2], keepdims=True),
    _called("Reshape", _MAP, of=(8, 8, 4), newshape=[-1, 16]),
    _called("Transpose", _MAP, of=(8, 8, 4), axes=[0, 2, 1, 3]),
    _called("GetItem", _MAP, of=(8, 8, 4), key=[{"class_name": "__slice__", "config": {"start": 0, "stop": 3}}]),
    _called("Matmul", _VECTORS, tensor("in", 5, 4), of=(5, 4)),
    LENET, KERAS_1, residual(2), residual(3), {"modelTopology": {"model_config": LENET}},
    sequential(("Dense", {"units": 4}), ("Dropout", {"rate": 0.5}), ("Dense", {"units": 3}), shape=(8,)),
    sequential(("Activation", {"activation": {"class_name": "LeakyReLU", "config": {"alpha": 0.1}}}), shape=(4,)),
    sequential(("Lambda", {"function": "x", "output_shape": [3]}), shape=(4,)),
]  # fmt: skip

TEXTS = [json.dumps(model).encode() for model in MODELS]
