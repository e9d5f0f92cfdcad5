/*
** API keys (see auth.h).
**
** All of them are in memory. Where others may change the documents in the target (another rocksetd
** over it), what is known is never older than STALE_MS when a request is let in; it is read again
** when somebody asks, not while nothing happens. A mutex is held while documents are read or
** written, so that what was read can't undo what was written meanwhile.
*/
#include "internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/text.h"
#include "src/json/json.h"

#define KIND "api_key"
#define ENVIRONMENT "ROCKSETD_ADMIN_KEY"

enum { REFRESH_MS = 1000, STALE_MS = 2000, ASK_MS = 10000, KEY_MIN = 8, TO_SECONDS = 19 };

/* ---- documents ------------------------------------------------------------------------------- */

static void copy_text(char *to, size_t cap, const char *from)
{
  (void)snprintf(to, cap, "%s", from != NULL ? from : "");
}

static const char *text_of(const cJSON *j, const char *name)
{
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, name));
  return text != NULL ? text : "";
}

static bool read_hash(const char *text, unsigned char hash[RS_SHA256_SIZE])
{
  if (strlen(text) != (size_t)2 * RS_SHA256_SIZE) return false;
  for (size_t i = 0; i < RS_SHA256_SIZE; i++) {
    int high = rs_hex_value(text[2 * i]), low = rs_hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    hash[i] = (unsigned char)(high * 16 + low);
  }
  return true;
}

/* A document that can't be read lets nobody in: RS_DONE. */
static enum rs_code read_key(const char *name, const char *body, struct rs_key *k)
{
  cJSON *j = NULL;
  if (rs_auth_parse(body, &j) != RS_OK) return RS_NOMEM;
  memset(k, 0, sizeof *k);
  copy_text(k->name, sizeof k->name, name);
  copy_text(k->prefix, sizeof k->prefix, text_of(j, "prefix"));
  copy_text(k->created_at, sizeof k->created_at, text_of(j, "created_at"));
  copy_text(k->created_by_key, sizeof k->created_by_key, text_of(j, "created_by_key"));
  k->suspended = rs_eq(text_of(j, "state"), "SUSPENDED");
  k->expires_us = strtoll(text_of(j, "expires_us"), NULL, 10);
  copy_text(k->role, sizeof k->role, text_of(j, "role"));
  // keys of before there were users are those of the first one
  const char *user = text_of(j, "user");
  copy_text(k->user, sizeof k->user, *user != 0 ? user : RS_USER_EMAIL);
  bool good = read_hash(text_of(j, "hash"), k->hash) && (*user != 0 || k->role[0] != 0);
  cJSON_Delete(j);
  return good ? RS_OK : RS_DONE;
}

