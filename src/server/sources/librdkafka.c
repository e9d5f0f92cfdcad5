/*
** librdkafka is found and loaded (see librdkafka.h).
*/
#include "librdkafka.h"
#include <pthread.h>
#include "src/base/library.h"

static struct rdk k;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool loaded;

static enum rs_code load(struct rs_error *e)
{
  static const struct rs_library library = {
    .name = "librdkafka",
    .files = {"librdkafka.so.1", "librdkafka.1.dylib"},
    .use = "sources of Kafka",
    .packages = "apt-get install librdkafka1 (Debian, Ubuntu), dnf install librdkafka (Fedora, "
                "RHEL), zypper install librdkafka1 (openSUSE), pacman -S librdkafka (Arch), brew "
                "install librdkafka (macOS)",
    .version = "rd_kafka_version_str"};
  const struct rs_symbol symbols[] = {{"rd_kafka_conf_new", &k.conf_new},
                                      {"rd_kafka_conf_destroy", &k.conf_destroy},
                                      {"rd_kafka_conf_set", &k.conf_set},
                                      {"rd_kafka_conf_set_opaque", &k.conf_opaque},
                                      {"rd_kafka_conf_set_error_cb", &k.conf_error},
                                      {"rd_kafka_conf_set_log_cb", &k.conf_log},
                                      {"rd_kafka_conf_set_connect_cb", &k.conf_connect},
                                      {"rd_kafka_new", &k.create},
                                      {"rd_kafka_destroy_flags", &k.destroy},
                                      {"rd_kafka_topic_new", &k.topic_new},
                                      {"rd_kafka_topic_destroy", &k.topic_destroy},
                                      {"rd_kafka_metadata", &k.metadata},
                                      {"rd_kafka_metadata_destroy", &k.metadata_destroy},
                                      {"rd_kafka_topic_partition_list_new", &k.offsets_new},
                                      {"rd_kafka_topic_partition_list_add", &k.offsets_add},
                                      {"rd_kafka_topic_partition_list_destroy", &k.offsets_destroy},
                                      {"rd_kafka_offsets_for_times", &k.offsets_ask},
                                      {"rd_kafka_get_watermark_offsets", &k.known_ends},
                                      {"rd_kafka_queue_new", &k.queue_new},
                                      {"rd_kafka_queue_destroy", &k.queue_destroy},
                                      {"rd_kafka_consume_start_queue", &k.start},
                                      {"rd_kafka_consume_stop", &k.stop},
                                      {"rd_kafka_consume_queue", &k.consume},
                                      {"rd_kafka_message_destroy", &k.message_destroy},
                                      {"rd_kafka_poll", &k.poll},
                                      {"rd_kafka_err2str", &k.error_text},
                                      {"rd_kafka_last_error", &k.last_error}};
  return rs_library_open(&library, symbols, sizeof symbols / sizeof symbols[0], e);
}

enum rs_code rs_librdkafka(const struct rdk **pk, struct rs_error *e)
{
  pthread_mutex_lock(&mutex);
  enum rs_code rc = loaded ? RS_OK : load(e);
  loaded = rc == RS_OK;
  pthread_mutex_unlock(&mutex);
  *pk = &k;
  return rc;
}
