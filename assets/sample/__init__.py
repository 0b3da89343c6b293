"""The sample generator: synthetic OpenAlex drops that carry the study's stylised facts.

From facts to files: `profile` (targets) -> `plan` (counts) -> `works` (single works) -> `record`
(JSON) -> `drop` (files). Everything generated is marked synthetic. Nothing here reads a drop.
"""

from assets.sample.drop import DEFAULT_WORKS, SampleSummary, generate_drop

__all__ = ["DEFAULT_WORKS", "SampleSummary", "generate_drop"]
