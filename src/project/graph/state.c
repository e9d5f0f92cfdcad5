/*
** Content hashes of nodes and their comparison (graph.h).
*/
#include "graph.h"
#include <string.h>
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#define DEPTH_MAX 64

static const char *const aspects[RS_ASPECTS] = {"sql",    "call",         "configs",  "relation",
                                                "macros", "descriptions", "contract", "upstream"};

void rs_digest(const char *p, size_t n, char out[RS_HASH_TEXT])
{
  unsigned char hash[RS_SHA256_SIZE];
  rs_sha256(p, n, hash);
  rs_hex(hash, (RS_HASH_TEXT - 1) / 2, out);
}

/* ---- what is hashed ------------------------------------------------------------------------- */

/* `{{ config(...) }}` at p: its end, else NULL. */
static const char *config_end(const char *p, const char *end)
{
  const char *q = p + 2;
  while (q < end && strchr(" \t\r\n-", *q) != NULL) q++;
  if (end - q < 7 || strncmp(q, "config", 6) != 0) return NULL;
  for (q += 6; q < end && strchr(" \t", *q) != NULL; q++) {
  }
  if (q >= end || *q != '(') return NULL;
  char quote = 0;
  for (; q + 1 < end; q++) {
    if (quote != 0) {
      if (*q == '\\') q++;
      else if (*q == quote) quote = 0;
    } else if (*q == '\'' || *q == '"') {
      quote = *q;
    } else if (q[0] == '}' && q[1] == '}') {
      return q + 2;
    }
  }
  return NULL;
}

static void split_text(const char *p, size_t n, struct rs_buf *sql, struct rs_buf *call)
{
  const char *end = p + n, *from = p;
  while (p + 1 < end) {
    const char *stop = p[0] == '{' && p[1] == '{' ? config_end(p, end) : NULL;
    if (stop == NULL) {
      p++;
      continue;
    }
    rs_buf_add(sql, from, (size_t)(p - from));
    rs_buf_add(call, p, (size_t)(stop - p));
    from = p = stop;
  }
  rs_buf_add(sql, from, (size_t)(end - from));
}

static bool is_one_of(const struct rs_json *j, const char *const *keys)
{
  for (; *keys != NULL; keys++)
    if (rs_eqn(*keys, j->key, j->nkey)) return true;
  return false;
}

static const char *const relation_keys[] = {
  "schema", "+schema", "alias", "+alias", "database", "+database", "workspace", "+workspace", NULL};
static const char *const ignored_keys[] = {"tags", "+tags", "group", "+group", NULL};

/* The members of a config in order of their names: those that name the relation, or the others. */
static enum rs_code put_config(const char *json, bool relation, struct rs_arena *a,
                               struct rs_buf *b, struct rs_error *e)
{
  struct rs_json *config;
  if (json == NULL || *json == 0) return RS_OK;
  enum rs_code rc = rs_json_parse(json, strlen(json), DEPTH_MAX, a, &config, e);
  if (rc != RS_OK || config->kind != RS_J_OBJECT) return rc;
  for (;;) {
    struct rs_json *least = NULL;
    for (struct rs_json *j = config->first; j != NULL; j = j->next) {
      if (j->mark != 0 || is_one_of(j, relation_keys) != relation || is_one_of(j, ignored_keys))
        continue;
      size_t n = least != NULL && least->nkey < j->nkey ? least->nkey : j->nkey;
      int order = least != NULL ? memcmp(j->key, least->key, n) : -1;
      if (order < 0 || (order == 0 && j->nkey < least->nkey)) least = j;
    }
    if (least == NULL) return RS_OK;
    least->mark = 1;
    rs_buf_json_str(b, least->key, least->nkey);
    rs_buf_char(b, '=');
    rs_json_write(b, least);
    rs_buf_char(b, '\n');
  }
}

static void put_text(struct rs_buf *b, const char *name, const char *text)
{
  if (text == NULL || *text == 0) return;
  rs_buf_printf(b, "%s=", name);
  rs_buf_json_str(b, text, strlen(text));
  rs_buf_char(b, '\n');
}

static void put_cells(struct rs_buf *b, const struct rs_item *it, const char *const *columns)
{
  for (; *columns != NULL; columns++) put_text(b, *columns, rs_item_text(it, *columns));
}

