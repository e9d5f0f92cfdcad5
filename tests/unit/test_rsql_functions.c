/*
** Rockset's functions and values on the real DuckDB: each case is a Rockset expression over one
** document and the value that the reference gives for it.
*/
#include "rsql_fixture.h"
#include "src/rsql/functions.h"

static const char setup[] =
  "CREATE TABLE commons.t AS SELECT 7::BIGINT AS i, 2::BIGINT AS two, -2.75::DOUBLE AS f, "
  "'Hello World' AS s, 'abc'::BLOB AS b, [3, 1, 2, 1]::BIGINT[] AS l, ['x', 'y']::VARCHAR[] AS ls, "
  "MAP{'a': 1, 'b': 2} AS m, {'a': 1, 'b': 'x'} AS o, "
  "'{\"a\":[1,2,{\"c\":\"x\"}],\"n\":null,\"s\":\"Abc\",\"k\":2.5}'::JSON AS j, "
  "DATE '2020-02-29' AS d, TIMESTAMP '2020-02-29 03:04:05.25' AS dt, "
  "TIMESTAMPTZ '2020-02-29 03:04:05.25+00' AS ts, TIME '03:04:05.5' AS h, true AS yes, "
  "NULL::BIGINT AS nothing, [1.5, 2.5]::DOUBLE[] AS v";

struct value_case {
  const char *expr, *value;
};

