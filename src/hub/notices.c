/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "notices.h"

#include <gio/gio.h>
#include <string.h>

#include "clock.h"
#include "hub.h"
#include "journal.h"
#include "json.h"
#include "server.h"

#define ADDRESS_BYTES (8 * 1024)
#define CHANNEL_BYTES 16
#define MOST_AT_ONCE 20
#define MOST_TRIES 8
#define FIRST_PAUSE_USEC (30 * (gint64) ANX_USEC_PER_SECOND)
#define PROGRAM_SECONDS "20"

typedef struct
{
  gint64 number;
  gint64 tries;
  char *text; /* what the program gets */
  gboolean sent;
} Notice;

static void
notice_free (gpointer data)
{
  Notice *notice = data;
  g_free (notice->text);
  g_free (notice);
}

/**
 * anx_notices_read_address:
 * @body: of a request; `{"notify":{"channel","address"}}`, the address Base64 of what only the gateway can open, at most 8 KiB
 * @out_channel: (out) (nullable): of letters, at most 16; %NULL when there is no `notify`
 * @out_address: (out) (nullable): the sealed address
 *
 * Returns: whether it is absent or in its form
 */
gboolean
anx_notices_read_address (JsonObject *body,
                          char **out_channel,
                          char **out_address)
{
  JsonObject *notify = anx_json_get_object (body, "notify");
  if (notify == NULL)
    return !json_object_has_member (body, "notify");
  const char *channel = anx_json_need_string (notify, "channel", CHANNEL_BYTES, NULL);
  const char *address = anx_json_need_string (notify, "address", ADDRESS_BYTES, NULL);
  if (channel == NULL || address == NULL || *channel == '\0' || strspn (channel, "abcdefghijklmnopqrstuvwxyz") != strlen (channel) || *address == '\0' ||
      strspn (address, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != strlen (address))
    return FALSE;
  *out_channel = g_strdup (channel);
  *out_address = g_strdup (address);
  return TRUE;
}

/**
 * anx_notices_keep_address:
 * @ledger: the ledger
 * @booking: of the resident who wants to be told
 * @channel: how
 * @address: sealed
 * @error: return location, of the database only
 *
 * Returns: whether it is written
 */
gboolean
anx_notices_keep_address (AnxLedger *ledger,
                          const char *booking,
                          const char *channel,
                          const char *address,
                          GError **error)
{
  return anx_database_run (ledger->view.database, error, "INSERT OR REPLACE INTO notice_address VALUES (?, ?, ?)", "sss", booking, channel, address);
}

/**
 * anx_notices_queue:
 * @ledger: the ledger
 * @template_id: a word the gateway knows
 * @channel: how
 * @address: sealed
 * @error: return location, of the database only
 *
 * Returns: whether it is written
 */
gboolean
anx_notices_queue (AnxLedger *ledger,
                   const char *template_id,
                   const char *channel,
                   const char *address,
                   GError **error)
{
  return anx_database_run (ledger->view.database, error, "INSERT INTO notice (template, channel, address, due) VALUES (?, ?, ?, ?)", "sssi", template_id,
                           channel, address, ledger->view.now_usec);
}

/**
 * anx_notices_queue_for:
 * @ledger: the ledger
 * @booking: that changed
 * @template_id: a word the gateway knows
 * @error: return location, of the database only
 *
 * Returns: whether it is written, or nobody wants to be told
 */
gboolean
anx_notices_queue_for (AnxLedger *ledger,
                       const char *booking,
                       const char *template_id,
                       GError **error)
{
  return anx_database_run (ledger->view.database, error,
                           "INSERT INTO notice (template, channel, address, due) SELECT ?, channel, address, ? FROM notice_address WHERE booking = ?", "sis",
                           template_id, ledger->view.now_usec, booking);
}

/* --- sending --- */

static GSubprocess *
start_program (const char *sink,
               GError **error)
{
  GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE;
  /* timeout: a gateway that hangs must not hold up those behind it for ever. */
  return g_str_has_prefix (sink, "program:")
             ? g_subprocess_new (flags, error, "timeout", PROGRAM_SECONDS, sink + strlen ("program:"), NULL)
             : g_subprocess_new (flags, error, "timeout", PROGRAM_SECONDS, "curl", "--silent", "--fail", "--header", "Content-Type: application/json",
                                 "--data-binary", "@-", sink, NULL);
}

static gboolean
send_one (const char *sink,
          const Notice *notice)
{
  g_autoptr (GError) error = NULL;
  if (sink == NULL || g_str_equal (sink, "console"))
    {
      /* The address is sealed and the template says nothing of anybody, but even so the journal gets the number only. */
      g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, notice->number);
      anx_journal ("anxin-hub", "notice", "number", number, NULL);
      return TRUE;
    }
  g_autoptr (GSubprocess) program = start_program (sink, &error);
  return program != NULL && g_subprocess_communicate_utf8 (program, notice->text, NULL, NULL, NULL, &error) && g_subprocess_get_successful (program);
}

