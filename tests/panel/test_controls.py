"""Controls: from interact's abbreviations to widgets, and from widgets to a field's value."""

import re

import ipywidgets as widgets
import numpy as np
import pytest

import nnlab
from nnlab.panel.controls import Control
from nnlab.panel.inputs import Input

ARTICLE = nnlab.Experiment()


def control(field, abbreviation, **fields):
    """A control of the article's experiment with some fields changed."""
    return shown(Control(ARTICLE.replace(**fields), field, abbreviation))


def shown(made, changed=lambda: None, refused=lambda error: None, marks=None):
    """A control on screen."""
    return Input(made, changed, refused, marks or {})


# --- which widget --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "abbreviation", "kind"),
    [
        ("learning_rate", (0.01, 50.0), widgets.FloatLogSlider),
        ("learning_rate", (0.01, 50.0, 0.1), widgets.FloatLogSlider),
        ("tolerance", (0.001, 0.1), widgets.FloatLogSlider),
        ("max_updates", (100, 10_000_000), widgets.FloatLogSlider),
        ("batch_size", (1, 6), widgets.IntSlider),
        ("init_seed", (0, 100), widgets.IntSlider),
        ("init", ["alternating", "xavier"], widgets.Dropdown),
        ("learning_rate", [0.05, 5.0], widgets.Dropdown),
        ("batch_size", [1, 2, "full"], widgets.Dropdown),
        ("layers", [(3, 5, 1), (3, 8, 8, 1)], widgets.Dropdown),
        ("shuffle", True, widgets.Checkbox),
        ("shuffle", False, widgets.Checkbox),
    ],
)
def test_an_abbreviation_becomes_a_widget(field, abbreviation, kind):
    made = control(field, abbreviation)
    assert type(made.widget) is kind
    assert made.widget.description == field.replace("_", " ")


@pytest.mark.parametrize(
    ("field", "abbreviation", "start"),
    [
        ("learning_rate", (0.01, 50.0), 5.0),
        ("batch_size", (1, 6), 3),
        ("init", ["alternating", "xavier"], "xavier"),
        ("layers", [(3, 5, 1), (3, 4, 1)], (3, 4, 1)),
        ("batch_size", [1, "full"], "full"),
        ("shuffle", False, True),
    ],
)
def test_a_control_starts_at_the_experiments_value(field, abbreviation, start):
    assert control(field, abbreviation, **{field: start}).value == start


@pytest.mark.parametrize(
    ("field", "abbreviation"),
    [
        ("learning_rate", (0.01, 50.0)),
        ("tolerance", (0.001, 0.1)),
        ("max_updates", (100, 10_000_000)),
        ("batch_size", (1, 6)),
        ("batch_size", [1, 2, "full"]),
        ("shuffle", True),
    ],
)
def test_every_value_of_a_control_makes_an_experiment(field, abbreviation):
    made = control(field, abbreviation)
    for value in made.control.ends:
        assert getattr(ARTICLE.replace(**{field: value}), field) == value


def test_a_dropdown_shows_names_plainly_and_the_rest_as_code():
    shown = control("batch_size", [1, "full"]).widget.options
    assert [label for label, _ in shown] == ["1", "full"]
    start = nnlab.Initializer("gaussian", scale=0.5)
    shown = control("init", ["alternating", start]).widget.options
    assert shown[1] == ("nnlab.Initializer('gaussian', scale=0.5)", start)


# --- the logarithmic slider ----------------------------------------------------------------------


def positions(widget):
    """Every value that a logarithmic slider can be dragged to."""
    steps = round((widget.max - widget.min) / widget.step)
    return [widget.base ** (widget.min + k * widget.step) for k in range(steps + 1)]


def test_the_learning_rates_slider_gives_5_exactly():
    """The article's rate must be within reach: 564 updates need 5.0, not 5.0118."""
    made = control("learning_rate", (0.01, 50.0))
    reached = []
    for position in positions(made.widget):
        made.widget.value = position
        reached.append(made.value)
    assert 5.0 in reached
    assert {0.05, 0.5, 50.0} <= set(reached)


def test_the_ends_are_exactly_as_asked_for():
    made = control("learning_rate", (0.01, 50.0))
    assert made.control.ends == [0.01, 50.0]
    made.widget.value = made.widget.base**made.widget.max
    assert made.value == 50.0
    made.widget.value = made.widget.base**made.widget.min
    assert made.value == 0.01


