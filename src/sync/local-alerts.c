/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "local-alerts.h"

#include <string.h>

#include "bounds.h"
#include "care-records.h"
#include "envelope.h"
#include "journal.h"
#include "json.h"
#include "local-message.h"
#include "statement.h"

#define SETTINGS_FILE "local.ini"
#define RECEIPT_CONTEXT "local-alert-receipt:"
#define PROGRAM "anxin-local"
/* While somebody waits: often, then calmer. */
#define TICK_MS 250
#define SEND_USEC (2 * (gint64) G_USEC_PER_SEC)
#define SEND_LATER_USEC (10 * (gint64) G_USEC_PER_SEC)
#define EAGER_USEC (60 * (gint64) G_USEC_PER_SEC)
/* With a hub that answers, an alert is there in far less; after this the local network helps. */
#define HUB_USEC (1500 * (gint64) 1000)
/* The hub has it, but nobody goes: perhaps the desks of this centre are cut off and the kiosk is not. */
#define UNANSWERED_USEC (30 * (gint64) G_USEC_PER_SEC)
/* L4: what is older is history, and the hub's to tell. */
#define OLDEST_USEC (2 * ANX_USEC_PER_HOUR)
#define AHEAD_USEC (10 * ANX_USEC_PER_MINUTE)
/* L5: of one sender; of all together the costly ones. */
#define SOURCE_PER_SECOND 60
#define MOST_SOURCES 256
#define CHECKS_PER_SECOND 30
/* An answer to the same alert at most so often, whoever repeats it. */
#define ANSWER_USEC (500 * (gint64) 1000)
#define MOST_HEARD 256

/* An own alert. */
typedef struct
{
  char *id;
  GBytes *envelope;
  gint64 created_usec;
  gint64 begun_usec; /* monotonic */
  gint64 sent_usec;  /* monotonic; 0 = never */
  gboolean nearby;
  gboolean arrived;
  char *answerer;    /* (nullable) */
} Own;

/* An alert of somebody else that came over the local network. */
typedef struct
{
  char *id;
  char *receipt;     /* (nullable) signed once */
  gint64 answered_usec; /* monotonic, when we last sent something about it */
} Heard;

struct _AnxLocalAlerts
{
  GObject parent_instance;
  AnxClient *client;
  AnxLocalNetwork *network; /* (nullable) */
  AnxLocalAssembly *assembly;
  GHashTable *own;          /* id → Own */
  GHashTable *heard;        /* id → Heard */
  GHashTable *sources;      /* address → datagrams in this second */
  guint checks;             /* in this second */
  gint64 second;
  guint tick_source;
};

G_DEFINE_FINAL_TYPE (AnxLocalAlerts, anx_local_alerts, G_TYPE_OBJECT)

static guint state_changed_signal;

static void
own_free (gpointer data)
{
  Own *own = data;
  g_free (own->id);
  g_bytes_unref (own->envelope);
  g_free (own->answerer);
  g_free (own);
}

static void
heard_free (gpointer data)
{
  Heard *heard = data;
  g_free (heard->id);
  g_free (heard->receipt);
  g_free (heard);
}

static void
anx_local_alerts_dispose (GObject *object)
{
  AnxLocalAlerts *self = ANX_LOCAL_ALERTS (object);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_clear_pointer (&self->network, anx_local_network_close);
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (anx_local_alerts_parent_class)->dispose (object);
}

static void
anx_local_alerts_finalize (GObject *object)
{
  AnxLocalAlerts *self = ANX_LOCAL_ALERTS (object);
  anx_local_assembly_free (self->assembly);
  g_hash_table_unref (self->own);
  g_hash_table_unref (self->heard);
  g_hash_table_unref (self->sources);
  G_OBJECT_CLASS (anx_local_alerts_parent_class)->finalize (object);
}

static void
anx_local_alerts_class_init (AnxLocalAlertsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = anx_local_alerts_dispose;
  G_OBJECT_CLASS (klass)->finalize = anx_local_alerts_finalize;
  state_changed_signal = g_signal_new ("state-changed", ANX_TYPE_LOCAL_ALERTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                       G_TYPE_STRING);
}

