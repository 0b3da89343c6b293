{#- The values of `columns` ascend within a row, so that a pair cannot lie in the table both ways round. -#}
{% test ascending(model, columns) %}
    select {{ columns | join(", ") }}
    from {{ model }}
    where
        not (
            {%- for column in columns[1:] %}
            {{ columns[loop.index0] }} < {{ column }}
            {%- if not loop.last %} and {% endif -%}
            {%- endfor %}
        )
{% endtest %}
