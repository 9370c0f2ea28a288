"""All that AWS tells of what runs: roles, functions, their log groups, and the mappings that invoke them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .asking import Account
    from .reading import Told


def roles(account: Account) -> Iterator[Told]:
    for name in account.names("iam", "list_roles", "Roles", "RoleName"):
        calls = ("get_role", "list_role_policies", "list_attached_role_policies", "list_role_tags")
        told = account.answers("iam", *calls, RoleName=name)
        told["inline_policies"] = {
            policy: account.ask("iam", "get_role_policy", RoleName=name, PolicyName=policy)
            for policy in told["list_role_policies"]["PolicyNames"]
        }
        yield name, told


def functions(account: Account) -> Iterator[Told]:
    calls = (
        "get_function",
        "get_function_code_signing_config",
        "get_function_concurrency",
        "get_function_event_invoke_config",
        "get_function_recursion_config",
        "get_policy",
        "list_aliases",
        "list_function_url_configs",
    )
    for name in account.names("lambda", "list_functions", "Functions", "FunctionName"):
        yield name, account.answers("lambda", *calls, FunctionName=name)


def log_groups(account: Account) -> Iterator[Told]:
    calls = ("describe_metric_filters", "describe_subscription_filters")
    for group in account.pages("logs", "describe_log_groups", "logGroups"):
        if account.owns(name := group["logGroupName"]):
            tags = account.ask("logs", "list_tags_for_resource", resourceArn=group["arn"].removesuffix(":*"))
            filters = account.answers("logs", *calls, logGroupName=name)
            yield name, {"described": group, "list_tags_for_resource": tags, **filters}


def mappings(account: Account) -> Iterator[Told]:
    """By source and function, of which Lambda allows one: it draws a mapping's id."""
    for found in account.pages("lambda", "list_event_source_mappings", "EventSourceMappings"):
        function = found["FunctionArn"].split(":", 6)[6]
        if account.owns(function.partition(":")[0]):  # a version or an alias may follow
            source = found["EventSourceArn"].split(":", 5)[5]
            told = account.ask("lambda", "get_event_source_mapping", UUID=found["UUID"])
            tags = account.ask("lambda", "list_tags", Resource=found["EventSourceMappingArn"])
            yield f"{source} to {function}", {"get_event_source_mapping": told, "list_tags": tags}
