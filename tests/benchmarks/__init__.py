"""How fast and how cheap: ratios against named peers, each measured in one run. No test, and never asserts a time.

python -m tests.benchmarks [AREA …] [--json] [--quick]

report.py        a figure, its target, and the table of them
measuring.py     CPU, wall time and memory of a piece of code, or of a process
answering.py     an endpoint that answers at once (answering_server.c), so that the client is what is measured
limiting.py      holds a program to a share of one CPU
delaying.py      the emulator made as slow as AWS (delays.py), every call heard
peers.py         a virtual environment of its own for the peers
one file an area, with `figures(quick)`
"""
