/*
** Files and folders, read whole.
**
** Ownership: texts and names lie in the arena given. Blocks on the file system.
** Errors: `<path>: <what failed>: <cause>`.
*/
#ifndef RS_BASE_FILE_H
#define RS_BASE_FILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "arena.h"
#include "error.h"

bool rs_is_folder(const char *path);
/* Of a file, and of the one whose name is the same with `suffix` (NULL: none): another number where
** one of them came, went, or was written to since. 0: not known. */
uint64_t rs_file_stamp(const char *path, const char *suffix);
bool rs_is_file(const char *path); /* anything that is there and is no folder */
/* A plain file of at most `max` bytes; NUL-terminated. A pipe or a terminal could block forever and
** is refused. */
enum rs_code rs_file_read(struct rs_arena *a, const char *path, size_t max, const char **text,
                          size_t *n, struct rs_error *e);
/* The names in a folder in order of bytes, without . and .. */
enum rs_code rs_folder_names(struct rs_arena *a, const char *path, const char *const **names,
                             size_t *n, struct rs_error *e);
/* Writes a file anew; the old one stays until the new one is complete. Makes missing folders. */
enum rs_code rs_file_write(const char *path, const char *p, size_t n, struct rs_error *e);
#endif
