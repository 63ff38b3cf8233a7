/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "directory.h"
#include "questionnaire.h"

G_BEGIN_DECLS

/*
 * One visit of one resident, in the resident process: the connection to the shell, the directory, and what this visit has
 * brought so far. Everything dies with the process. Main thread.
 *
 * Signals:
 *   link-state-changed ()
 *   acknowledged (const char *record_id)
 *   alert-answered (const char *alert_id)
 *   alert-signal (const char *sender, const char *alert_id, JsonObject *body)
 *   signal-received (const char *sender, const char *call, JsonObject *body)
 *   active ()                              somebody touched or typed
 *   begin (const char *language, const char *page)   the first touch
 */
#define ANX_TYPE_RESIDENT (anx_resident_get_type ())
G_DECLARE_FINAL_TYPE (AnxResident, anx_resident, ANX, RESIDENT, GObject)

/* @connection: the private socket to the shell. Fetches context and directory; blocks a moment (the spare process has the time). */
AnxResident  *anx_resident_new (GDBusConnection *connection, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxDirectory *anx_resident_get_directory (AnxResident *self);
JsonObject   *anx_resident_get_context (AnxResident *self);      /* see GetContext in org.anxin.Shell1.xml */
const char   *anx_resident_get_principal (AnxResident *self);    /* the kiosk */
const char   *anx_resident_get_centre (AnxResident *self);
const char   *anx_resident_get_room (AnxResident *self);
const char   *anx_resident_get_zone (AnxResident *self);         /* the centre's time zone */
gboolean      anx_resident_is_online (AnxResident *self);
guint         anx_resident_count_queued (AnxResident *self);

/* A request of the hub's API through the shell. Errors: G_IO_ERROR_NOT_CONNECTED (offline), _EXISTS (conflict), _NOT_FOUND (unknown),
 * _BUSY, _NO_SPACE (storage), _FAILED; the message is for people, in their language. */
void      anx_resident_request_async (AnxResident *self, const char *method, const char *path, JsonNode *body,
                                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
JsonNode *anx_resident_request_finish (AnxResident *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After a conflict: the hub's problem object, for example with "alternatives". Owned by @result; (nullable). */
JsonObject *anx_resident_get_problem (GAsyncResult *result);

/* Seals here, then hands to the shell; finishes when the record is in the outbox on the disk. Gives the record's id. @routing (nullable). */
/* @predecessor (nullable): the record that this one takes the place of. */
void  anx_resident_submit_async (AnxResident *self, const char *kind, const char *const *recipients, const char *predecessor,
                                 JsonObject *routing, JsonObject *fhir, GAsyncReadyCallback callback, gpointer user_data);
char *anx_resident_submit_finish (AnxResident *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *anx_resident_find_group (AnxResident *self, const char *role) G_GNUC_WARN_UNUSED_RESULT; /* this centre's group "staff" or "duty"; (nullable) */

/* The crisis alert, offline too: neither waits for the disk; it is there when get_alert names it, and "alert-changed" tells. @reason: a rule's
 * code or "help-button". */
void        anx_resident_raise_alert (AnxResident *self, AnxLevel level, const char *reason);
void        anx_resident_call_help (AnxResident *self, AnxLevel level, const char *reason); /* no second one while one waits */
const char *anx_resident_get_alert (AnxResident *self);          /* (nullable) the last one that is on the disk */
const char *anx_resident_get_newest_alert (AnxResident *self);   /* (nullable) on the disk or on its way there */
AnxLevel    anx_resident_get_alert_level (AnxResident *self);    /* of the last one raised */
gboolean    anx_resident_is_alert_rising (AnxResident *self);    /* one was raised since, and is not on the disk yet */
gboolean    anx_resident_is_alert_failing (AnxResident *self);   /* it could not be written, and is tried again */
gboolean    anx_resident_is_alert_unsealed (AnxResident *self);  /* nor sealed for anybody */

/* What this visit has brought: the booking object of the hub's API, and the code in clear. */
void        anx_resident_set_booking (AnxResident *self, JsonObject *booking, const char *code); /* (nullable) */
JsonObject *anx_resident_get_booking (AnxResident *self);        /* (nullable) */
const char *anx_resident_get_code (AnxResident *self);           /* (nullable) normalised */

gboolean    anx_resident_send_signal (AnxResident *self, const char *to, const char *call, JsonObject *body);
/* Signals of @call that came before anybody listened for them, oldest first: (element-type AnxSignal) of what signal-received gives. */
typedef struct
{
  char *sender;
  char *call;
  JsonObject *body;
} AnxSignal;
GPtrArray  *anx_resident_take_signals (AnxResident *self, const char *call) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_resident_is_acknowledged (AnxResident *self, const char *record_id); /* the hub has it */
gboolean    anx_resident_is_alert_answered (AnxResident *self);  /* a person has taken the alert */
gboolean    anx_resident_is_alert_nearby (AnxResident *self);    /* a desk of this centre has it */
const char *anx_resident_get_alert_helper (AnxResident *self);   /* (nullable) who is going, where it may be said */
/* Signs with the kiosk's key, in the shell; @context begins with "session-description:". */
void        anx_resident_sign_async (AnxResident *self, const char *context, const char *text, GAsyncReadyCallback callback, gpointer user_data);
char       *anx_resident_sign_finish (AnxResident *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What the shell keeps for a code, sealed by code-seal.h. Taking erases it; NULL without error: nothing is there, or *out_wait_seconds > 0. */
void        anx_resident_keep_draft_async (AnxResident *self, const char *tag, GBytes *sealed, guint hours, GAsyncReadyCallback callback, gpointer user_data);
gboolean    anx_resident_keep_draft_finish (AnxResident *self, GAsyncResult *result, GError **error);
void        anx_resident_take_draft_async (AnxResident *self, const char *tag, GAsyncReadyCallback callback, gpointer user_data);
GBytes     *anx_resident_take_draft_finish (AnxResident *self, GAsyncResult *result, guint *out_wait_seconds, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxCertificate *anx_resident_get_authority (AnxResident *self);
void        anx_resident_mark_ready (AnxResident *self);         /* the window is laid out: the shell may begin */
/* What is kept in memory is overwritten; the process must end now. */
void        anx_resident_wipe (AnxResident *self);
void        anx_resident_mark_active (AnxResident *self);        /* touch or typing, input methods too */

G_END_DECLS
