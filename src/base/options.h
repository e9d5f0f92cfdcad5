/*
** Options given as JSON text ('{"mode":"replace"}'): one table says what is legal, one function
** checks and reads them. An unknown, repeated or ill-typed option is an error that names it and the
** nearest legal one.
**
** Ownership: texts found are copied into the arena given.
*/
#ifndef RS_BASE_OPTIONS_H
#define RS_BASE_OPTIONS_H
#include <stdbool.h>
#include <stddef.h>
#include "arena.h"
#include "error.h"

enum rs_option_type {
  RS_OPT_BOOL,   /* *(bool *) */
  RS_OPT_INT,    /* *(int64_t *), a JSON number without a fraction; exact */
  RS_OPT_TEXT,   /* *(const char **) */
  RS_OPT_CHOICE, /* *(const char **), one of `choices` ("create|append|replace") */
  RS_OPT_JSON    /* *(const char **), any JSON value as written, without blanks: numbers and
                  ** escapes are the caller's own */
};

struct rs_option {
  const char *name;
  enum rs_option_type type;
  void *value; /* where it goes; set to its default by the caller beforehand */
  const char *choices;
};

/*
** Reads the JSON object `json` (NULL or "" = no options) by the table. `what` names the owner in
** errors ("rockset_load").
*/
enum rs_code rs_options_read(const char *json, const struct rs_option *table, size_t n,
                             const char *what, struct rs_arena *arena, struct rs_error *e);
#endif