static void
anx_local_alerts_init (AnxLocalAlerts *self)
{
  self->assembly = anx_local_assembly_new ();
  self->own = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, own_free);
  self->heard = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, heard_free);
  self->sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* --- who is who --- */

static const char *
get_principal (AnxLocalAlerts *self)
{
  return anx_profile_get_principal (anx_client_get_profile (self->client));
}

static const AnxPrincipal *
find_active (AnxLocalAlerts *self,
             const char *principal)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const AnxPrincipal *found = directory != NULL ? anx_directory_get_principal (directory, principal) : NULL;
  return found != NULL && found->active ? found : NULL;
}

static gboolean
has_any (AnxLocalAlerts *self,
         const char *principal,
         const char *const *roles,
         const char *centre)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  for (guint i = 0; directory != NULL && centre != NULL && roles[i] != NULL; i++)
    if (anx_directory_has_role (directory, principal, roles[i], centre))
      return TRUE;
  return FALSE;
}

/* Whose desk rings for what comes over the local network: only they listen, so that "a desk has it" means that one rings. */
static gboolean
listens_in (AnxLocalAlerts *self,
            const char *principal,
            const char *centre)
{
  static const char *const ROLES[] = { "duty", "staff", "lead", NULL };
  return has_any (self, principal, ROLES, centre);
}

/* People of a centre who may say that they go. The district's are elsewhere. */
static gboolean
works_in (AnxLocalAlerts *self,
          const char *principal,
          const char *centre)
{
  static const char *const ROLES[] = { "duty", "staff", "lead", "counsellor", NULL };
  return has_any (self, principal, ROLES, centre);
}

static gboolean
is_timely (AnxLocalAlerts *self,
           gint64 created_usec)
{
  gint64 now = anx_clock_now_usec (anx_client_get_clock (self->client));
  return created_usec > now - OLDEST_USEC && created_usec < now + AHEAD_USEC;
}

/* --- sending --- */

static gboolean
send_message (AnxLocalAlerts *self,
              AnxLocalType type,
              const char *subject,
              GBytes *message)
{
  g_autoptr (GPtrArray) parts = self->network != NULL ? anx_local_message_split (type, subject, message, NULL) : NULL;
  guint sent = 0;
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    sent += anx_local_network_send (self->network, parts->pdata[i]);
  return sent > 0;
}

static AnxAlertState
state_of (const Own *own)
{
  if (own->answerer != NULL)
    return ANX_ALERT_ANSWERED;
  if (own->arrived)
    return ANX_ALERT_ARRIVED;
  return own->nearby ? ANX_ALERT_NEARBY : ANX_ALERT_KEPT;
}

static void
emit_if_changed (AnxLocalAlerts *self,
                 Own *own,
                 AnxAlertState before)
{
  if (state_of (own) == before)
    return;
  g_autofree char *id = g_strdup (own->id);
  g_signal_emit (self, state_changed_signal, 0, id);
}

/* Whether this alert must go over the local network now, and again. L2 */
static gboolean
wants_sending (AnxLocalAlerts *self,
               const Own *own,
               gint64 now_usec)
{
  gint64 age = now_usec - own->begun_usec;
  if (own->answerer != NULL || !is_timely (self, own->created_usec))
    return FALSE;
  if (own->arrived)
    return age >= UNANSWERED_USEC;
  return age >= HUB_USEC || anx_client_get_state (self->client) != ANX_CLIENT_ONLINE;
}

static void
drive (AnxLocalAlerts *self,
       Own *own)
{
  gint64 now = g_get_monotonic_time ();
  AnxAlertState before = state_of (own);
  own->arrived = own->arrived || anx_client_is_acknowledged (self->client, own->id);
  gint64 pause = now - own->begun_usec < EAGER_USEC ? SEND_USEC : SEND_LATER_USEC;
  if (wants_sending (self, own, now) && (own->sent_usec == 0 || now - own->sent_usec >= pause))
    {
      send_message (self, ANX_LOCAL_RECORD, own->id, own->envelope);
      own->sent_usec = now;
    }
  emit_if_changed (self, own, before);
}

