"""How tables and documents name models: a bundled name, or a file in their own folder."""

from __future__ import annotations

import os
import re

from vggcalc.frameworks import ENDINGS
from vggcalc.language.index import names

NO_MODEL = "name a bundled one, or a FILE.yaml"
"""What to do where a model is neither."""

_FILE = re.compile(rf"({'|'.join(map(re.escape, ('.yaml', '.yml', *ENDINGS)))})([:,]|$)", re.IGNORECASE)


def beside(folder: str, model: str) -> str:
    """A model as the catalogue finds it: a file lies in the folder, anything else is a name.

    >>> beside("tables", "net.yaml:A"), beside("tables", "vgg16")
    ('tables/net.yaml:A', 'vgg16')
    """
    return os.path.join(folder, model) if is_file(model) else model


def is_file(model: str) -> bool:
    """Whether a model is named by its file, with what may stand behind it: net.yaml:A, net.onnx,batch=4."""
    return _FILE.search(model) is not None


def is_stray(model: str) -> bool:
    """Whether some file or folder has this name, but no model."""
    return not is_file(model) and os.path.exists(model) and model not in names()
