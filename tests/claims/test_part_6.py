"""Part 6's claims: momentum, a step for each weight, twins, deep networks, decay; with controls."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import intervals, linear, own_best

ARTICLE = nnlab.Experiment()
RANDOM = ARTICLE.replace(init="gaussian")
RAVINE = nnlab.Experiment(
    data=nnlab.ravine(),
    layers=(1, 1),
    output="linear",
    batch_size="full",
    tolerance=1e-6,
    init=nnlab.Initializer("gaussian", scale=5.0),
)
RATES = np.geomspace(0.01, 1000, 41)
DIGITS = nnlab.Experiment(
    data=nnlab.digits(),
    layers=(64, 16, 10),
    output="softmax",
    loss="cross_entropy",
    init="xavier",
    batch_size=32,
    shuffle=True,
    tolerance=0.0,
)


def sweep(experiment, **axes):
    return nnlab.sweep(experiment, progress=False, **axes)


def on_ravine(rule, angle, seeds):
    """Median updates to the first passage and to settling, each at its own best rate."""
    valley = RAVINE.replace(data=nnlab.ravine(angle), optimizer=rule)
    first, settled = (
        np.median(each, axis=1) for each in linear.passages(valley, RATES, seeds(12), 500)
    )
    best = RATES[first.argmin()], RATES[settled.argmin()]
    first, settled = linear.passages(valley, best, seeds(20, first=10_000), 500)
    return np.median(first[0]), np.median(settled[1])


def heavy(share):
    return nnlab.Optimizer("momentum", momentum=share)


# --- the ravine ----------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [0, 45])
def test_on_a_ravine_of_20_momentum_of_nine_tenths_is_slower_than_none(angle, seeds):
    none, usual, little = (on_ravine(heavy(share), angle, seeds)[1] for share in (0.0, 0.9, 0.42))
    assert usual > 1.5 * none
    assert little < none / 2


@pytest.mark.parametrize("angle", [0, 45])
def test_nesterovs_momentum_passes_much_earlier_than_sgd_and_stays_no_earlier(angle, seeds):
    sgd, nesterov = (on_ravine(rule, angle, seeds) for rule in ("sgd", "nesterov"))
    assert nesterov[0] < 0.7 * sgd[0]
    assert 0.8 < nesterov[1] / sgd[1] < 1.25


@pytest.mark.parametrize("rule", ["adagrad", "rmsprop"])
def test_a_step_for_each_weight_wins_along_the_axes_only(rule, seeds):
    straight, turned = (on_ravine(rule, angle, seeds) for angle in (0, 45))
    assert straight[1] < 10 < 80 < turned[0]
    assert turned[1] > on_ravine("sgd", 45, seeds)[1]


def test_a_shorter_mean_makes_adam_quicker_in_most_runs_and_slower_in_the_worst(seeds):
    usual, short = (
        np.percentile(
            linear.passages(
                RAVINE.replace(optimizer=nnlab.Optimizer("adam", beta1=beta1)),
                [0.62],
                seeds(100),
                500,
            )[1],
            [25, 50, 90],
            method="nearest",
        )
        for beta1 in (0.9, 0.5)
    )
    assert usual[2] - usual[0] < 40
    assert short[1] < usual[1] / 2
    assert short[2] > 1.5 * usual[2]


# --- the article's start -------------------------------------------------------------------------


def test_momentum_is_a_larger_rate_on_the_articles_plateau():
    sgd = ARTICLE.replace(learning_rate=0.5).run().updates
    momentum = ARTICLE.replace(optimizer="momentum").run().updates
    assert abs(momentum / sgd - 1) < 0.2
    assert 9 < 657_252 / momentum < 11


def test_adaptive_rules_do_not_learn_from_the_articles_start_but_from_a_nudged_one(seeds):
    start = ARTICLE.replace(max_updates=20_000)
    for rule, rate in (("adam", 0.05), ("rmsprop", 0.05)):
        tried = sweep(start.replace(optimizer=rule), learning_rate=[rate / 3, rate, 3 * rate])
        assert not tried.converged.any()
        apart = start.replace(init=nnlab.Nudged("alternating", 0.5), optimizer=rule)
        nudged = sweep(apart.replace(learning_rate=rate), init_seed=seeds(15))
        assert nudged.solve_rate() > 0.8


def test_slowing_the_first_layer_does_not_free_adam_from_the_articles_start():
    adam = ARTICLE.replace(optimizer="adam", max_updates=20_000)
    slowed = [(0.03 * rate, rate) for rate in (0.03, 0.1, 0.3, 1.0)]
    assert not sweep(adam, learning_rate=slowed).converged.any()


def test_with_two_units_adam_learns_less_often_than_sgd_unless_its_first_layer_is_slowed(seeds):
    two = RANDOM.replace(layers=(3, 2, 1), max_updates=10_000)
    adam = two.replace(optimizer="adam")
    slowed = [(0.03 * rate, rate) for rate in (0.1, 0.2)]
    found = [
        own_best(
            experiment,
            {"learning_rate": rates},
            by="solve_rate",
            choose={"init_seed": seeds(20)},
            report={"init_seed": seeds(60, first=10_000)},
        ).solve_rate
        for experiment, rates in ((two, [3.0, 10.0]), (adam, [0.06, 0.18]), (adam, slowed))
    ]
    sgd, same_rate, slow_first = found
    assert same_rate[0] < sgd[0] - 0.1
    assert slow_first[1] > same_rate[2]
    five = RANDOM.replace(optimizer="adam", learning_rate=0.18, max_updates=10_000)
    assert sweep(five, init_seed=seeds(20)).solve_rate() > 0.9  # the control


# --- the fair race -------------------------------------------------------------------------------


def test_from_random_starts_the_best_rules_differ_by_less_than_two(seeds):
    race = {"sgd": 10.0, "momentum": 1.8, "nesterov": 1.8, "rmsprop": 0.1, "adam": 0.18}
    medians = {
        rule: np.median(
            sweep(
                RANDOM.replace(optimizer=rule, learning_rate=rate, max_updates=6_000),
                init_seed=seeds(60, first=10_000),
            ).updates_needed
        )
        for rule, rate in race.items()
    }
    assert max(medians.values()) < 2 * min(medians.values())
    assert max(medians, key=medians.get) == "sgd"


def test_the_exercises_own_rule_wins_in_valleys_and_loses_to_sgd_on_parity(seeds):
    def careful(gradient, memory, learning_rate, t, knobs):
        agrees = memory[0] * gradient > 0
        velocity = 0.9 * memory[0] * agrees + gradient
        return learning_rate * velocity, (velocity, memory[1], memory[2])

    own = nnlab.Optimizer(careful)
    for angle in (0, 45):
        assert on_ravine(own, angle, seeds)[1] < 0.9 * on_ravine("sgd", angle, seeds)[1]
    start, fresh = RANDOM.replace(max_updates=6_000), seeds(60, first=10_000)
    ours = sweep(start.replace(optimizer=own), learning_rate=[3.2, 5.6], init_seed=fresh)
    theirs = sweep(start.replace(learning_rate=10.0), init_seed=fresh)
    assert ours.median_updates().min() > 1.1 * theirs.median_updates()


def hatless(gradient, memory, learning_rate, t, knobs):
    mean = 0.9 * memory[0] + 0.1 * gradient
    square = knobs[0] * memory[1] + (1 - knobs[0]) * gradient * gradient
    return learning_rate * mean / (np.sqrt(square) + 1e-8), (mean, square, memory[2])


def at_the_best_safe_rate(experiment, rates, seeds):
    """Updates of fresh starts at the quickest rate at which nine starts in ten learn."""
    tried = sweep(experiment, learning_rate=rates, init_seed=seeds(40))
    middle = np.where(tried.solve_rate() >= 0.9, tried.median_updates(), np.inf)
    own = experiment.replace(learning_rate=rates[middle.argmin()])
    return sweep(own, init_seed=seeds(100, first=10_000)).updates_needed


@pytest.mark.parametrize(("batch_size", "shuffle"), [(1, False), (1, True), (3, False)])
def test_adams_correction_is_worth_much_at_a_steady_rate_and_a_warmup_stands_in(
    batch_size, shuffle, seeds
):
    start = RANDOM.replace(max_updates=6_000, batch_size=batch_size, shuffle=shuffle)
    rates = 10.0 ** (np.arange(-13, 5) / 8)
    ramps = [nnlab.WarmupCosine(rate, 100, 10**8) for rate in rates]
    without = start.replace(optimizer=nnlab.Optimizer(hatless, beta2=0.999))
    adam, steady, ramped = (
        at_the_best_safe_rate(experiment, some, seeds)
        for experiment, some in (
            (start.replace(optimizer="adam"), rates),
            (without, rates),
            (without, ramps),
        )
    )
    assert intervals.ratio(steady, adam)[1] > 1.3
    assert intervals.ratio(ramped, adam)[2] < 1.0


def test_adams_correction_is_worth_less_where_the_memory_is_short(seeds):
    start, rates = RANDOM.replace(max_updates=6_000), 10.0 ** (np.arange(-13, 1) / 8)
    worth = []
    for beta2 in (0.999, 0.99):
        rules = (nnlab.Optimizer(rule, beta2=beta2) for rule in (hatless, "adam"))
        without, adam = (
            at_the_best_safe_rate(start.replace(optimizer=rule), rates, seeds) for rule in rules
        )
        worth.append(intervals.ratio(without, adam))
    long, short = worth
    assert short[2] < long[1]
    assert long[0] > 1.7
    assert short[0] < 1.5


@pytest.mark.parametrize(("rule", "best"), [("sgd", 10.0), ("adam", 0.18)])
def test_the_best_rate_moves_from_parity_to_digits_whatever_the_order(rule, best, seeds):
    parity = RANDOM.replace(optimizer=rule, max_updates=6_000)
    rates = [best / 3.2, best, 3.2 * best]
    medians = sweep(parity, learning_rate=rates, init_seed=seeds(15)).median_updates()
    assert medians.argmin() == 1
    digits = DIGITS.replace(optimizer=rule, max_updates=90)
    for order in seeds(2):
        tried = digits.replace(order_seed=order)
        losses = sweep(tried, learning_rate=[best / 3.2, best], init_seed=range(5)).loss
        small, large = np.median(losses, axis=1)
        assert small < large / 1.15


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_short_fixed_memory_is_quicker_than_smorms3s_own(shuffle, seeds):
    def fixed_memory(gradient, memory, learning_rate, t, knobs):
        newest = 1 / (knobs[0] + 1)
        mean = (1 - newest) * memory[0] + newest * gradient
        square = (1 - newest) * memory[1] + newest * gradient * gradient
        limit = np.minimum(learning_rate, mean * mean / (square + 1e-16))
        return gradient * limit / (np.sqrt(square) + 1e-16), (mean, square, memory[2])

    start = RANDOM.replace(learning_rate=0.56, max_updates=6_000, shuffle=shuffle)
    own, fixed = (
        sweep(start.replace(optimizer=rule), init_seed=seeds(12), order_seed=range(3))
        for rule in ("smorms3", nnlab.Optimizer(fixed_memory, n=10))
    )
    assert np.median(own.updates_needed) > 1.5 * np.median(fixed.updates_needed)
    assert fixed.converged.mean() > own.converged.mean() - 0.05


# --- decay, and depth ----------------------------------------------------------------------------


def test_l2_within_adam_moves_weights_without_gradient_whatever_lambda_is():
    empty = np.flatnonzero((DIGITS.data.inputs == 0).all(axis=0))
    assert len(empty) == 4

    def left(rule, decay):
        decayed = DIGITS.replace(optimizer=rule, weight_decay=decay, learning_rate=0.005)
        weights = decayed.replace(max_updates=40).run().weights[0][empty]
        return np.abs(weights).mean() / np.abs(decayed.initial_weights()[0][empty]).mean()

    strong, weak = left("adam", 0.01), left("adam", 0.0001)
    assert strong == pytest.approx(weak, rel=0.02)
    assert strong < 0.3
    assert left("adam", 0.0) == 1.0
    assert left("adamw", 0.01) == pytest.approx((1 - 0.005 * 0.01) ** 40)


def test_a_rate_for_each_layer_lets_sgd_learn_a_deep_network(seeds):
    deep = ARTICLE.replace(layers=(3, 5, 5, 5, 5, 1), init="xavier", max_updates=20_000)
    one_rate = sweep(deep, learning_rate=[1.0, 10.0, 100.0], init_seed=seeds(10))
    assert one_rate.solve_rate().max() < 0.1
    by_layer = tuple(0.3 * 3.0**k for k in (4, 3, 2, 1, 0))
    layered = sweep(deep.replace(learning_rate=by_layer), init_seed=seeds(20))
    assert intervals.share(layered.converged)[1] > 0.3
    backwards = sweep(deep.replace(learning_rate=by_layer[::-1]), init_seed=seeds(10))
    assert backwards.solve_rate() < 0.1  # the control: the same rates in the other order
