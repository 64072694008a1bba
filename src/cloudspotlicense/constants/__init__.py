"""Words that code for the published package imports."""
