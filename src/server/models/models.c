/*
** Routes of models (models.h).
*/
#include "models.h"
#include <sys/stat.h>

enum { CHECK_MAX = 256 << 20 };

enum rs_code rs_models_check(const struct rs_store_file *f, struct rs_error *e)
{
  struct rs_buf b;
  struct stat st;
  // Opening a pipe would wait for ever
  if (stat(f->path, &st) == 0 && !S_ISREG(st.st_mode))
    return rs_fail(e, RS_INVALID, "--models %s: it is no file, where a SQLite file is needed",
                   f->path);
  rs_buf_init(&b, CHECK_MAX);
  enum rs_code rc = rs_store_file_read(f, RS_STORE_GRAPH, NULL, &b, e);
  rs_buf_free(&b);
  return rc == RS_OK ? rc : rs_error_prefix(e, "--models");
}

static enum rs_code answer(struct rs_request *q, enum rs_store_part part, const char *id)
{
  if (q->models == NULL)
    return rs_refuse(q, 404, "NOTFOUND",
                     "this server shows no models: start it with --models FILE, a SQLite file in "
                     "which rockset_init() was called");
  rs_buf_str(&q->out, "{\"data\":");
  enum rs_code rc = rs_store_file_read(q->models, part, id, &q->out, &q->e);
  rs_buf_char(&q->out, '}');
  return rc;
}

enum rs_code rs_get_models(struct rs_request *q)
{
  return answer(q, RS_STORE_GRAPH, NULL);
}

enum rs_code rs_get_models_node(struct rs_request *q)
{
  return answer(q, RS_STORE_NODE, q->arg[0]);
}

enum rs_code rs_list_models_runs(struct rs_request *q)
{
  return answer(q, RS_STORE_RUNS, NULL);
}

enum rs_code rs_get_models_run(struct rs_request *q)
{
  return answer(q, RS_STORE_RUN, q->arg[0]);
}
