//! Documents, secrets and blobs in an embedded SQLite file.
