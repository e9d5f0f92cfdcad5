/*
** Virtual instances: making, changing, suspending and resuming them, and their queries. Where they
** are kept: instance_docs.c; what may be read on them: mounts.c.
*/
#include "shared.h"
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"

/* ---- as JSON --------------------------------------------------------------------------------- */

static const char *state_of(const struct rs_vi *vi)
{
  if (!vi->is_suspended) return "ACTIVE";
  return vi->active > 0 ? "SUSPENDING" : "SUSPENDED";
}

static void write_instance(struct rs_request *q, const char *key, const struct rs_instance_doc *x,
                           const char *state)
{
  struct rs_buf *b = &q->out;
  char created[40];
  rs_js_time(q->backend->started_us, created);
  rs_js_open(b, key, '{');
  rs_js_text(b, "name", x->vi.name);
  rs_js_text(b, "description", x->description);
  rs_js_text(b, "id", x->vi.id);
  rs_js_printf(b, "rrn", "rrn:vi:local:%s", x->vi.id);
  rs_js_text(b, "state", state);
  rs_js_bool(b, "default_vi", rs_eq(x->vi.id, RS_INSTANCE_ID));
  rs_js_text(b, "current_size", x->vi.size);
  rs_js_text(b, "desired_size", x->vi.size);
  if (x->class != NULL) rs_js_text(b, "current_instance_class", x->class);
  if (x->class != NULL) rs_js_text(b, "desired_instance_class", x->class);
  if (x->vi.auto_suspend_ms > 0) rs_js_int(b, "auto_suspend_seconds", x->vi.auto_suspend_ms / 1000);
  rs_js_bool(b, "enable_remount_on_resume", !x->forgets_mounts);
  rs_js_bool(b, "monitoring_enabled", false);
  rs_js_text(b, "mount_type", "LIVE");
  rs_js_int(b, "mount_refresh_interval_seconds", 0);
  rs_js_text(b, "created_at", x->created_at != NULL ? x->created_at : created);
  rs_js_text(b, "created_by", rs_creator(q, x->created_by, x->created_at));
  if (x->resumed_at != NULL) rs_js_text(b, "resumed_at", x->resumed_at);
  rs_js_open(b, "stats", '{');
  rs_js_int(b, "last_queried_ms", x->vi.last_queried_us / 1000);
  rs_js_close(b, '}');
  rs_js_close(b, '}');
}

static enum rs_code answer(struct rs_request *q, const struct rs_instance_doc *x, const char *state)
{
  rs_js_open(&q->out, NULL, '{');
  write_instance(q, "data", x, state);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

enum rs_code rs_instance_find(struct rs_request *q, const char *word, struct rs_vi *out)
{
  if (rs_vi_find(q->backend, word, out)) return RS_OK;
  return rs_refuse(q, 404, "NOTFOUND",
                   "Virtual instance '%.300s' not found: GET /v1/orgs/self/virtualinstances lists "
                   "what there is.",
                   word);
}

/* The one that the path names. */
static enum rs_code need_instance(struct rs_request *q, struct rs_session **s,
                                  struct rs_instance_doc *x)
{
  struct rs_vi vi;
  enum rs_code rc = rs_instance_find(q, q->arg[0], &vi);
  if (rc == RS_OK) rc = rs_request_session(q, s);
  return rc == RS_OK ? rs_instance_load(*s, &q->arena, &vi, x, &q->e) : rc;
}

enum rs_code rs_get_instance(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_instance_doc x;
  enum rs_code rc = need_instance(q, &s, &x);
  return rc == RS_OK ? answer(q, &x, state_of(&x.vi)) : rc;
}

enum rs_code rs_list_instances(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_vi vi;
  struct rs_instance_doc x;
  enum rs_code rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rs_data_open(q, '[');
  for (size_t i = 0; rc == RS_OK && rs_vi_at(q->backend, i, &vi); i++) {
    rc = rs_instance_load(s, &q->arena, &vi, &x, &q->e);
    if (rc == RS_OK) write_instance(q, NULL, &x, state_of(&vi));
  }
  rs_data_close(q, ']');
  return rc;
}

/* ---- what a body asks for -------------------------------------------------------------------- */

static enum rs_code read_size(struct rs_request *q, const cJSON *j, const char *name,
                              struct rs_instance_doc *x)
{
  const char *size;
  enum rs_code rc = rs_request_text(q, j, name, false, &size);
  if (rc != RS_OK || size == NULL) return rc;
  if (!rs_vi_is_size(size))
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "'%s' must be FREE, NANO, SHARED, MILLI, XSMALL, SMALL, MEDIUM, LARGE, "
                     "XLARGE, XLARGE2, XLARGE4, XLARGE8 or XLARGE16, not '%.100s'",
                     name, size);
  (void)snprintf(x->vi.size, sizeof x->vi.size, "%s", size);
  return RS_OK;
}

