"""Part 7's headlines: what each norm does, where it fails, and what seven knobs do together.

A network counts as learned if it converges within the budget and is right when it is used.
"""

import itertools

import numpy as np
import pytest

import nnlab
from nnlab import reference
from nnlab.analysis import intervals, landscape, own_best, scores

ARTICLE = nnlab.Experiment()
BITS, WANTED = ARTICLE.data.inputs, ARTICLE.data.targets
DEEP = ARTICLE.replace(layers=(3, 5, 5, 5, 1), batch_size="full", init="gaussian", max_updates=1000)
NORMED = DEEP.replace(normalization="batch", learning_rate=10.0)
TANH = ARTICLE.replace(activation="tanh", init="xavier", batch_size="full", max_updates=1500)
CHAMPION = {
    "learning_rate": 0.2,
    "init": "xavier",
    "activation": "relu",
    "batch_size": 6,
    "layers": (3, 20, 1),
    "optimizer": "adam",
    "normalization": "input",
}
LIMIT = 1200  # samples


def needed(experiment, **axes):
    """Updates until learned; infinity where a network is not right in use."""
    found = nnlab.sweep(experiment, progress=False, **axes)
    return np.where(found.worst_error < 0.25, found.updates_needed, np.inf)


def share_of_map(experiment, seeds):
    """The share of a map of start scales and rates that learns, with its interval."""
    starts = [nnlab.Initializer("gaussian", scale) for scale in np.geomspace(0.01, 100, 9)]
    rates = np.geomspace(0.1, 1000, 9)
    found = needed(experiment, init=starts, learning_rate=rates, init_seed=seeds)
    return intervals.share(np.isfinite(found).ravel())


def test_batch_norm_forgives_the_start_and_layer_and_rms_norm_need_tanh(seeds):
    some = seeds(2)
    plain, inputs, batch, layer, rms = (
        share_of_map(DEEP.replace(normalization=kind), some)
        for kind in (None, "input", "batch", "layer", "rms")
    )
    assert batch[1] > 1.2 * max(plain[2], inputs[2], layer[2], rms[2])
    assert max(layer[0], rms[0]) < 1.3 * plain[0] and inputs[0] > plain[0]
    tanh = DEEP.replace(activation="tanh")
    for kind in ("layer", "rms"):
        assert share_of_map(tanh.replace(normalization=kind), some)[1] > share_of_map(tanh, some)[2]


def test_in_the_deep_sigmoid_network_layer_norm_is_worse_than_rms_norm_and_both_than_none(seeds):
    starts = [nnlab.Initializer("gaussian", scale) for scale in (0.25, 0.5, 1.0, 2.0)]
    none, rms, layer = (
        own_best(
            DEEP.replace(normalization=kind),
            {"init": starts, "learning_rate": np.geomspace(2, 100, 6)},
            by="mean",
            in_use=0.25,
            choose={"init_seed": seeds(16)},
            report={"init_seed": seeds(80, first=1000)},
        ).updates
        for kind in (None, "rms", "layer")
    )
    assert intervals.ratio(layer, rms)[1] > 1.0
    assert intervals.ratio(rms, none)[1] > 1.0


def gradients_at(factor, kind, seed):
    """Gradient of the hidden weights, and the weights, with those of the start times a factor."""
    net = DEEP.replace(normalization=kind, init_seed=seed)
    parameters = net.initial_parameters()
    for hidden in parameters[:3]:
        hidden *= factor
    layers = reference.forward(net, parameters, BITS, training=True)
    return reference.backward(net, parameters, layers, WANTED)[:3], parameters[:3], layers[-1]


def test_under_batch_norm_tenfold_weights_have_a_tenth_of_the_gradient_at_right_angles(seeds):
    for seed in seeds(5):
        once, weights, answers = gradients_at(1.0, "batch", seed)
        tenfold, _, same = gradients_at(10.0, "batch", seed)
        np.testing.assert_allclose(same, answers, atol=2e-3)  # but for epsilon
        for gradient, smaller, matrix in zip(once, tenfold, weights, strict=True):
            away = np.abs(10.0 * smaller - gradient).max()
            assert away < 0.05 * np.abs(gradient).max()
            along = np.abs((gradient[:-1] * matrix[:-1]).sum(axis=0)).max()
            assert along < 0.01 * np.linalg.norm(gradient) * np.linalg.norm(matrix)
        plain, other = gradients_at(1.0, None, seed)[0][0], gradients_at(10.0, None, seed)[0][0]
        assert np.abs(10.0 * other - plain).max() > 0.1 * np.abs(plain).max()  # the control


