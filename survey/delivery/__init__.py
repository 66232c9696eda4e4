"""What leaves this installation: e-mail, messages by a gateway, webhooks, and files."""
