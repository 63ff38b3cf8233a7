/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "questionnaire.h"

G_BEGIN_DECLS

/*
 * Who is called about a crisis alert, in which order, and how long each has before the next is called: data/care/escalation.json.
 * Immutable, no I/O. Any thread.
 */
typedef struct _AnxEscalation AnxEscalation;

/**
 * AnxEscalationStep:
 * @name: for screens: duty, lead, district, or a site's own word
 * @roles: of the directory; the first role that anybody has counts, so that a district without its own duty falls back
 * @in_centre: people of the alert's centre only
 */
typedef struct
{
  const char *name;
  const char *const *roles;
  gboolean in_centre;
} AnxEscalationStep;

AnxEscalation *anx_escalation_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void           anx_escalation_free (AnxEscalation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxEscalation, anx_escalation_free)

guint                    anx_escalation_count (AnxEscalation *self);
const AnxEscalationStep *anx_escalation_get (AnxEscalation *self, guint step);
/* After a person of @step was called, until the next is. */
gint64                   anx_escalation_get_wait_usec (AnxEscalation *self, guint step, AnxLevel level);
/* After everybody was called, until it is looked who else there is now. */
gint64                   anx_escalation_get_again_usec (AnxEscalation *self, AnxLevel level);

G_END_DECLS