@pytest.fixture(scope="module")
def bests(seeds):
    """Norms at their own best, by layers and norm; and batch norm's by the stop rule alone."""
    starts = [nnlab.Initializer("gaussian", scale) for scale in (0.25, 0.5, 1.0, 2.0)]
    axes = {"init": starts, "learning_rate": np.geomspace(2, 100, 6)}
    chance = {
        "choose": {"init_seed": seeds(8)},
        "report": {"init_seed": seeds(40, first=1000)},
    }

    def at_its_best(layers, kind, in_use):
        net = DEEP.replace(layers=layers, normalization=kind)
        return own_best(net, axes, by="mean", in_use=in_use, **chance)

    found = {
        (layers, kind): at_its_best(layers, kind, 0.25)
        for layers, kind in itertools.product(((3, 5, 1), DEEP.layers), ("input", "batch"))
    }
    return found | {"believed": at_its_best(DEEP.layers, "batch", None)}


def test_in_use_batch_norm_is_no_quicker_than_standardized_inputs(bests):
    for layers, most in (((3, 5, 1), 1.1), (DEEP.layers, 1.35)):
        ratio = intervals.ratio(bests[layers, "input"].updates, bests[layers, "batch"].updates)
        assert ratio[0] < most
        assert "learning_rate" not in bests[layers, "input"].at_edge


def test_by_the_stop_rule_alone_batch_norm_would_have_won(bests, seeds):
    believed = bests["believed"]
    assert np.median(believed.updates) < 0.7 * np.median(bests[DEEP.layers, "input"].updates)
    again = nnlab.sweep(believed.experiment, init_seed=seeds(40, first=5000), progress=False)
    assert intervals.share((again.worst_error > 0.25) & again.converged)[1] > 0.05


def test_momentum_adds_nothing_to_batch_norm(seeds):
    chance = {
        "choose": {"init_seed": seeds(12)},
        "report": {"init_seed": seeds(60, first=1000)},
    }
    sgd, momentum, batch, both = (
        own_best(
            DEEP.replace(init="xavier", normalization=kind, optimizer=rule),
            {"learning_rate": np.geomspace(0.05, 100, 10)},
            by="mean",
            in_use=0.25,
            **chance,
        ).median[0]
        for kind, rule in itertools.product((None, "batch"), ("sgd", "momentum"))
    )
    assert momentum < sgd / 2 and batch < sgd / 4
    assert both > 0.9 * batch


def fewest(kind, seeds, **changes):
    """Median of updates at the best of six rates."""
    net = TANH.replace(normalization=kind, **changes)
    found = needed(net, learning_rate=np.geomspace(0.5, 60, 6), init_seed=seeds)
    return np.median(found, axis=-1).min()


def five_without(pattern):
    return nnlab.Dataset(np.delete(BITS, pattern, 0), np.delete(WANTED, pattern, 0))


@pytest.mark.parametrize("kind", ["layer", "rms"])
def test_both_norms_stumble_over_the_pattern_without_spread_and_no_other(kind, seeds):
    some = seeds(12)

    def loss_by_norm(**changes):
        return fewest(kind, some, **changes) / fewest(None, some, **changes)

    assert loss_by_norm() > 8
    assert loss_by_norm(data=five_without(3)) > 6  # the control: 100
    assert loss_by_norm(data=five_without(0)) < 1.6
    assert loss_by_norm(init=nnlab.Nudged("xavier", 0.3)) < 1.6
    lows = [fewest(kind, some, data=zero_as(low)) for low in (0.0, -0.01, -0.1, -1.0)]
    assert (np.diff(lows) < 0).all() and lows[0] > 10 * lows[2]
    first = TANH.replace(normalization=kind)
    flat = first.replace(max_updates=1).run().history.flat_weights[0]
    pulls = np.linalg.norm(landscape.pattern_gradients(first, flat), axis=1)
    assert pulls[0] > 100 * pulls[1:].max()


