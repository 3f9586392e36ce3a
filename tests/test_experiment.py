"""Experiment and Dataset: what they refuse, how they are shown, compared and changed."""

import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlab
from nnlab.checks import shown
from nnlab.experiment import FIELDS

ARTICLE = nnlab.Experiment()
DATA = nnlab.Dataset([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [0.5]])


# --- validation ----------------------------------------------------------------------------------

REFUSED = [
    ("learning_rate", 0, "a finite number above 0"),
    ("learning_rate", -0.5, "a finite number above 0"),
    ("learning_rate", math.nan, "a finite number above 0"),
    ("learning_rate", math.inf, "a finite number above 0"),
    ("learning_rate", 10**400, "a finite number above 0"),
    ("learning_rate", "0.5", "a number"),
    ("learning_rate", None, "a number"),
    ("learning_rate", True, "a number"),
    ("learning_rate", [0.5], "2 numbers, one a layer of weights"),
    ("learning_rate", {0.5, 0.7}, "a number"),
    ("learning_rate", 1j, "a number"),
    ("init", "xaver", "'xavier'"),
    ("init", None, "'alternating'"),
    ("init", nnlab.Optimizer("adam"), "'alternating'"),
    ("activation", nnlab.Initializer("he"), "'sigmoid'"),
    ("activation", "sigmoidal", "'sigmoid'"),
    ("activation", np.tanh, "'tanh'"),
    ("activation", None, "'relu'"),
    ("batch_size", 0, "at least 1 and at most 6"),
    ("batch_size", -1, "at least 1 and at most 6"),
    ("batch_size", 7, "at least 1 and at most 6"),
    ("batch_size", 2.5, "a whole number"),
    ("batch_size", True, "a whole number"),
    ("batch_size", None, "a whole number"),
    ("batch_size", np.array([1, 2]), "a whole number"),
    ("batch_size", "ful", "'full'"),
    ("layers", (3, 5, 2), "3 inputs to its 1 outputs"),
    ("layers", (2, 5, 1), "3 inputs to its 1 outputs"),
    ("layers", (3,), "3 inputs to its 1 outputs"),
    ("layers", (), "3 inputs to its 1 outputs"),
    ("layers", (3, 0, 1), "at least 1"),
    ("layers", (3, -5, 1), "at least 1"),
    ("layers", (3, 5.0, 1), "a whole number"),
    ("layers", {3, 5, 1}, "a tuple of whole numbers"),
    ("layers", (3, 10**6, 10**6, 1), "at most 100,000,000 weights"),
    ("layers", (3, "5", 1), "a whole number"),
    ("layers", "351", "a tuple of whole numbers"),
    ("layers", 5, "a tuple of whole numbers"),
    ("optimizer", "sdg", "'sgd'"),
    ("optimizer", None, "'sgd'"),
    ("optimizer", "addam", "'adam'"),
    ("normalization", "bach", "None"),
    ("normalization", "Batch", "'batch'"),
    ("weight_decay", -0.1, "a finite number of at least 0"),
    ("weight_decay", "0.1", "a number"),
    ("dropout", -0.1, "a finite number of at least 0"),
    ("dropout", 1.0, "below 1"),
    ("dropout", None, "a number"),
    ("learning_rate", (0.1,), "2 numbers, one a layer of weights"),
    ("learning_rate", (0.1, 0.2, 0.3), "2 numbers, one a layer of weights"),
    ("learning_rate", (0.1, 0), "a finite number above 0"),
    ("learning_rate", (0.1, "0.2"), "a number"),
    ("data", [[0.0]], "a Dataset"),
    ("data", None, "a Dataset"),
    ("loss", "square_error", "'squared_error'"),
    ("output", "sofmax", "'sigmoid'"),
    ("tolerance", -0.1, "a finite number of at least 0"),
    ("tolerance", math.nan, "a finite number of at least 0"),
    ("tolerance", "small", "a number"),
    ("max_updates", 0, "at least 1"),
    ("max_updates", -5, "at least 1"),
    ("max_updates", 1e6, "a whole number"),
    ("max_updates", 2**63, "at most 1000000000000000000"),
    ("max_updates", "many", "a whole number"),
    ("init_seed", -1, "at least 0"),
    ("init_seed", 1.5, "a whole number"),
    ("init_seed", None, "a whole number"),
    ("init_seed", 2**128, "at most 340282366920938463463374607431768211455"),
    ("shuffle", 1, "True or False"),
    ("shuffle", "yes", "True or False"),
    ("order_seed", -1, "at least 0"),
    ("order_seed", 0.0, "a whole number"),
]


