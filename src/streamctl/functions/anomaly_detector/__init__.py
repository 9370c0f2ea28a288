"""The anomaly detector: a value a window in, a score out, looking at nothing but the past of its own series.

    detector.py       the entry: four signals, their evidence together, one score
    season.py         what is expected at this hour of this weekday, and how far values usually are from it
    novelty.py        whether the last windows make a shape that was seen before
    distribution.py   whether the last values are spread as they were in the long run
    tail.py           how rare a signal's strength is among all it has had
    memory.py         what a part knows, as plain JSON and back

Only the standard library is imported, and imports inside are relative, so that the folder works under any name.
"""
