/*
** What source.c has found out about files, for fields.c. As load.h.
*/
#ifndef RS_ENGINE_LOAD_READING_H
#define RS_ENGINE_LOAD_READING_H
#include "load.h"

struct rs_load_format {
  const char *names; /* as option and as ending, parted by blanks; the first is the option */
  const char *read;  /* DuckDB's function; the path follows, then the options */
  const char *options;
  bool json;
  const char *nothing; /* the one column that DuckDB makes up for a file without rows; NULL: none */
};

struct rs_load_reading {
  struct rs_load_source *src;
  struct rs_arena *a;
  const char *from;  /* read_x('path', ...) that finds the types out */
  const char *typed; /* the same with the types given, cheaper; else from */
  struct rs_load_fields raw;
};

/* The type with another one for `wide`, wherever it stands; NULL: the type has none, or *failed. */
const char *rs_load_retype(struct rs_arena *a, const char *type, const char *wide, const char *to,
                           bool *failed);
/* Settles the types of raw that DuckDB left open. json: the files are JSON. */
enum rs_code rs_load_resolve(struct rs_load_reading *r, bool json, struct rs_error *e);
/* Warns of columns of CSV files that are text only because of values like NA (missing.c). */
enum rs_code rs_load_warn(struct rs_load_reading *r, const struct rs_load *load,
                          struct rs_error *e);
/* Puts the rows at load->json_path into a temporary file of lines (json_path.c). */
enum rs_code rs_load_json_path(struct rs_session *s, const struct rs_load *load,
                               struct rs_load_files *f, struct rs_load_file *file,
                               struct rs_error *e);
/* Puts the rows of a sheet into a temporary file of lines (xlsx_file.c). */
enum rs_code rs_load_xlsx(struct rs_session *s, const struct rs_load *load, struct rs_load_files *f,
                          struct rs_load_file *file, struct rs_error *e);
/* Reads all files; *from: SQL of their rows (arrow_files.c). */
enum rs_code rs_load_arrow(struct rs_load_source *src, struct rs_arena *a, const char **from,
                           struct rs_error *e);
/* Fills src->fields, src->query and src->has_ids. */
enum rs_code rs_load_query(struct rs_load_reading *r, const char *id_field, struct rs_error *e);
#endif
