/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "referral-file.h"

#include <glib/gi18n.h>
#include <string.h>

#include "access.h"
#include "id.h"
#include "json.h"
#include "sync-error.h"

/* The records of one referral as they are on this machine, along the chain. */
typedef struct
{
  AnxInboxRecord *first; /* (nullable) the referral */
  GPtrArray *steps;      /* (element-type AnxInboxRecord) in their order */
} Chain;

static void
chain_clear (Chain *chain)
{
  g_clear_pointer (&chain->first, anx_inbox_record_unref);
  g_clear_pointer (&chain->steps, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chain, chain_clear)

static const char *
id_of (AnxInboxRecord *record)
{
  return anx_record_header_get_id (anx_inbox_record_get_header (record));
}

/* (transfer full): those of @kind about @task. */
static GPtrArray *
list_about (AnxClient *client,
            const char *kind,
            const char *task,
            GError **error)
{
  g_autoptr (GPtrArray) all = anx_client_list_records (client, kind, error);
  GPtrArray *found = all != NULL ? g_ptr_array_new_with_free_func ((GDestroyNotify) anx_inbox_record_unref) : NULL;
  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      JsonObject *routing = anx_record_header_get_routing (anx_inbox_record_get_header (all->pdata[i]));
      if (g_strcmp0 (anx_json_get_string (routing, "task", NULL), task) == 0)
        g_ptr_array_add (found, anx_inbox_record_ref (all->pdata[i]));
    }
  return found;
}

static gboolean
follow (Chain *chain,
        GPtrArray *events,
        GError **error)
{
  const char *tip = id_of (chain->first);
  for (guint taken = 0; taken < events->len; taken++)
    {
      AnxInboxRecord *next = NULL;
      for (guint i = 0; i < events->len; i++)
        {
          if (g_strcmp0 (anx_record_header_get_predecessor (anx_inbox_record_get_header (events->pdata[i])), tip) != 0)
            continue;
          if (next != NULL)
            {
              g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT,
                                   _("Two answers to this referral contradict one another. Please say first which one holds."));
              return FALSE;
            }
          next = events->pdata[i];
        }
      if (next == NULL)
        break;
      g_ptr_array_add (chain->steps, anx_inbox_record_ref (next));
      tip = id_of (next);
    }
  return TRUE;
}

/* Without an error and without a first record this machine knows nothing of @task. */
static gboolean
read_chain (AnxClient *client,
            const char *task,
            Chain *chain,
            GError **error)
{
  static const char *const kinds[] = { ANX_KIND_REFERRAL, ANX_KIND_MANDATORY_REPORT };
  for (gsize i = 0; i < G_N_ELEMENTS (kinds) && chain->first == NULL; i++)
    {
      g_autoptr (GPtrArray) found = list_about (client, kinds[i], task, error);
      if (found == NULL)
        return FALSE;
      if (found->len > 0)
        chain->first = anx_inbox_record_ref (found->pdata[0]);
    }
  chain->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_inbox_record_unref);
  if (chain->first == NULL)
    return TRUE;
  g_autoptr (GPtrArray) events = list_about (client, ANX_KIND_REFERRAL_EVENT, task, error);
  return events != NULL && follow (chain, events, error);
}

/* --- out --- */

static gboolean
record_export (AnxClient *client,
               const Chain *chain,
               const char *task,
               const char *reason,
               GError **error)
{
  const char *reader = anx_profile_get_principal (anx_client_get_profile (client));
  const char *author = anx_record_header_get_author (anx_inbox_record_get_header (chain->first));
  const char *recipients[] = { reader, author, NULL };
  gint64 now = anx_clock_now_usec (anx_client_get_clock (client));
  g_autoptr (JsonObject) event = anx_access_build_export (reader, task, reason, now, error);
  if (event == NULL)
    return FALSE;
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "task", task);
  g_autofree char *id = anx_uuid_new (now);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, ANX_KIND_ACCESS, reader, recipients, NULL, now, routing);
  g_autoptr (JsonNode) node = anx_json_node_from_object (event);
  return anx_client_write (client, header, node, error);
}

