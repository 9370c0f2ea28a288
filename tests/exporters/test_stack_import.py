from __future__ import annotations

import pytest

from streamctl.engine.graph import Graph
from streamctl.errors import PluginError
from streamctl.exporters.stack_import import import_template, listed, to_import
from streamctl.pipeline.design import Design
from streamctl.resources import KinesisStream, SnsSubscription, SnsTopic

from .test_cloudformation import DeclaredGadget

KNOWN = {"pipeline": {"name": "shop"}, "topic": {"arn": "arn:aws:sns:eu-west-1:123456789012:news"}}
STREAM = KinesisStream(id="stream", name="events-${pipeline.name}", tags={"streamctl:export": "${pipeline.name}"})
TOPIC = SnsTopic(id="topic", name="news", policy={"Version": "2012-10-17", "Statement": []})
MAIL = SnsSubscription(id="mail", name="mail", topic_arn="${topic.arn}", protocol="email", endpoint="ops@example.com")

LISTED = """\
[
  {
    "ResourceType": "AWS::Kinesis::Stream",
    "LogicalResourceId": "Stream",
    "ResourceIdentifier": {
      "Name": "events-shop"
    }
  }
]
"""


def of(*resources: KinesisStream | SnsTopic | SnsSubscription | DeclaredGadget) -> Design:
    return Design(Graph(resources), {}, "shop")


def test_what_is_there_is_found_by_its_own_name() -> None:
    assert listed(to_import(of(STREAM), KNOWN)) == LISTED


def test_an_imported_resource_has_the_tags_it_has_now_and_outlives_a_stack_that_fails() -> None:
    design = of(STREAM)

    declared = import_template(design, to_import(design, KNOWN))

    stream = declared["Resources"]["Stream"]
    assert stream["Properties"]["Tags"] == [{"Key": "streamctl:pipeline", "Value": {"Ref": "PipelineName"}}]
    assert stream["DeletionPolicy"] == "Retain"
    assert (set(stream), "Outputs" in declared) == ({"Type", "DeletionPolicy", "Properties"}, False)


def test_what_has_no_identity_or_none_now_is_left_for_the_update() -> None:
    """The policy of a topic, and a subscription that nobody confirmed."""
    design = of(TOPIC, MAIL)

    found = to_import(design, KNOWN)

    assert set(found) == {"Topic"}
    assert set(import_template(design, found)["Resources"]) == {"Topic"}
    assert set(to_import(design, {**KNOWN, "mail": {"arn": "arn:aws:sns:…:news:1"}})) == {"Topic", "Mail"}


def test_a_kind_that_does_not_say_by_what_it_is_found_is_refused_by_name() -> None:
    with pytest.raises(PluginError, match="cannot take over g: the resource kind acme_gadget does not say by what"):
        to_import(of(DeclaredGadget(id="g", name="g")), KNOWN)