static void put_all_cells(struct rs_buf *b, const struct rs_row *r)
{
  for (size_t i = 0; r != NULL && i < rs_table_columns(r->table); i++)
    if (!rs_eq(rs_tables[r->table].columns[i], "path"))
      put_text(b, rs_tables[r->table].columns[i], r->v[i].p);
}

static void put_body(const struct rs_item *it, struct rs_buf *sql, struct rs_buf *call)
{
  static const char *const generic[] = {"test", "model", "column_name", "arguments", NULL};
  switch (it->type) {
    case RS_NODE_SEED: rs_buf_str(sql, it->checksum); break;
    case RS_NODE_SOURCE: break;
    case RS_NODE_UNIT_TEST:
    case RS_NODE_EXPOSURE:
    case RS_NODE_METRIC:
    case RS_NODE_SEMANTIC_MODEL:
    case RS_NODE_SAVED_QUERY: put_all_cells(sql, it->row); break;
    case RS_NODE_TEST:
      if (it->test != NULL) {
        put_cells(sql, it, generic);
        break;
      }
      // fall through
    default: split_text(it->node->sql, it->node->nsql, sql, call);
  }
}

static enum rs_code put_configs(const struct rs_state *s, const struct rs_item *it, bool relation,
                                struct rs_arena *a, struct rs_buf *b, struct rs_error *e)
{
  static const char *const source[] = {"quoting", "freshness", "external", "loaded_at_field", NULL};
  static const char *const place[] = {"database", "workspace", "identifier", "local_table", NULL};
  const struct rs_node *n = it->node;
  if (relation) {
    put_text(b, "schema", n->row.workspace);
    put_text(b, "alias", n->row.alias);
    if (it->type == RS_NODE_SOURCE) put_cells(b, it, place);
  } else {
    put_text(b, "materialized", n->row.materialized);
    put_text(b, "unique_key", n->row.unique_key);
    put_text(b, "fqn", it->fqn);
    if (it->type == RS_NODE_SOURCE) put_cells(b, it, source);
  }
  enum rs_code rc = put_config(n->row.config, relation, a, b, e);
  for (size_t i = 0; rc == RS_OK && i < s->inv->p->nlevels; i++) {
    const struct rs_level *level = &s->inv->p->levels[i];
    if (rs_config_applies(level, n) &&
        (rs_eq(level->package, n->package) || rs_eq(level->package, s->inv->p->name)))
      rc = put_config(level->json, relation, a, b, e);
  }
  return rc;
}

static void put_contract(const struct rs_item *it, struct rs_buf *b)
{
  static const char *const model[] = {"version", "access", "latest_version", NULL};
  static const char *const contract[] = {"columns", "constraints", NULL};
  if (it->type != RS_NODE_MODEL) return;
  put_cells(b, it, model);
  if (strstr(it->config, "\"enforced\": true") != NULL) put_cells(b, it, contract);
}

static void put_descriptions(const struct rs_item *it, struct rs_buf *b)
{
  static const char *const columns[] = {"columns", NULL};
  put_text(b, "description", it->description);
  if (it->type <= RS_NODE_SNAPSHOT) put_cells(b, it, columns);
}

/* All but macros and upstream. */
static enum rs_code hash_item(struct rs_state *s, const struct rs_item *it, struct rs_error *e)
{
  struct rs_hashes *h = &s->now[it->index];
  struct rs_arena scratch;
  struct rs_buf b[RS_ASPECTS];
  rs_arena_init(&scratch, 0);
  for (size_t i = 0; i < RS_ASPECTS; i++) rs_buf_init(&b[i], RS_BUF_SQL_MAX);
  put_body(it, &b[RS_H_SQL], &b[RS_H_CALL]);
  enum rs_code rc = put_configs(s, it, false, &scratch, &b[RS_H_CONFIGS], e);
  if (rc == RS_OK) rc = put_configs(s, it, true, &scratch, &b[RS_H_RELATION], e);
  put_contract(it, &b[RS_H_CONTRACT]);
  put_descriptions(it, &b[RS_H_DESCRIPTIONS]);
  for (size_t i = 0; i < RS_ASPECTS; i++) {
    if (rc == RS_OK) rc = rs_buf_error(&b[i], e, it->unique_id);
    rs_digest(rs_buf_text(&b[i]), b[i].n, h->v[i]);
    rs_buf_free(&b[i]);
  }
  rs_arena_free(&scratch);
  return rc == RS_OK ? rs_state_hash_macros(s, it, h->v[RS_H_MACROS], e) : rc;
}

