/*
** Integrations with other systems: none, and none can be made.
*/
#include "shared.h"

enum rs_code rs_no_integrations(struct rs_request *q)
{
  return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                   "integrations (S3, Kinesis, GCS, DynamoDB, Kafka, MongoDB, Azure, Snowflake) "
                   "are not offered: rocksetd reads no other systems; write documents, or load "
                   "files with --load or rockset_load()");
}

enum rs_code rs_get_integration(struct rs_request *q)
{
  return rs_refuse(q, 404, "NOTFOUND", "Integration '%s' not found: there are none here.",
                   q->arg[0]);
}
