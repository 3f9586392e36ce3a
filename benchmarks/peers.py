"""The same work done by scikit-learn and by PyTorch: their time over the engine's.

The same network, start, patterns in the same order, batches, update rule and number of updates; in
double precision their final weights are compared with the engine's, so that it is the same work
indeed. Where a peer is too slow to be waited for, fewer updates are timed and scaled. The engine
keeps its history and looks whether all is learned meanwhile; the peers do neither. PyTorch is at
its best of one or more threads and plain or fused optimizers; compiling its update with
``torch.compile`` takes longer than all of this and makes so small a network no faster.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice, product
from typing import Any, NamedTuple

import numpy as np

import nnlab
from benchmarks.table import heading, medians, ratio, row, seconds

ARTICLE = nnlab.Experiment(learning_rate=5.0, tolerance=0.0, max_updates=564)
DIGITS = nnlab.Experiment(
    learning_rate=0.01,
    init="he",
    activation="relu",
    batch_size=32,
    layers=(64, 32, 10),
    optimizer="adam",
    data=nnlab.digits(),
    loss="cross_entropy",
    output="softmax",
    tolerance=0.0,
    max_updates=450,  # ten epochs
)
WIDER = DIGITS.replace(layers=(64, 128, 10))
SEEDS = 1_000
EACH = 600  # updates of each of them, a few more than the article's run needs
TIMED = 300  # updates of a slow job that are timed
Weights = list[np.ndarray]  # as Experiment.initial_weights


class Work(NamedTuple):
    """A row of the table: what a peer does, and what the engine does meanwhile."""

    name: str
    peer: Callable[[], Any]
    engine: Callable[[], Any]
    scale: float = 1.0  # the engine's updates for each one of the peer's


Peer = Callable[[nnlab.Experiment], Callable[[], Weights]]  # makes a job of an experiment


def shared_rows(article: nnlab.Experiment, one: Peer, digits: Peer) -> list[Work]:
    """The rows that all peers have; the digits may have a peer of their own."""
    slow = article.replace(learning_rate=0.05, max_updates=600_000)
    scale = slow.max_updates / TIMED
    short, seeds = slow.replace(max_updates=TIMED), many(article)
    each = f"{SEEDS:,} seeds at 5.0, {EACH} updates each, one by one (scaled)"
    return [
        Work("the article's run at 5.0, 564 updates", one(article), article.run),
        Work("the article's run at 0.05, 600,000 updates (scaled)", one(short), slow.run, scale),
        Work("digits 64-32-10, Adam, 450 mini-batches", digits(DIGITS), DIGITS.run),
        Work("digits 64-128-10, the same", digits(WIDER), WIDER.run),
        Work(each, one(seeds), partial(sweep, seeds), SEEDS),
    ]


def many(article: nnlab.Experiment) -> nnlab.Experiment:
    """What the seeds share."""
    return article.replace(init="uniform", max_updates=EACH)


def compare(works: list[Work]) -> None:
    """Time each pair in turns and print the peer's time over the engine's."""
    for work in works:
        times = medians(peer=work.peer, engine=work.engine)
        row(work.name, ratio(work.scale * times["peer"] / times["engine"]))


def sweep(experiment: nnlab.Experiment) -> nnlab.Sweep:
    """All seeds of an experiment."""
    return nnlab.sweep(experiment, init_seed=range(SEEDS), progress=False)


def check(name: str, ours: Weights, theirs: Weights) -> None:
    """Raise AssertionError unless a peer has come to the same weights, but for rounding."""
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(other, mine, rtol=1e-6, atol=1e-6, err_msg=name)


# --- scikit-learn --------------------------------------------------------------------------------


def scikit_learn() -> None:
    """Print scikit-learn's rows; its classifier knows no loss but cross-entropy."""
    article = ARTICLE.replace(loss="cross_entropy")
    # Its Adam has epsilon elsewhere than ours and PyTorch's, so it is made too small to matter.
    digits = DIGITS.replace(optimizer=nnlab.Optimizer("adam", epsilon=1e-30))
    for experiment in (article.replace(learning_rate=0.05), digits):
        check("scikit-learn", experiment.run().weights, by_scikit_learn(experiment)())
    heading("scikit-learn's MLPClassifier ÷ nnlab, cross-entropy")
    compare(shared_rows(article, by_scikit_learn, by_scikit_learn))


