/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What somebody keeps for themselves, under a code that only they know: sealed with a key that is derived slowly from the code
 * (scrypt, as code-key.h), and found again by a tag that is derived with it and tells nothing of it. For hours, not for years. Any thread.
 */
GBytes *anx_code_seal (const char *normalised_code, const char *salt, GBytes *plain, char **out_tag, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char   *anx_code_seal_tag (const char *normalised_code, const char *salt, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *anx_code_open (const char *normalised_code, const char *salt, GBytes *sealed, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
