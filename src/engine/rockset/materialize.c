/*
** Tables built aside and switched by an alias (rockset.h).
**
** A table `ws.t` is an alias `t` of a collection `t__<8 hex>`: a rebuild fills a new collection,
** waits until all its rows can be read, and moves the alias, which the service does atomically:
** readers see the old or the new table, never none. Then the old collection goes. Only where a
** plain collection or a view stands under the name, it is free for a short time: the new one
** is complete before.
**
** A build that crashed leaves its collection. The description says whose it is (relation, host,
** process), and the next build of the relation removes what no living process of this host owns;
** what another host made, only when it is a day old.
*/
#include <ctype.h>
#include <signal.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "rockset.h"

#define MARK "rockset_ext build of "
#define SWITCH_S 600
#define FOREIGN_US ((int64_t)24 * 3600 * 1000000)

/* ---- names ----------------------------------------------------------------------------------- */

static void host_name(char host[256])
{
  if (gethostname(host, 255) != 0) (void)snprintf(host, 256, "unknown");
  host[255] = 0;
}

static bool has_suffix(const char *name, size_t *stem)
{
  size_t n = strlen(name);
  if (n < 11 || name[n - 10] != '_' || name[n - 9] != '_') return false;
  for (size_t i = n - 8; i < n; i++) {
    if (!isdigit((unsigned char)name[i]) && !(name[i] >= 'a' && name[i] <= 'f')) return false;
  }
  *stem = n - 10;
  return true;
}

bool rs_rockset_is_aside(const char *name, const char *description)
{
  size_t stem;
  return description != NULL && strncmp(description, MARK, sizeof MARK - 1) == 0 &&
         has_suffix(name, &stem);
}

bool rs_rockset_is_table(const struct rs_relation *alias, const struct rs_relation *collection)
{
  size_t stem;
  return rs_eq(alias->workspace, collection->workspace) && has_suffix(collection->name, &stem) &&
         rs_eqn(alias->name, collection->name, stem);
}

enum rs_code rs_rockset_aside(const struct rs_relation *rel, struct rs_arena *a,
                              struct rs_relation *out, const char **description, struct rs_error *e)
{
  char uuid[37], host[256];
  rs_uuid(uuid);
  host_name(host);
  out->workspace = rel->workspace;
  out->name = rs_arena_printf(a, "%s__%.8s", rel->name, uuid);
  *description = rs_arena_printf(a, MARK "%s.%s by %s/%ld", rel->workspace, rel->name, host,
                                 (long)getpid());
  return out->name != NULL && *description != NULL ? RS_OK : rs_nomem(e);
}

/* Is the build that this description tells of over? Ours are: one build at a time has the lock. */
static bool is_abandoned(const char *description, const char *created_at)
{
  char host[256], now[40], at[RS_JSON_TIME_MAX];
  const char *by = strstr(description, " by "), *slash = by != NULL ? strrchr(by, '/') : NULL;
  host_name(host);
  if (slash != NULL && rs_eqn(host, by + 4, (size_t)(slash - by - 4))) {
    long pid = strtol(slash + 1, NULL, 10);
    return pid <= 0 || pid == (long)getpid() || (kill((pid_t)pid, 0) != 0 && errno == ESRCH);
  }
  // texts of one form compare as times do
  rs_format_timestamp(rs_wall_us() - FOREIGN_US, now);
  return created_at != NULL && rs_json_timestamp(created_at, strlen(created_at), at) > 0 &&
         strcmp(at, now) < 0;
}

enum rs_code rs_rockset_sweep(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_rockset_found *now, struct rs_error *e)
{
  cJSON *answer = NULL;
  const cJSON *item;
  enum rs_code rc = rs_rockset_get(s, &answer, e, "/ws/%s/collections", rel->workspace);
  if (rc == RS_NOT_FOUND) return RS_OK;
  cJSON_ArrayForEach(item, rs_rockset_data(answer))
  {
    const char *name = rs_remote_text(item, "name");
    const char *description = rs_remote_text(item, "description");
    size_t stem;
    if (rc != RS_OK || name == NULL || !rs_rockset_is_aside(name, description)) continue;
    if (!has_suffix(name, &stem) || !rs_eqn(rel->name, name, stem)) continue;
    bool in_use = now->kind == RS_REL_ALIAS && rs_eq(now->collection.name, name) &&
                  rs_eq(now->collection.workspace, rel->workspace);
    if (in_use || rs_rockset_is_deleted(item) ||
        !is_abandoned(description, rs_remote_text(item, "created_at")))
      continue;
    // another alias may stand for it by now: then the service refuses, and that is well
    enum rs_code dropped = rs_rockset_delete(s, 0, e, "/ws/%s/collections/%s", rel->workspace,
                                             name);
    if (dropped == RS_CANCELLED || dropped == RS_NOMEM) rc = dropped;
  }
  cJSON_Delete(answer);
  return rc;
}

