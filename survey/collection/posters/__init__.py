"""Posters with a QR code."""
