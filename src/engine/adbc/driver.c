/*
** A driver's library and its database (driver.h).
**
** Credentials go in as ADBC's options `username` and `password`; a driver that knows no such
** options gets them in the uri.
*/
#include "driver.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include "src/base/arena.h"
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/net/http.h"

/* ---- the library ----------------------------------------------------------------------------- */

/* "adbc_driver_x": as it is, then as the linker would name it. */
static void *load(const char *driver, char *why, size_t cap)
{
  char name[512];
  void *handle = dlopen(driver, RTLD_NOW | RTLD_LOCAL);
  if (handle) return handle;
  const char *error = dlerror();
  (void)snprintf(why, cap, "%s", error ? error : "it can't be loaded");
  if (strchr(driver, '/')) return NULL;
#ifdef __APPLE__
  (void)snprintf(name, sizeof name, "lib%s.dylib", driver);
#else
  (void)snprintf(name, sizeof name, "lib%s.so", driver);
#endif
  return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

/* ".../libadbc_driver_x.so" -> "AdbcDriverXInit", as ADBC's driver managers name it. */
static void entry_of(const char *driver, char *out, size_t cap)
{
  const char *base = strrchr(driver, '/');
  base = base ? base + 1 : driver;
  if (strncmp(base, "lib", 3) == 0) base += 3;
  size_t n = 0;
  bool upper = true;
  for (; *base && *base != '.' && n + 5 < cap; base++) {
    if (*base == '_' || *base == '-') {
      upper = true;
      continue;
    }
    char c = *base;
    out[n++] = (char)(upper && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    upper = false;
  }
  (void)snprintf(out + n, cap - n, "Init");
}

static enum rs_code start(struct rs_adbc_library *l, const struct rs_output *o,
                          enum rs_code (*translate)(const struct rs_adbc_failure *,
                                                    struct rs_error *),
                          struct rs_error *e)
{
  const char *driver = rs_output_text(o, "driver", "");
  const char *named = rs_output_text(o, "entrypoint", NULL);
  char why[512], derived[256];
  AdbcDriverInitFunc init = NULL;
  void *handle = load(driver, why, sizeof why);
  if (!handle) return rs_fail(e, RS_IO, "driver '%s' can't be loaded: %s", driver, why);
  entry_of(driver, derived, sizeof derived);
  const char *const names[] = {named ? named : derived, named ? NULL : "AdbcDriverInit"};
  for (size_t i = 0; i < 2 && !init && names[i]; i++) *(void **)&init = dlsym(handle, names[i]);
  if (!init) {
    return rs_fail(e, RS_UNSUPPORTED,
                   "driver '%s' has no function %s: give the profile its `entrypoint`", driver,
                   names[0]);
  }
  l->driver.translate = translate;
  return rs_adbc_driver_init(&l->driver, init, driver, e);
}

/* ---- the database ---------------------------------------------------------------------------- */

static AdbcStatusCode try_option(struct rs_adbc_library *l, const char *key, const char *value,
                                 struct AdbcError *a)
{
  *a = (struct AdbcError){.vendor_code = INT32_MIN};
  return l->driver.fn.DatabaseSetOption(&l->db, key, value, a);
}

static enum rs_code set_option(struct rs_adbc_library *l, const char *key, const char *value,
                               struct rs_error *e)
{
  struct AdbcError a;
  AdbcStatusCode status = try_option(l, key, value, &a);
  if (status == ADBC_STATUS_OK) return RS_OK;
  enum rs_code rc = rs_adbc_fail(&l->driver, status, &a, e);
  if (rc != RS_NOMEM && e) rs_error_prefix(e, "option '%s'", key);
  return rc;
}

/* Of the profile's map `options`. */
static enum rs_code set_options(struct rs_adbc_library *l, const char *map, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_json *j = NULL;
  if (!map || !*map) return RS_OK;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_json_parse(map, strlen(map), 8, &a, &j, e);
  for (const struct rs_json *m = rc ? NULL : j->first; m && !rc; m = m->next) {
    const char *key = rs_arena_strndup(&a, m->key, m->nkey);
    const char *value = m->kind == RS_J_BOOL   ? (m->truth ? "true" : "false")
                        : m->kind == RS_J_NULL ? NULL
                                               : rs_arena_strndup(&a, m->p, m->n);
    if (!key || (!value && m->kind != RS_J_NULL)) rc = rs_nomem(e);
    else if (value) rc = set_option(l, key, value, e);
  }
  rs_arena_free(&a);
  return rc;
}

/* A word of `key='value'` settings. */
static void add_setting(struct rs_buf *b, const char *key, const char *value)
{
  rs_buf_printf(b, " %s='", key);
  for (; *value; value++) {
    if (*value == '\'' || *value == '\\') rs_buf_char(b, '\\');
    rs_buf_char(b, *value);
  }
  rs_buf_char(b, '\'');
}

/* The uri with the credentials inside: of a URL or of `key=value` settings. */
static void uri_with(struct rs_buf *b, const char *uri, const char *user, const char *password)
{
  const char *rest = strstr(uri, "://");
  if (!rest) {
    rs_buf_str(b, uri);
    if (user) add_setting(b, "user", user);
    if (password) add_setting(b, "password", password);
    return;
  }
  rest += 3;
  size_t authority = strcspn(rest, "/?#");
  const char *at = memchr(rest, '@', authority);
  const char *own = rest;
  if (at) rest = at + 1;
  rs_buf_add(b, uri, (size_t)(own - uri));
  if (user) rs_http_escape(b, user, strlen(user));
  else if (at) rs_buf_add(b, own, (size_t)(at - own));
  if (password) {
    rs_buf_char(b, ':');
    rs_http_escape(b, password, strlen(password));
  }
  rs_buf_char(b, '@');
  rs_buf_str(b, rest);
}

static enum rs_code set_access(struct rs_adbc_library *l, const struct rs_output *o,
                               const char *uri, struct rs_error *e)
{
  const char *const keys[] = {"username", "password"};
  const char *values[2];
  bool inside = false;
  for (size_t i = 0; i < 2; i++) {
    struct AdbcError a;
    values[i] = rs_output_text(o, keys[i], NULL);
    if (!values[i] || inside) continue;
    AdbcStatusCode status = try_option(l, keys[i], values[i], &a);
    if (status == ADBC_STATUS_OK) continue;
    if (status != ADBC_STATUS_NOT_IMPLEMENTED || !uri) {
      enum rs_code rc = rs_adbc_fail(&l->driver, status, &a, e);
      if (rc != RS_NOMEM && e) rs_error_prefix(e, "option '%s'", keys[i]);
      return rc;
    }
    if (a.release) a.release(&a);
    inside = true;
  }
  if (!uri) return RS_OK;
  if (!inside) return set_option(l, "uri", uri, e);
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  uri_with(&b, uri, values[0], values[1]);
  enum rs_code rc = rs_buf_error(&b, e, "uri");
  if (!rc) rc = set_option(l, "uri", rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_adbc_library_open(struct rs_adbc_library *l, const struct rs_target *t,
                                  const struct rs_any_driver *d, struct rs_error *e)
{
  const struct rs_output *o = t->output;
  const char *uri = rs_output_text(o, d->uri ? d->uri : "uri", NULL);
  struct AdbcError a = {.vendor_code = INT32_MIN};
  memset(l, 0, sizeof *l);
  enum rs_code rc = start(l, o, d->translate ? d->translate : rs_adbc_translate, e);
  if (rc) return rc;
  l->driver.counts = d->counts;
  AdbcStatusCode status = l->driver.fn.DatabaseNew(&l->db, &a);
  if (status != ADBC_STATUS_OK) return rs_adbc_fail(&l->driver, status, &a, e);
  rc = set_access(l, o, uri, e);
  if (!rc) rc = set_options(l, rs_output_text(o, "options", NULL), e);
  if (!rc) {
    a = (struct AdbcError){.vendor_code = INT32_MIN};
    status = l->driver.fn.DatabaseInit(&l->db, &a);
    if (status != ADBC_STATUS_OK) rc = rs_adbc_fail(&l->driver, status, &a, e);
  }
  l->open = true;
  if (rc) rs_adbc_library_close(l);
  return rc;
}

void rs_adbc_library_close(struct rs_adbc_library *l)
{
  struct AdbcError a = {.vendor_code = INT32_MIN};
  if (!l->open) return;
  l->driver.fn.DatabaseRelease(&l->db, &a);
  if (a.release) a.release(&a);
  l->open = false;
}

/* ---- version --------------------------------------------------------------------------------- */

/* Rows of GetInfo: (number of the info, a union of types). */
static void add_infos(struct ArrowArrayStream *stream, struct rs_buf *out)
{
  struct ArrowSchema raw = {0};
  struct ArrowArray array = {0};
  struct rs_arrow_schema schema;
  struct rs_arrow_view views[2];
  struct rs_scratch scratch;
  if (stream->get_schema(stream, &raw) != 0) return;
  if (raw.n_children == 2 && rs_arrow_schema_init(&schema, &raw, NULL, NULL) == RS_OK) {
    rs_scratch_init(&scratch);
    while (stream->get_next(stream, &array) == 0 && array.release) {
      rs_arrow_batch_open(&schema, &array, views);
      for (int64_t i = 0; i < array.length; i++) {
        struct rs_value code, text;
        rs_arrow_get(&views[0], i, &scratch, &code);
        rs_arrow_get(&views[1], i, &scratch, &text);
        if (code.kind != RS_INT || code.i > 1 || text.kind != RS_TEXT) continue;
        if (out->n) rs_buf_char(out, ' ');
        rs_buf_add(out, text.s.p, text.s.n);
      }
      array.release(&array);
      array.release = NULL;
    }
    rs_scratch_free(&scratch);
    rs_arrow_schema_free(&schema);
  }
  raw.release(&raw);
}

enum rs_code rs_adbc_library_version(struct rs_adbc_conn *c, struct rs_buf *out, struct rs_error *e)
{
  static const uint32_t vendor[] = {0, 1}; // its name, its version
  struct ArrowArrayStream stream = {0};
  struct AdbcError a = {.vendor_code = INT32_MIN};
  (void)e;
  if (!c->driver->fn.ConnectionGetInfo) return RS_OK;
  AdbcStatusCode status = c->driver->fn.ConnectionGetInfo(&c->c, vendor, 2, &stream, &a);
  if (status == ADBC_STATUS_OK && stream.release) {
    add_infos(&stream, out);
    stream.release(&stream);
  }
  if (a.release) a.release(&a);
  return RS_OK;
}
