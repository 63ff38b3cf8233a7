/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "care-records.h"
#include "envelope.h"
#include "erasure.h"
#include "glass-group.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"
#include "problem.h"
#include "record-rules.h"
#include "text.h"

/*
 * A batch of records. Signatures are checked in the pool; then the writer takes each record in turn. A refused record leaves nothing
 * behind and never blocks the others: everything that can refuse it is looked at before its first row is written.
 */

typedef struct
{
  GBytes *envelope;        /* (nullable) not Base64 */
  AnxRecordHeader *header; /* (nullable) not verified */
  char *digest;
  const char *status;      /* stored held refused */
  const char *slug;        /* of a refusal */
} Item;

typedef struct
{
  GPtrArray *items;
  AnxCertificate *authority;
  AnxCrl *crl; /* (nullable) */
} Batch;

static void
item_free (gpointer data)
{
  Item *item = data;
  g_clear_pointer (&item->envelope, g_bytes_unref);
  g_clear_pointer (&item->header, anx_record_header_unref);
  g_free (item->digest);
  g_free (item);
}

static void
batch_free (gpointer data)
{
  Batch *batch = data;
  g_ptr_array_unref (batch->items);
  anx_certificate_unref (batch->authority);
  g_clear_pointer (&batch->crl, anx_crl_unref);
  g_free (batch);
}

static void
refuse_item (Item *item,
             const char *slug)
{
  item->status = "refused";
  item->slug = slug;
}

static gboolean
decode (JsonNode *node,
        GBytes **out_envelope)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return FALSE;
  const char *text = json_node_get_string (node);
  gsize length = strlen (text), size = 0;
  if (length == 0 || length % 4 != 0 || length > (gsize) ANX_BOUND_ENVELOPE_BYTES * 4 / 3 + 4 ||
      strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != length)
    return FALSE;
  guchar *data = g_base64_decode (text, &size);
  *out_envelope = g_bytes_new_take (data, size);
  return size > 0;
}

/* An order to erase may be carried by anyone: so a hub that was restored from a backup learns again what is erased. */
static gboolean
is_carried (AnxRequest *request,
            AnxRecordHeader *header)
{
  return g_str_equal (anx_record_header_get_kind (header), ANX_KIND_ERASURE) &&
         g_strcmp0 (anx_record_header_get_author (header), request->caller->id) != 0;
}

static gboolean
is_allowed (AnxRequest *request,
            AnxRecordHeader *header)
{
  if (!is_carried (request, header))
    return anx_record_rules_allow (request->directory, request->caller, header);
  /* The office counts, also of somebody who has left it since. */
  const AnxPrincipal *author = anx_directory_get_principal (request->directory, anx_record_header_get_author (header));
  return author != NULL && author->roles != NULL && g_strv_contains (author->roles, "administrator");
}

static void
check_item (AnxRequest *request,
            Batch *batch,
            Item *item)
{
  g_autoptr (AnxCertificate) signer = NULL;
  if (!anx_envelope_verify (item->envelope, batch->authority, &item->header, NULL, &signer, NULL) ||
      !anx_uuid_is_valid (anx_record_header_get_id (item->header)) || anx_record_header_get_sequence (item->header) < 1 ||
      !anx_record_kind_is_valid (anx_record_header_get_kind (item->header)))
    refuse_item (item, "record-invalid");
  else if (g_strcmp0 (anx_record_header_get_author (item->header), request->caller->id) != 0 && !is_carried (request, item->header))
    refuse_item (item, "record-not-own");
  else if (batch->crl != NULL && anx_crl_revokes (batch->crl, anx_certificate_get_serial (signer)))
    refuse_item (item, "certificate-revoked");
  else if (!is_allowed (request, item->header))
    refuse_item (item, "record-not-allowed");
  else
    item->digest = anx_sha256_hex (item->envelope);
}

static void
prepare_records (AnxRequest *request)
{
  Batch *batch = request->data;
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  JsonArray *records = anx_json_need_array (body, "records", ANX_BOUND_BATCH_RECORDS, NULL);
  if (records == NULL)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  for (guint i = 0; i < json_array_get_length (records); i++)
    {
      Item *item = g_new0 (Item, 1);
      g_ptr_array_add (batch->items, item);
      if (decode (json_array_get_element (records, i), &item->envelope))
        check_item (request, batch, item);
      else
        refuse_item (item, "record-invalid");
    }
}

