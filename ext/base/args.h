/*
** Arguments of SQL functions and tables: one set of checks, one set of texts.
**
** `fn` is the function's SQL name and opens every error; `name` is the argument's ("path"). Texts
** are borrowed from the sqlite3_value, NUL-terminated, valid UTF-8 and hold no NUL of their own.
*/
#ifndef RS_EXT_BASE_ARGS_H
#define RS_EXT_BASE_ARGS_H
#include "connection.h"

/* A TEXT. "<fn>: the <name> is NULL" */
enum rs_code rs_arg_text(sqlite3_value *v, const char *fn, const char *name, const char **out,
                         struct rs_error *e);
/* A TEXT, or a BLOB that readfile() made of a text file: SQL. */
enum rs_code rs_arg_sql(sqlite3_value *v, const char *fn, const char *name, const char **out,
                        struct rs_error *e);
/* argv[i] where there is one and it is not NULL, else *out = NULL. */
enum rs_code rs_arg_optional(int argc, sqlite3_value **argv, int i, const char *fn,
                             const char *name, const char **out, struct rs_error *e);
/* 0 or 1; absent or NULL is 0. */
enum rs_code rs_arg_flag(int argc, sqlite3_value **argv, int i, const char *fn, const char *name,
                         bool *out, struct rs_error *e);
/* Puts "<fn>: " in front of e's text unless it begins with it. Returns e->code. */
enum rs_code rs_arg_prefix(struct rs_error *e, const char *fn);
#endif
