"""Whether everything that streamctl needs is there, and how to mend what is not. Only looks, and changes nothing.

finding.py       what one look says
examination.py   all looks, side by side, each with its own time and its own failure
patient.py       the project and the target that are looked at
machine.py       versions, configuration, folder, state files
emulator.py      the emulator of this machine
account.py       credentials, region, clock
quotas.py        what the account allows
permissions.py   what whoever runs this may do, as IAM simulates it
"""