void rs_rockset_discard(struct rs_session *s, const struct rs_relation *aside)
{
  (void)rs_rockset_delete(s, RS_REST_CALM, NULL, "/ws/%s/collections/%s", aside->workspace,
                          aside->name);
}

/* ---- the switch ------------------------------------------------------------------------------ */

enum rs_code rs_rockset_put_alias(struct rs_session *s, const struct rs_alias *alias, bool exists,
                                  unsigned flags, struct rs_error *e)
{
  struct rs_buf b;
  rs_rockset_begin(&b);
  if (!exists) rs_js_text(&b, "name", alias->name);
  rs_js_open(&b, "collections", '[');
  for (size_t i = 0; i < alias->ncollections; i++) rs_js_text(&b, NULL, alias->collections[i]);
  rs_js_close(&b, ']');
  if (alias->description != NULL) rs_js_text(&b, "description", alias->description);
  return rs_rockset_post(s, &b, flags, NULL, e, "/ws/%s/aliases/%s", alias->workspace,
                         exists ? alias->name : NULL);
}

/* Does the alias stand for that collection of its workspace? */
static bool stands_for(const cJSON *alias, const struct rs_relation *aside)
{
  const char *path = rs_rockset_collection(alias), *dot = path != NULL ? strrchr(path, '.') : NULL;
  return dot != NULL && rs_eq(dot + 1, aside->name);
}

/* The move is not done with the answer: until the alias says so readers may see the old one. */
static enum rs_code await_alias(struct rs_session *s, const struct rs_relation *rel,
                                const struct rs_relation *aside, struct rs_error *e)
{
  struct rs_rockset_poll poll = {0};
  for (;;) {
    cJSON *answer = NULL;
    enum rs_code rc = rs_rockset_get(s, &answer, e, "/ws/%s/aliases/%s", rel->workspace, rel->name);
    bool moved = rc == RS_OK && stands_for(rs_rockset_data(answer), aside);
    cJSON_Delete(answer);
    if (moved || (rc != RS_OK && rc != RS_NOT_FOUND)) return rc;
    rc = rs_rockset_pause(s, &poll, SWITCH_S, e, "alias '%s.%s' has not moved", rel->workspace,
                          rel->name);
    if (rc != RS_OK) return rc;
  }
}

/* Makes or moves the alias, and waits until it has moved. */
static enum rs_code switch_alias(struct rs_session *s, const struct rs_relation *rel,
                                 const struct rs_relation *aside, bool exists, struct rs_error *e)
{
  char *path = rs_mprintf("%s.%s", aside->workspace, aside->name);
  const char *const to[] = {path};
  const struct rs_alias alias = {
    .workspace = rel->workspace, .name = rel->name, .collections = to, .ncollections = 1};
  enum rs_code rc = path != NULL ? rs_rockset_put_alias(s, &alias, exists, RS_REST_SAFE, e)
                                 : rs_nomem(e);
  rs_free(path);
  return rc == RS_OK ? await_alias(s, rel, aside, e) : rc;
}

/* An alias moves; what a build of ours made for it before goes. */
static enum rs_code move_alias(struct rs_session *s, const struct rs_relation *rel,
                               const struct rs_rockset_found *old, const struct rs_relation *aside,
                               char *note, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_rockset_found behind = {.kind = RS_REL_NONE};
  struct rs_error ignored = {0};
  enum rs_code rc = switch_alias(s, rel, aside, true, e);
  if (rc != RS_OK) return rc;
  rs_arena_init(&a, 0);
  // from here on the new table is in place: what fails now is a note, not an error
  rc = rs_rockset_find(s, &old->collection, &a, &behind, &ignored);
  if (rc == RS_OK && rs_rockset_is_aside(old->collection.name, behind.description)) {
    rc = rs_rockset_drop_found(s, &old->collection, behind.kind, false, &ignored);
  }
  if (rc != RS_OK) {
    (void)snprintf(note, sizeof((struct rs_build *)0)->note,
                   "the collection before, %s.%s, could not be dropped: %.200s",
                   old->collection.workspace, old->collection.name, ignored.text);
  }
  rs_arena_free(&a);
  return RS_OK;
}

