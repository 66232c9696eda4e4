"""Call-back (phúc tra): a random sample is called, so that it shows what the silent think and who answered herself."""
