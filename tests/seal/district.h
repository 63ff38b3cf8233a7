/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "authority.h"
#include "directory.h"
#include "envelope.h"

G_BEGIN_DECLS

/* A small district for the tests of this folder: authority, people, a kiosk, a group, recovery, a signed directory. */

#define DISTRICT_NOW (G_GINT64_CONSTANT (1793491200) * G_USEC_PER_SEC)

typedef struct
{
  char *id;
  AnxKey *sign_key;
  AnxKey *seal_key;
  AnxCertificate *sign_certificate;
  AnxCertificate *seal_certificate;
} Person;

typedef struct
{
  AnxAuthority *authority;
  AnxCertificate *ca;
  GPtrArray *people;
  AnxDirectory *directory;
} District;

District *district_new (void);
void      district_free (District *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (District, district_free)

Person  *district_person (District *self, const char *id);
Person  *district_enrol (District *self, const char *id);
void     district_renew (District *self, Person *person); /* new certificates of the same keys */
/* The directory's JSON, to be changed and signed again by a test. */
JsonObject *district_describe (District *self, gint64 version, const char *previous);
GBytes     *district_sign (District *self, JsonObject *json);

AnxRecordHeader *district_header (const char *author, const char *const *recipients);
JsonNode        *district_resource (void);
GBytes          *district_envelope (District *self, const char *author, const char *const *recipients);

GBytes          *district_make_pdf (void);

/* Every byte of @good with one bit changed, and every length cut: the test ends with the place when @opens takes one. Each call changes another
   bit of each byte; `-m slow` all eight. */
typedef gboolean (*DistrictOpens) (GBytes *bytes, gpointer data, GError **error);
void             district_check_every_byte (GBytes *good, DistrictOpens opens, gpointer data);

G_END_DECLS
