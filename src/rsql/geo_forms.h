/*
** Geography as expressions of DuckDB, whose spatial extension is not there, and of Trino, whose own
** has no typed values, no great circles as edges, and none beyond the poles.
**
** A geography is a typed value, {"__rockset_type": "GEOGRAPHY", "value": GeoJSON}, in answers and
** in documents alike; GeoJSON alone is taken for one, too. Longitudes are between -180 and 180,
** latitudes between -90 and 90: what is beyond goes on around the sphere. Edges are great circles,
** lengths are of a sphere with the earth's mean radius.
**
** Templates of function_table.c: `$$` is a dollar.
*/
#ifndef RS_RSQL_GEO_FORMS_H
#define RS_RSQL_GEO_FORMS_H
#include "time_forms.h" /* T_LET */

// clang-format off
#define GEO(geojson) \
  "json_object('__rockset_type', 'GEOGRAPHY', 'value', " geojson ")"
#define GEOJSON_OF(x) \
  "nullif(coalesce(json_extract(to_json(" x "), '$$.value'), to_json(" x ")), CAST('null' AS JSON))"
#define GEO_TYPE(v) "json_extract_string(" v ", '$$.type')"
#define GEO_POINT(v) "CAST(json_extract(" v ", '$$.coordinates') AS DOUBLE[])"
#define IS_POINT(v) "coalesce(" GEO_TYPE(v) " = 'Point', false)"
#define IS_AREA(v) "coalesce(" GEO_TYPE(v) " IN ('Polygon', 'MultiPolygon'), false)"

/* The same for Trino, of JSON's text. */
#define T_GEO(geojson) \
  "json_parse('{\"__rockset_type\":\"GEOGRAPHY\",\"value\":' || " geojson " || '}')"
#define T_GEOJSON_OF(x) \
  T_LET("CAST(" x " AS json)", "rs_x", "CASE WHEN json_format(rs_x) <> 'null' THEN " \
        "coalesce(json_extract(rs_x, '$$.value'), rs_x) END")
#define T_GEO_TYPE(v) "json_extract_scalar(" v ", '$$.type')"
#define T_COORDINATES(v, type) "CAST(json_extract(" v ", '$$.coordinates') AS " type ")"
#define T_POINT(v) T_COORDINATES(v, "array(double)")
#define T_IS_POINT(v) "coalesce(" T_GEO_TYPE(v) " = 'Point', FALSE)"
#define T_IS_AREA(v) "coalesce(" T_GEO_TYPE(v) " IN ('Polygon', 'MultiPolygon'), FALSE)"
#define T_RING "array(array(double))"
#define T_RINGS "array(" T_RING ")"
#define T_AREAS "array(" T_RINGS ")"

/* The pair rs_p as a place of the sphere. */
#define GEO_TURN(x) \
  "CASE WHEN abs(" x ") <= 180 THEN " x " ELSE " x " - 360 * floor((" x " + 180) / 360) END"
#define GEO_PLACE \
  "CASE WHEN abs(rs_p[1]) <= 180 AND abs(rs_p[2]) <= 90 THEN rs_p ELSE list_transform([" \
  GEO_TURN("rs_p[2]") "], rs_t -> CASE WHEN abs(rs_t) <= 90 THEN [" GEO_TURN("rs_p[1]") \
  ", rs_t] ELSE [" GEO_TURN("(rs_p[1] + 180)") ", sign(rs_t) * 180 - rs_t] END)[1] END"
#define GEO_PLACES(list) "list_transform(" list ", rs_p -> " GEO_PLACE ")"
#define T_GEO_PLACE \
  "CASE WHEN abs(rs_p[1]) <= 180 AND abs(rs_p[2]) <= 90 THEN rs_p ELSE " \
  T_LET(GEO_TURN("rs_p[2]"), "rs_t", \
        "CASE WHEN abs(rs_t) <= 90 THEN ARRAY[" GEO_TURN("rs_p[1]") ", rs_t] ELSE ARRAY[" \
        GEO_TURN("(rs_p[1] + 180)") ", sign(rs_t) * 180 - rs_t] END") " END"
#define T_GEO_PLACES(list) "transform(" list ", rs_p -> " T_GEO_PLACE ")"

#define GEO_FROM_POINT(lon, lat) \
  "CASE WHEN " lon " IS NOT NULL AND " lat " IS NOT NULL THEN " \
  GEO("json_object('type', 'Point', 'coordinates', (" \
      GEO_PLACES("[[CAST(" lon " AS DOUBLE), CAST(" lat " AS DOUBLE)]]") ")[1])") " END"

#define T_GEO_FROM_POINT(lon, lat) \
  "CASE WHEN " lon " IS NOT NULL AND " lat " IS NOT NULL THEN " \
  T_GEO(T_OBJECT("Point", T_GEO_PLACES("ARRAY[ARRAY[CAST(" lon " AS double), CAST(" lat \
                                       " AS double)]]") "[1]")) " END"
