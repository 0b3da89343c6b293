{#-
What ranks compare of a value that is 0 or more: values that agree to nine digits are equal, since sums of
thirds and sixths that are equal differ in their last bits. Null for 0, which comes last.
-#}
{% macro rank_value(value) -%}
    round(ln(nullif({{ value }}, 0)), 9)
{%- endmacro %}