def test_a_start_off_the_grid_is_one_of_the_sliders_positions():
    """Or a browser would move the slider to the nearest one, unasked: 0.3 to 0.32."""
    made = control("learning_rate", (0.01, 50.0), learning_rate=0.3)
    reached = []
    for position in positions(made.widget):
        made.widget.value = position
        reached.append(made.value)
    assert 0.3 in reached
    assert 0.04 < made.widget.step < 0.06


def test_every_position_gives_the_two_digits_that_are_shown():
    made = control("learning_rate", (0.01, 50.0))
    values = []
    for position in positions(made.widget):
        made.widget.value = position
        values.append(made.value)
        assert made.value == float(f"{made.widget.value:.2g}")
        assert float(made.box.children[1].value) == made.value
    assert values == sorted(set(values))


def test_a_step_of_a_logarithmic_slider_is_in_decades():
    assert control("learning_rate", (0.01, 50.0, 0.25)).widget.step == 0.25


def test_max_updates_stays_a_whole_number():
    made = control("max_updates", (100, 10_000_000))
    made.widget.value = 12_345.6
    assert made.value == 12_000
    assert type(made.value) is int


# --- the grid over a slider's range --------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "abbreviation"),
    [("learning_rate", (0.01, 50.0)), ("batch_size", (1, 6)), ("max_updates", (100, 10_000_000))],
)
def test_a_grid_spans_the_range_once(field, abbreviation):
    made = control(field, abbreviation)
    values = made.control.range.grid()
    assert (min(values), max(values)) == abbreviation
    assert len(values) == len(set(values))
    for value in values:
        ARTICLE.replace(**{field: value})


def test_a_grid_goes_from_coarse_to_fine():
    values = np.log(control("learning_rate", (0.01, 50.0)).control.range.grid())
    first_gap = np.diff(np.sort(values[:4])).max()
    assert first_gap > 3 * np.diff(np.sort(values)).max()
    assert np.ptp(values[:4]) > 0.75 * np.ptp(values)


def test_a_grid_of_few_whole_numbers_takes_each():
    assert sorted(control("batch_size", (1, 6)).control.range.grid()) == [1, 2, 3, 4, 5, 6]


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "abbreviation", "message"),
    [
        ("learning_rat", (0.01, 50.0), "got 'learning_rat'. Did you mean 'learning_rate'"),
        ("learning_rate", 5.0, r"learning_rate must be \(min, max\).*got 5.0"),
        ("learning_rate", [], r"learning_rate must be \(min, max\).*got \[\]"),
        ("learning_rate", "0.01", r"learning_rate must be \(min, max\).*got '0.01'"),
        ("learning_rate", (0.01,), r"min below max; got \(0.01,\)"),
        ("learning_rate", (0.01, 1, 0.1, 5), r"min below max; got \(0.01, 1, 0.1, 5\)"),
        ("learning_rate", (50.0, 0.01), r"min below max; got \(50.0, 0.01\)"),
        ("learning_rate", (1.0, 1.0), r"min below max; got \(1.0, 1.0\)"),
        ("learning_rate", ("a", "b"), r"min below max; got \('a', 'b'\)"),
        ("learning_rate", (0.01, np.nan), r"min below max; got \(0.01, nan\)"),
        ("learning_rate", (0.01, np.inf), "learning_rate must be a finite number.*got inf"),
        ("learning_rate", (0.0, 50.0), "learning_rate is logarithmic: .*above 0; got 0.0"),
        ("learning_rate", (0.1, 50.0), "starts at 0.05, which must be within 0.1 and 50.0"),
        ("learning_rate", (0.01, 50.0, 0), "learning_rate's step must be .*above 0; got 0"),
        ("learning_rate", (0.01, 50.0, -1), "learning_rate's step must be .*above 0; got -1"),
        ("batch_size", (1, 6, 0), "batch_size's step must be .*above 0; got 0"),
        ("learning_rate", [0.05, -1.0], "learning_rate must be a finite number.*got -1.0"),
        ("learning_rate", True, "learning_rate as a checkbox must be True or False; got 0.05"),
        ("batch_size", (0, 6), "batch_size must be at least 1 and at most 6; got 0"),
        ("batch_size", (1, 7), "batch_size must be at least 1 and at most 6; got 7"),
        ("batch_size", (True, 6), r"min below max; got \(True, 6\)"),
        ("init_seed", (0, 2.5), "init_seed must be a whole number; got 2.5"),
        ("init", (0, 1), "init starts at 'alternating', which no slider can show; use a list"),
        ("init", ["xavier"], r"starts at 'alternating', which must be among \['xavier'\]"),
        ("activation", ["sigmoid", "tan"], "activation must be .*got 'tan'. Did you mean 'tanh'"),
        ("layers", [(3, 5, 1), (3, 5)], r"layers must run from .*got \(3, 5\)"),
        ("shuffle", (0, 1), "shuffle starts at False, which no slider can show"),
    ],
)
def test_what_is_refused_names_the_field_and_the_value(field, abbreviation, message):
    with pytest.raises((TypeError, ValueError), match=message):
        control(field, abbreviation)


