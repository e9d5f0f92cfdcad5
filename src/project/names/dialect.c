/*
** Models in Rockset's dialect: config(dialect='rockset'), or `dialect: rockset` in the profile's
** output for all. Their templates see a target of dbt-rockset's, and what they give is Rockset SQL,
** which becomes the engine's on its way there.
**
** What begins as no statement of Rockset's (it has queries and INSERT INTO) is the engine's own.
*/
#include <stdio.h>
#include <string.h>
#include "names.h"
#include "src/engine/callable_session.h"
#include "src/rsql/rsql.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#define ROCKSET "rockset"

/* ---- who speaks it --------------------------------------------------------------------------- */

/* Of a text whose node says that of itself; NULL: nothing. */
static bool is_rockset(const struct rs_project *p, const char *said)
{
  if (said == NULL) said = rs_output_text(p->set.output, "dialect", NULL);
  return rs_eq(said, ROCKSET);
}

/* A target that speaks it itself gets its texts as they are. */
static bool speaks_other(const struct rs_project *p)
{
  return p->set.output != NULL && !rs_eq(p->set.dialect->name, ROCKSET);
}

bool rs_node_rockset(const struct rs_project *p, const struct rs_node *n)
{
  if (!speaks_other(p)) return false;
  const bool of_model = n->type == RS_NODE_UNIT_TEST && n->tested != NULL;
  const char *said = n->config.dialect;
  if (said == NULL && of_model) said = n->tested->config.dialect;
  return is_rockset(p, said);
}

static const char *text_of(jv config, const char *key)
{
  jv v;
  bool found = config.kind == JV_DICT && jv_dict_get(config, key, &v) && jv_is_str(v);
  return found ? jv_cstr(v, NULL) : NULL;
}

bool rs_context_rockset(const struct rs_context *c)
{
  if (c->opt.builds || !speaks_other(c->project)) return false;
  if (c->opt.rockset) return true;
  // a query lambda's text is kept as it is, and translated when it runs
  const char *kind = text_of(c->config, "materialized");
  if (rs_eq(kind, "query_lambda")) return true;
  if (c->opt.execute) return rs_node_rockset(c->project, c->node);
  return is_rockset(c->project, text_of(c->config, "dialect"));
}

const struct rs_traits *rs_context_traits(const struct rs_context *c)
{
  static const struct rs_output rockset = {.type = ROCKSET};
  return rs_output_traits(rs_context_rockset(c) ? &rockset : c->project->set.output);
}

const struct rs_dialect *rs_context_dialect(const struct rs_context *c)
{
  return rs_context_rockset(c) ? rs_dialect_find(ROCKSET) : c->project->set.dialect;
}

const char *rs_context_type(const struct rs_context *c)
{
  return rs_context_rockset(c) ? ROCKSET : c->project->set.output->type;
}

/* ---- places ---------------------------------------------------------------------------------- */

struct line {
  const char *p;
  size_t n;
};

/* Line `number` (from 1 on) of a text; n 0 also where there is none. */
static struct line line_at(const char *text, size_t n, size_t number)
{
  const char *end = text + n;
  while (--number > 0 && text < end) {
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    text = stop != NULL ? stop + 1 : end;
  }
  const char *stop = memchr(text, '\n', (size_t)(end - text));
  return (struct line){text, (size_t)((stop != NULL ? stop : end) - text)};
}

