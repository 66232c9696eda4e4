"""What longer `hailong` commands do, by noun."""
