/*
** A dbt project's folder into rows and back.
**
** Import reads the files of a project and of its packages, makes the rows they stand for and puts
** into the store what differs. It remembers each row's hash: a row that has another one later was
** edited by hand, which is a conflict: kept and listed, overwritten with `force`. Only rows that
** came from the same folder are ever removed.
**
** Templates are not rendered here, apart from dbt_project.yml's names and paths: what a config
** says is rendered when the project is loaded, with the target and the variables of that time.
**
** Blocks on the file system. Errors name file, line and key. The caller has opened a transaction.
*/
#ifndef RS_PROJECT_FILES_FILES_H
#define RS_PROJECT_FILES_FILES_H
#include <stdbool.h>
#include <stddef.h>
#include "src/project/model/rows.h"
#include "src/base/arena.h"
#include "src/base/error.h"

struct rs_import_options {
  bool force;
  /* What to warn of, where the project names this profile; NULL: nothing. The text is the
  ** caller's. May be NULL. */
  const char *(*about_profile)(void *ctx, const char *name);
  void *ctx;
};

/* Appends {"added": [...], "changed": [...], "removed": [...], "unchanged": N, "conflicts": [...],
** "warnings": [...]} to report. */
enum rs_code rs_import(const char *folder, const struct rs_import_options *opt,
                       const struct rs_row_store *store, struct rs_buf *report, struct rs_error *e);

struct rs_export_options {
  bool force; /* into a folder whose files differ from what was imported */
};

/* Writes the project. Appends {"written": [...], "unchanged": N, "notes": [...]} to report. */
enum rs_code rs_export(const char *folder, const struct rs_export_options *opt,
                       const struct rs_row_store *store, struct rs_buf *report, struct rs_error *e);

/* ---- csv ------------------------------------------------------------------------------------- */

/*
** CSV text as rows of cells, read as Python's csv module does by default: a cell may be quoted, a
** quote in it is doubled, lines end with LF, CRLF or CR, also inside quotes. Linear in the text.
**
** Ownership: cells lie in the text itself or, where quotes were undone, in the arena. The text must
** stay. Threads: pure.
*/

struct rs_csv_cell {
  const char *p; /* not NUL-terminated */
  size_t n;
};

struct rs_csv {
  struct rs_arena *arena; /* borrowed */
  const char *p, *end;
  char delimiter;
  int line; /* of the next record, from 1 */
};

void rs_csv_begin(struct rs_csv *csv, const char *text, size_t n, char delimiter,
                  struct rs_arena *arena);
/* The next record: *cells (in the arena, valid until it is freed), *n of them; lines with nothing
** on them are skipped. RS_DONE at the end; RS_INVALID: a quote that is not closed. */
enum rs_code rs_csv_next(struct rs_csv *csv, struct rs_csv_cell **cells, size_t *n,
                         struct rs_error *e);

#endif
