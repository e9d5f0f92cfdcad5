/*
** A dbt project's folder into rows and back.
**
** Import reads the files of a project and of its packages, makes the rows they stand for and puts
** into the store what differs. It remembers each row's hash: a row that has another one later was
** edited by hand, which is a conflict: kept and listed, overwritten with `force`. Only rows that
** came from the same folder are ever removed.
**
** Templates are not rendered here, apart from dbt_project.yml's names and paths: what a config
** says is rendered when the project is loaded, with the target and the variables of that moment.
**
** Blocks on the file system. Errors name file, line and key. The caller has opened a transaction.
*/
#ifndef RS_PROJECT_FILES_IMPORT_H
#define RS_PROJECT_FILES_IMPORT_H
#include "src/project/model/rows.h"

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
#endif
