/*
** What a project keeps, as rows: how src/project asks for models and writes down what it ran,
** without knowing who stores them. ext/models/store_sqlite.c implements it over the tables of
** sql/schema.sql; unit tests over arrays.
**
** Ownership: texts of a row are borrowed for the callback. NULL = the column is NULL.
** Threads: called on the owner's thread only. Errors: as everywhere (error.h).
*/
#ifndef RS_PROJECT_MODEL_STORE_H
#define RS_PROJECT_MODEL_STORE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/error.h"

enum rs_store_kind { RS_STORE_MODEL, RS_STORE_SEED, RS_STORE_SNAPSHOT, RS_STORE_ANALYSIS };

struct rs_store_model {
  enum rs_store_kind kind; /* a seed has no text; an analysis can't be referred to */
  const char *package;     /* NULL: the project itself */
  const char *version;     /* NULL: the model has no versions */
  const char *latest_version;
  const char *folder;     /* "staging/core": between package and name in its fqn */
  const char *path;       /* of its file; NULL = of none */
  const char *patch_path; /* of its properties' file */
  const char *access, *group;
  const char *deprecation_date; /* "2024-05-01", or with a time */
  const char *name;
  const char *sql;
  size_t nsql;
  const char *materialized;
  const char *workspace; /* dbt's custom schema */
  const char *alias;
  const char *tags;       /* a JSON array, or words parted by commas or spaces */
  const char *unique_key; /* one column, or a JSON array of columns */
  const char *config;     /* a JSON object */
  const char *description;
  const char *columns, *constraints; /* JSON arrays of objects */
  const char *checksum;              /* of a seed's file; dbt has the path of a large one instead */
  bool enabled;
};

struct rs_store_source {
  const char *package;
  const char *config;  /* a JSON object */
  const char *quoting; /* a JSON object: {"identifier": false} */
  const char *source, *name;
  const char *database;   /* NULL: the target's */
  const char *workspace;  /* NULL: the source's name */
  const char *identifier; /* NULL: the name */
  const char *description;
  const char *columns;         /* a JSON array of objects */
  const char *freshness;       /* a JSON object */
  const char *loaded_at_field; /* SQL */
  const char *meta;            /* a JSON object */
  const char *tags, *external; /* JSON */
  const char *loader, *source_description, *path;
  const char *local_table; /* of the database that keeps the project: its contents */
};

/* A data test: generic (test, model, column, arguments) or singular (sql). */
struct rs_store_test {
  const char *package;
  const char *name;
  const char *test;      /* "unique", "package.name"; NULL: singular */
  const char *model;     /* "ref('orders')", "source('shop', 'orders')", "orders" */
  const char *column;    /* NULL: none */
  const char *arguments; /* a JSON object */
  const char *config;    /* a JSON object */
  const char *description;
  const char *sql;
  size_t nsql;
  const char *folder, *path;
};

/* A unit test, its parts as JSON. */
struct rs_store_unit_test {
  const char *package;
  const char *name;
  const char *model;
  const char *description;
  const char *given, *expect, *overrides, *versions, *config;
  const char *path;
};

/* SQL before or after a run. */
struct rs_store_hook {
  const char *package;
  const char *event; /* "on-run-start", "on-run-end" */
  const char *sql;
};

struct rs_store_macro {
  const char *package;
  const char *name;
  const char *sql; /* one `{% macro %}` or several */
  size_t nsql;
  const char *description, *arguments; /* of the one that has the row's name; JSON list */
};

struct rs_store_var {
  const char *name;
  const char *json;    /* the value as JSON text */
  const char *package; /* who says it; NULL: the project */
  const char *scope;   /* for which package; NULL: all */
};

/* A level of folder configs of dbt_project.yml. */
struct rs_store_config {
  const char *package;
  const char *type; /* "models", "seeds", "snapshots", "sources" ... */
  const char *fqn;  /* "" or a dotted prefix */
  const char *json; /* a JSON object */
};

/* What a project has besides what runs. */
enum rs_store_entry_kind {
  RS_STORE_DOC,
  RS_STORE_GROUP,
  RS_STORE_EXPOSURE,
  RS_STORE_METRIC,
  RS_STORE_SEMANTIC_MODEL,
  RS_STORE_SAVED_QUERY
};

struct rs_store_entry {
  enum rs_store_entry_kind kind;
  const char *package;
  const char *name;
  const char *path;
  const char *text; /* of a docs block; of others what its columns say, a JSON object */
};

/* Each is called once for each row, the project's before those of packages, in order of name; a
** code other than RS_OK ends the reading. */
struct rs_store_sink {
  void *ctx;
  enum rs_code (*model)(void *ctx, const struct rs_store_model *m, struct rs_error *e);
  enum rs_code (*source)(void *ctx, const struct rs_store_source *s, struct rs_error *e);
  enum rs_code (*macro)(void *ctx, const struct rs_store_macro *m, struct rs_error *e);
  enum rs_code (*var)(void *ctx, const struct rs_store_var *v, struct rs_error *e);
  /* First of all; "name", "dispatch" ... */
  enum rs_code (*project)(void *ctx, const char *key, const char *value, struct rs_error *e);
  /* project: its own dbt_project.yml as JSON; NULL: nobody says */
  enum rs_code (*package)(void *ctx, const char *name, const char *project, struct rs_error *e);
  enum rs_code (*config)(void *ctx, const struct rs_store_config *c, struct rs_error *e);
  enum rs_code (*test)(void *ctx, const struct rs_store_test *t, struct rs_error *e);
  enum rs_code (*unit_test)(void *ctx, const struct rs_store_unit_test *t, struct rs_error *e);
  enum rs_code (*entry)(void *ctx, const struct rs_store_entry *x, struct rs_error *e);
  /* In the order in which they run. */
  enum rs_code (*hook)(void *ctx, const struct rs_store_hook *h, struct rs_error *e);
};

struct rs_store {
  void *ctx;
  /* Reads everything as one consistent state. */
  enum rs_code (*read)(void *ctx, const struct rs_store_sink *sink, struct rs_error *e);
};

/* ---- a project as a page shows it ------------------------------------------------------------ */

/* A file that holds a project, and the profile that its models are named by (profile.h); NULLs:
** what is found from the file's folder. */
struct rs_store_file {
  const char *path, *profiles, *profile, *target;
};

enum rs_store_part {
  RS_STORE_GRAPH, /* all nodes */
  RS_STORE_NODE,  /* one, by its unique_id */
  RS_STORE_RUNS,  /* the last runs */
  RS_STORE_RUN    /* one with its results, by its id */
};

/* Appends a part as JSON. Reads the file and touches no engine; ext/models/docs_file.c, in programs
** that are linked with SQLite. Any thread. RS_NOT_FOUND: there is no such node or run. */
enum rs_code rs_store_file_read(const struct rs_store_file *f, enum rs_store_part part,
                                const char *id, struct rs_buf *out, struct rs_error *e);
#endif