static const struct value_case cases[] = {
  // strings and bytes
  {"CONCAT(s, '!', 'a')", "'Hello World!a'"},
  {"CONCAT(s, NULL)", "NULL"},
  {"FORMAT('{}-{}', 'a', 1)", "'a-1'"},
  {"LENGTH(s)", "11"},
  {"LENGTH(b)", "3"},
  {"LENGTH(l)", "4"},
  {"LENGTH(m)", "2"},
  {"LENGTH(o)", "2"},
  {"LENGTH(j.a)", "3"},
  {"LENGTH(j)", "4"},
  {"LOWER(s)", "'hello world'"},
  {"UPPER(j.s)", "'ABC'"},
  {"TRIM(U&' \\0009a\\000A ')", "'a'"},
  {"LTRIM('  a ')", "'a '"},
  {"RTRIM('  a ')", "'  a'"},
  {"LENGTH(NORMALIZE(U&'e\\0301'))", "1"},
  {"LENGTH(NORMALIZE(U&'e\\0301', NFC))", "1"},
  {"REPLACE(s, 'l')", "'Heo Word'"},
  {"REPLACE(s, 'l', 'L')", "'HeLLo WorLd'"},
  {"SPLIT('a,b,c', ',')", "[\"a\",\"b\",\"c\"]"},
  {"SPLIT('a,b,c', ',', 2)", "[\"a\",\"b,c\"]"},
  {"SPLIT('a,b,c', ',', 5)", "[\"a\",\"b\",\"c\"]"},
  {"STRPOS(s, 'World')", "7"},
  {"POSITION('World' IN s)", "7"},
  {"SUBSTR(s, 7)", "'World'"},
  {"SUBSTRING(s FROM 1 FOR 4)", "'Hell'"},
  {"REGEXP_LIKE(s, 'W.r')", "true"},
  {"REGEXP_EXTRACT(s, 'o(.)', 1)", "' '"},
  {"REGEXP_EXTRACT(s, 'zzz')", "NULL"},
  {"REGEXP_EXTRACT_ALL(s, 'o.')", "[\"o \",\"or\"]"},
  {"REGEXP_REPLACE(s, '(o)', '<\\1>')", "'Hell<o> W<o>rld'"},
  {"REGEXP_REPLACE(s, 'o')", "'Hell Wrld'"},
  {"REGEXP_SPLIT('a1b2c', '[0-9]')", "[\"a\",\"b\",\"c\"]"},
  {"s LIKE 'Hello%'", "true"},
  {"s LIKE 'hello%'", "false"},
  {"'50%' LIKE '50!%' ESCAPE '!'", "true"},
  {"FROM_UTF8(FROM_HEX('616263'))", "'abc'"},
  {"TO_HEX(b)", "'616263'"},
  {"TO_HEX(TO_UTF8('hi'))", "'6869'"},
  {"TO_HEX(X'00ff')", "'00FF'"},
  {"FROM_UTF8(bytes 'h\\x41')", "'h\\x41'"},
  {"TOKENIZE('Hello, World!')", "[\"hello\",\"world\"]"},
  {"PREFIXES('abcd', 2)", "[\"ab\",\"abc\",\"abcd\"]"},
  // search
  {"SEARCH(HAS_TERM(ls, 'x'), HAS_TERM(ls, 'q'))", "false"},
  {"SEARCH(HAS_TERM(ls, 'x'), HAS_TERM(ls, 'q')) OPTION(match_all = false)", "true"},
  {"PROXIMITY(BOOST(2.0, HAS_TERM(ls, 'x')), PROXIMITY_BOOST(2.0, HAS_TERM(ls, 'y')))", "true"},
  {"CONTAINS(TOKENIZE(s), 'world hello')", "true"},
  // mathematics
  {"ABS(f)", "2.75"},
  {"FLOOR(f)", "-3"},
  {"CEIL(f)", "-2"},
  {"CEILING(2.1)", "3"},
  {"ROUND(2.5)", "3"},
  {"ROUND(-2.5)", "-3"},
  {"TYPEOF(ROUND(i))", "'float'"},
  {"ROUND(2.345, 1)", "2.3"},
  {"TRUNC(f)", "-2"},
  {"TRUNCATE(2.9)", "2"},
  {"GREATEST(i, 9, 3)", "9"},
  {"GREATEST(i, NULL)", "NULL"},
  {"LEAST(i, two)", "2"},
  {"LEAST(i, nothing)", "NULL"},
  {"SIGN(f)", "-1"},
  {"SQRT(16)", "4"},
  {"POW(2, 10)", "1024"},
  {"POWER(two, 3)", "8"},
  {"LOG10(1000)", "3"},
  {"LOG2(8)", "3"},
  {"LN(EXP(2))", "2"},
  {"ATAN2(0.0, 1.0)", "0"},
  {"SIN(0) + COS(0) + TAN(0) + SINH(0) + COSH(0) + TANH(0)", "2"},
  {"ASIN(0) + ACOS(1) + ATAN(0) + ASINH(0) + ACOSH(1) + ATANH(0)", "0"},
  {"HYPOT(3, 4)", "5"},
  {"ID_HASH('a', 1, NULL)", "'3d70956a1c814c5b14a1ecf57be07b55'"},
  {"BIT_COUNT(7, 64)", "3"},
  {"BIT_COUNT(-7, 8)", "6"},
  {"BITWISE_NOT(i)", "-8"},
  {"BITWISE_XOR(i, two)", "5"},
  {"IS_NAN(CAST('nan' AS float))", "true"},
  // vectors
  {"DOT_PRODUCT([1, 2], [3, 4])", "11"},
  {"EUCLIDEAN_DIST([0, 0], v)", "2.91548"},
  {"COSINE_SIM([1, 0], [2, 0])", "1"},
  {"APPROX_DOT_PRODUCT([1, 2], [3, 4])", "11"},
  {"APPROX_EUCLIDEAN_DIST([0, 3], [4, 0])", "5"},
  {"VECTOR_ENFORCE(l, 4, 'int')", "[3,1,2,1]"},
  {"VECTOR_ENFORCE(l, 3, 'int')", "NULL"},
  {"VECTOR_ENFORCE(l, 4, 'float')", "NULL"},
  {"VECTOR_ENFORCE(v, 2, 'float')", "[1.5,2.5]"},
  {"VECTOR_ADD([1, 2], [3, 4])", "[4,6]"},
  {"VECTOR_ADD([1, 2], 0.5)", "[1.5,2.5]"},
  // conditionals, types
  {"IF(i > 5, 'a', 'b')", "'a'"},
  {"IF(NULL, 'a', 'b')", "'b'"},
  {"IF(i > 5, 'a')", "'a'"},
  {"IF(i > 7, 'a')", "NULL"},
  {"DATE_PARSE('2020-02-29 03:04:05', '%Y-%m-%d %H:%i:%s')", "'2020-02-29 03:04:05'"},
  {"COALESCE(nothing, missing, 3)", "3"},
  {"NULLIF(i, 7)", "NULL"},
  {"TRY(CAST(s AS int))", "NULL"},
  {"CASE WHEN i = 7 THEN 'seven' ELSE 'other' END", "'seven'"},
  {"CASE i WHEN 6 THEN 'six' WHEN 7 THEN 'seven' END", "'seven'"},
  {"CAST(2.7 AS int)", "2"},
  {"CAST(f AS int)", "-2"},
  {"f::int", "-2"},
  {"TRY_CAST(s AS int)", "NULL"},
  {"TRY_CAST(2.7 AS int)", "2"},
  {"STATIC_CAST(s AS bool)", "true"},
  {"STATIC_CAST('' AS bool)", "false"},
  {"STATIC_CAST(l AS bool)", "true"},
  {"STATIC_CAST(0 AS bool)", "false"},
  {"TRY_STATIC_CAST(i AS float)", "7"},
  {"CAST(dt AS string)", "'2020-02-29T03:04:05.25'"},
  {"CAST(b AS string)", "'abc'"},
  {"TO_HEX(CAST('hi' AS bytes))", "'6869'"},
  {"CAST(ls AS string)", "'[\"x\",\"y\"]'"},
  {"CAST('2020-02-29T03:04:05' AS datetime)", "'2020-02-29 03:04:05'"},
  {"CAST('2020-02-29 03:04:05Z' AS timestamp)", "'2020-02-29 03:04:05'"},
  {"DURATION_MICROS(CAST(1500 AS microsecond_interval))", "1500"},
  {"DURATION_MONTHS(CAST(14.9 AS month_interval))", "14"},
  {"TYPEOF(i)", "'int'"},
  {"TYPEOF(f)", "'float'"},
  {"TYPEOF(s)", "'string'"},
  {"TYPEOF(b)", "'bytes'"},
  {"TYPEOF(l)", "'array'"},
  {"TYPEOF(o)", "'object'"},
  {"TYPEOF(m)", "'object'"},
  {"TYPEOF(yes)", "'bool'"},
  {"TYPEOF(d)", "'date'"},
  {"TYPEOF(dt)", "'datetime'"},
  {"TYPEOF(ts)", "'timestamp'"},
  {"TYPEOF(h)", "'time'"},
  {"TYPEOF(nothing)", "'null'"},
  {"TYPEOF(j.a)", "'array'"},
  {"TYPEOF(j.n)", "'null'"},
  {"TYPEOF(j.zzz)", "'undefined'"},
  {"TYPEOF(j.k)", "'float'"},
  {"TYPEOF(IF(yes, i, f))", "'float'"},
  {"TYPEOF(YEARS(1))", "'month_interval'"},
  {"IS_SCALAR(i)", "true"},
  {"IS_SCALAR(l)", "false"},
  {"IS_SCALAR(NULL)", "false"},
  {"IS_SCALAR(j.a)", "false"},
  {"IS_SCALAR(j.s)", "true"},
  // arrays
  {"ARRAY_CREATE(1, 'a', null)", "[1,\"a\",null]"},
  {"ARRAY_CREATE(1, 2)", "[1,2]"},
  {"ARRAY[1, 2]", "[1,2]"},
  {"CARDINALITY(l)", "4"},
  {"CARDINALITY(j.a)", "3"},
  {"CARDINALITY(m)", "2"},
  {"l[1]", "3"},
  {"l[9]", "NULL"},
  {"ELEMENT_AT(l, -1)", "1"},
  {"ELEMENT_AT(m, 'b')", "2"},
  {"ELEMENT_AT(j, 's')", "'Abc'"},
  {"ELEMENT_AT(j.a, 2)", "2"},
  {"ELEMENT_AT(o, 'a')", "1"},
  {"ARRAY_POSITION(l, 2)", "3"},
  {"ARRAY_POSITION(l, 9)", "0"},
  {"ARRAY_LAST_POSITION(l, 1)", "4"},
  {"ARRAY_LAST_POSITION(l, 9)", "0"},
  {"ARRAY_REMOVE(l, 1)", "[3,2]"},
  {"ARRAY_CONTAINS(l, 2)", "true"},
  {"ARRAY_CONTAINS(j.a, 2)", "true"},
  {"ARRAY_CONTAINS_ANY(l, [9, 2])", "true"},
  {"CARDINALITY(ARRAY_DISTINCT(l))", "3"},
  {"TO_HEX(HMAC(b, b, 'sha1'))", "'5B333A389B4E9A2358AC5392BF2A64DC68E3C943'"},
  {"TO_HEX(HMAC_MD5(b, b))", "'F71CDA1C893766A115234DB7FDD59F63'"},
  {"TO_HEX(HMAC_SHA1(b, b))", "'5B333A389B4E9A2358AC5392BF2A64DC68E3C943'"},
  {"TO_HEX(HMAC_SHA256(b, b))",
   "'2F02E24AE2E1FE880399F27600AFA88364E6062BF9BBE114B32FA8F23D03608A'"},
  {"DURATION_SECONDS(PARSE_DURATION_SECONDS('PT1H'))", "3600"},
  {"DURATION_MONTHS(PARSE_DURATION_MONTHS('P1Y2M'))", "14"},
  {"ST_Y(ST_GEOGFROMTEXT('POINT(1 2)'))", "2"},
  {"ARRAY_MAX(l)", "3"},
  {"ARRAY_MIN(l)", "1"},
  {"ARRAY_CONCAT([1], [2])", "[1,2]"},
  {"ARRAY_FLATTEN([[1], [2, 3]])", "[1,2,3]"},
  {"ARRAY_JOIN(ls, '-')", "'x-y'"},
  {"SLICE(l, 2, 2)", "[1,2]"},
  {"SLICE(l, -2, 2)", "[2,1]"},
  {"SLICE(l, 3)", "[2,1]"},
  {"l[2:3]", "[1,2]"},
  // objects
  {"OBJECT(['a', 'b'], [1, 2])", "{\"a\":1,\"b\":2}"},
  {"OBJECT(['a', 'b'], [1, 'x'])", "{\"a\":1,\"b\":\"x\"}"},
  {"OBJECT()", "{}"},
  {"ZIP([['a', 'b'], ['c', 'd']])", "{\"a\":\"b\",\"c\":\"d\"}"},
  {"ZIP([['a', 1], ['c', 'd']])", "{\"a\":1,\"c\":\"d\"}"},
  {"m.a", "1"},
  {"o.b", "'x'"},
  {"j.a[3].c", "'x'"},
  {"KEYS(m)", "[\"a\",\"b\"]"},
  {"KEYS(j)", "[\"a\",\"n\",\"s\",\"k\"]"},
  {"KEYS(o)", "[\"a\",\"b\"]"},
  {"VALUES(m)", "[1,2]"},
  {"VALUES(o)", "[1,\"x\"]"},
  {"ITEMS(o)", "[[\"a\",1],[\"b\",\"x\"]]"},
  {"MERGE(m, OBJECT(['b'], [3]))", "{\"a\":1,\"b\":3}"},
  {"MERGE(o, {'b': null})", "{\"a\":1,\"b\":null}"},
  {"ERASE(m, 'a')", "{\"b\":2}"},
  {"ERASE(m, ['a'])", "{\"b\":2}"},
  {"ERASE(o, 'a')", "{\"b\":\"x\"}"},
  {"ERASE(o, ['a'])", "{\"b\":\"x\"}"},
  {"{'a': 1, 'b': [i]}", "{\"a\":1,\"b\":[7]}"},
  // JSON
  {"JSON_PARSE('[1, 2]')[2]", "2"},
  {"JSON_FORMAT(o)", "'{\"a\":1,\"b\":\"x\"}'"},
  // dates
  {"CURRENT_DATE = CURRENT_DATE('UTC')", "true"},
  {"CURRENT_DATETIME() = CURRENT_DATETIME('UTC')", "true"},
  {"CURRENT_DATETIME(HOURS(1)) - CURRENT_DATETIME = HOURS(1)", "true"},
  {"CURRENT_DATE(DAYS(2)) = CURRENT_DATE + INTERVAL 2 DAY", "true"},
  {"CURRENT_TIME() IS NOT NULL AND CURRENT_TIME('UTC') IS NOT NULL", "true"},
  {"CURRENT_TIME(HOURS(0)) IS NOT NULL", "true"},
  {"CURRENT_TIMESTAMP() >= ts", "true"},
  {"CURRENT_TIMESTAMP > ts", "true"},
  {"LOCALTIME IS NOT NULL AND LOCALTIMESTAMP > dt", "true"},
  {"dt AT TIME ZONE 'America/New_York'", "'2020-02-29 08:04:05.25'"},
  {"ts AT TIME ZONE 'America/New_York'", "'2020-02-28 22:04:05.25'"},
  {"ts AT TIME ZONE HOURS(-1)", "'2020-02-29 02:04:05.25'"},
  {"dt AT TIME ZONE INTERVAL 1 HOUR", "'2020-02-29 02:04:05.25'"},
  {"EXTRACT(MICROSECOND FROM dt)", "250000"},
  {"EXTRACT(MILLISECOND FROM dt)", "250"},
  {"EXTRACT(SECOND FROM dt)", "5"},
  {"EXTRACT(MINUTE FROM dt)", "4"},
  {"EXTRACT(HOUR FROM ts)", "3"},
  {"EXTRACT(DAY FROM d)", "29"},
  {"EXTRACT(DAYOFWEEK FROM d)", "7"},
  {"EXTRACT(DAYOFYEAR FROM d)", "60"},
  {"EXTRACT(WEEK FROM d)", "9"},
  {"EXTRACT(MONTH FROM d)", "2"},
  {"EXTRACT(QUARTER FROM d)", "1"},
  {"EXTRACT(year FROM d)", "2020"},
  {"DATE(2020, 2, 29)", "'2020-02-29'"},
  {"DATE(dt)", "'2020-02-29'"},
  {"DATE(ts, 'America/New_York')", "'2020-02-28'"},
  {"DATE(ts, HOURS(-4))", "'2020-02-28'"},
  {"TIME(1, 2, 3)", "'01:02:03'"},
  {"TIME(1, 2, 3, 500000)", "'01:02:03.5'"},
  {"TIME(dt)", "'03:04:05.25'"},
  {"TIME(ts, 'America/New_York')", "'22:04:05.25'"},
  {"TIME(ts, HOURS(-4))", "'23:04:05.25'"},
  {"DATETIME(2020, 2, 29, 1, 2, 3)", "'2020-02-29 01:02:03'"},
  {"DATETIME(2020, 2, 29, 1, 2, 3, 500000)", "'2020-02-29 01:02:03.5'"},
  {"DATETIME(ts)", "'2020-02-29 03:04:05.25'"},
  {"DATETIME(ts, 'America/New_York')", "'2020-02-28 22:04:05.25'"},
  {"DATETIME(ts, HOURS(-4))", "'2020-02-28 23:04:05.25'"},
  {"DATETIME(d, h)", "'2020-02-29 03:04:05.5'"},
  {"FORMAT_DATE('%d.%m.%Y', d)", "'29.02.2020'"},
  {"FORMAT_DATETIME('%H:%M', dt)", "'03:04'"},
  {"FORMAT_TIME('%H-%M', h)", "'03-04'"},
  {"FORMAT_TIMESTAMP('%H:%M', ts)", "'03:04'"},
  {"FORMAT_TIMESTAMP('%H:%M', ts, 'America/New_York')", "'22:04'"},
  {"FORMAT_TIMESTAMP('%H:%M', ts, HOURS(1))", "'04:04'"},
  {"FORMAT_ISO8601(d)", "'2020-02-29'"},
  {"FORMAT_ISO8601(h)", "'03:04:05.5'"},
  {"FORMAT_ISO8601(dt)", "'2020-02-29T03:04:05.250000'"},
  {"FORMAT_ISO8601(ts)", "'2020-02-29T03:04:05.250000Z'"},
  {"FORMAT_ISO8601(ts, 'America/New_York')", "'2020-02-28T22:04:05.250000-05:00'"},
  {"PARSE_DATE('%d.%m.%Y', '29.02.2020')", "'2020-02-29'"},
  {"PARSE_TIME('%H:%M', '03:04')", "'03:04:00'"},
  {"PARSE_DATETIME('%Y-%m-%d %H:%M', '2020-02-29 03:04')", "'2020-02-29 03:04:00'"},
  {"PARSE_TIMESTAMP('%Y-%m-%d %H:%M', '2020-02-29 03:04')", "'2020-02-29 03:04:00'"},
  {"PARSE_TIMESTAMP('%Y-%m-%d %H:%M %z', '2020-02-29 03:04 +0200')", "'2020-02-29 01:04:00'"},
  {"PARSE_TIMESTAMP('%Y-%m-%d %H:%M', '2020-02-29 03:04', 'America/New_York')",
   "'2020-02-29 08:04:00'"},
  {"PARSE_DATE_ISO8601('2020-02-29')", "'2020-02-29'"},
  {"PARSE_TIME_ISO8601('03:04:05.5')", "'03:04:05.5'"},
  {"PARSE_DATETIME_ISO8601('2020-02-29T03:04:05')", "'2020-02-29 03:04:05'"},
  {"PARSE_TIMESTAMP_ISO8601('2020-02-29T03:04:05+02:00')", "'2020-02-29 01:04:05'"},
  {"TIMESTAMP_SECONDS(1582945445)", "'2020-02-29 03:04:05'"},
  {"TIMESTAMP_MILLIS(1582945445250)", "'2020-02-29 03:04:05.25'"},
  {"TIMESTAMP_MICROS(1582945445250000)", "'2020-02-29 03:04:05.25'"},
  {"UNIX_SECONDS(ts)", "1582945445"},
  {"UNIX_MILLIS(ts)", "1582945445250"},
  {"UNIX_MICROS(ts)", "1582945445250000"},
  {"DATE_TRUNC('month', d)", "'2020-02-01'"},
  {"DATE_TRUNC('HOUR', ts)", "'2020-02-29 03:00:00'"},
  {"DATE_DIFF('day', DATE '2020-2-1', d)", "28"},
  {"TIME_BUCKET(HOURS(6), ts)", "'2020-02-29 00:00:00'"},
  {"TIME_BUCKET(INTERVAL 2 HOUR, dt)", "'2020-02-29 02:00:00'"},
  {"TIME_BUCKET(DAYS(7), d)", "'2020-02-27'"},
  {"dt + MICROSECONDS(1) + MILLISECONDS(1) + SECONDS(1) + MINUTES(1) + HOURS(1)",
   "'2020-02-29 04:05:06.251001'"},
  {"dt + DAYS(1)", "'2020-03-01 03:04:05.25'"},
  {"d + INTERVAL 1 DAY", "'2020-03-01'"},
  {"d + MONTHS(1)", "'2020-03-29'"},
  {"d - YEARS(1)", "'2019-02-28'"},
  {"ts - INTERVAL '1:30' HOUR TO MINUTE", "'2020-02-29 01:34:05.25'"},
  {"dt + INTERVAL 1.5 HOUR", "'2020-02-29 04:34:05.25'"},
  {"DURATION_MICROS(SECONDS(2))", "2000000"},
  {"DURATION_MILLIS(SECONDS(2))", "2000"},
  {"DURATION_SECONDS(DAYS(1))", "86400"},
  {"DURATION_MONTHS(YEARS(1) + MONTHS(2))", "14"},
  {"DURATION_SECONDS(ts - TIMESTAMP '2020-02-29T00:00Z')", "11045"},
  // hashes
  {"TO_HEX(MD5(TO_UTF8('a')))", "'0CC175B9C0F1B6A831C399E269772661'"},
  {"TO_HEX(HASH(TO_UTF8('a'), 'MD5'))", "'0CC175B9C0F1B6A831C399E269772661'"},
  {"LENGTH(SHA1(b))", "20"},
  {"LENGTH(SHA256(b))", "32"},
  // geography
  {"ST_GEOGPOINT(34.5, 12)",
   "{\"__rockset_type\":\"GEOGRAPHY\",\"value\":{\"type\":\"Point\",\"coordinates\":[34.5,12.0]}}"},
  {"ST_X(ST_GEOGPOINT(34.5, 12))", "34.5"},
  {"ST_ASTEXT(ST_GEOGPOINT(34.5, 12))", "'POINT(34.5 12)'"},
  {"ST_DISTANCE(ST_GEOGPOINT(1, 2), ST_GEOGPOINT(1, 2))", "0"},
  {"ST_CONTAINS(ST_GEOGFROMTEXT('POLYGON((0 0, 9 0, 9 9, 0 9, 0 0))'), ST_GEOGPOINT(1, 2))",
   "true"},
  {"ST_INTERSECTS(ST_GEOGPOINT(1, 2), ST_GEOGPOINT(1, 3))", "false"},
  {"TO_HEX(HASH_SHA384(b)) = TO_HEX(HASH(b, 'SHA-384'))", "true"},
  {"LENGTH(SHA512(s))", "64"},
  {"LENGTH(HMAC_SHA384(b, s))", "48"},
  {"TO_HEX(HMAC_SHA512(b, b)) = TO_HEX(HMAC(b, b, 'sha512'))", "true"},
  {"NORMALIZE_FORM(s, 'NFKC')", "'Hello World'"},
  {"SUM(CAST(i AS u256))", "7"},
  {"ST_Y(ST_GEOGPOINT(34.5, 12))", "12"},
  // values, operators
  {"1.5 + 1", "2.5"},
  {"TYPEOF(1.5)", "'float'"},
  {"i / two", "3"},
  {"-i / two", "-3"},
  {"i / 2.0", "3.5"},
  {"i % 4", "3"},
  {"2147483647 + 1", "2147483648"},
  {"100000 * 100000", "10000000000"},
  {"99999999999999999999", "1e+20"},
  {"i = '7'", "NULL"},
  {"s = 7", "NULL"},
  {"yes = 1", "NULL"},
  {"i = 7.0", "true"},
  {"j.k > 2", "true"},
  {"j.s > 2", "NULL"},
  {"j.s = 'Abc'", "true"},
  {"j.k = '2.5'", "NULL"},
  {"j.k + 1", "3.5"},
  {"j.n IS NULL", "true"},
  {"j.n IS UNDEFINED", "false"},
  {"j.zz IS UNDEFINED", "true"},
  {"missing IS UNDEFINED", "true"},
  {"NULL IS UNDEFINED", "false"},
  {"UNDEFINED IS NULL", "true"},
  {"missing.a.b[1]", "NULL"},
  {"o.missing", "NULL"},
  {"i BETWEEN 1 AND 7", "true"},
  {"i NOT IN (1, 2)", "true"},
  {"i IS NOT DISTINCT FROM 7", "true"},
  {"DATE '2020-2-9'", "'2020-02-09'"},
  {"TIMESTAMP '2020-2-29T3:04 America/New_York'", "'2020-02-29 08:04:00'"},
  {"TIMESTAMP '2020-2-29T3:04+02:00'", "'2020-02-29 01:04:00'"},
  {"'it''s'", "'it's'"},
  {"`i` + \"i\"", "14"},
  // undefined and null take part in everything
  {"LENGTH(missing)", "NULL"},
  {"LOWER(missing) || 'a'", "NULL"},
  {"-missing + 1 - ABS(missing)", "NULL"},
  {"DATE_TRUNC('day', missing)", "NULL"},
  {"DATE_DIFF('day', missing, d)", "NULL"},
  {"EXTRACT(YEAR FROM missing)", "NULL"},
  {"FORMAT_DATE('%Y', missing)", "NULL"},
  {"FORMAT_ISO8601(missing)", "NULL"},
  {"UNIX_SECONDS(missing)", "NULL"},
  {"DURATION_SECONDS(missing)", "NULL"},
  {"DATE(missing)", "NULL"},
  {"TIME_BUCKET(DAYS(1), missing)", "NULL"},
  {"missing AT TIME ZONE 'UTC'", "NULL"},
  {"ARRAY_CONTAINS(missing, 1)", "NULL"},
  {"SLICE(missing, 1, 2)", "NULL"},
  {"KEYS(missing)", "NULL"},
  {"TYPEOF(missing)", "'undefined'"},
  {"missing LIKE 'a' OR missing BETWEEN 1 AND 2 OR missing IN (1, 2)", "NULL"},
  // aggregates
  {"COUNT(*)", "1"},
  {"COUNT(DISTINCT i)", "1"},
  {"COUNT_IF(i > 1)", "1"},
  {"COUNT_IF(nothing > 1)", "0"},
  {"SUM(i)", "7"},
  {"SUM(f)", "-2.75"},
  {"SUM(j.k)", "2.5"},
  {"AVG(i)", "7"},
  {"MIN(i) + MAX(i)", "14"},
  {"MIN_BY(s, i)", "'Hello World'"},
  {"MAX_BY(s, i)", "'Hello World'"},
  {"ARBITRARY(i)", "7"},
  {"ARRAY_AGG(i)", "[7]"},
  {"APPROX_DISTINCT(i)", "1"},
  {"BOOL_AND(yes) AND BOOL_OR(yes) AND EVERY(yes)", "true"},
  {"BITWISE_AND_AGG(i) + BITWISE_OR_AGG(i)", "14"},
  {"GEOMETRIC_MEAN(i)", "7"},
  {"STDDEV_SAMP(i)", "NULL"},
  {"COUNT(*) FILTER (WHERE i = 8)", "0"},
  {"COUNT_IF(yes) FILTER (WHERE i = 8)", "0"},
  {"ROW_NUMBER() OVER ()", "1"},
  {"SUM(i) OVER (PARTITION BY s ORDER BY i ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)", "7"},
  {"FIRST_VALUE(i) OVER (ORDER BY i)", "7"},
  {"PERCENT_RANK() OVER (ORDER BY i)", "0"},
};

