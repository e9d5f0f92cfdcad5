/*
** Loading the project as a whole (internal.h).
*/
#include "internal.h"
#include <string.h>
#include "src/base/options.h"
#include "src/base/text.h"
#include "ext/base/args.h"

enum rs_code rs_nodes_options(const char *json, const char *fn, struct rs_arena *arena,
                              struct rs_nodes_options *o, struct rs_error *e)
{
  const struct rs_option table[] = {
    RS_MODELS_OPTIONS(&o->models),
    {"exclude", RS_OPT_TEXT, &o->models.exclude, NULL},
    {"selector", RS_OPT_TEXT, &o->selector, NULL},
    {"indirect_selection", RS_OPT_TEXT, &o->indirect, NULL},
    {"resource_type", RS_OPT_CHOICE, &o->resource_type,
     "model|source|seed|snapshot|test|unit_test|analysis|exposure|metric|"
     "semantic_model|saved_query"}};
  return rs_options_read(json, table, sizeof table / sizeof *table, fn, arena, e);
}

enum rs_code rs_nodes_of(struct rs_nodes *n, struct rs_conn *c, sqlite3 *db, struct rs_project *p,
                         struct rs_error *e)
{
  struct rs_row_store rows;
  n->c = c;
  n->db = db;
  rs_arena_init(&n->arena, 0);
  rs_map_init(&n->results);
  rs_map_init(&n->freshness);
  enum rs_code rc = rs_row_store_open_db(c, db, &rows, e);
  if (rc == RS_OK) rc = rs_inventory_of_rows(p, &rows, &n->inv, e);
  rs_row_store_close(&rows);
  return rc;
}

enum rs_code rs_nodes_load(struct rs_nodes *n, struct rs_conn *c, sqlite3 *db, const char *fn,
                           const struct rs_nodes_options *o, struct rs_error *e)
{
  memset(n, 0, sizeof *n);
  enum rs_code rc = rs_models_load_bad(c, db, fn, &o->models, o->keep_bad, &n->p, e);
  if (rc == RS_OK) rc = rs_project_parse(n->p, NULL, e);
  return rc == RS_OK ? rs_nodes_of(n, c, db, n->p, e) : rc;
}

void rs_nodes_end(struct rs_nodes *n)
{
  rs_state_free(n->state);
  rs_inventory_free(n->inv);
  rs_project_free(n->p);
  rs_map_free(&n->results);
  rs_map_free(&n->freshness);
  rs_arena_free(&n->arena);
}

enum rs_code rs_nodes_state(struct rs_nodes *n, struct rs_error *e)
{
  if (n->state != NULL) return RS_OK;
  enum rs_code rc = rs_state_make(n->inv, &n->state, e);
  return rc == RS_OK ? rs_state_read(n, e) : rc;
}

static bool asks(const struct rs_nodes *n, const struct rs_selection *sel, const char *method)
{
  if (sel->text != NULL && strstr(sel->text, method) != NULL) return true;
  if (sel->exclude != NULL && strstr(sel->exclude, method) != NULL) return true;
  return n->inv->selectors != NULL && strstr(n->inv->selectors, "state") != NULL;
}

enum rs_code rs_nodes_selection(struct rs_nodes *n, const char *text,
                                const struct rs_nodes_options *o, struct rs_selection *sel,
                                struct rs_error *e)
{
  *sel = (struct rs_selection){.text = text, .exclude = o->models.exclude, .selector = o->selector};
  enum rs_code rc = rs_indirect_read(o->indirect, &sel->indirect, e);
  if (rc == RS_OK && asks(n, sel, "state:")) rc = rs_nodes_state(n, e);
  if (rc == RS_OK && (asks(n, sel, "result:") || asks(n, sel, "source_status:")))
    rc = rs_results_read(n, e);
  sel->state = n->state;
  sel->results = n->has_results ? &n->results : NULL;
  sel->freshness = n->has_freshness ? &n->freshness : NULL;
  return rc;
}
