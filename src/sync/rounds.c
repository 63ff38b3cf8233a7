/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "bounds.h"
#include "care-records.h"
#include "client-database.h"
#include "client-private.h"
#include "directory-heads.h"
#include "eraser.h"
#include "messages.h"
#include "own-chain.h"
#include "seal-error.h"
#include "store-error.h"
#include "sync-error.h"

/*
 * The exchange with the hub: rounds of single requests. `needs` says what a round still has to do; the lowest bit is done next,
 * one request at a time. A need is taken off when its request is sent and comes back when that fails: a push that arrives
 * meanwhile may tell of something newer than the answer on its way. A round ends when no need is left; a failure ends it early
 * and starts a pause, after which it begins again with the clock and the hub's certificate. README.md has the states.
 */

/* The first pause, doubled with each failure in a row up to the longest; a random half is left out so that 1,900 kiosks do not
 * come back in the same second. */
#define FIRST_PAUSE_MS 1000
#define LONGEST_PAUSE_MS 15000
/* While a crisis alert waits here, or may wait at the hub for the duty officer whose desk this is: somebody may be in danger, and the hub
 * may answer again at any moment. */
#define URGENT_PAUSE_MS 2000
/* While the socket is down the inbox is polled; while it is up a slow round still mends what a lost push missed. */
#define POLL_SECONDS 30
#define POLL_WITH_SOCKET_SECONDS 300
/* A socket that ends sooner than this is not opened again at once. */
#define SOCKET_SHORT_USEC (10 * (gint64) G_USEC_PER_SEC)
/* The pause before it is opened again doubles from a second; beyond so many times it is longer than the poll. */
#define SOCKET_MAX_FAILURES 5
/* So often a hub in trouble is asked for the end of the own chain before the round goes on without it. */
#define HEAD_TRIES 3
#define CLOCK_WARNING_USEC (10 * ANX_USEC_PER_MINUTE)
#define PAGE_RECORDS 50
#define PAGE_BOUND_BYTES (64 * 1024 * 1024)
#define SMALL_BOUND_BYTES ANX_BOUND_REQUEST_BYTES
/* The end of the own chain was erased: the order that says so is in the inbox. */
#define HTTP_GONE 410

/* One request of a round; keeps the client alive until its callback. */
typedef struct
{
  AnxClient *client;
  GCancellable *cancellable; /* of the exchange it belongs to */
  AnxNeed need;
  AnxOutboxBatch *batch; /* (nullable) */
} Step;

static void run_next (AnxClient *self);

static void
step_free (Step *step)
{
  g_object_unref (step->client);
  g_object_unref (step->cancellable);
  g_clear_pointer (&step->batch, anx_outbox_batch_free);
  g_free (step);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

static gboolean
replace_text (char **where,
              const char *text)
{
  if (g_strcmp0 (*where, text) == 0)
    return FALSE;
  g_free (*where);
  *where = g_strdup (text);
  return TRUE;
}

static void
set_state (AnxClient *self,
           AnxClientState state,
           const char *link_problem)
{
  gboolean changed = replace_text (&self->link_problem, link_problem);
  if (self->state == state && !changed)
    return;
  self->state = state;
  g_signal_emit (self, anx_client_signals[ANX_CLIENT_STATE_CHANGED], 0);
}

static void
set_healthy (AnxClient *self)
{
  set_state (self, self->directory_problem != NULL ? ANX_CLIENT_PROBLEM : ANX_CLIENT_ONLINE, NULL);
}

static gboolean
on_pause_over (gpointer user_data)
{
  AnxClient *self = user_data;
  self->pause_id = 0;
  run_next (self);
  return G_SOURCE_REMOVE;
}

static gboolean
is_urgent (AnxClient *self)
{
  AnxDirectory *directory = anx_client_get_directory (self);
  return anx_outbox_has_waiting (self->outbox, ANX_KIND_ALERT) ||
         (directory != NULL && anx_directory_has_role (directory, anx_profile_get_principal (self->profile), "duty", NULL));
}

static void
start_pause (AnxClient *self)
{
  guint longest = self->failures < 6 ? FIRST_PAUSE_MS << self->failures : LONGEST_PAUSE_MS;
  longest = MIN (longest, is_urgent (self) ? URGENT_PAUSE_MS : LONGEST_PAUSE_MS);
  self->failures++;
  g_clear_handle_id (&self->pause_id, g_source_remove);
  self->pause_id = g_timeout_add ((guint) g_random_int_range ((gint32) longest / 2, (gint32) longest + 1), on_pause_over, self);
}

/* Which failures a later try can mend by itself, and which a person must know of. Both are tried again: what the
 * administrator mends must not need a visit to the machine. */
static void
fail_round (AnxClient *self,
            const GError *error)
{
  self->needs |= ANX_NEED_HEALTH | ANX_NEED_CHAIN;
  self->untrusted = g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNTRUSTED);
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE))
    set_state (self, ANX_CLIENT_OFFLINE, NULL);
  else if (!g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_BUSY))
    set_state (self, ANX_CLIENT_PROBLEM, error->message);
  start_pause (self);
}

