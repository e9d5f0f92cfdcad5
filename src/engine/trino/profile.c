/*
** The fields of outputs of type trino, and what each method needs (profile/fields.h).
*/
#include <string.h>
#include "src/base/text.h"
#include "src/profile/fields.h"
#include "trino.h"

static const struct rs_field_spec specs[] = {
  /* name, alias, kind, flags, default */
  RS_CHOICE("method", "none", "none|ldap|kerberos|gssapi|jwt|certificate|oauth|oauth_console"),
  RS_ROW("host", NULL, SPEC_TEXT, SPEC_REQUIRED, NULL),
  RS_INT("port", NULL, 1, 65535),           /* default by http_scheme */
  RS_ROW("user", NULL, SPEC_TEXT, 0, NULL), /* required by most methods */
  RS_ROW("password", NULL, SPEC_TEXT, SPEC_SECRET, NULL),
  RS_ROW("impersonation_user", NULL, SPEC_TEXT, 0, NULL),
  RS_ROW("jwt_token", NULL, SPEC_TEXT, SPEC_SECRET, NULL),
  RS_ROW("client_certificate", NULL, SPEC_PATH, 0, NULL),
  RS_ROW("client_private_key", NULL, SPEC_PATH, 0, NULL),
  RS_ROW("keytab", NULL, SPEC_PATH, 0, NULL),
  RS_ROW("principal", NULL, SPEC_TEXT, 0, NULL),
  RS_ROW("krb5_config", NULL, SPEC_PATH, 0, NULL),
  RS_ROW("service_name", NULL, SPEC_TEXT, 0, "trino"),
  RS_ROW("mutual_authentication", NULL, SPEC_BOOL, 0, "false"),
  RS_ROW("force_preemptive", NULL, SPEC_BOOL, 0, "false"),
  RS_ROW("hostname_override", NULL, SPEC_TEXT, 0, NULL),
  RS_ROW("sanitize_mutual_error_response", NULL, SPEC_BOOL, 0, "true"),
  RS_ROW("delegate", NULL, SPEC_BOOL, 0, "false"),
  RS_ROW("database", "catalog", SPEC_TEXT, SPEC_REQUIRED, NULL),
  RS_ROW("schema", "workspace", SPEC_TEXT, SPEC_REQUIRED, NULL),
  RS_CHOICE("http_scheme", NULL, "http|https"), /* default by method */
  RS_ROW("http_headers", NULL, SPEC_SCALARS, SPEC_SECRET_KEYS, NULL),
  RS_ROW("session_properties", NULL, SPEC_SCALARS, 0, NULL),
  RS_ROW("roles", NULL, SPEC_SCALARS, 0, NULL),
  RS_ROW("cert", NULL, SPEC_PATH_OR_BOOL, 0, NULL),
  RS_ROW("client_tags", NULL, SPEC_LIST, 0, NULL),
  RS_ROW("prepared_statements_enabled", NULL, SPEC_BOOL, 0, "true"),
  RS_INT("retries", "3", 0, 100),
  RS_ROW("timezone", NULL, SPEC_TEXT, 0, NULL),
  RS_ROW("suppress_cert_warning", NULL, SPEC_BOOL, 0, "false"),
  RS_CHOICE("dialect", NULL, "rockset|trino"), /* of models (project/names/dialect.c) */
  RS_THREADS,
};

/* What a method needs besides host, database and schema. */
static const struct {
  const char *method, *fields[2];
} needs[] = {
  {"none", {"user", NULL}},     {"ldap", {"user", "password"}},
  {"kerberos", {"user", NULL}}, {"gssapi", {"user", NULL}},
  {"jwt", {"jwt_token", NULL}}, {"certificate", {"client_certificate", "client_private_key"}}};

static enum rs_code check_method(const struct rs_fields *f, const char *method, struct rs_error *e)
{
  for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
    if (strcmp(needs[i].method, method) != 0) continue;
    for (size_t k = 0; k < 2 && needs[i].fields[k]; k++) {
      const char *text = rs_fields_text(f, needs[i].fields[k]);
      if (text && *text) continue;
      return rs_profile_fail(f->load, f->line, e, RS_INVALID,
                             "field '%s' of type 'trino' is missing (method '%s' needs it)",
                             needs[i].fields[k], method);
    }
  }
  return RS_OK;
}

static enum rs_code check_trino(struct rs_fields *f, struct rs_error *e)
{
  const struct rs_profile_work *l = f->load;
  const char *method = rs_fields_text(f, "method");
  const char *host = rs_fields_text(f, "host");
  bool anonymous = strcmp(method, "none") == 0;
  enum rs_code rc = check_method(f, method, e);
  if (rc) return rc;
  if (!rs_is_host(host)) {
    return rs_field_bad(f, "host", RS_INVALID,
                        "is not a host: scheme and port are fields of their own", e);
  }
  if (!rs_fields_text(f, "http_scheme")) {
    rc = rs_field_default(l, rs_fields_get(f, "http_scheme"), anonymous ? "http" : "https", e);
    if (rc) return rc;
  }
  bool plain = strcmp(rs_fields_text(f, "http_scheme"), "http") == 0;
  if (plain && !anonymous && !rs_is_loopback(host)) {
    return rs_profile_fail(
      l, rs_fields_get(f, "http_scheme")->line, e, RS_INVALID,
      "http_scheme: method '%s' sends credentials and needs https, except to this "
      "machine",
      method);
  }
  if (rs_fields_text(f, "port")) return RS_OK;
  return rs_field_default(l, rs_fields_get(f, "port"), plain ? "8080" : "443", e);
}

const struct rs_field_table rs_trino_fields = {
  .specs = specs, .n = sizeof specs / sizeof *specs, .check = check_trino};