static gboolean
on_tick (gpointer user_data)
{
  AnxLocalAlerts *self = user_data;
  gboolean more = FALSE;
  g_autoptr (GList) all = g_hash_table_get_values (self->own);
  for (GList *one = all; one != NULL; one = one->next)
    {
      Own *own = one->data;
      drive (self, own);
      more = more || (own->answerer == NULL && is_timely (self, own->created_usec));
    }
  if (more)
    return G_SOURCE_CONTINUE;
  self->tick_source = 0;
  return G_SOURCE_REMOVE;
}

static void
take_own_alert (AnxLocalAlerts *self,
                AnxInboxRecord *record)
{
  AnxRecordHeader *header = anx_inbox_record_get_header (record);
  const char *id = anx_record_header_get_id (header);
  if (g_hash_table_contains (self->own, id))
    return;
  Own *own = g_new0 (Own, 1);
  own->id = g_strdup (id);
  own->envelope = g_bytes_ref (anx_inbox_record_get_envelope (record));
  own->created_usec = anx_record_header_get_created_usec (header);
  own->begun_usec = g_get_monotonic_time ();
  g_hash_table_insert (self->own, own->id, own);
  drive (self, own);
  if (self->tick_source == 0)
    self->tick_source = g_timeout_add (TICK_MS, on_tick, self);
}

/* --- answering --- */

/* (nullable) An acknowledgement of @alert that is on this machine. */
static AnxInboxRecord *
find_acknowledgement (AnxLocalAlerts *self,
                      const char *alert)
{
  g_autoptr (GPtrArray) records = anx_client_list_records (self->client, ANX_KIND_ALERT_ACKNOWLEDGEMENT, NULL);
  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      AnxRecordHeader *header = anx_inbox_record_get_header (records->pdata[i]);
      if (g_strcmp0 (anx_json_get_string (anx_record_header_get_routing (header), "alert", NULL), alert) == 0)
        return anx_inbox_record_ref (records->pdata[i]);
    }
  return NULL;
}

static void
send_record (AnxLocalAlerts *self,
             AnxInboxRecord *record)
{
  send_message (self, ANX_LOCAL_RECORD, anx_record_header_get_id (anx_inbox_record_get_header (record)), anx_inbox_record_get_envelope (record));
}

static const char *
get_receipt (AnxLocalAlerts *self,
             Heard *heard)
{
  if (heard->receipt != NULL)
    return heard->receipt;
  g_autofree char *context = g_strconcat (RECEIPT_CONTEXT, heard->id, NULL);
  g_autofree char *statement = anx_client_sign_statement (self->client, context, "kept", NULL);
  if (statement == NULL)
    return NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "principal", get_principal (self));
  json_object_set_string_member (object, "statement", statement);
  heard->receipt = anx_json_object_to_text (object);
  return heard->receipt;
}

/* To whoever asks: somebody goes, or at least that it is here. */
static void
answer (AnxLocalAlerts *self,
        Heard *heard)
{
  gint64 now = g_get_monotonic_time ();
  if (heard->answered_usec != 0 && now - heard->answered_usec < ANSWER_USEC)
    return;
  heard->answered_usec = now;
  g_autoptr (AnxInboxRecord) acknowledgement = find_acknowledgement (self, heard->id);
  if (acknowledgement != NULL)
    {
      send_record (self, acknowledgement);
      return;
    }
  const char *receipt = get_receipt (self, heard);
  if (receipt == NULL)
    return;
  g_autoptr (GBytes) bytes = g_bytes_new (receipt, strlen (receipt));
  send_message (self, ANX_LOCAL_RECEIPT, heard->id, bytes);
}

static Heard *
ensure_heard (AnxLocalAlerts *self,
              const char *id)
{
  Heard *heard = g_hash_table_lookup (self->heard, id);
  if (heard != NULL)
    return heard;
  if (g_hash_table_size (self->heard) >= MOST_HEARD)
    g_hash_table_remove_all (self->heard);
  heard = g_new0 (Heard, 1);
  heard->id = g_strdup (id);
  g_hash_table_insert (self->heard, heard->id, heard);
  return heard;
}

/* --- receiving --- */

/* L5 */
static gboolean
may_check (AnxLocalAlerts *self)
{
  return self->checks++ < CHECKS_PER_SECOND;
}

