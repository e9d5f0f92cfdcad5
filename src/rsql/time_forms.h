/*
** Formats of dates and times as expressions of Trino, whose date_format has other letters and stops
** at milliseconds. The letters are those of DuckDB's strftime and strptime.
**
** Templates of function_table.c: `$$` is a dollar.
*/
#ifndef RS_RSQL_TIME_FORMS_H
#define RS_RSQL_TIME_FORMS_H

// clang-format off
/* x, which is read once, is v in the body. */
#define T_LET(x, v, body) "element_at(transform(ARRAY[" x "], " v " -> " body "), 1)"

/* A format in the letters that both engines have: %F and its like are several of them. */
#define FORMAT_OF(f) "replace(" FORMAT_CODED(f) ", chr(1), '%%')"
/* The datetime x, which has no zone, by a format with %z and %Z. These are put in behind strftime,
** which takes no format that is made of a row's values. */
#define FORMAT_ZONED(f, x, offset, zone) \
  "replace(replace(strftime(" x ", replace(replace(replace(" FORMAT_CODED(f) ", '%z', chr(2)), " \
  "'%Z', chr(3)), chr(1), '%%')), chr(2), CASE WHEN contains(" f ", '%z') THEN " offset \
  " ELSE '' END), chr(3), " zone ")"
/* `%%` is chr(1), so that no letter follows it. */
#define FORMAT_CODED(f) \
  "replace(replace(replace(replace(replace(replace(replace(replace(" f ", '%%', chr(1)), '%F', " \
  "'%Y-%m-%d'), '%R', '%H:%M'), '%T', '%H:%M:%S'), '%D', '%m/%d/%y'), '%e', '%-d'), '%h', '%b'), " \
  "'%n', '%f000')"
/* What is made of each part of it, rs_d: a letter or what stands between two. */
#define T_PARTS(f, cases) \
  "array_join(transform(regexp_extract_all(" FORMAT_OF(f) ", '%-?.|[^%]+'), rs_d -> CASE rs_d " \
  cases " ELSE CASE WHEN rs_d LIKE '\\%%' ESCAPE '\\' THEN "

/* Letters of a number, with zeros and without. */
#define T_NUMBER(letter, width, number) \
  "WHEN '%" letter "' THEN lpad(CAST(" number " AS varchar), " width ", '0') WHEN '%-" letter \
  "' THEN CAST(" number " AS varchar) "
#define T_MICROS(t) "coalesce(regexp_extract(CAST(" t " AS varchar), '\\.([0-9]{6})', 1), '000000')"
#define T_WEEKDAY "day_of_week(rs_t) % 7"
/* The datetime t by the format f; offset and zone are what %z and %Z write. */
#define T_STRFTIME(f, t, offset, zone) \
  T_LET("CAST(" t " AS timestamp(6))", "rs_t", "CASE WHEN rs_t IS NOT NULL THEN " \
  T_PARTS(f, "WHEN '%Y' THEN lpad(CAST(year(rs_t) AS varchar), 4, '0') " \
    T_NUMBER("y", "2", "year(rs_t) % 100") T_NUMBER("m", "2", "month(rs_t)") \
    T_NUMBER("d", "2", "day(rs_t)") T_NUMBER("H", "2", "hour(rs_t)") \
    T_NUMBER("I", "2", "(hour(rs_t) + 11) % 12 + 1") T_NUMBER("M", "2", "minute(rs_t)") \
    T_NUMBER("S", "2", "second(rs_t)") T_NUMBER("j", "3", "day_of_year(rs_t)") \
    T_NUMBER("U", "2", "(day_of_year(rs_t) + 6 - " T_WEEKDAY ") / 7") \
    T_NUMBER("W", "2", "(day_of_year(rs_t) + 6 - (day_of_week(rs_t) - 1)) / 7") \
    T_NUMBER("V", "2", "week(rs_t)") \
    "WHEN '%G' THEN lpad(CAST(year_of_week(rs_t) AS varchar), 4, '0') " \
    "WHEN '%u' THEN CAST(day_of_week(rs_t) AS varchar) WHEN '%w' THEN CAST(" T_WEEKDAY \
    " AS varchar) WHEN '%p' THEN CASE WHEN hour(rs_t) < 12 THEN 'AM' ELSE 'PM' END " \
    "WHEN '%f' THEN " T_MICROS("rs_t") " WHEN '%g' THEN substr(" T_MICROS("rs_t") ", 1, 3) " \
    "WHEN '%a' THEN date_format(rs_t, '%a') WHEN '%A' THEN date_format(rs_t, '%W') " \
    "WHEN '%b' THEN date_format(rs_t, '%b') WHEN '%B' THEN date_format(rs_t, '%M') " \
    "WHEN '%c' THEN date_format(rs_t, '%Y-%m-%d %H:%i:%s') " \
    "WHEN '%x' THEN date_format(rs_t, '%Y-%m-%d') WHEN '%X' THEN date_format(rs_t, '%H:%i:%s') " \
    "WHEN '%z' THEN " offset " WHEN '%Z' THEN " zone " WHEN '%%' THEN '%'") \
  "fail('\"' || rs_d || '\" has no place in a format here.') ELSE rs_d END END), '') END")

