"""Networks trained by PyTorch and by nnlab alike: the cases, and how PyTorch trains one.

``tools/make_torch_vectors.py`` writes down what PyTorch does on these cases, so that the tests
need no PyTorch; ``tests/test_torch.py`` asks PyTorch itself where it is installed.
"""

import numpy as np

import nnlab

UPDATES = 52
NORMS = ("input", "batch", "layer", "rms")
ROWS = 14  # patterns; in batches of 4 the last one holds 2

_RNG = np.random.default_rng(2015)
_INPUTS = _RNG.normal(loc=0.5, scale=1.5, size=(ROWS, 3))
NUMBERS = nnlab.Dataset(_INPUTS, _RNG.random((ROWS, 2)))
CLASSES = nnlab.Dataset(_INPUTS, np.eye(3)[_RNG.integers(3, size=ROWS)])
HELD_OUT = _RNG.normal(size=(5, 3))

BASE = nnlab.Experiment(
    data=NUMBERS,
    layers=(3, 5, 4, 2),
    activation="tanh",
    batch_size=4,
    init="xavier",
    init_seed=3,
    learning_rate=0.2,
    tolerance=0.0,
    max_updates=UPDATES,
)
SOFTMAX = {"data": CLASSES, "layers": (3, 5, 4, 3), "output": "softmax"}
RATES = {"sgd": 0.3, "momentum": 0.05, "nesterov": 0.05, "adadelta": 2.0}
SCHEDULES = {
    "step": nnlab.Step(0.5, every=9, factor=0.6),
    "exponential": nnlab.Exponential(0.5, factor=0.96),
    "cosine": nnlab.Cosine(0.5, updates=60, lowest=0.02),
    "warmup_cosine": nnlab.WarmupCosine(0.5, warmup=8, updates=60, lowest=0.01),
    "one_cycle": nnlab.OneCycle(0.8, updates=UPDATES),
}
KNOBS = {
    "momentum": nnlab.Optimizer("momentum", momentum=0.6),
    "nesterov": nnlab.Optimizer("nesterov", momentum=0.6),
    "adagrad": nnlab.Optimizer("adagrad", epsilon=1e-3),
    "rmsprop": nnlab.Optimizer("rmsprop", smoothing=0.8, epsilon=1e-4),
    "adam": nnlab.Optimizer("adam", beta1=0.7, beta2=0.95, epsilon=1e-3),
    "adamw": nnlab.Optimizer("adamw", beta1=0.7, beta2=0.95, epsilon=1e-3),
    "adadelta": nnlab.Optimizer("adadelta", smoothing=0.8, epsilon=1e-4),
    "nadam": nnlab.Optimizer("nadam", beta1=0.7, beta2=0.95, epsilon=1e-3, momentum_decay=0.1),
}
ORACLED = [name for name in nnlab.OPTIMIZERS if name != "smorms3"]  # which PyTorch lacks


def _rate(name):
    return RATES.get(name, 0.05)


CASES = {
    **{
        f"optimizer {name}": BASE.replace(optimizer=name, learning_rate=_rate(name))
        for name in ORACLED
    },
    **{
        f"knobs of {name}": BASE.replace(optimizer=own, learning_rate=_rate(name))
        for name, own in KNOBS.items()
    },
    **{
        f"decay {name}": BASE.replace(optimizer=name, learning_rate=_rate(name), weight_decay=0.1)
        for name in ORACLED
    },
    **{f"activation {name}": BASE.replace(activation=name) for name in nnlab.ACTIVATIONS},
    **{f"output {name}": BASE.replace(output=name) for name in nnlab.ACTIVATIONS},
    "squared error of softmax": BASE.replace(**SOFTMAX),
    "cross-entropy of sigmoid": BASE.replace(loss="cross_entropy"),
    "cross-entropy of softmax": BASE.replace(loss="cross_entropy", **SOFTMAX),
    **{f"{kind} norm": BASE.replace(normalization=kind) for kind in NORMS},
    **{
        f"{kind} norm, adam, decay": BASE.replace(
            normalization=kind, optimizer="adam", weight_decay=0.1, loss="cross_entropy", **SOFTMAX
        )
        for kind in NORMS[1:]
    },
    "batch norm, one batch": BASE.replace(normalization="batch", batch_size="full"),
    "online": BASE.replace(batch_size=1),
    "full batch": BASE.replace(batch_size="full"),
    **{f"schedule {name}": BASE.replace(learning_rate=rate) for name, rate in SCHEDULES.items()},
    "schedule under adamw": BASE.replace(
        learning_rate=SCHEDULES["cosine"], optimizer="adamw", weight_decay=0.1
    ),
    "a rate a layer": BASE.replace(learning_rate=(0.3, 0.1, 0.02)),
    "a rate a layer, batch norm": BASE.replace(
        learning_rate=(0.3, 0.1, 0.02), normalization="batch", optimizer="momentum"
    ),
}


