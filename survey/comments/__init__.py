"""What becomes of comments once recorded: who reads and follows them up, what they are about, when originals end."""
