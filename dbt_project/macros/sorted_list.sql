{#- The values of a group as a list in ascending order; an aggregate. -#}
{% macro sorted_list(column) %}{{ return(adapter.dispatch("sorted_list")(column)) }}{% endmacro %}

{% macro duckdb__sorted_list(column) %}list({{ column }} order by {{ column }}){% endmacro %}
