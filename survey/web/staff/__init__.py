"""Pages of officials, behind a sign-in."""
