"""Exercises that check an answer without showing the solution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnlab import checks

OPEN, RIGHT, WRONG = "not answered yet", "right", "not yet"


class Verdict:
    """What a check says of an answer; a notebook shows it as a sentence."""

    def __init__(self, state: str, hint: str = "") -> None:
        self.state, self.hint = state, hint

    def __bool__(self) -> bool:
        return self.state == RIGHT

    def __repr__(self) -> str:
        if self.state == OPEN:
            return "Not answered yet: put your answer in place of the dots and run the cell again."
        if self.state == RIGHT:
            return "Right!"
        return f"Not yet. {self.hint}".strip()


def exercise(answer: Any, is_right: Callable[[Any], bool | str]) -> Verdict:
    """Check a reader's answer.

    Args:
        answer: what the reader has put in place of ``...``, which is no answer yet.
        is_right: takes the answer and returns True, False, or a hint if it is wrong. It should
            measure ("does a network with this rate learn?") rather than hold the solution.

    Returns:
        A ``Verdict``, true if the answer is right. An answer that ``is_right`` fails on is wrong,
        with the error as hint: a reader may write anything.

    Raises:
        TypeError: if ``is_right`` is no function or returns something else.
    """
    if not callable(is_right):
        raise TypeError(f"is_right must be a function of the answer; got {checks.shown(is_right)}")
    if answer is ...:
        return Verdict(OPEN)
    try:
        found = is_right(answer)
    except Exception as error:  # the reader's own code may do anything
        return Verdict(WRONG, f"{type(error).__name__}: {error}")
    found = checks.plain(found)
    if not isinstance(found, bool | str):
        raise TypeError(f"is_right must return True, False or a hint; got {checks.shown(found)}")
    if isinstance(found, str):
        return Verdict(WRONG, found)
    return Verdict(RIGHT if found else WRONG)
