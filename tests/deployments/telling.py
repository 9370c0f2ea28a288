"""All that AWS tells of what tells people: alarms, dashboards, topics and their subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .asking import Account
    from .reading import Told


def alarms(account: Account) -> Iterator[Told]:
    for sort in ("MetricAlarms", "CompositeAlarms"):
        types = [sort.removesuffix("s")]
        for alarm in account.pages("cloudwatch", "describe_alarms", sort, AlarmTypes=types):
            if account.owns(name := alarm["AlarmName"]):
                tags = account.ask("cloudwatch", "list_tags_for_resource", ResourceARN=alarm["AlarmArn"])
                yield name, {"described": alarm, "list_tags_for_resource": tags}


def dashboards(account: Account) -> Iterator[Told]:
    for name in account.names("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"):
        told = account.ask("cloudwatch", "get_dashboard", DashboardName=name)
        tags = account.ask("cloudwatch", "list_tags_for_resource", ResourceARN=told["DashboardArn"])
        yield name, {"get_dashboard": told, "list_tags_for_resource": tags}


def topics(account: Account) -> Iterator[Told]:
    for arn in account.names("sns", "list_topics", "Topics", "TopicArn"):
        tags = account.ask("sns", "list_tags_for_resource", ResourceArn=arn)
        attributes = account.ask("sns", "get_topic_attributes", TopicArn=arn)
        yield arn.rpartition(":")[2], {"get_topic_attributes": attributes, "list_tags_for_resource": tags}


def subscriptions(account: Account) -> Iterator[Told]:
    """By topic, protocol and endpoint: SNS draws a subscription's id, and only for one that was confirmed."""
    for arn in account.names("sns", "list_topics", "Topics", "TopicArn"):
        for found in account.pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn):
            told: dict[str, Any] = {"listed": found}
            if found["SubscriptionArn"].startswith("arn:"):
                calls = "get_subscription_attributes"
                told[calls] = account.ask("sns", calls, SubscriptionArn=found["SubscriptionArn"])
            yield f"{arn.rpartition(':')[2]} to {found['Protocol']} {found['Endpoint']}", told
