/*
** Finding the route of a path in the app's table.
*/
#include <string.h>
#include "src/base/text.h"
#include "internal.h"

enum { DEPTH = 12 };

struct path {
  const char *v[DEPTH];
  size_t n;
};

/* A slash at the end means nothing. */
static bool cut_path(struct rs_request *q, struct path *path)
{
  path->n = 0;
  if (q->path[0] != '/') return false;
  for (const char *p = q->path + 1; *p != 0;) {
    size_t n = strcspn(p, "/");
    if (path->n == DEPTH) return false;
    path->v[path->n] = rs_request_decode(q, p, n);
    if (path->v[path->n] == NULL || *path->v[path->n] == 0) return false;
    path->n++;
    p += n;
    if (*p == '/') p++;
  }
  return true;
}

static bool matches(const struct rs_route *r, const struct path *path,
                    const char *args[RS_SEGMENTS_MAX])
{
  const char *p = r->path + 1;
  size_t i = 0, nargs = 0;
  while (*p != 0) {
    size_t n = strcspn(p, "/");
    if (i == path->n) return false;
    if (n == 2 && p[0] == '{') args[nargs++] = path->v[i];
    else if (!rs_eqn(path->v[i], p, n)) return false;
    i++;
    p += n;
    if (*p == '/') p++;
  }
  return i == path->n;
}

static void add_method(char allow[64], const char *method)
{
  size_t n = strlen(allow), m = strlen(method);
  if (n + m + 3 > 64) return;
  if (n > 0) {
    memcpy(allow + n, ", ", 2);
    n += 2;
  }
  memcpy(allow + n, method, m + 1);
}

enum rs_code rs_route_find(struct rs_request *q, char allow[64])
{
  const struct rs_http_app *app = q->http->app;
  struct path path;
  const char *method = rs_eq(q->method, "HEAD") ? "GET" : q->method;
  allow[0] = 0;
  if (!cut_path(q, &path)) return RS_INVALID;
  const struct rs_route *literal = NULL;
  for (size_t i = 0; i < app->nroutes; i++) {
    const char *args[RS_SEGMENTS_MAX] = {NULL};
    const struct rs_route *r = &app->routes[i];
    if (!matches(r, &path, args)) continue;
    // /users/self/apikeys before /users/{}/apikeys: for other methods too
    if (literal == NULL) literal = r;
    if (!rs_eq(r->method, method)) {
      add_method(allow, r->method);
      continue;
    }
    q->route = r;
    memcpy(q->arg, args, sizeof q->arg);
    return RS_OK;
  }
  return literal != NULL ? RS_UNSUPPORTED : RS_NOT_FOUND;
}
