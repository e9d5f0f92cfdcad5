/*
** The C ABI of the Arrow data and stream interfaces and of ADBC 1.1 drivers, declared by us from
** the public specifications, so that no header of a driver is needed to build.
**
** Nothing here is ours to change: the order and size of every member is the ABI. engine/adbc/adbc.c
** loads a driver by calling its init function with RS_ADBC_VERSION_1_1 and a zeroed AdbcDriver.
**
** Ownership (both specifications): who holds a struct whose `release` is not NULL must call it
** exactly once; moving is copying the struct and zeroing `release` of the source.
*/
#ifndef RS_ARROW_ABI_H
#define RS_ARROW_ABI_H
#include <stddef.h>
#include <stdint.h>

/* ---- Arrow C data interface ------------------------------------------------------------------ */

enum { RS_ARROW_FLAG_NULLABLE = 2 };

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata; /* int32 pairs, then (int32 length, key, int32 length, value) each */
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count; /* -1: unknown */
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

/* The functions return 0 or an errno value; a released `out` array ends the stream. */
struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};

/* ---- ADBC ------------------------------------------------------------------------------------ */

typedef uint8_t AdbcStatusCode;

enum {
  ADBC_STATUS_OK = 0,
  ADBC_STATUS_UNKNOWN = 1,
  ADBC_STATUS_NOT_IMPLEMENTED = 2,
  ADBC_STATUS_NOT_FOUND = 3,
  ADBC_STATUS_ALREADY_EXISTS = 4,
  ADBC_STATUS_INVALID_ARGUMENT = 5,
  ADBC_STATUS_INVALID_STATE = 6,
  ADBC_STATUS_INVALID_DATA = 7,
  ADBC_STATUS_INTEGRITY = 8,
  ADBC_STATUS_INTERNAL = 9,
  ADBC_STATUS_IO = 10,
  ADBC_STATUS_CANCELLED = 11,
  ADBC_STATUS_TIMEOUT = 12,
  ADBC_STATUS_UNAUTHENTICATED = 13,
  ADBC_STATUS_UNAUTHORIZED = 14
};

#define RS_ADBC_VERSION_1_0 1000000
#define RS_ADBC_VERSION_1_1 1001000
#define RS_ADBC_AUTOCOMMIT "adbc.connection.autocommit"
#define RS_ADBC_INGEST_TABLE "adbc.ingest.target_table"
#define RS_ADBC_INGEST_SCHEMA "adbc.ingest.target_db_schema"
#define RS_ADBC_INGEST_MODE "adbc.ingest.mode"
#define RS_ADBC_INGEST_TEMPORARY "adbc.ingest.temporary"
#define RS_ADBC_INGEST_CREATE "adbc.ingest.mode.create"
#define RS_ADBC_INGEST_APPEND "adbc.ingest.mode.append"
#define RS_ADBC_INGEST_REPLACE "adbc.ingest.mode.replace"
#define RS_ADBC_INGEST_CATALOG "adbc.ingest.target_catalog"
#define RS_ADBC_INGEST_TEMPORARY "adbc.ingest.temporary"

struct AdbcDriver;

/* vendor_code = INT32_MIN says that the struct has the two members of version 1.1. */
struct AdbcError {
  char *message;
  int32_t vendor_code;
  char sqlstate[5];
  void (*release)(struct AdbcError *);
  void *private_data;
  struct AdbcDriver *private_driver;
};

struct AdbcErrorDetail {
  const char *key;
  const uint8_t *value;
  size_t value_length;
};

struct AdbcDatabase {
  void *private_data;
  struct AdbcDriver *private_driver;
};

struct AdbcConnection {
  void *private_data;
  struct AdbcDriver *private_driver;
};

struct AdbcStatement {
  void *private_data;
  struct AdbcDriver *private_driver;
};

struct AdbcPartitions {
  size_t num_partitions;
  const uint8_t **partitions;
  const size_t *partition_lengths;
  void *private_data;
  void (*release)(struct AdbcPartitions *);
};

struct AdbcDriver {
  void *private_data;
  void *private_manager;
  AdbcStatusCode (*release)(struct AdbcDriver *, struct AdbcError *);