/* Returns FALSE when the client was stopped meanwhile, even if the answer was already there and the client started anew: then
 * nothing may be touched any more. */
static gboolean
step_is_current (Step *step)
{
  if (g_cancellable_is_cancelled (step->cancellable))
    return FALSE;
  step->client->busy = FALSE;
  return TRUE;
}

static gboolean
answer_is_good (AnxHubAnswer *answer,
                GError **error)
{
  if (answer->status >= 200 && answer->status < 300)
    return TRUE;
  g_autoptr (JsonObject) problem = anx_message_parse_problem (answer->body);
  anx_message_set_status_error (answer->status, problem, error);
  return FALSE;
}

/* Tells the program what was noticed since the last time; what was written and not yet told when it ended is told by the next one. */
static void
report_notices (AnxClient *self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) details = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AnxRows) rows = anx_database_query (self->database, NULL, "SELECT name, detail FROM notice WHERE reported = 0", "");
  while (rows != NULL && anx_rows_next (rows, NULL))
    {
      g_ptr_array_add (names, g_strdup (anx_rows_get_string (rows, 0)));
      g_ptr_array_add (details, g_strdup (anx_rows_get_string (rows, 1)));
    }
  g_clear_pointer (&rows, anx_rows_free);
  if (names->len == 0 || !anx_database_run (self->database, NULL, "UPDATE notice SET reported = 1 WHERE reported = 0", ""))
    return;
  for (guint i = 0; i < names->len; i++)
    g_signal_emit (self, anx_client_signals[ANX_CLIENT_NOTICED], 0, names->pdata[i], details->pdata[i]);
}

/* A notice that cannot be written is not worth a failure: what it tells of is dealt with all the same. */
static void
notice_number (AnxClient *self,
               const char *name,
               gint64 number)
{
  g_autofree char *detail = g_strdup_printf ("%" G_GINT64_FORMAT, number);
  anx_client_database_notice (self->database, name, detail, NULL);
}

static void
observe_clock (AnxClient *self,
               gint64 hub_now_usec)
{
  anx_clock_observe (self->clock, hub_now_usec);
  gint64 offset = anx_clock_get_offset_usec (self->clock);
  const char *text = NULL;
  if (ABS (offset) > CLOCK_WARNING_USEC)
    text = _("This machine's clock is wrong. The hub's time is used; nothing is lost. Please set the machine's date and time.");
  if (replace_text (&self->clock_problem, text))
    g_signal_emit (self, anx_client_signals[ANX_CLIENT_STATE_CHANGED], 0);
}

static void
handle_health (AnxClient *self,
               Step *step,
               AnxHubAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  gint64 now_usec;
  if (!answer_is_good (answer, &error) || !anx_message_parse_health (answer->body, &now_usec, &error))
    {
      fail_round (self, error);
      return;
    }
  observe_clock (self, now_usec);
}

/* C3: what waits goes behind the own records that the hub has and this machine did not know. */
static void
place_behind (AnxClient *self)
{
  g_autoptr (GError) error = NULL;
  guint moved = 0;
  if (!anx_own_chain_displace (self->database, anx_profile_get_authority (self->profile), self->sign_key,
                               anx_profile_get_sign_certificate (self->profile), &moved, &error))
    fail_round (self, error);
  else if (moved > 0)
    {
      notice_number (self, "own-chain-moved", moved);
      g_signal_emit (self, anx_client_signals[ANX_CLIENT_OUTBOX_CHANGED], 0);
    }
}

