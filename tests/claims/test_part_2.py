"""Part 2, initial weights: what the notebook claims, and the control that would refute it."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import intervals, signals

ARTICLE = nnlab.Experiment()
FAST = ARTICLE.replace(learning_rate=5.0, max_updates=20_000)


def solved(experiment, **axes):
    """Shares that learn, over the seeds."""
    return nnlab.sweep(experiment, progress=False, **axes).solve_rate()


def test_equal_units_stay_equal_in_any_order():
    for order_seed in range(3):
        run = FAST.replace(shuffle=True, order_seed=order_seed).run()
        assert signals.gap(run.history, 0, 2).max() == 0.0
        assert signals.gap(run.history, 0, 1).max() > 0.0


def test_one_unit_never_gets_below_a_sixteenth(seeds):
    """Whatever rate, start and budget; two units do: the bound is not the budget's."""
    rates = [0.5, 5.0, 20.0]
    one = nnlab.sweep(
        FAST.replace(layers=(3, 1, 1), init="gaussian"),
        learning_rate=rates,
        init_seed=seeds(40),
        progress=False,
    )
    two = nnlab.sweep(
        FAST.replace(layers=(3, 2, 1), init="gaussian"),
        learning_rate=rates,
        init_seed=seeds(40),
        progress=False,
    )
    assert not one.converged.any()
    assert one.loss.min() > 1 / 16
    assert two.converged.mean() > 0.3
    assert two.loss.min() < 0.2 / 16


def test_copies_cost_more_than_mirror_images_of_the_same_units(seeds):
    """The control: the same two units, as often, but mirrored in place of copied."""
    copies, mirrors = (
        nnlab.Tied("gaussian", units) for units in ((1, 2, 1, 2, 1), (1, 2, -1, -2, 1))
    )
    for rate, budget in ((5.0, 20_000), (0.5, 60_000)):
        found = nnlab.sweep(
            FAST.replace(learning_rate=rate, max_updates=budget),
            init=[copies, mirrors],
            init_seed=seeds(150),
            progress=False,
        ).converged
        assert intervals.share(found[0])[2] < intervals.share(found[1])[1]


def test_noise_breaks_the_symmetry_of_a_constant_and_rounding_does_not(seeds):
    base = ARTICLE.replace(learning_rate=0.5, max_updates=100_000)
    noises = [nnlab.Nudged("constant", size) for size in (1e-12, 1e-5, 1e-2)]
    tiny, small, enough = solved(base, init=noises, init_seed=seeds(16))
    assert (tiny, small) == (0.0, 0.0)
    assert enough > 0.95


def test_the_windows_left_end_is_patience_and_its_right_end_hardly(seeds):
    ends = [nnlab.Initializer("gaussian", sigma) for sigma in (0.008, 1.0, 20.0)]
    short = solved(FAST.replace(max_updates=5_000), init=ends, init_seed=seeds(40))
    long = solved(FAST.replace(max_updates=50_000), init=ends, init_seed=seeds(40))
    assert min(short[1], long[1]) > 0.95
    assert long[0] > short[0] + 0.4
    assert max(short[2], long[2]) < 0.2


def test_with_one_hidden_layer_no_recipe_is_far_ahead(seeds):
    """Each at its own best rate, chosen and reported on other seeds."""
    best = {
        init: nnlab.analysis.own_best(
            FAST.replace(init=init, max_updates=6_000),
            {"learning_rate": np.geomspace(2, 20, 6)},
            choose={"init_seed": seeds(20)},
            report={"init_seed": seeds(50, first=10_000)},
        ).median[0]
        for init in ("uniform", "gaussian", "xavier", "he", "lecun", "orthogonal")
    }
    assert max(best.values()) < 1.5 * min(best.values())


def test_ten_relu_layers_need_hes_start():
    """At each start's own best rate, over orders; with one hidden layer there is no such gap."""
    deep = nnlab.Experiment(
        data=nnlab.digits(),
        layers=(64, *[32] * 10, 10),
        activation="relu",
        output="softmax",
        loss="cross_entropy",
        batch_size=32,
        shuffle=True,
        max_updates=225,
    )

    def best(experiment, init):
        scores = [
            [
                nnlab.analysis.scores.scores(run).held_out_accuracy
                for run in nnlab.analysis.scores.runs(
                    experiment.replace(init=init, learning_rate=rate), range(20, 23)
                )
            ]
            for rate in (0.02, 0.06, 0.18)
        ]
        return np.median(scores, axis=1).max()

    assert best(deep, "he") > best(deep, "xavier_normal") + 0.15
    shallow = deep.replace(layers=(64, 32, 10))
    assert abs(best(shallow, "he") - best(shallow, "xavier_normal")) < 0.05


@pytest.mark.parametrize(("budget", "share"), [(20_000, 0.4), (100_000, 0.6)])
def test_five_sigmoid_layers_need_a_gain_of_four(seeds, budget, share):
    """Not of any start that is large: four times four is too large again."""
    base = FAST.replace(layers=(3, 5, 5, 5, 5, 5, 1), max_updates=budget)
    scales = [nnlab.Initializer("xavier", gain) for gain in (1.0, 4.0, 16.0)]
    small, right, large = solved(base, init=scales, init_seed=seeds(16))
    assert right > share
    assert max(small, large) < right - 0.25
