"""What Part 3 claims of activations, outputs and losses, each with its control."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import intervals, own_best, saturation, scores

ARTICLE = nnlab.Experiment()
BITS = ARTICLE.data.inputs
RATES = np.geomspace(0.05, 50, 13)
DEEP = (3, 5, 5, 5, 1)
RELU = ARTICLE.replace(activation="relu", init="he", learning_rate=0.2, max_updates=10_000)


def needed(experiment, **axes):
    """Updates until learned, shaped by the axes; infinity where it was not learned."""
    return nnlab.sweep(experiment, progress=False, **axes).updates_needed


def xavier(gain):
    """A start of Xavier times a gain."""
    return nnlab.Initializer("xavier", gain)


def best_of(experiment, seeds, rates, **axes):
    """The setting of the least median, chosen on 12 starts and reported on 40 others."""
    chance = {"choose": {"init_seed": seeds(12)}, "report": {"init_seed": seeds(40, first=10_000)}}
    best = own_best(experiment, {"learning_rate": rates, **axes}, **chance)
    assert "learning_rate" not in best.at_edge
    return best


# --- from the article's start ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tanh", "relu", "linear"])
def test_three_functions_fail_from_the_articles_start_in_every_order(name, seeds):
    base = ARTICLE.replace(activation=name, max_updates=20_000)
    assert np.isinf(needed(base, learning_rate=RATES)).all()
    shuffled = base.replace(shuffle=True, max_updates=6_000)
    assert np.isinf(needed(shuffled, learning_rate=RATES[::2], order_seed=seeds(5))).all()


def test_elu_fails_there_in_the_articles_order_but_not_in_all(seeds):
    base = ARTICLE.replace(activation="elu", max_updates=20_000)
    assert np.isinf(needed(base, learning_rate=RATES)).all()
    others = needed(base.replace(shuffle=True), learning_rate=[5.0], order_seed=seeds(60))
    assert 0.0 < np.isfinite(others).mean() < 0.5


def test_silu_is_first_in_the_articles_order_and_unsure_in_others(seeds):
    base = ARTICLE.replace(max_updates=20_000)
    two = ["sigmoid", "silu"]
    fixed = needed(base, activation=two, learning_rate=RATES).min(axis=1)
    assert fixed[1] == 198 and fixed[0] > 1.5 * fixed[1]
    orders = {"order_seed": seeds(30)}
    mixed = needed(base.replace(shuffle=True), activation=two, learning_rate=RATES[6:10], **orders)
    learn = np.isfinite(mixed).mean(axis=2).max(axis=1)
    assert learn[0] > 0.95 and learn[1] < 0.75


def test_tanh_units_stay_mirror_images_and_a_start_without_the_mirror_is_the_control(seeds):
    base = ARTICLE.replace(activation="tanh", learning_rate=3.0, max_updates=20_000)
    for order in seeds(3):
        history = base.replace(shuffle=True, order_seed=order).run().history
        incoming, outgoing = history.weights
        assert (incoming[:, :, [1, 3]] == -incoming[:, :, [0]]).all()
        assert (outgoing[:, [1, 3]] == -outgoing[:, [0]]).all()
    by_noise = [nnlab.Nudged("alternating", size) for size in (0.001, 0.1)]
    learn = np.isfinite(needed(base, init=by_noise, init_seed=seeds(30))).mean(axis=1)
    assert learn[0] < 0.05 and learn[1] > 0.9
    mirrored = nnlab.Tied("gaussian", (1, -1, 1, -1, 1))  # any start with the mirror fails
    assert np.isinf(needed(base.replace(init=mirrored), init_seed=seeds(20))).all()


def test_noise_saves_fewer_relus_than_tanhs_and_no_elu(seeds):
    noisy = ARTICLE.replace(init=nnlab.Nudged("alternating", 0.1), max_updates=20_000)
    some = {"learning_rate": [0.1, 3.0], "init_seed": seeds(40)}
    found = np.isfinite(needed(noisy, activation=["tanh", "relu", "elu"], **some))
    tanh, relu, elu = found.mean(axis=2).max(axis=1)
    assert tanh > 0.9 and 0.5 < relu < 0.9 and elu < 0.05


def test_two_relus_die_from_the_articles_start_in_every_order(seeds):
    base = ARTICLE.replace(activation="relu", max_updates=10_000, shuffle=True)
    for rate in RATES[:-2:3]:
        for order in seeds(3):
            ended = base.replace(learning_rate=float(rate), order_seed=order).run().history
            assert saturation.dead(ended, -1)[0][[1, 3]].all()


# --- each at its own best -------------------------------------------------------------------------


def test_shallow_the_sigmoid_is_in_midfield_and_relu_last(seeds):
    base = ARTICLE.replace(max_updates=5_000)
    rates = np.geomspace(0.12, 20, 7)
    best = {
        name: best_of(base.replace(activation=name, init=xavier(gain)), seeds, rates)
        for name, gain in {"sigmoid": 4.0, "tanh": 2.0, "relu": 1.0, "gelu": 1.0}.items()
    }
    for quick in ("tanh", "gelu"):
        assert intervals.ratio(best["sigmoid"].updates, best[quick].updates)[1] > 1.1
    assert intervals.ratio(best["relu"].updates, best["sigmoid"].updates)[1] > 1.3
    assert best["relu"].solve_rate[0] < 0.85 < best["sigmoid"].solve_rate[0]


def test_a_larger_start_makes_the_deep_sigmoid_quick(seeds):
    base = ARTICLE.replace(layers=DEEP, max_updates=20_000)
    rates = 0.2 * 2.0 ** np.arange(7)
    small, large = (best_of(base.replace(init=xavier(gain)), seeds, rates) for gain in (1.0, 4.0))
    assert intervals.ratio(small.updates, large.updates)[1] > 4
    assert large.solve_rate[0] > 0.85 and large.median[0] < 1_200
    rates = np.geomspace(0.12, 6, 5)
    tanh = best_of(base.replace(activation="tanh", init=xavier(2.0)), seeds, rates)
    assert intervals.ratio(large.updates, tanh.updates)[2] < 5  # small takes tens of times as many
    mixed = large.experiment.replace(shuffle=True)
    orders = {"init_seed": seeds(15), "order_seed": range(2)}
    assert np.isfinite(needed(mixed, **orders)).mean() > 0.85


# --- dead units -----------------------------------------------------------------------------------


def test_three_in_sixteen_relus_are_born_dead(seeds):
    starts = [RELU.replace(init_seed=seed).initial_weights()[0] for seed in seeds(400)]
    dead = np.array([(BITS @ each[:-1] <= 0).all(axis=0) for each in starts])
    assert abs(dead.mean() - 3 / 16) < 0.04
    doubled = np.array([(BITS @ (2 * each[:-1]) <= 0).all(axis=0) for each in starts])
    assert (doubled == dead).all()  # whatever the scale


def test_a_leak_saves_networks_that_fail_as_relu(seeds):
    runs = scores.runs(RELU, seeds(80))
    failed = [run.experiment for run in runs if not run.converged]

    def saved(name):
        more = RELU.replace(activation=name, max_updates=100_000)
        return [more.replace(init=nnlab.After(each, 10_000)).run().converged for each in failed]

    leaky, relu = (intervals.share(np.array(saved(name))) for name in ("leaky_relu", "relu"))
    assert leaky[1] > relu[2] and relu[0] < 0.25 and leaky[0] > 0.4


def test_fewer_alive_at_the_start_learn_less(seeds):
    runs = scores.runs(RELU, seeds(120))
    alive = np.array([5 - saturation.dead(run.history, 0)[0].sum() for run in runs])
    learned = np.array([run.converged for run in runs])
    assert learned[alive == 5].mean() > learned[alive <= 3].mean() + 0.15


def test_only_in_deeper_layers_do_the_dead_come_back(seeds):
    deep = RELU.replace(layers=DEEP, learning_rate=0.3, max_updates=5_000)
    back = np.zeros(3, dtype=int)
    for run in scores.runs(deep, seeds(25)):
        dead = saturation.dead(run.history)
        back += [(each[:-1] & ~each[1:]).any(axis=0).sum() for each in dead]
    assert back[0] == 0 and back[1:].min() > 5


# --- output and loss ------------------------------------------------------------------------------


def test_the_articles_run_with_cross_entropy():
    assert ARTICLE.replace(loss="cross_entropy").run().updates == 14_004


def test_the_articles_factor_belongs_to_its_start_and_not_to_its_order(seeds):
    losses = list(nnlab.LOSSES)
    random = ARTICLE.replace(init="gaussian", max_updates=400_000)
    squared, entropy = needed(random, loss=losses, init_seed=seeds(20))
    assert 4.8 < np.median(squared / entropy) < 6.5 and (squared / entropy).max() < 15
    shuffled = ARTICLE.replace(shuffle=True, max_updates=800_000)
    squared, entropy = needed(shuffled, loss=losses, order_seed=range(2))
    assert (squared / entropy > 40).all()


def test_at_own_best_rates_little_is_left_and_less_in_shuffled_orders(seeds):
    rates = np.geomspace(0.7, 40, 8)
    gain = {}
    for shuffle in (False, True):
        base = ARTICLE.replace(init="gaussian", max_updates=5_000, shuffle=shuffle)
        squared, entropy = (best_of(base.replace(loss=loss), seeds, rates) for loss in nnlab.LOSSES)
        gain[shuffle] = intervals.ratio(squared.updates, entropy.updates)
    assert 1.3 < gain[False][0] < 2.2
    assert gain[True][0] < gain[False][0] and gain[True][0] < 1.5


def test_the_loss_of_the_first_updates_decides():
    def change_after(first, then, moment):
        start = nnlab.After(ARTICLE.replace(loss=first), moment)
        return moment + ARTICLE.replace(loss=then, init=start).run().updates

    assert change_after("squared_error", "cross_entropy", 10_002) > 5 * 14_004
    assert change_after("cross_entropy", "squared_error", 600) < 0.3 * 657_252


def test_a_sure_and_wrong_unit_is_exponentially_slow_only_with_squared_error():
    single = nnlab.Dataset([[1.0]], [[0.0]], name="one pattern, target 0")
    squared, entropy = needed(
        nnlab.Experiment(data=single, layers=(1, 1), learning_rate=0.5),
        loss=list(nnlab.LOSSES),
        init=[nnlab.Initializer("constant", scale=sure / 2) for sure in (8, 10, 12)],
    )
    assert (squared[1:] / squared[:-1] > 6).all() and (np.diff(entropy) < 4).all()
