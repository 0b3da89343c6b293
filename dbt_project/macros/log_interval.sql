{#-
Bounds of the 95% interval of a positive quantity from the variance of its logarithm: x exp(-+ 1.959964 se).
Null where the variance is.
-#}
{% macro log_interval_low(value, log_variance) -%}
    {{ value }} * exp(-1.959964 * {{ standard_error(log_variance) }})
{%- endmacro %}

{% macro log_interval_high(value, log_variance) -%}
    {{ value }} * exp(1.959964 * {{ standard_error(log_variance) }})
{%- endmacro %}
