"""Looking at a pipeline without changing it: its resources, its metrics, and what carries its name in the account."""