def shown_values(field, value):
    """How an error may show the value received: of foreign data its type, of layers an entry."""
    if field == "data":
        return {type(value).__name__}
    parts = tuple(value) if isinstance(value, tuple | list) else ()
    return {shown(value), repr(parts), *(repr(part) for part in parts if part not in (3, 1))}


@pytest.mark.parametrize(("field", "value", "allowed"), REFUSED)
def test_a_refused_value_is_named_with_its_field_and_what_is_allowed(field, value, allowed):
    with pytest.raises((TypeError, ValueError)) as caught:
        nnlab.Experiment(**{field: value})
    message = str(caught.value)
    assert message.startswith(field)
    assert allowed in message
    assert any(f"got {way}" in message for way in shown_values(field, value))


COMBINATIONS = [
    ({"output": "softmax"}, "output 'softmax' .* at least 2"),
    (
        {"loss": "cross_entropy", "output": "tanh"},
        "output must be 'sigmoid' or 'softmax'; got 'tanh'",
    ),
    (
        {"loss": "cross_entropy", "layers": (2, 1), "data": nnlab.Dataset([[0, 1]], [[-1]])},
        "targets between 0 and 1.*got -1 to -1",
    ),
    (
        {
            "loss": "cross_entropy",
            "output": "softmax",
            "layers": (1, 2),
            "data": nnlab.Dataset([[0], [1]], [[0, 1], [1, 1]]),
        },
        r"sum to 1 in each row; got \[1. 1.\] in row 1",
    ),
    (
        {"normalization": "batch"},
        "normalization 'batch' .* batch_size of 1 every sum would become 0",
    ),
    (
        {"normalization": "batch", "batch_size": 5},
        "batch_size of 5 leaves a last batch of 1 of the 6",
    ),
    (
        {"normalization": "batch", "batch_size": "full", "layers": (3, 1)},
        r"hidden layers, but layers \(3, 1\) has none",
    ),
    ({"normalization": "layer", "layers": (3, 1)}, r"hidden layers, but layers \(3, 1\) has none"),
    ({"normalization": "rms", "layers": (3, 1)}, r"hidden layers, but layers \(3, 1\) has none"),
    ({"normalization": "layer", "layers": (3, 4, 1, 1)}, "one unit would always give 0"),
    ({"dropout": 0.5, "layers": (3, 1)}, "needs a hidden layer"),
]


@pytest.mark.parametrize(("fields", "reason"), COMBINATIONS)
def test_a_refused_combination_comes_with_the_reason(fields, reason):
    with pytest.raises(ValueError, match=reason):
        nnlab.Experiment(**fields)


@pytest.mark.parametrize(
    ("name", "knobs", "message"),
    [
        ("addam", {}, "optimizer must be one of .* Did you mean 'adam'"),
        ("adam", {"beta": 0.8}, "a constant of 'adam' must be one of .*got 'beta'. Did you mean"),
        ("adam", {"momentum_decay": 0.8}, "a constant of 'adam' must be one of"),
        (
            "sgd",
            {"momentum": 0.9},
            "optimizer 'sgd' has no constants; got 'momentum'; .* one of 'momentum', 'nesterov'",
        ),
        ("sgd", {"beta1": 0.9}, "got 'beta1'; 'beta1' is one of 'adam', 'adamw', 'nadam'"),
        ("adam", {"beta1": 1.0}, "beta1 must be .* below 1; got 1.0"),
        ("adam", {"epsilon": -1.0}, "epsilon must be a finite number of at least 0; got -1.0"),
        ("momentum", {"momentum": "0.9"}, "momentum must be a number; got '0.9'"),
    ],
)
def test_an_optimizer_refuses_what_it_cannot_use(name, knobs, message):
    with pytest.raises((TypeError, ValueError), match=message):
        nnlab.Optimizer(name, **knobs)


