-- Text compares by BINARY or not at all
.mode list
.separator ' | '
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.w(t varchar)') IS NOT '';
SELECT rockset_exec('insert into commons.w values (''a''), (''A''), (''b ''), (''b''), (''é''), (''É''), (''日''), (''😀'')');
CREATE VIRTUAL TABLE w USING rockset('commons.w');
CREATE TABLE words(w TEXT COLLATE NOCASE);
INSERT INTO words VALUES('A'), ('B');
SELECT group_concat(t, '|') FROM (SELECT t FROM w ORDER BY t);
SELECT group_concat(t, '|') FROM (SELECT t FROM w ORDER BY t DESC);
EXPLAIN QUERY PLAN SELECT t FROM w WHERE t = 'A' COLLATE NOCASE;
SELECT t FROM w WHERE t = 'A' COLLATE NOCASE ORDER BY 1;
SELECT t FROM w WHERE t = 'b' COLLATE RTRIM ORDER BY 1;
EXPLAIN QUERY PLAN SELECT t FROM w WHERE t = 'A' COLLATE BINARY;
.print -- the left operand's collation counts
EXPLAIN QUERY PLAN SELECT t FROM words JOIN w ON words.w = t;
SELECT t FROM words JOIN w ON words.w = t ORDER BY 1;
EXPLAIN QUERY PLAN SELECT t FROM words JOIN w ON t = words.w;
SELECT t FROM words JOIN w ON t = words.w ORDER BY 1;
SELECT t FROM w WHERE t IN (SELECT w FROM words) ORDER BY 1;
SELECT t FROM w WHERE t BETWEEN 'A' AND 'b' COLLATE NOCASE ORDER BY 1;
SELECT t FROM w WHERE t > 'z' ORDER BY 1;
