"""Files of other frameworks that a stranger sends: whatever is in them, they are refused soon, or answered."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from costs import cost
from fuzzing.trees import zipped

pytestmark = pytest.mark.slow

IMAGE = 'input: "x" input_shape { dim: [1, 3, 8, 8] } layer { type: "ReLU" bottom: "x" top: "x" }\n'
SECTIONS = "[net]\nheight=8\nwidth=8\nchannels=3\n[conv]\n"
SEQUENCE = '{"class_name": "Sequential", "config": {"name": "s", "layers": ['

FILES: dict[str, tuple[str, Callable[[], str | bytes], str]] = {
    # a file's name, what is in it, what is said of it
    "words": ("n.prototxt", lambda: IMAGE + "layer { " + "a:1 " * 3_800_000 + "}", "more than 500,000 words"),  # > 60 s
    "messages": ("n.prototxt", lambda: IMAGE + "a{}" * 5_000_000, "more than 500,000 words"),  # > 60 s
    "numbers in a list": ("n.prototxt", lambda: f"{IMAGE}a: [{'1,' * 7_000_000}]", "more than 500,000 words"),  # > 60 s
    "a name without an end": ("n.prototxt", lambda: f'{IMAGE}layer {{ name: "{"a" * 15_000_000}', "no end"),  # 1.8 GB
    "comments": ("n.prototxt", lambda: IMAGE + "#\n" * 7_500_000, "more than 500,000 words"),  # 1.8 GB
    "options": ("n.cfg", lambda: SECTIONS + "a=1\n" * 3_800_000, "more than 500,000 lines"),  # 10 s
    "other options": ("n.cfg", lambda: SECTIONS + "".join(f"{n}=\n" for n in range(1_700_000)), "lines"),  # 783 MB
    "numbers in an option": ("n.cfg", lambda: f"{SECTIONS}[route]\nlayers={'0,' * 7_000_000}", "n.cfg"),  # > 60 s
    "numbers for layers": ("n.json", lambda: f"{SEQUENCE}{'1,' * 7_000_000}1]}}}}", "too many parts"),  # 3 s
    "lists in a program": (
        "n.pt2", lambda: zipped({"n/models/model.json": b"[" + b"{}," * 5_000_000 + b"0]"}), "n.pt2",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "made", "said"), FILES.values(), ids=FILES)
def test_floods(tmp_path: Path, name: str, made: Callable[[], str | bytes], said: str) -> None:
    """Each is refused; what it took before there were bounds stands beside it."""
    data = made()
    (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    found = cost(tmp_path, "show", name)
    found.assert_bounded()
    assert (found.code, said in found.err) == (2, True), found.err[:500]


WORDS = ("relu", "leaky", "elu", "mish", "selu", "gelu", "swish", "tanh", "logistic")


@pytest.mark.parametrize(("sections", "turns"), [(590, 0), (1_000, 0), (0, 1_000), (0, 2_000)])
def test_what_hardly_repeats_is_converted_soon(tmp_path: Path, sections: int, turns: int) -> None:
    """Activations in disorder, and layers that all read one; they took six seconds and nine."""
    dice = random.Random(1)
    text = "[net]\nheight=8\nwidth=8\nchannels=3\n[conv]\nfilters=3\nactivation=linear\n"
    text += "".join(f"[activation]\nactivation={dice.choice(WORDS)}\n" for _ in range(sections))
    text += "".join(f"[route]\nlayers=0\n[conv]\nfilters={n % 5 + 1}\nactivation=linear\n" for n in range(turns))
    (tmp_path / "net.cfg").write_text(text)
    found = cost(tmp_path, "convert", "net.cfg")
    found.assert_bounded()
    assert (found.code, found.out[:8]) == (0, "family: ")
