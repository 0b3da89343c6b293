{#-
One row an author of each work: year, source, work_id, author_number, basis, codes; as a query.

`years` is the table of the years wanted.
-#}
{% macro explode_authors(works, years) %}
    {{- return(adapter.dispatch("explode_authors")(works, years)) -}}
{% endmacro %}

{% macro duckdb__explode_authors(works, years) %}
    select
        year,
        source,
        work_id,
        unnest(range(1, authors + 1)) as author_number,
        unnest(author_basis) as basis,
        unnest(author_countries) as codes
    from {{ works }}
    where year in (select wanted.year from {{ years }} as wanted)
{% endmacro %}
