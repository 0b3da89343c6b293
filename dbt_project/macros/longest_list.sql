{#- The length of the longest of a list of lists; 0 without any. -#}
{% macro longest_list(column) %}{{ return(adapter.dispatch("longest_list")(column)) }}{% endmacro %}

{% macro duckdb__longest_list(column) -%}
    coalesce(list_max([len(element) for element in {{ column }}]), 0)
{%- endmacro %}
