/*
** The inventory of a project and of its rows (compile.h). Items that are rows and no nodes of a
** run's graph: tests, unit tests, analyses. Each is rendered once with execute = false, which finds
** what it refers to and its config.
*/
#include <string.h>
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "compile.h"
#include "src/project/model/model.h"

#define DEPTH_MAX 64

/* ---- reading what a row says ---------------------------------------------------------------- */

static enum rs_code link_refs(struct rs_inventory *inv, struct rs_item *it, struct rs_context *c,
                              struct rs_error *e)
{
  for (size_t i = 0; i < c->nrefs; i++) {
    struct rs_node *to;
    enum rs_code rc = rs_graph_resolve(inv->p, it->node, &c->refs[i], &to, e);
    if (rc != RS_OK) return rc;
    struct rs_item *parent = rs_inventory_item(inv, to);
    if (parent == NULL) return rs_nomem(e);
    if (!parent->enabled) it->enabled = false;
    else if (!rs_inventory_link(inv, it, parent)) return rs_nomem(e);
  }
  return RS_OK;
}

static enum rs_code keep_config(struct rs_inventory *inv, struct rs_item *it, struct rs_context *c,
                                struct rs_error *e)
{
  struct rs_buf json;
  jv v;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_config_end(inv->p, c->j, it->node, c->config, e);
  if (rc == RS_OK) rc = jv_json_to(c->j, c->config, false, &json, e);
  if (rc == RS_OK) rc = rs_buf_error(&json, e, "config");
  if (rc == RS_OK && (it->config = rs_arena_strndup(&inv->arena, json.p, json.n)) == NULL)
    rc = rs_nomem(e);
  if (rc == RS_OK && jv_dict_get(c->config, "enabled", &v)) it->enabled &= jv_truth(c->j, v);
  if (!jv_dict_get(c->config, "tags", &v)) v = jv_none();
  if (rc == RS_OK) rc = rs_config_list(&inv->arena, v, "tags", &it->tags, &it->ntags, e);
  rs_buf_free(&json);
  return rc;
}

/* `text` is rendered for what it refers to; what comes out is not wanted. */
static enum rs_code read_text(struct rs_inventory *inv, struct rs_item *it, const char *text,
                              size_t n, struct rs_error *e)
{
  struct rs_context_options opt = {.project = inv->p,
                                   .node = it->node,
                                   .is_interrupted = inv->p->set.is_interrupted,
                                   .interrupt_ctx = inv->p->set.interrupt_ctx};
  struct rs_context *c;
  struct rs_buf out;
  enum rs_code rc = rs_context_new(&opt, &c, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&out, RS_BUF_SQL_MAX);
  rc = rs_context_render(c, it->unique_id, text, n, &out, e);
  if (rc == RS_OK) rc = keep_config(inv, it, c, e);
  if (rc == RS_OK) rc = link_refs(inv, it, c, e);
  rs_buf_free(&out);
  rs_context_free(c);
  return rc;
}

/* A row that can't be read is kept with the reason. */
static enum rs_code read_item(struct rs_inventory *inv, struct rs_item *it, const char *text,
                              size_t n, struct rs_error *e)
{
  struct rs_error why = {0};
  enum rs_code rc = read_text(inv, it, text, n, &why);
  if (rc == RS_NOMEM) return rs_nomem(e);
  if (rc == RS_CANCELLED) return rs_fail(e, rc, "%s", why.text);
  if (rc == RS_OK) return rc;
  it->bad = rs_arena_strdup(&inv->arena, why.text);
  return it->bad != NULL ? RS_OK : rs_nomem(e);
}

/* ---- items out of rows ---------------------------------------------------------------------- */

/* A node of the project that was made of this row: it has been parsed already. */
static void take_row(struct rs_item *it, const struct rs_row *r, const char *fqn)
{
  const struct rs_cell *body = rs_row_body(r);
  it->row = r;
  it->fqn = fqn;
  if (body != NULL && body->p != NULL) rs_checksum(body->p, body->n, it->checksum);
}

