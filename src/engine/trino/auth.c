/*
** Who we are to a Trino cluster: the profile's method, certificates, and the headers that every
** request carries (trino.h). Field names and their meaning are dbt-trino's.
*/
#include <string.h>
#include <sys/stat.h>
#include "src/base/base64.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "trino.h"

#define SOURCE "rockset_ext"

char *rs_trino_url(const struct rs_output *o)
{
  const char *host = rs_output_text(o, "host", "");
  bool v6 = strchr(host, ':') != NULL && host[0] != '[';
  return rs_mprintf("%s://%s%s%s:%lld", rs_output_text(o, "http_scheme", "https"), v6 ? "[" : "",
                    host, v6 ? "]" : "", (long long)rs_output_int(o, "port", 0));
}

/* ---- fields that hold lists and maps --------------------------------------------------------- */

/* A scalar as the server wants it written. False: it is none, or out of memory. */
static bool add_scalar(struct rs_buf *b, const cJSON *v)
{
  if (cJSON_IsString(v)) {
    rs_buf_str(b, v->valuestring);
  } else if (cJSON_IsBool(v)) {
    rs_buf_str(b, cJSON_IsTrue(v) ? "true" : "false");
  } else if (cJSON_IsNumber(v)) {
    rs_buf_json_double(b, v->valuedouble);
  } else {
    return false;
  }
  return b->rc == RS_OK;
}

typedef bool put_fn(struct rs_trino_pairs *p, const char *name, const char *value);

static enum rs_code read_map(const struct rs_output *o, const char *field, put_fn *put,
                             struct rs_trino_pairs *out, struct rs_error *e)
{
  const char *text = rs_output_text(o, field, NULL);
  if (text == NULL || text[0] == 0) return RS_OK;
  cJSON *map = cJSON_Parse(text);
  const cJSON *item;
  enum rs_code rc = map != NULL ? RS_OK : rs_nomem(e);
  cJSON_ArrayForEach(item, map)
  {
    struct rs_buf b;
    rs_buf_init(&b, 1 << 20);
    if (rc == RS_OK && !add_scalar(&b, item)) {
      rc = rs_fail(e, RS_INVALID, "target '%s': %s: '%s' must be a text, a number or a boolean",
                   o->target_name, field, item->string);
    }
    if (rc == RS_OK && !put(out, item->string, rs_buf_text(&b))) rc = rs_nomem(e);
    rs_buf_free(&b);
  }
  cJSON_Delete(map);
  return rc;
}

/* `admin` is short for ROLE{admin}. */
static bool put_role(struct rs_trino_pairs *p, const char *catalog, const char *role)
{
  bool plain = rs_casecmp(role, "ALL") != 0 && rs_casecmp(role, "NONE") != 0 &&
               strncmp(role, "ROLE{", 5) != 0;
  char *text = plain ? rs_mprintf("ROLE{%s}", role) : rs_strdup(role);
  bool ok = text != NULL && rs_trino_pairs_put(p, catalog, text);
  rs_free(text);
  return ok;
}

static enum rs_code add_tags(struct rs_trino_target *d, const struct rs_output *o,
                             struct rs_error *e)
{
  const char *text = rs_output_text(o, "client_tags", NULL);
  if (text == NULL || text[0] == 0) return RS_OK;
  cJSON *list = cJSON_Parse(text);
  const cJSON *item;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  bool ok = list != NULL;
  cJSON_ArrayForEach(item, list)
  {
    if (b.n > 0) rs_buf_char(&b, ',');
    ok = ok && add_scalar(&b, item);
  }
  ok = ok && b.rc == RS_OK &&
       (b.n == 0 || rs_trino_pairs_put(&d->headers, "X-Trino-Client-Tags", rs_buf_text(&b)));
  rs_buf_free(&b);
  cJSON_Delete(list);
  return ok ? RS_OK : rs_nomem(e);
}

/* ---- credentials ----------------------------------------------------------------------------- */

static enum rs_code add_basic(struct rs_trino_target *d, const struct rs_output *o,
                              struct rs_error *e)
{
  struct rs_buf plain, value;
  rs_buf_init(&plain, 1 << 16);
  rs_buf_init(&value, 1 << 18);
  rs_buf_printf(&plain, "%s:%s", rs_output_text(o, "user", ""), rs_output_text(o, "password", ""));
  rs_buf_str(&value, "Basic ");
  rs_base64_add(&value, rs_buf_text(&plain), plain.n);
  bool ok = plain.rc == RS_OK && value.rc == RS_OK &&
            rs_trino_pairs_put(&d->headers, "Authorization", rs_buf_text(&value));
  rs_buf_free(&plain);
  rs_buf_free(&value);
  return ok ? RS_OK : rs_nomem(e);
}

static enum rs_code add_bearer(struct rs_trino_target *d, const struct rs_output *o,
                               struct rs_error *e)
{
  char *value = rs_mprintf("Bearer %s", rs_output_text(o, "jwt_token", ""));
  bool ok = value != NULL && rs_trino_pairs_put(&d->headers, "Authorization", value);
  rs_free(value);
  return ok ? RS_OK : rs_nomem(e);
}

