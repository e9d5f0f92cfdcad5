-- Values of every type: what a transaction reads of its own rows is what is there after COMMIT, and a key is one key.
.mode list
CREATE TEMP TABLE done AS SELECT rockset_exec('create schema commons');
INSERT INTO done SELECT rockset_exec('create table commons.t(id bigint, f float, dc decimal(18,3), d0 decimal(4,0), h hugeint,
  u ubigint, uh uhugeint, e enum(''low'', ''10''), ts timestamp, s timestamp_s, ms timestamp_ms, ns timestamp_ns, tz timestamptz, tm time)');
CREATE VIRTUAL TABLE t USING rockset('commons.t', key='id');
BEGIN;
INSERT INTO t(id, f, dc, d0, h, u, uh, e) VALUES
  (1, 0.1, 1.23456, 1.5, 1e19, '18446744073709551615', '340282366920938463463374607431768211455', 'low'),
  (2, 16777217, '-0.0005', -0.4, '-0010', '+7', 5.0, 10),
  (3, 9e999, '1e-2', 9999, '-170141183460469231731687303715884105728', 0, NULL, NULL),
  (4, 1e-300, 123456789012345.6785, '0.5', 9223372036854775807, -0.0, 1e20, 'low');
INSERT INTO t(id, ts, s, ms, ns, tz, tm) VALUES
  (5, '2026-01-02 03:04:05.5', '2026-01-02 03:04:05.5', '2026-01-02 03:04:05.1235', '2026-01-02 03:04:05.123456789', '2026-01-02 03:04:05.25+02:30', '08:15:30.5'),
  (6, '1969-12-31 23:59:59.9999995', '1969-12-31 23:59:59.5', '2026-12-31 23:59:59.9999', '1677-09-22', '0001-01-01', '23:59:59.9999999'),
  (7, '0001-01-01T00:00:00.1', '2026-01-02', '2026-01-02 03:04', NULL, '9999-12-31 23:59:59-05', '08:15');
CREATE TEMP TABLE queued AS SELECT * FROM t;
SELECT id, round(f, 9), dc, d0, h, u, uh, e FROM t WHERE id < 5;
SELECT id, ts, s, ms, ns, tz, tm FROM t WHERE id > 4;
SELECT id FROM t WHERE f = 0.1 OR ts = '2026-01-02 03:04:05.5' OR s = '2026-01-02 03:04:05.5' OR e = '10' ORDER BY id;
COMMIT;
SELECT count(*) FROM t;
SELECT * FROM queued EXCEPT SELECT * FROM t;
SELECT group_concat(typeof(f) || typeof(dc) || typeof(d0) || typeof(h) || typeof(u) || typeof(uh)) =
  (SELECT group_concat(typeof(f) || typeof(dc) || typeof(d0) || typeof(h) || typeof(u) || typeof(uh)) FROM queued) FROM t;
SELECT id FROM t WHERE f = 0.1 OR ts = '2026-01-02 03:04:05.5' OR s = '2026-01-02 03:04:05.5' OR e = '10' ORDER BY id;
SELECT '== a column that is not set stays as it is, to the nanosecond';
UPDATE t SET f = 2 FROM (SELECT 5 AS five) WHERE id = five;
SELECT f, ns FROM t WHERE id = 5;
SELECT '== what does not fit is refused when it is written';
INSERT INTO t(id, f) VALUES (8, 1e39);
INSERT INTO t(id, dc) VALUES (8, 1e15);
INSERT INTO t(id, dc) VALUES (8, 9e999);
INSERT INTO t(id, d0) VALUES (8, 9999.5);
INSERT INTO t(id, h) VALUES (8, 1.5);
INSERT INTO t(id, h) VALUES (8, '170141183460469231731687303715884105728');
INSERT INTO t(id, u) VALUES (8, -1);
INSERT INTO t(id, u) VALUES (8, '18446744073709551616');
INSERT INTO t(id, uh) VALUES (8, '1,5');
INSERT INTO t(id, ts) VALUES (8, '0000-12-31');
INSERT INTO t(id, ts) VALUES (8, '0001-01-01 00:00:00+01');
INSERT INTO t(id, ns) VALUES (8, '2300-01-01');
INSERT INTO t(id, e) VALUES (8, CAST(x'80' AS TEXT));
SELECT count(*) FROM t;
SELECT '== keys: a row that was changed or written anew is there once';
INSERT INTO done SELECT rockset_exec('create table commons.' || name || '(k ' || type || ', n bigint)')
  FROM (SELECT 'kf' AS name, 'float' AS type UNION ALL VALUES ('kd', 'decimal(9,2)'), ('kh', 'hugeint'), ('kt', 'timestamp'), ('ke', 'enum(''a'', ''b'')'));
CREATE VIRTUAL TABLE kf USING rockset('commons.kf', key='k');
CREATE VIRTUAL TABLE kd USING rockset('commons.kd', key='k');
CREATE VIRTUAL TABLE kh USING rockset('commons.kh', key='k');
CREATE VIRTUAL TABLE kt USING rockset('commons.kt', key='k');
CREATE VIRTUAL TABLE ke USING rockset('commons.ke', key='k');
INSERT INTO kf VALUES (0.1, 1);
INSERT INTO kd VALUES (0.10, 1);
INSERT INTO kh VALUES ('010', 1);
INSERT INTO kt VALUES ('2026-01-02 03:04:05.500', 1);
INSERT INTO ke VALUES ('a', 1);
INSERT INTO kf VALUES (0.1, 2);
INSERT INTO kd VALUES ('0.1', 2);
INSERT INTO kh VALUES (10.0, 2);
INSERT INTO kt VALUES ('2026-01-02 03:04:05.5', 2);
INSERT INTO ke VALUES ('a', 2);
BEGIN;
UPDATE kf SET n = n + 1; UPDATE kd SET n = n + 1; UPDATE kh SET n = n + 1; UPDATE kt SET n = n + 1; UPDATE ke SET n = n + 1;
SELECT round(k, 9), n FROM kf; SELECT * FROM kd; SELECT * FROM kh; SELECT * FROM kt; SELECT * FROM ke;
INSERT OR REPLACE INTO kf VALUES (0.1, 3); INSERT OR REPLACE INTO kd VALUES (0.101, 3);
INSERT OR REPLACE INTO kh VALUES ('+10', 3); INSERT OR REPLACE INTO kt VALUES ('2026-01-02T03:04:05.50', 3); UPDATE ke SET k = 'b';
COMMIT;
SELECT round(k, 9), n FROM kf; SELECT * FROM kd; SELECT * FROM kh; SELECT * FROM kt; SELECT * FROM ke;
DELETE FROM kf; DELETE FROM kd; DELETE FROM kh; DELETE FROM kt; DELETE FROM ke;
SELECT (SELECT count(*) FROM kf) + (SELECT count(*) FROM kd) + (SELECT count(*) FROM kh) + (SELECT count(*) FROM kt) + (SELECT count(*) FROM ke);
SELECT '== last_insert_rowid() is that of the last table with rowids';
CREATE TABLE local(id INTEGER PRIMARY KEY);
INSERT INTO local VALUES (77);
INSERT INTO t(id) VALUES (100), (101);
SELECT last_insert_rowid(), changes();
