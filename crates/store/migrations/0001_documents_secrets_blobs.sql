-- The number of the last batch that was written: the next batch's documents get the next one.
CREATE TABLE revision (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO revision (one, last) VALUES (1, 0);

CREATE TABLE document (
    collection TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, -- microseconds since 1970-01-01T00:00:00Z
    body       TEXT    NOT NULL, -- JSON
    PRIMARY KEY (collection, key)
) STRICT;
CREATE INDEX document_by_revision ON document (collection, revision);
CREATE INDEX document_by_time ON document (collection, updated_at);

CREATE TABLE secret (
    owner  TEXT NOT NULL,
    name   TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob (
    collection TEXT NOT NULL,
    key        TEXT NOT NULL,
    sha256     BLOB NOT NULL,
    bytes      BLOB NOT NULL,
    PRIMARY KEY (collection, key)
) STRICT;

-- A known text, sealed: what does not open it is not the key of this database.
CREATE TABLE key_check (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    sealed BLOB NOT NULL
) STRICT;
