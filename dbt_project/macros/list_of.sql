{#- A list of one element. -#}
{% macro list_of(value) %}{{ return(adapter.dispatch("list_of")(value)) }}{% endmacro %}

{% macro duckdb__list_of(value) %}[{{ value }}]{% endmacro %}
