/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "clock.h"
#include "envelope.h"
#include "key-store.h"
#include "profile.h"

G_BEGIN_DECLS

/*
 * A client of the hub: outbox, inbox, directory and link, for one profile. Main thread; never blocks it on the network.
 * The story and the invariants are in README.md.
 *
 * Signals:
 *   state-changed ()                    online, offline, problem
 *   outbox-changed ()                   a record was queued, acknowledged or set aside
 *   record-arrived (AnxInboxRecord*)    a new record is on this machine's disk
 *   record-erased (const char *id)      by an order: it is not on this machine's disk any more
 *   directory-changed ()
 *   pushed (JsonObject*)                a WebSocket message other than "look": type "signal", "signal-failed"
 *   look (const char *what)             "bookings", "alerts" or "referrals" changed, says the hub; or may have, while nothing could be
 *                                       pushed: then also without a change of state
 *   noticed (const char *name, const char *detail)  something an honest hub does not do, or does only after a loss: for the program's
 *                                       journal. README.md has the names
 */
#define ANX_TYPE_CLIENT (anx_client_get_type ())
G_DECLARE_FINAL_TYPE (AnxClient, anx_client, ANX, CLIENT, GObject)

typedef enum
{
  ANX_CLIENT_OFFLINE,   /* no answer from the hub; it is tried again with growing pauses */
  ANX_CLIENT_ONLINE,
  ANX_CLIENT_PROBLEM,   /* trying again does not help: see anx_client_get_problem() */
} AnxClientState;

/* A record of the inbox, still sealed. Immutable, reference counted (boxed). */
typedef struct _AnxInboxRecord AnxInboxRecord;
#define ANX_TYPE_INBOX_RECORD (anx_inbox_record_get_type ())
GType            anx_inbox_record_get_type (void);
AnxInboxRecord  *anx_inbox_record_ref (AnxInboxRecord *self);
void             anx_inbox_record_unref (AnxInboxRecord *self);
AnxRecordHeader *anx_inbox_record_get_header (AnxInboxRecord *self);
GBytes          *anx_inbox_record_get_envelope (AnxInboxRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxInboxRecord, anx_inbox_record_unref)

/* Loads keys and database. Seal errors STORE_MISSING, STORE_LOCKED, KEY_MISSING; store errors; sync PROFILE. */
AnxClient *anx_client_new (AnxProfile *profile, AnxKeyStore *key_store, AnxClock *clock, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void       anx_client_start (AnxClient *self);
void       anx_client_stop (AnxClient *self);

AnxProfile     *anx_client_get_profile (AnxClient *self);
AnxClock       *anx_client_get_clock (AnxClient *self);
AnxDirectory   *anx_client_get_directory (AnxClient *self);   /* (nullable) until the first was fetched */
AnxClientState  anx_client_get_state (AnxClient *self);
const char     *anx_client_get_problem (AnxClient *self);     /* (nullable) for people: what happened, what is safe, what to do */
gboolean        anx_client_is_hub_untrusted (AnxClient *self); /* the problem is that the hub cannot prove itself */
gboolean        anx_client_is_queued (AnxClient *self, const char *id);
guint           anx_client_count_queued (AnxClient *self);    /* written here, not yet acknowledged by the hub */
guint           anx_client_count_set_aside (AnxClient *self); /* refused by the hub, kept, for a person to look at */

/* Why a record was set aside, for people; NULL when it was not. */
char           *anx_client_dup_record_problem (AnxClient *self, const char *record_id) G_GNUC_WARN_UNUSED_RESULT;
guint           anx_client_count_refused (AnxClient *self);   /* offered by the hub, but not genuine or against its author's chain */

/* What was noticed so far, each kind with its detail (ids and numbers) once. */
typedef struct
{
  char *name;
  char *detail;
  guint times;
} AnxNotice;
GPtrArray      *anx_client_list_notices (AnxClient *self, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxNotice) */

/* Writing: seal here and queue. On TRUE the record is on this machine's disk. */
gboolean anx_client_write (AnxClient *self, AnxRecordHeader *header, JsonNode *resource, GError **error);
/* The kiosk shell: queue what the resident process sealed. */
gboolean anx_client_submit (AnxClient *self, AnxRecordHeader *header, GBytes *sealed, GError **error);
/* acknowledged by the hub? unknown ids give FALSE */
gboolean anx_client_is_acknowledged (AnxClient *self, const char *record_id);

/* Reading. Own records are kept in the same table, so an author reads what they wrote even offline. */
GPtrArray *anx_client_list_records (AnxClient *self, const char *kind, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxInboxRecord), oldest first; kind nullable = all */
AnxInboxRecord *anx_client_get_record (AnxClient *self, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Opens with the own seal key or that of a group one belongs to. */
JsonNode *anx_client_open_record (AnxClient *self, AnxInboxRecord *record, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for one that is not kept on this machine. */
JsonNode *anx_client_open_envelope (AnxClient *self, GBytes *envelope, AnxRecordHeader **out_header, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A genuine record of somebody else that came another way than from the hub: kept once, then record-arrived. FALSE without an error when
 * it was here already. */
gboolean anx_client_take_record (AnxClient *self, GBytes *envelope, GError **error);

/* One request of the API; @body (nullable). The answer is JSON, or NULL for 204. On CONFLICT the problem object is attached, see below. */
void      anx_client_request_async (AnxClient *self, const char *method, const char *path, JsonNode *body, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
JsonNode *anx_client_request_finish (AnxClient *self, GAsyncResult *result, JsonObject **out_problem, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Signalling: sends {"type":"signal","to":…,"call":…,"body":…} when the link is up; FALSE when it is not. */
gboolean anx_client_send_signal (AnxClient *self, const char *to, const char *call, JsonObject *body);
/* Signs with the own sign key: see statement.h. */
char    *anx_client_sign_statement (AnxClient *self, const char *context, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same key under a document, and under a line on paper: see signed-pdf.h. */
GBytes  *anx_client_sign_pdf (AnxClient *self, GBytes *pdf, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char    *anx_client_sign_mark (AnxClient *self, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
