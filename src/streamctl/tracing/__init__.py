"""One event's way: sent, arrived, in which batch, processed, stored; or where it ended instead.

way.py        the way as it is told, step by step
sent.py       what this machine knows of it
arrived.py    what the stored item tells
batch.py      the invocation that processed it, from the log
aside.py      what was set aside or given up
trace.py      all of it, in the order in which it happened
"""
