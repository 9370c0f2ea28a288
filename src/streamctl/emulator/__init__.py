"""The AWS of `--local`: MiniStack in a child process behind a gate, and Lambda's event source mappings of streams.

process.py       what a command uses: start, running, stop; standard library only
server.py        the child process: environment, socket, snapshots, shutdown
service.py       what the child serves, and does beside it
repeating.py     again and again, whatever goes wrong
gate.py          which requests may reach the emulator at all
capture.py       copies of what the services hold, while they are served
encoding.py      the state as JSON, whatever users stored
snapshot.py      the whole state in one file, written atomically
mends/           what is replaced inside MiniStack, each piece with its reason
stacks/          what CloudFormation does with the resource types of a pipeline
driver/          reads the streams and invokes the functions, as Lambda documents it
"""

from __future__ import annotations

DIFFERENCES: tuple[str, ...] = (
    "Everything runs on this machine as one process: nothing is charged, nothing leaves it.",
    "Functions run with this Python whatever runtime is asked for; memory size and CPU share are not enforced.",
    "Resources are ready at once: streams, tables, roles and mappings never show as being created.",
    "Nothing is throttled: shard, table and account limits are not enforced, so no throttling metric ever rises.",
    "Permissions are recorded, not enforced.",
    "LATEST starts at the moment the mapping is made; on AWS polling can take minutes to start.",
    "Mappings of streams and of tables follow Lambda's documentation: batch window, retries, bisecting, record age, "
    "partial batch response, filter, parallel batches, SQS, SNS and S3 destinations; but no tumbling windows.",
    "The stream of a table has one shard that never ends while it is on; on AWS a shard lasts about four hours.",
    "Metrics can be read at once and without rounding; metric math, SEARCH and anomaly bands do not exist.",
    "Alarms are evaluated every few seconds over whole periods; on AWS it takes minutes.",
    "Dashboards are kept, and drawn by nobody.",
    "No mail is sent, and a mail address counts as confirmed at once.",
    "A traced function gets a trace id for every invocation, always sampled; X-Ray itself is not there, so nothing of "
    "a trace is recorded anywhere.",
    "Expired items are deleted within a minute of their time; on AWS it takes up to days. The settings of it change at "
    "once and as often as one likes; on AWS once an hour.",
    "Log retention is recorded, but nothing is deleted when it ends.",
    "Any user of this machine can reach the emulator's port, and run functions as the user who started it.",
    "CloudFormation makes one resource after another, needs no permissions, and refuses a setting of a pipeline's "
    "types that it would not carry out. It imports neither tags nor the policies of queues and topics.",
    "State is saved when the emulator stops and every few seconds, less often the larger it is; "
    "a kill loses what came after the last save.",
)
"""What is emulated and where that differs from AWS, one sentence each."""
