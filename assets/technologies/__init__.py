"""Technologies: their catalogue, the language their queries are written in, and the matcher.

Text and queries only. Which works a technology counts, and how matches are kept, is decided elsewhere.
"""
