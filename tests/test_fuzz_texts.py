"""Mutated texts of other frameworks: whatever a file says, it is answered, or refused with its faults."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from test_caffe import LENET
from test_caffe_layers import IMAGE, ONE, TWO, layer
from test_darknet import CONV, NET
from test_darknet import ONE as SECTIONS

from vggcalc import VggcalcError, load

CASES = 250
SECONDS = 2
"""Processor time of one file."""

HEADS = {
    "prototxt": [LENET, *(IMAGE + layer(kind, said) for kind, said, *_ in ONE)]
    + [IMAGE + layer("ReLU", tops="b") + layer(kind, said, "data b") for kind, said, *_ in TWO]
    + [
        "input: 'x' input_shape { dim: [5, 2, 3] } input: 'c' input_shape { dim: [5, 2] }\n"
        + layer(kind, "recurrent_param { num_output: 4 }", "x c")
        + layer("InnerProduct", "inner_product_param { num_output: 3 axis: 2 }", "y", "z")
        for kind in ("LSTM", "RNN")
    ],
    "cfg": [NET + CONV + text for text, *_ in SECTIONS]
    + [f"[net]\ninputs=7\n[{kind}]\noutput=3\nbatch_normalize=1\n" for kind in ("rnn", "gru", "lstm")]
    + [f"{NET}{CONV}[route]\nlayers=-1\ngroups=1\n[shortcut]\nfrom=-2\n[scale_channels]\nfrom=-1\n"],
}
WORDS = [
    "0",
    "-1",
    "1",
    "2",
    "7",
    "999999999",
    "99999999999",
    "1e9",
    "nan",
    "inf",
    "-",
    "x",
    "",
    "'",
    '"',
    "{",
    "}",
    "[",
    "]",
]
WORDS += [
    ":",
    ",",
    "#",
    "\\",
    "\0",
    "é",
    "data",
    "y",
    "true",
    "axis: 9",
    "dim: 0",
    "group: 3",
    "size=0",
    "stride=0",
    "\n",
    "=",
]


def mutated(text: str, draw: random.Random) -> str:
    """The text with some of it dropped, doubled, moved or put in."""
    for _ in range(draw.randint(1, 4)):
        words = text.split(" ") if draw.random() < 0.5 else list(text)
        at, end = sorted(draw.randrange(len(words) + 1) for _ in range(2))
        end = min(end, at + draw.choice([1, 1, 2, 30]))
        way = draw.randrange(4)
        if way == 0:
            words[at:end] = []
        elif way == 1:
            words[at:at] = words[at:end]
        elif way == 2:
            words[at:end] = [draw.choice(WORDS)]
        else:
            words[at:end] = [draw.choice(words or [""])]
        text = (" " if len(words) and max(map(len, words), default=0) > 1 else "").join(words)
    return text


@pytest.mark.parametrize("ending", HEADS)
def test_mutated_texts(tmp_path: Path, ending: str) -> None:
    """Nothing else is raised than what says what is wrong, and soon."""
    draw = random.Random(ending)
    answered = 0
    said = ""
    for number in range(CASES):
        text = mutated(draw.choice(HEADS[ending]), draw)
        path = tmp_path / f"net{number}.{ending}"
        path.write_text(text, "utf-8")
        begin = time.process_time()
        try:
            load(str(path)).analyse()
            answered += 1
        except VggcalcError as error:
            said = str(error)
        except Exception as error:
            raise AssertionError(text) from error
        assert time.process_time() - begin < SECONDS, text
    assert said
    assert 0 < answered < CASES  # mutations that leave a file whole, and mutations that do not
