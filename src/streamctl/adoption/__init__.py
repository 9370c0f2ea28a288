"""Taking over a pipeline that something else made: an export, or the published recipe's own commands.

subject.py       which pipeline is meant, by its name, or the name, the ARN or the URL of anything in it
stacks.py        which CloudFormation stacks still manage what they made
report.py        what is there, whose it is, and what `up` would do with it
refusals.py      what is not taken over

Nothing here writes: the owner's tag is put on by `streamctl.engine.apply.Applier.adopt`.
"""