static void
finish_comparison (AnxClient *self,
                   AnxChainPage *page)
{
  g_autoptr (GError) error = NULL;
  self->chain_after = -1;
  if (self->chain_lost > 0)
    {
      notice_number (self, "hub-lost-records", self->chain_lost);
      self->needs |= ANX_NEED_FLUSH;
      g_signal_emit (self, anx_client_signals[ANX_CLIENT_OUTBOX_CHANGED], 0);
    }
  if (self->chain_foreign > 0 && self->own_fetch == ANX_OWN_FETCH_DONE)
    notice_number (self, "hub-withholds-own", self->chain_foreign);
  else if (self->chain_foreign > 0)
    {
      /* What is still missing while the list is only half read again, because a round broke off, says nothing about the hub. */
      if (self->own_fetch == ANX_OWN_FETCH_NONE)
        {
          notice_number (self, "own-records-missing", self->chain_foreign);
          if (!anx_inbox_restart (self->inbox, &error))
            {
              fail_round (self, error);
              return;
            }
          self->own_fetch = ANX_OWN_FETCH_RUNNING;
        }
      self->needs |= ANX_NEED_PULL;
      g_free (self->chain_head_id);
      self->chain_head_id = g_strdup (page->head_id);
      if (page->head_id != NULL)
        {
          self->needs |= ANX_NEED_HEAD;
          return;
        }
    }
  place_behind (self);
}

static void
handle_chain (AnxClient *self,
              Step *step,
              AnxHubAnswer *answer)
{
  const char *principal = anx_profile_get_principal (self->profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxChainPage) page = answer_is_good (answer, &error) ? anx_message_parse_chain (answer->body, &error) : NULL;
  guint lost = 0, foreign = 0;
  if (page == NULL)
    {
      self->needs |= ANX_NEED_CHAIN;
      fail_round (self, error);
      return;
    }
  if (self->chain_after < 0)
    {
      if (anx_own_chain_agrees (self->database, principal, page))
        {
          place_behind (self);
          return;
        }
      self->chain_after = 0;
      self->chain_lost = self->chain_foreign = 0;
      self->needs |= ANX_NEED_CHAIN;
      return;
    }
  if (page->more && page->places->len == 0)
    g_set_error_literal (&error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The hub's account of the own records does not go forward");
  if (error != NULL || !anx_own_chain_compare (self->database, principal, page, self->chain_after, &lost, &foreign, &error))
    {
      self->chain_after = -1;
      self->needs |= ANX_NEED_CHAIN;
      fail_round (self, error);
      return;
    }
  self->chain_lost += lost;
  self->chain_foreign += foreign;
  if (page->more)
    {
      self->chain_after = ((const AnxChainPlace *) page->places->pdata[page->places->len - 1])->place;
      self->needs |= ANX_NEED_CHAIN;
      return;
    }
  finish_comparison (self, page);
}

/* The end of the own chain is proof that this machine's database was lost; without the record itself the hub's word for it counts nothing. */
static void
handle_head (AnxClient *self,
             Step *step,
             AnxHubAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) envelope = answer_is_good (answer, &error) ? anx_message_parse_record (answer->body, &error) : NULL;
  if (envelope != NULL && anx_inbox_add_own (self->inbox, envelope, &error))
    {
      self->head_failures = 0;
      self->pull_first = FALSE;
      place_behind (self);
      return;
    }
  /* A hub in trouble or a full disk here withhold nothing: the round begins again and comes back to this. */
  gboolean busy = g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_BUSY);
  if ((busy && ++self->head_failures < HEAD_TRIES) || error->domain == ANX_STORE_ERROR)
    {
      fail_round (self, error);
      return;
    }
  /* But nothing waits for ever for a hub that answers everything else: the inbox has the record too. Until it came from there nothing is
   * sent, for it would stand in a place that is taken. */
  if (!busy && answer->status != HTTP_GONE)
    notice_number (self, "hub-withholds-own", self->chain_foreign);
  self->pull_first = TRUE;
}

/* The hub refused the whole request. If any one record is the reason, sending one by one finds it. */
static void
handle_refused_batch (AnxClient *self,
                      Step *step,
                      const GError *refusal)
{
  g_autoptr (GError) error = NULL;
  if (step->batch->ids->len > 1)
    {
      self->singles = step->batch->ids->len;
      return;
    }
  if (!anx_outbox_set_aside (self->outbox, step->batch->ids->pdata[0], refusal->message, &error))
    fail_round (self, error);
  else
    g_signal_emit (self, anx_client_signals[ANX_CLIENT_OUTBOX_CHANGED], 0);
}

