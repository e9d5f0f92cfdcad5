/*
** The fields of outputs of type rockset, and the rules of api_server (profile/fields.h).
*/
#include <string.h>
#include "rockset.h"
#include "src/base/text.h"
#include "src/profile/fields.h"

static const struct rs_field_spec specs[] = {
  /* name, alias, kind, flags, default */
  RS_ROW("workspace", "schema", SPEC_TEXT, 0, RS_DEFAULT_WORKSPACE),
  RS_ROW("api_key", NULL, SPEC_TEXT, SPEC_REQUIRED | SPEC_SECRET, NULL),
  RS_ROW("api_server", NULL, SPEC_TEXT, 0, "api.rs2.usw2.rockset.com"),
  RS_ROW("vi_rrn", NULL, SPEC_TEXT, 0, NULL),
  RS_ROW("run_async_iis", NULL, SPEC_BOOL, 0, "false"),
  RS_THREADS,
  RS_IGNORED("database"),
  RS_IGNORED("user"),
};

static bool is_port(const char *s)
{
  long port = 0;
  for (; *s >= '0' && *s <= '9' && port <= 65535; s++) port = port * 10 + (*s - '0');
  return !*s && port >= 1 && port <= 65535;
}

/* [scheme://]host[:port][/]: what is wrong with it, or NULL. Cuts `text` into pieces. */
static const char *server_problem(char *text)
{
  static const char form[] = "is neither a host nor an http(s) URL of host and port";
  bool plain = false;
  char *host = text, *scheme_end = strstr(text, "://");
  if (scheme_end) {
    *scheme_end = 0;
    plain = rs_casecmp(text, "http") == 0;
    if (!plain && rs_casecmp(text, "https") != 0) return form;
    host = scheme_end + 3;
  }
  size_t n = strlen(host);
  if (n && host[n - 1] == '/') host[n - 1] = 0;
  char *port = NULL;
  if (host[0] == '[') {
    char *end = strchr(host, ']');
    if (!end || (end[1] && end[1] != ':')) return form;
    if (end[1] == ':') port = end + 2;
    *end = 0;
    host++;
    if (!strchr(host, ':')) return form;
  } else if ((port = strchr(host, ':'))) {
    *port++ = 0;
  }
  if ((port && !is_port(port)) || !rs_is_host(host)) return form;
  if (plain && !rs_is_loopback(host)) {
    return "plain http is for this machine only (localhost, 127.0.0.1, ::1); use https";
  }
  return NULL;
}

static enum rs_code check_rockset(struct rs_fields *f, struct rs_error *e)
{
  const char *server = rs_fields_text(f, "api_server");
  char *cut = rs_arena_strdup(f->load->arena, server);
  if (!cut) return rs_nomem(e);
  const char *problem = server_problem(cut);
  return problem ? rs_field_bad(f, "api_server", RS_INVALID, problem, e) : RS_OK;
}

const struct rs_field_table rs_rockset_fields = {.specs = specs,
                                                 .n = sizeof specs / sizeof *specs,
                                                 .check = check_rockset,
                                                 .database = "db" /* as dbt-rockset has it */};
