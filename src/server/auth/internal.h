/*
** What the files of src/server/auth share: what is known of keys, users and roles, and how it is
** read and changed.
*/
#ifndef RS_SERVER_AUTH_INTERNAL_H
#define RS_SERVER_AUTH_INTERNAL_H
#include "auth.h"

/* ---- users and roles as they were read (people.c) -------------------------------------------- */

struct rs_role_entry {
  struct rs_role role;
  struct rs_role_entry *next;
};
struct rs_user_entry {
  struct rs_user user;
  struct rs_user_entry *next;
};
/* They do not change: what was changed is read anew. */
struct rs_people {
  struct rs_arena arena;
  struct rs_role_entry *roles, **roles_end; /* the fixed ones first */
  struct rs_user_entry *users, **users_end;
};
/* Returns owned (rs_people_free). */
enum rs_code rs_people_load(struct rs_session *s, struct rs_people **pp, struct rs_error *e);
void rs_people_free(struct rs_people *p); /* NULL is fine */
/* NULL: there is none. */
const struct rs_role *rs_people_role(const struct rs_people *p, const char *name);
const struct rs_user *rs_people_user(const struct rs_people *p, const char *email);
/* What a key of that user and role ("": none) may; filled in two levels. False: there is no such
** user or role any more, so nothing. */
bool rs_people_rights(const struct rs_people *p, const char *user, const char *role,
                      struct rs_rights levels[2]);

/* A document's text; *j NULL: it is none that can be read, which allows nothing. RS_NOMEM: it is
** not known whether it is. */
enum rs_code rs_auth_parse(const char *body, cJSON **j);

/* ---- all that is known (keys.c) -------------------------------------------------------------- */

struct rs_keys {
  pthread_mutex_t documents; /* who reads or writes them; before `mutex`, which guards the rest */
  pthread_mutex_t mutex;
  struct rs_key *v;
  size_t n, cap;
  struct rs_people *people;
  int64_t as_of_ms; /* when reading began */
  bool shared;      /* can somebody else change the documents? */
  struct rs_target *target;
  struct rs_session *own; /* to read them anew; under `documents`; NULL: not open */
  struct rs_watch watch;  /* of `own` */
};

/* Begins a change: what is known of the documents is then what they are. rs_keys_end follows. */
enum rs_code rs_keys_begin(struct rs_keys *t, struct rs_session *s, struct rs_error *e);
enum rs_code rs_keys_end(struct rs_keys *t, enum rs_code rc);
/* What was read in a change; takes it. */
void rs_keys_set_people(struct rs_keys *t, struct rs_people *people);
/* The keys of a user, in a change: out of the target, and then out of memory. */
enum rs_code rs_keys_remove_of(struct rs_keys *t, struct rs_session *s, const char *user,
                               struct rs_error *e);
void rs_keys_forget_of(struct rs_keys *t, const char *user);
#endif
