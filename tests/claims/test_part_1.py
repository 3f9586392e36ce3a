"""What Part 1 claims of the learning rate, each beside what would refute it."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import borders, landscape, passage

ARTICLE = nnlab.Experiment()
RANDOM = ARTICLE.replace(init="gaussian", max_updates=100_000)
NOISE = nnlab.Nudged("alternating", 1e-12)  # a rounding error, no more


def needed(experiment, **axes):
    return nnlab.sweep(experiment, progress=False, **axes).updates_needed


def run(rate, **fields):
    return ARTICLE.replace(learning_rate=rate, **fields).run()


def starting_with(experiment, rate, epochs, **fields):
    """The updates of a run whose first epochs have another rate, all counted."""
    first = nnlab.After(experiment.replace(learning_rate=rate), updates=6 * epochs)
    return 6 * epochs + experiment.replace(init=first, **fields).run().updates


# --- the line ------------------------------------------------------------------------------------


def test_rate_times_updates_is_constant_for_small_rates(seeds):
    """From random starts within a tenth from 0.1 to 1; the article's start strays by a third."""
    rates = np.geomspace(0.1, 1.0, 4)
    products = rates * np.median(needed(RANDOM, learning_rate=rates, init_seed=seeds(30)), axis=1)
    assert products.max() / products.min() < 1.1
    ours = rates * needed(ARTICLE, learning_rate=rates)
    assert 1.25 < ours.max() / ours.min() < 1.45


def test_in_whole_batches_the_articles_start_keeps_the_line_up_to_two():
    batch = ARTICLE.replace(batch_size="full", max_updates=200_000)
    rates = np.array([0.3, 0.5, 1.0, 2.0, 4.0])
    products = rates * needed(batch, learning_rate=6.0 * rates)
    assert products[:4].max() / products[:4].min() < 1.02
    assert products[4] < 0.5 * products[0]


def test_random_starts_of_all_orders_learn_up_to_a_rate_of_nine(seeds):
    shuffled = RANDOM.replace(shuffle=True, learning_rate=9.0)
    learned = np.isfinite(needed(shuffled, init_seed=seeds(20), order_seed=range(3)))
    assert learned.mean() > 0.95


# --- the drop ------------------------------------------------------------------------------------


def test_the_drop_belongs_to_the_articles_start(seeds):
    rates = np.array([2.5, 4.1])
    ours = rates * needed(ARTICLE, learning_rate=rates)
    theirs = rates * np.median(needed(RANDOM, learning_rate=rates, init_seed=seeds(40)), axis=1)
    assert ours[0] > 10 * ours[1]
    assert theirs[0] < 1.2 * theirs[1]


@pytest.mark.parametrize("updates", [20_000, 200_000, 600_000])
def test_put_on_the_plateau_there_is_no_drop(updates):
    put = ARTICLE.replace(init=nnlab.After(ARTICLE, updates=updates))
    rates = np.array([0.5, 1.0, 2.0, 4.0, 6.0, 10.0])
    assert (np.diff(rates * needed(put, learning_rate=rates)) > 0).all()


def test_the_first_epochs_decide_where_there_is_a_plateau_and_nowhere_else(seeds):
    assert starting_with(ARTICLE, 5.0, 10, learning_rate=0.5) < run(0.5).updates / 10
    assert starting_with(ARTICLE, 0.5, 10, learning_rate=5.0) < 1.1 * run(5.0).updates
    assert starting_with(ARTICLE, 0.5, 100, learning_rate=5.0) > 20 * run(5.0).updates
    gains = []
    for seed in seeds(20):
        start = RANDOM.replace(init_seed=seed, learning_rate=0.5)
        gains.append(start.run().updates / starting_with(start, 5.0, 10, learning_rate=0.5))
    assert 0.8 < np.median(gains) < 1.1 and max(gains) < 2


def test_the_last_pattern_to_come_right_has_most_neighbours_against_it(seeds):
    """Over starts and orders; the control: chance would name one of the other four, too."""
    last = [
        passage.last_to_come_right(
            RANDOM.replace(learning_rate=0.5, init_seed=seed, shuffle=True, order_seed=seed)
            .run()
            .history
        )
        for seed in seeds(40)
    ]
    assert np.isin(last, (1, 3)).mean() > 0.95
    assert {1, 3} <= set(last)


# --- curvature -----------------------------------------------------------------------------------


