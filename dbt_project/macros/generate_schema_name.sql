{#- Schemas carry the room's plain name (`marts`), since readers rely on it; no target prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
