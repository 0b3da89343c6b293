"""Assets: the software-defined assets and the plain code they call.

Nothing here imports `orchestration`; nothing here counts (that is `dbt_project`).
"""
