{#- A field of an institution: id, name or country. -#}
{% macro institution_field(column, field) %}
    {{- return(adapter.dispatch("institution_field")(column, field)) -}}
{% endmacro %}

{% macro duckdb__institution_field(column, field) %}{{ column }}['{{ field }}']{% endmacro %}
