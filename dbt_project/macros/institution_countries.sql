{#- The distinct countries of a record's institutions in ascending order, as a list without nulls. -#}
{% macro institution_countries(column) %}{{ return(adapter.dispatch("institution_countries")(column)) }}{% endmacro %}

{% macro duckdb__institution_countries(column) -%}
    list_sort(list_distinct([institution.country for institution in {{ column }}]))
{%- endmacro %}
