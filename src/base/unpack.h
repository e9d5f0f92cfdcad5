/*
** xz, Zstandard and LZ4 data unpacked piece by piece and verified, by liblzma, libzstd and liblz4,
** which are opened when they are first needed. As gunzip.h, whose callbacks these take.
**
** Memory: what the data's window asks for, at most 256 MB. Errors: RS_UNSUPPORTED where the library
** is not there, else as rs_gunzip's.
*/
#ifndef RS_BASE_UNPACK_H
#define RS_BASE_UNPACK_H
#include "gunzip.h"

enum rs_code rs_unpack_xz(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx,
                          struct rs_error *e);
enum rs_code rs_unpack_zstd(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx,
                            struct rs_error *e);
/* LZ4 frames, by liblz4. */
enum rs_code rs_unpack_lz4(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx,
                           struct rs_error *e);
#endif
