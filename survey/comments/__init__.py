"""What becomes of comments once they are recorded: who reads them, and when their originals end."""
