"""What something else made is taken over: everything works on it as on a pipeline of our own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from ..foreign import MAIL
from ..recipe_by_hand import make_by_hand
from .conftest import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Project

MADE = {"table", "role", "stream", "function", "mapping", "errors_alarm", "throttling_alarm"}
EVERY_KIND = f"""\
event_source.on_failure = "s3"
features.alarms.email = ["{MAIL}"]
features.alarms.encrypt_topic = true
features.dashboard.enabled = true
features.anomaly_detection.enabled = true
features.retention.days = 7
"""
KEYS = ["streamctl:pipeline"]
UNTAGGING = {
    "cloudwatch_alarm": ("cloudwatch", "untag_resource", "ResourceARN"),
    "cloudwatch_dashboard": ("cloudwatch", "untag_resource", "ResourceARN"),
    "dynamodb_table": ("dynamodb", "untag_resource", "ResourceArn"),
    "event_source_mapping": ("lambda", "untag_resource", "Resource"),
    "iam_role": ("iam", "untag_role", "RoleName"),
    "kinesis_stream": ("kinesis", "remove_tags_from_stream", "StreamName"),
    "kms_key": ("kms", "untag_resource", "KeyId"),
    "lambda_function": ("lambda", "untag_resource", "Resource"),
    "log_group": ("logs", "untag_resource", "resourceArn"),
    "s3_bucket": ("s3", "delete_bucket_tagging", "Bucket"),
    "sns_topic": ("sns", "untag_resource", "ResourceArn"),
    "sqs_queue": ("sqs", "untag_queue", "QueueUrl"),
}
"""How a tag is taken off: the service, the operation, and what it calls the resource."""


def test_the_recipe_made_by_hand_is_taken_over_mended_used_and_taken_down(project: Project) -> None:
    make_by_hand(project.client, project.names.suffix)
    refused = project.shell.run("up", check=False)

    imported = project.shell.run("import", project.names.table, "--yes", "--json").document
    again = project.shell.run("import", project.names.suffix, "--json").document
    changes = project.shell.run("up", "--json").document["changes"]
    project.shell.run("produce", "--batches", "1")
    account = project.shell.run("verify", "--json").document
    project.shell.run("down", "--yes")

    assert (refused.code, "streamctl import" in refused.err) == (3, True)
    assert set(imported["taken_over"]) == MADE
    assert again["taken_over"] == []
    assert {each["id"] for each in changes if each["result"] == "updated"} <= MADE
    assert (account["stored"], account["lost"]) == (10, 0)
    assert project.everything_named_so() == []


def test_what_was_made_as_configured_is_taken_over_and_left_as_it_is_by_up(project: Project) -> None:
    project.configure(AT_ONCE + EVERY_KIND)
    project.shell.run("up")
    resources = project.shell.run("status", "--json").document["resources"]
    for each in resources:
        disown(project.client, each)
    shutil.rmtree(project.shell.folder / ".streamctl")

    looked = project.shell.run("import", project.names.suffix, "--dry-run", "--json").document
    unanswered = project.shell.run("import", project.names.suffix, check=False)
    untouched = project.shell.run("import", project.names.suffix, "--dry-run", "--json").document
    imported = project.shell.run("import", project.names.suffix, "--yes", "--json").document
    changes = project.shell.run("up", "--json").document["changes"]

    assert (unanswered.code, looked == untouched) == (2, True)
    assert {(each["action"], each["whose"]) for each in looked["resources"]} == {("keep", "nobody")}
    assert (looked["taken_over"], looked["not_configured"]) == ([], [])
    assert set(imported["taken_over"]) == {each["id"] for each in resources}
    assert changes == []


def disown(client: Callable[[str], Any], resource: dict[str, Any]) -> None:
    """Take the owner's tag off a resource, as `status` tells it; a subscription has none."""
    kind, name, arn = resource["kind"], resource["name"], resource["arn"]
    if kind == "sns_subscription":
        return
    service, operation, key = UNTAGGING[kind]
    url = client("sqs").get_queue_url(QueueName=name)["QueueUrl"] if kind == "sqs_queue" else ""
    which = {"StreamName": name, "RoleName": name, "Bucket": name, "QueueUrl": url}.get(key, arn)
    keys = {"log_group": {"tagKeys": KEYS}, "s3_bucket": {}}.get(kind, {"TagKeys": KEYS})
    getattr(client(service), operation)(**{key: which}, **keys)
