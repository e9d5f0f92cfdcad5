/*
** What the files of import share; nobody else includes this.
**
** import.c walks the folders and reads each file → import_project.c turns dbt_project.yml into
** rows, import_blocks.c cuts macros, snapshots and docs out of their files, import_yml.c reads
** properties, import_tests.c the tests among them → import_apply.c compares with the store.
**
** Ownership: all texts and rows lie in the import's arena.
*/
#ifndef RS_PROJECT_FILES_IMPORT_INTERNAL_H
#define RS_PROJECT_FILES_IMPORT_INTERNAL_H
#include "src/base/map.h"
#include "src/yaml/yaml.h"
#include "files.h"

/* One row that a file stands for. */
struct rs_import_row {
  struct rs_row row;
  const char *path; /* of its file, below the package's folder; "" = of no file */
  const char *file; /* the same as errors name it */
  int line;
};

struct rs_import_package {
  const char *row;    /* what rows call it: '' is the project itself */
  const char *name;   /* of its dbt_project.yml */
  const char *folder; /* its path */
  const char *prefix; /* below the project's folder, with a slash at its end; "" */
  const struct rs_yaml *project;
};

struct rs_imports {
  struct rs_arena arena;
  const char *origin; /* the project's folder, absolute */
  struct rs_import_row **rows;
  size_t n, cap;
  struct rs_map index;    /* table and key -> row */
  struct rs_map fixtures; /* package, newline, "rows.csv" -> struct rs_cell: its text */
  struct rs_buf warnings;
  struct rs_import_package *packages; /* the project first */
  size_t npackages, cap_packages;
  struct rs_python *jinja; /* of dbt_project.yml; NULL until needed */
  bool asks_for_110;       /* some require-dbt-version wants dbt 1.10: columns have configs */
};

/* ---- import.c ------------------------------------------------------------------------------- */

/* A row of that table with its package's name and, where the table has them, its path. NULL: out of
** memory (e is filled). */
struct rs_import_row *rs_import_new(struct rs_imports *im, const struct rs_import_package *p,
                                    enum rs_table_id t, const char *path, int line,
                                    struct rs_error *e);
/* Its key is set: it must be the only one. */
enum rs_code rs_import_add(struct rs_imports *im, struct rs_import_row *r, struct rs_error *e);
/* The row of a table by package and name (version ''); NULL: there is none. */
struct rs_import_row *rs_import_find(struct rs_imports *im, enum rs_table_id t,
                                     const struct rs_import_package *p, const char *name);
/* The same of a version ("2"), or of a further file of that name ("#2"). */
struct rs_import_row *rs_import_find_version(struct rs_imports *im, enum rs_table_id t,
                                             const struct rs_import_package *p, const char *name,
                                             const char *version);
/* The row that properties in package p speak of: its own, else one of any other package. */
struct rs_import_row *rs_import_find_patched(struct rs_imports *im, enum rs_table_id t,
                                             const struct rs_import_package *p, const char *name);
/* A package that lies in prefix, below the project's folder; one that is known by name is left. */
enum rs_code rs_import_package_add(struct rs_imports *im, const char *prefix, struct rs_error *e);
/* A sentence for the report. */
void rs_import_warn(struct rs_imports *im, const char *fmt, ...)
  __attribute__((format(printf, 2, 3)));
/* A yml file's text; of a key that is there twice the last one counts, with a warning. */
enum rs_code rs_import_yaml(struct rs_imports *im, const char *file, const char *text, size_t n,
                            const struct rs_yaml **root, struct rs_error *e);
/* `<file> line N: <text>` */
enum rs_code rs_import_fail(const struct rs_import_package *p, const char *path, int line,
                            struct rs_error *e, const char *fmt, ...)
  __attribute__((format(printf, 5, 6)));
/* "a/b/c.sql" -> "c" */
const char *rs_import_stem(struct rs_imports *im, const char *path, struct rs_error *e);

/* ---- import_project.c ----------------------------------------------------------------------- */

/* dbt_project.yml of a folder: read and checked, p->name and p->project set. */
enum rs_code rs_import_project_read(struct rs_imports *im, struct rs_import_package *p,
                                    struct rs_error *e);
/* Its rows, when all packages are known. */
enum rs_code rs_import_project_rows(struct rs_imports *im, const struct rs_import_package *p,
                                    struct rs_error *e);
/* A list of paths of it ("model-paths"), or what dbt takes when it has none. */
enum rs_code rs_import_paths(struct rs_imports *im, const struct rs_import_package *p,
                             const char *key, const char *const **paths, size_t *n,
                             struct rs_error *e);
/* A text of a yml file, rendered when it holds a template. */
enum rs_code rs_import_render(struct rs_imports *im, const struct rs_import_package *p,
                              const char *path, const struct rs_yaml *v, const char **out,
                              struct rs_error *e);
/* The packages that packages.yml and dependencies.yml list must be there; adds them. */
enum rs_code rs_import_packages(struct rs_imports *im, struct rs_error *e);

/* ---- import_blocks.c ------------------------------------------------------------------------ */

enum rs_block_kind { RS_BLOCK_MACRO, RS_BLOCK_SNAPSHOT, RS_BLOCK_DOCS };

/* One top-level block of a file. */
struct rs_block {
  enum rs_block_kind kind;
  char name[200]; /* of a macro dbt's mangled one: test_x, materialization_x_default */
  const char *p;  /* with its tags */
  size_t n;
  const char *inner; /* between its tags */
  size_t ninner;
  int line;
};

/* The next block at or after *at, which moves behind it. RS_DONE: there is none. */
enum rs_code rs_block_next(const char *text, size_t n, size_t *at, struct rs_block *out,
                           struct rs_error *e);

/* ---- import_yml.c, import_tests.c ----------------------------------------------------------- */

enum rs_code rs_import_yml(struct rs_imports *im, const struct rs_import_package *p,
                           const char *path, const char *text, size_t n, struct rs_error *e);

/* What tests of one yml entry have in common. */
struct rs_test_owner {
  const struct rs_import_package *package;
  const char *path; /* of the yml file */
  const char *kind; /* "models", "sources" ...: for the fqn's folder nothing, for names a prefix */
  const char *name; /* model; source_table */
  const char *ref;  /* ref('orders') */
  const char *column;         /* as SQL has it: "x" with its quotes; NULL = of the whole */
  const struct rs_yaml *tags; /* of source and column; a list; may be NULL */
};
enum rs_code rs_import_tests(struct rs_imports *im, const struct rs_test_owner *o,
                             const struct rs_yaml *entry, struct rs_error *e);

/* ---- import_apply.c ------------------------------------------------------------------------- */

enum rs_code rs_import_apply(struct rs_imports *im, const struct rs_import_options *opt,
                             const struct rs_row_store *store, struct rs_buf *report,
                             struct rs_error *e);
#endif
