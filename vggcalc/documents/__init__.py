"""Marks in Markdown and LaTeX: figures in documents, checked and rewritten."""