/* A refused place means that the chain is not what it was when the round began. It is compared once more before a record is given up. */
static void
look_at_places (AnxClient *self,
                GPtrArray *results)
{
  for (guint i = results->len; i-- > 0;)
    {
      AnxRecordResult *result = results->pdata[i];
      if (!result->misplaced)
        continue;
      if (self->chain_rechecked)
        {
          anx_client_database_notice (self->database, "hub-claims-fork", result->id, NULL);
          continue;
        }
      g_ptr_array_remove_index (results, i);
      self->needs |= ANX_NEED_CHAIN;
    }
  self->chain_rechecked = self->chain_rechecked || (self->needs & ANX_NEED_CHAIN) != 0;
}

static void
handle_flush (AnxClient *self,
              Step *step,
              AnxHubAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  if (!answer_is_good (answer, &error))
    {
      gboolean about_content = answer->status == 400 || answer->status == 409 || answer->status == 413 || answer->status == 422;
      if (about_content)
        handle_refused_batch (self, step, error);
      else
        fail_round (self, error);
    }
  else
    {
      g_autoptr (GPtrArray) results = anx_message_parse_record_results (answer->body, step->batch->ids, &error);
      if (results != NULL)
        look_at_places (self, results);
      if (results == NULL || !anx_outbox_settle (self->outbox, results, &error))
        {
          fail_round (self, error);
          return;
        }
      set_healthy (self);
      g_signal_emit (self, anx_client_signals[ANX_CLIENT_OUTBOX_CHANGED], 0);
    }
  if (self->singles > 0 && step->batch->ids->len == 1)
    self->singles--;
}

/* An older one of the authority is what a hub has that was restored from a backup, or what a hostile one shows: either way the newer one
 * is handed over, which only a hostile one refuses. */
static void
name_directory_fault (AnxClient *self,
                      GBytes *offered,
                      GError **error)
{
  if ((*error)->domain != ANX_SEAL_ERROR)
    return;
  gint64 version;
  const char *name = anx_directory_file_name_fault (self->directory_file, offered, &version);
  notice_number (self, name, version);
  if (g_str_equal (name, "directory-rollback") && anx_directory_file_get (self->directory_file) != NULL)
    self->needs |= ANX_NEED_GIVE;
}

/* An author has a newer directory than this machine and the hub does not give it: perhaps the one in which somebody was revoked. */
static void
check_directory_is_newest (AnxClient *self)
{
  AnxDirectory *directory = anx_directory_file_get (self->directory_file);
  gint64 newest = anx_directory_heads_newest (self->database);
  if (directory != NULL && newest > anx_directory_get_version (directory))
    notice_number (self, "hub-withholds-directory", newest);
}

/* Each number heard of asks once. */
static void
ask_for_newer_directory (AnxClient *self)
{
  AnxDirectory *directory = anx_directory_file_get (self->directory_file);
  gint64 newest = anx_directory_heads_newest (self->database);
  if (directory == NULL || newest <= anx_directory_get_version (directory) || newest <= self->directory_asked)
    return;
  self->directory_asked = newest;
  self->needs |= ANX_NEED_DIRECTORY;
}

static void
handle_give (AnxClient *self,
             Step *step,
             AnxHubAnswer *answer)
{
  /* Looked at again, so that the problem goes away; not when the hub refused, which is already told. */
  if (answer->status >= 200 && answer->status < 300)
    self->needs |= ANX_NEED_DIRECTORY;
}