def test_an_optimizer_with_its_defaults_and_with_others():
    assert nnlab.Optimizer("adam").knobs == (0.9, 0.999, 1e-8, 0.0)
    assert nnlab.Optimizer("adam", beta2=0.9).knobs == (0.9, 0.9, 1e-8, 0.0)
    assert nnlab.Optimizer("adam", beta2=0.9) != nnlab.Optimizer("adam")


def test_every_field_has_a_value_that_is_refused():
    assert {field for field, _, _ in REFUSED} == set(FIELDS)


@pytest.mark.parametrize(
    ("field", "value", "closest"),
    [
        ("init", "xaver", "xavier"),
        ("init", "Alternating", "alternating"),
        ("activation", "sigmod", "sigmoid"),
        ("optimizer", "sdg", "sgd"),
        ("loss", "squared", "squared_error"),
        ("output", "liner", "linear"),
        ("batch_size", "Full", "full"),
    ],
)
def test_an_unknown_name_comes_with_the_closest_one(field, value, closest):
    with pytest.raises(ValueError, match=f"Did you mean '{closest}'"):
        nnlab.Experiment(**{field: value})


def test_a_name_far_from_all_comes_without_a_suggestion():
    with pytest.raises(ValueError) as caught:
        nnlab.Experiment(activation="qqqq")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "closest"),
    [("learnin_rate", "learning_rate"), ("batchsize", "batch_size"), ("seed", "init_seed")],
)
def test_replace_suggests_the_closest_field(name, closest):
    with pytest.raises(TypeError, match=f"got '{name}'.*Did you mean '{closest}'"):
        ARTICLE.replace(**{name: 1})


def test_replace_validates_the_new_value():
    with pytest.raises(ValueError, match=r"learning_rate .* above 0; got -1"):
        ARTICLE.replace(learning_rate=-1)


def test_fields_are_given_by_name_only():
    with pytest.raises(TypeError):
        nnlab.Experiment(0.05)


@pytest.mark.parametrize(
    ("name", "scale", "message"),
    [
        ("xaver", 1.0, "init must be one of .*got 'xaver'. Did you mean 'xavier'"),
        ("xavier", 0.0, "scale must be a finite number above 0; got 0.0"),
        ("xavier", math.nan, "scale must be a finite number above 0; got nan"),
        ("xavier", "2", "scale must be a number; got '2'"),
    ],
)
def test_an_initializer_refuses_what_it_cannot_use(name, scale, message):
    with pytest.raises((TypeError, ValueError), match=message):
        nnlab.Initializer(name, scale=scale)


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        ([], [], r"inputs must be a matrix with at least one row.*got shape \(0,\)"),
        ([[]], [[1.0]], r"inputs must be a matrix with at least one row.*got shape \(1, 0\)"),
        ([1.0, 2.0], [[1.0]], r"inputs must be a matrix .*got shape \(2,\)"),
        ([[1.0]], [1.0], r"targets must be a matrix .*got shape \(1,\); reshape\(-1, 1\) .*labels"),
        ([1.0, 2.0], [[1.0]], r"reshape\(1, -1\) makes one pattern of it, reshape\(-1, 1\)"),
        ([[[1.0]]], [[1.0]], r"inputs must be a matrix .*got shape \(1, 1, 1\)"),
        ([[0.0], [math.nan]], [[1.0], [1.0]], r"inputs must be finite; got \[nan\] in row 1"),
        ([[1.0]], [[-math.inf]], r"targets must be finite; got \[-inf\] in row 0"),
        ([[1.0], [2.0]], [[1.0]], "same number of rows; got 2 and 1"),
        ([["one"]], [[1.0]], "inputs must be a matrix of numbers; .*'one'"),
        ([[1.0]], [[1.0], [1.0, 2.0]], "targets must be a matrix of numbers; "),
        (None, [[1.0]], "inputs must be "),
    ],
)
def test_a_dataset_refuses_what_cannot_be_learned(inputs, targets, message):
    with pytest.raises((TypeError, ValueError), match=message):
        nnlab.Dataset(inputs, targets)


