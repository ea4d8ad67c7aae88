"""What is asked of a network: one record for library, command line, tables and documents, and how it is read.

A setting that joins is a field of `Question`, its entry in `SETTINGS`, and what it does in `Question.of`.
"""

from vggcalc.question.record import AS_DECLARED, SWITCHES, Question
from vggcalc.question.settings import SETTINGS, Setting
from vggcalc.question.texts import read_node, read_texts, read_words, split_model, with_words

__all__ = [
    "AS_DECLARED",
    "SETTINGS",
    "SWITCHES",
    "Question",
    "Setting",
    "read_node",
    "read_texts",
    "read_words",
    "split_model",
    "with_words",
]
