"""`streamctl cost`: what the configured pipeline costs at a rate, and what the published recipe would."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamctl.cli.options import Session, command, refuse_endless

if TYPE_CHECKING:
    from streamctl.config import Project
    from streamctl.cost.comparison import Comparison, Cost
    from streamctl.cost.design import Design

DEFAULT_REGION = "us-east-1"
LEAST_RATE = 0.001
LEAST_RATIO_TOLD = 0.001
NOTES = (
    "Free tiers and volume discounts are not taken off, and nothing is rejected: a record that is set aside costs an "
    "SQS request, an alarm that fires an SNS one.",
    "Data transfer within the region and reading a provisioned stream with GetRecords cost nothing; whoever reads the "
    "table, the logs or GetMetricData pays for that.",
    "The time of a batch is estimated from a measured one; the recipe is taken with its floats mended, so that it "
    "stores every event.",
)
OWNER_CODE = "The time that your own processor takes is not in it: `streamctl invoke` tells how long an event is."


def register(app: typer.Typer) -> None:
    command(app, "cost")(cost)


def cost(
    session: Session,
    rate: Annotated[float, typer.Option(min=LEAST_RATE, max=1e9, help="Events a second while sending.")] = 100,
    event_bytes: Annotated[int, typer.Option(min=1, max=390_000, help="Bytes of an event, 1 to 390000.")] = 350,
    hours: Annotated[float, typer.Option(min=0.01, max=744, help="Hours of sending a month; 730 is always.")] = 730,
    aggregate: Annotated[
        bool | None,
        typer.Option("--aggregate/--no-aggregate", help="Pack events into records of up to 25 KiB, as `produce` can."),
    ] = None,
) -> None:
    """Say what the pipeline costs at a rate, line by line, and what the published recipe would. Needs no AWS."""
    from streamctl.config import current_folder, load
    from streamctl.cost.comparison import compare
    from streamctl.cost.demand import Demand
    from streamctl.cost.prices import prices

    refuse_endless(rate=rate, hours=hours)
    overrides = {"name": session.name, "profile": session.profile, "region": session.region}
    project = load(current_folder(), overrides)
    region = _region(project)
    design = _design(session, project)
    packed = project.config.producer.aggregate if aggregate is None else aggregate
    compared = compare(Demand(rate, event_bytes, hours, packed), design, prices(region or DEFAULT_REGION))
    session.terminal.result(document(compared, design), lambda: _show(session, compared, design))
    if region is None:
        session.terminal.say(f"No region is set: {DEFAULT_REGION} is taken; --region takes another.", "yellow")


def _region(project: "Project") -> str | None:
    from streamctl.workspace import region_ahead

    return region_ahead(project, os.environ)


def _design(session: Session, project: "Project") -> "Design":
    """That of the blueprint. What the code is does not matter, so it is not packed."""
    from streamctl.blueprint import blueprint
    from streamctl.cost.design import configured
    from streamctl.pipeline.names import Names
    from streamctl.plugins import Catalogue

    names = Names(project.config.name or "any")
    return configured(blueprint(project, Catalogue(), names, project.folder, session.go_without))


def document(compared: "Comparison", design: "Design") -> dict[str, Any]:
    """Dollars of a month and of a million events, by line; quantities in the unit beside them."""
    demand, prices = compared.demand, compared.prices
    gb, dollars = compared.storage
    return {
        "region": prices.region,
        "prices": {
            "read_at": prices.read_at,
            "source": prices.source,
            "pages": prices.pages,
            "unconfirmed": compared.unconfirmed,
        },
        "events_per_second": demand.events_per_second,
        "event_bytes": demand.event_bytes,
        "hours_per_month": demand.hours,
        "aggregate": demand.aggregate,
        "events_per_month": demand.events,
        "lines": [_line(compared, what) for what in compared.whats],
        "total": _pair(compared, compared.ours.dollars, compared.recipe.dollars),
        "besides_table_writes": {
            **_pair(compared, compared.ours.besides_table, compared.recipe.besides_table),
            "ratio": compared.ratio,
        },
        "storage": {"gb_added_per_month": gb, "dollars_per_month_of_keeping": dollars},
        "keeps_up_with_events_per_second": compared.ours.flow.events_kept_up_with,
        "recipe_keeps_up_with_events_per_second": compared.recipe.flow.events_kept_up_with,
        "limits": compared.limits,
        "unpriced": design.unpriced,
        "notes": _notes(design),
    }


def _notes(design: "Design") -> tuple[str, ...]:
    return (*NOTES, OWNER_CODE) if design.owner_code else NOTES


def _line(compared: "Comparison", what: str) -> dict[str, Any]:
    quantity, unit = _quantity(compared.ours, what)
    recipe_quantity, recipe_unit = _quantity(compared.recipe, what)
    return {
        "what": what,
        "unit": unit or recipe_unit,
        "quantity": quantity,
        "recipe_quantity": recipe_quantity,
        **_pair(compared, compared.ours.of(what), compared.recipe.of(what)),
    }


def _quantity(cost: "Cost", what: str) -> tuple[float, str]:
    line = cost.lines.get(what)
    return (line.quantity, line.unit) if line else (0, "")


def _pair(compared: "Comparison", ours: float, recipe: float) -> dict[str, float]:
    return {
        "dollars_per_month": ours,
        "dollars_per_million_events": compared.per_million(ours),
        "recipe_dollars_per_month": recipe,
        "recipe_dollars_per_million_events": compared.per_million(recipe),
    }


def _show(session: Session, compared: "Comparison", design: "Design") -> None:
    terminal, demand = session.terminal, compared.demand
    packed = ", packed into records of up to 25 KiB" if demand.aggregate else ""
    terminal.show(
        f"{demand.events_per_second:,.6g} event{'' if demand.events_per_second == 1 else 's'} a second of "
        f"{demand.event_bytes:,} bytes{packed}, {demand.hours:,.6g} hours a month: {amount(demand.events)} events, "
        f"in {compared.prices.region}."
    )
    terminal.show("")
    headings = ["", "quantity", "a month", "per million", "recipe: a month", "recipe: per million"]
    terminal.table(headings, _rows(compared), right=headings[1:])
    terminal.show("")
    for sentence in _sentences(compared):
        terminal.show(sentence)
    for limit in compared.limits:
        terminal.say(limit, "yellow")
    if design.unpriced:
        terminal.say(f"Not in it, since their prices are not known here: {', '.join(design.unpriced)}.", "yellow")
    if compared.unconfirmed:
        named = ", ".join(compared.unconfirmed)
        terminal.say(f"Prices of {compared.prices.region} in it that nobody has looked up: {named}.", "yellow")
    for note in (*_notes(design), _source(compared)):
        terminal.say(note, "dim")


def _rows(compared: "Comparison") -> list[list[str]]:
    rows = []
    for what in compared.whats:
        quantity, unit = _quantity(compared.ours, what)
        shown = f"{amount(quantity)} {unit}" if quantity else "-"
        rows.append([what, shown, *_money(compared, compared.ours.of(what), compared.recipe.of(what))])
    besides = _money(compared, compared.ours.besides_table, compared.recipe.besides_table)
    total = _money(compared, compared.ours.dollars, compared.recipe.dollars)
    return [*rows, ["besides the table's writes", "", *besides], ["total", "", *total]]


def _money(compared: "Comparison", ours: float, recipe: float) -> list[str]:
    return [dollars(value) if value else "-" for each in (ours, recipe) for value in (each, compared.per_million(each))]


def _sentences(compared: "Comparison") -> list[str]:
    from streamctl.cost.comparison import TARGET

    gb, keeping = compared.storage
    dearest = max(compared.ours.lines.values(), key=lambda line: line.dollars if line.what != "table writes" else 0)
    held = "at most a tenth" if compared.ratio <= TARGET else "more than a tenth"
    keeps_up = compared.recipe.flow.events_kept_up_with
    behind = (
        f" The recipe's function keeps up with {keeps_up:,.0f} events a second only; its bill is that of one that does."
        if keeps_up < compared.demand.events_per_second
        else ""
    )
    expire = compared.ours.flow.design.items_expire
    ending = "they expire by themselves" if expire else "nothing expires by itself"
    return [
        f"Besides the table's writes it costs {_percent(compared.ratio)} of the recipe, {held}; the most of it is "
        f"{dearest.what}.{behind}",
        f"A month's items are {amount(gb)} GB, and each month of keeping them costs {dollars(keeping)}: {ending}.",
    ]


def _source(compared: "Comparison") -> str:
    prices = compared.prices
    return (
        f"Prices: {prices.source}, read on {prices.read_at} and not fetched anew. AWS's invoice is the truth; "
        f"its pages: {', '.join(prices.pages)}."
    )


def dollars(value: float) -> str:
    """`$1,234`, `$12.34`, and of less than a dollar three digits: a small price must not show as none."""
    if value >= 1000:
        return f"${value:,.0f}"
    if value >= 1 or not value:
        return f"${value:,.2f}"
    places = 2
    while places < 12 and value < 10 ** (2 - places):
        places += 1
    return f"${value:.{places}f}"


def amount(value: float) -> str:
    """A quantity in three digits or, when it is large, more: `0.0123`, `12.3`, `17,520`, `2,628 million`."""
    if value >= 1e6:
        return f"{amount(value / 1e6)} million"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _percent(ratio: float) -> str:
    return f"{ratio:.1%}" if ratio >= LEAST_RATIO_TOLD else f"less than {LEAST_RATIO_TOLD:.1%}"
