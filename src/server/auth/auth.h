/*
** API keys, users and roles, and the small documents that the server keeps in its target.
**
** A key is 256 random bits, kept by their SHA-256 only, in the target's own control documents, so
** that every server over one target knows them. All keys are in memory; who asks is looked up
** there. A key belongs to a user. It may what all roles of the user allow together, or where it has
** a role of its own, what both that and the user's allow: as they are now, not as they were.
**
** Threads: any; the keys have a mutex. Functions that take a session block on it, and
** rs_keys_check may ask the target on a session of its own.
**
** Memory: struct rs_key is a copy. Errors: texts are for the client.
*/
#ifndef RS_SERVER_AUTH_AUTH_H
#define RS_SERVER_AUTH_AUTH_H
#include <cjson/cJSON.h>
#include "src/base/sha256.h"
#include "src/engine/engine.h"
#include "src/server/http/http.h"

/* The user who is always there, an admin: keys that are made without the API are his. */
#define RS_USER_EMAIL "admin@rocksetd.local"

/* ---- keys (keys.c) --------------------------------------------------------------------------- */

enum { RS_KEY_TEXT = 64 + 1 };

struct rs_key {
  char name[256];
  char user[256]; /* whose it is, by email */
  char role[256]; /* "": all of the user's */
  unsigned char hash[RS_SHA256_SIZE];
  char prefix[8]; /* the first characters: what lists show */
  bool suspended;
  char created_at[40], created_by_key[256];
  int64_t expires_us; /* 0: never */
  int64_t used_us;    /* 0: not since the start */
  bool environment;   /* ROCKSETD_ADMIN_KEY: not stored, can't be changed */
};

struct rs_keys;

/* Loads the keys of the session's target; takes ROCKSETD_ADMIN_KEY out of the environment.
** `shared`: others may change them, too. Returns owned (rs_keys_close). */
enum rs_code rs_keys_open(struct rs_session *s, bool shared, const rs_stopping *stopping,
                          struct rs_keys **pt, struct rs_error *e);
void rs_keys_close(struct rs_keys *t); /* NULL is fine */
size_t rs_keys_count(struct rs_keys *t);
/* Who sends this Authorization header (NULL: none); its rights are in the arena. RS_AUTH; RS_BUSY:
** keys can't be checked. */
enum rs_code rs_keys_check(struct rs_keys *t, const char *header, struct rs_arena *a,
                           struct rs_identity *who, struct rs_error *e);
/* A key that is remembered instead of its text, by what does its work later: the key itself, not
** another one that has its name by then. Of ROCKSETD_ADMIN_KEY, which nobody stores, only the
** name. */
struct rs_key_reference {
  char name[256];
  char hash[2 * RS_SHA256_SIZE + 1]; /* "": the environment's */
};
/* The key of this text, which must hold now. RS_AUTH, RS_BUSY. */
enum rs_code rs_keys_refer(struct rs_keys *t, const char *text, struct rs_key_reference *ref,
                           struct rs_error *e);
/* Who that key is now. RS_AUTH: it is gone, suspended, expired; RS_BUSY. */
enum rs_code rs_keys_recall(struct rs_keys *t, const struct rs_key_reference *ref,
                            struct rs_arena *a, struct rs_identity *who, struct rs_error *e);
/* What that key may, suspended or not; *rights NULL: it is there no more. */
enum rs_code rs_keys_reach(struct rs_keys *t, const struct rs_key_reference *ref,
                           struct rs_arena *a, const struct rs_rights **rights, struct rs_error *e);
/* What the key of that name may that has made something at that time; *rights NULL: it is there no
** more, or another one has its name. */
enum rs_code rs_keys_maker(struct rs_keys *t, const char *name, const char *made_at,
                           struct rs_arena *a, const struct rs_rights **rights, struct rs_error *e);
/* Whose key that is, in the arena; NULL likewise, and when out of memory. */
const char *rs_keys_user(struct rs_keys *t, const char *name, const char *made_at,
                         struct rs_arena *a);
/* Makes and stores a key; `text` gets it, this once. k: name, user, role, expires_us,
** created_by_key. RS_FORBIDDEN: it would allow more than `maker` (NULL: no bound). */
enum rs_code rs_keys_create(struct rs_keys *t, struct rs_session *s, struct rs_key *k,
                            const struct rs_rights *maker, char text[RS_KEY_TEXT],
                            struct rs_error *e);
