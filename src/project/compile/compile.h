/*
** Compiling: a model's text with execute = true, and the ephemeral models it refers to as CTEs in
** front of it, as dbt injects them.
**
** Threads: any number at a time over one project. Blocks only where a template asks the engine.
*/
#ifndef RS_PROJECT_COMPILE_COMPILE_H
#define RS_PROJECT_COMPILE_COMPILE_H
#include "src/project/graph/inventory.h"
#include "src/project/names/context.h"

struct rs_compiled {
  char *text;     /* as dbt writes it to target/compiled */
  char *sql;      /* the one proven query in it: what is sent */
  char *warnings; /* of exceptions.warn; NULL = none */
};

/* Texts are returned owned (rs_compiled_free). opt->execute must be true. */
enum rs_code rs_compile(const struct rs_context_options *opt, struct rs_compiled *out,
                        struct rs_error *e);
void rs_compiled_free(struct rs_compiled *c);

/* ---- what parses ---------------------------------------------------------------------------- */

/* Exposures, metrics ... after the models (entries.c): RS_NOT_FOUND for a ref to nothing. With
** keep_bad entry->node->bad is set. */
enum rs_code rs_entries_parse(struct rs_project *p, struct rs_error *e);
/* The inventory of the project and of its rows (inventory.c): tests, unit tests and analyses that
** are no nodes of the project are rendered for what they refer to. Returns owned in *pi
** (rs_inventory_free). */
enum rs_code rs_inventory_of_rows(struct rs_project *p, const struct rs_row_store *rows,
                                  struct rs_inventory **pi, struct rs_error *e);
#endif
