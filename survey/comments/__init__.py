"""What people wrote, and what becomes of it."""
