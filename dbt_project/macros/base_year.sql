{#- The year that indices and changes go back to. -#}
{% macro base_year() %}2005{% endmacro %}
