/*
** Errors: every fallible function returns an enum rs_code; the text goes into one struct rs_error
** that the caller owns, filled once, at the lowest layer that knows the cause. Upper layers may
** only put an object's name in front (rs_error_prefix).
**
** Form of a text: `<object>: <what failed>: <remote message> [remote SQL: ...]`, lower case,
** without a final stop. Every text passes rs_redact (redact.h) before it is stored. Out of memory
** formats nothing. Only ext/ maps codes to SQLite's.
**
** A text is for people. A program decides by the code and by the members below, which the lowest
** layer sets where it knows the cause: an engine's file by the engine's code or SQLSTATE, or by the
** engine's own message before anything is added to it. Nobody else looks into a text for words:
** it shows statements and values of the user, which may hold any of them.
**
** Ownership: an rs_error is a plain value; callers stack-allocate it, zeroed ({0}), and may reuse
** it. A NULL rs_error is allowed everywhere and means that the text is not wanted.
*/
#ifndef RS_BASE_ERROR_H
#define RS_BASE_ERROR_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum rs_code {
  RS_OK = 0,
  RS_DONE,         /* not an error: no further row */
  RS_INVALID,      /* the caller's argument, option, SQL or template is wrong */
  RS_NOT_FOUND,    /* a relation, workspace, model, file ... does not exist */
  RS_EXISTS,       /* it exists already */
  RS_AUTH,         /* who are you: credentials missing or refused */
  RS_FORBIDDEN,    /* known, but not allowed; also: refused by our own safety rules */
  RS_TIMEOUT,      /* a time limit of ours ran out */
  RS_CANCELLED,    /* interrupted by the user or by an early close */
  RS_RATE_LIMITED, /* the remote side says slow down */
  RS_CONSTRAINT,   /* a key or a NOT NULL of the target */
  RS_BUSY,         /* locked by another process or transaction */
  RS_IO,           /* file or network */
  RS_REMOTE,       /* the engine refused or failed for a reason of its own */
  RS_UNSUPPORTED,  /* this adapter or version can't do it */
  RS_LIMIT,        /* a limit of ours on size, depth, steps, memory */
  RS_INTERNAL,     /* a bug of ours */
  RS_NOMEM
};

/* What was refused, where a caller goes another way for it. */
enum rs_refused {
  RS_REFUSED_OTHER = 0,
  RS_REFUSED_KIND,      /* the relation is of another kind: a view where a table is meant */
  RS_REFUSED_RECURSION, /* a view that reads itself */
  RS_REFUSED_ARGUMENTS  /* `function` takes no values of these types */
};

#define RS_ERROR_MAX 4096
#define RS_MISSING_MAX 128
#define RS_FUNCTION_MAX 64

struct rs_error {
  enum rs_code code;
  enum rs_refused refused;
  bool unsent;  /* it failed before anything was sent: rs_error_sql has no statement to show */
  bool again;   /* another transaction was faster: rolled back, the same may be tried again */
  bool unknown; /* it was sent and no answer came: it may have been done, or not */
  char missing[RS_MISSING_MAX];   /* the relation that the engine does not have, without its
                                   workspace; "" = it is about something else */
  char function[RS_FUNCTION_MAX]; /* the function that the engine does not have, or not for these
                                     values; "" likewise */
  char text[RS_ERROR_MAX];        /* NUL-terminated, valid UTF-8, redacted */
};

/* Fills e (when not NULL) and returns `code`: `return rs_fail(e, RS_INVALID, ...)`. */
enum rs_code rs_fail(struct rs_error *e, enum rs_code code, const char *fmt, ...)
  __attribute__((format(printf, 3, 4)));
enum rs_code rs_vfail(struct rs_error *e, enum rs_code code, const char *fmt, va_list ap);
/* RS_NOMEM with its fixed text. */
enum rs_code rs_nomem(struct rs_error *e);
/* Puts `<formatted text>: ` in front of e->text; all else stays. Returns e->code (RS_INTERNAL when
** e is NULL: keep the code yourself where no text may be wanted). */
enum rs_code rs_error_prefix(struct rs_error *e, const char *fmt, ...)
  __attribute__((format(printf, 2, 3)));
/* Appends the formatted text as it is; all else stays. */
enum rs_code rs_error_append(struct rs_error *e, const char *fmt, ...)
  __attribute__((format(printf, 2, 3)));
/* Takes these words off its begin and its end, where it has them. */
void rs_error_cut(struct rs_error *e, const char *begin, const char *end);
/* Does the text begin with `what` and the character `after`? Only to name an object once. */
bool rs_error_names(const struct rs_error *e, const char *what, char after);
/* Where the statement begins in the text, as rs_error_sql put it there; NULL: it shows none. */
char *rs_error_shown_sql(struct rs_error *e);
/* The text without the statement, which is not for everybody. */
void rs_error_hide_sql(struct rs_error *e);
/* Appends ` [remote SQL: <sql>]`, the statement cut to 600 bytes, unless a text has it already or
** nothing was sent (e->unsent). */
enum rs_code rs_error_sql(struct rs_error *e, const char *sql);
/* "not found", "cancelled" ...: the code as a word, for logs and results. */
const char *rs_code_name(enum rs_code code);
#endif
