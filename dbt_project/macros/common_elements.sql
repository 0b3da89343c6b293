{#- How many distinct elements two lists have in common; 0 for null. -#}
{% macro common_elements(column, other_column) %}
    {{- return(adapter.dispatch("common_elements")(column, other_column)) -}}
{% endmacro %}

{% macro duckdb__common_elements(column, other_column) -%}
    coalesce(len(list_intersect({{ column }}, {{ other_column }})), 0)
{%- endmacro %}