/* The text s by the format f, as a timestamp of which the first is the wall's time. What the format
** leaves out is that of 1900, as in DuckDB. Joda's letters, by which Trino reads, are fewer. */
#define T_STRPTIME(f, s) \
  T_LET("CASE WHEN regexp_like(" FORMAT_OF(f) ", '%Y') THEN CAST(" f " AS varchar) ELSE '%Y ' || " \
        "CAST(" f " AS varchar) END", \
        "rs_f", "parse_datetime(CASE WHEN rs_f = " f " THEN CAST(" s " AS varchar) ELSE '1900 ' " \
        "|| CAST(" s " AS varchar) END, " \
        T_PARTS("rs_f", "WHEN '%Y' THEN 'yyyy' WHEN '%m' THEN 'MM' WHEN '%-m' THEN 'MM' " \
          "WHEN '%d' THEN 'dd' WHEN '%-d' THEN 'dd' WHEN '%H' THEN 'HH' WHEN '%-H' THEN 'HH' " \
          "WHEN '%I' THEN 'hh' WHEN '%-I' THEN 'hh' WHEN '%M' THEN 'mm' WHEN '%-M' THEN 'mm' " \
          "WHEN '%S' THEN 'ss' WHEN '%-S' THEN 'ss' WHEN '%p' THEN 'a' WHEN '%b' THEN 'MMM' " \
          "WHEN '%B' THEN 'MMMM' WHEN '%j' THEN 'DDD' WHEN '%z' THEN 'Z' WHEN '%%' THEN '''%'''") \
        "fail('\"' || rs_d || '\" has no place in a format of texts that are parsed, on Trino.') " \
        "ELSE '''' || replace(rs_d, '''', '''''') || '''' END END), ''))")
#define T_PARSED(f, s) "CAST(" T_STRPTIME(f, s) " AS timestamp(6))"

/* As a timestamp: what has no %z is of that zone. */
#define T_ZONED(f, s, zone) \
  "CAST(CASE WHEN regexp_like(" f ", '%z') THEN " T_STRPTIME(f, s) " ELSE with_timezone(" \
  T_PARSED(f, s) ", " zone ") END AS timestamp(6) with time zone) AT TIME ZONE 'UTC'"
/* The offset of so many seconds, and of the timestamp $2 in the zone $3. */
#define T_OFFSET(seconds) \
  T_LET(seconds, "rs_o", "CASE WHEN rs_o < 0 THEN '-' ELSE '+' END || lpad(CAST(abs(rs_o) / " \
        "3600 AS varchar), 2, '0') || lpad(CAST(abs(rs_o) / 60 % 60 AS varchar), 2, '0')")
#define T_AWAY \
  "(timezone_hour($2 AT TIME ZONE $3) * 3600 + timezone_minute($2 AT TIME ZONE $3) * 60)"

/* The start of x's bucket of so many milliseconds, or months, from the origin on, which is of x's
** type. */
#define T_BUCKET(interval, x, origin) \
  "(" origin " + CAST(floor(date_diff('millisecond', " origin ", date_trunc('millisecond', " x \
  ")) * 1e0 / to_milliseconds(" interval ")) AS bigint) * " interval ")"
#define T_MONTHS_OF(interval) \
  "(12 * extract(YEAR FROM " interval ") + extract(MONTH FROM " interval "))"
#define T_BUCKET_MONTHS(interval, x, origin) \
  "date_add('month', CAST(floor(date_diff('month', date_trunc('month', " origin \
  "), date_trunc('month', " x ")) * 1e0 / " T_MONTHS_OF(interval) ") AS bigint) * " \
  T_MONTHS_OF(interval) ", " origin ")"
#define T_EPOCH "TIMESTAMP '1970-01-01 00:00:00.000000'"
#define T_EPOCH_UTC "TIMESTAMP '1970-01-01 00:00:00.000000 UTC'"
// clang-format on
#endif
