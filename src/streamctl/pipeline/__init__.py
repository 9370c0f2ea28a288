"""The blueprint of the pipeline: the recipe, its names, its package, and the builder that features add to."""
