from __future__ import annotations

from streamctl.emulator.driver.checkpoints import SHARD_END, Checkpoints


def test_a_position_is_kept_by_mapping_and_shard() -> None:
    checkpoints = Checkpoints()
    checkpoints.put("m", "a", "1")
    checkpoints.put("m", "b", SHARD_END)
    assert (checkpoints.get("m", "a"), checkpoints.get("m", "b"), checkpoints.get("n", "a")) == ("1", SHARD_END, None)


def test_a_copy_starts_another_one() -> None:
    first = Checkpoints()
    first.put("m", "a", "1")
    second = Checkpoints(first.copy())
    first.put("m", "a", "2")
    assert second.get("m", "a") == "1"


def test_a_mapping_that_is_gone_is_forgotten() -> None:
    checkpoints = Checkpoints({"m": {"a": "1"}})
    checkpoints.forget("m")
    checkpoints.forget("never there")
    assert checkpoints.mappings() == []


def test_another_stream_of_the_same_name_starts_anew() -> None:
    checkpoints = Checkpoints()
    checkpoints.belong_to("m", "made on Monday")
    checkpoints.put("m", "a", SHARD_END)
    checkpoints.belong_to("m", "made on Monday")
    assert checkpoints.get("m", "a") == SHARD_END
    checkpoints.belong_to("m", "made on Tuesday")
    assert checkpoints.get("m", "a") is None
