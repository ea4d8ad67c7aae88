"""YAML to networks: shorthand, blocks, repetition, and the catalogue of bundled specs."""
