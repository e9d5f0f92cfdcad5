"""A broker of Apache Kafka on this machine, one node, and who writes to it.

    with Broker() as b:            # KAFKA_LIB: the folder with its jars (fetch.sh)
        b.plain                    # 127.0.0.1:PORT; b.sasl: the same with user alice, SECRET
        b.astray                   # a listener that names b.elsewhere as the broker's address
        b.create("topic", 3)
        b.send("topic", [(partition, b"..."), ...])

What it started ends with it. Writing and the administration are librdkafka's, by ctypes. Run alone,
this file prints why no broker can be had here, nothing when it can.
"""
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from machine import JAVAS, find_java, free_ports  # noqa: E402

JAVA_NEEDED = 17
START_LIMIT = 120  # seconds; 5 on an idle machine
USER, SECRET = "alice", "a-wonder-of-a-secret"
P, S = ctypes.c_void_p, ctypes.c_size_t
COPY, PRODUCER, UNKNOWN_PARTITION = 2, 0, -190

CONFIG = """process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{0},SASL_PLAINTEXT://127.0.0.1:{1},ASTRAY://127.0.0.1:{2},CONTROLLER://127.0.0.1:{3}
advertised.listeners=PLAINTEXT://127.0.0.1:{0},SASL_PLAINTEXT://127.0.0.1:{1},ASTRAY://{4}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{3}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,ASTRAY:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_{5}="{6}";
log.dirs={7}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
"""


def find_library():
    try:
        return ctypes.CDLL("librdkafka.so.1")
    except OSError:
        return None


def why_not():
    if find_java(JAVA_NEEDED) is None:
        return "no Java %d or newer (%s)" % (JAVA_NEEDED, JAVAS)
    if find_library() is None:
        return "no librdkafka (apt-get install librdkafka1)"
    return ""


class Broker:
    def __init__(self):
        self.process = self.client = None

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="rocksetd-kafka-")
        ports = free_ports(4)
        self.plain, self.sasl, self.astray = ("127.0.0.1:%d" % p for p in ports[:3])
        # who listens there is told by the test that wants to know who comes
        self.canary = socket.socket()
        self.canary.bind(("127.0.0.1", 0))
        self.canary.listen(8)
        self.elsewhere = "127.0.0.1:%d" % self.canary.getsockname()[1]
        self.config = os.path.join(self.folder, "server.properties")
        with open(self.config, "w") as f:
            f.write(CONFIG.format(*ports, self.elsewhere, USER, SECRET, self.folder))
        try:
            self.java("kafka.tools.StorageTool", "format", "--standalone", "-t",
                      "MkU3OEVBNTcwNTJENDM2Qg", "-c", self.config).wait(START_LIMIT)
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.client:
            self.k.rd_kafka_destroy(self.client)
        self.stop()
        self.canary.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def java(self, *args):
        with open(os.path.join(self.folder, "log"), "a") as log:
            return subprocess.Popen(
                [find_java(JAVA_NEEDED), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                 "-cp", os.path.join(os.environ["KAFKA_LIB"], "*"), *args],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start(self):
        self.process = self.java("kafka.Kafka", self.config)
        end = time.time() + START_LIMIT
        while time.time() < end and self.process.poll() is None:
            try:
                socket.create_connection(self.plain.split(":"), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            with open(os.path.join(self.folder, "log")) as f:
                raise AssertionError("the broker does not start: " + f.read()[-2000:])
        if self.client is None:
            self.connect()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    # ---- a client ----

    def connect(self):
        k = self.k = find_library()
        for name in ("conf_new", "new", "topic_new", "queue_new", "NewTopic_new", "queue_poll",
                     "DeleteTopic_new", "NewPartitions_new", "DeleteRecords_new",
                     "topic_partition_list_new", "topic_partition_list_add", "event_error_string"):
            getattr(k, "rd_kafka_" + name).restype = P
        text = ctypes.create_string_buffer(512)
        conf = P(k.rd_kafka_conf_new())
        for name, value in (("bootstrap.servers", self.plain), ("linger.ms", "5"), ("log_level", "0")):
            assert k.rd_kafka_conf_set(conf, name.encode(), value.encode(), text, S(512)) == 0, text.value
        self.client = P(k.rd_kafka_new(PRODUCER, conf, text, S(512)))
        assert self.client, text.value
        self.queue = P(k.rd_kafka_queue_new(self.client))
        self.topics = {}

    def administer(self, function, thing):
        """One of librdkafka's calls that take a list of things, tried until the broker does it."""
        for _ in range(60):
            function(self.client, ctypes.byref(P(thing)), S(1), None, self.queue)
            event = P(self.k.rd_kafka_queue_poll(self.queue, 10000))
            assert event, "the broker does not answer"
            error = self.k.rd_kafka_event_error(event)
            said = self.k.rd_kafka_event_error_string(event)
            said = ctypes.string_at(said) if said else b""
            self.k.rd_kafka_event_destroy(event)
            if error == 0:
                return
            time.sleep(0.5)
        raise AssertionError(said)

    def create(self, topic, partitions):
        text = ctypes.create_string_buffer(512)
        self.administer(self.k.rd_kafka_CreateTopics,
                        self.k.rd_kafka_NewTopic_new(topic.encode(), partitions, 1, text, S(512)))

    def drop(self, topic):
        self.administer(self.k.rd_kafka_DeleteTopics, self.k.rd_kafka_DeleteTopic_new(topic.encode()))
        self.k.rd_kafka_topic_destroy(self.topics.pop(topic))

    def widen(self, topic, partitions):
        text = ctypes.create_string_buffer(512)
        self.administer(self.k.rd_kafka_CreatePartitions, self.k.rd_kafka_NewPartitions_new(
            topic.encode(), S(partitions), text, S(512)))

    def forget(self, topic, partition, offset):
        """Deletes what is before the offset, as the topic's retention does."""
        l = P(self.k.rd_kafka_topic_partition_list_new(1))
        one = self.k.rd_kafka_topic_partition_list_add(l, topic.encode(), partition)
        # its first members: topic, partition, offset
        ctypes.c_int64.from_address(one + 16).value = offset
        self.administer(self.k.rd_kafka_DeleteRecords, self.k.rd_kafka_DeleteRecords_new(l))

    def learn(self, topic):
        known = P()
        if self.k.rd_kafka_metadata(self.client, 0, self.topics[topic], ctypes.byref(known), 5000) == 0:
            self.k.rd_kafka_metadata_destroy(known)

    def send(self, topic, messages):
        """messages: (partition, bytes or None); returns when the broker has them."""
        k = self.k
        if topic not in self.topics:
            self.topics[topic] = P(k.rd_kafka_topic_new(self.client, topic.encode(), None))
        end = time.time() + 30
        for partition, body in messages:
            n = len(body) if body is not None else 0
            while k.rd_kafka_produce(self.topics[topic], ctypes.c_int32(partition), COPY, body, S(n),
                                     None, S(0), None) != 0:
                # its queue is full, or the partition is news to it
                assert time.time() < end, "partition %d takes no message" % partition
                k.rd_kafka_poll(self.client, 10)
                if k.rd_kafka_last_error() == UNKNOWN_PARTITION:
                    self.learn(topic)
        assert k.rd_kafka_flush(self.client, 30000) == 0, "the broker does not take messages"


if __name__ == "__main__":
    print(why_not(), end="")
    sys.exit(0)
