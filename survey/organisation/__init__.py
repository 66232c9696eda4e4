"""The province: its dated tree of agencies, its procedures, and the formats of their codes."""
