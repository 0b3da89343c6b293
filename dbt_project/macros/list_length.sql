{#- The number of elements of a list; 0 for null. -#}
{% macro list_length(column) %}{{ return(adapter.dispatch("list_length")(column)) }}{% endmacro %}

{% macro duckdb__list_length(column) %}coalesce(len({{ column }}), 0){% endmacro %}
