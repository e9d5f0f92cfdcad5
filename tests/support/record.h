/*
** Record and replay of any adapter, for tests: what a target answered is written to a file, and a
** target made of that file gives the same answers without the engine.
**
** A file is JSON lines. First what the target is:
**   {"recording":1,"engine":"duckdb","dialect":"duckdb","caps":31,"request_cost":2500,
**    "arrow_rows":false}
** then one line for each answer, in the order in which they were complete:
**   {"op":"query","sql":"SELECT ...","params":["i1"],"columns":[["n","int","BIGINT"]],
**    "rows":[["i1"],[null]]}
** op: query, exec (with "affected"), columns, begin, commit, rollback, ingest (the stage's name as
** "sql", its rows as "affected"), version (with "text"). "error":
** {"code":"constraint","text":"..."}, behind the rows when a stream broke. "cut":true: the reader
** closed the rows before their end. A value is null or a text that begins with its kind: b0 b1,
** i-5, f and the 16 digits of a double's bits, s..., j... (JSON), x00ff (bytes), S00ff (a text
** that holds NUL), [...] (a list of parameters).
**
** Replayed is what was asked before with the same operation, text and parameters; asked again, the
** next recorded answer. Names that engine/statements.h makes up (rs_sql_aside_name) are equal
** whatever their number. What was not recorded, or not so often, is RS_NOT_FOUND and named.
**
** Limits: each answer lies in memory while it is recorded (at most 64 MB of JSON), all of them
** while they are replayed. Threads: as any target; several sessions may record or replay at once.
** Secrets that a statement's text holds are redacted (src/base/redact.h); rows and parameters are
** written as they are.
*/
#ifndef RS_TESTS_RECORD_H
#define RS_TESTS_RECORD_H
#include "src/engine/engine.h"

/* A target that passes everything on to `real` (retained) and records it in a new file. Returns
** owned in *pt (rs_target_release). RS_IO: the file can't be made. */
enum rs_code rs_record_wrap(struct rs_target *real, const char *path, struct rs_target **pt,
                            struct rs_error *e);
/* A target that answers from the file. `o` (retained) says what target and workspace are called.
** Returns owned in *pt. RS_IO: no such file; RS_INVALID: it is no recording; with the line. */
enum rs_code rs_record_open(const struct rs_output *o, const char *path, struct rs_target **pt,
                            struct rs_error *e);
#endif
