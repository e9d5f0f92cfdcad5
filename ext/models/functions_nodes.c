/*
** The project as lists: what there is, what depends on what, what would be built.
**
**   rockset_ls([selection [, options]])     nodes; a JSON array, or a table
**   rockset_plan(selection [, options])     what a run of these models would do, and why; likewise
**   rockset_graph                           a table: one row for each edge
**   rockset_lineage                         a table: each node with all that it depends on
**
** ARGUMENTS
**   selection   TEXT, dbt's grammar (docs/selection.md); default: that of selectors.yml, else all.
**   options     TEXT, a JSON object: exclude, selector, indirect_selection, resource_type, vars
**               (object), full_refresh (bool).
**
** RESULT
**   docs/selection.md lists the columns. rockset_ls has every kind of node, and rows that can't be
**   used with the reason in `error`. A change is one of: new, changed sql, changed config, changed
**   relation, changed contract, changed macro, changed upstream, changed description, unchanged.
**
** SAFETY
**   DIRECTONLY: templates are rendered for refs and configs. No engine is touched.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "ext/base/args.h"
#include "ext/base/list.h"
#include "internal.h"
#include "models.h"

/* ---- what both forms need -------------------------------------------------------------------- */

/* One call: loaded, selected. */
struct listing {
  struct rs_arena arena;
  struct rs_nodes n;
  struct rs_nodes_options o;
  unsigned char *set;
  struct rs_buf warnings;
};

static enum rs_code begin_listing(struct listing *l, struct rs_conn *c, const char *fn,
                                  const char *selection, const char *options, bool keep_bad,
                                  struct rs_error *e)
{
  struct rs_selection sel;
  memset(l, 0, sizeof *l);
  rs_arena_init(&l->arena, 0);
  rs_buf_init(&l->warnings, RS_ERROR_MAX);
  enum rs_code rc = rs_nodes_options(options, fn, &l->arena, &l->o, e);
  l->o.keep_bad = keep_bad;
  if (rc == RS_OK) rc = rs_nodes_load(&l->n, c, rs_conn_db(c), fn, &l->o, e);
  if (rc == RS_OK) rc = rs_nodes_selection(&l->n, selection, &l->o, &sel, e);
  if (rc == RS_OK) rc = rs_select_items(l->n.inv, &sel, &l->set, &l->warnings, e);
  for (size_t i = 0; rc == RS_OK && l->o.resource_type != NULL && i < l->n.inv->n; i++)
    l->set[i] &= rs_eq(l->o.resource_type, rs_item_type(l->n.inv->items[i]->type));
  return rc;
}

static void end_listing(struct listing *l)
{
  rs_nodes_end(&l->n);
  rs_free(l->set);
  rs_buf_free(&l->warnings);
  rs_arena_free(&l->arena);
}

static const char *kind_of(const struct rs_item *it)
{
  if (it->type == RS_NODE_MODEL) return it->node->config.materialized;
  return rs_item_type(it->type);
}

static const char *relation_of(struct rs_arena *a, const struct rs_item *it)
{
  if (!rs_item_has_relation(it) || it->bad != NULL) return NULL;
  char *text = rs_node_relation_text(it->node);
  const char *kept = text != NULL ? rs_arena_strdup(a, text) : NULL;
  rs_free(text);
  return kept;
}

static void put_list(struct rs_buf *b, const char *const *list, size_t n)
{
  rs_buf_char(b, '[');
  for (size_t i = 0; i < n; i++) rs_buf_json_item(b, list[i]);
  rs_buf_char(b, ']');
}

static void put_parents(struct rs_buf *b, const struct rs_inventory *inv, const struct rs_item *it)
{
  rs_buf_char(b, '[');
  for (size_t i = 0; i < it->nparents; i++)
    rs_buf_json_item(b, inv->items[it->parents[i]]->unique_id);
  rs_buf_char(b, ']');
}

/* ---- rockset_ls ------------------------------------------------------------------------------ */

static const char *buf_keep(struct rs_arena *a, struct rs_buf *b)
{
  const char *s = b->rc == RS_OK ? rs_arena_strndup(a, rs_buf_text(b), b->n) : NULL;
  rs_buf_clear(b);
  return s;
}

