"""The stream processor: a batch of Kinesis records in, items in the table out, nothing lost on the way.

    handler.py            the entry: one batch from records to the answer Lambda expects
    record.py decode.py   what Kinesis delivered, and the JSON object in it
    aggregates.py         several records in one, as Amazon's producer library writes them
    fields.py item.py     the object's fields, and the stored item made of them
    own.py                what the pipeline's owner adds: metrics, a schema, event types
    schema.py schema_rules.py
                          whether an event is as its schema says
    redaction.py          what is kept of it, and what is not
    stamps.py             what features add to it
    event_time.py         the event's own time
    table.py rejected.py  the two ways out: the table, and the queue of what can never be stored
    marks.py              a mark in the table for what was set aside, where somebody counts it there
    outcomes.py           how a record can end
    metrics.py

How requests get to AWS is in `functions/aws`. Imports inside are relative, so that the folder works under any name.
"""
