"""What a reader reads of an answer: nothing of the solution, and never a traceback."""

import numpy as np
import pytest

import nnlab


def above_two(answer):
    return True if answer > 2 else "Try a larger one."


@pytest.mark.parametrize(
    ("answer", "said", "right"),
    [
        (..., "Not answered yet", False),
        (3, "Right!", True),
        (1, "Not yet. Try a larger one.", False),
        ("many", "Not yet. TypeError", False),
    ],
)
def test_what_is_said(answer, said, right):
    verdict = nnlab.exercise(answer, above_two)
    assert repr(verdict).startswith(said)
    assert bool(verdict) == right


def test_numpys_booleans_count():
    assert nnlab.exercise(np.float64(2.0), lambda answer: answer == np.float64(2.0))
    assert repr(nnlab.exercise(1, lambda answer: answer == np.float64(2.0))) == "Not yet."


def test_a_check_that_checks_nothing_is_refused():
    with pytest.raises(TypeError, match="is_right must be a function of the answer; got 3"):
        nnlab.exercise(3, 3)
    with pytest.raises(TypeError, match="True, False or a hint; got None"):
        nnlab.exercise(3, lambda answer: None)