def test_no_slider_for_a_field_that_starts_as_a_word():
    with pytest.raises(TypeError, match="starts at 'full', which no slider can show; use a list"):
        control("batch_size", (1, 6), batch_size="full")


# --- numbers that are typed ----------------------------------------------------------------------


def typed(made, text):
    """Type into the readout beside a slider; what it shows then."""
    readout = made.box.children[1]
    readout.value = text
    return readout.value


TYPED = {
    "5": 5.0,
    "0.05": 0.05,
    " 2e1 ": 20.0,
    "0,5": 0.5,
    "0.125": 0.125,
    "0,0375": 0.0375,
    "4.95": 4.95,
    "0.123456789": 0.123456789,
    "1 0": 10.0,
}


@pytest.mark.parametrize("text", TYPED)
def test_a_number_is_taken_as_it_was_typed(text):
    made = control("learning_rate", (0.01, 50.0))
    assert float(typed(made, text)) == made.value == TYPED[text]
    assert min(abs(np.log(np.array(positions(made.widget)) / made.widget.value))) < 1e-9


@pytest.mark.parametrize("text", ["12,000", "12000", "1.2e4", "12 000"])
def test_a_whole_number_is_taken_with_or_without_groups(text):
    made = control("max_updates", (100, 10_000_000))
    assert typed(made, text) == "12,000"
    assert made.value == 12_000 and type(made.value) is int


def test_a_typed_number_gives_way_to_the_slider():
    made = control("learning_rate", (0.01, 50.0))
    typed(made, "0.125")
    made.widget.value = 5.0
    assert made.value == 5.0


@pytest.mark.parametrize(
    ("field", "ends", "text"),
    [
        ("learning_rate", (0.01, 50.0), "6"),
        ("learning_rate", (0.01, 50.0, 0.001), "6.001"),
        ("weight_decay", (0.0, 1.0), "0.333"),
        ("max_updates", (100, 10_000_000), "12345"),
        ("init_seed", (0, 100), "7"),
    ],
)
def test_a_typed_number_stays_when_the_page_answers_in_its_own_digits(field, ends, text):
    """JavaScript's power of ten differs in the last place, and the page sends what it put there."""
    changes = []
    made = shown(Control(ARTICLE, field, ends), lambda: changes.append(1))
    typed(made, text)
    before = made.value
    assert float(text) == before
    made.widget.set_state({"value": made.widget.value * (1 + 1e-14)})
    assert (made.value, changes) == (before, [1])
    step = 1.2 if field != "init_seed" else 2
    made.widget.set_state({"value": type(made.widget.value)(made.widget.value * step)})
    assert made.value != before and changes == [1, 1]


def test_linear_sliders_take_what_stands_between_their_steps():
    made = control("weight_decay", (0.0, 1.0))
    typed(made, "0,333")
    assert made.value == 0.333
    assert made.widget.value == pytest.approx(0.34)


def test_a_typed_number_changes_once():
    changes = []
    made = shown(Control(ARTICLE, "learning_rate", (0.01, 50.0)), lambda: changes.append(1))
    typed(made, "0.125")
    typed(made, "0,125")
    assert changes == [1]