static enum rs_code restore_views(struct rs_session *s, const struct rs_rockset_views *views,
                                  char *note)
{
  struct rs_error e = {0};
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < views->n; i++) {
    const struct rs_rockset_view *v = &views->v[i];
    rc = rs_rockset_put_view(s, &v->rel, v->sql, v->description, false, &e);
    if (rc == RS_OK || rc == RS_EXISTS) continue;
    (void)snprintf(note, sizeof((struct rs_build *)0)->note,
                   "view %s.%s had to be dropped and could not be made again: %.200s",
                   v->rel.workspace, v->rel.name, e.text);
    return rc;
  }
  return RS_OK;
}

/* A collection or view gives its name to an alias. Views that read it may keep it from going: they
** are made again behind it. */
static enum rs_code take_name(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_rockset_found *old, const struct rs_relation *aside,
                              struct rs_rockset_views *views, char *note, struct rs_error *e)
{
  enum rs_code rc = rs_rockset_drop_found(s, rel, old->kind, false, e);
  if (rc == RS_CONSTRAINT) {
    rc = rs_rockset_dependents(s, rel, views, e);
    if (rc == RS_OK) rc = rs_rockset_drop_views(s, views, e);
    if (rc == RS_OK) rc = rs_rockset_drop_found(s, rel, old->kind, false, e);
  }
  if (rc != RS_OK) return rc;
  rc = switch_alias(s, rel, aside, false, e);
  if (rc != RS_OK) {
    // the old one is gone and the new one complete: it must not be thrown away
    (void)rs_error_prefix(
      e,
      "'%s.%s' is complete as collection '%s', but its alias could not be made: "
      "run the model again, or make alias '%s' of '%s.%s'",
      rel->workspace, rel->name, aside->name, rel->name, aside->workspace, aside->name);
    return rc;
  }
  if (old->kind != RS_REL_NONE) {
    (void)snprintf(note, sizeof((struct rs_build *)0)->note,
                   "the %s %s.%s became an alias of %s: from now on rebuilds switch it atomically",
                   old->kind == RS_REL_VIEW ? "view" : "collection", rel->workspace, rel->name,
                   aside->name);
  }
  (void)restore_views(s, views, note);
  return RS_OK;
}

enum rs_code rs_rockset_switch(struct rs_session *s, const struct rs_relation *rel,
                               const struct rs_relation *aside, char *note, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_rockset_found old;
  rs_arena_init(&a, 0);
  struct rs_rockset_views views = {.a = &a};
  enum rs_code rc = rs_rockset_find(s, rel, &a, &old, e);
  if (rc == RS_OK && old.kind == RS_REL_ALIAS) rc = move_alias(s, rel, &old, aside, note, e);
  else if (rc == RS_OK) rc = take_name(s, rel, &old, aside, &views, note, e);
  rs_free(views.v);
  rs_arena_free(&a);
  return rc;
}

/* Is the collection what the alias stands for, or has the name nothing else? Then it stays. */
static bool must_stay(struct rs_session *s, const struct rs_relation *rel,
                      const struct rs_relation *aside)
{
  const struct rs_rockset_call get = {.flags = RS_REST_CALM | RS_REST_SAFE};
  static const char *const kinds[] = {"collections", "views"};
  cJSON *answer = NULL;
  enum rs_code rc = rs_rockset_call(s, &get, &answer, NULL, "/ws/%s/aliases/%s", rel->workspace,
                                    rel->name);
  bool stands = stands_for(rs_rockset_data(answer), aside);
  cJSON_Delete(answer);
  if (rc == RS_OK) return stands;
  for (size_t i = 0; i < 2; i++) {
    rc = rs_rockset_call(s, &get, NULL, NULL, "/ws/%s/%s/%s", rel->workspace, kinds[i], rel->name);
    if (rc == RS_OK) return false;
  }
  return true;
}