static bool ls_row(struct rs_list *l, const struct rs_inventory *inv, const struct rs_item *it,
                   struct rs_buf *b)
{
  put_list(b, it->tags, it->ntags);
  const char *tags = buf_keep(&l->arena, b);
  put_parents(b, inv, it);
  const char *parents = buf_keep(&l->arena, b);
  const char *const texts[] = {it->unique_id,
                               rs_item_type(it->type),
                               it->name,
                               it->package,
                               it->path,
                               kind_of(it),
                               relation_of(&l->arena, it),
                               tags,
                               it->config,
                               it->description,
                               parents,
                               it->bad};
  return tags != NULL && parents != NULL && rs_list_add(l, texts, 12) != NULL;
}

static enum rs_code fill_ls(struct rs_list *l, struct rs_error *e)
{
  struct listing k;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = begin_listing(&k, l->c, l->name, l->args[0], l->args[1], true, e);
  for (size_t i = 0; rc == RS_OK && i < k.n.inv->n; i++)
    if (k.set[i] && !ls_row(l, k.n.inv, k.n.inv->items[i], &b)) rc = rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < k.n.p->nbad; i++) { // they match no selection: always shown
    struct rs_list_cell *row = rs_list_row(l);
    const struct rs_bad *bad = &k.n.p->bad[i];
    if (row == NULL || !rs_list_text(l, &row[2], bad->what) ||
        !rs_list_text(l, &row[11], bad->reason))
      rc = rs_nomem(e);
  }
  rs_buf_free(&b);
  end_listing(&k);
  return rc;
}

void rs_nodes_put(const struct rs_inventory *inv, const struct rs_item *it, struct rs_arena *a,
                  struct rs_buf *b)
{
  rs_buf_json_comma(b);
  rs_buf_char(b, '{');
  // A source is known by two names
  rs_buf_json_member(b, "node", it->type == RS_NODE_SOURCE ? it->node->name : it->name);
  rs_buf_json_member(b, "kind", kind_of(it));
  rs_buf_json_member(b, "relation", relation_of(a, it));
  rs_buf_str(b, ",\"tags\":");
  put_list(b, it->tags, it->ntags);
  rs_buf_str(b, ",\"depends_on\":");
  put_parents(b, inv, it);
  rs_buf_json_member(b, "unique_id", it->unique_id);
  rs_buf_json_member(b, "resource_type", rs_item_type(it->type));
  rs_buf_json_member(b, "package", it->package);
  rs_buf_json_member(b, "path", it->path);
  if (it->bad != NULL) rs_buf_json_member(b, "error", it->bad);
}

static void ls_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  static const char fn[] = "rockset_ls";
  struct listing k = {0};
  struct rs_error e = {0};
  struct rs_buf json;
  const char *selection = NULL, *options = NULL;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_arg_optional(argc, argv, 0, fn, "selection", &selection, &e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, fn, "options", &options, &e);
  if (rc == RS_OK) rc = begin_listing(&k, rs_conn_of(ctx), fn, selection, options, true, &e);
  rs_buf_char(&json, '[');
  for (size_t i = 0; rc == RS_OK && i < k.n.inv->n; i++) {
    if (!k.set[i]) continue;
    rs_nodes_put(k.n.inv, k.n.inv->items[i], &k.arena, &json);
    rs_buf_char(&json, '}');
  }
  for (size_t i = 0; rc == RS_OK && i < k.n.p->nbad; i++) {
    const struct rs_bad *bad = &k.n.p->bad[i];
    rs_buf_json_comma(&json);
    rs_buf_char(&json, '{');
    rs_buf_json_member(&json, "node", bad->what);
    rs_buf_json_member(&json, "error", bad->reason);
    rs_buf_char(&json, '}');
  }
  rs_buf_char(&json, ']');
  rs_models_give(ctx, fn, &json, true, rc, &e);
  end_listing(&k);
}

/* ---- rockset_graph, rockset_lineage ---------------------------------------------------------- */

static bool is_wanted(const char *term, const char *value)
{
  return term == NULL || rs_eq(term, value);
}

