"""The formats that `check` alone has: what servers that run checks read."""
