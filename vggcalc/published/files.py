"""Files that tables and documents are in, and the files of models that they name."""

from __future__ import annotations

import os
import re
import stat

from vggcalc.errors import Problem, UsageError
from vggcalc.spec.catalogue import names
from vggcalc.spec.text import MAX_BYTES

NO_MODEL = "name a bundled one, or a FILE.yaml"
"""What to do where a model is neither."""

MOST_FAULTS = 100
"""Whoever has more of them in a file is told of these first."""

_FILE = re.compile(r"\.ya?ml(:|$)")


def content(path: str, what: str) -> bytes:
    """The bytes of a file, or as many as show that it is too large; `what` it should be is for messages.

    Raises: UsageError for a file that cannot be read.
    """
    hint = f"name a readable {what}"
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a pipe would never end, a device neither
            raise UsageError(Problem(f"{path} is no regular file", hint))
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except ValueError:
        raise UsageError(Problem(f"'{path}' cannot be the name of a file", hint)) from None
    except OSError as error:
        raise UsageError(Problem(f"{path}: {(error.strerror or 'cannot be read').lower()}", hint)) from None


def beside(folder: str, model: str) -> str:
    """A model as the catalogue finds it: a file lies in the folder, anything else is a name.

    >>> beside("tables", "net.yaml:A"), beside("tables", "vgg16")
    ('tables/net.yaml:A', 'vgg16')
    """
    return os.path.join(folder, model) if is_file(model) else model


def is_file(model: str) -> bool:
    """Whether a model is named by its file, or by that and a variant, as in net.yaml:A."""
    return _FILE.search(model) is not None


def is_stray(model: str) -> bool:
    """Whether some file or folder has this name, but no model."""
    return not is_file(model) and os.path.exists(model) and model not in names()