static void
prepare_notices (AnxRequest *request)
{
  GPtrArray *notices = request->data;
  for (guint i = 0; i < notices->len; i++)
    {
      Notice *notice = g_ptr_array_index (notices, i);
      notice->sent = send_one (request->hub->config->notices, notice);
    }
}

static gboolean
run_notices (AnxRequest *request,
             AnxDatabase *database,
             GError **error)
{
  GPtrArray *notices = request->data;
  for (guint i = 0; i < notices->len; i++)
    {
      const Notice *notice = g_ptr_array_index (notices, i);
      gboolean given_up = !notice->sent && notice->tries + 1 >= MOST_TRIES;
      gboolean written = notice->sent || given_up
                             ? anx_database_run (database, error, "UPDATE notice SET sent = ?, tries = tries + 1, address = '' WHERE number = ?", "ii",
                                                 notice->sent ? request->now_usec : -1, notice->number)
                             : anx_database_run (database, error, "UPDATE notice SET tries = tries + 1, due = ? WHERE number = ?", "ii",
                                                 request->now_usec + (FIRST_PAUSE_USEC << notice->tries), notice->number);
      if (given_up)
        anx_journal ("anxin-hub", "notice-failed", NULL, NULL);
      if (!written)
        return FALSE;
    }
  return TRUE;
}

static void
finish_notices (AnxRequest *request)
{
  request->hub->telling = FALSE;
}

static char *
make_text (AnxRows *rows)
{
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_int_member (object, "number", anx_rows_get_int (rows, 0));
  json_object_set_string_member (object, "template", anx_rows_get_string (rows, 2));
  json_object_set_string_member (object, "channel", anx_rows_get_string (rows, 3));
  json_object_set_string_member (object, "address", anx_rows_get_string (rows, 4));
  return anx_json_object_to_text (object);
}

/**
 * anx_notices_check:
 * @hub: a hub that serves
 *
 * Sends what is due, on a thread of the pool; one round at a time.
 */
void
anx_notices_check (AnxHub *hub)
{
  gint64 now = g_get_real_time ();
  if (hub->telling || hub->directory == NULL)
    return;
  g_autoptr (GPtrArray) notices = g_ptr_array_new_with_free_func (notice_free);
  g_autoptr (AnxRows) rows = anx_database_query (hub->reader, NULL,
      "SELECT number, tries, template, channel, address FROM notice WHERE sent IS NULL AND due <= ? ORDER BY due, number LIMIT ?", "ii", now, (gint64) MOST_AT_ONCE);
  while (rows != NULL && anx_rows_next (rows, NULL))
    {
      Notice *notice = g_new0 (Notice, 1);
      notice->number = anx_rows_get_int (rows, 0);
      notice->tries = anx_rows_get_int (rows, 1);
      notice->text = make_text (rows);
      g_ptr_array_add (notices, notice);
    }
  if (notices->len == 0)
    return;
  AnxRequest *request = anx_request_new (hub);
  request->now_usec = now;
  request->data = g_steal_pointer (&notices);
  request->free_data = (GDestroyNotify) g_ptr_array_unref;
  hub->telling = TRUE;
  anx_server_work (hub->server, request, prepare_notices, run_notices, finish_notices);
}