#define CASES (sizeof cases / sizeof cases[0])

/* All rows of a translated query: columns parted by a blank, rows by `; `. */
static const char *rows_of(struct fixture *f, const char *sql)
{
  struct translation t;
  struct catalog catalog = {.s = f->s};
  const struct rs_rsql_env env = {.relation = from_catalog, .ctx = &catalog};
  const char *text = translate_as(&t, sql, &env, "duckdb", false);
  if (t.rc != RS_OK) fail_msg("%s: %s", sql, t.e.text);
  const char *rows = ask(f, text);
  catalog_free(&catalog);
  translation_free(&t);
  return rows;
}

/* One translated query's answer; fails naming the case. */
static void check_case(struct fixture *f, const struct value_case *c)
{
  struct translation t;
  struct catalog catalog = {.s = f->s};
  const struct rs_rsql_env env = {.relation = from_catalog, .ctx = &catalog};
  char *sql = rs_mprintf("SELECT %s AS value FROM t", c->expr);
  const char *text = translate_as(&t, sql, &env, "duckdb", false);
  if (t.rc != RS_OK) fail_msg("%s: %s", sql, t.e.text);
  struct rs_rows *r = NULL;
  struct rs_error e = {0};
  const struct rs_statement st = {.sql = text};
  rs_buf_clear(&f->got);
  enum rs_code rc = rs_session_query(f->s, &st, &r, &e);
  if (rc == RS_OK) rc = rs_rows_next(r, &e);
  if (rc == RS_OK) {
    struct rs_value v;
    rs_rows_get(r, 0, &v);
    add_value(&f->got, &v);
  }
  rs_rows_close(r);
  if (rc != RS_OK) fail_msg("%s\n%s\n%s", sql, text, e.text);
  if (strcmp(rs_buf_text(&f->got), c->value) != 0) {
    fail_msg("%s\n%s\ngives %s instead of %s", sql, text, rs_buf_text(&f->got), c->value);
  }
  catalog_free(&catalog);
  translation_free(&t);
  rs_free(sql);
}