#define T_OBJECT(type, coordinates) \
  "'{\"type\":\"" type "\",\"coordinates\":' || json_format(CAST(" coordinates " AS json)) || '}'"

/* WKT whose pairs, in the text rs_g, are JSON already. */
#define WKT_LIST(type) \
  "TRY_CAST(TRY_CAST(translate(substr(rs_g, strpos(rs_g, '(')), '()', '[]') AS JSON) AS " type ")"
#define WKT_OBJECT(type, coordinates) \
  "json_object('type', '" type "', 'coordinates', " coordinates ")"
#define GEO_FROM_TEXT(text) \
  "list_transform([regexp_replace(upper(trim(" text ")), '(-?[0-9.]+(?:E[-+]?[0-9]+)?)\\s+" \
  "(-?[0-9.]+(?:E[-+]?[0-9]+)?)', '[\\1,\\2]', 'g')], rs_g -> list_transform([CASE " \
  "regexp_extract(rs_g, '^[A-Z]+') WHEN 'POINT' THEN " \
  WKT_OBJECT("Point", "(" GEO_PLACES(WKT_LIST("DOUBLE[][]")) ")[1]") " WHEN 'LINESTRING' THEN " \
  WKT_OBJECT("LineString", GEO_PLACES(WKT_LIST("DOUBLE[][]"))) " WHEN 'POLYGON' THEN " \
  WKT_OBJECT("Polygon", "list_transform(" WKT_LIST("DOUBLE[][][]") ", rs_r -> " \
             GEO_PLACES("rs_r") ")") " WHEN 'MULTIPOLYGON' THEN " \
  WKT_OBJECT("MultiPolygon", "list_transform(" WKT_LIST("DOUBLE[][][][]") ", rs_m -> " \
             "list_transform(rs_m, rs_r -> " GEO_PLACES("rs_r") "))") \
  " END], rs_v -> CASE WHEN json_type(rs_v, '$$.coordinates') = 'ARRAY' THEN " GEO("rs_v") \
  " WHEN rs_g IS NOT NULL THEN error('Function `ST_GEOGFROMTEXT`: \"' || rs_g || '\" is no " \
  "POINT, LINESTRING, POLYGON or MULTIPOLYGON.') END)[1])[1]"

#define T_WKT_LIST(type) \
  "TRY_CAST(TRY(json_parse(translate(substr(rs_g, strpos(rs_g, '(')), '()', '[]'))) AS " type ")"
#define T_GEO_FROM_TEXT(text) \
  T_LET("regexp_replace(upper(trim(" text ")), '(-?[0-9.]+(?:E[-+]?[0-9]+)?)\\s+" \
        "(-?[0-9.]+(?:E[-+]?[0-9]+)?)', '[$$1,$$2]')", "rs_g", \
        T_LET("CASE regexp_extract(rs_g, '^[A-Z]+') WHEN 'POINT' THEN " \
              T_OBJECT("Point", "element_at(" T_GEO_PLACES(T_WKT_LIST(T_RING)) ", 1)") \
              " WHEN 'LINESTRING' THEN " \
              T_OBJECT("LineString", T_GEO_PLACES(T_WKT_LIST(T_RING))) " WHEN 'POLYGON' THEN " \
              T_OBJECT("Polygon", "transform(" T_WKT_LIST(T_RINGS) ", rs_r -> " \
                       T_GEO_PLACES("rs_r") ")") " WHEN 'MULTIPOLYGON' THEN " \
              T_OBJECT("MultiPolygon", "transform(" T_WKT_LIST(T_AREAS) ", rs_m -> " \
                       "transform(rs_m, rs_r -> " T_GEO_PLACES("rs_r") "))") " END", "rs_v", \
              "CASE WHEN rs_v IS NOT NULL THEN " T_GEO("rs_v") " WHEN rs_g IS NOT NULL THEN " \
              "fail('Function `ST_GEOGFROMTEXT`: \"' || rs_g || '\" is no POINT, LINESTRING, " \
              "POLYGON or MULTIPOLYGON.') END"))

#define GEO_TEXT(x) \
  "list_transform([" GEOJSON_OF(x) "], rs_v -> list_transform([replace(translate(regexp_replace(" \
  "regexp_replace(CAST(json_extract(rs_v, '$$.coordinates') AS VARCHAR), '\\.0([],])', '\\1', " \
  "'g'), '\\[(-?[0-9][-+0-9.eE]*),(-?[0-9][-+0-9.eE]*)(?:,[^]]*)?\\]', '\\1 \\2', 'g'), '[]', " \
  "'()'), ',', ', ')], rs_c -> upper(" GEO_TYPE("rs_v") ") || CASE WHEN " IS_POINT("rs_v") \
  " THEN '(' || rs_c || ')' ELSE rs_c END)[1])[1]"

