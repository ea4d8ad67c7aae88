"""Exported programs of PyTorch to mutate: each operation alone, with what it reads."""

from __future__ import annotations

import json
from typing import Any

from test_exported import node, program, tensor

_NONE: dict[str, Any] = {"as_none": True}


def _given(value: Any) -> dict[str, Any]:
    """An argument, as the schema has it: a value by its name, a number, a list, or nothing."""
    match value:
        case None:
            return _NONE
        case dict():
            return value
        case str():
            return tensor(value)
        case bool():
            return {"as_bool": value}
        case int():
            return {"as_int": value}
        case float():
            return {"as_float": value}
        case [str(), *_]:
            return {"as_tensors": [{"name": name} for name in value]}
    return {"as_ints": value}


X = [5, 3, 8, 8]
CALLS: list[tuple[str, list[Any], list[int]]] = [
    # operation, arguments, sizes of the output
    ("conv2d.default", ["x", "p_w", None, [2, 2], [1, 1], [1, 1], 1], [5, 4, 4, 4]),
    ("conv_transpose2d.input", ["x", "p_t", None, [2, 2]], [5, 4, 16, 16]),
    ("max_pool2d.default", ["x", [3, 3], [2, 2], [1, 1]], [5, 3, 4, 4]),
    ("avg_pool2d.default", ["x", [2, 2]], [5, 3, 4, 4]), ("adaptive_avg_pool2d.default", ["x", [1, 1]], [5, 3, 1, 1]),
    ("adaptive_avg_pool2d.default", ["x", [3, 5]], [5, 3, 3, 5]), ("relu_.default", ["x"], X),
    ("hardtanh.default", ["x", 0.0, 6.0], X), ("gelu.default", ["x"], X), ("softmax.int", ["x", 1], X),
    ("layer_norm.default", ["x", [8], "p_8", "p_9"], X), ("group_norm.default", ["x", 3, "p_3", "p_4"], X),
    ("instance_norm.default", ["x", "p_3", "p_4", None, None, True], X),
    ("linear.default", ["x", "p_l"], [5, 3, 8, 10]),
    ("matmul.default", ["x", "x"], X), ("add.Tensor", ["x", "x"], X), ("mul.Tensor", ["x", 2.0], X),
    ("cat.default", [["x", "x"], 1], [5, 6, 8, 8]), ("flatten.using_ints", ["x", 1], [5, 192]),
    ("view.default", ["x", [5, 3, 64]], [5, 3, 64]), ("permute.default", ["x", [0, 2, 3, 1]], [5, 8, 8, 3]),
    ("transpose.int", ["x", 1, 2], [5, 8, 3, 8]), ("unsqueeze.default", ["x", 1], [5, 1, 3, 8, 8]),
    ("squeeze.dim", ["x", 1], X), ("slice.Tensor", ["x", 1, 0, 2], [5, 2, 8, 8]),
    ("select.int", ["x", 1, 0], [5, 8, 8]),
    ("slice.Tensor", ["x", 2, 1, 8, 2], [5, 3, 4, 8]), ("expand.default", ["x", X], X), ("roll.default",
     ["x", [1, 1], [2, 3]], X), ("pad.default", ["x", [1, 1, 1, 1]], [5, 3, 10, 10]), ("mean.dim", ["x", [2, 3], True],
     [5, 3, 1, 1]), ("sum.dim_IntList", ["x", [1]], [5, 8, 8]), ("pixel_shuffle.default", ["x", 1], X),
    ("upsample_bilinear2d.vec", ["x", [16, 16], False], [5, 3, 16, 16]), ("clamp.default", ["x", 0, 6], X),
    ("scaled_dot_product_attention.default", ["x", "x", "x"], X), ("prelu.default", ["x", "p_3"], X),
    ("embedding.default", ["p_l", "x"], [*X, 8]), ("fft.default", ["x"], X), ("dropout.default", ["x", 0.5, False], X),
    ("einsum.default", [{"as_string": "nchw,nchw->nhw"}, ["x", "x"]], [5, 8, 8]), ("channel_shuffle.default",
     ["x", 3], X), ("local_response_norm.default", ["x", 5], X), ("glu.default", ["x", 2], [5, 3, 4, 8]),
    ("unflatten.int", ["x", 1, [3, 1]], [5, 3, 1, 8, 8]),
]  # fmt: skip
WEIGHTS = {"p_t": ("t", [3, 4, 2, 2]), "p_8": ("eight", [8]), "p_3": ("three", [3]), "p_l": ("l", [10, 8]),
           "p_9": ("other8", [8]), "p_4": ("other3", [3])}  # fmt: skip


def _calling(operation: str, args: list[Any], sizes: list[int]) -> dict[str, Any]:
    """The program with this call in front of its nodes, and its result given back."""
    found = program()
    module, graph = found["graph_module"], found["graph_module"]["graph"]
    for name, (path, held) in WEIGHTS.items():
        module["signature"]["input_specs"].append({"parameter": {"arg": {"name": name}, "parameter_name": path}})
        graph["tensor_values"][name] = {"sizes": [{"as_int": size} for size in held]}
    stack = "L__self__,,Net;L__self__part,part,net.Part"
    calls = (
        node(operation, [_given(each) for each in args], "it", stack),
        node("relu.default", [tensor("it")], "y", stack),
    )
    graph["nodes"] = list(calls)
    graph["tensor_values"] |= {name: {"sizes": [{"as_int": size} for size in sizes]} for name in ("it", "y")}
    graph["outputs"] = [tensor("y")]
    return found


TEXTS = [json.dumps(found).encode() for found in (*(_calling(*call) for call in CALLS), program())]
