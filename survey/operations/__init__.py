"""Running an installation: is it well, and how it serves."""