#define T_GEO_TEXT(x) \
  T_LET(T_GEOJSON_OF(x), "rs_v", \
        T_LET("replace(translate(regexp_replace(regexp_replace(json_format(json_extract(rs_v, " \
              "'$$.coordinates')), '\\.0([\\],])', '$$1'), " \
              "'\\[(-?[0-9][-+0-9.eE]*),(-?[0-9][-+0-9.eE]*)(?:,[^\\]]*)?\\]', '$$1 $$2'), " \
              "'[]', '()'), ',', ', ')", "rs_c", \
              "upper(" T_GEO_TYPE("rs_v") ") || CASE WHEN " T_IS_POINT("rs_v") \
              " THEN '(' || rs_c || ')' ELSE rs_c END"))

#define GEO_COORDINATE(name, x, i) \
  "list_transform([" GEOJSON_OF(x) "], rs_v -> CASE WHEN " IS_POINT("rs_v") " THEN (" \
  GEO_POINT("rs_v") ")[" i "] WHEN rs_v IS NOT NULL THEN error('Function `" name \
  "`: the geography is no point.') END)[1]"

#define T_GEO_COORDINATE(name, x, i) \
  T_LET(T_GEOJSON_OF(x), "rs_v", \
        "CASE WHEN " T_IS_POINT("rs_v") " THEN (" T_POINT("rs_v") ")[" i "] WHEN rs_v IS NOT " \
        "NULL THEN fail('Function `" name "`: the geography is no point.') END")

/* Of two: rs_v.a and rs_v.b; null where one is. */
#define GEO_BOTH(a, b, body) \
  "list_transform([{'a': " GEOJSON_OF(a) ", 'b': " GEOJSON_OF(b) "}], rs_v -> CASE WHEN rs_v.a " \
  "IS NULL OR rs_v.b IS NULL THEN NULL " body " END)[1]"

#define T_GEO_BOTH(a, b, body) \
  T_LET("CAST(ROW(" T_GEOJSON_OF(a) ", " T_GEOJSON_OF(b) ") AS row(a json, b json))", "rs_v", \
        "CASE WHEN rs_v.a IS NULL OR rs_v.b IS NULL THEN NULL " body " END")

/* The haversine; rs_o.a and rs_o.b are points. The radius is 6371.01 km. */
#define GEO_METRES \
  "12742020 * asin(least(1, sqrt(pow(sin(radians(rs_o.b[2] - rs_o.a[2]) / 2), 2) + " \
  "cos(radians(rs_o.a[2])) * cos(radians(rs_o.b[2])) * " \
  "pow(sin(radians(rs_o.b[1] - rs_o.a[1]) / 2), 2))))"
#define GEO_DISTANCE(a, b) \
  GEO_BOTH(a, b, "WHEN " IS_POINT("rs_v.a") " AND " IS_POINT("rs_v.b") \
           " THEN list_transform([{'a': " GEO_POINT("rs_v.a") ", 'b': " GEO_POINT("rs_v.b") \
           "}], rs_o -> " GEO_METRES \
           ")[1] ELSE error('Function `ST_DISTANCE`: here between points only.')")
#define T_GEO_DISTANCE(a, b) \
  T_GEO_BOTH(a, b, "WHEN " T_IS_POINT("rs_v.a") " AND " T_IS_POINT("rs_v.b") " THEN " \
             T_LET("CAST(ROW(" T_POINT("rs_v.a") ", " T_POINT("rs_v.b") \
                   ") AS row(a array(double), b array(double)))", "rs_o", GEO_METRES) \
             " ELSE fail('Function `ST_DISTANCE`: here between points only.')")

/* Does the ring go around the place rs_o.o? The angles at which its corners are seen from there add
** up to a whole turn then. A corner itself is in it. */
#define GEO_ANGLE \
  "atan2(sin(radians(rs_q[1] - rs_o.o[1])) * cos(radians(rs_q[2])), cos(radians(rs_o.o[2])) * " \
  "sin(radians(rs_q[2])) - sin(radians(rs_o.o[2])) * cos(radians(rs_q[2])) * " \
  "cos(radians(rs_q[1] - rs_o.o[1])))"
#define GEO_BETWEEN "atan2(sin(rs_z[rs_i + 1] - rs_z[rs_i]), cos(rs_z[rs_i + 1] - rs_z[rs_i]))"
#define GEO_AROUND(ring) \
  "(list_contains(" ring ", rs_o.o) OR list_transform([list_transform(" ring ", rs_q -> " \
  GEO_ANGLE ")], rs_z -> abs(list_sum(list_transform(range(1, len(rs_z)), rs_i -> " GEO_BETWEEN \
  "))) > pi())[1])"
