"""AWS's Signature Version 4 for what the functions send: POST requests without a query.

Our own and not botocore's, whose import alone takes as long as a whole cold start may; a test holds the two together.
The algorithm: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .credentials import Keys

ALGORITHM = "AWS4-HMAC-SHA256"


def signed(
    headers: Mapping[str, str], path: str, body: bytes, keys: Keys, service: str, region: str, now: datetime
) -> dict[str, str]:
    """The headers, among them `Host`, and those that sign them, the path and the body. `now` is in UTC."""
    moment = f"{now:%Y%m%dT%H%M%SZ}"
    headers = {**headers, "X-Amz-Date": moment}
    if keys.token:
        headers["X-Amz-Security-Token"] = keys.token
    pairs = sorted((name.lower(), value) for name, value in headers.items())
    names = ";".join([name for name, _ in pairs])
    lines = "".join([f"{name}:{value}\n" for name, value in pairs])
    request = f"POST\n{path}\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
    parts = (moment[:8], region, service, "aws4_request")
    scope = "/".join(parts)
    to_sign = f"{ALGORITHM}\n{moment}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    key = f"AWS4{keys.secret_key}".encode()
    for part in parts:
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    headers["Authorization"] = (
        f"{ALGORITHM} Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return headers
