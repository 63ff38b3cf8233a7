/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "authority.h"
#include "hub-link.h"
#include "key-store.h"
#include "profile.h"

G_BEGIN_DECLS

/*
 * The administrator's folder of a district: `district.json`, the draft of the directory, plain and editable; `authority.pem`,
 * `directory.der` and `crl.der` as last published; `administrator/`, a client's profile; `hub/`, what the hub starts with. The
 * authority's and the groups' private keys are in the Secret Service.
 */
typedef struct _AnxDistrictFolder AnxDistrictFolder;

#define ANX_DRAFT_FILE "district.json"
#define ANX_AUTHORITY_FILE "authority.pem"
#define ANX_DIRECTORY_FILE "directory.der"
#define ANX_CRL_FILE "crl.der"
/* The authority's name in the Secret Service. */
#define ANX_AUTHORITY_PRINCIPAL "authority"

AnxDistrictFolder *anx_district_folder_open (const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void               anx_district_folder_free (AnxDistrictFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxDistrictFolder, anx_district_folder_free)

const char     *anx_district_folder_get_district (AnxDistrictFolder *self);
AnxAuthority   *anx_district_folder_get_authority (AnxDistrictFolder *self);
AnxKeyStore    *anx_district_folder_get_key_store (AnxDistrictFolder *self);
JsonObject     *anx_district_folder_get_draft (AnxDistrictFolder *self);
gboolean        anx_district_folder_save_draft (AnxDistrictFolder *self, GError **error);
GBytes         *anx_district_folder_read (AnxDistrictFolder *self, const char *name, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean        anx_district_folder_write (AnxDistrictFolder *self, const char *name, GBytes *bytes, GError **error);

JsonObject     *anx_district_folder_find_principal (AnxDistrictFolder *self, const char *id);

/* One request of the hub as the administrator; blocks until it is answered. */
AnxHubAnswer   *anx_district_folder_request (AnxDistrictFolder *self, const char *method, const char *path, const char *content_type,
                                             GBytes *body, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with JSON; an answer outside 2xx is an error of ANX_SYNC_ERROR with the hub's words. The answer may be empty. */
gboolean        anx_district_folder_request_json (AnxDistrictFolder *self, const char *method, const char *path, JsonObject *body,
                                                  JsonObject **out_answer, GError **error);

G_END_DECLS
