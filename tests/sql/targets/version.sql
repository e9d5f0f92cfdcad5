-- rockset_version: itself, the libraries, the build; what is loaded late is loaded by its use only
SELECT rockset_version() GLOB 'rockset_ext [0-9]*, SQLite 3.*, cJSON 1.*, libyaml 0.*, zlib 1.*; *, *[0-9]' AS form;
SELECT rockset_version() NOT GLOB '*[Dd]uck*' AS unused;
SELECT * FROM rockset_query('select 1 as one');
SELECT rockset_version() LIKE '%, DuckDB v1.%; %' AS used;
