{#- One row per element of a list, as a select expression; at most one a select. -#}
{% macro explode(column) %}{{ return(adapter.dispatch("explode")(column)) }}{% endmacro %}

{% macro duckdb__explode(column) %}unnest({{ column }}){% endmacro %}
