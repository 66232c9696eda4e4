"""Pages for everybody: the first page, receipts, and whether a QR code is ours."""