#define T_GEO_AROUND(ring) \
  "(contains(" ring ", rs_o.o) OR " \
  T_LET("transform(" ring ", rs_q -> " GEO_ANGLE ")", "rs_z", \
        "CASE WHEN cardinality(rs_z) > 1 THEN abs(reduce(sequence(1, cardinality(rs_z) - 1), " \
        "0e0, (rs_s, rs_i) -> rs_s + " GEO_BETWEEN ", rs_s -> rs_s)) > pi() ELSE FALSE END") ")"
/* Is the point within the area: in a polygon's first ring, and in none of its holes? */
#define GEO_WITHIN(area, point) \
  "list_transform([{'p': CASE WHEN " GEO_TYPE(area) " = 'Polygon' THEN [CAST(json_extract(" area \
  ", '$$.coordinates') AS DOUBLE[][][])] ELSE CAST(json_extract(" area ", '$$.coordinates') AS " \
  "DOUBLE[][][][]) END, 'o': " GEO_POINT(point) "}], rs_o -> len(list_filter(rs_o.p, rs_p -> " \
  GEO_AROUND("rs_p[1]") " AND len(list_filter(rs_p[2:], rs_r -> " GEO_AROUND("rs_r") \
  ")) = 0)) > 0)[1]"
#define T_GEO_WITHIN(area, point) \
  T_LET("CAST(ROW(CASE WHEN " T_GEO_TYPE(area) " = 'Polygon' THEN ARRAY[" \
        T_COORDINATES(area, T_RINGS) "] ELSE " T_COORDINATES(area, T_AREAS) " END, " \
        T_POINT(point) ") AS row(p " T_AREAS ", o array(double)))", "rs_o", \
        "cardinality(filter(rs_o.p, rs_p -> " T_GEO_AROUND("rs_p[1]") \
        " AND cardinality(filter(slice(rs_p, 2, cardinality(rs_p)), rs_r -> " T_GEO_AROUND("rs_r") \
        ")) = 0)) > 0")
#define GEO_SAME "WHEN " IS_POINT("rs_v.a") " AND " IS_POINT("rs_v.b") " THEN " \
  GEO_POINT("rs_v.a") " = " GEO_POINT("rs_v.b") " "
#define T_GEO_SAME "WHEN " T_IS_POINT("rs_v.a") " AND " T_IS_POINT("rs_v.b") " THEN " \
  T_POINT("rs_v.a") " = " T_POINT("rs_v.b") " "
#define ONLY(name) \
  "('Function `" name "`: here of a polygon or multipolygon and a point only.')"
#define GEO_ONLY(name) "ELSE error" ONLY(name)
#define T_GEO_ONLY(name) "ELSE fail" ONLY(name)
#define GEO_CONTAINS(a, b) \
  GEO_BOTH(a, b, GEO_SAME "WHEN " IS_AREA("rs_v.a") " AND " IS_POINT("rs_v.b") " THEN " \
           GEO_WITHIN("rs_v.a", "rs_v.b") " WHEN " IS_POINT("rs_v.a") " THEN false " \
           GEO_ONLY("ST_CONTAINS"))
#define GEO_INTERSECTS(a, b) \
  GEO_BOTH(a, b, GEO_SAME "WHEN " IS_AREA("rs_v.a") " AND " IS_POINT("rs_v.b") " THEN " \
           GEO_WITHIN("rs_v.a", "rs_v.b") " WHEN " IS_POINT("rs_v.a") " AND " IS_AREA("rs_v.b") \
           " THEN " GEO_WITHIN("rs_v.b", "rs_v.a") " " GEO_ONLY("ST_INTERSECTS"))
#define T_GEO_CONTAINS(a, b) \
  T_GEO_BOTH(a, b, T_GEO_SAME "WHEN " T_IS_AREA("rs_v.a") " AND " T_IS_POINT("rs_v.b") " THEN " \
             T_GEO_WITHIN("rs_v.a", "rs_v.b") " WHEN " T_IS_POINT("rs_v.a") " THEN FALSE " \
             T_GEO_ONLY("ST_CONTAINS"))
#define T_GEO_INTERSECTS(a, b) \
  T_GEO_BOTH(a, b, T_GEO_SAME "WHEN " T_IS_AREA("rs_v.a") " AND " T_IS_POINT("rs_v.b") " THEN " \
             T_GEO_WITHIN("rs_v.a", "rs_v.b") " WHEN " T_IS_POINT("rs_v.a") " AND " \
             T_IS_AREA("rs_v.b") " THEN " T_GEO_WITHIN("rs_v.b", "rs_v.a") " " \
             T_GEO_ONLY("ST_INTERSECTS"))
// clang-format on
#endif
