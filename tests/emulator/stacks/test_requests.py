"""A template's properties as the input of an operation."""

from __future__ import annotations

from typing import Any

from botocore.session import get_session

from streamctl.emulator.stacks.requests import typed


def shape(service: str, operation: str) -> Any:
    return get_session().get_service_model(service).operation_model(operation).input_shape


def test_text_becomes_the_numbers_and_switches_that_the_operation_wants() -> None:
    given = {"BatchSize": "7", "BisectBatchOnFunctionError": "false", "MaximumRetryAttempts": 3}
    wanted = {"BatchSize": 7, "BisectBatchOnFunctionError": False, "MaximumRetryAttempts": 3}
    assert typed(shape("lambda", "CreateEventSourceMapping"), given) == wanted
    assert typed(shape("cloudwatch", "PutMetricAlarm"), {"Threshold": "0.5"}) == {"Threshold": 0.5}


def test_tags_become_a_map_or_stay_a_list_as_the_operation_wants() -> None:
    given = {"Tags": [{"Key": "owner", "Value": "us"}]}
    assert typed(shape("lambda", "CreateFunction"), given) == {"Tags": {"owner": "us"}}
    assert typed(shape("dynamodb", "CreateTable"), given) == given


def test_a_policy_becomes_json_and_a_number_that_is_text_to_the_api_becomes_text() -> None:
    assert typed(shape("iam", "CreateRole"), {"AssumeRolePolicyDocument": {"a": [1]}}) == {
        "AssumeRolePolicyDocument": '{"a": [1]}'
    }
    environment = {"Environment": {"Variables": {"COUNT": 3, "ON": True}}}
    assert typed(shape("lambda", "CreateFunction"), environment) == {
        "Environment": {"Variables": {"COUNT": "3", "ON": "true"}}
    }


def test_what_the_operation_does_not_know_stays_for_it_to_refuse() -> None:
    given = {"TracingConfig": {"Mode": "Active", "Colour": 1}}
    assert typed(shape("lambda", "CreateFunction"), given) == given