static enum rs_code fill_graph(struct rs_list *l, struct rs_error *e)
{
  struct listing k;
  enum rs_code rc = begin_listing(&k, l->c, l->name, NULL, NULL, true, e);
  for (size_t i = 0; rc == RS_OK && i < k.n.inv->n; i++) {
    const struct rs_item *child = k.n.inv->items[i];
    if (!is_wanted(l->terms[1], child->unique_id) || !child->enabled) continue;
    for (size_t p = 0; rc == RS_OK && p < child->nparents; p++) {
      const struct rs_item *parent = k.n.inv->items[child->parents[p]];
      if (!is_wanted(l->terms[0], parent->unique_id)) continue;
      const char *const texts[] = {parent->unique_id, child->unique_id, rs_item_type(parent->type),
                                   rs_item_type(child->type)};
      if (rs_list_add(l, texts, 4) == NULL) rc = rs_nomem(e);
    }
  }
  end_listing(&k);
  return rc;
}

/* All ancestors of one node, nearest first. */
static enum rs_code lineage_of(struct rs_list *l, const struct rs_inventory *inv,
                               const struct rs_item *it, size_t *queue, size_t *steps,
                               struct rs_error *e)
{
  size_t head = 0, tail = 0;
  memset(steps, 0, inv->n * sizeof *steps);
  queue[tail++] = it->index;
  while (head < tail) {
    const struct rs_item *at = inv->items[queue[head++]];
    for (size_t i = 0; i < at->nparents; i++) {
      size_t up = at->parents[i];
      if (steps[up] != 0 || up == it->index) continue;
      steps[up] = steps[at->index] + 1;
      queue[tail++] = up;
      const struct rs_item *ancestor = inv->items[up];
      if (!is_wanted(l->terms[1], ancestor->unique_id)) continue;
      const char *const texts[] = {it->unique_id, ancestor->unique_id, NULL,
                                   rs_item_type(ancestor->type)};
      struct rs_list_cell *row = rs_list_add(l, texts, 4);
      if (row == NULL) return rs_nomem(e);
      rs_list_int(&row[2], (int64_t)steps[up]);
    }
  }
  return RS_OK;
}

static enum rs_code fill_lineage(struct rs_list *l, struct rs_error *e)
{
  struct listing k;
  size_t *work = NULL;
  enum rs_code rc = begin_listing(&k, l->c, l->name, NULL, NULL, true, e);
  if (rc == RS_OK && (work = rs_calloc(2 * k.n.inv->n + 2, sizeof *work)) == NULL) rc = rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < k.n.inv->n; i++) {
    const struct rs_item *it = k.n.inv->items[i];
    if (!it->enabled || !is_wanted(l->terms[0], it->unique_id)) continue;
    rc = lineage_of(l, k.n.inv, it, work, work + k.n.inv->n + 1, e);
    if (rc == RS_OK && rs_conn_interrupted(l->c)) rc = rs_fail(e, RS_CANCELLED, "interrupted");
  }
  rs_free(work);
  end_listing(&k);
  return rc;
}

/* ---- rockset_plan ---------------------------------------------------------------------------- */

/* The nearest nodes above that have changed themselves; "" when there is none any more. */
static enum rs_code put_changed_above(struct listing *k, const struct rs_item *it, struct rs_buf *b,
                                      struct rs_error *e)
{
  const struct rs_inventory *inv = k->n.inv;
  size_t *queue = rs_malloc((inv->n + 1) * sizeof *queue), head = 0, tail = 0;
  unsigned char *seen = rs_calloc(inv->n + 1, 1);
  bool any = false;
  if (queue == NULL || seen == NULL) {
    rs_free(queue);
    rs_free(seen);
    return rs_nomem(e);
  }
  for (queue[tail++] = it->index; head < tail;) {
    const struct rs_item *at = inv->items[queue[head++]];
    for (size_t i = 0; i < at->nparents; i++) {
      size_t up = at->parents[i];
      if (seen[up]) continue;
      seen[up] = 1;
      enum rs_state_change c = rs_state_change(k->n.state, inv->items[up]);
      if (c == RS_CHANGE_NONE || c == RS_CHANGE_UPSTREAM || c == RS_CHANGE_DESCRIPTION) {
        queue[tail++] = up;
        continue;
      }
      rs_buf_printf(b, "%s%s %s %s", any ? ", " : "", inv->items[up]->unique_id,
                    c == RS_CHANGE_NEW ? "is" : "has", rs_change_name(c));
      any = true;
    }
  }
  if (!any) rs_buf_str(b, "built before what it depends on was changed");
  rs_free(queue);
  rs_free(seen);
  return RS_OK;
}

