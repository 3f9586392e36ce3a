"""What dials turn: only the one thing, and back again."""

import pytest

import nnlab
from nnlab.analysis import dials

DEEP = nnlab.Experiment(layers=(3, 5, 4, 1), init="xavier", learning_rate=0.5)


def test_width_and_depth_change_layers_only():
    assert dials.with_width(DEEP, 7) == DEEP.replace(layers=(3, 7, 7, 1))
    assert dials.with_depth(DEEP, 3) == DEEP.replace(layers=(3, 5, 5, 5, 1))
    assert dials.with_width(DEEP.replace(layers=(3, 1)), 7).layers == (3, 1)
    back = dials.with_depth(dials.with_depth(DEEP, 4), 2)
    assert back.layers == (3, 5, 5, 1)


def test_scale_changes_the_start_only():
    assert dials.with_scale(DEEP, 2.0) == DEEP.replace(init=nnlab.Initializer("xavier", 2.0))
    assert dials.with_scale(dials.with_scale(DEEP, 2.0), 3.0) == dials.with_scale(DEEP, 3.0)


@pytest.mark.parametrize(
    ("turn", "experiment", "value", "words"),
    [
        (dials.with_depth, DEEP.replace(layers=(3, 1)), 2, "hidden layer"),
        (dials.with_width, DEEP, 0, "width"),
        (dials.with_depth, DEEP, 1.5, "depth"),
        (dials.with_scale, DEEP, -1.0, "scale"),
        (dials.with_scale, DEEP.replace(init=nnlab.Nudged("zeros", 0.1)), 1.0, "Initializer"),
    ],
)
def test_what_can_not_be_turned_is_refused_by_name(turn, experiment, value, words):
    with pytest.raises((ValueError, TypeError), match=words):
        turn(experiment, value)
