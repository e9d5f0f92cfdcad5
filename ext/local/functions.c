/*
** rockset_local: by which name statements know this connection's own database.
*/
#include "ext/base/args.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

#define FN "rockset_local"

/* A word that needs no quotes. */
static bool is_word(const char *text)
{
  size_t n = 0;
  for (; text[n] != 0; n++) {
    const char c = text[n];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (n == 0 || c < '0' || c > '9')) return false;
  }
  return n > 0 && n < 64;
}

static void rocksetLocal(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_conn *c = rs_conn_of(ctx);
  struct rs_error e = {0};
  struct rs_local *l;
  const char *prefix = NULL;
  enum rs_code rc = rs_local_of(c, &l, &e);
  if (rc == RS_OK && argc > 0) rc = rs_arg_text(argv[0], FN, "prefix", &prefix, &e);
  if (rc == RS_OK && prefix != NULL && !is_word(prefix))
    rc = rs_fail(&e, RS_INVALID, FN ": '%.80s' is no prefix: it is a word of letters, digits and _",
                 prefix);
  if (rc == RS_OK && prefix != NULL) {
    char *kept = rs_strdup(prefix);
    if (kept == NULL) rc = rs_nomem(&e);
    else {
      rs_local_leave(l); // each target is asked anew whether the prefix is free
      rs_free(l->prefix);
      l->prefix = kept;
    }
  }
  if (rc != RS_OK) rs_result_error(ctx, &e);
  else sqlite3_result_text(ctx, l->prefix, -1, SQLITE_TRANSIENT);
}

int rs_local_register(struct rs_conn *c)
{
  static const struct rs_function functions[] = {{FN, 0, 1, rocksetLocal}};
  struct rs_local *l;
  if (rs_local_of(c, &l, NULL) != RS_OK) return SQLITE_NOMEM;
  return rs_conn_functions(c, functions, sizeof functions / sizeof functions[0]);
}
