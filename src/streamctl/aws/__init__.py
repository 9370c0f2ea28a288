"""Everything that knows boto3: sessions, the meaning of a failure, waiting. A name is loaded when first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamctl.aws.session import Aws, is_known_region, partition_of

__all__ = ["Aws", "is_known_region", "partition_of"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from streamctl.aws import session

        return getattr(session, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
