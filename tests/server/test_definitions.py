"""What a collection's definition asks for: event_time_info, retention_secs, clustering_key."""
import datetime
import time

from harness import Server, check_error, main, until

COLL = "/ws/commons/collections"


def make(s, name, **definition):
    a = s.post(COLL, dict({"name": name}, **definition))
    assert a.status == 200, a
    return a.data


def put(s, name, *docs):
    """The statuses: `ADDED`, or an error's text."""
    a = s.post("%s/%s/docs" % (COLL, name), {"data": list(docs)})
    assert a.status == 200, a
    return [d["error"]["message"] if d["status"] == "ERROR" else d["status"] for d in a.data]


def refused(s, *texts, kind="INVALIDINPUT", **definition):
    a = s.post(COLL, dict({"name": "refused"}, **definition))
    check_error(a, 400, kind)
    for text in texts:
        assert text in a.json["message"], a
    assert s.get(COLL + "/refused").status == 404
    return a


def times(s, name):
    return {r["_id"]: r["t"] for r in
            s.sql("select _id, _event_time as t from %s order by 1" % name).rows}


# ---- event_time_info -----------------------------------------------------------------------------

def test_event_time_numbers():
    with Server() as s:
        c = make(s, "sec", event_time_info={"field": "at", "format": "seconds_since_epoch"})
        info = {"field": "at", "format": "seconds_since_epoch", "time_zone": "UTC"}
        assert c["event_time_info"] == info, c
        make(s, "ms", event_time_info={"field": "a.at", "format": "milliseconds_since_epoch"})
        make(s, "us", event_time_info={"field": "at"})
        assert put(s, "sec", {"_id": "1", "at": 1700000000}, {"_id": "2", "at": 1700000000.5},
                   {"_id": "3", "at": "soon"}, {"_id": "4", "at": 1e300}, {"_id": "5"},
                   {"_id": "6", "at": 1, "_event_time": 5}, {"_id": "7", "_event_time": 5000000}
                   ) == ["ADDED", "ADDED", "the event time 'at' must be a number of seconds since "
                         "1970", "the event time lies outside of the years 1 to 9999", "ADDED",
                         "ADDED", "ADDED"]
        t = times(s, "sec")
        assert t["1"] == "2023-11-14T22:13:20.000000Z", t
        assert t["2"] == "2023-11-14T22:13:20.500000Z", t
        assert t["6"] == "1970-01-01T00:00:01.000000Z", t
        assert t["7"] == "1970-01-01T00:00:05.000000Z", t
        assert t["5"][:10] == datetime.datetime.now(datetime.timezone.utc).isoformat()[:10], t
        assert put(s, "ms", {"_id": "1", "a": {"at": -1}}, {"_id": "2", "a.at": 1000}) == [
            "ADDED", "ADDED"]
        assert times(s, "ms") == {"1": "1969-12-31T23:59:59.999000Z",
                                  "2": "1970-01-01T00:00:01.000000Z"}
        assert put(s, "us", {"_id": "1", "at": 1000}, {"_id": "2", "at": 1.5}) == [
            "ADDED", "the event time 'at' has a fraction: 'format' must say what the number counts"]
        assert times(s, "us") == {"1": "1970-01-01T00:00:00.001000Z"}


def test_event_time_texts():
    with Server() as s:
        make(s, "utc", event_time_info={"field": "at"})
        make(s, "berlin", event_time_info={"field": "at", "time_zone": "Europe/Berlin"})
        docs = [{"_id": "1", "at": "2020-07-02T03:04:05Z"},
                {"_id": "2", "at": "2020-07-02 03:04:05.25-07:00"},
                {"_id": "3", "at": "2020-07-02 03:04:05"},
                {"_id": "4", "at": "2020-01-02"},
                {"_id": "5", "at": {"__rockset_type": "timestamp",
                                    "value": "2020-07-02T03:04:05Z"}},
                {"_id": "6", "at": True}, {"_id": "7", "at": "yesterday"}]
        wrong = ["the event time 'at' must be a timestamp, or a number of microseconds since 1970",
                 "the event time 'at' is no timestamp, as in 2020-01-02T03:04:05Z"]
        for name in ("utc", "berlin"):
            assert put(s, name, *docs) == ["ADDED"] * 5 + wrong
        same = {"1": "2020-07-02T03:04:05.000000Z", "2": "2020-07-02T10:04:05.250000Z",
                "5": "2020-07-02T03:04:05.000000Z"}
        assert times(s, "utc") == dict(same, **{"3": "2020-07-02T03:04:05.000000Z",
                                                "4": "2020-01-02T00:00:00.000000Z"})
        assert times(s, "berlin") == dict(same, **{"3": "2020-07-02T01:04:05.000000Z",
                                                   "4": "2020-01-01T23:00:00.000000Z"})
        many = [{"_id": str(i), "at": "2021-07-02 00:00:%02d" % (i % 60)} for i in range(1200)]
        assert put(s, "berlin", *many) == ["REPLACED" if 1 <= i <= 5 else "ADDED"
                                           for i in range(1200)]
        assert times(s, "berlin")["1159"] == "2021-07-01T22:00:19.000000Z"


