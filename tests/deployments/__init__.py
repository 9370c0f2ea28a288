"""What shows that two deployments are the same: an independent reader, a comparison, and the same events through both.

    from tests.deployments import differences, owners, read, sent_items

    one, other = read(client, "name1"), read(client, "name2")
    assert differences(one, other) == []
    assert sent_items(shell, client, "name1") == sent_items(shell, client, "name2")

`client` makes a boto3 client of a service (`Project.client` of the end-to-end tests does), `shell` is a user's folder
whose environment says where the pipelines are; it need not have deployed them, but its configuration must be theirs.
Both deployments may be on one emulator; their names must be drawn, not words that settings use as well. The reader
imports nothing of streamctl and finds by names alone, so it does not matter what deployed. What it overlooks on purpose
is in `varying`, line by line; tags that say who deployed are compared by nobody and told by `owners`.

Tried on the emulator alone: on AWS, more has to be expected in `varying`.
"""

from __future__ import annotations

from .comparing import differences, owners
from .reading import read
from .sending import sent_items

__all__ = ["differences", "owners", "read", "sent_items"]
