{#- The variance of a logarithm from the bounds of its 95% interval; null where a bound is 0 or null. -#}
{% macro log_variance(low, high) -%}
    power((ln(nullif({{ high }}, 0)) - ln(nullif({{ low }}, 0))) / (2 * 1.959964), 2)
{%- endmacro %}