def test_a_scaled_start_moves_the_drop_and_not_two_over_the_sharpness():
    rates, drops, limits = np.geomspace(0.5, 15.0, 25), [], []
    for factor in (0.7, 1.0, 1.4):
        start = ARTICLE.replace(init=nnlab.Initializer("alternating", factor), max_updates=200_000)
        flat = np.concatenate([each.ravel() for each in start.initial_weights()])
        limits.append(2.0 / landscape.sharpness(start, flat))
        products = rates * needed(start, learning_rate=rates)
        drops.append(rates[np.argmax(products < products[0] / 3)])
    assert max(limits) < 1.06 * min(limits)
    assert drops[1] > 1.5 * drops[0] and drops[2] > 2 * drops[1]


def test_curvature_on_the_way_foretells_where_the_loss_rises_and_that_at_the_start_does_not(seeds):
    rates, found = np.geomspace(1.0, 5.0, 30), []
    for seed in seeds(14):
        start = RANDOM.replace(batch_size="full", init_seed=seed, max_updates=3_000)
        gentle = start.replace(learning_rate=6 * 0.2).run().history
        sharp = landscape.sharpness(start, gentle.flat_weights[0]), landscape.sharpest(gentle, 8)
        found.append((*(2.0 / each for each in sharp), landscape.first_rise(start, 6 * rates) / 6))
    at_start, on_the_way, rises = np.log(found).T
    assert np.corrcoef(on_the_way, rises)[0, 1] > 0.75
    assert np.corrcoef(at_start, rises)[0, 1] < 0.3
    assert (rises > on_the_way - 0.05).all()


# --- the end -------------------------------------------------------------------------------------


def test_fifty_throws_the_output_to_where_it_is_flat_and_five_does_not():
    outputs = run(50.0, max_updates=12_000).history.outputs[1, :, 0]
    assert (outputs * (1 - outputs)).max() < 0.001
    outputs = run(5.0).history.outputs[1, :, 0]
    assert (outputs * (1 - outputs)).max() > 0.1
    assert run(50.0, max_updates=1_000_000).outcome == "out of updates"


def test_rounding_decides_the_count_from_eighteen_on_and_not_up_to_twelve(seeds):
    noisy = ARTICLE.replace(init=NOISE, max_updates=30_000)
    counts = needed(noisy, learning_rate=[5.0, 8.0, 12.0, 18.0, 20.0], init_seed=seeds(40))
    kinds = [len(np.unique(each)) for each in counts]
    assert kinds[:3] == [1, 1, 1]
    assert min(kinds[3:]) > 15


def test_fates_differ_at_any_distance_in_the_eye_and_not_on_the_shore(seeds):
    short = ARTICLE.replace(max_updates=600)

    def changed(low, high, distance):
        pairs = np.random.default_rng(0).uniform(low, high, (len(seeds(200)), 2))
        return borders.uncertain(
            lambda each: nnlab.sweep(short, learning_rate=each.tolist(), progress=False).converged,
            pairs,
            distance,
        )

    assert changed((14, 8), (40, 13), 1e-7) > 0.02
    assert changed((2, 5), (4, 9), 1e-5) < 0.005 < 0.02 < changed((2, 5), (4, 9), 0.1)


# --- rates that change, and the range test -------------------------------------------------------


def test_a_long_warm_up_catches_the_articles_start_and_no_random_ones(seeds):
    warm = [nnlab.WarmupCosine(8.0, warmup=n, updates=10**7) for n in (30, 120, 300)]
    ours = needed(ARTICLE.replace(max_updates=30_000), learning_rate=warm)
    assert ours[0] < 400 and ours[1] > 10_000 and not np.isfinite(ours[2])
    theirs = np.median(needed(RANDOM, learning_rate=warm, init_seed=seeds(30)), axis=1)
    assert theirs[2] < 1.3 * theirs[0]


def test_a_range_tests_steepest_fall_moves_with_its_length():
    """On parity, where no loss explodes: twice the updates, at most two thirds of the advice."""
    advised = []
    for updates in (600, 1_200):
        test = nnlab.range_test(ARTICLE, low=0.01, high=1000, updates=updates)
        rates, losses = (each.reshape(-1, 6).mean(axis=1) for each in (test.rates, test.losses))
        falling = (rates > 0.1) & (rates < 12.0)
        advised.append(rates[falling][np.argmin(np.gradient(losses, np.log(rates))[falling])])
    assert advised[1] < advised[0] / 1.5
