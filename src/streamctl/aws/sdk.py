"""The SDK's exceptions by name, its module imported when one is first looked for.

Every resource knows what a failure means, and most commands' blueprint is read without a call that could fail.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from botocore import exceptions

    return getattr(exceptions, name)
