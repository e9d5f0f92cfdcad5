.shell cp ../demo/app.db.duckdb .
SELECT rockset_create_collection('commons.movies_2026');
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('movies_clean', 'select "Title" from {{ source("commons", "movies") }}');
SELECT rockset_run('movies_clean');
