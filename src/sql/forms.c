/*
** The engines' forms (see forms.h).
*/
#include "forms.h"

const struct rs_forms rs_forms_standard = {
  .set = RS_FORMS_STANDARD,
  .timestamp = "TIMESTAMP WITH TIME ZONE ",
  .null_timestamp = "CAST($ AS TIMESTAMPTZ)",
  .divide = " / ",
  .wide = "CAST($ AS BIGINT)",
};

const struct rs_forms rs_forms_duckdb = {
  .set = RS_FORMS_DUCKDB,
  .hex = "unhex($)",
  .text_bytes = "encode($)",
  .timestamp = "TIMESTAMPTZ ",
  .null_timestamp = "CAST($ AS TIMESTAMPTZ)",
  .empty_object = "CAST('{}' AS JSON)",
  .raise = "error($)",
  .divide = " // ", // which divides floats as floats
  .wide = "$::BIGINT",
  .date = "CAST($ AS DATE)",
  .at_zone = {"$ AT TIME ZONE @", "$ AT TIME ZONE @", "$ AT TIME ZONE @"},
  .json_text = "($ ->> '$')",
  .json_is_null = "json_type($) = 'NULL'",
  .json_value = "to_json($)",
  .json_list = "JSON[]",
  .element = "$[@]",
  .slices = true,
  .array_open = "[",
  .json_item = "$",
  .object_open = "{",
  .object_close = "}",
  .json_array_open = "json_array(",
  .json_array_close = ")",
  .object_star = "unnest($)",
  .aliases = true,
  .star_except = " EXCLUDE ",
  .sample_percent = true,
};

const struct rs_forms rs_forms_trino = {
  .set = RS_FORMS_TRINO,
  .hex = "X$",
  .text_bytes = "to_utf8($)",
  .timestamp = "TIMESTAMP ",
  .null_timestamp = "CAST($ AS timestamp(6) with time zone)",
  .empty_object = "JSON '{}'",
  .null_number = "CAST(NULL AS bigint)",
  .interval_literals = true,
  .raise = "fail($)",
  .divide = " / ",
  .at_zone = {"with_timezone($, @)", "CAST($ AT TIME ZONE @ AS timestamp(6))", "$ AT TIME ZONE @"},
  .zone_offsets = true,
  .json_text = "CAST($ AS varchar)",
  .json_is_null = "$ = JSON 'null'",
  .json_value = "CAST($ AS json)",
  .json_list = "array(json)",
  .json_casts = true,
  .element = "element_at($, @)",
  .element_function = true,
  .array_open = "ARRAY[",
  .json_item = "json_format(CAST($ AS json)) FORMAT JSON",
  .object_open = "json_parse(json_object(",
  .object_close = " NULL ON NULL))",
  .json_array_open = "json_parse(json_array(",
  .json_array_close = " NULL ON NULL))",
  .object_star = "$.*",
  .group_distinct = true,
  .offset_first = true,
};
