"""The keys that requests are signed with: those of the function's role."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import CallError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Keys(NamedTuple):
    access_key: str
    secret_key: str
    token: str | None


class Credentials:
    """Those in the environment, where Lambda puts them, looked up for every request.

    Where there are none, as with SnapStart, botocore finds them (AWS_CONTAINER_CREDENTIALS_FULL_URI) and gets new ones
    before they expire. It is imported only then, since its import costs more than the rest of a cold start.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment

    def keys(self) -> Keys:
        """What is valid now. Raises CallError."""
        access_key = self._environment.get("AWS_ACCESS_KEY_ID")
        secret_key = self._environment.get("AWS_SECRET_ACCESS_KEY")
        if access_key and secret_key:
            return Keys(access_key, secret_key, self._environment.get("AWS_SESSION_TOKEN"))
        return self._found_by_botocore()

    def _found_by_botocore(self) -> Keys:
        from botocore.exceptions import BotoCoreError

        try:
            found = self._refreshed.get_frozen_credentials() if self._refreshed else None
        except BotoCoreError as error:
            raise CallError(type(error).__name__, is_passing=True) from error
        if found is None:
            raise CallError("no credentials")
        return Keys(found.access_key, found.secret_key, found.token)

    @cached_property
    def _refreshed(self) -> Any:
        from botocore.session import get_session

        return get_session().get_credentials()