FILLS = {  # nnlab's initializers: PyTorch's functions of torch.nn.init and their arguments
    "xavier": ("xavier_uniform_", {}),
    "xavier_normal": ("xavier_normal_", {}),
    "he": ("kaiming_normal_", {"nonlinearity": "relu"}),
    "he_uniform": ("kaiming_uniform_", {"nonlinearity": "relu"}),
    "lecun": ("kaiming_normal_", {"nonlinearity": "linear"}),
    "orthogonal": ("orthogonal_", {}),
}
FANS = (200, 300)


def spread_by_torch(name):
    """Standard deviation and largest size of PyTorch's weights from 200 units to 300."""
    import torch

    function, given = FILLS[name]
    weights = torch.empty(FANS[::-1], dtype=torch.float64)
    fill = getattr(torch.nn.init, function)
    fill(weights, generator=torch.Generator().manual_seed(0), **given)
    return float(weights.std()), float(weights.abs().max())


def trained_by_torch(experiment):
    """What PyTorch makes of an experiment, in double precision.

    Returns:
        The flat parameters after each update, (UPDATES, parameters), in nnlab's order; the loss of
        each update's batch before it, (UPDATES,); what the trained network answers to
        ``HELD_OUT`` in evaluation.
    """
    import torch

    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    linears, norms, network = _network(torch, experiment)
    optimizer = _optimizer(torch, experiment, linears, norms)
    scheduler = _scheduler(torch, experiment, optimizer)
    data = experiment.data
    inputs, targets = (torch.tensor(np.array(part)) for part in (data.inputs, data.targets))
    if experiment.normalization == "input":
        mean, deviation = inputs.mean(dim=0), inputs.std(dim=0, correction=0)
    else:
        mean, deviation = 0.0, 1.0
    batches = torch.arange(ROWS).split(experiment.patterns_per_update)
    rows, losses = [], []
    for update in range(UPDATES):
        batch = batches[update % len(batches)]
        optimizer.zero_grad()
        sums = network((inputs[batch] - mean) / deviation)
        loss = _loss(torch, experiment, sums, targets[batch])
        loss.backward()
        if experiment.normalization == "batch":
            for linear in linears[:-1]:
                linear.bias.grad.zero_()  # 0 but for rounding, which Adam would make steps of
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        rows.append(_flat(linears, norms))
        losses.append(loss.item())
    network.eval()
    with torch.no_grad():
        sums = network((torch.tensor(HELD_OUT) - mean) / deviation)
        answers = _activation(torch, experiment.output)(sums).numpy()
    return np.array(rows), np.array(losses), answers


def _network(torch, experiment):
    nn, hidden = torch.nn, experiment.layers[1:-1]
    linears = [nn.Linear(rows - 1, columns) for rows, columns in experiment.weight_shapes]
    for linear, matrix in zip(linears, experiment.initial_weights(), strict=True):
        linear.weight.data = torch.tensor(matrix[:-1].T.copy())
        linear.bias.data = torch.tensor(matrix[-1].copy())
    kinds = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}
    kinds["rms"] = lambda units: nn.RMSNorm(units, eps=1e-5)
    kind = kinds.get(experiment.normalization)
    norms = [kind(units) for units in hidden] if kind else []
    modules = []
    for number, linear in enumerate(linears):
        modules.append(linear)
        if number < len(hidden):
            modules.extend(norms[number : number + 1])
            modules.append(_module(torch, experiment.activation))
    return linears, norms, nn.Sequential(*modules)


