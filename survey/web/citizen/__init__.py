"""Pages of citizens who answer: by link, by QR code, at a kiosk."""
