/*
** Places of whatever kind (see places.h).
*/
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"
#include "src/base/mem.h"
#include "src/base/spill.h"
#include "src/base/text.h"

#define FILES "file://"

/* ---- patterns -------------------------------------------------------------------------------- */

enum { STEPS_MAX = 100000, DEPTH_MAX = 64 };

/* Behind the class that opens at p; NULL: there is none. */
static const char *match_class(const char *p, char c, bool *in)
{
  bool not = p[1] == '!' || p[1] == '^';
  const char *q = p + 1 + not ;
  *in = false;
  for (bool first = true; *q != 0 && (first || *q != ']'); first = false) {
    char from = *q++, to = from;
    if (q[0] == '-' && q[1] != 0 && q[1] != ']') {
      to = q[1];
      q += 2;
    }
    if ((unsigned char)c >= (unsigned char)from && (unsigned char)c <= (unsigned char)to)
      *in = true;
  }
  if (*q == 0) return NULL;
  *in = *in != not &&c != '/' && c != 0;
  return q + 1;
}

static bool match(const char *p, const char *s, int depth, int *steps);

/* Behind a star: the rest somewhere further on. */
static bool match_star(const char *p, const char *s, int depth, int *steps)
{
  bool all = p[1] == '*';
  p += 1 + all;
  // `**/` is also no folder at all
  if (all && *p == '/' && match(p + 1, s, depth + 1, steps)) return true;
  for (;; s++) {
    if (match(p, s, depth + 1, steps)) return true;
    if (*s == 0 || (*s == '/' && !all)) return false;
  }
}

/* One of {a,b}, then what follows it. */
static bool match_choice(const char *p, const char *s, int depth, int *steps)
{
  const char *close = strchr(p, '}');
  if (close == NULL) return false;
  for (const char *from = p + 1; from <= close;) {
    size_t n = strcspn(from, ",}");
    char *one = rs_mprintf("%.*s%s", (int)n, from, close + 1);
    bool is = one != NULL && match(one, s, depth + 1, steps);
    rs_free(one);
    if (is) return true;
    from += n + 1;
  }
  return false;
}

static bool match(const char *p, const char *s, int depth, int *steps)
{
  for (; *p != 0; p++, s++) {
    bool in;
    const char *end;
    // a pattern that would take for ever matches nothing
    if (++*steps > STEPS_MAX || depth > DEPTH_MAX) return false;
    if (*p == '*') return match_star(p, s, depth, steps);
    if (*p == '{') return match_choice(p, s, depth, steps);
    if (*p == '[' && (end = match_class(p, *s, &in)) != NULL) {
      if (!in) return false;
      p = end - 1;
    } else if (*p == '?') {
      if (*s == 0 || *s == '/') return false;
    } else {
      if (*p == '\\' && p[1] != 0) p++;
      if (*p != *s) return false;
    }
  }
  return *s == 0;
}

bool rs_pattern_matches(const char *pattern, const char *name)
{
  int steps = 0;
  return match(pattern, name, 0, &steps);
}

/* ---- what a place is ------------------------------------------------------------------------- */

static bool is_url(const char *text)
{
  size_t n = strlen(text);
  return rs_casestarts(text, n, "http://") || rs_casestarts(text, n, "https://");
}

enum rs_place_kind rs_place_kind(const char *bucket)
{
  if (rs_starts(bucket, FILES)) return RS_PLACE_FOLDER;
  return is_url(bucket) ? RS_PLACE_WEB : RS_PLACE_BUCKET;
}

static enum rs_code copy_spec(struct rs_place *p, const struct rs_place_spec *spec,
                              struct rs_error *e)
{
  const char **const texts[] = {&p->spec.bucket, &p->spec.prefix, &p->spec.pattern,
                                &p->spec.region, &p->spec.key_id, &p->spec.secret};
  p->spec = *spec;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (!rs_arena_keep(&p->arena, texts[i])) return rs_nomem(e);
  return RS_OK;
}