static bool is_word(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The place of byte `at`: columns in characters. */
static struct rs_rsql_pos pos_of(const char *text, size_t at)
{
  struct rs_rsql_pos pos = {1, 1};
  for (size_t i = 0; i < at; i++) {
    if (text[i] == '\n') pos = (struct rs_rsql_pos){pos.line + 1, 1};
    else if (((unsigned char)text[i] & 0xC0) != 0x80) pos.column++;
  }
  return pos;
}

/* The only line of the node's text that reads like this one. */
static bool find_line(const struct rs_node *n, struct line line, size_t *number)
{
  size_t found = 0, at = 1;
  const char *p = n->sql, *end = n->sql + n->nsql;
  for (; p < end; at++) {
    const char *stop = memchr(p, '\n', (size_t)(end - p));
    size_t len = (size_t)((stop != NULL ? stop : end) - p);
    if (len == line.n && memcmp(p, line.p, len) == 0) {
      found++;
      *number = at;
    }
    p += len + 1;
  }
  return found == 1;
}

/* The only place of the node's text with this word. */
static bool find_word(const struct rs_node *n, struct line word, struct rs_rsql_pos *pos)
{
  size_t found = 0;
  for (size_t i = 0; i + word.n <= n->nsql; i++) {
    if (i > 0 && is_word(n->sql[i - 1])) continue;
    if (memcmp(n->sql + i, word.p, word.n) != 0) continue;
    if (i + word.n < n->nsql && is_word(n->sql[i + word.n])) continue;
    if (found++ == 0) *pos = pos_of(n->sql, i);
  }
  return found == 1;
}

/* The place in the text that was translated as one of the node's own text, which the template may
** have changed: by its line, else by the word that stands there. */
static bool find_place(const struct rs_translated *t, const struct rs_node *n,
                       struct rs_rsql_pos *pos)
{
  struct line line = line_at(t->text, t->n, pos->line), word;
  size_t column = pos->column, i = 0;
  if (n->sql == NULL || line.n == 0) return false;
  if (find_line(n, line, &pos->line)) return true;
  while (i < line.n && --column > 0) {
    i++;
    while (i < line.n && ((unsigned char)line.p[i] & 0xC0) == 0x80) i++;
  }
  word = (struct line){line.p + i, 0};
  while (i + word.n < line.n && is_word(word.p[word.n])) word.n++;
  return word.n > 1 && find_word(n, word, pos);
}

/* The parser's own words of where it is, which are about the text that was translated, go. */
static void cut_place(struct rs_error *e, struct rs_rsql_pos pos)
{
  char end[80];
  snprintf(end, sizeof end, " at line %zu, column %zu", pos.line, pos.column);
  rs_error_cut(e, "SQL: ", end);
}

/* Puts the place in front of the error. */
static void at_place(const struct rs_translated *t, const struct rs_node *n, struct rs_rsql_pos pos,
                     struct rs_error *e)
{
  char what[300];
  if (e == NULL || pos.line == 0 || e->code == RS_NOMEM || e->code == RS_CANCELLED) return;
  cut_place(e, pos);
  if (find_place(t, n, &pos))
    (void)rs_error_prefix(e, "%s line %zu, column %zu", rs_node_what(n, what, sizeof what),
                          pos.line, pos.column);
  else (void)rs_error_prefix(e, "%s line %zu, column %zu", t->what, pos.line, pos.column);
}

/* ---- translating ----------------------------------------------------------------------------- */

/* The columns of a collection, which the statement reads as long as it is there. */
struct rs_described {
  struct rs_described *next;
  struct rs_columns columns;
};

struct asking {
  struct rs_session *s;
  const struct rs_project *p;
  struct rs_translated *t;
  bool parameters; /* may have some, whose values come when it runs */
  bool sides;      /* fields keep their sidecars */
};

static enum rs_code describe(void *ctx, struct rs_rsql_relation *rel, bool write,
                             struct rs_error *e)
{
  struct asking *x = ctx;
  const struct rs_relation name = {.workspace = rel->workspace, .name = rel->name};
  const char *local = x->p->set.local_prefix;
  const size_t n = local != NULL ? strlen(local) : 0;
  if (n > 0 && strncmp(rel->workspace, local, n) == 0 &&
      (rel->workspace[n] == 0 || rel->workspace[n] == '.'))
    return rs_fail(e, RS_UNSUPPORTED,
                   "'%s.%s' is a table of this database, which Rockset SQL does not reach: read it "
                   "in a view whose config says dialect='engine'",
                   rel->workspace, rel->name);
  struct rs_described *d = rs_arena_calloc(&x->t->arena, sizeof *d);
  if (d == NULL) return rs_nomem(e);
  enum rs_relation_kind kind = RS_REL_NONE;
  const enum rs_code rc = rs_session_describe(x->s, &name, &d->columns, &kind, e);
  if (rc != RS_OK) return rc;
  d->next = x->t->described;
  x->t->described = d;
  if (!write) rel->columns = &d->columns;
  return RS_OK;
}

/* Is it a statement that Rockset has? */
static bool is_known(const struct rs_sqltext *one)
{
  static const char *const words[] = {"INSERT", "OPTION", "DESC", "SCRIPT"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (rs_eq(one->keyword, words[i])) return true;
  return one->kind == RS_SQL_QUERY;
}

static enum rs_code fail_parameter(const struct rs_rsql_stmt *stmt, struct rs_error *e)
{
  size_t n;
  const char *const *names = rs_rsql_params(stmt, &n);
  if (n == 0) return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "parameter ':%s' has no value: only query lambdas have parameters, elsewhere "
                 "var('%s') gives one",
                 names[0], names[0]);
}

static enum rs_code keep_target(struct rs_translated *t, struct rs_error *e)
{
  const struct rs_rsql_collection *to = rs_rsql_target(t->stmt);
  struct rs_relation *rel = rs_arena_calloc(&t->arena, sizeof *rel);
  if (rel == NULL) return rs_nomem(e);
  *rel = (struct rs_relation){.workspace = to->to_workspace, .name = to->to_name};
  t->to = rel;
  return RS_OK;
}

static enum rs_code emit(struct asking *x, struct rs_buf *b, struct rs_rsql_pos *pos,
                         struct rs_error *e)
{
  struct rs_translated *t = x->t;
  const struct rs_target_info target = rs_target_info(rs_session_target(x->s));
  struct rs_rsql_output out;
  enum rs_code rc = rs_rsql_parse(t->text, t->n, &t->arena, &t->stmt, pos, e);
  if (rc != RS_OK) return rc;
  const enum rs_rsql_kind kind = rs_rsql_kind(t->stmt);
  const struct rs_rsql_env env = {.workspace = target.output->workspace,
                                  .relation = describe,
                                  .ctx = x,
                                  .sides = x->sides || kind == RS_RSQL_INSERT,
                                  .lower = target.dialect->lower_names};
  if (kind == RS_RSQL_DESCRIBE)
    return rs_fail(e, RS_UNSUPPORTED,
                   "DESCRIBE is no query here: adapter.get_columns_in_relation() tells the "
                   "columns");
  rc = x->parameters ? RS_OK : fail_parameter(t->stmt, e);
  if (rc == RS_OK) rc = rs_rsql_resolve(t->stmt, &env, pos, e);
  if (rc == RS_OK && kind == RS_RSQL_INSERT) rc = keep_target(t, e);
  if (kind == RS_RSQL_PASS) rs_buf_str(b, "SELECT * FROM (\n");
  if (rc == RS_OK) rc = rs_rsql_emit(t->stmt, target.dialect, false, b, &out, pos, e);
  if (kind == RS_RSQL_PASS) rs_buf_str(b, "\n)");
  return rc == RS_OK ? rs_buf_error(b, e, "statement") : rc;
}

static enum rs_code start(struct rs_translated *t, const char *text, size_t len, const char *what,
                          struct rs_error *e)
{
  *t = (struct rs_translated){.n = len};
  rs_arena_init(&t->arena, 0);
  t->text = rs_arena_strndup(&t->arena, text, len);
  t->what = rs_arena_strdup(&t->arena, what);
  return t->text != NULL && t->what != NULL ? RS_OK : rs_nomem(e);
}

enum rs_code rs_translate_check(struct rs_session *s, const struct rs_project *p,
                                const struct rs_node *n, const char *text, const char *what,
                                struct rs_error *e)
{
  struct rs_translated t;
  struct asking x = {.s = s, .p = p, .t = &t, .parameters = true};
  struct rs_rsql_pos pos = {0, 0};
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = start(&t, text, strlen(text), what, e);
  if (rc == RS_OK) rc = emit(&x, &b, &pos, e);
  if (rc != RS_OK) at_place(&t, n, pos, e);
  rs_buf_free(&b);
  rs_translated_free(&t);
  return rc;
}

static enum rs_code translate(struct asking x, const struct rs_node *n, const char *text,
                              size_t len, const char *what, struct rs_error *e)
{
  struct rs_translated *t = x.t;
  struct rs_rsql_pos pos = {0, 0};
  struct rs_sqltext one;
  struct rs_buf b;
  enum rs_code rc = start(t, text, len, what, e);
  if (rc == RS_OK) rc = rs_sqltext_one(t->text, len, rs_dialect_find(ROCKSET), what, &one, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  if (is_known(&one)) rc = emit(&x, &b, &pos, e);
  else rs_buf_add(&b, t->text, len);
  if (rc == RS_OK)
    rc = rs_callable_take(x.s, rs_buf_text(&b), b.n, x.p->set.trusted, what, &one, &t->sql, e);
  t->kind = one.kind;
  rs_buf_free(&b);
  if (rc != RS_OK) at_place(t, n, pos, e);
  return rc;
}

enum rs_code rs_translate(struct rs_session *s, const struct rs_project *p, const struct rs_node *n,
                          const char *text, size_t len, const char *what, struct rs_translated *t,
                          struct rs_error *e)
{
  return translate((struct asking){.s = s, .p = p, .t = t}, n, text, len, what, e);
}

enum rs_code rs_translate_model(struct rs_session *s, const struct rs_project *p,
                                const struct rs_node *n, const char *text, size_t len,
                                const char *what, struct rs_translated *t, struct rs_error *e)
{
  return translate((struct asking){.s = s, .p = p, .t = t, .sides = true}, n, text, len, what, e);
}

enum rs_code rs_translated_explain(const struct rs_translated *t, const struct rs_node *n,
                                   enum rs_code rc, struct rs_error *e)
{
  struct rs_rsql_pos pos = {0, 0};
  if (rc == RS_OK || rc == RS_NOMEM || rc == RS_CANCELLED || t->stmt == NULL || e == NULL)
    return rc;
  const char *reason = rs_rsql_pass_reason(t->stmt);
  if (reason != NULL) {
    rs_error_append(e, " (sent as it is, since it is no Rockset SQL: %s)", reason);
    return rc;
  }
  rs_rsql_explain(t->stmt, &pos, e);
  at_place(t, n, pos, e);
  return e->code != RS_OK ? e->code : rc;
}

enum rs_code rs_translated_exec(struct rs_session *s, const struct rs_translated *t,
                                const struct rs_node *n, int64_t *rows, struct rs_error *e)
{
  static const struct rs_adding documents = {.evolves = true};
  const struct rs_statement st = {.sql = t->sql, .writes = t->kind != RS_SQL_QUERY};
  enum rs_code rc = t->to != NULL ? rs_session_add_select(s, t->to, t->sql, &documents, rows, e)
                                  : rs_session_exec(s, &st, rows, e);
  return rs_translated_explain(t, n, rc, e);
}

void rs_translated_free(struct rs_translated *t)
{
  for (struct rs_described *d = t->described; d != NULL; d = d->next) rs_columns_free(&d->columns);
  rs_free(t->sql);
  rs_arena_free(&t->arena);
  memset(t, 0, sizeof *t);
}
