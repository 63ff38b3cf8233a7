/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "certificate.h"

G_BEGIN_DECLS

/*
 * A client's data folder: `profile.json` (hub address, principal, pinned authority, own certificates; nothing secret),
 * `authority.pem`, `directory.der`, `client.db` (outbox and inbox). Private keys are in the key store. Main thread.
 */
#define ANX_TYPE_PROFILE (anx_profile_get_type ())
G_DECLARE_FINAL_TYPE (AnxProfile, anx_profile, ANX, PROFILE, GObject)

gboolean    anx_profile_exists (const char *folder);
AnxProfile *anx_profile_open (const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxProfile *anx_profile_create (const char *folder, const char *hub_url, const char *principal, AnxCertificate *authority,
                                AnxCertificate *sign_certificate, AnxCertificate *seal_certificate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
const char *anx_profile_get_folder (AnxProfile *self);
const char *anx_profile_get_hub_url (AnxProfile *self);
const char *anx_profile_get_principal (AnxProfile *self);
const char *anx_profile_get_district (AnxProfile *self);
AnxCertificate *anx_profile_get_authority (AnxProfile *self);
AnxCertificate *anx_profile_get_sign_certificate (AnxProfile *self);
AnxCertificate *anx_profile_get_seal_certificate (AnxProfile *self);
char       *anx_profile_build_path (AnxProfile *self, const char *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