# --- what is accepted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("learning_rate", 5, 5.0),
        ("learning_rate", (1, np.float64(2.0)), (1.0, 2.0)),
        ("learning_rate", np.float32(0.5), 0.5),
        ("batch_size", np.int64(3), 3),
        ("batch_size", 6, 6),
        ("layers", [3, 4, 1], (3, 4, 1)),
        ("layers", np.array([3, 4, 1]), (3, 4, 1)),
        ("layers", (3, 1), (3, 1)),
        ("tolerance", 0, 0.0),
        ("max_updates", np.int32(7), 7),
    ],
)
def test_numbers_are_kept_as_plain_python(field, value, kept):
    held = getattr(nnlab.Experiment(**{field: value}), field)
    assert held == kept
    assert type(held) is type(kept)


def test_fields_are_in_the_articles_order():
    assert FIELDS[:7] == (
        "learning_rate",
        "init",
        "activation",
        "batch_size",
        "layers",
        "optimizer",
        "normalization",
    )


def test_full_batch_means_all_patterns():
    assert nnlab.Experiment(batch_size="full").patterns_per_update == 6


# --- frozen, hashable, comparable ----------------------------------------------------------------


@pytest.mark.parametrize("field", FIELDS)
def test_no_field_can_be_changed_in_place(field):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(nnlab.Experiment(), field, getattr(ARTICLE, field))


def test_replace_leaves_the_original_as_it_was():
    changed = ARTICLE.replace(learning_rate=5.0)
    assert (changed.learning_rate, ARTICLE.learning_rate) == (5.0, 0.05)


def test_data_cannot_be_changed_in_place():
    for array in (DATA.inputs, DATA.targets):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 9.0


def test_data_does_not_follow_the_callers_array():
    inputs = np.ones((2, 1))
    data = nnlab.Dataset(inputs, [[0.0], [1.0]])
    inputs[0, 0] = 9.0
    assert data.inputs[0, 0] == 1.0


def test_equal_experiments_are_equal_and_hash_alike():
    one, other = (nnlab.Experiment(layers=(2, 3, 1), data=copy(DATA)) for _ in range(2))
    assert one is not other and one.data is not other.data
    assert one == other
    assert hash(one) == hash(other)


def copy(data):
    """A dataset with the same numbers in arrays of its own."""
    return nnlab.Dataset(data.inputs.copy(), data.targets.copy(), name=data.name)


CHANGES = {
    "learning_rate": 0.5,
    "init": "xavier",
    "activation": "tanh",
    "batch_size": 2,
    "layers": (3, 4, 1),
    "optimizer": "adam",
    "normalization": "input",
    "weight_decay": 0.1,
    "dropout": 0.5,
    "loss": "cross_entropy",
    "data": nnlab.Dataset(nnlab.parity().inputs, 1 - nnlab.parity().targets),
    "output": "linear",
    "tolerance": 0.1,
    "max_updates": 10,
    "init_seed": 1,
    "shuffle": True,
    "order_seed": 1,
}


@pytest.mark.parametrize("field", CHANGES)
def test_experiments_that_differ_in_a_field_differ(field):
    assert ARTICLE.replace(**{field: CHANGES[field]}) != ARTICLE


@pytest.mark.parametrize(
    "other",
    [
        nnlab.Dataset(DATA.inputs + 1, DATA.targets),
        nnlab.Dataset(DATA.inputs, DATA.targets + 1),
        nnlab.Dataset(DATA.inputs, DATA.targets, name="other"),
        nnlab.Dataset(DATA.inputs[:2], DATA.targets[:2]),
        "data",
    ],
)
def test_datasets_that_differ_differ(other):
    assert other != DATA


def test_arrays_of_other_shape_but_the_same_bytes_differ():
    wide, tall = np.arange(1.0, 7.0).reshape(2, 3), np.arange(1.0, 7.0).reshape(2, 3).T
    square = nnlab.Dataset(np.eye(2), wide[:, :2])
    assert nnlab.Dataset(tall, np.ones((3, 1))) != nnlab.Dataset(wide, np.ones((2, 1)))
    assert square == nnlab.Dataset(np.eye(2), np.asfortranarray(wide[:, :2]))


def test_an_experiment_survives_pickling():
    experiment = nnlab.Experiment(
        learning_rate=nnlab.Cosine(0.1, 50),
        optimizer=nnlab.Optimizer("adam", beta1=0.8),
        init=nnlab.Initializer("he", scale=0.5),
        layers=(2, 3, 1),
        data=DATA,
    )
    assert pickle.loads(pickle.dumps(experiment)) == experiment