static enum rs_code check_names(const struct rs_place_spec *spec, enum rs_place_kind kind,
                                struct rs_error *e)
{
  if (spec->prefix != NULL && spec->pattern != NULL)
    return rs_fail(e, RS_INVALID, "s3: 'prefix' and 'pattern' exclude each other: leave one out");
  if (kind == RS_PLACE_WEB && (spec->prefix != NULL || spec->pattern != NULL))
    return rs_fail(e, RS_INVALID,
                   "s3.bucket: a URL is one object and can't be listed: leave 'prefix' and "
                   "'pattern' out, and add a source for each object");
  return RS_OK;
}

static enum rs_code open_kind(struct rs_place *p, struct rs_error *e)
{
  switch (p->kind) {
    case RS_PLACE_FOLDER:
      p->path = p->spec.bucket + strlen(FILES);
      return rs_folder_check(p->all, p->path, e);
    case RS_PLACE_WEB: return rs_web_open(p, e);
    default: return rs_bucket_open(p, e);
  }
}

enum rs_code rs_place_open(const struct rs_places *all, const struct rs_place_spec *spec,
                           struct rs_place **pp, struct rs_error *e)
{
  struct rs_place *p = rs_calloc(1, sizeof *p);
  if (p == NULL) return rs_nomem(e);
  p->all = all;
  rs_arena_init(&p->arena, 0);
  rs_arena_init(&p->names, 0);
  atomic_init(&p->cancelled, false);
  p->kind = rs_place_kind(spec->bucket);
  enum rs_code rc = check_names(spec, p->kind, e);
  if (rc == RS_OK) rc = copy_spec(p, spec, e);
  if (rc == RS_OK) rc = open_kind(p, e);
  if (rc == RS_OK) *pp = p;
  else rs_place_close(p);
  return rc;
}

enum rs_code rs_place_check(const struct rs_places *all, const struct rs_place_spec *spec,
                            struct rs_error *e)
{
  struct rs_place *p = NULL;
  enum rs_code rc = rs_place_open(all, spec, &p, e);
  if (rc == RS_OK) rs_place_close(p);
  return rc;
}

void rs_place_close(struct rs_place *p)
{
  if (p == NULL) return;
  rs_http_free(p->http);
  rs_free(p->v);
  rs_arena_free(&p->names);
  rs_arena_free(&p->arena);
  rs_free(p);
}

void rs_place_cancel(struct rs_place *p)
{
  atomic_store(&p->cancelled, true);
  if (p->http != NULL) rs_http_cancel(p->http);
}

/* ---- lists ----------------------------------------------------------------------------------- */

enum rs_code rs_place_add(struct rs_place *p, const char *name, const char *version, int64_t size,
                          struct rs_error *e)
{
  const struct rs_place_spec *spec = &p->spec;
  if (atomic_load(&p->cancelled)) return rs_fail(e, RS_CANCELLED, "cancelled");
  if (spec->prefix != NULL && !rs_starts(name, spec->prefix)) return RS_OK;
  if (spec->pattern != NULL && !rs_pattern_matches(spec->pattern, name)) return RS_OK;
  if (p->n >= PLACE_OBJECTS_MAX)
    return rs_fail(e, RS_LIMIT, "more than %d objects: name fewer of them by 'prefix' or 'pattern'",
                   PLACE_OBJECTS_MAX);
  struct rs_object o = {rs_arena_strdup(&p->names, name), rs_arena_strdup(&p->names, version),
                        size};
  if (o.name == NULL || o.version == NULL || !rs_grow(&p->v, &p->cap, p->n + 1, sizeof p->v[0]))
    return rs_nomem(e);
  p->v[p->n++] = o;
  return RS_OK;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(((const struct rs_object *)a)->name, ((const struct rs_object *)b)->name);
}

enum rs_code rs_place_list(struct rs_place *p, const struct rs_object **v, size_t *n,
                           struct rs_error *e)
{
  rs_arena_free(&p->names);
  p->n = 0;
  enum rs_code rc = p->kind == RS_PLACE_FOLDER ? rs_folder_list(p, e)
                    : p->kind == RS_PLACE_WEB  ? rs_web_list(p, e)
                                               : rs_bucket_list(p, e);
  if (rc != RS_OK) return rc;
  if (p->n > 1) qsort(p->v, p->n, sizeof p->v[0], by_name);
  *v = p->v;
  *n = p->n;
  return RS_OK;
}