static void
handle_directory (AnxClient *self,
                  Step *step,
                  AnxHubAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  /* 304: still the same. 404: the administrator has not published one yet. */
  if (answer->status == 304 || answer->status == 404)
    {
      check_directory_is_newest (self);
      g_clear_pointer (&self->directory_problem, g_free);
      return;
    }
  if (!answer_is_good (answer, &error))
    {
      self->needs |= ANX_NEED_DIRECTORY;
      fail_round (self, error);
      return;
    }
  AnxDirectory *before = anx_directory_file_get (self->directory_file);
  if (before != NULL && g_bytes_equal (anx_directory_get_der (before), answer->body))
    {
      g_clear_pointer (&self->directory_problem, g_free);
      return;
    }
  if (!anx_directory_file_replace (self->directory_file, answer->body, &error))
    {
      /* The records still flow: they are sealed to the directory in force, not to this one. */
      g_autofree char *text = g_strdup_printf (
        _("The hub offers a directory that may not be used, so the one before stays in force. Tell the administrator. (%s)"),
        error->message);
      replace_text (&self->directory_problem, text);
      name_directory_fault (self, answer->body, &error);
      return;
    }
  g_clear_pointer (&self->directory_problem, g_free);
  check_directory_is_newest (self);
  g_signal_emit (self, anx_client_signals[ANX_CLIENT_DIRECTORY_CHANGED], 0);
  /* It may name who ordered something. */
  if (!anx_client_erase_ordered (self, &error))
    fail_round (self, error);
}

static void
handle_pull (AnxClient *self,
             Step *step,
             AnxHubAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) problem = answer->status == 409 ? anx_message_parse_problem (answer->body) : NULL;
  if (anx_message_problem_is (problem, "cursor-unknown"))
    {
      notice_number (self, "hub-went-back", anx_inbox_get_cursor (self->inbox));
      self->needs |= ANX_NEED_PULL | ANX_NEED_CHAIN;
      if (!anx_inbox_restart (self->inbox, &error) || !anx_eraser_tell_again (self->database, &error))
        fail_round (self, error);
      return;
    }
  g_autoptr (AnxInboxPage) page = answer_is_good (answer, &error) ? anx_message_parse_inbox (answer->body, &error) : NULL;
  gint64 cursor = anx_inbox_get_cursor (self->inbox);
  if (page != NULL && (page->cursor < cursor || (page->more && page->cursor == cursor)))
    g_set_error_literal (&error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The hub's list of records does not go forward");

  guint waiting = anx_outbox_count_waiting (self->outbox);
  g_autoptr (GPtrArray) arrived = error == NULL ? anx_inbox_add_page (self->inbox, page, &error) : NULL;
  if (arrived == NULL)
    {
      self->needs |= ANX_NEED_PULL;
      fail_round (self, error);
      return;
    }
  if (page->more)
    self->needs |= ANX_NEED_PULL;
  else
    {
      if (self->own_fetch == ANX_OWN_FETCH_RUNNING)
        self->own_fetch = ANX_OWN_FETCH_DONE;
      self->needs |= self->pull_first ? ANX_NEED_CHAIN : 0;
      self->pull_first = FALSE;
    }
  ask_for_newer_directory (self);
  set_healthy (self);
  for (guint i = 0; i < arrived->len; i++)
    g_signal_emit (self, anx_client_signals[ANX_CLIENT_RECORD_ARRIVED], 0, arrived->pdata[i]);
  if (arrived->len > 0 && !anx_client_erase_ordered (self, &error))
    {
      fail_round (self, error);
      return;
    }
  if (anx_eraser_has_to_tell (self->database))
    self->needs |= ANX_NEED_ORDERS;
  if (waiting != anx_outbox_count_waiting (self->outbox))
    g_signal_emit (self, anx_client_signals[ANX_CLIENT_OUTBOX_CHANGED], 0);
}

/* What it refuses, perhaps because its author was revoked since, stays obeyed here; but the hub still has what the order names, until an
 * administrator in office writes it anew. */
static void
handle_orders (AnxClient *self,
               Step *step,
               AnxHubAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) results = NULL;
  if (answer_is_good (answer, &error))
    results = anx_message_parse_record_results (answer->body, step->batch->ids, &error);
  for (guint i = 0; results != NULL && i < results->len; i++)
    {
      const AnxRecordResult *result = results->pdata[i];
      if (!result->accepted)
        anx_client_database_notice (self->database, "hub-refuses-order", result->id, NULL);
    }
  if (results == NULL || !anx_eraser_told (self->database, self->orders_place, &error))
    fail_round (self, error);
  else if (self->orders_place > 0)
    self->needs |= ANX_NEED_ORDERS;
}

