"""Words that code for the published packages imports."""
