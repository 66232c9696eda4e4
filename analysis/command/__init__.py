"""The program `python -m analysis`: anybody's table in, verdicts out as text, JSON, CSV or a picture."""
