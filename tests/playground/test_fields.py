"""Links, lines of Python and words of the playground."""

import random

import pytest

import nnlab
from nnlab.rules.schedules import SCHEDULES, Constant

SETS = ("parity", "circles", "moons", "spirals", "digits")


def random_setting(chance):
    return {
        "learning_rate": float(f"{10 ** chance.uniform(-3, 2):.3g}"),
        "init": chance.choice(list(nnlab.INITIALIZERS)),
        "scale": chance.choice([1, 0.3, 2]),
        "activation": chance.choice(list(nnlab.ACTIVATIONS)),
        "batch_size": chance.choice([1, 2, 3, "full"]),
        "hidden": [chance.randint(1, 9) for _ in range(chance.randint(0, 3))],
        "optimizer": chance.choice(list(nnlab.OPTIMIZERS)),
        "normalization": chance.choice([None, "input", "batch", "layer", "rms"]),
        "schedule": chance.choice(list(SCHEDULES)),
        "span": chance.randint(10, 5000),
        "weight_decay": chance.choice([0, 0.001]),
        "dropout": chance.choice([0, 0.5]),
        "data": chance.choice(SETS),
        "loss": chance.choice(list(nnlab.LOSSES)),
        "output": chance.choice(["sigmoid", "linear", "softmax"]),
        "tolerance": chance.choice([0.01, 0]),
        "max_updates": chance.randint(1, 10**7),
        "init_seed": chance.randint(0, 2**31 - 1),
        "shuffle": chance.random() < 0.5,
        "order_seed": chance.randint(0, 9),
    }


def test_a_setting_survives_its_link_and_its_line_of_python_makes_the_same_experiment(page_code):
    chance = random.Random(5)
    wanted = [random_setting(chance) for _ in range(150)]
    for found in page_code(settings=wanted)["settings"]:
        setting, engine = found["setting"], found["engine"]
        assert found["back"] == {"part": 1, "setting": setting, "wrong": []}
        experiment = eval(found["python"], {"nnlab": nnlab})  # raises where the two disagree
        rate = experiment.learning_rate
        schedule = Constant(rate) if isinstance(rate, float) else rate
        assert list(schedule.knobs) == engine["schedule"]["knobs"]
        assert SCHEDULES[setting["schedule"]] is type(schedule)
        assert experiment.start == nnlab.Initializer(setting["init"], scale=setting["scale"])
        assert experiment.layers == tuple(engine["layers"])
        assert list(experiment.update_rule.knobs) == engine["optimizer"]["knobs"]
        assert experiment.data.name.startswith(f"nnlab.{setting['data']}(")
        for name in set(setting) & {field for field in experiment.__dataclass_fields__}:
            if name not in ("learning_rate", "init", "data"):
                assert getattr(experiment, name) == setting[name], name


def test_the_parts_are_experiments_as_they_stand(page_code):
    for part in page_code()["parts"]:
        assert part["wrong"] == []


@pytest.mark.parametrize(
    ("hash_", "name", "value"),
    [
        ("#part=9", "part", "9"),
        ("#learning_rate=fast", "learning_rate", "fast"),
        ("#learning_rate=-1", "learning_rate", "-1"),
        ("#learning_rate=NaN", "learning_rate", "NaN"),
        ("#hidden=5-x", "hidden", "5-x"),
        ("#hidden=1-1-1-1-1-1", "hidden", "1-1-1-1-1-1"),
        ("#optimizer=%E0%A4%A", "optimizer", "%E0%A4%A"),
        ("#__proto__=1", "__proto__", "1"),
        ("#constructor=1", "constructor", "1"),
        ("#init=<script>", "init", "<script>"),
        ("#batch_size=0", "batch_size", "0"),
        ("#learning_rate", "learning_rate", ""),
    ],
)
def test_what_is_wrong_in_a_link_is_named_and_left_out(page_code, hash_, name, value):
    sound = page_code(hashes=["#part=1"])["hashes"][0]["setting"]
    (read,) = page_code(hashes=[hash_])["hashes"]
    assert [(each["name"], each["value"]) for each in read["wrong"]] == [(name, value)]
    assert read["wrong"][0]["allowed"]
    assert read["setting"] == sound


def test_a_huge_link_is_read_no_further_than_it_makes_sense(page_code):
    (read,) = page_code(hashes=["#learning_rate=5&" + "x" * 1_000_000])["hashes"]
    assert read["setting"]["learning_rate"] == 5
    assert len(read["wrong"]) == 1


def test_both_languages_say_the_same_things(page_code):
    words = page_code()["vocabularies"]
    assert words["en"] == words["ja"]
