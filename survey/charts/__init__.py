"""Drawings of figures for pages: places on shared axes, computed here and written by templates as fluid SVG.

Across stands in per cent and down in pixels, so one drawing fills any column and its letters keep their size.
"""
