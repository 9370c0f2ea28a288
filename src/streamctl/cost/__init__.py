"""What a pipeline costs: dollars a month and per million events, beside what the published recipe's design would cost.

prices.toml     what AWS charges, by region, read once
prices.py       the prices of one region
demand.py       what is sent: events a second, their size, how long
processing.py   what a batch takes of CPU, waiting, log and metrics: this project's processor, and the recipe's
design.py       what is billed of a blueprint, and the recipe's own design
flow.py         how the events reach the function: records, batches, invocations
estimate.py     the lines of the bill
limits.py       what a design cannot take

Arithmetic only: nothing here asks AWS.
"""
