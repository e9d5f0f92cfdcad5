/*
** Compiling a model (compile.h). Ephemeral models are compiled depth first, in the order of their
** refs, each once.
*/
#include "compile.h"
#include <stdio.h>
#include <string.h>
#include "src/engine/callable_session.h"
#include "src/base/mem.h"
#include "src/sql/cte.h"

#define EPHEMERAL_DEPTH_MAX 200

struct work {
  const struct rs_context_options *opt;
  bool rockset; /* the whole is Rockset SQL, as its root's text is */
  struct {
    const struct rs_node *node;
    struct rs_cte cte;
  } * ctes; /* in the order in which they are written */
  size_t n, cap;
  struct rs_buf warnings;
};

static const struct rs_dialect *dialect_of(const struct work *w)
{
  return w->rockset ? rs_dialect_find("rockset") : w->opt->project->set.dialect;
}

/* A statement is in one dialect, and the text of an ephemeral model becomes part of it. */
static enum rs_code check_dialect(const struct work *w, const struct rs_node *n, struct rs_error *e)
{
  char what[300];
  const bool rockset = rs_node_rockset(w->opt->project, n);
  // a query lambda's text is Rockset SQL whatever its model says, and so is what it reads
  if (rockset == w->rockset || (w->rockset && !rs_node_rockset(w->opt->project, w->opt->node)))
    return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "%s is in %s dialect, and ref('%s') is an ephemeral model in %s, which would "
                 "become a part of its SQL: give both the same config 'dialect', or materialize "
                 "'%s' as a view",
                 rs_node_what(w->opt->node, what, sizeof what),
                 w->rockset ? "Rockset's" : "the engine's own", n->name,
                 rockset ? "Rockset's" : "the engine's own", n->name);
}

/* Proves that the text is one balanced query: it will stand inside parentheses. */
static enum rs_code prove(const struct work *w, const struct rs_node *n, const struct rs_buf *text,
                          struct rs_sqltext *one, struct rs_error *e)
{
  char what[300];
  rs_node_what(n, what, sizeof what);
  const struct rs_project *p = w->opt->project;
  enum rs_code rc = rs_sqltext_one(rs_buf_text(text), text->n, dialect_of(w), what, one, e);
  if (rc == RS_OK && one->kind != RS_SQL_QUERY)
    rc = rs_fail(e, RS_INVALID, "%s: a %s must be a query, but its SQL begins with %s", what,
                 n->test != NULL ? "test" : "model", one->keyword);
  if (rc == RS_OK && !w->rockset) // else what becomes of it is proven
    rc = rs_callable_prove(one->p, one->n, p->set.dialect, p->set.output, p->set.trusted, what, one,
                           e);
  if (rc != RS_OK && rc != RS_NOMEM && w->opt->shown) { // dbt shows whatever the template gives
    one->p = rs_buf_text(text);
    one->n = text->n;
    return RS_OK;
  }
  return rc;
}

/* The model's own text, rendered; the ephemeral models it names are returned owned in *pe. */
static enum rs_code render(struct work *w, struct rs_node *n, bool is_root, struct rs_buf *out,
                           struct rs_node ***pe, size_t *ne, struct rs_error *e)
{
  struct rs_context_options opt = *w->opt;
  opt.node = n;
  if (!is_root) opt.kind = NULL; // the kind of this call is the root's alone
  opt.rockset = w->rockset;
  struct rs_context *c;
  struct rs_template *text;
  if (rs_node_is_python(n)) {
    if (!is_root || !opt.shown) return rs_python_refuse(n, e);
    rs_buf_add(out, n->sql, n->nsql);
    return rs_buf_error(out, e, "a Python model");
  }
  enum rs_code rc = rs_node_template(n, &text, e);
  if (rc != RS_OK) return rc;
  rc = rs_context_new(&opt, &c, e);
  if (rc != RS_OK) {
    rs_template_release(text);
    return rc;
  }
  if (is_root) w->rockset = rs_context_rockset(c);
  rc = rs_jinja_render(c->j, text, out, e);
  if (rc == RS_OK) rc = rs_buf_error(out, e, "compiled SQL");
  if (c->warnings.n > 0)
    rs_buf_printf(&w->warnings, "%s%s", w->warnings.n > 0 ? "; " : "", rs_buf_text(&c->warnings));
  *pe = c->ephemerals;
  *ne = c->nephemerals;
  c->ephemerals = NULL;
  rs_context_free(c);
  rs_template_release(text);
  return rc;
}

static bool is_written(const struct work *w, const struct rs_node *n)
{
  for (size_t i = 0; i < w->n; i++)
    if (w->ctes[i].node == n) return true;
  return false;
}

static enum rs_code add_cte(struct work *w, struct rs_node *n, int depth, struct rs_error *e);

static enum rs_code add_ctes(struct work *w, struct rs_node **nodes, size_t n, int depth,
                             struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < n; i++)
    if (!is_written(w, nodes[i])) rc = add_cte(w, nodes[i], depth, e);
  return rc;
}

