from mixmodel_app.domain.live import ChainState, LiveFit, ProvisionalReturn
from mixmodel_app.pages._dataset_columns import mapping_in_order
from mixmodel_app.pages._live_rows import WAITING, chain_rows, provisional_note, ranges_of

CHAINS = (ChainState(250, 4500, True, 0, 0.25), ChainState(1700, 4500, False, 12, 0.1234))
RETURNS = (ProvisionalReturn("Search", 2.7, 1.8, 4.1),)


def test_the_note_says_what_the_ranges_rest_on():
    live = LiveFit(CHAINS, 1250, 1.0123, RETURNS)
    assert " ".join(provisional_note(live)) == "Provisional – from 1,250 draws per chain; R-hat 1.012"


def test_without_agreement_there_is_no_number_for_it():
    assert provisional_note(LiveFit(CHAINS, 60, None, RETURNS)) == ("Provisional – from 60 draws per chain", "")


def test_before_there_are_returns_the_note_says_when_they_come():
    assert provisional_note(LiveFit(CHAINS, 20)) == (WAITING, "")
    assert ranges_of(LiveFit(CHAINS, 20)) == []


def test_chains_are_texts_and_a_bar_that_ends_with_the_first_round():
    first, second = chain_rows(LiveFit(CHAINS), first_round=1000)
    assert (first.name, first.done, first.phase, first.steps) == ("Chain 1", "25.0%", "Tuning", "250")
    assert (second.done, second.phase, second.steps) == ("100.0%", "Sampling", "1,700")
    assert (second.divergences, second.step_size) == ("12", "0.123")


def test_channels_come_in_the_order_of_the_file_whatever_order_the_database_keeps():
    mapping = {
        "date_column": "week",
        "target_column": "revenue",
        "media_columns": {"ooh": {"channel_name": "OOH"}, "a_tv": {"channel_name": "TV"}},
        "control_columns": ["promotion", "price"],
    }
    dataset = {"columns": [{"name": name} for name in ("week", "revenue", "a_tv", "price", "ooh", "promotion")]}
    found = mapping_in_order(dataset, mapping)
    assert found.channel_names == ("TV", "OOH")
    assert found.control_columns == ("price", "promotion")
    assert mapping_in_order(dataset | {"column_mapping": mapping}) == found
