import copy

import pytest

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.model_options import Adstock, ExpectedReturn, FitMode, Saturation, Sign, Trend
from mixmodel_app.domain.run import Priority
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import load_engines
from mixmodel_app.pages._run_form import RunForm, new_form, problem_label, typed
from mixmodel_app.pages._run_options import CHOICES, PRIORITIES
from mixmodel_app.wording.settings import SETTINGS

MAPPING = ColumnMapping(
    "week", "revenue", {"tv": MediaColumn("TV"), "se": MediaColumn("Search A.B")}, ("price", "promotion")
)


@pytest.fixture
def form() -> RunForm:
    return new_form(MAPPING)


def read(form: RunForm) -> RunConfig:
    return RunConfig.from_json({"random_seed": 1} | form.config())


def test_an_untouched_form_asks_for_the_quick_preset(form: RunForm):
    assert read(form) == RunConfig.from_json({"mode": "quick", "random_seed": 1})
    assert form.differences() == []


def test_every_setting_of_a_run_is_in_the_form_or_has_a_part_of_its_own():
    parts = {"mode", "priors", "expected_returns", "control_signs", "events", "lift_tests"}
    assert set(RunConfig.__dataclass_fields__) == set(SETTINGS) | parts


@pytest.mark.parametrize(
    ("key", "values"), [("adstock_type", Adstock), ("saturation_type", Saturation), ("trend", Trend)]
)
def test_every_choice_of_the_domain_is_offered(key: str, values: type):
    assert {value for value, _ in CHOICES[key]} == set(values)  # pyright: ignore[reportArgumentType]
    assert {value for value, _ in CHOICES["engine"]} == set(load_engines().keys())


def test_a_priority_is_one_that_there_is_and_says_nothing_about_the_fit(form: RunForm):
    assert {value for value, _ in PRIORITIES} == set(Priority)
    before = form.config()
    form.change("priority", "high")
    assert (form.priority, form.config(), form.differences()) == ("high", before, [])
    form.change("priority", "now")
    assert form.priority == "normal"


def test_a_preset_brings_its_numbers_and_custom_keeps_them(form: RunForm):
    form.choose(FitMode.FULL)
    assert (read(form).n_samples, read(form).mode) == (2000, FitMode.FULL)
    form.choose(FitMode.CUSTOM)
    assert (form.mode, form.preset, form.settings["n_samples"]) == ("custom", "full", "2000")


def test_other_draws_make_the_run_custom_and_other_shapes_do_not(form: RunForm):
    form.change("adstock_type", "delayed")
    assert form.mode == "quick"
    form.change("n_samples", "800")
    assert form.mode == "custom"
    assert form.differences() == ["Carryover (adstock): Delayed, not Geometric", "Draws per chain: 800, not 500"]


def test_typing_the_numbers_of_a_preset_is_choosing_it(form: RunForm):
    for key, text in (("n_samples", "2000"), ("n_chains", "4"), ("tune_steps", "1000")):
        form.change(key, text)
    assert (form.mode, form.preset, form.differences()) == ("full", "full", [])


def test_custom_stays_chosen_while_only_shapes_change(form: RunForm):
    form.choose(FitMode.CUSTOM)
    form.change("trend", "none")
    assert form.mode == "custom"
    assert form.differences() == ["Trend of the baseline: None, not Smooth"]


def test_reset_takes_the_settings_back_and_leaves_what_is_known_of_the_market(form: RunForm):
    form.choose(FitMode.FULL)
    form.change("l_max", "12")
    form.change_row("controls", "price", "sign", "negative")
    form.change_row("expected", "TV", "low", "0.5")
    turn = form.turn
    form.reset()
    assert form.differences() == []
    assert (form.mode, form.settings["l_max"], form.expected[0].low) == ("full", "8", "0.5")
    assert form.turn > turn, "fields must show the new texts"