static void
begin_second (AnxLocalAlerts *self,
              gint64 now_usec)
{
  if (now_usec / G_USEC_PER_SEC == self->second)
    return;
  self->second = now_usec / G_USEC_PER_SEC;
  self->checks = 0;
  g_hash_table_remove_all (self->sources);
}

static gboolean
may_send (AnxLocalAlerts *self,
          const char *source)
{
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (self->sources, source));
  if (count >= SOURCE_PER_SECOND || (count == 0 && g_hash_table_size (self->sources) >= MOST_SOURCES))
    return FALSE;
  g_hash_table_insert (self->sources, g_strdup (source), GUINT_TO_POINTER (count + 1));
  return TRUE;
}

/* An alert for this desk: genuine, recent, of a kiosk of a centre for which this person listens. L3, L4 */
static gboolean
is_alert_for_us (AnxLocalAlerts *self,
                 AnxRecordHeader *header)
{
  const AnxPrincipal *kiosk = find_active (self, anx_record_header_get_author (header));
  const char *centre = anx_json_get_string (anx_record_header_get_routing (header), "centre", NULL);
  return kiosk != NULL && kiosk->kind == ANX_PRINCIPAL_KIOSK && g_strcmp0 (kiosk->centre, centre) == 0 &&
         listens_in (self, get_principal (self), centre) && is_timely (self, anx_record_header_get_created_usec (header));
}

/* An acknowledgement that counts: of a person of the alert's centre, about an alert this machine has. */
static gboolean
is_acknowledgement_for_us (AnxLocalAlerts *self,
                           AnxRecordHeader *header)
{
  const char *alert = anx_json_get_string (anx_record_header_get_routing (header), "alert", NULL);
  g_autoptr (AnxInboxRecord) record = alert != NULL ? anx_client_get_record (self->client, alert, NULL) : NULL;
  if (record == NULL || g_strcmp0 (anx_record_header_get_kind (anx_inbox_record_get_header (record)), ANX_KIND_ALERT) != 0)
    return FALSE;
  const char *centre = anx_json_get_string (anx_record_header_get_routing (anx_inbox_record_get_header (record)), "centre", NULL);
  const AnxPrincipal *person = find_active (self, anx_record_header_get_author (header));
  return person != NULL && works_in (self, person->id, centre) && is_timely (self, anx_record_header_get_created_usec (header));
}

static gboolean
is_certificate_current (AnxLocalAlerts *self,
                        const char *author,
                        AnxCertificate *signer)
{
  const AnxPrincipal *principal = find_active (self, author);
  return principal != NULL && principal->sign_certificate != NULL &&
         strcmp (anx_certificate_get_fingerprint (principal->sign_certificate), anx_certificate_get_fingerprint (signer)) == 0;
}

static void
take_new_record (AnxLocalAlerts *self,
                 const char *id,
                 GBytes *envelope)
{
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (AnxCertificate) signer = NULL;
  g_autoptr (GError) error = NULL;
  if (!may_check (self) ||
      !anx_envelope_verify (envelope, anx_profile_get_authority (anx_client_get_profile (self->client)), &header, NULL, &signer, NULL))
    return;
  const char *kind = anx_record_header_get_kind (header);
  const char *author = anx_record_header_get_author (header);
  /* L6: what comes back of our own proves nothing about the hub. */
  if (g_strcmp0 (anx_record_header_get_id (header), id) != 0 || g_strcmp0 (author, get_principal (self)) == 0 ||
      !is_certificate_current (self, author, signer))
    return;
  gboolean alert = strcmp (kind, ANX_KIND_ALERT) == 0 && is_alert_for_us (self, header);
  if (!alert && !(strcmp (kind, ANX_KIND_ALERT_ACKNOWLEDGEMENT) == 0 && is_acknowledgement_for_us (self, header)))
    return;
  if (alert)
    ensure_heard (self, id);
  if (!anx_client_take_record (self->client, envelope, &error) && error != NULL)
    anx_journal (PROGRAM, "local-record-not-kept", "reason", error->message, NULL);
}

