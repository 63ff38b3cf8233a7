/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "referral.h"

G_BEGIN_DECLS

/*
 * Somebody outside asks a centre to look after a person: a hotline, a grid worker, an alarm. The sender's machine seals it to the staff of
 * that centre; README.md has the JSON it is made from. No I/O. Any thread.
 */
#define ANX_KIND_INTAKE "intake"

/* What the sender writes, as JSON. */
#define ANX_INTAKE_BYTES (64 * 1024)

typedef enum
{
  ANX_INTAKE_HOTLINE,
  ANX_INTAKE_GRID,  /* a grid worker, on the round */
  ANX_INTAKE_ALARM, /* police, a care button, another service's alarm */
  ANX_INTAKE_N_SOURCES,
} AnxIntakeSource;
const char *anx_intake_source_to_string (AnxIntakeSource source); /* hotline grid alarm */
gboolean    anx_intake_source_from_string (const char *text, AnxIntakeSource *out_source);

/* Texts may be NULL unless it is said that they are needed. One of telephone and address is. */
typedef struct
{
  char *id;              /* UUIDv7 of the case and of its record: the same again is the same case; needed */
  char *centre;          /* needed */
  AnxIntakeSource source;
  AnxUrgency urgency;
  char *number;          /* the sender's own, of at most 64 characters */
  char *name;            /* of the person; often nobody knows it */
  char *phone;
  char *address;
  char *reported;        /* what was said or seen; needed */
  char *reporter;        /* who said or saw it */
  char *reporter_phone;
  gboolean agreed;       /* the person knows of it and wants to be called on */
  gint64 reported_usec;
} AnxIntake;
void        anx_intake_free (AnxIntake *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxIntake, anx_intake_free)
AnxIntake  *anx_intake_parse (const char *text, gssize length, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *anx_intake_build (const AnxIntake *intake, const char *sender, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* Bundle: Patient, RelatedPerson, ServiceRequest */
AnxIntake  *anx_intake_read (JsonObject *fhir, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
