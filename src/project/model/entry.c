/*
** Docs blocks, groups, exposures as the project keeps them, and the checks of access and groups
** (model.h).
*/
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/value/text.h"
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#define DEPTH_MAX 64

/* ---- loading -------------------------------------------------------------------------------- */

enum rs_code rs_entries_load(void *ctx, const struct rs_store_entry *x, struct rs_error *e)
{
  struct rs_project *p = ctx;
  struct rs_entry *to = rs_arena_calloc(&p->arena, sizeof *to);
  const char *package = x->package != NULL ? x->package : p->name;
  if (to == NULL || !rs_grow(&p->entries, &p->cap_entries, p->nentries + 1, sizeof *p->entries))
    return rs_nomem(e);
  *to = (struct rs_entry){.kind = x->kind,
                          .package = rs_arena_strdup(&p->arena, package),
                          .name = rs_arena_strdup(&p->arena, x->name),
                          .text = rs_arena_strdup(&p->arena, x->text)};
  if (x->path != NULL) to->path = rs_arena_strdup(&p->arena, x->path);
  if (to->package == NULL || to->name == NULL || to->text == NULL ||
      (x->path != NULL && to->path == NULL))
    return rs_nomem(e);
  p->entries[p->nentries++] = to;
  if (x->kind == RS_STORE_SEMANTIC_MODEL) return rs_semantic_load(p, to, e);
  if (x->kind != RS_STORE_DOC) return RS_OK;
  enum rs_code rc = rs_doc_render(p, to, e);
  if (rc != RS_OK) rc = rs_project_bad_row(p, "doc", x->name, rc, e);
  if (rc != RS_OK) return rc;
  char *key = rs_arena_printf(&p->arena, "%s\n%s", package, x->name);
  return key != NULL && rs_map_put(&p->docs, key, to) ? RS_OK : rs_nomem(e);
}

/* "models/staging/core.yml" -> "staging." below the first folder; "" for none. */
const char *rs_folder_fqn(struct rs_arena *a, const char *path)
{
  const char *slash = path != NULL ? strchr(path, '/') : NULL;
  const char *last = path != NULL ? strrchr(path, '/') : NULL;
  if (slash == NULL || slash == last) return "";
  char *s = rs_arena_strndup(a, slash + 1, (size_t)(last - slash));
  for (char *p = s; p != NULL && *p != 0; p++)
    if (*p == '/') *p = '.';
  return s;
}

void rs_refs_text(const struct rs_json *j, unsigned depth, struct rs_buf *b)
{
  if (j == NULL || depth > DEPTH_MAX) return;
  if (j->kind == RS_J_STRING) {
    bool call = (j->n > 5 && strncmp(j->p, "ref(", 4) == 0) ||
                (j->n > 8 && strncmp(j->p, "metric(", 7) == 0) ||
                (j->n > 8 && strncmp(j->p, "source(", 7) == 0);
    if (call) rs_buf_printf(b, "{{ %.*s }}", (int)j->n, j->p);
    else if (j->n > 4 && memmem(j->p, j->n, "{{", 2) != NULL) rs_buf_add(b, j->p, j->n);
  }
  if (j->kind == RS_J_ARRAY || j->kind == RS_J_OBJECT)
    for (const struct rs_json *k = j->first; k != NULL; k = k->next) rs_refs_text(k, depth + 1, b);
}

/* ---- groups and access ---------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A model that all may read must be a relation. */
static enum rs_code check_public(const struct rs_node *n, struct rs_error *e)
{
  char what[300];
  if (n->type != RS_NODE_MODEL || !n->config.enabled || !rs_eq(n->config.access, "public") ||
      !rs_eq(n->config.materialized, "ephemeral"))
    return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "%s: with 'ephemeral' materialization it has an invalid value (public) for the "
                 "access field",
                 rs_node_what(n, what, sizeof what));
}

enum rs_code rs_group_check(const struct rs_project *p, const struct rs_node *n, struct rs_error *e)
{
  const char *group = n->config.group;
  size_t count = 0;
  enum rs_code rc = check_public(n, e);
  if (rc != RS_OK) return rc;
  if (group == NULL || !n->config.enabled) return RS_OK;
  const char **names = rs_calloc(p->nentries + 1, sizeof *names);
  if (names == NULL) return rs_nomem(e);
  for (size_t i = 0; i < p->nentries; i++)
    if (p->entries[i]->kind == RS_STORE_GROUP) names[count++] = p->entries[i]->name;
  bool found = false;
  for (size_t i = 0; i < count && !found; i++) found = rs_eq(names[i], group);
  if (!found) {
    struct rs_buf list;
    char what[300];
    rs_buf_init(&list, 1000);
    qsort((void *)names, count, sizeof *names, by_text);
    for (size_t i = 0; i < count; i++) rs_buf_printf(&list, "%s'%s'", i > 0 ? ", " : "", names[i]);
    rc = rs_fail(e, RS_NOT_FOUND, "%s: invalid group '%s', expected one of [%s] (rockset_groups)",
                 rs_node_what(n, what, sizeof what), group, rs_buf_text(&list));
    rs_buf_free(&list);
  }
  rs_free((void *)names);
  return rc;
}