  AdbcStatusCode (*DatabaseInit)(struct AdbcDatabase *, struct AdbcError *);
  AdbcStatusCode (*DatabaseNew)(struct AdbcDatabase *, struct AdbcError *);
  AdbcStatusCode (*DatabaseSetOption)(struct AdbcDatabase *, const char *, const char *,
                                      struct AdbcError *);
  AdbcStatusCode (*DatabaseRelease)(struct AdbcDatabase *, struct AdbcError *);

  AdbcStatusCode (*ConnectionCommit)(struct AdbcConnection *, struct AdbcError *);
  AdbcStatusCode (*ConnectionGetInfo)(struct AdbcConnection *, const uint32_t *, size_t,
                                      struct ArrowArrayStream *, struct AdbcError *);
  AdbcStatusCode (*ConnectionGetObjects)(struct AdbcConnection *, int, const char *, const char *,
                                         const char *, const char **, const char *,
                                         struct ArrowArrayStream *, struct AdbcError *);
  AdbcStatusCode (*ConnectionGetTableSchema)(struct AdbcConnection *, const char *, const char *,
                                             const char *, struct ArrowSchema *,
                                             struct AdbcError *);
  AdbcStatusCode (*ConnectionGetTableTypes)(struct AdbcConnection *, struct ArrowArrayStream *,
                                            struct AdbcError *);
  AdbcStatusCode (*ConnectionInit)(struct AdbcConnection *, struct AdbcDatabase *,
                                   struct AdbcError *);
  AdbcStatusCode (*ConnectionNew)(struct AdbcConnection *, struct AdbcError *);
  AdbcStatusCode (*ConnectionSetOption)(struct AdbcConnection *, const char *, const char *,
                                        struct AdbcError *);
  AdbcStatusCode (*ConnectionReadPartition)(struct AdbcConnection *, const uint8_t *, size_t,
                                            struct ArrowArrayStream *, struct AdbcError *);
  AdbcStatusCode (*ConnectionRelease)(struct AdbcConnection *, struct AdbcError *);
  AdbcStatusCode (*ConnectionRollback)(struct AdbcConnection *, struct AdbcError *);

  AdbcStatusCode (*StatementBind)(struct AdbcStatement *, struct ArrowArray *, struct ArrowSchema *,
                                  struct AdbcError *);
  AdbcStatusCode (*StatementBindStream)(struct AdbcStatement *, struct ArrowArrayStream *,
                                        struct AdbcError *);
  AdbcStatusCode (*StatementExecuteQuery)(struct AdbcStatement *, struct ArrowArrayStream *,
                                          int64_t *, struct AdbcError *);
  AdbcStatusCode (*StatementExecutePartitions)(struct AdbcStatement *, struct ArrowSchema *,
                                               struct AdbcPartitions *, int64_t *,
                                               struct AdbcError *);
  AdbcStatusCode (*StatementGetParameterSchema)(struct AdbcStatement *, struct ArrowSchema *,
                                                struct AdbcError *);
  AdbcStatusCode (*StatementNew)(struct AdbcConnection *, struct AdbcStatement *,
                                 struct AdbcError *);
  AdbcStatusCode (*StatementPrepare)(struct AdbcStatement *, struct AdbcError *);
  AdbcStatusCode (*StatementRelease)(struct AdbcStatement *, struct AdbcError *);
  AdbcStatusCode (*StatementSetOption)(struct AdbcStatement *, const char *, const char *,
                                       struct AdbcError *);
  AdbcStatusCode (*StatementSetSqlQuery)(struct AdbcStatement *, const char *, struct AdbcError *);
  AdbcStatusCode (*StatementSetSubstraitPlan)(struct AdbcStatement *, const uint8_t *, size_t,
                                              struct AdbcError *);

  /* Since 1.1 */
  int (*ErrorGetDetailCount)(const struct AdbcError *);
  struct AdbcErrorDetail (*ErrorGetDetail)(const struct AdbcError *, int);
  const struct AdbcError *(*ErrorFromArrayStream)(struct ArrowArrayStream *, AdbcStatusCode *);