/* Mounts are live: they show the collection as it is. */
static enum rs_code check_mount_type(struct rs_request *q, const cJSON *j)
{
  const char *type;
  int64_t interval = 0;
  enum rs_code rc = rs_request_text(q, j, "mount_type", false, &type);
  if (rc == RS_OK && type != NULL && rs_eq(type, "STATIC"))
    return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                     "'mount_type' STATIC is not offered: mounts always show the collection as it "
                     "is; for a copy that stays as it is: INSERT INTO another collection");
  if (rc == RS_OK && type != NULL && !rs_eq(type, "LIVE"))
    rc = rs_refuse(q, 400, "INVALIDINPUT", "'mount_type' must be LIVE, not '%.100s'", type);
  // the API's own rule: 0 is continuously
  if (rc == RS_OK) rc = rs_request_int(q, j, "mount_refresh_interval_seconds", 0, 0, &interval);
  return rc;
}

static enum rs_code check_scaling(struct rs_request *q, const cJSON *j)
{
  const cJSON *policy;
  bool enabled = false;
  enum rs_code rc = rs_request_object(q, j, "auto_scaling_policy", false, &policy);
  if (rc == RS_OK && policy != NULL) rc = rs_request_bool(q, policy, "enabled", &enabled);
  if (rc == RS_OK && enabled)
    rc = rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                   "'auto_scaling_policy' is not offered: one machine does not grow; set new_size");
  return rc;
}

static enum rs_code read_auto_suspend(struct rs_request *q, const cJSON *j,
                                      struct rs_instance_doc *x)
{
  int64_t seconds = x->vi.auto_suspend_ms / 1000;
  bool enabled = seconds > 0;
  enum rs_code rc = rs_request_int(q, j, "auto_suspend_seconds", 0, INT32_MAX, &seconds);
  if (rc == RS_OK && seconds > 0) enabled = true;
  if (rc == RS_OK) rc = rs_request_bool(q, j, "auto_suspend_enabled", &enabled);
  if (rc == RS_OK && enabled && seconds == 0)
    rc = rs_refuse(q, 400, "INVALIDINPUT",
                   "'auto_suspend_enabled' needs 'auto_suspend_seconds': after how long?");
  if (rc == RS_OK) x->vi.auto_suspend_ms = enabled ? seconds * 1000 : 0;
  return rc;
}

static enum rs_code read_name(struct rs_request *q, const char *name, struct rs_instance_doc *x)
{
  struct rs_vi other;
  enum rs_code rc = rs_check_name(q, "virtual instance", name);
  if (rc != RS_OK) return rc;
  if (rs_vi_find(q->backend, name, &other) && !rs_eq(other.id, x->vi.id))
    return rs_refuse(q, 409, "ALREADYEXISTS", "Virtual instance '%s' already exists.", name);
  (void)snprintf(x->vi.name, sizeof x->vi.name, "%s", name);
  return RS_OK;
}