def zero_as(low):
    return nnlab.Dataset(np.where(BITS == 1, 1.0, low), WANTED)


def pairings(left):
    """All ways to sort patterns into pairs."""
    if not left:
        yield []
    for partner in left[1:]:
        for rest in pairings([each for each in left[1:] if each != partner]):
            yield [(left[0], partner), *rest]


def is_possible(pairs):
    """Whether theory lets batch norm learn these batches of two."""
    if any(WANTED[a] == WANTED[b] for a, b in pairs):
        return False
    steps = [(BITS[a] - BITS[b]) * (1 - 2 * WANTED[a]) for a, b in pairs]
    return not any((one == -other).all() for one, other in itertools.combinations(steps, 2))


def test_in_batches_of_two_just_the_possible_pairings_are_learned_and_none_is_right_in_use(seeds):
    possible = 0
    for pairs in pairings(list(range(6))):
        order = [pattern for pair in pairs for pattern in pair]
        data = nnlab.Dataset(BITS[order], WANTED[order])
        net = NORMED.replace(data=data, batch_size=2, max_updates=1500)
        found = nnlab.sweep(net, learning_rate=[1.0, 5.0], init_seed=seeds(6), progress=False)
        learned = found.converged
        if is_possible(pairs):
            possible += 1
            assert learned.mean() > 0.15
            assert (found.worst_error[learned] > 0.25).mean() > 0.9
        else:
            assert not learned.any()
    assert possible == 3


def test_quick_networks_with_batch_norm_are_wrong_in_use_and_slow_ones_right(seeds):
    some = seeds(60)

    def wrong(rate, tolerance=0.01):
        net = NORMED.replace(learning_rate=rate, tolerance=tolerance, max_updates=3000)
        found = nnlab.sweep(net, init_seed=some, progress=False)
        assert found.converged.mean() > 0.98
        return intervals.share(found.worst_error > 0.25)

    assert wrong(3.0)[0] < 0.02 and wrong(30.0, 0.001)[0] < 0.02
    assert 0.02 < wrong(10.0)[0] < 0.2 < wrong(30.0)[0]
    plain = nnlab.sweep(DEEP.replace(learning_rate=10.0), init_seed=some, progress=False)
    assert (plain.worst_error[plain.converged] < 0.02).all()  # the control: no norm, no gap


def test_lag_makes_networks_wrong_and_the_divisor_keeps_them_above_the_tolerance(seeds):
    used, settled, batched = [], [], []
    for run in (NORMED.replace(init_seed=seed).run() for seed in seeds(20)):
        parameters = [path[-1] for path in run.history.parameters]
        batched.append(worst(run, parameters, training=True))
        used.append(worst(run, parameters))
        for _ in range(60):
            layers = reference.forward(run.experiment, parameters, BITS, training=True)
            running = reference.running_statistics(run.experiment, parameters, layers)
            parameters[run.experiment.trainable :] = running
        settled.append(worst(run, parameters))
    assert np.mean(np.array(batched) < 0.01) > 0.95  # the last update may overshoot
    assert np.mean(np.array(settled) > 0.01) > 0.9  # with the other divisor
    assert np.mean(np.array(settled) < 0.25) > 0.97 > 0.95 > np.mean(np.array(used) < 0.25)
    assert np.median(settled) < 0.8 * np.median(used)


def worst(run, parameters, training=False):
    answers = reference.forward(run.experiment, parameters, BITS, training=training)[-1]
    return ((answers - WANTED) ** 2).max()


