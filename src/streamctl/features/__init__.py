"""Built-in features: plugins like anybody's, registered in pyproject.toml."""