static void
on_answer (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  AnxClient *self = step->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxHubAnswer) answer = anx_hub_link_request_finish (ANX_HUB_LINK (source), result, &error);
  if (!step_is_current (step))
    return;
  if (answer == NULL)
    {
      self->needs |= step->need;
      fail_round (self, error);
    }
  else if (step->need == ANX_NEED_HEALTH)
    handle_health (self, step, answer);
  else if (step->need == ANX_NEED_CHAIN)
    handle_chain (self, step, answer);
  else if (step->need == ANX_NEED_HEAD)
    handle_head (self, step, answer);
  else if (step->need == ANX_NEED_GIVE)
    handle_give (self, step, answer);
  else if (step->need == ANX_NEED_FLUSH)
    handle_flush (self, step, answer);
  else if (step->need == ANX_NEED_DIRECTORY)
    handle_directory (self, step, answer);
  else if (step->need == ANX_NEED_ORDERS)
    handle_orders (self, step, answer);
  else
    handle_pull (self, step, answer);
  report_notices (self);
  run_next (self);
}

static void
ask (AnxClient *self,
     AnxNeed need,
     const char *method,
     const char *path,
     AnxOutboxBatch *batch,
     gsize max_bytes)
{
  Step *step = g_new0 (Step, 1);
  step->client = g_object_ref (self);
  step->cancellable = g_object_ref (self->cancellable);
  step->need = need;
  step->batch = batch;
  self->busy = TRUE;
  /* A flush stays needed until nothing is left to send. */
  if (need != ANX_NEED_FLUSH)
    self->needs &= ~(guint) need;
  AnxDirectory *directory = anx_directory_file_get (self->directory_file);
  g_autoptr (GBytes) body = batch != NULL                ? anx_message_build_records (batch->envelopes)
                            : need == ANX_NEED_GIVE ? g_bytes_ref (anx_directory_get_der (directory))
                                                    : NULL;
  const char *type = need == ANX_NEED_GIVE ? "application/pkcs7-mime" : "application/json";
  g_autofree char *etag = NULL;
  if (need == ANX_NEED_DIRECTORY && directory != NULL)
    etag = g_strdup_printf ("\"%" G_GINT64_FORMAT "\"", anx_directory_get_version (directory));
  anx_hub_link_request_async (self->link, method, path, type, body, etag, max_bytes, self->cancellable, on_answer, step);
}

/* Whether a batch is on its way. */
static gboolean
ask_flush (AnxClient *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxOutboxBatch) batch = anx_outbox_take_batch (self->outbox, self->singles > 0 ? 1 : ANX_BOUND_BATCH_RECORDS, &error);
  if (batch == NULL)
    {
      fail_round (self, error);
      return TRUE;
    }
  if (batch->ids->len == 0)
    {
      self->needs &= ~(guint) ANX_NEED_FLUSH;
      self->singles = 0;
      return FALSE;
    }
  ask (self, ANX_NEED_FLUSH, "POST", "/v1/records", g_steal_pointer (&batch), SMALL_BOUND_BYTES);
  return TRUE;
}

/* Whether orders are on their way. */
static gboolean
ask_orders (AnxClient *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxOutboxBatch) batch =
    anx_eraser_list_to_tell (self->database, anx_profile_get_principal (self->profile), &self->orders_place, &error);
  self->needs &= ~(guint) ANX_NEED_ORDERS;
  if (batch != NULL && batch->ids->len > 0)
    {
      ask (self, ANX_NEED_ORDERS, "POST", "/v1/records", g_steal_pointer (&batch), SMALL_BOUND_BYTES);
      return TRUE;
    }
  if (batch == NULL || !anx_eraser_told (self->database, 0, &error))
    {
      fail_round (self, error);
      return TRUE;
    }
  return FALSE;
}

static gboolean
on_poll (gpointer user_data)
{
  AnxClient *self = user_data;
  self->poll_id = 0;
  anx_client_rounds_need (self, ANX_NEED_ALL);
  return G_SOURCE_REMOVE;
}

static void
finish_round (AnxClient *self)
{
  self->failures = 0;
  self->chain_rechecked = FALSE;
  set_healthy (self);
  gint64 wait_usec = self->socket_not_before_usec - g_get_monotonic_time ();
  guint seconds = POLL_WITH_SOCKET_SECONDS;
  if (self->socket_opened_usec == 0)
    {
      /* The next round is the next chance to open it. */
      seconds = wait_usec > 0 ? (guint) MIN (wait_usec / G_USEC_PER_SEC + 1, POLL_SECONDS) : POLL_SECONDS;
      if (wait_usec <= 0)
        anx_hub_link_open_socket (self->link);
    }
  if (self->poll_id == 0)
    self->poll_id = g_timeout_add_seconds (seconds, on_poll, self);
}

