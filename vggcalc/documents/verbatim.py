"""Where Markdown and LaTeX print text as it is: fenced code and verbatim environments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vggcalc.documents.typeset import Language
from vggcalc.errors import Problem, UsageError

FENCE = re.compile(
    r"^[ \t>]*(?:(?:[-+*]|[0-9]{1,9}[.)])[ \t]+)*(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})(?P<info>[^\n]*)$", re.M
)
_VERBATIM = (
    *("verbatim", "verbatim*", "Verbatim", "Verbatim*", "BVerbatim", "lstlisting"),
    *("minted", "comment", "filecontents", "filecontents*"),
)
LISTING = re.compile(rf"\\begin\{{(?P<env>{'|'.join(map(re.escape, _VERBATIM))})\}}")

_INFO = {"plain": "text"}
"""What a fence says of a format that is no word of fences."""


def closing(fence: str) -> re.Pattern[str]:
    """What ends fenced code: a line of at least as many of the same sign."""
    return re.compile(rf"^[ \t>]*{fence[0]}{{{len(fence)},}}[ \t\r]*$", re.M)


def framed(language: Language, style: str, found: Sequence[str], content: list[str]) -> list[str]:
    """Text of another format as a listing: within the fence or environment that stands there, or in a new one.

    Raises: UsageError where it would end the environment.
    """
    if language == "latex":
        opening = LISTING.match(found[0].strip()) if found else None
        first, env = (found[0], opening["env"]) if opening else (r"\begin{verbatim}", "verbatim")
        last = f"\\end{{{env}}}"
        if any(last in line for line in content):
            raise UsageError(
                Problem(
                    f"what this prints holds {last}", "use another environment, or --format latex", code="bad-output"
                )
            )
        return [first, *content, last]
    opening = FENCE.match(found[0]) if found else None
    if opening and not any(closing(opening["fence"]).match(line) for line in content):
        return [found[0], *content, opening["fence"]]
    longest = max((len(run) for line in content for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence + _INFO.get(style, style), *content, fence]
