/*
** What the files of export share; nobody else includes this.
**
** export.c reads files and rows, finds what was edited, writes → export_props.c turns rows into the
** entries that stand for them in properties and in dbt_project.yml → export_yml.c puts entries into
** the text of a file.
**
** Ownership: everything lies in the arena given. Errors: only memory, unless a header says more.
*/
#ifndef RS_PROJECT_EXPORT_INTERNAL_H
#define RS_PROJECT_EXPORT_INTERNAL_H
#include "../base/json.h"
#include "../base/map.h"
#include "../profile/yaml.h"
#include "import_internal.h"

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
/* The entries for a name, as a JSON list: none when its rows are gone. `old` (may be NULL) is the
** entry as it was: what we have no row for is taken over from it. */
enum rs_code rs_props_entries(struct rs_props *p, const char *package, const char *path,
                              const char *section, const char *name, const struct rs_yaml *old,
                              struct rs_json **out, struct rs_error *e);
/* The value of a key of dbt_project.yml ("models", "vars", "on-run-end", "name" ...); NULL in *out:
** no row says it. */
enum rs_code rs_props_project(struct rs_props *p, const char *package, const char *key,
                              struct rs_json **out, struct rs_error *e);

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
