{#-
The high-impact output of each year and technology is a tenth of the works considered, and there is none where
there is no value; to 1e-9 of the greater of 1 and itself. `cutoffs` is the mart of the cuts.
-#}
{% test adds_up_to_a_tenth(model, cutoffs) %}
    with

    cells as (

        select
            year,
            technology,
            sum(high_impact_output) as output
        from {{ model }}
        group by year, technology

    ),

    tenths as (

        select
            year,
            technology,
            case when tied_share is not null then works / cast(10 as double) end as expected
        from {{ get_where_subquery(cutoffs) }}

    )

    select
        year,
        technology,
        cells.output,
        tenths.expected
    from tenths
    full outer join cells using (year, technology)
    where
        (cells.output is null) != (tenths.expected is null)
        or abs(cells.output - tenths.expected) > 1e-9 * greatest(1, tenths.expected)
{% endtest %}