def test_weight_decay_helps_the_unseen_and_dropout_on_few_units_does_not(seeds):
    digits = nnlab.digits()
    held_out = digits.validation_inputs, digits.validation_targets
    classifier = nnlab.Experiment(
        data=digits,
        layers=(64, 32, 10),
        activation="relu",
        init="he",
        output="softmax",
        loss="cross_entropy",
        learning_rate=0.2,
        batch_size=10,
        shuffle=True,
        tolerance=0.0,
        max_updates=1500,
    )

    def last(seed, **changes):
        some = np.random.default_rng(seed).permutation(len(digits))[:100]
        data = nnlab.Dataset(digits.inputs[some], digits.targets[some], "hundred", *held_out)
        net = classifier.replace(data=data, init_seed=seed, order_seed=seed, **changes)
        found = scores.scores(net.run())
        return found.held_out_loss, found.held_out_accuracy

    plain, decay, too_much, dropout = (
        np.array([last(seed, **changes) for seed in seeds(8)])
        for changes in ({}, {"weight_decay": 0.003}, {"weight_decay": 0.03}, {"dropout": 0.4})
    )
    assert (decay[:, 0] < plain[:, 0]).mean() > 0.7
    assert decay[:, 0].mean() < 0.97 * plain[:, 0].mean() < 0.8 * too_much[:, 0].mean()
    assert abs((decay - plain)[:, 1].mean()) < 0.01
    assert (dropout[:, 0] > plain[:, 0]).mean() > 0.5


def cost(seeds, **fields):
    """Samples until learned and right in use, for each seed of start and order."""
    experiment = ARTICLE.replace(shuffle=True, **fields)
    size = experiment.patterns_per_update
    experiment = experiment.replace(max_updates=LIMIT // size)
    return np.minimum(size * scores.updates_needed(experiment, seeds), LIMIT)


def test_the_champion_needs_some_forty_samples_and_every_value_of_it(seeds):
    costs = cost(seeds(100, first=7 * 10**6), **CHAMPION)
    assert 38 < costs.mean() < 47 and (costs < LIMIT).mean() > 0.99
    for field in CHAMPION:
        changed = CHAMPION | {field: getattr(ARTICLE, field)}
        assert cost(seeds(30, first=8 * 10**6), **changed).mean() > 1.7 * costs.mean()
    assert cost(seeds(30), **CHAMPION | {"layers": (3, 40, 1)}).mean() < 40


def test_what_the_champion_has_learned_stays_learned(seeds):
    """Not first passage: trained on, its networks stay right."""
    net = ARTICLE.replace(shuffle=True, tolerance=0.0, max_updates=300, **CHAMPION)
    found = nnlab.sweep(net, init_seed=seeds(40), progress=False)
    assert (found.worst_error < 0.01).mean() > 0.95


@pytest.mark.parametrize("field", CHAMPION)
def test_four_of_the_champions_values_alone_do_not_learn_in_the_articles_time(field, seeds):
    given = ARTICLE.replace(shuffle=True, **{field: CHAMPION[field]})
    given = given.replace(max_updates=700_000 // given.patterns_per_update)
    some = {"init_seed": seeds(2)} if field == "init" else {"order_seed": seeds(1)}
    learned = nnlab.sweep(given, progress=False, **some).converged
    assert learned.mean() == (field in ("learning_rate", "init", "layers"))


def test_the_best_runs_of_parts_1_and_6_belong_to_one_order(seeds):
    for changes, lucky, usual in (
        ({"learning_rate": 5.0}, 564, 2000),
        ({"optimizer": "momentum", "learning_rate": 1.6}, 198, 2000),
    ):
        net = ARTICLE.replace(max_updates=50_000, **changes)
        assert net.run().updates == lucky
        found = nnlab.sweep(net.replace(shuffle=True), order_seed=seeds(32), progress=False)
        assert np.median(found.updates_needed) > usual


def test_at_the_best_rate_of_sgd_no_other_rule_is_better_but_each_at_its_own_is(seeds):
    rules = ["sgd", "adam", "adagrad", "momentum", "smorms3", "rmsprop"]
    fields = {name: value for name, value in CHAMPION.items() if name != "optimizer"}
    plane = np.array(
        [
            [
                cost(seeds(12), **fields | {"optimizer": rule, "learning_rate": rate}).mean()
                for rate in np.geomspace(0.001, 100, 16)
            ]
            for rule in rules
        ]
    )
    assert plane[:, plane[0].argmin()].argmin() == 0
    assert (plane.min(axis=1)[1:] < plane[0].min()).sum() >= 3