  AdbcStatusCode (*DatabaseGetOption)(struct AdbcDatabase *, const char *, char *, size_t *,
                                      struct AdbcError *);
  AdbcStatusCode (*DatabaseGetOptionBytes)(struct AdbcDatabase *, const char *, uint8_t *, size_t *,
                                           struct AdbcError *);
  AdbcStatusCode (*DatabaseGetOptionDouble)(struct AdbcDatabase *, const char *, double *,
                                            struct AdbcError *);
  AdbcStatusCode (*DatabaseGetOptionInt)(struct AdbcDatabase *, const char *, int64_t *,
                                         struct AdbcError *);
  AdbcStatusCode (*DatabaseSetOptionBytes)(struct AdbcDatabase *, const char *, const uint8_t *,
                                           size_t, struct AdbcError *);
  AdbcStatusCode (*DatabaseSetOptionDouble)(struct AdbcDatabase *, const char *, double,
                                            struct AdbcError *);
  AdbcStatusCode (*DatabaseSetOptionInt)(struct AdbcDatabase *, const char *, int64_t,
                                         struct AdbcError *);

  AdbcStatusCode (*ConnectionCancel)(struct AdbcConnection *, struct AdbcError *);
  AdbcStatusCode (*ConnectionGetOption)(struct AdbcConnection *, const char *, char *, size_t *,
                                        struct AdbcError *);
  AdbcStatusCode (*ConnectionGetOptionBytes)(struct AdbcConnection *, const char *, uint8_t *,
                                             size_t *, struct AdbcError *);
  AdbcStatusCode (*ConnectionGetOptionDouble)(struct AdbcConnection *, const char *, double *,
                                              struct AdbcError *);
  AdbcStatusCode (*ConnectionGetOptionInt)(struct AdbcConnection *, const char *, int64_t *,
                                           struct AdbcError *);
  AdbcStatusCode (*ConnectionGetStatistics)(struct AdbcConnection *, const char *, const char *,
                                            const char *, char, struct ArrowArrayStream *,
                                            struct AdbcError *);
  AdbcStatusCode (*ConnectionGetStatisticNames)(struct AdbcConnection *, struct ArrowArrayStream *,
                                                struct AdbcError *);
  AdbcStatusCode (*ConnectionSetOptionBytes)(struct AdbcConnection *, const char *, const uint8_t *,
                                             size_t, struct AdbcError *);
  AdbcStatusCode (*ConnectionSetOptionDouble)(struct AdbcConnection *, const char *, double,
                                              struct AdbcError *);
  AdbcStatusCode (*ConnectionSetOptionInt)(struct AdbcConnection *, const char *, int64_t,
                                           struct AdbcError *);

  AdbcStatusCode (*StatementCancel)(struct AdbcStatement *, struct AdbcError *);
  AdbcStatusCode (*StatementExecuteSchema)(struct AdbcStatement *, struct ArrowSchema *,
                                           struct AdbcError *);
  AdbcStatusCode (*StatementGetOption)(struct AdbcStatement *, const char *, char *, size_t *,
                                       struct AdbcError *);
  AdbcStatusCode (*StatementGetOptionBytes)(struct AdbcStatement *, const char *, uint8_t *,
                                            size_t *, struct AdbcError *);
  AdbcStatusCode (*StatementGetOptionDouble)(struct AdbcStatement *, const char *, double *,
                                             struct AdbcError *);
  AdbcStatusCode (*StatementGetOptionInt)(struct AdbcStatement *, const char *, int64_t *,
                                          struct AdbcError *);
  AdbcStatusCode (*StatementSetOptionBytes)(struct AdbcStatement *, const char *, const uint8_t *,
                                            size_t, struct AdbcError *);
  AdbcStatusCode (*StatementSetOptionDouble)(struct AdbcStatement *, const char *, double,
                                             struct AdbcError *);
  AdbcStatusCode (*StatementSetOptionInt)(struct AdbcStatement *, const char *, int64_t,
                                          struct AdbcError *);
};

/* The driver's entry point: `duckdb_adbc_init`, `AdbcDriverInit` ... */
typedef AdbcStatusCode (*AdbcDriverInitFunc)(int version, void *driver, struct AdbcError *error);
#endif
