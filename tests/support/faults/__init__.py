"""A real server that is killed, and people who go on answering."""
