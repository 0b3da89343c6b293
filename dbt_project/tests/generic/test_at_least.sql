{#- No value below `minimum`, and no NaN, which every comparison would let through. -#}
{% test at_least(model, column_name, minimum) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} < {{ minimum }} or isnan(cast({{ column_name }} as double))
{% endtest %}
