{#- `total` is the sum of `terms`, columns of the same row, to 1e-9 of the greater of 1 and itself. -#}
{% test adds_up(model, total, terms) %}
    select *
    from {{ model }}
    where
        abs({{ total }} - ({{ terms | join(" + ") }})) > 1e-9 * greatest(1, abs({{ total }}))
        or ({{ total }} is null) != (({{ terms | join(" + ") }}) is null)
{% endtest %}