static gboolean
add_steps (AnxClient *client,
           const Chain *chain,
           JsonObject *bundle,
           GError **error)
{
  for (guint i = 0; i < chain->steps->len; i++)
    {
      AnxInboxRecord *record = chain->steps->pdata[i];
      AnxRecordHeader *header = anx_inbox_record_get_header (record);
      g_autoptr (JsonNode) step = anx_client_open_record (client, record, error);
      if (step == NULL || !anx_referral_bundle_add (bundle, id_of (record), anx_record_header_get_author (header), json_node_get_object (step), error))
        return FALSE;
    }
  return TRUE;
}

/**
 * anx_referral_file_export:
 * @client: of a person who can read the referral
 * @task: the referral's task
 * @reason: why it leaves the sealed records, 1 to ANX_BOUND_NOTE_CHARS characters
 * @error: return location, %ANX_SYNC_ERROR_UNKNOWN when it is not on this machine, %ANX_SYNC_ERROR_CONFLICT, errors of %ANX_SEAL_ERROR when it is not
 *   for this person to read, %ANX_CARE_ERROR_INVALID without a reason, errors of the client
 *
 * Before the bytes are handed out an access record is queued, for this person and the referral's author. What is written with them is readable by
 * whoever has it.
 *
 * Returns: (transfer full) (nullable): a FHIR R4 Bundle as JSON
 */
GBytes *
anx_referral_file_export (AnxClient *client,
                          const char *task,
                          const char *reason,
                          GError **error)
{
  g_auto (Chain) chain = { NULL, NULL };
  if (!read_chain (client, task, &chain, error))
    return NULL;
  if (chain.first == NULL)
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN, _("This referral is not on this computer."));
      return NULL;
    }
  g_autoptr (JsonNode) referral = anx_client_open_record (client, chain.first, error);
  if (referral == NULL)
    return NULL;
  g_autoptr (JsonObject) bundle
    = anx_referral_bundle_begin (json_node_get_object (referral), anx_record_header_get_author (anx_inbox_record_get_header (chain.first)),
                                 anx_clock_now_usec (anx_client_get_clock (client)), error);
  if (bundle == NULL || !add_steps (client, &chain, bundle, error) || !record_export (client, &chain, task, reason, error))
    return NULL;
  char *text = anx_json_object_to_text (bundle);
  return g_bytes_new_take (text, strlen (text));
}

/* --- in --- */

/* Only who answers for the receiver may take a new one in: the consent in it names that receiver. */
static gboolean
may_take_in (AnxClient *client,
             const AnxReferralBundle *bundle,
             GError **error)
{
  AnxDirectory *directory = anx_client_get_directory (client);
  const char *self = anx_profile_get_principal (anx_client_get_profile (client));
  const AnxPrincipal *group = directory != NULL ? anx_directory_get_principal (directory, bundle->referral->to) : NULL;
  if (group != NULL && group->active && group->kind == ANX_PRINCIPAL_GROUP && group->members != NULL && g_strv_contains (group->members, self))
    return TRUE;
  g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID,
                       _("This referral is addressed to a department that you do not answer for. Its consent holds for that receiver alone. Nothing was taken over."));
  return FALSE;
}

static gboolean
write_record (AnxClient *client,
              const char *id,
              const char *kind,
              const char *author,
              const char *to,
              const char *predecessor,
              JsonObject *routing,
              JsonObject *resource,
              GPtrArray *written,
              GError **error)
{
  const char *self = anx_profile_get_principal (anx_client_get_profile (client));
  const char *recipients[] = { author, to, NULL };
  gint64 now = anx_clock_now_usec (anx_client_get_clock (client));
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, kind, self, recipients, predecessor, now, routing);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  if (!anx_client_write (client, header, node, error))
    return FALSE;
  g_ptr_array_add (written, g_strdup (id));
  return TRUE;
}

static gboolean
write_referral (AnxClient *client,
                const AnxReferralBundle *bundle,
                const char *id,
                GPtrArray *written,
                GError **error)
{
  const AnxReferral *referral = bundle->referral;
  const char *self = anx_profile_get_principal (anx_client_get_profile (client));
  const AnxPrincipal *own = anx_directory_get_principal (anx_client_get_directory (client), self);
  g_autoptr (JsonObject) resource = anx_referral_build (referral, error);
  g_autoptr (JsonObject) routing = json_object_new ();
  if (resource == NULL)
    return FALSE;
  json_object_set_string_member (routing, "task", referral->task);
  if (own != NULL && own->centre != NULL)
    json_object_set_string_member (routing, "centre", own->centre);
  json_object_set_string_member (routing, "to", referral->to);
  json_object_set_string_member (routing, "urgency", anx_urgency_to_string (referral->urgency));
  json_object_set_string_member (routing, "status", "requested");
  json_object_set_string_member (routing, "businessStatus", "2.0");
  if (!referral->consented)
    json_object_set_boolean_member (routing, "legal", TRUE);
  /* Nobody here has a code that belongs to it. */
  json_object_set_boolean_member (routing, "kiosk", FALSE);
  return write_record (client, id, ANX_KIND_REFERRAL, self, referral->to, NULL, routing, resource, written, error);
}

