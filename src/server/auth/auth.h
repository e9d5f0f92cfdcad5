/*
** API keys: 256 random bits, kept by their SHA-256 only, in the target's own control documents, so
** that every server over one target knows them.
**
** Threads: any; the store has a mutex. Functions that take a session block on it.
*/
#ifndef RS_SERVER_AUTH_AUTH_H
#define RS_SERVER_AUTH_AUTH_H
#include "src/base/sha256.h"
#include "src/server/server.h"

enum { RS_KEY_TEXT = 64 + 1 };

struct rs_key {
  char name[256];
  enum rs_role role;
  unsigned char hash[RS_SHA256_SIZE];
  char prefix[8]; /* the first characters: what lists show */
  bool suspended;
  char created_at[40], created_by_key[256];
  int64_t expires_us; /* 0: never */
  int64_t used_us;    /* 0: not since the start */
  bool environment;   /* ROCKSETD_ADMIN_KEY: not stored, can't be changed */
};

/* Loads the keys of the target; takes ROCKSETD_ADMIN_KEY out of the environment. */
enum rs_code rs_keys_open(struct rs_server *v, struct rs_session *s, struct rs_error *e);
void rs_keys_close(struct rs_server *v);
size_t rs_keys_count(struct rs_server *v);
/* Who sends this Authorization header (NULL: none). RS_AUTH; RS_BUSY: keys can't be checked. May
** ask the target. */
enum rs_code rs_keys_check(struct rs_server *v, const char *header, struct rs_identity *who,
                           struct rs_error *e);
/* Makes and stores a key; `text` gets it, this once. k: name, role, expires_us, created_by_key. */
enum rs_code rs_keys_create(struct rs_server *v, struct rs_session *s, struct rs_key *k,
                            char text[RS_KEY_TEXT], struct rs_error *e);
/* Changes what c says of the key of that name; *k: what it is then. */
struct rs_key_change {
  bool state, suspended;
  bool expiry;
  int64_t expires_us;
};
enum rs_code rs_keys_change(struct rs_server *v, struct rs_session *s, const char *name,
                            const struct rs_key_change *c, struct rs_key *k, struct rs_error *e);
/* *k: what it was. */
enum rs_code rs_keys_drop(struct rs_server *v, struct rs_session *s, const char *name,
                          struct rs_key *k, struct rs_error *e);
/* The i-th key, copied; false behind the last. */
bool rs_keys_at(struct rs_server *v, size_t i, struct rs_key *k);
enum rs_code rs_keys_find(struct rs_server *v, const char *name, struct rs_key *k,
                          struct rs_error *e);

/* "admin", "member", "read-only": Rockset's names; "write" and "read" are understood too. */
const char *rs_role_name(enum rs_role role);
bool rs_role_parse(const char *name, enum rs_role *role);
#endif
