/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "certificate.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * The directory: who belongs to which centre and group with which role, signed by the authority. Immutable once opened.
 * Its JSON is described in src/seal/README.md. Any thread.
 */
#define ANX_TYPE_DIRECTORY (anx_directory_get_type ())
typedef struct _AnxDirectory AnxDirectory;
GType anx_directory_get_type (void);

/**
 * AnxPrincipalKind:
 * @ANX_PRINCIPAL_PERSON: counsellor, centre staff, department worker, administrator
 * @ANX_PRINCIPAL_KIOSK: a kiosk
 * @ANX_PRINCIPAL_GROUP: centre staff, duty or department group: has a seal key only
 * @ANX_PRINCIPAL_RECOVERY: the district's recovery key: has a seal certificate only
 */
typedef enum
{
  ANX_PRINCIPAL_PERSON,
  ANX_PRINCIPAL_KIOSK,
  ANX_PRINCIPAL_GROUP,
  ANX_PRINCIPAL_RECOVERY,
} AnxPrincipalKind;

#define ANX_RECOVERY_PRINCIPAL "recovery"

/* Owned by the directory. */
typedef struct
{
  const char *id;
  AnxPrincipalKind kind;
  const char *name;               /* shown to people; work name, never a resident's */
  const char *centre;             /* (nullable) */
  const char *room;               /* (nullable) kiosks */
  const char *const *roles;       /* persons: counsellor staff duty lead district-duty department administrator supervisor; groups: staff duty department */
  const char *const *members;     /* groups */
  AnxCertificate *sign_certificate; /* (nullable) groups and recovery have none */
  AnxCertificate *seal_certificate; /* (nullable) until enrolled */
  gboolean active;
  JsonObject *json;               /* the whole entry, for fields that concern screens: languages, profession, takes… */
} AnxPrincipal;

/* Verifies the signature and the form; @previous (nullable) must be older and named by the chain when versions adjoin. STALE, TAMPERED, UNTRUSTED, INVALID. */
AnxDirectory *anx_directory_open (GBytes *der, AnxCertificate *authority, AnxDirectory *previous, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxDirectory *anx_directory_ref (AnxDirectory *self);
void          anx_directory_unref (AnxDirectory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxDirectory, anx_directory_unref)

GBytes     *anx_directory_get_der (AnxDirectory *self);
gint64      anx_directory_get_version (AnxDirectory *self);
const char *anx_directory_get_digest (AnxDirectory *self);      /* SHA-256 of the signed JSON */
const char   *anx_directory_get_previous (AnxDirectory *self);   /* (nullable) */
const char *anx_directory_get_district (AnxDirectory *self);
JsonObject *anx_directory_get_json (AnxDirectory *self);         /* centres, services …: members of the root object */
JsonObject *anx_directory_get_centre (AnxDirectory *self, const char *id);   /* (nullable) {id,name,timezone,rooms:[{id,name,phone}],phone,hours} */
JsonArray  *anx_directory_get_services (AnxDirectory *self);     /* [{id,name,minutes,before,after,mode}] */

const AnxPrincipal *anx_directory_get_principal (AnxDirectory *self, const char *id); /* (nullable) */
GPtrArray *anx_directory_list_principals (AnxDirectory *self, AnxPrincipalKind kind, const char *role, const char *centre) G_GNUC_WARN_UNUSED_RESULT; /* (transfer container) (element-type AnxPrincipal); role, centre nullable = any */
const char *anx_directory_find_group (AnxDirectory *self, const char *role, const char *centre); /* (nullable) the first to which something can be sealed */
char     **anx_directory_list_groups_of (AnxDirectory *self, const char *principal) G_GNUC_WARN_UNUSED_RESULT;
gboolean   anx_directory_has_role (AnxDirectory *self, const char *principal, const char *role, const char *centre);
/* The seal certificates of @ids plus recovery, all active, else UNTRUSTED naming the first that is not. */
GPtrArray *anx_directory_resolve (AnxDirectory *self, const char *const *ids, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The group's seal key, unwrapped with the member's seal key. NOT_RECIPIENT if not a member. */
AnxKey    *anx_directory_unwrap_group_key (AnxDirectory *self, const char *group, const char *member, AnxKey *member_key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A key it had before; NULL without an error beyond the last. */
AnxKey    *anx_directory_unwrap_former_key (AnxDirectory *self, const char *group, guint index, const char *member, AnxKey *member_key,
                                            AnxCertificate **out_certificate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* For the administrator: CMS EnvelopedData of the group key's PKCS#8 for one member, Base64. */
char      *anx_directory_wrap_group_key (AnxKey *group_key, AnxCertificate *member, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