/* ---- contents -------------------------------------------------------------------------------- */

enum rs_code rs_place_status(const struct rs_place *p, const char *name, int status,
                             struct rs_error *e)
{
  const char *from = rs_http_origin(p->http);
  if (status == 404) return rs_fail(e, RS_NOT_FOUND, "%s: %s: not found", from, name);
  if (status == 401 || status == 403)
    return rs_fail(e, RS_AUTH,
                   "%s: %s: refused (HTTP %d): is it the right integration, and may its key read "
                   "this?",
                   from, name, status);
  if (status == 429 || status >= 500)
    return rs_fail(e, RS_BUSY, "%s: %s: answered with HTTP %d", from, name, status);
  return rs_fail(e, RS_REMOTE, "%s: %s: answered with HTTP %d", from, name, status);
}

const char *rs_place_version(struct rs_place *p, struct rs_arena *a)
{
  const char *tag = rs_http_header(p->http, "ETag", 0);
  const char *time = rs_http_header(p->http, "Last-Modified", 0);
  const char *size = rs_http_header(p->http, "Content-Length", 0);
  if (tag != NULL) return rs_arena_strdup(a, tag);
  if (time == NULL) return rs_arena_strdup(a, "");
  return rs_arena_printf(a, "%s %s", time, size != NULL ? size : "");
}

static enum rs_code spill_body(struct rs_place *p, const char *name, int fd, struct rs_error *e)
{
  enum { STEP = 1 << 16 };
  uint64_t at = 0;
  size_t n = 1;
  enum rs_code rc = RS_OK;
  char *buf = rs_calloc(1, STEP);
  if (buf == NULL) return rs_nomem(e);
  while (rc == RS_OK && n > 0) {
    rc = rs_http_read(p->http, buf, STEP, &n, e);
    if (rc == RS_OK && (int64_t)(at + n) > PLACE_OBJECT_BYTES)
      rc = rs_fail(e, RS_LIMIT, "%s: larger than 5 GiB: cut it into several objects", name);
    if (rc == RS_OK && n > 0) rc = rs_spill_write(fd, at, buf, n, e);
    at += n;
  }
  rs_free(buf);
  return rc;
}

enum rs_code rs_place_download(struct rs_place *p, const struct rs_http_request *r,
                               const struct rs_object *o, int *fd, struct rs_object *is,
                               struct rs_error *e)
{
  int status = 0;
  if (atomic_load(&p->cancelled)) return rs_fail(e, RS_CANCELLED, "cancelled");
  *fd = -1;
  *is = *o;
  enum rs_code rc = rs_http_open(p->http, r, &status, e);
  if (rc != RS_OK) return rc;
  if (status != 200) rc = rs_place_status(p, o->name, status, e);
  if (rc == RS_OK) rc = rs_spill_open(fd, e);
  if (rc == RS_OK) rc = spill_body(p, o->name, *fd, e);
  if (rc == RS_OK) {
    is->version = rs_place_version(p, &p->names);
    if (is->version == NULL) rc = rs_nomem(e);
  }
  rs_http_end(p->http);
  if (rc != RS_OK && *fd >= 0) {
    (void)close(*fd);
    *fd = -1;
  }
  return rc;
}

enum rs_code rs_place_fetch(struct rs_place *p, const struct rs_object *o, int *fd,
                            struct rs_object *is, struct rs_error *e)
{
  const struct rs_http_request r = {.path = p->path};
  switch (p->kind) {
    case RS_PLACE_FOLDER: return rs_folder_fetch(p, o, fd, is, e);
    case RS_PLACE_WEB: return rs_place_download(p, &r, o, fd, is, e);
    default: return rs_bucket_fetch(p, o, fd, is, e);
  }
}