# --- shown as code -------------------------------------------------------------------------------

initializers = st.builds(
    nnlab.Initializer,
    st.sampled_from(list(nnlab.INITIALIZERS)),
    scale=st.floats(1e-6, 1e6),
)
optimizers = st.sampled_from(
    [*nnlab.OPTIMIZERS, nnlab.Optimizer("sgd"), nnlab.Optimizer("adam", epsilon=0.1, beta1=0.8)]
)
schedules = st.sampled_from(
    [
        nnlab.Constant(0.1),
        nnlab.Step(0.1, 5),
        nnlab.Exponential(0.1, 0.9),
        nnlab.Cosine(0.1, 10, lowest=0.01),
        nnlab.WarmupCosine(0.1, 5, 10),
        nnlab.OneCycle(0.1, 10, rise=0.5),
    ]
)
described = st.fixed_dictionaries(
    {},
    optional={
        "learning_rate": st.floats(1e-300, 1e300) | schedules,
        "init": st.sampled_from(list(nnlab.INITIALIZERS)) | initializers,
        "activation": st.sampled_from(list(nnlab.ACTIVATIONS)),
        "batch_size": st.integers(1, 6) | st.just("full"),
        "layers": st.lists(st.integers(1, 50), max_size=3).map(lambda units: (3, *units, 1)),
        "optimizer": optimizers,
        "normalization": st.sampled_from([None, "input"]),
        "weight_decay": st.floats(0, 1e300),
        "output": st.sampled_from(list(nnlab.ACTIVATIONS)),
        "tolerance": st.floats(0, 1e300),
        "max_updates": st.integers(1, 10**18),
        "init_seed": st.integers(0, 10**30),
        "shuffle": st.booleans(),
        "order_seed": st.integers(0, 10**30),
    },
)


@settings(max_examples=300)
@given(described)
def test_the_repr_is_the_line_that_rebuilds_it(fields):
    experiment = nnlab.Experiment(**fields)
    assert eval(repr(experiment), {"nnlab": nnlab}) == experiment


def test_the_repr_names_only_what_differs_from_the_article():
    assert repr(ARTICLE) == "nnlab.Experiment()"
    assert repr(ARTICLE.replace(learning_rate=5)) == "nnlab.Experiment(learning_rate=5.0)"


def test_datasets_are_shown_by_name():
    assert repr(nnlab.parity()) == "nnlab.parity()"
    assert repr(DATA) == "<Dataset 'data': inputs (3, 2), targets (3, 1)>"


def test_labels_name_binary_patterns_by_their_bits():
    assert nnlab.parity().labels[:2] == ["tr:0 000", "tr:1 101"]
    assert nnlab.Dataset([[0.5], [1.0]], [[0.0], [1.0]]).labels == ["tr:0", "tr:1"]


# --- initial weights -----------------------------------------------------------------------------


def test_the_articles_initial_weights():
    first, last = ARTICLE.initial_weights()
    assert first.tolist() == [
        [-1, 1, -1, 1, -1],
        [1, -1, 1, -1, 1],
        [-1, 1, -1, 1, -1],
        [1, -1, 1, -1, 1],
    ]
    assert last.tolist() == [[-1], [1], [-1], [1], [-1], [1]]


RANDOM = sorted(set(nnlab.INITIALIZERS) - {"alternating", "zeros", "constant"})


@pytest.mark.parametrize("init", RANDOM)
def test_the_same_seed_means_the_same_start(init):
    one, other = (nnlab.Experiment(init=init, init_seed=7, order_seed=k) for k in (0, 1))
    for ours, theirs in zip(one.initial_weights(), other.initial_weights(), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("init", RANDOM)
def test_different_seeds_mean_different_starts(init):
    starts = [nnlab.Experiment(init=init, init_seed=k).initial_weights()[0] for k in range(10)]
    assert len({start.tobytes() for start in starts}) == 10


def test_the_start_is_a_fresh_copy():
    ARTICLE.initial_weights()[0][:] = 9.0
    assert ARTICLE.initial_weights()[0].max() == 1.0


def test_the_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - this is the state in question
    nnlab.Experiment(init="gaussian", shuffle=True, max_updates=20).run()
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