def _module(torch, name):
    class Function(torch.nn.Module):
        def forward(self, x):
            return _activation(torch, name)(x)

    return Function()


def _activation(torch, name):
    functional = torch.nn.functional
    return {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": functional.leaky_relu,
        "elu": functional.elu,
        "softplus": lambda x: functional.softplus(x, threshold=1e9),
        "gelu": lambda x: functional.gelu(x, approximate="tanh"),
        "silu": functional.silu,
        "linear": lambda x: x,
        "softmax": lambda x: torch.softmax(x, dim=-1),
    }[name]


def _loss(torch, experiment, sums, targets):
    functional = torch.nn.functional
    if experiment.loss == "squared_error":
        outputs = _activation(torch, experiment.output)(sums)
        return 0.5 * functional.mse_loss(outputs, targets, reduction="sum") / len(targets)
    if experiment.output == "softmax":
        return functional.cross_entropy(sums, targets)
    total = functional.binary_cross_entropy_with_logits(sums, targets, reduction="sum")
    return total / len(targets)


def _optimizer(torch, experiment, linears, norms):
    optim, own = torch.optim, experiment.update_rule
    values = dict(zip(own.rule.knobs, own.knobs, strict=False))
    eps = {"eps": values["epsilon"]} if "epsilon" in values else {}
    betas = {"betas": (values.get("beta1"), values.get("beta2"))}
    make, given = {
        "sgd": (optim.SGD, {}),
        "momentum": (optim.SGD, {"momentum": values.get("momentum")}),
        "nesterov": (optim.SGD, {"momentum": values.get("momentum"), "nesterov": True}),
        "adagrad": (optim.Adagrad, eps),
        "rmsprop": (optim.RMSprop, {"alpha": values.get("smoothing"), **eps}),
        "adam": (optim.Adam, {**betas, **eps}),
        "adamw": (optim.AdamW, {**betas, **eps}),
        "adadelta": (optim.Adadelta, {"rho": values.get("smoothing"), **eps}),
        "nadam": (
            optim.NAdam,
            {**betas, **eps, "momentum_decay": values.get("momentum_decay")},
        ),
    }[own.name]
    if not isinstance(experiment.optimizer, nnlab.Optimizer):
        given = {key: value for key, value in given.items() if key in ("momentum", "nesterov")}
    rates = experiment.learning_rate
    if not isinstance(rates, tuple):
        rates = (_first_rate(rates),) * len(linears)
    groups = []
    for number, linear in enumerate(linears):
        modules = [linear, *norms[number : number + 1]]
        group = [parameter for module in modules for parameter in module.parameters()]
        groups.append({"params": group, "lr": rates[number]})
    return make(groups, weight_decay=experiment.weight_decay, **given)


def _first_rate(rate):
    if isinstance(rate, nnlab.OneCycle):
        return rate.peak
    return rate.rate if isinstance(rate, nnlab.Schedule) else rate


def _scheduler(torch, experiment, optimizer):
    own, schedulers = experiment.learning_rate, torch.optim.lr_scheduler
    if isinstance(own, nnlab.Step):
        return schedulers.StepLR(optimizer, own.every, own.factor)
    if isinstance(own, nnlab.Exponential):
        return schedulers.ExponentialLR(optimizer, own.factor)
    if isinstance(own, nnlab.Cosine):
        return schedulers.CosineAnnealingLR(optimizer, own.updates, own.lowest)
    if isinstance(own, nnlab.WarmupCosine):
        rise = schedulers.LinearLR(optimizer, 1 / own.warmup, 1.0, own.warmup - 1)
        fall = schedulers.CosineAnnealingLR(optimizer, own.updates - own.warmup, own.lowest)
        return schedulers.SequentialLR(optimizer, [rise, fall], [own.warmup - 1])
    if isinstance(own, nnlab.OneCycle):
        return schedulers.OneCycleLR(optimizer, own.peak, own.updates, cycle_momentum=False)
    return None


def _flat(linears, norms):
    parts = []
    for linear in linears:
        parts += [linear.weight.detach().numpy().T.ravel(), linear.bias.detach().numpy()]
    for name in ("weight", "bias", "running_mean", "running_var"):
        parts += [getattr(norm, name).detach().numpy() for norm in norms if hasattr(norm, name)]
    return np.concatenate(parts)
