/*
** SHA-384 and SHA-512 as an expression of DuckDB, which has no such function (FIPS 180-4). Numbers
** of 64 bits are HUGEINTs, so that sums and shifts to the left don't overflow before they are cut.
**
** A function's argument: rs_m is the padded message in hexadecimal digits, rs_h the state between
** two blocks, rs_w a block's words, rs_s the state between two rounds, rs_k a round's constant with
** its word.
*/
#ifndef RS_RSQL_SHA512_FORM_H
#define RS_RSQL_SHA512_FORM_H

// clang-format off
#define SHA_K \
  "4794697086780616226, 8158064640168781261, 13096744586834688815, 16840607885511220156, " \
  "4131703408338449720, 6480981068601479193, 10538285296894168987, 12329834152419229976, " \
  "15566598209576043074, 1334009975649890238, 2608012711638119052, 6128411473006802146, " \
  "8268148722764581231, 9286055187155687089, 11230858885718282805, 13951009754708518548, " \
  "16472876342353939154, 17275323862435702243, 1135362057144423861, 2597628984639134821, " \
  "3308224258029322869, 5365058923640841347, 6679025012923562964, 8573033837759648693, " \
  "10970295158949994411, 12119686244451234320, 12683024718118986047, 13788192230050041572, " \
  "14330467153632333762, 15395433587784984357, 489312712824947311, 1452737877330783856, " \
  "2861767655752347644, 3322285676063803686, 5560940570517711597, 5996557281743188959, " \
  "7280758554555802590, 8532644243296465576, 9350256976987008742, 10552545826968843579, " \
  "11727347734174303076, 12113106623233404929, 14000437183269869457, 14369950271660146224, " \
  "15101387698204529176, 15463397548674623760, 17586052441742319658, 1182934255886127544, " \
  "1847814050463011016, 2177327727835720531, 2830643537854262169, 3796741975233480872, " \
  "4115178125766777443, 5681478168544905931, 6601373596472566643, 7507060721942968483, " \
  "8399075790359081724, 8693463985226723168, 9568029438360202098, 10144078919501101548, " \
  "10430055236837252648, 11840083180663258601, 13761210420658862357, 14299343276471374635, " \
  "14566680578165727644, 15097957966210449927, 16922976911328602910, 17689382322260857208, " \
  "500013540394364858, 748580250866718886, 1242879168328830382, 1977374033974150939, " \
  "2944078676154940804, 3659926193048069267, 4368137639120453308, 4836135668995329356, " \
  "5532061633213252278, 6448918945643986474, 6902733635092675308, 7801388544844847127"
#define SHA512_INIT \
  "7640891576956012808, 13503953896175478587, 4354685564936845355, 11912009170470909681, " \
  "5840696475078001361, 11170449401992604703, 2270897969802886507, 6620516959819538809"
#define SHA384_INIT \
  "14680500436340154072, 7105036623409894663, 10473403895298186519, 1526699215303891257, " \
  "7436329637833083697, 10282925794625328401, 15784041429090275239, 5167115440072839076"

#define SHA_MASK "18446744073709551615"
#define SHA_ROTATE(x, right, left) \
  "(((" x " >> " right ") | (" x " << " left ")) & " SHA_MASK ")"
#define SHA_XOR3(a, b, c) "xor(xor(" a ", " b "), " c ")"

/* 80 words of the 16 of rs_w; what list_concat adds to them is only counted. */
#define SHA_WORDS \
  "list_reduce(list_concat([rs_w], list_transform(range(64), rs_i -> [CAST(rs_i AS HUGEINT)])), " \
  "(rs_w, rs_i) -> list_append(rs_w, (" \
  SHA_XOR3(SHA_ROTATE("rs_w[-2]", "19", "45"), SHA_ROTATE("rs_w[-2]", "61", "3"), \
           "(rs_w[-2] >> 6)") \
  " + rs_w[-7] + " \
  SHA_XOR3(SHA_ROTATE("rs_w[-15]", "1", "63"), SHA_ROTATE("rs_w[-15]", "8", "56"), \
           "(rs_w[-15] >> 7)") \
  " + rs_w[-16]) & " SHA_MASK "))"

#define SHA_ROUND \
  "list_transform([(rs_s[8] + " \
  SHA_XOR3(SHA_ROTATE("rs_s[5]", "14", "50"), SHA_ROTATE("rs_s[5]", "18", "46"), \
           SHA_ROTATE("rs_s[5]", "41", "23")) \
  " + xor(rs_s[5] & rs_s[6], (" SHA_MASK " - rs_s[5]) & rs_s[7]) + rs_k[1]) & " SHA_MASK \
  "], rs_t -> [(rs_t + " \
  SHA_XOR3(SHA_ROTATE("rs_s[1]", "28", "36"), SHA_ROTATE("rs_s[1]", "34", "30"), \
           SHA_ROTATE("rs_s[1]", "39", "25")) \
  " + xor(xor(rs_s[1] & rs_s[2], rs_s[1] & rs_s[3]), rs_s[2] & rs_s[3])) & " SHA_MASK \
  ", rs_s[1], rs_s[2], rs_s[3], (rs_s[4] + rs_t) & " SHA_MASK ", rs_s[5], rs_s[6], rs_s[7]])[1]"

/* The state behind a block. */
#define SHA_BLOCK \
  "list_transform(list_zip(rs_h, list_transform([" SHA_WORDS "], rs_w -> " \
  "list_reduce(list_concat([rs_h], list_transform(range(1, 81), rs_i -> [(rs_w[rs_i] + ([" SHA_K \
  "])[rs_i]) & " SHA_MASK "])), (rs_s, rs_k) -> " SHA_ROUND "))[1]), rs_x -> " \
  "(rs_x[1] + rs_x[2]) & " SHA_MASK ")"

/* The blocks of rs_m, of 16 words each. */
#define SHA_BLOCKS \
  "list_transform(range(CAST(length(rs_m) // 256 AS BIGINT)), rs_b -> list_transform(range(16), " \
  "rs_i -> CAST(CAST('0x' || substr(rs_m, CAST(rs_b * 256 + rs_i * 16 + 1 AS BIGINT), 16) AS " \
  "UBIGINT) AS HUGEINT)))"

#define SHA_PADDED(bytes) \
  "hex(" bytes ") || '80' || repeat('00', CAST((239 - octet_length(" bytes ") % 128) % 128 AS " \
  "BIGINT)) || printf('%032x', CAST(octet_length(" bytes ") * 8 AS BIGINT))"

/* init: the first state; words: how many of the last one are the digest. */
#define SHA_OF(bytes, init, words) \
  "list_transform([CAST(" bytes " AS BLOB)], rs_a -> CASE WHEN rs_a IS NOT NULL THEN " \
  "list_transform([" \
  SHA_PADDED("rs_a") "], rs_m -> unhex(array_to_string(list_transform((list_reduce(list_concat(" \
  "[CAST([" init "] AS HUGEINT[])], " SHA_BLOCKS "), (rs_h, rs_w) -> " SHA_BLOCK "))[1:" words \
  "], rs_x -> lpad(to_hex(CAST(rs_x AS UBIGINT)), 16, '0')), '')))[1] END)[1]"
#define SHA512(bytes) SHA_OF(bytes, SHA512_INIT, "8")
#define SHA384(bytes) SHA_OF(bytes, SHA384_INIT, "6")
// clang-format on
#endif