static void
take_record (AnxLocalAlerts *self,
             const char *id,
             GBytes *envelope)
{
  g_autoptr (AnxInboxRecord) known = anx_client_get_record (self->client, id, NULL);
  if (known == NULL)
    {
      take_new_record (self, id, envelope);
      g_clear_pointer (&known, anx_inbox_record_unref);
      known = anx_client_get_record (self->client, id, NULL);
    }
  if (known == NULL || !g_bytes_equal (anx_inbox_record_get_envelope (known), envelope))
    return;
  /* Whoever repeats an alert has not heard that it is here. Answers carry nothing that a listener could not know already. */
  AnxRecordHeader *header = anx_inbox_record_get_header (known);
  if (strcmp (anx_record_header_get_kind (header), ANX_KIND_ALERT) == 0 &&
      g_strcmp0 (anx_record_header_get_author (header), get_principal (self)) != 0 && is_alert_for_us (self, header))
    answer (self, ensure_heard (self, id));
}

static void
take_receipt (AnxLocalAlerts *self,
              const char *alert,
              GBytes *message)
{
  Own *own = g_hash_table_lookup (self->own, alert);
  gsize size = 0;
  const char *text = g_bytes_get_data (message, &size);
  if (own == NULL || own->nearby || !may_check (self))
    return;
  g_autoptr (JsonObject) object = anx_json_parse_object (text, (gssize) size, ANX_LOCAL_MESSAGE_BYTES, NULL);
  const char *principal = anx_json_get_string (object, "principal", NULL);
  const char *statement = anx_json_get_string (object, "statement", NULL);
  const AnxPrincipal *kiosk = find_active (self, get_principal (self));
  if (principal == NULL || statement == NULL || kiosk == NULL || find_active (self, principal) == NULL || !listens_in (self, principal, kiosk->centre))
    return;
  g_autofree char *context = g_strconcat (RECEIPT_CONTEXT, alert, NULL);
  g_autofree char *stated =
      anx_statement_verify (statement, context, principal, anx_profile_get_authority (anx_client_get_profile (self->client)),
                            anx_clock_now_usec (anx_client_get_clock (self->client)), NULL);
  if (g_strcmp0 (stated, "kept") != 0)
    return;
  AnxAlertState before = state_of (own);
  own->nearby = TRUE;
  emit_if_changed (self, own, before);
}

static void
on_datagram (const char *source,
             const guint8 *data,
             gsize size,
             gpointer user_data)
{
  AnxLocalAlerts *self = user_data;
  gint64 now = g_get_monotonic_time ();
  AnxLocalType type;
  g_autofree char *subject = NULL;
  begin_second (self, now);
  if (!may_send (self, source))
    return;
  g_autoptr (GBytes) message = anx_local_assembly_take (self->assembly, source, data, size, now, &type, &subject);
  if (message == NULL)
    return;
  if (type == ANX_LOCAL_RECORD)
    take_record (self, subject, message);
  else
    take_receipt (self, subject, message);
}

static void
on_record_arrived (AnxClient *client,
                   AnxInboxRecord *record,
                   AnxLocalAlerts *self)
{
  AnxRecordHeader *header = anx_inbox_record_get_header (record);
  const char *kind = anx_record_header_get_kind (header);
  gboolean own_record = g_strcmp0 (anx_record_header_get_author (header), get_principal (self)) == 0;
  if (own_record && strcmp (kind, ANX_KIND_ALERT) == 0)
    {
      take_own_alert (self, record);
      return;
    }
  if (strcmp (kind, ANX_KIND_ALERT_ACKNOWLEDGEMENT) != 0)
    return;
  const char *alert = anx_json_get_string (anx_record_header_get_routing (header), "alert", "");
  Own *own = g_hash_table_lookup (self->own, alert);
  if (own != NULL && own->answerer == NULL)
    {
      AnxAlertState before = state_of (own);
      own->answerer = g_strdup (anx_record_header_get_author (header));
      emit_if_changed (self, own, before);
    }
  /* At once, not only when the kiosk asks again: it may be the last thing it waits for. */
  if (own_record && (g_hash_table_contains (self->heard, alert) || anx_client_get_state (client) != ANX_CLIENT_ONLINE))
    send_record (self, record);
}

