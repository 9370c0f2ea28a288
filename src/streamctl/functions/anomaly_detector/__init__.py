"""The anomaly detector: a value a window in, a score out, looking at nothing but the past of its own series.

    detector.py       the entry: four signals, their evidence together, one score
    season.py         what is expected at this hour of this weekday, and how far values usually are from it
    novelty.py        whether the last windows make a shape that was seen before
    distribution.py   whether the last values are spread as they were in the long run
    tail.py           how rare a signal's strength is among all it has had
    memory.py         what a part knows, as plain JSON and back

The constants were chosen on 31 labelled series of the Numenta Anomaly Benchmark, keeping what helped in both halves,
halved in two ways; `python -m tests.benchmarks anomalies` measures what they are worth. The choice is not delicate: the
half or the double of one of them costs a point or two of a hundred, and six at worst.

Only the standard library is imported, and imports inside are relative, so that the folder works under any name.
"""