/* Changes what c says of the key of that name; *k: what it is then. */
struct rs_key_change {
  bool state, suspended;
  bool expiry;
  int64_t expires_us;
};
/* RS_FORBIDDEN: it is not for who has only these rights. */
enum rs_code rs_keys_change(struct rs_keys *t, struct rs_session *s, const char *name,
                            const struct rs_rights *by, const struct rs_key_change *c,
                            struct rs_key *k, struct rs_error *e);
/* *k: what it was. */
enum rs_code rs_keys_drop(struct rs_keys *t, struct rs_session *s, const char *name,
                          const struct rs_rights *by, struct rs_key *k, struct rs_error *e);
/* The i-th key, copied; false behind the last. */
bool rs_keys_at(struct rs_keys *t, size_t i, struct rs_key *k);
enum rs_code rs_keys_find(struct rs_keys *t, const char *name, struct rs_key *k,
                          struct rs_error *e);

/* ---- roles and users (people.c, staff.c) ----------------------------------------------------- */

/* Names of roles as they are kept: "write" is member, "read" read-only. */
const char *rs_role_name(const char *word);

/* Texts of both are in the arena of who asks; NULL where nothing is known. */
struct rs_role {
  const char *name, *description, *created_at, *created_by;
  const char *privileges; /* a JSON array of {"action","cluster","resource_name"} */
  struct rs_rights rights;
  bool fixed; /* admin, member, read-only */
};
struct rs_user {
  const char *email, *first_name, *last_name, *created_at;
  const char *roles;       /* a JSON array of names */
  const char *preferences; /* a JSON array */
  struct rs_rights rights; /* of all roles together */
  bool fixed;              /* RS_USER_EMAIL */
  bool has_keys;
};

/* Reads privileges: their normal text and what they allow. RS_INVALID: which is wrong, and how. */
enum rs_code rs_privileges_read(const cJSON *list, struct rs_arena *a, const char **json,
                                struct rs_rights *rights, struct rs_error *e);

/* The i-th, copied to the arena. RS_DONE: behind the last; RS_NOMEM. */
enum rs_code rs_roles_at(struct rs_keys *t, size_t i, struct rs_arena *a, struct rs_role *r);
enum rs_code rs_users_at(struct rs_keys *t, size_t i, struct rs_arena *a, struct rs_user *u);
enum rs_code rs_roles_find(struct rs_keys *t, const char *name, struct rs_arena *a,
                           struct rs_role *r, struct rs_error *e);
enum rs_code rs_users_find(struct rs_keys *t, const char *email, struct rs_arena *a,
                           struct rs_user *u, struct rs_error *e);

/* Stores it, made anew (RS_EXISTS) or in the old one's stead (RS_NOT_FOUND). RS_FORBIDDEN: it would
** allow what neither it did before nor `by` does. RS_CONSTRAINT: it is fixed. */
enum rs_code rs_roles_put(struct rs_keys *t, struct rs_session *s, const struct rs_role *r,
                          bool create, const struct rs_rights *by, struct rs_error *e);
/* RS_CONSTRAINT: a user or key has it, or it is fixed. */
enum rs_code rs_roles_drop(struct rs_keys *t, struct rs_session *s, const char *name,
                           struct rs_error *e);
/* u: all but rights; roles NULL: as they are. RS_INVALID: it names a role that is not there. */
enum rs_code rs_users_put(struct rs_keys *t, struct rs_session *s, const struct rs_user *u,
                          bool create, const struct rs_rights *by, struct rs_error *e);
/* With all keys. RS_CONSTRAINT: it is fixed. */
enum rs_code rs_users_drop(struct rs_keys *t, struct rs_session *s, const char *email,
                           struct rs_error *e);

/* ---- documents of the server (store.c) ------------------------------------------------------- */

/* Names are (kind, workspace, name), bodies are JSON. Texts returned live in the arena. */

/* *body: NULL when there is none. */
enum rs_code rs_store_get(struct rs_session *s, const char *kind, const char *workspace,
                          const char *name, struct rs_arena *a, const char **body,
                          struct rs_error *e);
enum rs_code rs_store_put(struct rs_session *s, const char *kind, const char *workspace,
                          const char *name, const char *body, struct rs_error *e);
enum rs_code rs_store_remove(struct rs_session *s, const char *kind, const char *workspace,
                             const char *name, struct rs_error *e);
/* By workspace and name; workspace NULL: all. Texts are borrowed for the call. */
typedef enum rs_code (*rs_store_fn)(void *ctx, const char *workspace, const char *name,
                                    const char *body);
enum rs_code rs_store_each(struct rs_session *s, const char *kind, const char *workspace,
                           rs_store_fn fn, void *ctx, struct rs_error *e);
#endif
