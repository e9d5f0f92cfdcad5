/*
** What a project keeps, as rows: how src/project asks for models and writes down what it ran, without
** knowing who stores them. ext/store_sqlite.c implements it over the tables of sql/schema.sql; unit
** tests over arrays.
**
** Ownership: texts of a row are borrowed for the callback. NULL = the column is NULL.
** Threads: called on the owner's thread only. Errors: as everywhere (error.h).
*/
#ifndef RS_PROJECT_STORE_H
#define RS_PROJECT_STORE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/error.h"

struct rs_store_model {
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
  bool enabled;
};

struct rs_store_source {
  const char *source, *name;
  const char *workspace;  /* NULL: the source's name */
  const char *identifier; /* NULL: the name */
  const char *description;
};

struct rs_store_macro {
  const char *name;
  const char *sql; /* one `{% macro %}` or several */
  size_t nsql;
};

struct rs_store_var {
  const char *name;
  const char *json; /* the value as JSON text */
};

/* Each is called once for each row, in order of name; a code other than RS_OK ends the reading. */
struct rs_store_sink {
  void *ctx;
  enum rs_code (*model)(void *ctx, const struct rs_store_model *m, struct rs_error *e);
  enum rs_code (*source)(void *ctx, const struct rs_store_source *s, struct rs_error *e);
  enum rs_code (*macro)(void *ctx, const struct rs_store_macro *m, struct rs_error *e);
  enum rs_code (*var)(void *ctx, const struct rs_store_var *v, struct rs_error *e);
  enum rs_code (*project_name)(void *ctx, const char *name, struct rs_error *e);
};

struct rs_store {
  void *ctx;
  /* Reads everything as one consistent state. */
  enum rs_code (*read)(void *ctx, const struct rs_store_sink *sink, struct rs_error *e);
};
#endif
