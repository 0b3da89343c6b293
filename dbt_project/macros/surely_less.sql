{#- Whether a positive value is below another for certain (95%), from the variances of their logarithms. -#}
{% macro surely_less(value, log_variance, other, other_log_variance) -%}
    ln({{ other }}) - ln({{ value }}) > 1.959964 * sqrt({{ log_variance }} + {{ other_log_variance }})
{%- endmacro %}
