"""Who may use this installation: accounts of staff and keys of programs."""