def by_scikit_learn(experiment: nnlab.Experiment) -> Callable[[], Weights]:
    """Return a job that trains scikit-learn's network as the experiment says."""
    from sklearn.neural_network import MLPClassifier

    data, size = experiment.data, experiment.patterns_per_update
    classes = data.targets.argmax(axis=1) if data.targets.shape[1] > 1 else data.targets.ravel()
    rule = experiment.update_rule
    constants = dict(zip(rule.rule.knobs, rule.knobs, strict=False))
    network = MLPClassifier(
        hidden_layer_sizes=experiment.layers[1:-1],
        activation={"sigmoid": "logistic"}.get(experiment.activation, experiment.activation),
        solver=rule.name,
        alpha=0.0,
        batch_size=size,
        learning_rate_init=experiment.learning_rate,
        max_iter=experiment.max_updates // -(-len(data) // size),
        shuffle=False,
        tol=0.0,
        n_iter_no_change=experiment.max_updates,
        momentum=0.0,
        nesterovs_momentum=False,
        epsilon=constants.get("epsilon", 1e-8),
        warm_start=True,  # goes on from the weights that it finds
    )

    def job() -> Weights:
        start = experiment.initial_weights()
        network.coefs_ = [matrix[:-1].copy() for matrix in start]
        network.intercepts_ = [matrix[-1].copy() for matrix in start]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged is what is asked for
            network.fit(data.inputs, classes)
        return [np.vstack(pair) for pair in zip(network.coefs_, network.intercepts_, strict=True)]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.fit(data.inputs, classes)
    return job


# --- PyTorch -------------------------------------------------------------------------------------


def pytorch() -> None:
    """Print PyTorch's rows, in double precision as nnlab and in single precision."""
    seeds = many(ARTICLE)
    until_learned = seeds.replace(tolerance=0.01, max_updates=5_000_000)
    for experiment in (ARTICLE, DIGITS, WIDER):
        check("PyTorch", experiment.run().weights, by_torch(experiment, "float64", False)())
    together = batched_by_torch(seeds, "float64", False)()
    for seed in (0, SEEDS - 1):
        own = seeds.replace(init_seed=seed).run().weights
        check("PyTorch, batched", own, [every[seed] for every in together])
    most = int(np.percentile(sweep(until_learned).updates, 99))
    for dtype in ("float64", "float32"):
        one, digits = fastest(by_torch, ARTICLE, dtype), fastest(by_torch, DIGITS, dtype)
        batched = fastest(batched_by_torch, seeds, dtype)
        heading(f"PyTorch ÷ nnlab, {dtype}")
        compare(shared_rows(ARTICLE, one, digits))
        compare(
            [
                Work("  in one tensor", batched(seeds), partial(sweep, seeds)),
                Work(
                    f"  in one tensor till 99 % have learned ({most:,}), nnlab till all have",
                    batched(seeds.replace(max_updates=TIMED)),
                    partial(sweep, until_learned),
                    most / TIMED,
                ),
            ]
        )


def fastest(
    peer: Callable[..., Callable[[], Weights]], experiment: nnlab.Experiment, dtype: str
) -> Peer:
    """Try PyTorch's number of threads and its fused optimizers; return the peer at its best."""
    import torch

    short = experiment.replace(max_updates=100)
    tries = {}
    for threads, fused in product({1, torch.get_num_threads()}, (False, True)):
        job = on_threads(threads, peer(short, dtype, fused))
        job()
        tries[threads, fused] = min(seconds(job) for _ in range(3))
    threads, fused = min(tries, key=tries.__getitem__)
    return lambda given: on_threads(threads, peer(given, dtype, fused))


