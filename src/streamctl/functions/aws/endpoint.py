"""Where a service of AWS answers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMERCIAL = "amazonaws.com"
# By the start of the region's name; a test holds them against botocore's list of partitions, which is slow to load.
OTHER_PARTITIONS = {
    "cn-": "amazonaws.com.cn",
    "eu-isoe-": "cloud.adc-e.uk",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
}


def endpoint(service: str, region: str, environment: Mapping[str, str] = os.environ) -> str:
    """The service's URL: as configured in the environment, as the SDKs understand it, or AWS's own.

    Left out are the SDK's variants for FIPS, dual stack and single accounts.
    """
    configured = environment.get(f"AWS_ENDPOINT_URL_{service.upper()}") or environment.get("AWS_ENDPOINT_URL")
    if configured and environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        return configured
    suffix = next((suffix for start, suffix in OTHER_PARTITIONS.items() if region.startswith(start)), COMMERCIAL)
    return f"https://{service}.{region}.{suffix}"