static enum rs_code add_cte(struct work *w, struct rs_node *n, int depth, struct rs_error *e)
{
  if (depth > EPHEMERAL_DEPTH_MAX)
    return rs_fail(e, RS_LIMIT, "model %s: ephemeral models are nested more than %d deep", n->name,
                   EPHEMERAL_DEPTH_MAX);
  struct rs_buf sql, cte;
  struct rs_node **inner = NULL;
  struct rs_sqltext one;
  size_t ninner = 0;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_buf_init(&cte, RS_BUF_SQL_MAX);
  enum rs_code rc = check_dialect(w, n, e);
  if (rc == RS_OK) rc = render(w, n, false, &sql, &inner, &ninner, e);
  if (rc == RS_OK) rc = prove(w, n, &sql, &one, e);
  if (rc == RS_OK) rc = add_ctes(w, inner, ninner, depth + 1, e);
  if (rc != RS_OK) goto done;
  // Untrimmed and unindented, but without a final `;`, which dbt would send inside the brackets
  size_t len = sql.n;
  const char *text = rs_buf_text(&sql), *tail = one.p + one.n;
  if (memchr(tail, ';', (size_t)(text + sql.n - tail)) != NULL) len = (size_t)(tail - text);
  rs_buf_printf(&cte, " __dbt__cte__%s as (\n", n->name);
  rs_buf_add(&cte, text, len);
  rs_buf_str(&cte, "\n)");
  rc = rs_buf_error(&cte, e, "compiled SQL");
  if (rc == RS_OK && !rs_grow(&w->ctes, &w->cap, w->n + 1, sizeof *w->ctes)) rc = rs_nomem(e);
  if (rc != RS_OK) goto done;
  size_t ncte = cte.n;
  w->ctes[w->n].node = n;
  w->ctes[w->n++].cte = (struct rs_cte){.text = rs_buf_take(&cte), .n = ncte};
done:
  rs_buf_free(&sql);
  rs_buf_free(&cte);
  rs_free(inner);
  return rc;
}

static enum rs_code inject(struct work *w, const struct rs_buf *sql, struct rs_buf *out,
                           struct rs_error *e)
{
  struct rs_cte *list = rs_calloc(w->n + 1, sizeof *list);
  if (list == NULL) return rs_nomem(e);
  for (size_t i = 0; i < w->n; i++) list[i] = w->ctes[i].cte;
  rs_cte_inject(rs_buf_text(sql), sql->n, dialect_of(w), list, w->n, out);
  rs_free(list);
  return rs_buf_error(out, e, "compiled SQL");
}

enum rs_code rs_compile(const struct rs_context_options *opt, struct rs_compiled *out,
                        struct rs_error *e)
{
  memset(out, 0, sizeof *out);
  struct work w = {.opt = opt};
  struct rs_buf sql, whole;
  struct rs_node **ephemerals = NULL;
  struct rs_sqltext one;
  size_t n = 0;
  rs_buf_init(&w.warnings, RS_ERROR_MAX);
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_buf_init(&whole, RS_BUF_SQL_MAX);
  enum rs_code rc = render(&w, opt->node, true, &sql, &ephemerals, &n, e);
  if (rc == RS_OK) rc = prove(&w, opt->node, &sql, &one, e);
  if (rc == RS_OK) rc = add_ctes(&w, ephemerals, n, 1, e);
  if (rc == RS_OK) rc = inject(&w, &sql, &whole, e);
  if (rc == RS_OK) rc = prove(&w, opt->node, &whole, &one, e);
  if (rc == RS_OK) {
    out->sql = rs_strndup(one.p, one.n);
    if (w.warnings.n > 0) out->warnings = rs_buf_take(&w.warnings);
    out->text = rs_buf_take(&whole);
    out->rockset = w.rockset;
    if (out->sql == NULL || out->text == NULL) rc = rs_nomem(e);
  }
  // An error inside a macro names the macro
  char what[300];
  if (rc != RS_OK && rc != RS_NOMEM && !rs_error_names_node(e))
    rs_error_prefix(e, "%s", rs_node_what(opt->node, what, sizeof what));
  if (rc != RS_OK) rs_compiled_free(out);
  for (size_t i = 0; i < w.n; i++) rs_free((char *)w.ctes[i].cte.text);
  rs_free(w.ctes);
  rs_free(ephemerals);
  rs_buf_free(&w.warnings);
  rs_buf_free(&sql);
  rs_buf_free(&whole);
  return rc;
}

enum rs_code rs_compiled_query(struct rs_session *s, const struct rs_project *p,
                               const struct rs_node *n, const char *text, bool rockset,
                               struct rs_translated *t, struct rs_error *e)
{
  char what[300], node[280];
  *t = (struct rs_translated){.sql = NULL};
  if (!rockset) return RS_OK;
  snprintf(what, sizeof what, "%s: compiled SQL", rs_node_what(n, node, sizeof node));
  // a generic test asks and stores what it finds; a model's rows are what it selects
  return n->type == RS_NODE_MODEL ? rs_translate_model(s, p, n, text, strlen(text), what, t, e)
                                  : rs_translate(s, p, n, text, strlen(text), what, t, e);
}

void rs_compiled_free(struct rs_compiled *c)
{
  rs_free(c->text);
  rs_free(c->sql);
  rs_free(c->warnings);
  memset(c, 0, sizeof *c);
}