def test_event_time_refused():
    with Server() as s:
        refused(s, "'field'", event_time_info={"format": "seconds_since_epoch"})
        refused(s, "'event_time_info.format' must be", event_time_info={"field": "a",
                                                                        "format": "%Y"})
        for zone in ("Europe/Nowhere", "x' or '"):
            refused(s, "no time zone is called '%s'" % zone,
                    event_time_info={"field": "a", "time_zone": zone})


# ---- retention_secs ------------------------------------------------------------------------------

def test_retention():
    with Server() as s:
        assert make(s, "kept")["name"] == "kept" and "retention_secs" not in make(s, "kept2")
        assert make(s, "r", retention_secs=3600)["retention_secs"] == 3600
        now = int(time.time() * 1000000)
        docs = [{"_id": "old", "_event_time": now - 3601 * 1000000},
                {"_id": "young", "_event_time": now - 3000 * 1000000}, {"_id": "new"}]
        for name in ("r", "kept"):
            assert put(s, name, *docs) == ["ADDED"] * 3
        until(lambda: len(times(s, "r")) == 2, "the old document goes", 30)
        assert sorted(times(s, "r")) == ["new", "young"]
        assert len(times(s, "kept")) == 3
        refused(s, "'retention_secs' must be an integer from 3600 to 315359999", retention_secs=10)
        refused(s, "'retention_secs' must be", retention_secs=315360000)
        folder = s.folder
        s.own_folder = False
    with Server(folder=folder) as s:
        s.own_folder = True
        assert s.get(COLL + "/r").data["retention_secs"] == 3600
        assert put(s, "r", docs[0]) == ["ADDED"]
        until(lambda: len(times(s, "r")) == 2, "after a restart too", 30)


# ---- all of it -----------------------------------------------------------------------------------

def test_kept():
    """What is shown, what a change leaves alone, a restart."""
    asked = {"description": "d", "retention_secs": 7200,
             "event_time_info": {"field": "f", "format": "milliseconds_since_epoch"},
             "clustering_key": [{"field_name": "a.b", "type": "AUTO", "keys": ["x"]}],
             "insert_only": True, "source_download_soft_limit_bytes": 5, "unknown": {"a": 1}}
    shown = dict({k: asked[k] for k in ("description", "retention_secs", "clustering_key")},
                 event_time_info=dict(asked["event_time_info"], time_zone="UTC"))

    def check(c):
        assert {k: c[k] for k in shown} == shown, c

    with Server() as s:
        check(make(s, "c", **asked))
        check(s.get(COLL + "/c").data)
        check([c for c in s.get("/collections").data if c["name"] == "c"][0])
        shown["description"] = "new"
        check(s.ask("PUT", COLL + "/c", {"description": "new"}).data)
        a = s.post("/ws/commons/aliases", {"name": "al", "collections": ["commons.c"]})
        assert a.status == 200, a
        assert put(s, "al", {"_id": "1", "f": 1000000000000}) == ["ADDED"]
        assert times(s, "c") == {"1": "2001-09-09T01:46:40.000000Z"}
        folder = s.folder
        s.own_folder = False
    with Server(folder=folder) as s:
        s.own_folder = True
        check(s.get(COLL + "/c").data)
        refused(s, "'type' must be AUTO", clustering_key=[{"field_name": "a", "type": "RANGE"}])
        refused(s, "'field_name'", clustering_key=[{"type": "AUTO"}])
        refused(s, "an array of objects", clustering_key={})
        refused(s, "'keys' must be", clustering_key=[{"field_name": "a", "keys": 5}])


main(globals())
