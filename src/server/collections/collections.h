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
  rs_delete_collection, rs_list_sources, rs_no_sources, rs_get_source;

/* documents.c */
rs_handler rs_add_documents, rs_patch_documents, rs_delete_documents;

/* Deletes what is too old, of all collections (retention.c). */
rs_background_job rs_retention_run;
enum { RS_RETENTION_PAUSE_MS = 10000 };
#endif
