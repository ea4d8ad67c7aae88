"""ONNX files to mutate: each operation alone, with the weights and attributes that it reads."""

from __future__ import annotations

from typing import Any

from onnx_files import INT64, ints, model, node, tensor, value

NODES: list[tuple[str, str, dict[str, Any]]] = [
    # operation, what it reads, attributes
    ("Conv", "x w b", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2], "group": 1}),
    ("Conv", "x w", {"kernel_shape": [3, 3], "auto_pad": "SAME_UPPER"}),
    ("ConvTranspose", "x t", {"kernel_shape": [2, 2], "strides": [2, 2], "output_padding": [0, 0]}),
    ("MaxPool", "x", {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
    ("AveragePool", "x", {"kernel_shape": [2, 2], "count_include_pad": 1}),
    ("GlobalAveragePool", "x", {}), ("GlobalMaxPool", "x", {}), ("Relu", "x", {}), ("LeakyRelu", "x", {"alpha": 0.1}),
    ("Sigmoid", "x", {}), ("HardSigmoid", "x", {"alpha": 0.2}), ("Softmax", "x", {"axis": 1}), ("Clip", "x lo hi", {}),
    ("PRelu", "x s", {}), ("LRN", "x", {"size": 5, "alpha": 0.1}), ("Gelu", "x", {"approximate": "tanh"}),
    ("BatchNormalization", "x b3 b3 b3 b3", {"epsilon": 0.1}), ("InstanceNormalization", "x b3 b3", {}),
    ("LayerNormalization", "x b8 b8", {"axis": -1}), ("GroupNormalization", "x b3 b3", {"num_groups": 3}),
    ("LpNormalization", "x", {"axis": 1, "p": 2}), ("MatMul", "x m", {}),
    ("Einsum", "x m", {"equation": "nchw,wk->nchk"}),
    ("Add", "x x", {}), ("Mul", "x one", {}), ("Sub", "x b8", {}), ("Div", "x x", {}), ("Pow", "x one", {}),
    ("Sqrt", "x", {}), ("Erf", "x", {}), ("Sum", "x x x", {}), ("Max", "x x", {}), ("Concat", "x x", {"axis": 1}),
    ("Flatten", "x", {"axis": 1}), ("Reshape", "x shape", {"allowzero": 0}), ("Transpose", "x", {"perm": [0, 2, 3, 1]}),
    ("Squeeze", "x axes", {}), ("Unsqueeze", "x axes", {}), ("Slice", "x starts ends axes", {}), ("Split", "x parts",
     {"axis": 2}), ("Gather", "x index", {"axis": 1}), ("Pad", "x pads", {"mode": "constant"}),
    ("Expand", "x shape4", {}),
    ("Tile", "x reps", {}), ("Resize", "x - scales", {"mode": "nearest"}), ("DepthToSpace", "x", {"blocksize": 1}),
    ("SpaceToDepth", "x", {"blocksize": 2}), ("ReduceMean", "x", {"axes": [2, 3], "keepdims": 1}),
    ("ReduceL2", "x axes", {"keepdims": 0}), ("Shape", "x", {}), ("Identity", "x", {}), ("Cast", "x", {"to": 1}),
    ("Dropout", "x", {}), ("ConstantOfShape", "shape4", {}), ("If", "x", {}), ("Warp", "x", {}),
    ("QuantizeLinear", "x one one", {}),
]  # fmt: skip
SEQUENCES: list[tuple[str, str, dict[str, Any]]] = [
    ("LSTM", "x lw lr lb", {"hidden_size": 7, "direction": "bidirectional"}), ("GRU", "x lw lr", {"hidden_size": 7}),
    ("Gemm", "v g", {"transB": 1}), ("Attention", "x x x", {"q_num_heads": 2, "kv_num_heads": 2}),
]  # fmt: skip
WEIGHTS = {"w": (4, 3, 3, 3), "b": (4,), "t": (3, 4, 2, 2), "s": (3, 1, 1), "b3": (3,), "b8": (8,), "m": (8, 5)}
CONSTANTS = [
    tensor("lo", [], [0.0]), tensor("hi", [], [6.0]), tensor("one", [], [1.0]), ints("shape", 0, -1, 8),
    ints("axes", 1), ints("starts", 0), ints("ends", 2), ints("parts", 5, 3), ints("index", 0, 2),
    ints("pads", 0, 0, 1, 1, 0, 0, 1, 1), ints("shape4", 1, 3, 8, 8), ints("reps", 1, 1, 2, 2),
    tensor("scales", [4], [1.0, 1.0, 2.0, 2.0]), tensor("zero", [], [0], INT64),
]  # fmt: skip
LSTM = {"lw": (2, 28, 5), "lr": (2, 28, 7), "lb": (2, 56), "g": (5, 7)}

TEXTS = [
    *(model([node(op, read, "h", f"/net/{op}", **said), node("Relu", "h", "y")], WEIGHTS, tensors=CONSTANTS,
            values=[value("h", None)]) for op, read, said in NODES),
    *(model([node(op, read, "y", **said)], LSTM, {"x": (6, 1, 5), "v": (1, 7)}) for op, read, said in SEQUENCES),
    model([node(op, f"h{place} {' '.join(read.split()[1:])}", f"h{place + 1}", **said)
           for place, (op, read, said) in enumerate(NODES[3:12])],
          {**WEIGHTS}, {"h0": ("batch", 3, 8, 8)}, ("h9",), tensors=CONSTANTS),
]  # fmt: skip
