"""Finished cases of the portal: recorded one by one, by file, or as a feed."""
