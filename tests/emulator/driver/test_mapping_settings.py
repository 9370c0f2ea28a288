from __future__ import annotations

from typing import Any

import pytest

from streamctl.emulator.driver.mapping_settings import checked

QUEUE = {"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:000000000000:q"}}


def test_settings_of_the_sdks_are_taken_as_they_are() -> None:
    settings = {"BatchSize": 10, "MaximumRetryAttempts": 0, "Enabled": False, "DestinationConfig": QUEUE}
    assert checked(settings) == settings


def test_settings_of_a_template_get_their_types() -> None:
    template = {"BatchSize": "10", "BisectBatchOnFunctionError": "true", "StartingPositionTimestamp": "1700000000.5"}
    assert checked(template) == {
        "BatchSize": 10,
        "BisectBatchOnFunctionError": True,
        "StartingPositionTimestamp": 1_700_000_000.5,
    }


@pytest.mark.parametrize("empty", [{}, {"OnFailure": {}}, {"OnFailure": {"Destination": ""}}])
def test_an_empty_destination_takes_it_away(empty: dict[str, Any]) -> None:
    assert checked({"DestinationConfig": empty}) == {"DestinationConfig": {"OnFailure": {}}}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"BatchSize": 0}, "BatchSize lies between 1 and 10000"),
        ({"BatchSize": "many"}, "BatchSize is a whole number"),
        ({"ParallelizationFactor": 11}, "ParallelizationFactor lies between"),
        ({"MaximumRecordAgeInSeconds": 59}, "at least 60"),
        ({"Enabled": "perhaps"}, "Enabled is true or false"),
        ({"StartingPositionTimestamp": "today"}, "seconds since 1970"),
        ({"StartingPositionTimestamp": "nan"}, "seconds since 1970"),
        ({"TumblingWindowInSeconds": 30}, "Tumbling windows are not emulated"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "[]"}]}}, "Invalid filter pattern definition"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "a:b:sqs"}}}, "neither a queue"),
    ],
)
def test_a_setting_beyond_its_limits_is_refused_by_name(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        checked(settings)
