/*
** Collections: their definitions, their documents, and what becomes of those by the clock.
**
** Threads: handlers run on their connection's thread. Blocking: every handler, on its request's
** session. Memory, errors: as http.h says of requests.
*/
#ifndef RS_SERVER_COLLECTIONS_COLLECTIONS_H
#define RS_SERVER_COLLECTIONS_COLLECTIONS_H
#include "src/server/resources/shared.h"

/* collections.c */
rs_handler rs_list_collections, rs_create_collection, rs_get_collection, rs_update_collection,
  rs_delete_collection;

/* sources.c */
rs_handler rs_list_sources, rs_create_source, rs_get_source, rs_update_source, rs_delete_source,
  rs_suspend_source, rs_resume_source;

/* integrations.c */
rs_handler rs_list_integrations, rs_create_integration, rs_get_integration, rs_update_integration,
  rs_delete_integration;

/* documents.c */
rs_handler rs_add_documents, rs_patch_documents, rs_delete_documents;

/* Once, before the first request: what sources may read, and how often. Borrows. */
struct rs_source_options {
  const char *folder;      /* files below it; NULL: none */
  const char *hosts;       /* of URLs; NULL: any public one, by https */
  const char *s3_endpoint; /* NULL: Amazon's */
  const char *key_file;    /* of what seals the secrets of integrations; or NULL */
  int64_t scan_ms;
};
enum rs_code rs_sources_open(struct rs_resources *r, const struct rs_source_options *o,
                             struct rs_error *e);
void rs_sources_close(struct rs_resources *r); /* NULL is fine */
/* Reads what is new or has changed (source_runs.c). */
rs_background_job rs_sources_job;

/* Deletes what is too old, of all collections (retention.c). */
rs_background_job rs_retention_run;
enum { RS_RETENTION_PAUSE_MS = 10000 };
/* For rs_backend.ingest (inserted.c). */
extern const struct rs_ingest_ops rs_ingest_ops;
#endif