static enum rs_code add_credentials(struct rs_trino_target *d, const struct rs_output *o,
                                    struct rs_error *e)
{
  const char *method = rs_output_text(o, "method", "none"), *file;
  bool token = rs_output_text(o, "jwt_token", "")[0] != 0;
  if (rs_eq(method, "none")) return RS_OK;
  if (rs_eq(method, "ldap")) return add_basic(d, o, e);
  bool bearer = rs_eq(method, "jwt") || strncmp(method, "oauth", 5) == 0;
  if (token && bearer) return add_bearer(d, o, e);
  if (rs_eq(method, "certificate")) {
    file = rs_output_text(o, "client_private_key", NULL);
    d->cert_file = rs_strdup(rs_output_text(o, "client_certificate", ""));
    d->key_file = rs_strdup(file);
    return d->cert_file != NULL && (file == NULL || d->key_file != NULL) ? RS_OK : rs_nomem(e);
  }
  if (strncmp(method, "oauth", 5) == 0) {
    return rs_fail(e, RS_UNSUPPORTED,
                   "target '%s': method '%s' would open a browser: get a token and give it as "
                   "jwt_token",
                   o->target_name, method);
  }
  return rs_fail(
    e, RS_UNSUPPORTED,
    "target '%s': method '%s' is not built; built: none, ldap, jwt, certificate, oauth "
    "with jwt_token",
    o->target_name, method);
}

/* cert: false, true, a PEM file or a folder of them. */
static enum rs_code take_cert(struct rs_trino_target *d, const struct rs_output *o,
                              struct rs_error *e)
{
  const char *cert = rs_output_text(o, "cert", NULL);
  struct stat st;
  if (cert == NULL || cert[0] == 0 || rs_eq(cert, "true")) return RS_OK;
  d->insecure = rs_eq(cert, "false");
  if (d->insecure) return RS_OK;
  char **to = stat(cert, &st) == 0 && S_ISDIR(st.st_mode) ? &d->ca_dir : &d->ca_file;
  *to = rs_strdup(cert);
  return *to != NULL ? RS_OK : rs_nomem(e);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool add_fixed_headers(struct rs_trino_target *d)
{
  // without PARAMETRIC_DATETIME all times would come in milliseconds
  return (d->user == NULL || rs_trino_pairs_put(&d->headers, "X-Trino-User", d->user)) &&
         rs_trino_pairs_put(&d->headers, "X-Trino-Source", SOURCE) &&
         rs_trino_pairs_put(&d->headers, "X-Trino-Time-Zone", d->zone) &&
         rs_trino_pairs_put(&d->headers, "X-Trino-Client-Capabilities",
                            "PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION") &&
         rs_trino_pairs_put(&d->headers, "Accept", "application/json");
}

enum rs_code rs_trino_target_fill(struct rs_trino_target *d, const struct rs_output *o,
                                  struct rs_error *e)
{
  const char *user = rs_output_text(o, "impersonation_user", NULL);
  if (user == NULL || user[0] == 0) user = rs_output_text(o, "user", NULL);
  memset(d, 0, sizeof *d);
  d->url = rs_trino_url(o);
  d->user = rs_strdup(user);
  d->catalog = rs_strdup(rs_output_text(o, "database", ""));
  d->schema = rs_strdup(o->workspace);
  d->zone = rs_strdup(rs_output_text(o, "timezone", "UTC"));
  d->tries = (int)rs_output_int(o, "retries", 3) + 1;
  // whoever names another machine with plain http in the profile, without credentials, means it
  d->plain_anywhere = rs_eq(rs_output_text(o, "method", "none"), "none");
  bool ok = d->url != NULL && (user == NULL || d->user != NULL) && d->catalog != NULL &&
            d->schema != NULL && d->zone != NULL && add_fixed_headers(d);
  enum rs_code rc = ok ? RS_OK : rs_nomem(e);
  if (rc == RS_OK) rc = add_tags(d, o, e);
  if (rc == RS_OK) rc = read_map(o, "http_headers", rs_trino_pairs_put, &d->headers, e);
  if (rc == RS_OK) rc = add_credentials(d, o, e);
  if (rc == RS_OK) rc = take_cert(d, o, e);
  if (rc == RS_OK) rc = read_map(o, "session_properties", rs_trino_pairs_put, &d->properties, e);
  if (rc == RS_OK) rc = read_map(o, "roles", put_role, &d->roles, e);
  if (rc != RS_OK) rs_trino_target_clear(d);
  return rc;
}

void rs_trino_target_clear(struct rs_trino_target *d)
{
  char *const texts[] = {d->url,  d->ca_file, d->ca_dir, d->cert_file, d->key_file,
                         d->user, d->catalog, d->schema, d->zone};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) rs_free(texts[i]);
  rs_trino_pairs_free(&d->headers);
  rs_trino_pairs_free(&d->properties);
  rs_trino_pairs_free(&d->roles);
  memset(d, 0, sizeof *d);
}
