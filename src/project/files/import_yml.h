/*
** Properties yml while it is read, for import_yml.c and its parts: import_yml_values.c (an entry's
** values into a row) and import_sources.c. All memory is the import's arena.
*/
#ifndef RS_PROJECT_FILES_IMPORT_YML_H
#define RS_PROJECT_FILES_IMPORT_YML_H
#include "import_internal.h"

/* One file. */
struct rs_yml {
  struct rs_imports *im;
  const struct rs_import_package *p;
  const char *path;
};

/* "<file> line N: <what>: <text>" */
enum rs_code rs_yml_fail(struct rs_yml *r, int line, struct rs_error *e, const char *text,
                         const char *what);
/* The entry's `name`. */
enum rs_code rs_yml_name(struct rs_yml *r, const struct rs_yaml *entry, const char *what,
                         const char **name, struct rs_error *e);
/* Into a column; absent or null stays NULL: a scalar's text, */
enum rs_code rs_yml_text(struct rs_yml *r, struct rs_row *row, const char *column,
                         const struct rs_yaml *v, struct rs_error *e);
/* a map or a list as JSON, */
enum rs_code rs_yml_json(struct rs_yml *r, struct rs_row *row, const char *column,
                         const struct rs_yaml *v, enum rs_yaml_kind kind, struct rs_error *e);
/* whatever it is as JSON, */
enum rs_code rs_yml_any(struct rs_yml *r, struct rs_row *row, const char *column,
                        const struct rs_yaml *v, struct rs_error *e);
/* `columns` without their tests, which are rows of their own, */
enum rs_code rs_yml_columns(struct rs_yml *r, struct rs_row *row, const struct rs_yaml *entry,
                            struct rs_error *e);
/* `config:` with meta, docs and contract that stand beside it. Columns access and group too may
** come from it. `more` (may be NULL) is a config over it, of a version. */
enum rs_code rs_yml_config(struct rs_yml *r, struct rs_row *row, const struct rs_yaml *entry,
                           const struct rs_yaml *more, struct rs_error *e);
/* The JSON in b, which it frees, */
enum rs_code rs_yml_take(struct rs_yml *r, struct rs_row *row, const char *column, struct rs_buf *b,
                         enum rs_code rc, struct rs_error *e);
/* Appends `{"key":value` or `,"key":value`. */
void rs_yml_member(struct rs_buf *b, const char *key, const struct rs_yaml *v);
/* Both lists of texts (either may be NULL, or one text) in one. NULL: out of memory. */
struct rs_yaml *rs_yml_join(struct rs_yml *r, const struct rs_yaml *a, const struct rs_yaml *b);
/* The tests of an entry and of its columns. `tags` (may be NULL): what they get from what is
** tested. */
enum rs_code rs_yml_tests(struct rs_yml *r, const char *kind, const char *name, const char *ref,
                          const struct rs_yaml *tags, const struct rs_yaml *entry,
                          struct rs_error *e);
/* ref('name', version=1); NULL: out of memory. */
const char *rs_yml_ref(struct rs_yml *r, const char *name, const char *version);
/* An entry of `sources` (import_sources.c). */
enum rs_code rs_yml_source(struct rs_yml *r, const struct rs_yaml *entry, struct rs_error *e);
#endif
