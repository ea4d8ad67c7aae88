"""The formats that `validate` alone has: what servers that show problems beside the code read."""
