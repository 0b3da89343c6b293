{#- One row an author of each work: year, source, work_id, author_number, basis, codes; as a query. -#}
{% macro explode_authors(works) %}{{ return(adapter.dispatch("explode_authors")(works)) }}{% endmacro %}

{% macro duckdb__explode_authors(works) %}
    select
        year,
        source,
        work_id,
        unnest(range(1, authors + 1)) as author_number,
        unnest(author_basis) as basis,
        unnest(author_countries) as codes
    from {{ works }}
{% endmacro %}