/* ---- tables ---------------------------------------------------------------------------------- */

struct build_job {
  struct rs_rockset_job job;
  const char *sql;
  struct rs_build *how;
  int64_t rows;
};

static enum rs_code build_aside(struct rs_session *s, struct build_job *j, struct rs_error *e)
{
  const struct rs_relation *rel = j->job.rel;
  struct rs_relation aside = {.workspace = NULL, .name = NULL};
  const char *description;
  enum rs_code rc = rs_rockset_need_workspace(s, rel->workspace, e);
  if (rc == RS_OK) rc = rs_rockset_sweep(s, rel, &j->job.found, e);
  if (rc == RS_OK) rc = rs_rockset_aside(rel, &j->job.a, &aside, &description, e);
  if (rc != RS_OK) return rc;
  bool switching = false;
  rc = rs_rockset_make_collection(s, &aside, description, e);
  if (rc == RS_OK) rc = rs_rockset_insert(s, &aside, j->sql, &j->rows, e);
  if (rc == RS_OK) {
    switching = true;
    rc = rs_rockset_switch(s, rel, &aside, j->how->note, e);
  }
  if (rc != RS_OK && !(switching && must_stay(s, rel, &aside))) rs_rockset_discard(s, &aside);
  return rc;
}

/* dbt-rockset's way: what is there goes first. */
static enum rs_code build_in_place(struct rs_session *s, struct build_job *j, struct rs_error *e)
{
  const struct rs_relation *rel = j->job.rel;
  enum rs_code rc = j->job.found.kind == RS_REL_NONE
                      ? rs_rockset_need_workspace(s, rel->workspace, e)
                      : rs_rockset_drop_all(s, &j->job, e);
  if (rc == RS_OK) rc = rs_rockset_make_collection(s, rel, NULL, e);
  return rc == RS_OK ? rs_rockset_insert(s, rel, j->sql, &j->rows, e) : rc;
}

static enum rs_code build_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct build_job *j = arg;
  return j->how->in_place ? build_in_place(s, j, e) : build_aside(s, j, e);
}

enum rs_code rs_rockset_replace(struct rs_session *s, const struct rs_relation *rel,
                                const char *sql, struct rs_build *how, int64_t *rows,
                                struct rs_error *e)
{
  if (how->kind == RS_BUILD_VIEW) return rs_rockset_replace_view(s, rel, sql, e);
  struct build_job j = {{.rel = rel}, sql, how, -1};
  j.how->note[0] = 0;
  enum rs_code rc = rs_rockset_do(s, build_job, &j.job, true, e);
  if (rc == RS_OK && rows != NULL) *rows = j.rows;
  return rc;
}

/* ---- rows into a table ----------------------------------------------------------------------- */

static enum rs_code insert_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct build_job *j = arg;
  const struct rs_relation *rel = j->job.rel;
  if (j->job.found.kind == RS_REL_NONE) return rs_rockset_not_found(s, rel, e);
  if (j->job.found.kind == RS_REL_VIEW)
    return rs_fail(e, RS_INVALID, "'%s.%s' is a view: rows can't be written to it", rel->workspace,
                   rel->name);
  return rs_rockset_insert(s, rel, j->sql, &j->rows, e);
}

/* Rockset overwrites a document whose `_id` comes again: INSERT INTO is the upsert. */
enum rs_code rs_rockset_add_select(struct rs_session *s, const struct rs_relation *rel,
                                   const char *sql, const struct rs_adding *how, int64_t *rows,
                                   struct rs_error *e)
{
  struct build_job j = {{.rel = rel}, sql, NULL, -1};
  if (how->keys != NULL && (how->nkeys != 1 || !rs_eq(how->keys[0], "_id"))) {
    return rs_fail(e, RS_UNSUPPORTED,
                   "'%s.%s': Rockset knows no key but _id: select the key AS _id (several columns "
                   "put together into one text) and set unique_key to _id",
                   rel->workspace, rel->name);
  }
  enum rs_code rc = rs_rockset_do(s, insert_job, &j.job, true, e);
  if (rc == RS_OK && rows != NULL) *rows = j.rows;
  return rc;
}
