/*
** Targets: the registry of engines and of what is open in this process (engine.h).
*/
#include "slots.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/profile/fields.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define RS_ENGINE(name) extern const struct rs_engine name;
#include "src/engine/engines.def"
#undef RS_ENGINE
static const struct rs_engine *const engines[] = {
#define RS_ENGINE(name) &name,
#include "src/engine/engines.def"
#undef RS_ENGINE
};

static const struct rs_field_table no_fields;

/* Open targets by key; a handful, so a list does. The mutex guards it and every target's refs. */
static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct rs_target *registry;

static const struct rs_engine *find_engine(const char *type)
{
  for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
    if (rs_eq(engines[i]->type, type)) return engines[i];
  return NULL;
}

const struct rs_field_table *rs_target_fields(size_t i, const char **type)
{
  if (i >= sizeof engines / sizeof engines[0]) return NULL;
  *type = engines[i]->type;
  return engines[i]->fields ? engines[i]->fields : &no_fields;
}

/* The line at the beginning of `place`; in memory each target is a place of its own. */
static char *place_of(const struct rs_target *t, const char *place)
{
  if ((t->engine->traits.caps & RS_CAP_EMBEDDED) && !t->file)
    return rs_mprintf(":memory:%p", (const void *)t);
  return rs_strndup(place, strcspn(place, "\n"));
}

/* A new target, not in the registry yet; takes `key`, whose place begins at `at`. */
static enum rs_code make_target(const struct rs_engine *engine, const struct rs_output *o,
                                char *key, size_t at, struct rs_target **pt, struct rs_error *e)
{
  struct rs_target *t = rs_calloc(1, sizeof *t);
  if (!t) {
    rs_free(key);
    return rs_nomem(e);
  }
  t->engine = engine;
  t->output = o;
  t->key = key;
  t->refs = 1;
  rs_output_retain(o);
  enum rs_code rc = engine->target_open(t, e);
  if (rc == RS_OK && (t->place = place_of(t, key + at)) == NULL) {
    engine->target_close(t);
    rc = rs_nomem(e);
  }
  if (rc == RS_OK) {
    *pt = t;
    return RS_OK;
  }
  rs_output_release(o);
  rs_free(key);
  rs_free(t);
  return rc;
}

enum rs_code rs_target_open(const struct rs_output *o, struct rs_target **pt, struct rs_error *e)
{
  const struct rs_engine *engine = find_engine(o->type);
  if (!engine)
    return rs_fail(e, RS_UNSUPPORTED, "target '%s': there is no adapter for type '%s'",
                   o->target_name, o->type);
  struct rs_buf key;
  rs_buf_init(&key, 1 << 20);
  /* Two profiles may give one place different workspaces, names and settings: they are different
  ** targets that share what the engine shares by itself (DuckDB's instances are keyed by their
  ** file). */
  rs_buf_printf(&key, "%s\n%s\n%s\n%s\n%d\n", o->type, o->profile_name, o->target_name,
                o->workspace, o->threads);
  const size_t at = key.n;
  enum rs_code rc = engine->target_place(o, &key, e);
  for (size_t i = 0; i < o->nfields; i++)
    rs_buf_printf(&key, "\n%s=%s", o->fields[i].name, o->fields[i].text);
  if (rc == RS_OK) rc = rs_buf_error(&key, e, "target");
  if (rc != RS_OK) {
    rs_buf_free(&key);
    return rc;
  }
  char *text = rs_buf_take(&key);
  pthread_mutex_lock(&registry_mutex);
  struct rs_target *t = registry;
  while (t && strcmp(t->key, text) != 0) t = t->next;
  if (t) {
    t->refs++;
    rs_free(text);
  } else {
    rc = make_target(engine, o, text, at, &t, e);
    if (rc == RS_OK) {
      t->next = registry;
      registry = t;
    }
  }
  pthread_mutex_unlock(&registry_mutex);
  if (rc == RS_OK) *pt = t;
  return rc;
}

const struct rs_traits *rs_output_traits(const struct rs_output *o)
{
  static const struct rs_traits unknown;
  const struct rs_engine *engine = find_engine(o->type);
  return engine ? &engine->traits : &unknown;
}

void rs_target_no_file(const struct rs_target *t, struct rs_error *e)
{
  const char *file = t->file;
  if (!e || e->code != RS_NOT_FOUND || !file || access(file, F_OK) == 0 || errno != ENOENT) return;
  rs_error_append(e, " (there is no file %s: %s)", file,
                  t->output->embedded_default
                    ? "if the SQLite file was renamed, moved or copied, put its .duckdb file "
                      "beside it under this name"
                    : "if it was renamed or moved, correct `path` in the profile");
}

struct rs_target_info rs_target_info(const struct rs_target *t)
{
  return (struct rs_target_info){t->output, t->dialect, t->place, t->file, t->wal};
}

void rs_target_retain(struct rs_target *t)
{
  pthread_mutex_lock(&registry_mutex);
  t->refs++;
  pthread_mutex_unlock(&registry_mutex);
}

void rs_target_release(struct rs_target *t)
{
  if (!t) return;
  pthread_mutex_lock(&registry_mutex);
  bool last = --t->refs == 0;
  if (last) {
    struct rs_target **at = &registry;
    while (*at && *at != t) at = &(*at)->next;
    if (*at) *at = t->next; // one that tests made is in no registry
  }
  pthread_mutex_unlock(&registry_mutex);
  if (!last) return;
  t->engine->target_close(t);
  rs_output_release(t->output);
  rs_free(t->key);
  rs_free(t->place);
  rs_free(t);
}
