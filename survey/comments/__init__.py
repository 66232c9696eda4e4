"""What becomes of comments once recorded: who reads and finds them, what they are about, when originals end."""