static bool is_restricted(const struct rs_project *p, const char *package)
{
  if (rs_eq(package, p->name)) return p->restricted;
  const struct rs_package *pack = rs_map_get(&p->packages, package);
  return pack != NULL && pack->restricted;
}

enum rs_code rs_access_check(const struct rs_project *p, const struct rs_node *from,
                             const char *group, const struct rs_node *to, struct rs_error *e)
{
  if (to->type != RS_NODE_MODEL || from->type == RS_NODE_OPERATION) return RS_OK;
  const char *access = to->config.access != NULL ? to->config.access : "protected";
  bool restricted = is_restricted(p, to->package);
  bool private = rs_eq(access, "private");
  // As dbt has it, restrict-access shuts a private model off from its own group, too
  bool bad = private
               ? group == NULL || !rs_eq(group, to->config.group) || restricted
               : rs_eq(access, "protected") && restricted && !rs_eq(from->package, to->package);
  if (!bad) return RS_OK;
  const char *scope = !private ? to->package : to->config.group != NULL ? to->config.group : "";
  return rs_fail(e, RS_FORBIDDEN,
                 "node %s attempted to reference node %s, which is not allowed because the "
                 "referenced node is %s to the '%s' %s",
                 from->unique_id, to->unique_id, access, scope, private ? "group" : "package");
}

/* ---- deprecation ---------------------------------------------------------------------------- */

static void date_text(const char *date, char *out, size_t size)
{
  bool has_time = strlen(date) > 10;
  snprintf(out, size, "%.80s%s", date, has_time ? "" : "T00:00:00+00:00");
  if (has_time && out[10] == ' ') out[10] = 'T';
}

const char *rs_date_text(struct rs_arena *a, const char *date)
{
  char text[120];
  date_text(date, text, sizeof text);
  return rs_arena_strdup(a, text);
}

static bool has_passed(const struct rs_project *p, const char *date)
{
  char now[40];
  rs_format_timestamp(p->started_us, now);
  return strncmp(date, now, strlen(date) < 10 ? strlen(date) : 10) < 0;
}

static enum rs_code warn(const struct rs_project *p, const char *text, struct rs_error *e)
{
  if (p->set.warn_error) return rs_fail(e, RS_INVALID, "%s", text);
  if (p->set.say != NULL) p->set.say(text);
  return RS_OK;
}

static const char *version_dot(const struct rs_node *n)
{
  return n->row.version != NULL ? ".v" : "";
}

static const char *version_text(const struct rs_node *n)
{
  return n->row.version != NULL ? n->row.version : "";
}

static enum rs_code warn_reader(const struct rs_project *p, const struct rs_node *n,
                                const struct rs_node *to, struct rs_error *e)
{
  char date[100], newer[400] = "", text[1200];
  bool past = has_passed(p, to->row.deprecation_date);
  date_text(to->row.deprecation_date, date, sizeof date);
  const char *latest = to->row.latest_version;
  if (to->row.version != NULL && latest != NULL && !rs_eq(latest, to->row.version))
    snprintf(newer, sizeof newer,
             ". A new version of '%.80s' is available. %s: {{ ref('%.80s', '%.80s', v='%.40s') }}",
             to->name, past ? "Migrate now" : "Try it out", to->package, to->name, latest);
  snprintf(text, sizeof text,
           "while compiling '%.200s': found a reference to %.200s%s%.40s, which %s '%s'%s", n->name,
           to->name, version_dot(to), version_text(to),
           past ? "was deprecated on" : "is slated for deprecation on", date, newer);
  return warn(p, text, e);
}

enum rs_code rs_deprecation_warn(const struct rs_project *p, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < p->norder; i++) {
    const struct rs_node *n = p->order[i];
    char text[600], date[100];
    if (n->type != RS_NODE_MODEL) continue;
    if (n->row.deprecation_date != NULL && has_passed(p, n->row.deprecation_date)) {
      date_text(n->row.deprecation_date, date, sizeof date);
      snprintf(text, sizeof text,
               "model %.200s%s%.40s has passed its deprecation date of %s. This model should be "
               "disabled or removed",
               n->name, version_dot(n), version_text(n), date);
      rc = warn(p, text, e);
    }
    for (size_t k = 0; rc == RS_OK && k < n->nparents; k++) {
      const struct rs_node *to = p->nodes[n->parents[k]];
      if (to->row.deprecation_date != NULL) rc = warn_reader(p, n, to, e);
    }
  }
  return rc;
}

bool rs_node_alone(const struct rs_node *n)
{
  return n->type == RS_NODE_ANALYSIS || (n->type == RS_NODE_TEST && n->row.path != NULL);
}

enum rs_code rs_lost_tests_warn(const struct rs_project *p, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < p->nnodes && !p->set.keep_bad; i++) {
    const struct rs_node *n = p->nodes[i];
    if (n->type == RS_NODE_TEST && n->bad != NULL && rs_node_alone(n)) rc = warn(p, n->bad, e);
  }
  return rc;
}