static void
run_next (AnxClient *self)
{
  if (self->cancellable == NULL || self->busy || self->pause_id != 0)
    return;
  if (self->needs & ANX_NEED_HEALTH)
    {
      ask (self, ANX_NEED_HEALTH, "GET", "/v1/health", NULL, SMALL_BOUND_BYTES);
      return;
    }
  if (self->needs & ANX_NEED_CHAIN)
    {
      gboolean head_only = self->chain_after < 0;
      gint64 after = head_only ? anx_own_chain_last_confirmed (self->database, anx_profile_get_principal (self->profile)) : self->chain_after;
      g_autofree char *path = g_strdup_printf ("/v1/chain?after=%" G_GINT64_FORMAT "&limit=%d", after, head_only ? 1 : 1000);
      ask (self, ANX_NEED_CHAIN, "GET", path, NULL, SMALL_BOUND_BYTES);
      return;
    }
  if (self->needs & ANX_NEED_HEAD)
    {
      g_autofree char *path = g_strconcat ("/v1/records/", self->chain_head_id, NULL);
      ask (self, ANX_NEED_HEAD, "GET", path, NULL, SMALL_BOUND_BYTES);
      return;
    }
  if ((self->needs & ANX_NEED_FLUSH) && !self->pull_first && ask_flush (self))
    return;
  if (self->needs & ANX_NEED_DIRECTORY)
    {
      ask (self, ANX_NEED_DIRECTORY, "GET", "/v1/directory", NULL, ANX_BOUND_DIRECTORY_BYTES);
      return;
    }
  if ((self->needs & ANX_NEED_GIVE) && anx_directory_file_get (self->directory_file) != NULL)
    {
      ask (self, ANX_NEED_GIVE, "PUT", "/v1/directory", NULL, SMALL_BOUND_BYTES);
      return;
    }
  if (self->needs & ANX_NEED_PULL)
    {
      g_autofree char *mark = anx_inbox_dup_mark (self->inbox);
      g_autofree char *path = g_strdup_printf ("/v1/inbox?after=%" G_GINT64_FORMAT "&limit=%d%s%s", anx_inbox_get_cursor (self->inbox),
                                               PAGE_RECORDS, mark != NULL ? "&mark=" : "", mark != NULL ? mark : "");
      ask (self, ANX_NEED_PULL, "GET", path, NULL, PAGE_BOUND_BYTES);
      return;
    }
  if ((self->needs & ANX_NEED_ORDERS) && ask_orders (self))
    return;
  finish_round (self);
}

/**
 * anx_client_rounds_need:
 * @self: a client
 * @needs: #AnxNeed bits
 *
 * Adds to what the present or next round does. Only a crisis alert that waits cuts a pause short.
 */
void
anx_client_rounds_need (AnxClient *self,
                        guint needs)
{
  self->needs |= needs;
  if (self->pause_id != 0 && (needs & ANX_NEED_FLUSH) != 0 && anx_outbox_has_waiting (self->outbox, ANX_KIND_ALERT))
    g_clear_handle_id (&self->pause_id, g_source_remove);
  run_next (self);
}

/**
 * anx_client_rounds_heard:
 * @self: a client
 * @error: (nullable): how a request beside the rounds ended
 *
 * Learns from it: an answer ends a pause, a lost connection is looked into at once.
 */
void
anx_client_rounds_heard (AnxClient *self,
                         const GError *error)
{
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE) && self->state == ANX_CLIENT_ONLINE)
    anx_client_rounds_need (self, ANX_NEED_HEALTH);
  else if (error == NULL && self->state == ANX_CLIENT_OFFLINE && self->pause_id != 0)
    {
      g_clear_handle_id (&self->pause_id, g_source_remove);
      anx_client_rounds_need (self, ANX_NEED_ALL);
    }
}

static void
on_network_changed (GNetworkMonitor *monitor,
                    gboolean available,
                    AnxClient *self)
{
  if (self->pause_id == 0)
    return;
  g_clear_handle_id (&self->pause_id, g_source_remove);
  anx_client_rounds_need (self, ANX_NEED_ALL);
}