/* Of the parents in the order of their ids; those that come later are part of a cycle. */
static void hash_upstream(struct rs_state *s, const struct rs_item *it, char (*total)[RS_HASH_TEXT],
                          struct rs_buf *b)
{
  const char *last = "";
  struct rs_hashes *h = &s->now[it->index];
  rs_buf_clear(b);
  for (size_t i = 0; i < it->nparents; i++) {
    const struct rs_item *best = NULL;
    for (size_t k = 0; k < it->nparents; k++) {
      const struct rs_item *p = s->inv->items[it->parents[k]];
      if (strcmp(p->unique_id, last) > 0 &&
          (best == NULL || strcmp(p->unique_id, best->unique_id) < 0))
        best = p;
    }
    if (best == NULL) break;
    last = best->unique_id;
    rs_buf_printf(b, "%s %s\n", last, total[best->index]);
  }
  rs_digest(rs_buf_text(b), b->n, h->v[RS_H_UPSTREAM]);
  rs_buf_clear(b);
  for (size_t i = 0; i < RS_ASPECTS; i++)
    if (i != RS_H_DESCRIPTIONS) rs_buf_str(b, h->v[i]);
  rs_digest(rs_buf_text(b), b->n, total[it->index]);
}

enum rs_code rs_state_make(const struct rs_inventory *inv, struct rs_state **ps, struct rs_error *e)
{
  struct rs_state *s = rs_calloc(1, sizeof *s);
  char(*total)[RS_HASH_TEXT] = rs_calloc(inv->n + 1, sizeof *total);
  struct rs_buf b;
  *ps = NULL;
  if (s == NULL || total == NULL) {
    rs_free(s);
    rs_free(total);
    return rs_nomem(e);
  }
  rs_arena_init(&s->arena, (size_t)1 << 30);
  rs_map_init(&s->macros);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  s->inv = inv;
  s->now = rs_arena_calloc(&s->arena, (inv->n + 1) * sizeof *s->now);
  s->then = rs_arena_calloc(&s->arena, (inv->n + 1) * sizeof *s->then);
  s->uses = rs_arena_calloc(&s->arena, (inv->n + 1) * sizeof *s->uses);
  enum rs_code rc = s->now == NULL || s->then == NULL || s->uses == NULL ? rs_nomem(e)
                                                                         : rs_state_macros(s, e);
  for (size_t i = 0; rc == RS_OK && i < inv->n; i++) rc = hash_item(s, inv->items[i], e);
  for (size_t i = 0; rc == RS_OK && i < inv->n; i++) hash_upstream(s, inv->items[i], total, &b);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "content hashes");
  rs_buf_free(&b);
  rs_free(total);
  if (rc == RS_OK) *ps = s;
  else rs_state_free(s);
  return rc;
}

void rs_state_free(struct rs_state *s)
{
  if (s == NULL) return;
  rs_map_free(&s->macros);
  rs_arena_free(&s->arena);
  rs_free(s);
}

/* ---- storing -------------------------------------------------------------------------------- */

void rs_state_json(const struct rs_state *s, const struct rs_item *it, const char *kind,
                   struct rs_buf *b)
{
  bool is_other = it->type == RS_NODE_MODEL && kind != NULL &&
                  !rs_eq(kind, it->node->config.materialized);
  for (size_t i = 0; i < RS_ASPECTS; i++)
    rs_buf_printf(b, "%s\"%s\":\"%s\"", i == 0 ? "{" : ",", aspects[i],
                  is_other && i == RS_H_CONFIGS ? "" : s->now[it->index].v[i]);
  rs_buf_char(b, '}');
}