static void test_values(void **state)
{
  struct fixture *f = *state;
  run(f, "CREATE SCHEMA commons");
  run(f, setup);
  for (size_t i = 0; i < CASES; i++) check_case(f, &cases[i]);
}

static void test_queries(void **state)
{
  static const struct value_case queries[] = {
    {"VALUES 1, 2", "1; 2"},
    {"TABLE u", "1 'a'; 2 'b'"},
    {"SELECT missing, count(*) FROM u GROUP BY missing ORDER BY missing", "NULL 2"},
    {"SELECT x FROM u, UNNEST(missing AS x)", ""},
    {"SELECT x, p FROM UNNEST(['a', 'b'] AS x WITH ORDINALITY AS p) ORDER BY p DESC",
     "'b' 2; 'a' 1"},
    {"SELECT s.name FROM c, UNNEST(c.steps) s ORDER BY s.n", "'one'; 'two'"},
    {"SELECT s.* FROM c, UNNEST(c.steps) AS s WHERE s.n = 2", "'two' 2"},
    {"SELECT id, name FROM c, UNNEST(c.steps) ORDER BY n", "7 'one'; 7 'two'"},
    {"SELECT e.x FROM c, UNNEST(c.j AS e) AS t ORDER BY e.x", "1; 2"},
    {"SELECT c.id, t.l FROM c LEFT JOIN UNNEST(c.none AS l) AS t ON true", "7 NULL"},
    {"SELECT max(a) OVER w FROM u WINDOW w AS (ORDER BY a) ORDER BY 1", "1; 2"},
    {"SELECT a, ROW_NUMBER() OVER (ORDER BY a DESC) AS r FROM u QUALIFY r = 1", "2 1"},
    {"SELECT a / 2 AS h, count(*) FROM u GROUP BY h ORDER BY h", "0 1; 1 1"},
    {"SELECT b, sum(a), GROUPING(b) FROM u GROUP BY ROLLUP(b) ORDER BY 3, 1", "'a' 1 0; 'b' 2 0; "
                                                                              "NULL 3 1"},
    {"SELECT 1 UNION SELECT 2 INTERSECT SELECT 2 UNION ALL SELECT 2", "2; 2"},
    {"SELECT ARRAY_AGG(a ORDER BY a DESC LIMIT 1) FROM u", "[2]"},
    {"SELECT * EXCEPT(b, missing), a * 2 AS a FROM u ORDER BY 1", "2; 4"},
    {"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r "
     "ORDER BY n",
     "1; 2; 3"},
    {"SELECT a FROM u x WHERE EXISTS (SELECT 1 FROM u y WHERE y.a = x.a + 1 AND nope IS UNDEFINED)",
     "1"},
    {"SELECT b FROM u WHERE a = ANY (SELECT max(a) FROM u)", "'b'"},
    {"FROM u SELECT b WHERE a = 1", "'a'"},
    {"SELECT l.z FROM u JOIN LATERAL (SELECT u.a + 1 AS z) l ON true ORDER BY 1", "2; 3"},
    {"SELECT o.p.q, o.p.nope FROM c", "1 NULL"},
    {"SELECT o.p.* FROM c", "1"},
  };
  struct fixture *f = *state;
  run(f, "CREATE SCHEMA commons");
  run(f, "CREATE TABLE commons.u AS FROM (VALUES (1::BIGINT, 'a'), (2::BIGINT, 'b')) v(a, b)");
  run(f, "CREATE TABLE commons.c AS SELECT 7 AS id, [{'name': 'one', 'n': 1}, {'name': 'two', 'n': "
         "2}] AS steps, '[{\"x\":1},{\"x\":2}]'::JSON AS j, []::INTEGER[] AS none, "
         "{'p': {'q': 1}} AS o");
  for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
    const char *got = rows_of(f, queries[i].expr);
    if (strcmp(got, queries[i].value) != 0) fail_msg("%s\ngives %s", queries[i].expr, got);
  }
}

