/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "key-store.h"
#include "profile.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Enrolment of a device or person. The code is 16 characters that pin the authority (80 bits of the SHA-256 of its
 * certificate's DER), 16 that are the one-time secret, 2 that check the rest; Crockford Base32, written in groups of four.
 */
char    *anx_enrolment_code_make (const char *authority_fingerprint, const guint8 secret[10]) G_GNUC_WARN_UNUSED_RESULT;
/* Splits and checks; tolerates case, spaces, dashes, O/0, I/L/1. ANX_SYNC_ERROR_INVALID with a message for people. */
gboolean anx_enrolment_code_parse (const char *code, char **out_pin, char **out_secret, GError **error);
/* What the hub stores: SHA-256 of the secret part, hex. */
char    *anx_enrolment_secret_hash (const char *secret) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Asks the hub for its authority, checks the pin, makes both keys in @store, claims the code, waits (polling) until the
 * administrator has signed, writes the profile. Restarting after a crash goes on where it was: keys in the store are reused.
 */
void        anx_enrol_async (const char *folder, const char *hub_url, const char *code, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
/* The same with another place for the keys; @store NULL is the Secret Service, scoped by the authority's district. */
void        anx_enrol_with_store_async (const char *folder, const char *hub_url, const char *code, AnxKeyStore *store,
                                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
AnxProfile *anx_enrol_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
