"""Where a mirror is kept: an SQLite file, or PostgreSQL."""
