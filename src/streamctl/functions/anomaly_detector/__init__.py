"""The watch over what is stored: changes of the results table in, findings and notices out.

    handler.py            the entry: one batch of changes to the answer Lambda expects
    settings.py           what the function is told
    arrival.py series.py  what a new item brings, and the series it brings it to
    windows.py            windows in event time, late and early items
    change.py             one change of what is remembered: arrivals in, windows closed and judged
    store.py              where it is remembered, and how every item counts once
    watch.py              one series: its detector, and the anomaly that is open
    findings.py notices.py metrics.py
                          what is found: for the table, for people, for CloudWatch

    detector.py           a value a window in, a score out: four signals, their evidence together
    season.py             what is expected at this hour of this weekday, and how far values usually are from it
    novelty.py            whether the last windows make a shape that was seen before
    distribution.py       whether the last values are spread as they were in the long run
    tail.py               how rare a signal's strength is among all it has had
    memory.py             what a part knows, as plain JSON and back

The detector's constants were chosen on 31 labelled series of the Numenta Anomaly Benchmark, keeping what helped in both
halves, halved in two ways; `python -m tests.benchmarks anomalies` measures what they are worth. The choice is not
delicate: the half or the double of one of them costs a point or two of a hundred, and six at worst.

Only the standard library is imported, how requests get to AWS is in `functions/aws`, and imports inside are relative,
so that the folder works under any name.
"""