static struct rs_item *make_item(struct rs_inventory *inv, enum rs_node_type type,
                                 const struct rs_row *r, const char *name, const char *unique_id,
                                 const char *fqn)
{
  if (unique_id == NULL || fqn == NULL) return NULL;
  struct rs_item *it = rs_map_get(&inv->ids, unique_id);
  if (it != NULL) { // a node of the project, or a second row of that name
    if (it->row == NULL) take_row(it, r, fqn);
    return it;
  }
  it = rs_inventory_add(inv, type, unique_id);
  struct rs_node *n = rs_arena_calloc(&inv->arena, sizeof *n);
  if (it == NULL || n == NULL) return NULL;
  it->row = r;
  it->name = name;
  it->package = r->v[0].n > 0 ? r->v[0].p : inv->p->name;
  it->fqn = fqn;
  it->path = rs_item_text(it, "path");
  const char *description = rs_item_text(it, "description");
  if (description != NULL) it->description = description;
  it->node = n;
  *n = (struct rs_node){.type = type,
                        .name = it->name,
                        .package = it->package,
                        .unique_id = unique_id,
                        .fqn = fqn,
                        .description = it->description,
                        .parsed = true,
                        .sql = ""};
  n->row.enabled = true;
  n->row.config = rs_item_text(it, "config");
  n->workspace = inv->p->set.output != NULL ? inv->p->set.output->workspace : "";
  n->identifier = it->name;
  n->config = (struct rs_node_config){
    .enabled = true, .materialized = type == RS_NODE_TEST ? "test" : "", .json = "{}"};
  const struct rs_cell *body = rs_row_body(r);
  if (body != NULL && body->p != NULL) {
    n->sql = body->p;
    n->nsql = body->n;
    rs_checksum(body->p, body->n, it->checksum);
  }
  return it;
}

static enum rs_code add_generic(struct rs_inventory *inv, const struct rs_row *r,
                                struct rs_error *e)
{
  struct rs_arena *a = &inv->arena;
  const char *package = r->v[0].n > 0 ? r->v[0].p : inv->p->name;
  const char *name = rs_row_text(r, "name"), *test = rs_row_text(r, "test"), *from = NULL;
  name = rs_arena_strndup(a, name, rs_test_name_length(name));
  if (name == NULL) return rs_nomem(e);
  const char *dot = strchr(test, '.'), *model = rs_row_text(r, "model");
  const char *args = rs_row_text(r, "arguments");
  const struct rs_store_test hashed = {.name = name,
                                       .test = test,
                                       .model = model,
                                       .column = rs_row_text(r, "column_name"),
                                       .arguments = args};
  char hash[RS_TEST_HASH + 1];
  if (dot != NULL) {
    from = rs_arena_strndup(a, test, (size_t)(dot - test));
    test = dot + 1;
    if (from == NULL) return rs_nomem(e);
  }
  enum rs_code rc = rs_test_hash(&hashed, hash, e);
  if (rc != RS_OK) return rc;
  const char *path = rs_row_text(r, "path"), *folder = rs_folder_fqn(a, path);
  struct rs_item *it = make_item(
    inv, RS_NODE_TEST, r, name, rs_arena_printf(a, "test.%s.%s.%s", package, name, hash),
    rs_arena_printf(a, "%s.%s%s", package, folder != NULL ? folder : "", name));
  if (it == NULL) return rs_nomem(e);
  it->test = test;
  it->test_package = from;
  it->model = model;
  if (it->row != r || it->is_node) return RS_OK;
  struct rs_buf text;
  struct rs_json *j = NULL;
  rs_buf_init(&text, 1 << 20);
  bool call = strchr(model, '(') != NULL;
  rs_buf_printf(&text, call ? "{{ %s }}" : "{{ ref('%s') }}", model);
  if (args != NULL) rc = rs_json_parse(args, strlen(args), DEPTH_MAX, a, &j, e);
  if (rc == RS_OK && j != NULL) rs_refs_text(j, 0, &text);
  if (rc == RS_OK) rc = rs_buf_error(&text, e, "a test");
  if (rc == RS_OK) rc = read_item(inv, it, rs_buf_text(&text), text.n, e);
  rs_buf_free(&text);
  return rc;
}

/* A singular test or an analysis: its text is a query. */
static enum rs_code add_query(struct rs_inventory *inv, const struct rs_row *r,
                              enum rs_node_type type, struct rs_error *e)
{
  struct rs_arena *a = &inv->arena;
  const char *package = r->v[0].n > 0 ? r->v[0].p : inv->p->name, *name = rs_row_text(r, "name");
  const char *folder = rs_row_text(r, "folder");
  char *dotted = rs_arena_printf(a, "%s%s", folder != NULL ? folder : "",
                                 folder != NULL && *folder != 0 ? "." : "");
  for (char *p = dotted; p != NULL && *p != 0; p++)
    if (*p == '/') *p = '.';
  struct rs_item *it = make_item(
    inv, type, r, name, rs_arena_printf(a, "%s.%s.%s", rs_item_type(type), package, name),
    rs_arena_printf(a, "%s.%s%s%s", package, type == RS_NODE_ANALYSIS ? "analysis." : "",
                    dotted != NULL ? dotted : "", name));
  if (it == NULL || dotted == NULL) return rs_nomem(e);
  if (it->row != r || it->is_node) return RS_OK;
  return read_item(inv, it, it->node->sql, it->node->nsql, e);
}