static void
on_socket_changed (AnxHubLink *link,
                   gboolean open,
                   AnxClient *self)
{
  static const char *const without_cursor[] = { "bookings", "alerts", "referrals" };
  gint64 now_usec = g_get_monotonic_time ();
  g_clear_handle_id (&self->poll_id, g_source_remove);
  if (open)
    {
      self->socket_opened_usec = now_usec;
      /* What changed between the last pull and now was pushed to nobody. Records have a cursor, the rest is looked at again:
       * a hub that came back quickly was never missed, so no change of state says it. */
      anx_client_rounds_need (self, ANX_NEED_DIRECTORY | ANX_NEED_PULL);
      for (gsize i = 0; i < G_N_ELEMENTS (without_cursor); i++)
        g_signal_emit (self, anx_client_signals[ANX_CLIENT_LOOK], 0, without_cursor[i]);
      return;
    }
  /* Short-lived or refused: not opened again at once, so that a round, which ends by opening it, cannot run in circles. A hub
   * that stopped twice in a row is found again soon, one that refuses is asked less and less. */
  if (self->socket_opened_usec == 0 || now_usec - self->socket_opened_usec < SOCKET_SHORT_USEC)
    {
      gint64 longest_usec = is_urgent (self) ? URGENT_PAUSE_MS * (gint64) 1000 : POLL_SECONDS * (gint64) G_USEC_PER_SEC;
      self->socket_not_before_usec = now_usec + MIN (G_USEC_PER_SEC << self->socket_failures, longest_usec);
      self->socket_failures = MIN (self->socket_failures + 1, SOCKET_MAX_FAILURES);
    }
  else
    self->socket_failures = 0;
  self->socket_opened_usec = 0;
  anx_client_rounds_need (self, ANX_NEED_ALL);
}

static void
on_link_message (AnxHubLink *link,
                 JsonObject *message,
                 AnxClient *self)
{
  const char *type = json_object_get_string_member_with_default (message, "type", "");
  if (!g_str_equal (type, "look"))
    {
      g_signal_emit (self, anx_client_signals[ANX_CLIENT_PUSHED], 0, message);
      return;
    }
  const char *what = json_object_get_string_member_with_default (message, "what", "");
  if (g_str_equal (what, "inbox"))
    anx_client_rounds_need (self, ANX_NEED_PULL);
  else if (g_str_equal (what, "directory"))
    anx_client_rounds_need (self, ANX_NEED_DIRECTORY);
  else
    g_signal_emit (self, anx_client_signals[ANX_CLIENT_LOOK], 0, what);
}

/**
 * anx_client_rounds_start:
 * @self: a client
 *
 * Begins to exchange with the hub; nothing happens when it does so already.
 */
void
anx_client_rounds_start (AnxClient *self)
{
  if (self->cancellable != NULL)
    return;
  self->cancellable = g_cancellable_new ();
  self->failures = 0;
  self->network_handler =
    g_signal_connect (g_network_monitor_get_default (), "network-changed", G_CALLBACK (on_network_changed), self);
  g_signal_connect (self->link, "socket-changed", G_CALLBACK (on_socket_changed), self);
  g_signal_connect (self->link, "message", G_CALLBACK (on_link_message), self);
  /* What was received before a crash and not yet obeyed; a failure comes back with the first round. */
  anx_client_erase_ordered (self, NULL);
  anx_client_rounds_need (self, ANX_NEED_ALL);
}

/**
 * anx_client_rounds_stop:
 * @self: a client
 *
 * Ends the exchange. What was on its way is sent again after the next start.
 */
void
anx_client_rounds_stop (AnxClient *self)
{
  if (self->cancellable == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->pause_id, g_source_remove);
  g_clear_handle_id (&self->poll_id, g_source_remove);
  g_clear_signal_handler (&self->network_handler, g_network_monitor_get_default ());
  g_signal_handlers_disconnect_by_data (self->link, self);
  anx_hub_link_close_socket (self->link);
  self->busy = FALSE;
  self->socket_opened_usec = 0;
  self->socket_not_before_usec = 0;
  self->socket_failures = 0;
  set_state (self, ANX_CLIENT_OFFLINE, NULL);
}
