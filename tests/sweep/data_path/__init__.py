"""The way of an event from `produce` into the table, with one fault at a time on it.

faults.py     every fault: whose request meets it, which one, what happens, how often
trouble.py    what can happen to a request: refused, in part, lost, answered too late, the last one before a kill
wire.py       lets it happen, on botocore's `before-send` event
life.py       what a life begins with, and what it leaves behind
stage.py      what it stands on: a stream, a table and queues of its own
sending.py    the producer      driving.py  the emulator's driver      clients.py  their clients
function.py   Lambda's Invoke, with a processor in this process behind it
lane.py       lives one life after another
truth.py      what stands in stream, table and queues, read with plain boto3 calls
judging.py    the comparison of both with what was sent, and with what `verify` says
naive.py      a processor as the recipe writes it
"""
