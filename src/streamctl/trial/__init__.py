"""The processor's package tried on this machine, without AWS: what becomes of an event, and whether it loads at all."""
