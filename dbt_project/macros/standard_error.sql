{#-
The root of a variance of relative size. One that is 0 in exact arithmetic may come out as +-1e-16; none other
is near 1e-12, for which it would take as many papers. Null where the variance is.
-#}
{% macro standard_error(variance) -%}
    sqrt(case when {{ variance }} < 1e-12 then 0 else {{ variance }} end)
{%- endmacro %}