static const char *reason_of(const struct listing *k, const struct rs_item *it,
                             enum rs_state_change c)
{
  if (c == RS_CHANGE_CONFIG && rs_state_is_other_kind(k->n.state, it))
    return "it was built as something else than it is configured as";
  switch (c) {
    case RS_CHANGE_NEW: return "not built on this target yet";
    case RS_CHANGE_SQL: return "its text has changed";
    case RS_CHANGE_CONFIG: return "its config has changed";
    case RS_CHANGE_RELATION: return "its schema, alias or database has changed";
    case RS_CHANGE_CONTRACT: return "its contract, version or access has changed";
    case RS_CHANGE_MACRO: return "a macro that it uses has changed";
    case RS_CHANGE_DESCRIPTION: return "its description has changed and is persisted";
    default: return NULL;
  }
}

struct plan_row {
  const struct rs_item *it;
  enum rs_state_change change;
  const char *reason, *last;
};

/* When a node was built last on this target. */
static enum rs_code last_built(struct listing *k, sqlite3_stmt **st, const struct rs_item *it,
                               const char **out, struct rs_error *e)
{
  static const char sql[] =
    "SELECT r.started_at FROM main.rockset_state s JOIN main.rockset_results r ON r.invocation_id "
    "= "
    "s.invocation_id AND r.unique_id = s.unique_id WHERE s.target = ?1 AND s.unique_id = ?2";
  *out = NULL;
  if (*st == NULL && sqlite3_prepare_v2(k->n.db, sql, -1, st, NULL) != SQLITE_OK)
    return rs_fail(e, RS_IO, "rockset_state: %s", sqlite3_errmsg(k->n.db));
  sqlite3_bind_text(*st, 1, k->n.p->set.output->target_name, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text(*st, 2, it->unique_id, -1, SQLITE_TRANSIENT);
  const char *text = sqlite3_step(*st) == SQLITE_ROW ? (const char *)sqlite3_column_text(*st, 0)
                                                     : NULL;
  enum rs_code rc = RS_OK;
  if (text != NULL && (*out = rs_arena_strdup(&k->arena, text)) == NULL) rc = rs_nomem(e);
  sqlite3_reset(*st);
  return rc;
}

typedef enum rs_code plan_sink(void *ctx, struct listing *k, const struct plan_row *r,
                               struct rs_error *e);

/* Each selected model, snapshot and seed, in the order of building. */
static enum rs_code plan_nodes(struct listing *k, plan_sink *sink, void *ctx, struct rs_error *e)
{
  struct rs_buf b;
  sqlite3_stmt *st = NULL;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_nodes_state(&k->n, e);
  for (size_t i = 0; rc == RS_OK && i < k->n.inv->n; i++) {
    const struct rs_item *it = k->n.inv->items[i];
    bool built = it->type == RS_NODE_MODEL || it->type == RS_NODE_SEED ||
                 it->type == RS_NODE_SNAPSHOT;
    if (!k->set[i] || !built) continue;
    struct plan_row r = {.it = it, .change = rs_state_change(k->n.state, it)};
    r.reason = reason_of(k, r.it, r.change);
    if (r.change == RS_CHANGE_UPSTREAM) {
      rs_buf_clear(&b);
      rc = put_changed_above(k, it, &b, e);
      r.reason = rs_buf_text(&b);
    }
    if (rc == RS_OK) rc = rs_buf_error(&b, e, "rockset_plan");
    if (rc == RS_OK) rc = last_built(k, &st, it, &r.last, e);
    if (rc == RS_OK) rc = sink(ctx, k, &r, e);
  }
  sqlite3_finalize(st);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code need_selection(const char *selection, const char *options, struct rs_error *e)
{
  if (selection != NULL || (options != NULL && strstr(options, "selector") != NULL)) return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "rockset_plan: say what to plan: rockset_plan('daily'), rockset_plan('*') for "
                 "everything");
}

static enum rs_code plan_to_list(void *ctx, struct listing *k, const struct plan_row *r,
                                 struct rs_error *e)
{
  struct rs_list *l = ctx;
  (void)k;
  const char *const texts[] = {
    r->it->unique_id,          r->it->name, kind_of(r->it), relation_of(&l->arena, r->it),
    rs_change_name(r->change), r->reason,   r->last};
  return rs_list_add(l, texts, 7) != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code fill_plan(struct rs_list *l, struct rs_error *e)
{
  struct listing k = {0};
  enum rs_code rc = need_selection(l->args[0], l->args[1], e);
  if (rc == RS_OK) rc = begin_listing(&k, l->c, l->name, l->args[0], l->args[1], false, e);
  if (rc == RS_OK) rc = plan_nodes(&k, plan_to_list, l, e);
  end_listing(&k);
  return rc;
}

static enum rs_code plan_to_json(void *ctx, struct listing *k, const struct plan_row *r,
                                 struct rs_error *e)
{
  struct rs_buf *b = ctx;
  (void)e;
  rs_buf_str(b, b->n > 1 ? ",{\"unique_id\":" : "{\"unique_id\":");
  rs_buf_json_str(b, r->it->unique_id, strlen(r->it->unique_id));
  rs_buf_json_member(b, "node", r->it->name);
  rs_buf_json_member(b, "kind", kind_of(r->it));
  rs_buf_json_member(b, "relation", relation_of(&k->arena, r->it));
  rs_buf_json_member(b, "change", rs_change_name(r->change));
  rs_buf_json_member(b, "reason", r->reason);
  rs_buf_json_member(b, "last_built", r->last);
  rs_buf_char(b, '}');
  return RS_OK;
}

static void plan_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  static const char fn[] = "rockset_plan";
  struct listing k = {0};
  struct rs_error e = {0};
  struct rs_buf json;
  const char *selection = NULL, *options = NULL;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  rs_buf_char(&json, '[');
  enum rs_code rc = rs_arg_optional(argc, argv, 0, fn, "selection", &selection, &e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, fn, "options", &options, &e);
  if (rc == RS_OK) rc = need_selection(selection, options, &e);
  if (rc == RS_OK) rc = begin_listing(&k, rs_conn_of(ctx), fn, selection, options, false, &e);
  if (rc == RS_OK) rc = plan_nodes(&k, plan_to_json, &json, &e);
  rs_buf_char(&json, ']');
  rs_models_give(ctx, fn, &json, true, rc, &e);
  end_listing(&k);
}

int rs_nodes_register(struct rs_conn *c)
{
  static const struct rs_list_table tables[] = {
    {"rockset_ls",
     "unique_id TEXT, resource_type TEXT, name TEXT, package TEXT, path TEXT, kind TEXT, relation "
     "TEXT, tags TEXT, config TEXT, description TEXT, depends_on TEXT, error TEXT",
     12, "selection HIDDEN, options HIDDEN", 0, false, fill_ls, rs_error_names_node},
    {"rockset_graph", "parent TEXT, child TEXT, parent_type TEXT, child_type TEXT", 4, NULL, 2,
     false, fill_graph, rs_error_names_node},
    {"rockset_lineage", "node TEXT, ancestor TEXT, distance INTEGER, ancestor_type TEXT", 4, NULL,
     2, false, fill_lineage, rs_error_names_node},
    {"rockset_plan",
     "unique_id TEXT, node TEXT, kind TEXT, relation TEXT, change TEXT, reason TEXT, "
     "last_built TEXT",
     7, "selection HIDDEN, options HIDDEN", 0, false, fill_plan, rs_error_names_node},
  };
  static const struct rs_function functions[] = {
    {"rockset_ls", 0, 2, ls_fn},
    {"rockset_plan", 1, 2, plan_fn},
  };
  int rc = rs_list_register(c, tables, sizeof tables / sizeof tables[0]);
  if (rc != SQLITE_OK) return rc;
  return rs_conn_functions(c, functions, sizeof functions / sizeof functions[0]);
}
