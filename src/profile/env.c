/*
** The environment as templates may see it, and the home folder.
**
** getenv is read without a lock: a host that calls setenv while we run must not do so from another
** thread, as for every C library.
*/
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/base/redact.h"
#include "internal.h"

static bool starts_with(const char *s, const char *prefix)
{
  return strncmp(s, prefix, strlen(prefix)) == 0;
}

enum rs_code rs_env_get(const char *name, bool profile, bool stored, const char **value,
                        struct rs_error *e)
{
  *value = NULL;
  bool secret = starts_with(name, RS_SECRET_ENV);
  if (secret && !profile) {
    return rs_fail(e, RS_FORBIDDEN,
                   "secret env vars are allowed only in profiles.yml: '%s' is read elsewhere",
                   name);
  }
  if (stored && !starts_with(name, "DBT_")) {
    return rs_fail(e, RS_FORBIDDEN,
                   "env var '%s' may not be read: templates from a database file see DBT_* names "
                   "only; SELECT rockset_trust(1) allows the others for this session",
                   name);
  }
  const char *found = getenv(name);
  if (!found) {
    return rs_fail(e, RS_NOT_FOUND, "env var required but not provided: '%s'", name);
  }
  /* Before anybody can put it into a text. */
  if (secret && rs_redact_add(found)) return rs_nomem(e);
  *value = found;
  return RS_OK;
}

const char *rs_home_folder(struct rs_arena *a)
{
  const char *home = getenv("HOME");
  if (home && *home) return home;
  struct passwd entry, *found = NULL;
  char *space = rs_arena_alloc(a, 16384);
  if (!space || getpwuid_r(getuid(), &entry, space, 16384, &found) != 0 || !found) return NULL;
  return found->pw_dir && *found->pw_dir ? found->pw_dir : NULL;
}

const char *rs_expand_home(struct rs_arena *a, const char *path)
{
  if (path[0] != '~' || (path[1] && path[1] != '/')) return path;
  const char *home = rs_home_folder(a);
  return home ? rs_arena_printf(a, "%s%s", home, path + 1) : path;
}
