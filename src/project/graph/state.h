/*
** What a node is made of, as content hashes, and how that compares with what it was made of when it
** was last built: `state:` selections and plans need no second folder of artifacts.
**
** The hashes are of what is written, not of what it renders to: a variable or the environment that
** changes is no change of a node, as in dbt. The caller stores the JSON of a node when it has been
** built and gives it back later.
**
** Ownership: everything lies in the state's arena; it borrows the inventory. Threads: one while it
** is made, then immutable. Nothing blocks.
*/
#ifndef RS_PROJECT_GRAPH_STATE_H
#define RS_PROJECT_GRAPH_STATE_H
#include "inventory.h"

enum rs_aspect {
  RS_H_SQL,      /* the text without its config() calls; all of a row that has no text */
  RS_H_CALL,     /* the config() calls in it */
  RS_H_CONFIGS,  /* config of rows and folders, without what the next one has */
  RS_H_RELATION, /* schema, alias, database as written */
  RS_H_MACROS,   /* the texts of all macros it uses, directly or not */
  RS_H_DESCRIPTIONS,
  RS_H_CONTRACT, /* columns and constraints under an enforced contract; version, access */
  RS_H_UPSTREAM, /* of all that it depends on */
  RS_ASPECTS
};

#define RS_HASH_TEXT 33 /* 128 bits as hexadecimal text, and a NUL */
struct rs_hashes {
  char v[RS_ASPECTS][RS_HASH_TEXT];
};

/* A macro and what it calls. */
struct rs_macro_use {
  const char *package, *name;
  const struct rs_macro *macro;
  char hash[RS_HASH_TEXT];
  struct rs_macro_use **uses;
  size_t nuses, cap_uses;
  bool scanned;
  size_t mark; /* of the walk that met it last */
};

struct rs_state {
  struct rs_arena arena;
  const struct rs_inventory *inv;
  struct rs_hashes *now;         /* by index of the item */
  const struct rs_hashes **then; /* NULL: it has never been built */
  struct rs_map macros;          /* "package.name" -> struct rs_macro_use */
  struct rs_macro_use ***uses;   /* by index of the item: what it calls itself, up to NULL */
};

/* Returns owned in *ps (rs_state_free). */
enum rs_code rs_state_make(const struct rs_inventory *inv, struct rs_state **ps,
                           struct rs_error *e);
void rs_state_free(struct rs_state *s);
/* The hashes of an item as JSON, appended. kind: as what it was built, NULL: as it is configured; a
** model that was built as something else has not the configs' hash. */
void rs_state_json(const struct rs_state *s, const struct rs_item *it, const char *kind,
                   struct rs_buf *b);
/* What was stored for a node; ids that are unknown and texts that are no such JSON are ignored. */
enum rs_code rs_state_then(struct rs_state *s, const char *unique_id, const char *json, size_t n,
                           struct rs_error *e);

/* state:value of a selection; s NULL: nothing has ever been built. */
bool rs_state_matches(const struct rs_state *s, const struct rs_item *it, const char *value);

enum rs_change {
  RS_CHANGE_NONE,
  RS_CHANGE_NEW,
  RS_CHANGE_SQL,
  RS_CHANGE_CONFIG,
  RS_CHANGE_RELATION,
  RS_CHANGE_CONTRACT,
  RS_CHANGE_MACRO,
  RS_CHANGE_UPSTREAM,
  RS_CHANGE_DESCRIPTION
};
/* The first of these that holds. */
enum rs_change rs_state_change(const struct rs_state *s, const struct rs_item *it);
/* Was it built as another kind than it is configured as? Then its config has "changed". */
bool rs_state_is_other_kind(const struct rs_state *s, const struct rs_item *it);
/* "unchanged", "new", "changed sql" ...; static. */
const char *rs_change_name(enum rs_change c);

/* state_macros.c: what a template calls. */
enum rs_code rs_state_macros(struct rs_state *s, struct rs_error *e);
/* The macros of this text and, with `all`, those that they call; in the order of their names. */
enum rs_code rs_state_hash_macros(struct rs_state *s, const struct rs_item *it,
                                  char out[RS_HASH_TEXT], struct rs_error *e);
/* Finds what m itself calls: m->uses; false: out of memory. */
bool rs_state_macro_scan(struct rs_state *s, struct rs_macro_use *m);
/* 128 bits of a SHA-256 as text. */
void rs_digest(const char *p, size_t n, char out[RS_HASH_TEXT]);
#endif