enum rs_code rs_state_then(struct rs_state *s, const char *unique_id, const char *json, size_t n,
                           struct rs_error *e)
{
  const struct rs_item *it = rs_map_get(&s->inv->ids, unique_id);
  struct rs_json *j;
  struct rs_arena scratch;
  if (it == NULL) return RS_OK;
  struct rs_hashes *h = rs_arena_calloc(&s->arena, sizeof *h);
  if (h == NULL) return rs_nomem(e);
  rs_arena_init(&scratch, 0);
  enum rs_code rc = rs_json_parse(json, n, DEPTH_MAX, &scratch, &j, NULL);
  for (size_t i = 0; rc == RS_OK && i < RS_ASPECTS; i++) {
    const struct rs_json *v = rs_json_get(j, aspects[i]);
    if (v != NULL && v->kind == RS_J_STRING && v->n < RS_HASH_TEXT) memcpy(h->v[i], v->p, v->n);
  }
  if (rc == RS_OK) s->then[it->index] = h;
  rs_arena_free(&scratch);
  return rc == RS_NOMEM ? rs_nomem(e) : RS_OK;
}

/* ---- comparing ------------------------------------------------------------------------------ */

static bool differs(const struct rs_state *s, const struct rs_item *it, enum rs_aspect a)
{
  return strcmp(s->now[it->index].v[a], s->then[it->index]->v[a]) != 0;
}

/* persist_docs makes a description part of what is built. */
static bool persists(const struct rs_item *it)
{
  return strstr(it->config, "\"persist_docs\"") != NULL;
}

static bool is_modified(const struct rs_state *s, const struct rs_item *it)
{
  for (size_t i = 0; i < RS_H_UPSTREAM; i++)
    if ((i != RS_H_DESCRIPTIONS || persists(it)) && differs(s, it, (enum rs_aspect)i)) return true;
  return false;
}

bool rs_state_matches(const struct rs_state *s, const struct rs_item *it, const char *value)
{
  bool is_new = s == NULL || s->then[it->index] == NULL;
  if (rs_eq(value, "new")) return is_new;
  if (rs_eq(value, "old")) return !is_new;
  if (rs_eq(value, "unmodified")) return !is_new && !is_modified(s, it);
  if (is_new || rs_eq(value, "modified")) return is_new || is_modified(s, it);
  if (rs_eq(value, "modified.body")) return differs(s, it, RS_H_SQL) || differs(s, it, RS_H_CALL);
  if (rs_eq(value, "modified.configs"))
    return differs(s, it, RS_H_CONFIGS) || differs(s, it, RS_H_CALL);
  if (rs_eq(value, "modified.relation")) return differs(s, it, RS_H_RELATION);
  if (rs_eq(value, "modified.macros")) return differs(s, it, RS_H_MACROS);
  if (rs_eq(value, "modified.contract")) return differs(s, it, RS_H_CONTRACT);
  return persists(it) && differs(s, it, RS_H_DESCRIPTIONS);
}

enum rs_state_change rs_state_change(const struct rs_state *s, const struct rs_item *it)
{
  if (s->then[it->index] == NULL) return RS_CHANGE_NEW;
  if (differs(s, it, RS_H_SQL)) return RS_CHANGE_SQL;
  if (differs(s, it, RS_H_CALL) || differs(s, it, RS_H_CONFIGS)) return RS_CHANGE_CONFIG;
  if (differs(s, it, RS_H_RELATION)) return RS_CHANGE_RELATION;
  if (differs(s, it, RS_H_CONTRACT)) return RS_CHANGE_CONTRACT;
  if (differs(s, it, RS_H_MACROS)) return RS_CHANGE_MACRO;
  if (differs(s, it, RS_H_UPSTREAM)) return RS_CHANGE_UPSTREAM;
  return persists(it) && differs(s, it, RS_H_DESCRIPTIONS) ? RS_CHANGE_DESCRIPTION : RS_CHANGE_NONE;
}

bool rs_state_is_other_kind(const struct rs_state *s, const struct rs_item *it)
{
  return s->then[it->index] != NULL && s->then[it->index]->v[RS_H_CONFIGS][0] == 0;
}

const char *rs_change_name(enum rs_state_change c)
{
  static const char *const names[] = {"unchanged",          "new",
                                      "changed sql",        "changed config",
                                      "changed relation",   "changed contract",
                                      "changed macro",      "changed upstream",
                                      "changed description"};
  return names[c];
}