/* What creating and changing have in common. */
static enum rs_code read_body(struct rs_request *q, const cJSON *j, const char *size,
                              struct rs_instance_doc *x)
{
  const char *description, *class;
  bool remounts = !x->forgets_mounts;
  enum rs_code rc = rs_request_text(q, j, "description", false, &description);
  if (rc == RS_OK) rc = rs_request_text(q, j, "instance_class", false, &class);
  if (rc == RS_OK && class != NULL && !rs_eq(class, "MO_IL") && !rs_eq(class, "GP_IL"))
    rc = rs_refuse(q, 400, "INVALIDINPUT", "'instance_class' must be MO_IL or GP_IL");
  if (rc == RS_OK) rc = read_size(q, j, size, x);
  if (rc == RS_OK) rc = check_mount_type(q, j);
  if (rc == RS_OK) rc = check_scaling(q, j);
  if (rc == RS_OK) rc = read_auto_suspend(q, j, x);
  if (rc == RS_OK) rc = rs_request_bool(q, j, "enable_remount_on_resume", &remounts);
  if (rc != RS_OK) return rc;
  if (description != NULL) x->description = description;
  if (class != NULL) x->class = class;
  x->forgets_mounts = !remounts;
  return RS_OK;
}

/* ---- changes --------------------------------------------------------------------------------- */

static enum rs_code create(struct rs_request *q, struct rs_instance_doc *x)
{
  struct rs_session *s;
  const cJSON *j;
  const char *name;
  *x = (struct rs_instance_doc){.vi = {.size = RS_INSTANCE_SIZE_NEW},
                                .created_at = rs_now_text(q),
                                .created_by = q->who.key_name};
  if (x->created_at == NULL) return rs_nomem(&q->e);
  rs_uuid(x->vi.id);
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "name", true, &name);
  if (rc == RS_OK) rc = read_name(q, name, x);
  if (rc == RS_OK) rc = read_body(q, j, "type", x);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_instance_keep(s, x, RS_INSTANCE_STAYS, &q->e);
  return rc == RS_OK ? rs_vi_put(q->backend, &x->vi, &q->e) : rc;
}

enum rs_code rs_create_instance(struct rs_request *q)
{
  struct rs_instance_doc x;
  pthread_mutex_lock(&q->resources->instances_mutex);
  enum rs_code rc = create(q, &x);
  pthread_mutex_unlock(&q->resources->instances_mutex);
  return rc == RS_OK ? answer(q, &x, state_of(&x.vi)) : rc;
}

static enum rs_code update(struct rs_request *q, struct rs_instance_doc *x)
{
  struct rs_session *s;
  const cJSON *j;
  const char *name;
  enum rs_code rc = need_instance(q, &s, x);
  if (rc == RS_OK) rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "name", false, &name);
  if (rc == RS_OK && name != NULL && rs_eq(x->vi.id, RS_INSTANCE_ID) && !rs_eq(name, "main"))
    rc = rs_refuse(q, 400, "BADREQUEST", "the default virtual instance is always called main");
  if (rc == RS_OK && name != NULL) rc = read_name(q, name, x);
  if (rc == RS_OK) rc = read_body(q, j, "new_size", x);
  if (rc == RS_OK) rc = rs_instance_keep(s, x, RS_INSTANCE_STAYS, &q->e);
  return rc == RS_OK ? rs_vi_put(q->backend, &x->vi, &q->e) : rc;
}

enum rs_code rs_update_instance(struct rs_request *q)
{
  struct rs_instance_doc x;
  pthread_mutex_lock(&q->resources->instances_mutex);
  enum rs_code rc = update(q, &x);
  pthread_mutex_unlock(&q->resources->instances_mutex);
  return rc == RS_OK ? answer(q, &x, state_of(&x.vi)) : rc;
}