/* What the author's chain and the ids held so far say; sets the item's status when they decide. FALSE with @error. */
static gboolean
compare_with_held (AnxDatabase *database,
                   Item *item,
                   GError **error)
{
  const char *author = anx_record_header_get_author (item->header);
  const char *previous = anx_record_header_get_previous (item->header);
  gint64 place = anx_record_header_get_sequence (item->header);
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) same = anx_database_query (database, error, "SELECT digest FROM record WHERE id = ?", "s",
                                                 anx_record_header_get_id (item->header));
  if (same == NULL)
    return FALSE;
  if (anx_rows_next (same, &inner))
    {
      if (g_strcmp0 (anx_rows_get_string (same, 0), item->digest) == 0)
        item->status = "held";
      else
        refuse_item (item, "record-differs");
      return TRUE;
    }

  g_autoptr (AnxRows) near = inner != NULL ? NULL : anx_database_query (database, &inner,
      "SELECT place, digest, previous FROM record WHERE author = ? AND place BETWEEN ? AND ?", "sii", author, place - 1, place + 1);
  while (near != NULL && anx_rows_next (near, &inner))
    {
      gint64 at = anx_rows_get_int (near, 0);
      /* A gap is the reader's to notice; a neighbour that is here must fit. Of one that was erased before it came nobody knows what it named. */
      if (at == place || (at == place - 1 && g_strcmp0 (anx_rows_get_string (near, 1), previous) != 0) ||
          (at == place + 1 && anx_rows_get_string (near, 2) != NULL && g_strcmp0 (anx_rows_get_string (near, 2), item->digest) != 0))
        refuse_item (item, "chain-fork");
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
deliver (AnxRequest *request,
         AnxDatabase *database,
         const char *reader,
         gint64 seq,
         GError **error)
{
  if (!anx_database_run (database, error, "INSERT INTO delivery VALUES (?, ?) ON CONFLICT DO NOTHING", "si", reader, seq))
    return FALSE;
  anx_request_look (request, "inbox", reader);
  return TRUE;
}

/* What a break-glass group can open waits for somebody to give a reason (glass.c). */
static gboolean
put_behind_glass (AnxDatabase *database,
                  AnxRecordHeader *header,
                  const char *group,
                  gint64 seq,
                  GError **error)
{
  const char *booking = anx_json_get_string (anx_record_header_get_routing (header), "booking", "");
  return anx_database_run (database, error, "INSERT INTO behind_glass VALUES (?, ?, ?) ON CONFLICT DO NOTHING", "ssi", group, booking, seq);
}

static gboolean
insert_record (AnxRequest *request,
               AnxDatabase *database,
               Item *item,
               GError **error)
{
  AnxRecordHeader *header = item->header;
  g_autoptr (GError) inner = NULL;
  if (!anx_database_run (database, error,
                         "INSERT INTO record (id, kind, author, place, previous, digest, received, envelope) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                         "sssissib", anx_record_header_get_id (header), anx_record_header_get_kind (header),
                         anx_record_header_get_author (header), anx_record_header_get_sequence (header),
                         anx_record_header_get_previous (header), item->digest, request->now_usec, item->envelope))
    return FALSE;
  item->status = "stored";
  gint64 seq = anx_database_query_int (database, 0, &inner, "SELECT last_insert_rowid()", "");
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (!deliver (request, database, anx_record_header_get_author (header), seq, error))
    return FALSE;
  const char *const *recipients = anx_record_header_get_recipients (header);
  for (gsize i = 0; recipients != NULL && recipients[i] != NULL; i++)
    if (!(anx_glass_is_group (request->directory, recipients[i]) ? put_behind_glass (database, header, recipients[i], seq, error)
                                                                  : deliver (request, database, recipients[i], seq, error)))
      return FALSE;
  return TRUE;
}

/* What follows a step that was refused is no step either; it does not wait for it. */
static gboolean
follows_refused (Batch *batch,
                 Item *item)
{
  const char *predecessor = anx_record_header_get_predecessor (item->header);
  if (predecessor == NULL || !g_str_equal (anx_record_header_get_kind (item->header), ANX_KIND_REFERRAL_EVENT))
    return FALSE;
  for (guint i = 0; i < batch->items->len && g_ptr_array_index (batch->items, i) != item; i++)
    {
      const Item *earlier = g_ptr_array_index (batch->items, i);
      if (earlier->header != NULL && g_str_equal (earlier->status, "refused") && g_str_equal (anx_record_header_get_id (earlier->header), predecessor))
        return TRUE;
    }
  return FALSE;
}

/* FALSE with @error or an answer. */
static gboolean
store_item (AnxRequest *request,
            AnxDatabase *database,
            Batch *batch,
            Item *item,
            GError **error)
{
  if (item->status != NULL)
    return TRUE;
  if (!compare_with_held (database, item, error))
    return FALSE;
  if (item->status != NULL)
    return TRUE;

  g_autoptr (GError) inner = NULL;
  const char *kind = anx_record_header_get_kind (item->header);
  gint64 created = MIN (anx_record_header_get_created_usec (item->header), request->now_usec);
  JsonObject *routing = anx_record_header_get_routing (item->header);
  const char *slug = follows_refused (batch, item) ? "referral-not-allowed" : NULL;
  if (slug == NULL)
    slug = anx_hub_apply_alert (request, database, kind, anx_record_header_get_id (item->header), created, routing, &inner);
  if (slug == NULL && inner == NULL)
    slug = anx_hub_apply_referral (request, database, item->header, created, &inner);
  if (slug == NULL && inner == NULL)
    slug = anx_hub_apply_erasure (request, database, item->header, &inner);
  if (slug == NULL && inner == NULL)
    slug = anx_hub_apply_glass (request, database, item->header, &inner);
  if (slug == NULL && inner == NULL)
    slug = anx_hub_apply_intake (request, database, item->header, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  /* Not the record's fault: it is kept by its author and sent again. */
  if (slug != NULL && g_str_equal (slug, "too-many-requests"))
    {
      anx_request_refuse (request, slug);
      return FALSE;
    }
  if (slug != NULL)
    {
      refuse_item (item, slug);
      return TRUE;
    }
  return insert_record (request, database, item, error);
}

static void
answer_batch (AnxRequest *request,
              Batch *batch)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *results = json_array_new ();
  json_object_set_array_member (answer, "results", results);
  for (guint i = 0; i < batch->items->len; i++)
    {
      Item *item = g_ptr_array_index (batch->items, i);
      JsonObject *result = json_object_new ();
      if (item->header != NULL)
        json_object_set_string_member (result, "id", anx_record_header_get_id (item->header));
      else
        json_object_set_null_member (result, "id");
      json_object_set_string_member (result, "status", item->status);
      if (item->slug != NULL)
        json_object_set_object_member (result, "problem", anx_problem_build (anx_problem_find (item->slug), NULL));
      json_array_add_object_element (results, result);
    }
  anx_request_answer_json (request, 200, answer);
}

static gboolean
run_records (AnxRequest *request,
             AnxDatabase *database,
             GError **error)
{
  Batch *batch = request->data;
  for (guint i = 0; i < batch->items->len; i++)
    {
      g_autoptr (GError) inner = NULL;
      if (store_item (request, database, batch, g_ptr_array_index (batch->items, i), &inner))
        continue;
      /* Stopped: what came before is kept, so that who sends all of it again comes further each time. */
      if (inner == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  answer_batch (request, batch);
  return TRUE;
}

/**
 * anx_handle_records_post:
 * @request: a request
 *
 * POST /records.
 */
void
anx_handle_records_post (AnxRequest *request)
{
  Batch *batch = g_new0 (Batch, 1);
  batch->items = g_ptr_array_new_with_free_func (item_free);
  batch->authority = anx_certificate_ref (request->hub->config->authority);
  batch->crl = request->hub->crl != NULL ? anx_crl_ref (request->hub->crl) : NULL;
  request->data = batch;
  request->free_data = batch_free;
  anx_request_work (request, prepare_records, run_records, NULL);
}
