"""A configuration whose pipeline has a resource of every kind there is, and every feature."""

from __future__ import annotations

from pathlib import Path

ALL_FEATURES = Path(__file__).parents[1] / "examples" / "07-all-features" / "streamctl.toml"
BESIDES = """
[features.alarms]
email = ["ops@example.com"]
encrypt_topic = true
"""
"""What makes the kinds that the example has none of: a bucket, beside it, by `on_failure`."""


def write_every_kind(folder: Path) -> None:
    """As the folder's `streamctl.toml`."""
    bucket = ALL_FEATURES.read_text(encoding="utf-8").replace("[event_source]", '[event_source]\non_failure = "s3"')
    (folder / "streamctl.toml").write_text(bucket + BESIDES, encoding="utf-8")
