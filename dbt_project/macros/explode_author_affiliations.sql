{#-
One row an author of each work, as a query: year, source, work_id, authors, author_number, basis, codes, and
`affiliation_codes`, the country code of each of the author's institutions that has one.
-#}
{% macro explode_author_affiliations(works) %}
    {{- return(adapter.dispatch("explode_author_affiliations")(works)) -}}
{% endmacro %}

{% macro duckdb__explode_author_affiliations(works) %}
    select
        year,
        source,
        work_id,
        authors,
        author_number,
        basis,
        codes,
        list_filter(
            [institutions[place + 1]['country'] for place in places], lambda code: code is not null
        ) as affiliation_codes
    from (
        select
            year,
            source,
            work_id,
            authors,
            institutions,
            unnest(range(1, authors + 1)) as author_number,
            unnest(author_basis) as basis,
            unnest(author_countries) as codes,
            unnest(author_institutions) as places
        from {{ works }}
    )
{% endmacro %}