static enum rs_code write_key(struct rs_session *s, const struct rs_key *k, struct rs_error *e)
{
  struct rs_buf b;
  char hash[2 * RS_SHA256_SIZE + 1];
  rs_hex(k->hash, sizeof k->hash, hash);
  rs_buf_init(&b, 1 << 16);
  rs_js_open(&b, NULL, '{');
  rs_js_text(&b, "user", k->user);
  rs_js_text(&b, "role", k->role);
  rs_js_text(&b, "hash", hash);
  rs_js_text(&b, "prefix", k->prefix);
  rs_js_text(&b, "state", k->suspended ? "SUSPENDED" : "ACTIVE");
  rs_js_text(&b, "created_at", k->created_at);
  rs_js_text(&b, "created_by_key", k->created_by_key);
  rs_js_printf(&b, "expires_us", "%lld", (long long)k->expires_us);
  rs_js_close(&b, '}');
  enum rs_code rc = rs_buf_error(&b, e, "API key");
  if (rc == RS_OK) rc = rs_store_put(s, KIND, "", k->name, rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

/* ---- the store ------------------------------------------------------------------------------- */

static bool add_key(struct rs_keys *t, const struct rs_key *k)
{
  if (!rs_grow(&t->v, &t->cap, t->n + 1, sizeof t->v[0])) return false;
  t->v[t->n++] = *k;
  return true;
}

static struct rs_key *key_of_name(struct rs_keys *t, const char *name)
{
  for (size_t i = 0; i < t->n; i++)
    if (rs_eq(t->v[i].name, name)) return &t->v[i];
  return NULL;
}

static enum rs_code take_document(void *ctx, const char *workspace, const char *name,
                                  const char *body)
{
  struct rs_key k;
  (void)workspace;
  enum rs_code rc = read_key(name, body, &k);
  if (rc == RS_DONE) return RS_OK;
  return rc == RS_OK && add_key(ctx, &k) ? RS_OK : RS_NOMEM;
}

/* Reads all documents; what is known of use stays. With the documents' mutex. */
static enum rs_code load_keys(struct rs_keys *t, struct rs_session *s, struct rs_error *e)
{
  struct rs_keys fresh = {.v = NULL};
  struct rs_people *people = NULL;
  int64_t start = rs_now_ms();
  enum rs_code rc = rs_people_load(s, &people, e);
  if (rc == RS_OK) rc = rs_store_each(s, KIND, NULL, take_document, &fresh, e);
  if (rc == RS_NOMEM) (void)rs_nomem(e);
  pthread_mutex_lock(&t->mutex);
  for (size_t i = 0; i < fresh.n && rc == RS_OK; i++) {
    const struct rs_key *old = key_of_name(t, fresh.v[i].name);
    if (old != NULL) fresh.v[i].used_us = old->used_us;
  }
  for (size_t i = 0; i < t->n && rc == RS_OK; i++)
    if (t->v[i].environment && !add_key(&fresh, &t->v[i])) rc = rs_nomem(e);
  struct rs_key *unused = rc == RS_OK ? t->v : fresh.v;
  if (rc == RS_OK) {
    t->v = fresh.v;
    t->n = fresh.n;
    t->cap = fresh.cap;
    t->as_of_ms = start;
    struct rs_people *old = t->people;
    t->people = people;
    people = old;
  }
  pthread_mutex_unlock(&t->mutex);
  rs_free(unused);
  rs_people_free(people);
  return rc;
}

void rs_keys_set_people(struct rs_keys *t, struct rs_people *people)
{
  pthread_mutex_lock(&t->mutex);
  struct rs_people *old = t->people;
  t->people = people;
  pthread_mutex_unlock(&t->mutex);
  rs_people_free(old);
}

static int64_t age_ms(struct rs_keys *t)
{
  pthread_mutex_lock(&t->mutex);
  int64_t age = rs_now_ms() - t->as_of_ms;
  pthread_mutex_unlock(&t->mutex);
  return age;
}

static bool is_interrupted(void *ctx)
{
  return rs_watch_is_stopped(ctx);
}

/* On a session of our own, which is opened again after it failed. With the documents' mutex. */
static enum rs_code load_anew(struct rs_keys *t, struct rs_error *e)
{
  const struct rs_interrupt interrupt = {.is_interrupted = is_interrupted, .ctx = &t->watch};
  enum rs_code rc = RS_OK;
  atomic_store(&t->watch.why, RS_STOP_NOT);
  atomic_store(&t->watch.deadline, rs_now_ms() + ASK_MS);
  if (t->own == NULL) rc = rs_session_open(t->target, &interrupt, NULL, &t->own, e);
  if (rc == RS_OK) rc = load_keys(t, t->own, e);
  if (rc == RS_OK) return rc;
  rs_session_close(t->own);
  t->own = NULL;
  return rc;
}

/*
** Sees to it that what is known is younger than STALE_MS, for which it waits. From REFRESH_MS on
** the first who comes reads anew while others go on with what is known. RS_BUSY: the target can't
** be asked, so nobody knows which keys still hold.
*/
static enum rs_code refresh_keys(struct rs_keys *t, struct rs_error *e)
{
  struct rs_error why = {0};
  int64_t age = t->shared ? age_ms(t) : 0;
  if (age < REFRESH_MS) return RS_OK;
  if (age >= STALE_MS) pthread_mutex_lock(&t->documents);
  else if (pthread_mutex_trylock(&t->documents) != 0) return RS_OK;
  enum rs_code rc = age_ms(t) >= REFRESH_MS ? load_anew(t, &why) : RS_OK;
  pthread_mutex_unlock(&t->documents);
  if (rc == RS_OK || age_ms(t) < STALE_MS) return RS_OK;
  return rs_fail(e, RS_BUSY, "API keys: the target can't be asked which ones still hold: %s",
                 why.text);
}

/* Out of the environment, and out of the memory that /proc/PID/environ shows. */
static void take_out(const char *name, char *text)
{
  memset(text, 0, strlen(text));
  (void)unsetenv(name);
}

static enum rs_code add_environment(struct rs_keys *t, struct rs_error *e)
{
  char *text = getenv(ENVIRONMENT);
  if (text == NULL || *text == 0) return RS_OK;
  if (strlen(text) < KEY_MIN)
    return rs_fail(e, RS_INVALID, "ROCKSETD_ADMIN_KEY: at least %d characters are needed", KEY_MIN);
  struct rs_key k = {.user = RS_USER_EMAIL, .role = "admin", .environment = true};
  copy_text(k.name, sizeof k.name, ENVIRONMENT);
  copy_text(k.prefix, 7, text);
  rs_js_time(rs_wall_us(), k.created_at);
  rs_sha256(text, strlen(text), k.hash);
  enum rs_code rc = rs_redact_add(text);
  if (rc != RS_OK || !add_key(t, &k)) return rs_nomem(e);
  take_out(ENVIRONMENT, text);
  return RS_OK;
}

enum rs_code rs_keys_open(struct rs_session *s, bool shared, const rs_stopping *stopping,
                          struct rs_keys **pt, struct rs_error *e)
{
  struct rs_keys *t = rs_calloc(1, sizeof *t);
  if (t == NULL) return rs_nomem(e);
  pthread_mutex_init(&t->documents, NULL);
  pthread_mutex_init(&t->mutex, NULL);
  t->shared = shared;
  t->target = rs_session_target(s);
  rs_target_retain(t->target);
  rs_watch_init(&t->watch, stopping, -1);
  enum rs_code rc = add_environment(t, e);
  if (rc == RS_OK) rc = load_keys(t, s, e);
  if (rc == RS_OK) *pt = t;
  else rs_keys_close(t);
  return rc;
}

void rs_keys_close(struct rs_keys *t)
{
  if (t == NULL) return;
  rs_session_close(t->own);
  rs_target_release(t->target);
  pthread_mutex_destroy(&t->documents);
  pthread_mutex_destroy(&t->mutex);
  rs_people_free(t->people);
  rs_free(t->v);
  rs_free(t);
}

size_t rs_keys_count(struct rs_keys *t)
{
  pthread_mutex_lock(&t->mutex);
  size_t n = t->n;
  pthread_mutex_unlock(&t->mutex);
  return n;
}

/* ---- who is it ------------------------------------------------------------------------------- */

/* The secret behind the scheme: `ApiKey k`, also `Bearer k`. NULL: another form. */
static const char *secret_of(const char *header)
{
  static const char *const schemes[] = {"apikey", "bearer"};
  for (size_t i = 0; i < 2; i++) {
    size_t n = strlen(schemes[i]);
    if (rs_casecmpn(header, schemes[i], n) != 0 || header[n] != ' ') continue;
    header += n;
    while (*header == ' ') header++;
    return *header != 0 ? header : NULL;
  }
  return NULL;
}

/* NULL: its user or role is gone. With the mutex. */
static enum rs_code rights_of(struct rs_keys *t, const struct rs_key *k, struct rs_arena *a,
                              const struct rs_rights **rights, struct rs_error *e)
{
  struct rs_rights levels[2];
  *rights = NULL;
  if (!rs_people_rights(t->people, k->user, k->role, levels)) return RS_OK;
  *rights = rs_rights_copy(&levels[0], a);
  return *rights != NULL ? RS_OK : rs_nomem(e);
}

/* Looks at every key, so that the time tells nothing of which one was near. RS_DONE: none. Without
** `documents` only the environment's, which no target has to be asked for. */
static enum rs_code look_up(struct rs_keys *t, const unsigned char hash[RS_SHA256_SIZE],
                            bool documents, struct rs_arena *a, struct rs_identity *who,
                            struct rs_error *e)
{
  struct rs_key *found = NULL;
  int64_t now = rs_wall_us();
  enum rs_code rc = RS_DONE;
  pthread_mutex_lock(&t->mutex);
  for (size_t i = 0; i < t->n; i++)
    if (rs_same_bytes(t->v[i].hash, hash, RS_SHA256_SIZE) && (documents || t->v[i].environment))
      found = &t->v[i];
  if (found != NULL && found->suspended) {
    rc = rs_fail(e, RS_AUTH, "API key '%s' is suspended", found->name);
  } else if (found != NULL && found->expires_us != 0 && found->expires_us <= now) {
    rc = rs_fail(e, RS_AUTH, "API key '%s' has expired", found->name);
  } else if (found != NULL) {
    copy_text(who->key_name, sizeof who->key_name, found->name);
    copy_text(who->user, sizeof who->user, found->user);
    found->used_us = now;
    rc = rights_of(t, found, a, &who->rights, e);
    if (rc == RS_OK && who->rights == NULL)
      rc = rs_fail(e, RS_AUTH, "API key '%s': its user '%s' or its role is there no more",
                   found->name, found->user);
  }
  pthread_mutex_unlock(&t->mutex);
  return rc;
}

enum rs_code rs_keys_check(struct rs_keys *t, const char *header, struct rs_arena *a,
                           struct rs_identity *who, struct rs_error *e)
{
  unsigned char hash[RS_SHA256_SIZE];
  if (header == NULL)
    return rs_fail(e, RS_AUTH, "authentication: send the header `Authorization: ApiKey <key>`");
  const char *secret = secret_of(header);
  if (secret == NULL)
    return rs_fail(e, RS_AUTH,
                   "authentication: the header is not of the form `Authorization: ApiKey <key>`");
  rs_sha256(secret, strlen(secret), hash);
  struct rs_error stale = {0};
  enum rs_code fresh = refresh_keys(t, &stale);
  enum rs_code rc = look_up(t, hash, fresh == RS_OK, a, who, e);
  if (rc == RS_DONE && fresh != RS_OK) {
    if (e != NULL) *e = stale;
    rc = fresh;
  }
  if (rc == RS_DONE) rc = rs_fail(e, RS_AUTH, "authentication: unknown API key");
  return rc;
}

/* ---- references ------------------------------------------------------------------------------ */

enum rs_code rs_keys_refer(struct rs_keys *t, const char *text, struct rs_key_reference *ref,
                           struct rs_error *e)
{
  unsigned char hash[RS_SHA256_SIZE];
  struct rs_identity who;
  struct rs_arena a;
  struct rs_key k;
  rs_sha256(text, strlen(text), hash);
  rs_arena_init(&a, 0);
  enum rs_code rc = refresh_keys(t, e);
  if (rc == RS_OK) rc = look_up(t, hash, true, &a, &who, e);
  rs_arena_free(&a);
  if (rc == RS_DONE) return rs_fail(e, RS_AUTH, "unknown API key");
  if (rc == RS_OK) rc = rs_keys_find(t, who.key_name, &k, e);
  if (rc != RS_OK) return rc;
  memset(ref, 0, sizeof *ref);
  copy_text(ref->name, sizeof ref->name, k.name);
  if (!k.environment) rs_hex(hash, sizeof hash, ref->hash);
  return RS_OK;
}

/* The hash of a key that is referred to; of the environment's that of now. False: there is none. */
static bool hash_of(struct rs_keys *t, const struct rs_key_reference *ref,
                    unsigned char hash[RS_SHA256_SIZE])
{
  struct rs_key k;
  if (read_hash(ref->hash, hash)) return true;
  if (rs_keys_find(t, ref->name, &k, NULL) != RS_OK || !k.environment) return false;
  memcpy(hash, k.hash, sizeof k.hash);
  return true;
}

enum rs_code rs_keys_recall(struct rs_keys *t, const struct rs_key_reference *ref,
                            struct rs_arena *a, struct rs_identity *who, struct rs_error *e)
{
  unsigned char hash[RS_SHA256_SIZE];
  enum rs_code rc = refresh_keys(t, e);
  if (rc != RS_OK) return rc;
  rc = hash_of(t, ref, hash) ? look_up(t, hash, true, a, who, e) : RS_DONE;
  if (rc == RS_DONE) rc = rs_fail(e, RS_AUTH, "API key '%s' is there no more", ref->name);
  return rc;
}

enum rs_code rs_keys_reach(struct rs_keys *t, const struct rs_key_reference *ref,
                           struct rs_arena *a, const struct rs_rights **rights, struct rs_error *e)
{
  unsigned char hash[RS_SHA256_SIZE];
  *rights = NULL;
  enum rs_code rc = refresh_keys(t, e);
  if (rc != RS_OK || !hash_of(t, ref, hash)) return rc;
  pthread_mutex_lock(&t->mutex);
  for (size_t i = 0; i < t->n && rc == RS_OK; i++)
    if (memcmp(t->v[i].hash, hash, sizeof hash) == 0) rc = rights_of(t, &t->v[i], a, rights, e);
  pthread_mutex_unlock(&t->mutex);
  return rc;
}

/* With the mutex. A key that is younger than what its name made is another one: NULL. */
static const struct rs_key *key_that_made(struct rs_keys *t, const char *name, const char *made_at)
{
  const struct rs_key *k = name != NULL ? key_of_name(t, name) : NULL;
  if (k == NULL || k->environment) return k;
  return made_at != NULL && strncmp(k->created_at, made_at, TO_SECONDS) <= 0 ? k : NULL;
}

enum rs_code rs_keys_maker(struct rs_keys *t, const char *name, const char *made_at,
                           struct rs_arena *a, const struct rs_rights **rights, struct rs_error *e)
{
  *rights = NULL;
  pthread_mutex_lock(&t->mutex);
  const struct rs_key *k = key_that_made(t, name, made_at);
  enum rs_code rc = k != NULL ? rights_of(t, k, a, rights, e) : RS_OK;
  pthread_mutex_unlock(&t->mutex);
  return rc;
}

const char *rs_keys_user(struct rs_keys *t, const char *name, const char *made_at,
                         struct rs_arena *a)
{
  pthread_mutex_lock(&t->mutex);
  const struct rs_key *k = key_that_made(t, name, made_at);
  const char *user = k != NULL ? rs_arena_strdup(a, k->user) : NULL;
  pthread_mutex_unlock(&t->mutex);
  return user;
}

/* ---- changes --------------------------------------------------------------------------------- */

static enum rs_code make_secret(char text[RS_KEY_TEXT], struct rs_error *e)
{
  unsigned char bytes[32];
  if (getentropy(bytes, sizeof bytes) != 0)
    return rs_fail(e, RS_IO, "API key: the system gives no random bytes");
  rs_hex(bytes, sizeof bytes, text);
  return RS_OK;
}

enum rs_code rs_keys_begin(struct rs_keys *t, struct rs_session *s, struct rs_error *e)
{
  pthread_mutex_lock(&t->documents);
  return t->shared ? load_keys(t, s, e) : RS_OK;
}

enum rs_code rs_keys_end(struct rs_keys *t, enum rs_code rc)
{
  pthread_mutex_unlock(&t->documents);
  return rc;
}

enum rs_code rs_keys_find(struct rs_keys *t, const char *name, struct rs_key *k, struct rs_error *e)
{
  pthread_mutex_lock(&t->mutex);
  const struct rs_key *found = key_of_name(t, name);
  if (found != NULL) *k = *found;
  pthread_mutex_unlock(&t->mutex);
  return found != NULL ? RS_OK : rs_fail(e, RS_NOT_FOUND, "API key '%s': not found", name);
}

/* Is what the key may for who has these rights (NULL: everybody)? In a change. */
static enum rs_code check_reach(struct rs_keys *t, const struct rs_key *k,
                                const struct rs_rights *by, struct rs_error *e)
{
  struct rs_rights levels[2];
  if (by == NULL || !rs_people_rights(t->people, k->user, k->role, levels) ||
      rs_rights_cover(by, &levels[0]))
    return RS_OK;
  return rs_fail(e, RS_FORBIDDEN, "API key '%s': it has more privileges than the one that asks",
                 k->name);
}

/* Nor may it have more once its user has. In a change. */
static enum rs_code check_role(struct rs_keys *t, const struct rs_key *k,
                               const struct rs_rights *maker, struct rs_error *e)
{
  const struct rs_role *r = k->role[0] != 0 ? rs_people_role(t->people, k->role) : NULL;
  if (maker == NULL || r == NULL || rs_rights_cover(maker, &r->rights)) return RS_OK;
  return rs_fail(e, RS_FORBIDDEN,
                 "API key '%s': role '%s' has more privileges than the API key that asks", k->name,
                 k->role);
}

static enum rs_code create_key(struct rs_keys *t, struct rs_session *s, struct rs_key *k,
                               const struct rs_rights *maker, struct rs_error *e)
{
  struct rs_key old;
  if (rs_keys_find(t, k->name, &old, NULL) == RS_OK)
    return rs_fail(e, RS_EXISTS, "API key '%s': exists already", k->name);
  if (rs_eq(k->name, ENVIRONMENT))
    return rs_fail(e, RS_INVALID, "API key '%s': that is the name of the environment's", k->name);
  if (rs_people_user(t->people, k->user) == NULL)
    return rs_fail(e, RS_NOT_FOUND, "User '%s' not found.", k->user);
  if (k->role[0] != 0 && rs_people_role(t->people, k->role) == NULL)
    return rs_fail(e, RS_INVALID,
                   "role '%s' is not known: admin, member (also: write), read-only (also: read), "
                   "and those of GET /v1/orgs/self/roles",
                   k->role);
  enum rs_code rc = check_reach(t, k, maker, e);
  if (rc == RS_OK) rc = check_role(t, k, maker, e);
  if (rc == RS_OK) rc = write_key(s, k, e);
  if (rc != RS_OK) return rc;
  pthread_mutex_lock(&t->mutex);
  if (!add_key(t, k)) rc = rs_nomem(e);
  pthread_mutex_unlock(&t->mutex);
  return rc;
}

enum rs_code rs_keys_create(struct rs_keys *t, struct rs_session *s, struct rs_key *k,
                            const struct rs_rights *maker, char text[RS_KEY_TEXT],
                            struct rs_error *e)
{
  enum rs_code rc = make_secret(text, e);
  if (rc != RS_OK) return rc;
  rs_sha256(text, strlen(text), k->hash);
  copy_text(k->prefix, 7, text);
  rs_js_time(rs_wall_us(), k->created_at);
  rc = rs_keys_begin(t, s, e);
  if (rc == RS_OK) rc = create_key(t, s, k, maker, e);
  return rs_keys_end(t, rc);
}

static enum rs_code find_changeable(struct rs_keys *t, const char *name, const struct rs_rights *by,
                                    struct rs_key *k, struct rs_error *e)
{
  enum rs_code rc = rs_keys_find(t, name, k, e);
  if (rc == RS_OK) rc = check_reach(t, k, by, e);
  if (rc != RS_OK || !k->environment) return rc;
  return rs_fail(e, RS_FORBIDDEN,
                 "API key '%s' comes from the server's environment and is changed there", k->name);
}

enum rs_code rs_keys_change(struct rs_keys *t, struct rs_session *s, const char *name,
                            const struct rs_rights *by, const struct rs_key_change *c,
                            struct rs_key *k, struct rs_error *e)
{
  enum rs_code rc = rs_keys_begin(t, s, e);
  if (rc == RS_OK) rc = find_changeable(t, name, by, k, e);
  if (rc == RS_OK && c->state) k->suspended = c->suspended;
  if (rc == RS_OK && c->expiry) k->expires_us = c->expires_us;
  if (rc == RS_OK) rc = write_key(s, k, e);
  if (rc == RS_OK) {
    pthread_mutex_lock(&t->mutex);
    struct rs_key *old = key_of_name(t, name);
    if (old != NULL) *old = *k;
    pthread_mutex_unlock(&t->mutex);
  }
  return rs_keys_end(t, rc);
}

static void forget_key(struct rs_keys *t, const char *name)
{
  pthread_mutex_lock(&t->mutex);
  struct rs_key *old = key_of_name(t, name);
  if (old != NULL) *old = t->v[--t->n];
  pthread_mutex_unlock(&t->mutex);
}

enum rs_code rs_keys_remove_of(struct rs_keys *t, struct rs_session *s, const char *user,
                               struct rs_error *e)
{
  struct rs_key k;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && rs_keys_at(t, i, &k); i++)
    if (rs_casecmp(k.user, user) == 0 && !k.environment)
      rc = rs_store_remove(s, KIND, "", k.name, e);
  return rc;
}

void rs_keys_forget_of(struct rs_keys *t, const char *user)
{
  struct rs_key k;
  for (size_t i = 0; rs_keys_at(t, i, &k);) {
    if (rs_casecmp(k.user, user) == 0 && !k.environment) forget_key(t, k.name);
    else i++;
  }
}

enum rs_code rs_keys_drop(struct rs_keys *t, struct rs_session *s, const char *name,
                          const struct rs_rights *by, struct rs_key *k, struct rs_error *e)
{
  enum rs_code rc = rs_keys_begin(t, s, e);
  if (rc == RS_OK) rc = find_changeable(t, name, by, k, e);
  if (rc == RS_OK) rc = rs_store_remove(s, KIND, "", name, e);
  if (rc == RS_OK) forget_key(t, name);
  return rs_keys_end(t, rc);
}

bool rs_keys_at(struct rs_keys *t, size_t i, struct rs_key *k)
{
  pthread_mutex_lock(&t->mutex);
  bool there = i < t->n;
  if (there) *k = t->v[i];
  pthread_mutex_unlock(&t->mutex);
  return there;
}
