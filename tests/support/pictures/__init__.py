"""`make pictures`: every page of the product as a picture, taken from the demonstration in a real browser.

What a page is, `pages` reads from docs/addresses.md; which of them the documents show, `shown` lists.
"""
