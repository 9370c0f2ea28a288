"""The prices of one region, from prices.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Prices:
    """Dollars by name, as prices.toml names them. `read_at` is a date, ISO 8601."""

    region: str
    read_at: str
    source: str
    pages: tuple[str, ...]
    dollars: Mapping[str, float]
    unconfirmed: frozenset[str] = frozenset()
    """Names of prices that nobody has looked up."""

    def __getitem__(self, name: str) -> float:
        """Raises UsageError where the file has no such price for this region."""
        if name not in self.dollars:
            raise UsageError(
                f"The price {name} of {self.region} is not known here.",
                "us-east-1 has every price: --region us-east-1 gives an idea.",
            )
        return self.dollars[name]


def prices(region: str) -> Prices:
    """What AWS charges in a region. Raises UsageError, naming those there are, where it is not one of them."""
    data = tomllib.loads(Path(__file__).with_name("prices.toml").read_text(encoding="utf-8"))
    groups: list[dict[str, Any]] = data["group"]
    known = sorted({each for group in groups for each in group["regions"]})
    if region not in known:
        raise UsageError(f"The prices of {region} are not known here.", f"--region takes {', '.join(known)}.")
    here = [(group, set(group) - {"regions", "unconfirmed"}) for group in groups if region in group["regions"]]
    return Prices(
        region,
        data["read_at"].isoformat(),
        data["source"],
        tuple(data["pages"]),
        {name: group[name] for group, names in here for name in names},
        frozenset(name for group, names in here for name in names if group.get("unconfirmed")),
    )
