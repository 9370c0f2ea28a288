"""Resource import: what runs already becomes a stack's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.stacks.deploying import delete, finished, put_code, settled
from tests.emulator.stacks.reading import read_all
from tests.emulator.stacks.template import template

if TYPE_CHECKING:
    from streamctl.aws import Aws

pytestmark = pytest.mark.xdist_group("emulator")


def test_what_runs_is_imported_and_is_the_stacks_from_then_on(aws: Aws, name: str) -> None:
    """All but the policies of a queue and a topic, which have an id that no API knows."""
    put_code(aws, name)
    body = template(name, Table={"DeletionProtectionEnabled": None})
    del body["Outputs"]
    ids = retained(aws, name, body)
    wanted = {logical_id: each for logical_id, each in body["Resources"].items() if logical_id in IDENTIFIED_BY}
    cloudformation = aws.client("cloudformation")
    cloudformation.create_change_set(
        StackName=f"{name}-adopting",
        ChangeSetName="adopt",
        ChangeSetType="IMPORT",
        Capabilities=["CAPABILITY_NAMED_IAM"],
        TemplateBody=json.dumps(body | {"Resources": with_deletion_policy("Delete", wanted)}),
        ResourcesToImport=[
            {"ResourceType": each["Type"], "LogicalResourceId": of, "ResourceIdentifier": {IDENTIFIED_BY[of]: ids[of]}}
            for of, each in wanted.items()
        ],
    )
    cloudformation.execute_change_set(StackName=f"{name}-adopting", ChangeSetName="adopt")
    assert settled(cloudformation, f"{name}-adopting")["StackStatus"] == "IMPORT_COMPLETE"
    wanted["Stream"]["Properties"]["RetentionPeriodHours"] = 30
    stack = finished(aws, "update", f"{name}-adopting", body | {"Resources": wanted})
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert read_all(aws, name)["stream"]["RetentionPeriodHours"] == 30
    assert delete(aws, stack["StackId"]) == "DELETE_COMPLETE"
    assert {of for of, there in read_all(aws, name).items() if there} == set()


IDENTIFIED_BY = {
    "Alarm": "AlarmName",
    "Alias": "AliasName",
    "Bucket": "BucketName",
    "BucketPolicy": "Bucket",
    "Dashboard": "DashboardName",
    "Function": "FunctionName",
    "Group": "LogGroupName",
    "Key": "KeyId",
    "Mapping": "Id",
    "Queue": "QueueUrl",
    "Role": "RoleName",
    "Stream": "Name",
    "Subscription": "Arn",
    "Table": "TableName",
    "Topic": "TopicArn",
}


def retained(aws: Aws, name: str, body: dict[str, Any]) -> dict[str, str]:
    """Make everything, and delete the stack alone; the ids by logical id."""
    with_deletion_policy("Retain", body["Resources"])
    stack = finished(aws, "create", name, body)
    found = aws.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    assert delete(aws, stack["StackId"]) == "DELETE_COMPLETE"
    assert all(read_all(aws, name).values())
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}


def with_deletion_policy(policy: str, resources: dict[str, Any]) -> dict[str, Any]:
    for each in resources.values():
        each["DeletionPolicy"] = policy
    return resources