/* After a restart: alerts that were on their way go on. */
static void
take_up_own (AnxLocalAlerts *self)
{
  g_autoptr (GPtrArray) records = anx_client_list_records (self->client, ANX_KIND_ALERT, NULL);
  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      AnxRecordHeader *header = anx_inbox_record_get_header (records->pdata[i]);
      if (g_strcmp0 (anx_record_header_get_author (header), get_principal (self)) != 0 ||
          !is_timely (self, anx_record_header_get_created_usec (header)))
        continue;
      g_autoptr (AnxInboxRecord) answered = find_acknowledgement (self, anx_record_header_get_id (header));
      if (answered == NULL)
        take_own_alert (self, records->pdata[i]);
    }
}

/**
 * anx_alert_state_to_string:
 * @state: a state
 *
 * Returns: kept, nearby, arrived or answered
 */
const char *
anx_alert_state_to_string (AnxAlertState state)
{
  static const char *const NAMES[] = { "kept", "nearby", "arrived", "answered" };
  return NAMES[state];
}

/**
 * anx_local_alerts_new:
 * @client: a client of a kiosk or of a person
 * @settings: of the local network
 *
 * Begins to listen, when the settings say so, and takes up alerts that were on their way.
 *
 * Returns: (transfer full): the local alerts; also without a usable network, because they tell how far an alert has come
 */
AnxLocalAlerts *
anx_local_alerts_new (AnxClient *client,
                      const AnxLocalSettings *settings)
{
  g_autoptr (GError) error = NULL;
  AnxLocalAlerts *self = g_object_new (ANX_TYPE_LOCAL_ALERTS, NULL);
  self->client = g_object_ref (client);
  if (settings->enabled)
    self->network = anx_local_network_open (settings, on_datagram, self, &error);
  if (error != NULL)
    anx_journal (PROGRAM, "no-local-network", "reason", error->message, NULL);
  g_signal_connect_object (client, "record-arrived", G_CALLBACK (on_record_arrived), self, 0);
  take_up_own (self);
  return self;
}

/**
 * anx_local_alerts_new_for_profile:
 * @client: a client
 *
 * As anx_local_alerts_new() with `local.ini` of the client's profile; settings that cannot be used are told in the journal, and the usual
 * ones hold: a mistyped line must not silence an alert.
 *
 * Returns: (transfer full): the local alerts
 */
AnxLocalAlerts *
anx_local_alerts_new_for_profile (AnxClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = anx_profile_build_path (anx_client_get_profile (client), SETTINGS_FILE);
  g_autoptr (AnxLocalSettings) settings = anx_local_settings_read (path, &error);
  if (settings == NULL)
    {
      anx_journal (PROGRAM, "local-settings-unusable", "reason", error->message, NULL);
      settings = anx_local_settings_read ("", NULL);
    }
  return anx_local_alerts_new (client, settings);
}

/**
 * anx_local_alerts_get_state:
 * @self: local alerts
 * @alert: an own alert's record id
 *
 * Returns: how far it has come, as far as is known here; %ANX_ALERT_KEPT for one of before the start that is too old
 */
AnxAlertState
anx_local_alerts_get_state (AnxLocalAlerts *self,
                            const char *alert)
{
  Own *own = g_hash_table_lookup (self->own, alert);
  if (own == NULL)
    return anx_client_is_acknowledged (self->client, alert) ? ANX_ALERT_ARRIVED : ANX_ALERT_KEPT;
  own->arrived = own->arrived || anx_client_is_acknowledged (self->client, alert);
  return state_of (own);
}

/**
 * anx_local_alerts_get_answerer:
 * @self: local alerts
 * @alert: an own alert's record id
 *
 * Returns: (transfer none) (nullable): the principal who said that they are going
 */
const char *
anx_local_alerts_get_answerer (AnxLocalAlerts *self,
                               const char *alert)
{
  Own *own = g_hash_table_lookup (self->own, alert);
  return own != NULL ? own->answerer : NULL;
}

/**
 * anx_local_alerts_heard:
 * @self: local alerts
 * @alert: an alert of somebody else
 *
 * Returns: whether it came over the local network since the start
 */
gboolean
anx_local_alerts_heard (AnxLocalAlerts *self,
                        const char *alert)
{
  return g_hash_table_contains (self->heard, alert);
}
