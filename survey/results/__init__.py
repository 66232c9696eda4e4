"""From stored answers to figures: counts, closing, verdicts in words, caveats and charts."""