@pytest.mark.parametrize("text", ["1,234", "12,500", "1.234,5", "0,5,1", "0,,5"])
def test_a_comma_that_could_be_either_is_refused(text):
    said = []
    made = shown(Control(ARTICLE, "learning_rate", (0.01, 50.0)), refused=said.append)
    assert typed(made, text) == "0.05"
    assert made.value == 0.05 and repr(text) in str(said[0])


@pytest.mark.parametrize("text", ["fast", "", "nan", "inf", "-1", "0.009", "50.1"])
def test_what_can_not_be_taken_is_refused_aloud_and_changes_nothing(text):
    said = []
    made = shown(Control(ARTICLE, "learning_rate", (0.01, 50.0)), refused=said.append)
    before = made.value
    assert typed(made, text) == "0.05"
    assert made.value == before
    (error,) = said
    assert "learning rate must be a number from 0.01 to 50" in str(error)
    assert repr(text) in str(error)


def test_a_whole_number_is_asked_for_where_the_slider_has_steps_of_one():
    said = []
    made = shown(Control(ARTICLE, "init_seed", (0, 10)), refused=said.append)
    typed(made, "2.5")
    assert made.value == 0
    assert "a whole number from 0 to 10" in str(said[0])
    assert typed(made, "7") == "7"
    assert made.value == 7


# --- marks ---------------------------------------------------------------------------------------


def test_a_click_on_a_mark_goes_exactly_there():
    changes = []
    rate = Control(ARTICLE, "learning_rate", (0.01, 50.0))
    made = shown(rate, lambda: changes.append(1), marks={0.0375: "slow", 5.0: "564 updates"})
    slow, fast = made.box.children[1].children
    assert (slow.description, fast.description) == ("slow", "564 updates")
    slow.click()
    assert made.value == 0.0375
    fast.click()
    assert made.value == 5.0 and changes == [1, 1]
    assert "{ left: calc(73.0% + 0px); }" in made.css  # log(500) / log(5000)


def test_marks_that_stand_close_make_room_for_their_words():
    rate = Control(ARTICLE, "learning_rate", (0.05, 2.5))
    css = shown(rate, print, marks={0.1: "0.1", 1.9: "1.9", 2.1: "2.1"}).css
    shifts = [int(each) for each in re.findall(r"left: calc\(.*? \+ (-?\d+)px\)", css)]
    assert shifts[0] == 0  # where there is room nothing moves
    assert shifts[1] == -shifts[2] < -10
    assert re.findall(r"margin-left: (-?\d+)px", css) == [str(-each) for each in shifts]


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ({0.001: "low"}, "marks must be within 0.01 and 50.0; got 0.001"),
        ({"5": "fast"}, "marks must stand at numbers; got '5'"),
        ({5.0: 564}, "marks must have words as labels; got 564 at 5.0"),
        (["fast"], "marks must be labels by number"),
    ],
)
def test_marks_that_fit_no_slider_are_refused(marks, message):
    with pytest.raises((TypeError, ValueError), match=message):
        nnlab.live(ARTICLE, marks=marks, learning_rate=(0.01, 50.0))


def test_marks_need_a_slider():
    with pytest.raises(ValueError, match="marks need a slider"):
        nnlab.live(ARTICLE, marks={5.0: "fast"}, learning_rate=[0.05, 5.0])


# --- dials ---------------------------------------------------------------------------------------


def scaled(experiment, scale):
    """The experiment with a Gaussian start of this scale."""
    return experiment.replace(init=nnlab.Initializer("gaussian", scale))


def test_a_dial_makes_the_experiment_of_its_value():
    dial = nnlab.Dial((0.1, 10.0), scaled, start=1.0, logarithmic=True)
    made = shown(Control(ARTICLE, "start_scale", dial))
    assert made.control.range.logarithmic
    assert made.widget.description == "start scale"
    made.widget.value = 10.0
    assert made.control.apply(ARTICLE, made.value).init == nnlab.Initializer("gaussian", 10.0)


def test_a_dial_whose_range_makes_no_experiment_is_refused_at_once():
    with pytest.raises(ValueError, match="init"):
        Control(ARTICLE, "start_scale", nnlab.Dial((-1.0, 1.0), scaled, start=0.5))


def test_a_dial_must_return_an_experiment():
    with pytest.raises(TypeError, match="must return an Experiment; got None"):
        Control(ARTICLE, "nothing", nnlab.Dial((0, 1), lambda experiment, value: None, start=0))
