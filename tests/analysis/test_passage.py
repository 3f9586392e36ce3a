"""First passage and settling: by hand, and of a run that overshoots."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import passage

UPDATES = np.array([0, 10, 20, 40, 80])
INF = np.inf


@pytest.mark.parametrize(
    ("values", "first", "settled"),
    [
        ([5, 3, 1, 1, 1], 2, 2),
        ([5, 1, 3, 1, 1], 1, 3),
        ([5, 1, 1, 1, 3], 1, None),
        ([1, 1, 1, 1, 1], 0, 0),
        ([5, 5, 5, 5, 5], None, None),
        ([2, 2, 2, 2, 2], None, None),  # at the goal is not below it
        ([5, 1, np.nan, 1, 1], 1, 3),
        ([5, 1, 1, 1, np.nan], 1, None),
    ],
)
def test_rows_by_hand(values, first, settled):
    assert passage.first_row(values, 2) == first
    assert passage.settled_row(values, 2) == settled


@pytest.mark.parametrize(
    ("values", "first", "settled"),
    [
        ([5, 3, 1, 1, 1], 15.0, 15.0),
        ([4, 0, 4, 1, 1], 5.0, 20 + 20 * 2 / 3),
        ([1, 1, 1, 1, 1], 0.0, 0.0),
        ([5, 5, 5, 5, 5], INF, INF),
        ([INF, 1, 1, 1, 1], 10.0, 10.0),
        ([5, 1, np.nan, 1, 1], 7.5, 40.0),
    ],
)
def test_updates_lie_between_rows(values, first, settled):
    assert passage.updates_until(UPDATES, values, 2) == first
    assert passage.updates_until(UPDATES, values, 2, stays=True) == settled


def test_values_must_fit():
    with pytest.raises(ValueError, match=r"values must have shape \(5,\); got \(3,\)"):
        passage.updates_until(UPDATES, [1, 2, 3], 2)


def test_the_worst_error_is_that_of_the_worst_pattern_in_use():
    run = nnlab.Experiment(learning_rate=5.0).run()
    targets = run.experiment.data.targets
    by_hand = [((run.predict(run.experiment.data.inputs) - targets) ** 2).max()]
    assert passage.worst_error(run.history)[-1:] == pytest.approx(by_hand)
    assert passage.worst_error(run.history).shape == run.history.updates.shape


def test_a_run_that_overshoots_passes_long_before_it_settles():
    """Momentum of 0.9 on the ravine swings through its minimum."""
    valley = nnlab.Experiment(
        data=nnlab.ravine(), layers=(1, 1), output="linear", batch_size="full", learning_rate=1.0
    )
    swinging = valley.replace(optimizer=nnlab.Optimizer("momentum", momentum=0.9))
    first, settled = passage.passages(swinging, 400)
    assert 0 < first < settled < 400
    assert swinging.run().updates < settled  # the stop rule is taken in
    creeping = passage.passages(valley, 400)
    assert creeping[0] == creeping[1] == pytest.approx(valley.run().updates, abs=2)


def test_what_never_gets_there_takes_for_ever():
    assert passage.passages(nnlab.Experiment(), 600) == (INF, INF)


def test_a_tolerance_is_needed():
    with pytest.raises(ValueError, match="tolerance must be a finite number above 0"):
        passage.passages(nnlab.Experiment(tolerance=0.0), 600)


def test_the_pattern_that_comes_right_last_is_found_by_hand():
    run = nnlab.Experiment(learning_rate=5.0).run()
    answers = run.history.outputs[:, :, 0]
    wrong = (answers > 0.5) != (run.experiment.data.targets[:, 0] > 0.5)
    last = [np.flatnonzero(each).max(initial=-1) for each in wrong.T]
    assert passage.last_to_come_right(run.history) == np.argmax(last) == 1


def test_nobody_comes_last_where_not_all_come_right():
    history = nnlab.Experiment(max_updates=60).run().history
    assert passage.last_to_come_right(history) is None
    data = nnlab.Dataset([[0.0], [1.0], [2.0]], [[0.1], [0.2], [0.3]])
    numbers = nnlab.Experiment(data=data, layers=(1, 1), max_updates=6)
    with pytest.raises(ValueError, match="classes"):
        passage.last_to_come_right(numbers.run().history)
