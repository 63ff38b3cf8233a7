/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The resident's code: 8 characters of an alphabet without look-alikes (no 0 O 1 I L 2 Z 5 S 8 B U V), the last a checksum that
 * catches every single wrong character and every swap of neighbours. Written "XXXX-XXXX". Any thread.
 */
char    *anx_booking_code_new (void) G_GNUC_WARN_UNUSED_RESULT;                /* normalised, random */
char    *anx_booking_code_normalise (const char *typed, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* INVALID with a message for people */
char    *anx_booking_code_format (const char *code) G_GNUC_WARN_UNUSED_RESULT; /* XXXX-XXXX */
const char *anx_booking_code_alphabet (void);

G_END_DECLS