def test_the_form_becomes_the_configuration(form: RunForm):
    for key, text in (("low", "0,5"), ("likely", "1.5"), ("high", "4")):
        form.change_row("expected", "Search A.B", key, text)
    form.change_row("controls", "price", "sign", "negative")
    form.change("holidays", "DE")
    form.change("target_accept", "0.95")
    form.add_row("events")
    for key, text in (("name", "Fire"), ("start", "2024-03-04"), ("end", "2024-03-17")):
        form.change_row("events", form.events[0].id, key, text)
    form.add_row("lifts")
    lift = {"start": "2024-05-06", "end": "2024-05-26", "extra_spend": "−12,000", "extra_outcome": "−30 000"}
    for key, text in (lift | {"error": "9000", "channel": "TV"}).items():
        form.change_row("lifts", form.lifts[0].id, key, text)
    config = read(form)
    assert config.expected_returns == {"Search A.B": ExpectedReturn(0.5, 1.5, 4.0)}
    assert config.control_signs == {"price": Sign.NEGATIVE}
    assert (config.holidays, config.target_accept) == ("DE", 0.95)
    assert [(event.name, event.start.isoformat()) for event in config.events] == [("Fire", "2024-03-04")]
    (test,) = config.lift_tests
    assert (test.extra_spend, test.extra_outcome, test.error) == (-12_000, -30_000, 9_000)
    assert test.measured_to == test.end


def test_rows_that_were_never_filled_in_go_and_half_filled_ones_are_named(form: RunForm):
    form.add_row("events")
    form.add_row("events")
    form.add_row("lifts")
    form.change_row("events", form.events[1].id, "name", "Fire")
    form.drop_empty_rows()
    assert form.lifts == []
    with pytest.raises(InvalidInput) as refused:
        read(form)
    assert [error.field for error in refused.value.errors] == ["config.events[0].start", "config.events[0].end"]


def test_an_expectation_is_three_numbers_or_none(form: RunForm):
    form.change_row("expected", "TV", "likely", "about two")
    with pytest.raises(InvalidInput) as refused:
        read(form)
    labels = [problem_label(error.field) for error in refused.value.errors]
    assert labels == [f"Expected return of TV, {end}" for end in ("lower end", "most likely", "upper end")]


def test_rows_come_and_go_by_their_own_names(form: RunForm):
    for _ in range(3):
        form.add_row("events")
    first, second, third = (row.id for row in form.events)
    form.remove_row("events", second)
    form.add_row("events")
    assert [row.id for row in form.events] == [first, third, "4"]


@pytest.mark.parametrize(
    ("part", "row_id", "key"),
    [
        ("nothing", "TV", "low"),
        ("expected", "Nobody", "low"),
        ("expected", "TV", "id"),
        ("expected", "TV", "__class__"),
    ],
)
def test_what_does_not_exist_is_left_alone(form: RunForm, part: str, row_id: str, key: str):
    before = copy.deepcopy(form)
    form.change_row(part, row_id, key, "1")
    form.change("mode", "full")
    form.change("nothing", "1")
    form.remove_row("expected", row_id)
    assert form == before


def test_a_sign_is_one_of_three(form: RunForm):
    form.change_row("controls", "price", "sign", "sideways")
    assert form.controls[0].sign == "free"


def test_texts_are_cut_before_they_fill_the_state(form: RunForm):
    form.change("name", "x" * 1000)
    form.change_row("expected", "TV", "low", "9" * 1000)
    assert len(form.name) == len(form.expected[0].low) == 255


def test_a_form_is_for_its_channels_and_drivers(form: RunForm):
    assert form.is_for(new_form(MAPPING))
    assert not form.is_for(new_form(ColumnMapping("week", "revenue", {"tv": MediaColumn("TV")})))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            ("500", 500),
            ("500.0", 500),
            ("1,200", 1200),
            ("1,200,000", 1_200_000),
            ("1 200", 1200),
            ("1\u00a0200", 1200),
        ),
        *(("0,9", 0.9), ("12,5", 12.5), ("1,234.5", 1234.5), ("−3", -3), ("-0.5", -0.5), ("abc", "abc"), ("", "")),
    ],
)
def test_numbers_are_read_as_people_type_them(text: str, value: float | str):
    assert typed(text) == value


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("config.n_samples", "Draws per chain"),
        ("config.lift_tests[0].extra_spend", "Experiment 1, extra spend"),
        ("config.lift_tests[1]", "Experiment 2"),
        ("config.events[2].end", "Event 3, last day"),
        ("config.events", "Events"),
        ("config.expected_returns.TV", "Expected return of TV"),
        ("config.expected_returns.Search A.B.low", "Expected return of Search A.B, lower end"),
        ("config.expected_returns.Search A.B", "Expected return of Search A.B"),
        ("config.control_signs.price", "Effect of price"),
        ("name", "Name"),
    ],
)
def test_problems_are_named_in_the_words_of_the_form(path: str, label: str):
    assert problem_label(path) == label