def on_threads(threads: int, job: Callable[[], Weights]) -> Callable[[], Weights]:
    """Return the job with so many threads for each of PyTorch's operations."""
    import torch

    def limited() -> Weights:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            return job()
        finally:
            torch.set_num_threads(before)

    return limited


def by_torch(experiment: nnlab.Experiment, dtype: str, fused: bool) -> Callable[[], Weights]:
    """Return a job that trains ``torch.nn``'s network as the experiment says."""
    import torch
    from torch import nn

    kind, size = getattr(torch, dtype), experiment.patterns_per_update
    linears = [nn.Linear(rows - 1, columns) for rows, columns in experiment.weight_shapes]
    hidden = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}[experiment.activation]
    modules = [module for linear in linears for module in (linear, hidden())][:-1]
    inputs, targets = on_tensors(experiment, kind)
    if experiment.output == "sigmoid":
        modules.append(nn.Sigmoid())
        loss: Callable = half_squared_error
    else:
        loss, targets = nn.CrossEntropyLoss(), targets.argmax(dim=1)
    network = nn.Sequential(*modules).to(kind)
    batches = list(zip(inputs.split(size), targets.split(size), strict=True))

    def job() -> Weights:
        with torch.no_grad():
            for linear, matrix in zip(linears, experiment.initial_weights(), strict=True):
                linear.weight.copy_(torch.tensor(matrix[:-1].T))
                linear.bias.copy_(torch.tensor(matrix[-1]))
        optimizer = torch_optimizer(experiment, network.parameters(), fused)
        for x, t in islice(cycle(batches), experiment.max_updates):
            optimizer.zero_grad()
            loss(network(x), t).backward()
            optimizer.step()
        return [
            np.vstack([linear.weight.detach().numpy().T, linear.bias.detach().numpy()])
            for linear in linears
        ]

    return job


def batched_by_torch(
    experiment: nnlab.Experiment, dtype: str, fused: bool
) -> Callable[[], Weights]:
    """Return a job that trains all seeds of a network with sigmoid units as one, online.

    Its weights have one more axis in front: the seed.
    """
    import torch

    kind = getattr(torch, dtype)
    shapes = experiment.weight_shapes
    every = [experiment.start.weights(shapes, seed) for seed in range(SEEDS)]
    starts = [torch.tensor(np.stack(layer), dtype=kind) for layer in zip(*every, strict=True)]
    inputs, targets = on_tensors(experiment, kind)
    patterns = [(x.expand(SEEDS, 1, -1), t) for x, t in zip(inputs, targets, strict=True)]

    def job() -> Weights:
        parameters = [
            part.clone().requires_grad_()
            for start in starts
            for part in (start[:, :-1], start[:, -1:])
        ]
        optimizer = torch_optimizer(experiment, parameters, fused)
        for x, t in islice(cycle(patterns), experiment.max_updates):
            optimizer.zero_grad()
            for weights, biases in zip(parameters[::2], parameters[1::2], strict=True):
                x = torch.sigmoid(torch.baddbmm(biases, x, weights))
            half_squared_error(x, t.expand_as(x)).backward()
            optimizer.step()
        pairs = zip(parameters[::2], parameters[1::2], strict=True)
        return [torch.cat(pair, dim=1).detach().numpy() for pair in pairs]

    return job


def on_tensors(experiment: nnlab.Experiment, kind: Any) -> Any:
    """Inputs and targets as tensors."""
    import torch

    data = experiment.data
    return [torch.tensor(np.array(part), dtype=kind) for part in (data.inputs, data.targets)]


def half_squared_error(outputs: Any, targets: Any) -> Any:
    """Half the sum of squares, the loss of the article's network, of a batch of one."""
    from torch.nn.functional import mse_loss

    return 0.5 * mse_loss(outputs, targets, reduction="sum")


def torch_optimizer(experiment: nnlab.Experiment, parameters: Any, fused: bool) -> Any:
    """PyTorch's optimizer of the experiment's name and rate."""
    from torch import optim

    kind: Any = {"sgd": optim.SGD, "adam": optim.Adam}[experiment.update_rule.name]
    return kind(parameters, lr=experiment.learning_rate, fused=fused)