/* Is the function called in a case? */
static bool is_tried(const char *name)
{
  size_t n = strlen(name);
  for (size_t i = 0; i < CASES; i++) {
    for (const char *at = cases[i].expr; (at = strstr(at, name)) != NULL; at += n) {
      bool begins = at == cases[i].expr || strchr(" (-[,", at[-1]) != NULL;
      if (begins && strchr("( )=", at[n]) != NULL) return true;
    }
  }
  return false;
}

static void test_every_rewriting_is_tried(void **state)
{
  size_t n;
  const struct rsql_function *f = rs_rsql_functions(&n);
  (void)state;
  for (size_t i = 0; i < n; i++) {
    if (f[i].duckdb == NULL || strcmp(f[i].duckdb, "-") == 0) continue;
    if (!is_tried(f[i].name)) fail_msg("no case calls %s", f[i].name);
  }
}

/* The search relies on the order. */
static void test_table_is_sorted(void **state)
{
  size_t n;
  const struct rsql_function *f = rs_rsql_functions(&n);
  (void)state;
  assert_true(n > 200);
  for (size_t i = 1; i < n; i++) assert_true(rs_casecmp(f[i - 1].name, f[i].name) <= 0);
}

int main(void)
{
  const struct CMUnitTest pure[] = {
    cmocka_unit_test(test_table_is_sorted),
    cmocka_unit_test(test_every_rewriting_is_tried),
  };
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_values, in_memory, fixture_close),
    cmocka_unit_test_setup_teardown(test_queries, in_memory, fixture_close),
  };
  int bad = cmocka_run_group_tests(pure, NULL, NULL);
  if (!have_library()) return bad;
  return bad + cmocka_run_group_tests(tests, NULL, NULL);
}