static enum rs_code remove_instance(struct rs_request *q, struct rs_instance_doc *x)
{
  struct rs_session *s;
  struct rs_vi asked;
  enum rs_code rc = need_instance(q, &s, x);
  if (rc != RS_OK) return rc;
  if (rs_eq(x->vi.id, RS_INSTANCE_ID))
    return rs_refuse(q, 400, "BADREQUEST", "the default virtual instance can't be deleted");
  if (rs_vi_find(q->backend, NULL, &asked) && rs_eq(asked.id, x->vi.id))
    return rs_refuse(q, 409, "DEPENDENTRESOURCES",
                     "virtual instance %s is where queries run that name none: set another "
                     "default_query_vi first (PUT /v1/orgs/self/deploymentsettings)",
                     x->vi.name);
  rc = rs_instance_keep(s, x, RS_INSTANCE_GOES, &q->e);
  if (rc == RS_OK) rs_vi_drop(q->backend, x->vi.id);
  return rc;
}

enum rs_code rs_delete_instance(struct rs_request *q)
{
  struct rs_instance_doc x;
  pthread_mutex_lock(&q->resources->instances_mutex);
  enum rs_code rc = remove_instance(q, &x);
  pthread_mutex_unlock(&q->resources->instances_mutex);
  return rc == RS_OK ? answer(q, &x, "DELETED") : rc;
}

/* Queries that run go on. A target that keeps no documents (Rockset's own API), or may not be
** written, has the state until the restart. */
static enum rs_code turn(struct rs_request *q, bool suspend, struct rs_instance_doc *x)
{
  struct rs_session *s;
  enum rs_code rc = need_instance(q, &s, x);
  if (rc != RS_OK || x->vi.is_suspended == suspend) return rc;
  x->vi.is_suspended = suspend;
  if (!suspend) x->resumed_at = rs_now_text(q);
  if (!suspend && x->resumed_at == NULL) return rs_nomem(&q->e);
  bool unmounts = suspend && x->forgets_mounts;
  if (q->backend->may_write)
    rc = rs_instance_keep(s, x, unmounts ? RS_INSTANCE_UNMOUNTS : RS_INSTANCE_STAYS, &q->e);
  if (rc == RS_UNSUPPORTED) rc = RS_OK;
  return rc == RS_OK ? rs_vi_put(q->backend, &x->vi, &q->e) : rc;
}

static enum rs_code turn_instance(struct rs_request *q, bool suspend)
{
  struct rs_instance_doc x;
  pthread_mutex_lock(&q->resources->instances_mutex);
  enum rs_code rc = turn(q, suspend, &x);
  pthread_mutex_unlock(&q->resources->instances_mutex);
  return rc == RS_OK ? answer(q, &x, state_of(&x.vi)) : rc;
}

enum rs_code rs_suspend_instance(struct rs_request *q)
{
  return turn_instance(q, true);
}

enum rs_code rs_resume_instance(struct rs_request *q)
{
  return turn_instance(q, false);
}

enum rs_code rs_set_default_instance(struct rs_request *q, const char *word)
{
  struct rs_session *s;
  struct rs_vi vi, now;
  pthread_mutex_lock(&q->resources->instances_mutex);
  enum rs_code rc = rs_instance_find(q, word, &vi);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  bool is_so = rc == RS_OK && rs_vi_find(q->backend, NULL, &now) && rs_eq(now.id, vi.id);
  if (rc == RS_OK && !is_so) rc = rs_instance_keep_default(s, vi.id, &q->e);
  if (rc == RS_OK) rs_vi_set_default(q->backend, vi.id);
  pthread_mutex_unlock(&q->resources->instances_mutex);
  return rc;
}

/* ---- queries --------------------------------------------------------------------------------- */

enum rs_code rs_post_instance_query(struct rs_request *q)
{
  struct rs_vi vi;
  enum rs_code rc = rs_instance_find(q, q->arg[0], &vi);
  return rc == RS_OK ? rs_post_query_on(q, vi.id) : rc;
}

enum rs_code rs_list_instance_queries(struct rs_request *q)
{
  struct rs_vi vi;
  enum rs_code rc = rs_instance_find(q, q->arg[0], &vi);
  return rc == RS_OK ? rs_list_queries_of(q, vi.id) : rc;
}
