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
    attribute_values.py   plain values as DynamoDB takes them, and its limits
    table.py rejected.py  the two ways out: the table, and the queue of what can never be stored
    retrying.py           sending again inside the time that is left
    service.py            requests to AWS, without the SDK; errors.py is what can come of them
    endpoint.py credentials.py signing.py connections.py
                          where to, in whose name, signed, and sent
    outcomes.py           how a record can end
    metrics.py

Only the standard library is imported, so a cold start is short and any version of Lambda's SDK will do: botocore is
loaded where the keys are not in the environment. Imports inside are relative, so that the folder works
under any name.
"""
