/*
** What the files of export share; nobody else includes this.
**
** export.c reads files and rows, finds what was edited, writes → export_file.c puts the texts of
** models, macros ... into their files; export_props.c (tests: export_tests.c) turns rows into the
** entries that stand for them in properties and in dbt_project.yml → export_yml.c puts entries into
** the text of a file.
**
** Ownership: everything lies in the arena given. Errors: only memory, unless a header says more.
*/
#ifndef RS_PROJECT_FILES_EXPORT_INTERNAL_H
#define RS_PROJECT_FILES_EXPORT_INTERNAL_H
#include "src/json/json.h"
#include "src/base/map.h"
#include "src/yaml/yaml.h"
#include "import_internal.h"

/* ---- export_file.c -------------------------------------------------------------------------- */

struct rs_export_file {
  const char *package, *path;
  struct rs_buf text;
  bool changed;
  bool gone; /* the row that it was is deleted */
};

/* The row's text is the whole file. */
enum rs_code rs_export_put_whole(struct rs_export_file *f, const struct rs_row *r,
                                 struct rs_error *e);
/* The row's text in place of its block ({% macro %}, {% snapshot %}, {% docs %}); *found false:
** there was none, it stands at the end now. */
enum rs_code rs_export_put_block(struct rs_export_file *f, const struct rs_row *r, bool *found,
                                 struct rs_error *e);
/* Takes the block of that name out. */
enum rs_code rs_export_cut_block(struct rs_export_file *f, const char *name, struct rs_error *e);

/* ---- export_props.c ------------------------------------------------------------------------- */

/* All rows that yml files can say, without the long ones' bodies. */
struct rs_props {
  struct rs_arena *a;
  struct rs_row **rows;
  size_t n, cap;
  struct rs_map fixtures; /* package, newline, "rows.csv" -> struct rs_cell: the file's text */
  const char *tests_key;  /* of the file at hand: "tests" or "data_tests" */
  bool lost;              /* out of memory somewhere */
};

/* Nodes of entries; out of memory is remembered in p, NULL goes through all of these. */
struct rs_json *rs_props_node(struct rs_props *p, enum rs_json_kind kind);
struct rs_json *rs_props_string(struct rs_props *p, const char *text);
/* A cell that holds JSON; NULL: it is NULL, or no JSON (a CHECK forbids that). */
struct rs_json *rs_props_json(struct rs_props *p, const char *text);
/* key: v, where v is there; in place of a member of that name. */
void rs_props_put(struct rs_json *to, const char *key, struct rs_json *v);
void rs_props_put_text(struct rs_props *p, struct rs_json *to, const char *key,
                       const struct rs_row *r, const char *column);
void rs_props_add(struct rs_json *list, struct rs_json *v);
bool rs_props_of_package(const struct rs_row *r, const char *package);
/* Rows without a file are in any. */
bool rs_props_in_file(const struct rs_row *r, const char *column, const char *path);

/* The entries for a name, as a JSON list: none when its rows are gone. `old` (may be NULL) is the
** entry as it was: what we have no row for is taken over from it. */
enum rs_code rs_props_entries(struct rs_props *p, const char *package, const char *path,
                              const char *section, const char *name, const struct rs_yaml *old,
                              struct rs_json **out, struct rs_error *e);
/* The value of a key of dbt_project.yml ("models", "vars", "on-run-end", "name" ...); NULL in *out:
** no row says it. */
enum rs_code rs_props_project(struct rs_props *p, const char *package, const char *key,
                              struct rs_json **out, struct rs_error *e);

/* ---- export_tests.c ------------------------------------------------------------------------- */

/* What the model column of a test names. */
struct rs_tested {
  bool is_source;
  const char *package; /* of ref('package', 'name'); NULL */
  const char *name;    /* of the model, the source */
  const char *table;   /* of the source */
  const char *version; /* NULL: none */
};
bool rs_props_tested(struct rs_props *p, const struct rs_row *test, struct rs_tested *out);
/* "models", "seeds", "snapshots", "sources": where the tested one's properties stand; NULL: it is
** none of the package's. */
const char *rs_props_section(struct rs_props *p, const char *package, const struct rs_tested *t);
/* How many generic tests the entry's rows have that stand in the file (or in none). */
size_t rs_props_count_tests(struct rs_props *p, const char *package, const char *path,
                            const char *section, const char *name);
/* Tests of one thing: of a version (NULL: none), a column (NULL: of the whole). */
struct rs_props_wanted {
  const char *package, *path, *kind;
  const char *name, *table, *version, *column;
  bool any_column;
  const struct rs_json *tags; /* what the tests have from their source, or NULL */
};

/* The tests as a list of the entry; `to` may be a column's entry. */
void rs_props_put_tests(struct rs_props *p, struct rs_json *to, const struct rs_props_wanted *w);
/* columns: as the row has them, each with its tests; those that only tests name come last. */
void rs_props_put_columns(struct rs_props *p, struct rs_json *to, const struct rs_row *r,
                          struct rs_props_wanted w);

/* ---- import_tests.c ------------------------------------------------------------------------- */

/* The name that dbt makes for a test with these arguments (a map; may be NULL). */
enum rs_code rs_test_made_name(struct rs_arena *a, const struct rs_test_owner *o, const char *macro,
                               const struct rs_yaml *args, const char **out, struct rs_error *e);

/* ---- export_yml.c --------------------------------------------------------------------------- */

/* The entries of that name in a top-level list of the text are replaced by `entries`, or these are
** added; what else stands there stays as it is. */
enum rs_code rs_yml_set_entries(struct rs_buf *text, const char *section, const char *name,
                                const struct rs_json *entries, struct rs_arena *a,
                                struct rs_error *e);
/* A top-level key's value; NULL takes it out. */
enum rs_code rs_yml_set_key(struct rs_buf *text, const char *key, const struct rs_json *value,
                            struct rs_arena *a, struct rs_error *e);
/* Where a name stands in a list of a parsed text; NULL: nowhere. */
const struct rs_yaml *rs_yml_find(const struct rs_yaml *root, const char *section,
                                  const char *name);
#endif
