"""Networks of Darknet to mutate: each section alone on a small image, and those that read others behind some layers."""

from __future__ import annotations

from test_darknet import CONV, NET, ONE

READING = (
    "[route]\nlayers=-1,-2\n",
    "[route]\nlayers=0\ngroups=5\ngroup_id=1\n",
    "[shortcut]\nfrom=-2\nactivation=leaky\n",
    "[shortcut]\nfrom=-2\nweights_type=per_channel\n",
    "[sam]\nfrom=-2\n",
    "[avgpool]\n[scale_channels]\nfrom=0\n",
    CONV + "share_index=0\n",
    "[implicit_add]\nfilters=5\n[shift_channels]\nfrom=-1\n",
    "[implicit_mul]\nfilters=5\n[control_channels]\nfrom=-1\n",
    "[upsample]\nstride=2\n[yolo]\nmask=0,1\nclasses=80\n",
)
STATEFUL = ("[rnn]\nhidden=5\noutput=6\n", "[lstm]\noutput=6\nbatch_normalize=1\n", "[gru]\noutput=6\n",
            "[connected]\noutput=3\n[softmax]\ngroups=3\n")  # fmt: skip

TEXTS = [
    *((NET + CONV.replace("filters=5", "filters=4") + text).encode() for text, *_ in ONE),
    *((NET + CONV + CONV + text + CONV).encode() for text in READING),
    *(f"[net]\ninputs=7\ntime_steps=9\n{text}".encode() for text in STATEFUL),
    (NET + CONV + "".join(text for text, *_ in ONE[:8])).encode(),
]