/* {{ ref('m') }} of a unit test's model. */
static enum rs_code add_unit_test(struct rs_inventory *inv, const struct rs_row *r,
                                  struct rs_error *e)
{
  struct rs_arena *a = &inv->arena;
  const char *package = r->v[0].n > 0 ? r->v[0].p : inv->p->name, *name = rs_row_text(r, "name");
  const char *model = rs_row_text(r, "model"), *folder = rs_folder_fqn(a, rs_row_text(r, "path"));
  struct rs_item *it = make_item(
    inv, RS_NODE_UNIT_TEST, r, name, rs_arena_printf(a, "unit_test.%s.%s.%s", package, model, name),
    rs_arena_printf(a, "%s.%s%s.%s", package, folder != NULL ? folder : "", model, name));
  const char *text = rs_arena_printf(a, "{{ ref('%s') }}", model);
  if (it == NULL || text == NULL) return rs_nomem(e);
  if (it->row != r || it->is_node) return RS_OK;
  return read_item(inv, it, text, strlen(text), e);
}

static enum rs_code add_items(struct rs_inventory *inv, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < inv->nrows; i++) {
    const struct rs_row *r = inv->rows[i];
    switch (r->table) {
      case RS_T_TEST:
        rc = rs_row_text(r, "sql") == NULL ? add_generic(inv, r, e)
                                           : add_query(inv, r, RS_NODE_TEST, e);
        break;
      case RS_T_ANALYSIS: rc = add_query(inv, r, RS_NODE_ANALYSIS, e); break;
      case RS_T_UNIT_TEST: rc = add_unit_test(inv, r, e); break;
      default: break;
    }
  }
  return rc;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static enum rs_code keep_selectors(struct rs_inventory *inv, const struct rs_row *r,
                                   struct rs_error *e)
{
  if (r->v[0].n > 0 || (!rs_eq(r->v[1].p, "selectors.yml") && !rs_eq(r->v[1].p, "selectors.yaml")))
    return RS_OK;
  inv->selectors = rs_arena_strndup(&inv->arena, r->v[2].p, r->v[2].n);
  inv->nselectors = r->v[2].n;
  return inv->selectors != NULL ? RS_OK : rs_nomem(e);
}

/* The text of a model or a seed may be long and is in the project already. */
static enum rs_code keep_row(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct rs_inventory *inv = arg;
  if (r->table == RS_T_FILE) return keep_selectors(inv, r, e);
  struct rs_row *copy = rs_arena_alloc(&inv->arena, sizeof *copy);
  if (copy == NULL || !rs_grow(&inv->rows, &inv->cap_rows, inv->nrows + 1, sizeof *inv->rows))
    return rs_nomem(e);
  *copy = *r;
  const struct rs_cell *body = rs_row_body(r);
  bool drop = r->table == RS_T_MODEL || r->table == RS_T_SEED || r->table == RS_T_SNAPSHOT;
  for (size_t i = 0; i < rs_table_columns(r->table); i++) {
    if (r->v[i].p == NULL) continue;
    if (drop && &r->v[i] == body) copy->v[i] = (struct rs_cell){.p = NULL, .n = 0};
    else if ((copy->v[i].p = rs_arena_strndup(&inv->arena, r->v[i].p, r->v[i].n)) == NULL)
      return rs_nomem(e);
  }
  inv->rows[inv->nrows++] = copy;
  struct rs_item *it = rs_inventory_row_item(inv, copy);
  // Of files of one name the item is the enabled one's
  if (it == NULL ||
      (r->table == RS_T_MODEL && it->row != NULL && !rs_eq(it->path, rs_row_text(copy, "path"))))
    return RS_OK;
  it->row = copy;
  if (it->type == RS_NODE_SOURCE) it->path = rs_item_text(it, "path");
  if (body != NULL && body->p != NULL) rs_checksum(body->p, body->n, it->checksum);
  return RS_OK;
}

static enum rs_code read_rows(struct rs_inventory *inv, const struct rs_row_store *rows,
                              struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t t = 0; rc == RS_OK && t <= RS_T_FILE; t++)
    rc = rows->each(rows->ctx, (enum rs_table_id)t, keep_row, inv, e);
  return rc;
}

enum rs_code rs_inventory_of_rows(struct rs_project *p, const struct rs_row_store *rows,
                                  struct rs_inventory **pi, struct rs_error *e)
{
  enum rs_code rc = rs_inventory_new(p, pi, e);
  if (rc != RS_OK) return rc;
  rc = read_rows(*pi, rows, e);
  if (rc == RS_OK) rc = add_items(*pi, e);
  return rs_inventory_end(pi, rc, e);
}