static gboolean
write_step (AnxClient *client,
            const AnxReferralBundle *bundle,
            const AnxReferralBundleStep *step,
            const char *author,
            const char *predecessor,
            GPtrArray *written,
            GError **error)
{
  AnxReferralEvent event = *step->event;
  if (event.told_by == NULL)
    event.told_by = step->author;
  g_autoptr (JsonObject) resource = anx_referral_event_build (&event, error);
  g_autoptr (JsonObject) routing = json_object_new ();
  if (resource == NULL)
    return FALSE;
  json_object_set_string_member (routing, "task", event.task);
  json_object_set_string_member (routing, "status", event.status);
  json_object_set_string_member (routing, "businessStatus", event.business_status);
  if (event.forward_to != NULL && *event.forward_to != '\0')
    json_object_set_string_member (routing, "forward", event.forward_to);
  return write_record (client, step->id, ANX_KIND_REFERRAL_EVENT, author, bundle->referral->to, predecessor, routing, resource, written, error);
}

/* Everything known here must be in the file, in the same order: or else both went on without each other, and a person has to look. */
static gboolean
check_prefix (const Chain *chain,
              const AnxReferralBundle *bundle,
              GError **error)
{
  guint common = MIN (chain->steps->len, bundle->steps->len);
  for (guint i = 0; i < common; i++)
    if (strcmp (id_of (chain->steps->pdata[i]), ((const AnxReferralBundleStep *) bundle->steps->pdata[i])->id) != 0)
      {
        g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT,
                             _("The referral has gone on here and in the file without each other. Nothing was taken over. "
                               "Please speak with the sender, and write the steps down by hand."));
        return FALSE;
      }
  return TRUE;
}

/**
 * anx_referral_file_import:
 * @client: of a person who answers for the receiver, or wrote the referral
 * @bundle: what stands in the file, as it was shown
 * @error: return location, %ANX_SYNC_ERROR_INVALID when it is for somebody else, %ANX_SYNC_ERROR_CONFLICT, errors of the client
 *
 * Each step keeps its id, so the same file twice is one referral; and its author, as who told it. All are records of this person, sealed to the
 * referral's author here and the department.
 *
 * Returns: (transfer full) (nullable): ids of the records that are on this machine's disk now and were not before
 */
GPtrArray *
anx_referral_file_import (AnxClient *client,
                          const AnxReferralBundle *bundle,
                          GError **error)
{
  g_auto (Chain) chain = { NULL, NULL };
  g_autoptr (GPtrArray) written = g_ptr_array_new_with_free_func (g_free);
  if (!read_chain (client, bundle->referral->task, &chain, error) || (chain.first == NULL && !may_take_in (client, bundle, error))
      || !check_prefix (&chain, bundle, error))
    return NULL;
  const char *self = anx_profile_get_principal (anx_client_get_profile (client));
  g_autofree char *author
    = g_strdup (chain.first != NULL ? anx_record_header_get_author (anx_inbox_record_get_header (chain.first)) : self);
  g_autofree char *tip = chain.first == NULL ? anx_uuid_new (anx_clock_now_usec (anx_client_get_clock (client)))
                                             : g_strdup (id_of (chain.steps->len > 0 ? chain.steps->pdata[chain.steps->len - 1] : chain.first));
  if (chain.first == NULL && !write_referral (client, bundle, tip, written, error))
    return NULL;
  for (guint i = chain.steps->len; i < bundle->steps->len; i++)
    {
      const AnxReferralBundleStep *step = bundle->steps->pdata[i];
      if (!write_step (client, bundle, step, author, tip, written, error))
        return NULL;
      g_free (tip);
      tip = g_strdup (step->id);
    }
  return g_steal_pointer (&written);
}
