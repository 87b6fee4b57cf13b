-- Words under which the documents of a collection are found without being read. They go with their document.
CREATE TABLE label (
    collection TEXT NOT NULL,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,
    key        TEXT NOT NULL,
    PRIMARY KEY (collection, name, value, key),
    FOREIGN KEY (collection, key) REFERENCES document (collection, key) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX label_of_document ON label (collection, key);
