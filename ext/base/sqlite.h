/*
** The one place that includes SQLite: as a loadable extension (through the routines it hands us),
** or linked statically (-DSQLITE_CORE). rockset_ext.c alone defines the pointer
** (SQLITE_EXTENSION_INIT1).
**
** API newer than 3.38 is used only behind rs_sqlite_at_least(), since the library that loads us
** may be older or newer than the header we were built with.
*/
#ifndef RS_EXT_BASE_SQLITE_H
#define RS_EXT_BASE_SQLITE_H

#ifdef SQLITE_CORE
#include <sqlite3.h>
#else
#include <sqlite3ext.h>
#ifndef RS_EXT_MAIN
SQLITE_EXTENSION_INIT3
#endif
#endif

#define RS_SQLITE_MIN 3038000
/* SQLITE_RESULT_SUBTYPE, known from 3.45 on and ignored before: without it a library built with
** SQLITE_STRICT_SUBTYPE (Debian 13's is) refuses results that say that they are JSON. */
#define RS_SQLITE_RESULT_SUBTYPE 0x001000000
#define rs_sqlite_at_least(n) (sqlite3_libversion_number() >= (n))
#endif
