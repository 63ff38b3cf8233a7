/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-records.h"
#include "clock.h"
#include "desk-service-private.h"
#include "id.h"
#include "journal.h"
#include "json.h"
#include "referral.h"
#include "retention.h"

/*
 * Records that are old enough to be put away (data/care/retention.json, "seal"): they come to no list and no page. Who needs some gives a
 * reason; for each an access record is written before it is shown. It stays shown until the desk ends.
 */

/* The shortest period is a year: what is younger needs no table. */
#define NEVER_SEALED_USEC (365 * ANX_USEC_PER_DAY)

static AnxRetention *
get_table (AnxDeskService *self)
{
  g_autoptr (GError) error = NULL;
  if (self->retention_read)
    return self->retention;
  self->retention_read = TRUE;
  g_autoptr (JsonObject) json = anx_desk_service_read_data ("care/retention.json");
  self->retention = json != NULL ? anx_retention_parse (json, &error) : NULL;
  if (self->retention == NULL)
    anx_journal ("anxin-desk", "retention-not-read", "reason", error != NULL ? error->message : "the file is missing", NULL);
  return self->retention;
}

/* A department still works on it, however old it is. */
static gboolean
is_open_referral (AnxDeskService *self,
                  const AnxIndexEntry *entry)
{
  const AnxDeskReferral *referral = anx_desk_model_get_referral (self->model, entry->story);
  return referral != NULL && !anx_referral_is_final (referral->status);
}

/**
 * anx_desk_service_is_sealed:
 * @self: a service
 * @entry: a record of the index
 *
 * A record of a referral counts from its own writing; while the referral is open it is not sealed.
 *
 * Returns: whether it is put away by its age, and nobody has given a reason for it since the desk began
 */
gboolean
anx_desk_service_is_sealed (AnxDeskService *self,
                            const AnxIndexEntry *entry)
{
  gint64 now = anx_desk_model_now_usec (self->model);
  if (now - entry->created_usec < NEVER_SEALED_USEC || (self->unsealed != NULL && g_hash_table_contains (self->unsealed, entry->id)))
    return FALSE;
  AnxRetention *table = get_table (self);
  return table != NULL && anx_retention_is_sealed (table, entry->kind, entry->created_usec, now) && !is_open_referral (self, entry);
}

static const char *
find_author (AnxDeskService *self,
             const char *reader,
             const char *author)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const AnxPrincipal *principal = directory != NULL ? anx_directory_get_principal (directory, author) : NULL;
  return principal != NULL && principal->active && principal->seal_certificate != NULL && !g_str_equal (author, reader) &&
                 anx_directory_has_role (directory, author, "counsellor", NULL)
             ? author
             : NULL;
}

/* In the story of what is opened, so that who asks what is kept about them is shown it too. */
static gboolean
write_opening (AnxDeskService *self,
               AnxRecordHeader *header,
               const char *words,
               GError **error)
{
  static const char *const stories[] = { "booking", "task", "alert" };
  const char *reader = anx_desk_model_get_principal (self->model);
  const char *recipients[] = { reader, find_author (self, reader, anx_record_header_get_author (header)), NULL };
  gint64 now = anx_desk_model_now_usec (self->model);
  g_autoptr (JsonObject) resource = anx_access_build_sealed (reader, anx_record_header_get_id (header), words, now, error);
  g_autoptr (JsonObject) routing = json_object_new ();
  g_autofree char *id = anx_uuid_new (now);
  for (gsize i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      const char *story = anx_json_get_string (anx_record_header_get_routing (header), stories[i], NULL);
      if (story != NULL)
        json_object_set_string_member (routing, stories[i], story);
    }
  return resource != NULL && anx_desk_service_write (self, id, ANX_KIND_ACCESS, recipients, NULL, routing, resource, error);
}

/**
 * anx_desk_service_unseal:
 * @self: a service
 * @ids: (element-type utf8): sealed records
 * @words: why, 1 to ANX_BOUND_NOTE_CHARS characters
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE of the words, errors of the client
 *
 * Each is shown once its access record is on this machine's disk.
 *
 * Returns: whether all are shown now; those before the first that failed are
 */
gboolean
anx_desk_service_unseal (AnxDeskService *self,
                         GPtrArray *ids,
                         const char *words,
                         GError **error)
{
  if (self->unsealed == NULL)
    self->unsealed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (AnxInboxRecord) record = anx_client_get_record (self->client, ids->pdata[i], error);
      if (record == NULL || !write_opening (self, anx_inbox_record_get_header (record), words, error))
        return FALSE;
      g_autoptr (JsonNode) resource = anx_client_open_record (self->client, record, NULL);
      g_hash_table_add (self->unsealed, g_strdup (ids->pdata[i]));
      anx_desk_service_show_record (self, record, resource);
    }
  anx_desk_service_wake (self);
  return TRUE;
}
