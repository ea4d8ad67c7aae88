"""The bundled specs: data files, one for each family of networks."""
