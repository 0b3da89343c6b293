{#-
How far two titles agree, given as lists of their distinct words: the share of the shorter one's words that
the other has, too; null where one of them has no word.
-#}
{% macro title_overlap(words, other_words) -%}
    cast({{ common_elements(words, other_words) }} as double)
    / nullif(least({{ list_length(words) }}, {{ list_length(other_words) }}), 0)
{%- endmacro %}
