"""Events out: where they come from, how fast they go, and that each is accepted or kept."""
