"""A reader who looks at what is published again and again, whatever happens to the store meanwhile."""

import json
import threading

import duckdb

from assets.store import Store


class Watcher(threading.Thread):
    """Looks until it is stopped; `torn` are the moments at which the parts were not of one vintage."""

    def __init__(self, store: Store) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self.looks = 0
        self.torn: list[str] = []
        self._store = store
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(0.02):
            self.look()

    def look(self) -> None:
        """Look once."""
        try:
            self._look()
        except Exception as error:
            self.torn.append(f"{type(error).__name__}: {error}")

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def _look(self) -> None:
        before = self._link()
        if before is None:
            return
        try:
            names = self._names()
        except (OSError, duckdb.Error):
            # Its vintage may have been put away meanwhile; that it is there again it has to tell.
            if self._link() == before:
                raise
            return
        if self._link() != before:
            # Another took its place between two looks.
            return
        self.looks += 1
        self.seen.add(before)
        if set(names.values()) != {before}:
            self.torn.append(f"{before}: {names}")

    def _link(self) -> str | None:
        try:
            return self._store.published.readlink().name
        except FileNotFoundError:
            return None

    def _names(self) -> dict[str, str]:
        with duckdb.connect(str(self._store.warehouse_file), read_only=True) as connection:
            ((warehouse,),) = connection.execute("select vintage from marts.vintage").fetchall()
        described = json.loads((self._store.exports / "datapackage.json").read_text("utf-8"))
        found = {"warehouse": str(warehouse), "exports": str(described["version"])}
        for folder in (self._store.figures, self._store.report):
            # Where a test lets a stand-in be written in their place.
            found |= {str(file): file.read_text() for file in sorted(folder.glob("*.txt"))[-1:]}
        return found
