"""What a server of a benchmark loads: imported by it alone, for each makes an application."""
