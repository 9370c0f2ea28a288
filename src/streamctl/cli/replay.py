"""`streamctl replay`: what was set aside or given up, listed, shown, repaired and sent again."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamctl.cli.options import Session, command
from streamctl.cli.terminal import counted
from streamctl.errors import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from streamctl.replay.pieces import Piece
    from streamctl.replay.repair import Repair
    from streamctl.replay.replay import Listed, Replay, Replayed, Shown
    from streamctl.workspace import Workspace

REASONS_NAMED = 10
LATER = "What is not settled stays set aside: run `streamctl replay` again."
HELP = """List what was set aside or given up; show it, repair it, send it again.

--with FILE names a Python file with a function of yours:

def repair(payload: bytes) -> bytes | str | dict | None

It gets each record's payload and answers what to send instead: bytes or text as they are, a dictionary as JSON; the
payload itself where nothing needs mending; None to give the record up on purpose. What it raises is reported with its
line, and the record stays set aside. A repaired event keeps its eventId, or its place in the stream as its id.

The exit code is 5 where something was sent and does not end up stored, or has expired.
"""


def register(app: typer.Typer) -> None:
    command(app, "replay", help=HELP)(replay)


def replay(
    session: Session,
    list_: Annotated[bool, typer.Option("--list", help="List what failed; this is what is done anyway.")] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print the bad records in full; with --with, also what would be sent.")
    ] = False,
    send: Annotated[
        bool, typer.Option("--send", help="Send them again, wait until they are stored, then forget them.")
    ] = False,
    repair: Annotated[Path | None, typer.Option("--with", help="Repair them with this file's `repair` first.")] = None,
    deadline: Annotated[float | None, typer.Option(min=0, help="Seconds to wait for what was sent.")] = None,
) -> None:
    _refuse_contradictions(list_, show, send, repair, deadline)
    function = _load(repair)
    workspace = session.open()
    work = prepare(workspace)
    if show:
        _show(session, work, function)
    elif send or function:
        wait_seconds = workspace.config.verify.deadline_seconds if deadline is None else deadline
        _send(session, work, function, wait_seconds)
    else:
        _list(session, work)


def _refuse_contradictions(list_: bool, show: bool, send: bool, repair: Path | None, deadline: float | None) -> None:
    from streamctl.errors import UsageError

    if list_ + show + send > 1 or (list_ and repair):
        raise UsageError("--list, --show and --send are three different things.", "Choose one of them.")
    if deadline is not None and not send and (show or not repair):
        raise UsageError("--deadline is for waiting, and nothing is sent.", "Add --send, or leave it out.")


def _load(path: Path | None) -> "Repair | None":
    from streamctl.replay.repair import Repair

    return Repair(path) if path else None


def prepare(workspace: "Workspace") -> "Replay":
    """The replay of all that failed in the pipeline. Raises UsageError where there is no pipeline."""
    from streamctl.errors import UsageError
    from streamctl.replay.bucket_shelf import BucketShelf
    from streamctl.replay.replay import Replay
    from streamctl.replay.shelves import QueueShelf

    names = workspace.names
    urls = [workspace.queue_url(name) for name in (names.rejected_queue, names.failures_queue)]
    bucket = workspace.failures_bucket()
    if not any(urls) and not bucket:
        raise UsageError(
            f"There is no pipeline {workspace.name} in account {workspace.target.account}, {workspace.target.region}.",
            "Make one with `streamctl up`; `streamctl ls` lists those that are there.",
        )
    return Replay(
        aws=workspace.aws,
        pipeline=workspace.name,
        stream=names.stream,
        table=names.table,
        folder=workspace.folder,
        shelves=[
            *(QueueShelf(workspace.aws.client("sqs"), url) for url in urls if url),
            *([BucketShelf(workspace.aws.client("s3"), bucket)] if bucket else []),
        ],
    )


def _list(session: Session, work: "Replay") -> None:
    with session.terminal.waiting("Looking at what was set aside or given up"):
        found = work.listed()
    not_taken = sum(shelf.not_taken for shelf in work.shelves)
    document = {
        "messages": [_listed_document(each) for each in found],
        "records": sum(each.kept.count for each in found),
        "expired": sum(each.kept.count for each in found if each.is_expired),
        "not_taken": not_taken,
    }
    session.terminal.result(document, lambda: _show_list(session, found))
    _say_not_taken(session, not_taken)
    if found:
        session.terminal.next("streamctl replay --show", "streamctl replay --send", "streamctl replay --with repair.py")


def _listed_document(each: "Listed") -> dict[str, Any]:
    from streamctl.replay.kept import Rejected

    kept = each.kept
    document = {
        "where": kept.shelf,
        "reason": kept.reason,
        "place": kept.place,
        "records": kept.count,
        "arrived_at": kept.arrived_at,
        "kept_until": each.kept_until,
        "expired": each.is_expired,
    }
    if isinstance(kept.content, Rejected):
        document |= {"detail": kept.content.detail, "event_id": kept.content.event_id, "size": kept.content.size}
    return document


def _show_list(session: Session, found: "list[Listed]") -> None:
    from streamctl.replay.kept import Rejected

    if not found:
        session.terminal.show("Nothing is set aside or given up.")
        return
    rows = []
    for each in found:
        content = each.kept.content
        event = content.event_id if isinstance(content, Rejected) else None
        until = _minute(each.kept_until) if each.kept_until else "in the message"
        rows.append(
            [
                each.kept.shelf,
                each.kept.reason,
                str(each.kept.count),
                f"{event} at {each.kept.place}" if event else each.kept.place,
                _minute(each.kept.arrived_at),
                f"expired {until}" if each.is_expired else until,
            ]
        )
    session.terminal.table(["where", "reason", "records", "what", "arrived", "kept until"], rows, right=["records"])
    records = sum(each.kept.count for each in found)
    expired = sum(each.kept.count for each in found if each.is_expired)
    gone = f", {expired:,} of them expired" if expired else ""
    session.terminal.show(f"\n{counted(records, 'record')} in {counted(len(found), 'message')}{gone}.")


def _show(session: Session, work: "Replay", repair: "Repair | None") -> None:
    with session.terminal.waiting("Reading again what was set aside or given up"):
        found, pieces = work.shown(repair)
    document = {
        "bad": [_shown_document(each, with_repair=repair is not None) for each in found],
        **_counts(pieces),
        "pieces": [_piece_document(piece) for piece in pieces if piece.fate == "expired"],
    }
    session.terminal.result(document, lambda: _show_records(session, found, pieces, repair))
    _say_not_taken(session, sum(shelf.not_taken for shelf in work.shelves))


def _shown_document(each: "Shown", *, with_repair: bool) -> dict[str, Any]:
    record = each.record
    document = {
        "place": record.place,
        "where": [kept.shelf for kept in each.piece.kept],
        "reason": each.piece.kept[0].reason,
        "event_id": each.piece.event_id,
        "partition_key": record.partition_key,
        "arrived_at_ms": record.arrived_at_ms,
        "size": len(record.payload),
        **_payload_document("payload", record.payload),
    }
    if with_repair:
        document |= {"repair": each.piece.detail or str(each.piece.fate)}
        document |= _payload_document("repaired", each.event.payload) if each.event else {}
    return document


def _payload_document(name: str, payload: bytes) -> dict[str, str]:
    try:
        return {name: payload.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(payload).decode()}


def _show_records(session: Session, found: "list[Shown]", pieces: "list[Piece]", repair: "Repair | None") -> None:
    from streamctl.replay.kept import Rejected

    terminal = session.terminal
    for each in found:
        kept, record = each.piece.kept[0], each.record
        why = f"{kept.reason}: {kept.content.detail}" if isinstance(kept.content, Rejected) else kept.reason
        terminal.show(f"{record.place}, {why}")
        terminal.show(f"  partition key {_visible(record.partition_key)}, {counted(len(record.payload), 'byte')}")
        terminal.show(f"  {_text(record.payload)}")
        if repair and each.event:
            same = each.event.payload == record.payload
            terminal.show("  would be sent as it is" if same else f"  would be sent as: {_text(each.event.payload)}")
        elif repair:
            terminal.show(f"  {each.piece.fate}: {each.piece.detail}" if each.piece.detail else f"  {each.piece.fate}")
    _show_expired(session, pieces)
    if not pieces:
        terminal.show("Nothing is set aside or given up.")
    else:
        stored = sum(piece.records for piece in pieces if piece.fate == "stored before")
        terminal.show(f"{counted(len(found), 'bad record')}; {stored:,} of the others stored already.")


def _text(payload: bytes) -> str:
    """A payload for the eye: control characters escaped, so that data cannot move the cursor; no UTF-8 as base64."""
    try:
        return _visible(payload.decode())
    except UnicodeDecodeError:
        return "base64: " + base64.b64encode(payload).decode()


def _visible(text: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _send(session: Session, work: "Replay", repair: "Repair | None", timeout_seconds: float) -> None:
    from dataclasses import replace

    session.terminal.after_interruption = LATER
    session.terminal.say("Sending again what was set aside or given up, and waiting for it …")
    with session.terminal.progress() as bar:
        task = bar.add_task("Sending again", total=None, note="")

        def observe(in_flight: int) -> None:
            bar.update(task, description="Waiting for", note=f"{in_flight} on the way")

        done = replace(work, observe=observe).send(repair, timeout_seconds)
    session.terminal.result(_sent_document(done), lambda: _show_sent(session, done))
    _say_not_taken(session, done.not_taken)
    _end(session, done)


def _sent_document(done: "Replayed") -> dict[str, Any]:
    return {
        "run": done.run_id,
        "messages": done.messages,
        "removed": done.removed,
        "not_taken": done.not_taken,
        "foreign": done.foreign,
        "interrupted": done.interrupted,
        **_counts(done.pieces),
        "settled": done.is_settled,
        "pieces": [_piece_document(piece) for piece in done.pieces],
    }


def _counts(pieces: "Iterable[Piece]") -> dict[str, int]:
    from streamctl.replay.pieces import Fate

    counts = dict.fromkeys((fate.replace(" ", "_") for fate in Fate if fate is not Fate.OPEN), 0)
    for piece in pieces:
        if piece.fate is not Fate.OPEN:
            counts[piece.fate.replace(" ", "_")] += piece.records
    return counts


def _piece_document(piece: "Piece") -> dict[str, Any]:
    return {
        "place": piece.place,
        "event_id": piece.event_id or None,
        "fate": str(piece.fate),
        "detail": piece.detail,
        "records": piece.records,
    }


def _show_sent(session: Session, done: "Replayed") -> None:
    terminal = session.terminal
    if not done.messages:
        terminal.show("Nothing is set aside or given up.")
        return
    counts = done.counts
    terminal.table(["records", "count"], [[fate, f"{count:,}"] for fate, count in counts.items()], right=["count"])
    problems = [piece for piece in done.pieces if piece.detail]
    for piece in problems[:REASONS_NAMED]:
        terminal.show(f"{piece.event_id or piece.place}: {piece.fate}: {piece.detail}")
    if len(problems) > REASONS_NAMED:
        terminal.show(f"… and {len(problems) - REASONS_NAMED:,} more; --json names all of them.")
    _show_expired(session, done.pieces)
    terminal.show(f"{done.removed:,} of {counted(done.messages, 'message')} settled and removed.")


def _show_expired(session: Session, pieces: "Iterable[Piece]") -> None:
    for piece in pieces:
        if piece.fate == "expired":
            session.terminal.show(f"Expired: {counted(piece.records, 'record')}, {piece.place}")


def _say_not_taken(session: Session, count: int) -> None:
    if count:
        session.terminal.say(
            f"{counted(count, 'more message')} could not be looked at now: another reader has them in hand, for "
            "half a minute at most after it was killed.",
            "yellow",
        )


def _end(session: Session, done: "Replayed") -> None:
    """Raises CheckError while something stays set aside; ends the program where it was cut short."""
    from streamctl.errors import CheckError

    if done.interrupted:
        raise typer.Exit(INTERRUPTED)
    if done.is_settled:
        if done.messages:
            session.terminal.next("streamctl verify")
        return
    from streamctl.replay.pieces import SETTLED

    left = [f"{count:,} {fate}" for fate, count in done.counts.items() if fate not in SETTLED]
    raise CheckError(
        f"Not everything is settled: {', '.join(left) or 'some messages could not be looked at'}.",
        "They stay set aside. `streamctl replay --show` prints them, --with repairs them.",
    )


def _minute(moment: "datetime | None") -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "unknown"
