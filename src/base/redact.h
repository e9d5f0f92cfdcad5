/*
** Redaction: no secret may reach a database, a log or an error text.
**
** Secrets that a profile yields are registered once; rs_redact then replaces each occurrence, and
** also whatever looks like a credential without being registered: `ApiKey ...`, `Bearer ...`,
** `Basic ...` values and the password of a URL's userinfo.
**
** Threads: safe from any thread; the registry is process-wide and guarded by one mutex.
** Ownership: rs_redact_add copies. The registry lives as long as the process; rs_redact_clear is
** for tests.
*/
#ifndef RS_BASE_REDACT_H
#define RS_BASE_REDACT_H
#include <stddef.h>
#include "error.h"

#define RS_REDACTED "*****"

/* Registers a secret. Shorter than 4 bytes: ignored, since redacting it would mangle every text. */
enum rs_code rs_redact_add(const char *secret);
void rs_redact_clear(void);
/*
** Redacts the NUL-terminated text in place; it never grows beyond `cap` bytes including the NUL.
*/
void rs_redact(char *text, size_t cap);
#endif
