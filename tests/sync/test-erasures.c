/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "care-records.h"
#include "client-database.h"
#include "client-private.h"
#include "draft-box.h"
#include "envelope.h"
#include "eraser.h"
#include "erasure.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "record-index.h"
#include "text.h"

/* An order to erase reaches every machine that has the record, whatever was lost or put back meanwhile; with the real hub. */

#define BOOKING "01890a5d-ac96-774b-bcce-b302099a8057"

typedef struct
{
  AnxHubFixture *district;
  AnxProfile *profiles[3];
  AnxClient *clients[3];
  AnxClock *clock;
} Fixture;

enum { KIOSK, DUTY, ADMIN };

static void
open_client (Fixture *f,
             guint who)
{
  f->clients[who] = anx_hub_fixture_open_client (f->district, f->profiles[who], f->clock);
}

static void
close_client (Fixture *f,
              guint who)
{
  if (f->clients[who] != NULL)
    anx_client_stop (f->clients[who]);
  g_clear_object (&f->clients[who]);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->district = anx_hub_fixture_new ();
  f->profiles[KIOSK] = anx_hub_fixture_add (f->district, "kiosk-east-1", "kiosk", NULL);
  f->profiles[DUTY] = anx_hub_fixture_add (f->district, "wang", "person", "duty");
  f->profiles[ADMIN] = anx_hub_fixture_add (f->district, "chief", "person", "administrator");
  f->clock = anx_clock_new_system ();
  anx_hub_fixture_start (f->district);
  anx_hub_fixture_publish (f->district);
  for (guint i = 0; i < G_N_ELEMENTS (f->clients); i++)
    open_client (f, i);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (f->clients); i++)
    {
      close_client (f, i);
      g_object_unref (f->profiles[i]);
    }
  g_object_unref (f->clock);
  anx_hub_fixture_free (f->district);
}

static void
settle_both (Fixture *f)
{
  anx_settle (f->clients[KIOSK]);
  anx_settle (f->clients[DUTY]);
}

/* The sealed bytes of a record: those behind the name of the algorithm, aes256-GCM, and its nonce. */
static GBytes *
read_sealed (AnxClient *client,
             const char *id)
{
  static const guchar GCM[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e };
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxInboxRecord) record = anx_client_get_record (client, id, &error);
  g_assert_no_error (error);
  gsize size = 0;
  const guchar *data = g_bytes_get_data (anx_inbox_record_get_envelope (record), &size);
  const guchar *found = memmem (data, size, GCM, sizeof GCM);
  g_assert_true (found != NULL && found + 24 + 96 < data + size);
  return g_bytes_new (found + 24, 96);
}

/* In any file of the hub or of any client; in pieces, as a page may cut it anywhere. */
static gboolean
is_anywhere (const char *folder,
             GBytes *sealed)
{
  gsize length = 0;
  const guchar *bytes = g_bytes_get_data (sealed, &length);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gboolean found = FALSE;
  for (const char *name = dir != NULL ? g_dir_read_name (dir) : NULL; name != NULL && !found; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *content = NULL;
      gsize size = 0;
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        found = is_anywhere (path, sealed);
      else if (g_file_get_contents (path, &content, &size, NULL))
        for (gsize at = 0; at < length && !found; at += 24)
          found = memmem (content, size, bytes + at, 24) != NULL;
      if (found)
        g_test_message ("the record is in %s", name);
    }
  return found;
}

typedef struct
{
  Fixture *f;
  GBytes *sealed;
} Look;

static gboolean
is_nowhere (gpointer data)
{
  Look *look = data;
  return !is_anywhere (look->f->district->folder, look->sealed);
}

/* The log of a client is emptied in a moment, when no thread reads any more. */
static void
wait_until_nowhere (Fixture *f,
                    GBytes *sealed)
{
  Look look = { f, sealed };
  anx_wait_until (is_nowhere, &look, 20);
}

static void
order (AnxClient *who,
       AnxClient *holder,
       const char *id)
{
  static const char *const recipients[] = { "kiosk-east-1", "duty-east", NULL };
  g_autoptr (GError) error = NULL;
  const char *principal = anx_profile_get_principal (anx_client_get_profile (who));
  g_autoptr (AnxInboxRecord) record = anx_client_get_record (holder, id, &error);
  g_assert_no_error (error);
  AnxRecordHeader *header = anx_inbox_record_get_header (record);
  g_autofree char *digest = anx_sha256_hex (anx_inbox_record_get_envelope (record));
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_erased_record_free);
  g_ptr_array_add (records, anx_erased_record_new (id, anx_record_header_get_kind (header), anx_record_header_get_author (header),
                                                   anx_record_header_get_sequence (header), digest));
  g_autoptr (JsonObject) routing = anx_erasure_build_routing ("asked", records);
  g_autofree char *order_id = anx_uuid_new (g_get_real_time ());
  g_autoptr (AnxRecordHeader) own = anx_record_header_new (order_id, ANX_KIND_ERASURE, principal, recipients, NULL, g_get_real_time (), routing);
  g_autoptr (JsonObject) event = anx_erasure_build (principal, "asked", "law", records, g_get_real_time ());
  g_autoptr (JsonNode) node = anx_json_node_from_object (event);
  g_assert_true (anx_client_write (who, own, node, &error));
  g_assert_no_error (error);
}

static void
order_and_settle (Fixture *f,
                  const char *id)
{
  order (f->clients[ADMIN], f->clients[KIOSK], id);
  anx_settle (f->clients[ADMIN]);
  g_assert_cmpuint (anx_client_count_set_aside (f->clients[ADMIN]), ==, 0);
}

static gboolean
has (AnxClient *client,
     const char *id)
{
  g_autoptr (AnxInboxRecord) record = anx_client_get_record (client, id, NULL);
  g_autoptr (GPtrArray) all = anx_client_list_records (client, NULL, NULL);
  gboolean listed = FALSE;
  for (guint i = 0; i < all->len; i++)
    listed |= g_str_equal (anx_record_header_get_id (anx_inbox_record_get_header (all->pdata[i])), id);
  g_assert_true (listed == (record != NULL));
  return listed;
}

static void
assert_quiet (AnxClient *client)
{
  g_autoptr (GPtrArray) notices = anx_client_list_notices (client, NULL);
  for (guint i = 0; i < notices->len; i++)
    g_error ("noticed %s %s", ((const AnxNotice *) notices->pdata[i])->name, ((const AnxNotice *) notices->pdata[i])->detail);
}

static char *
write_one (Fixture *f,
           const char *text)
{
  char *id = anx_write_screening (f->clients[KIOSK], "duty-east", text);
  settle_both (f);
  return id;
}

static void
see_everywhere (Fixture *f)
{
  g_autofree char *first = write_one (f, "first");
  g_autofree char *gone = write_one (f, "gone");
  g_autofree char *last = write_one (f, "last");
  g_autoptr (GBytes) sealed = read_sealed (f->clients[DUTY], gone);
  g_autoptr (GBytes) kept = read_sealed (f->clients[DUTY], last);
  g_assert_true (is_anywhere (f->district->folder, sealed));
  order_and_settle (f, gone);
  settle_both (f);
  g_assert_false (has (f->clients[DUTY], gone) || has (f->clients[KIOSK], gone));
  g_assert_true (has (f->clients[DUTY], first) && has (f->clients[KIOSK], last));
  wait_until_nowhere (f, sealed);
  g_assert_true (is_anywhere (f->district->folder, kept));

  /* The chain goes on, and nobody finds anything odd. */
  g_autofree char *after = write_one (f, "after");
  g_assert_true (has (f->clients[DUTY], after));
  for (guint i = 0; i < 3; i++)
    assert_quiet (f->clients[i]);
}

/* Days without the hub: it is erased at the first contact. */
static void
see_offline (Fixture *f)
{
  g_autofree char *gone = write_one (f, "gone");
  g_autoptr (GBytes) sealed = read_sealed (f->clients[DUTY], gone);
  close_client (f, DUTY);
  order_and_settle (f, gone);
  anx_settle (f->clients[KIOSK]);
  g_assert_true (is_anywhere (f->district->folder, sealed));
  open_client (f, DUTY);
  anx_settle (f->clients[DUTY]);
  g_assert_false (has (f->clients[DUTY], gone));
  wait_until_nowhere (f, sealed);
}

/* An old copy of the desk's database is put back; it learns the order again. */
static void
see_client_restored (Fixture *f)
{
  g_autofree char *gone = write_one (f, "gone");
  g_autofree char *path = anx_profile_build_path (f->profiles[DUTY], "client.db");
  g_autofree char *backup = g_strconcat (path, ".old", NULL);
  g_autoptr (GBytes) sealed = read_sealed (f->clients[DUTY], gone);
  anx_copy_database (path, backup);
  order_and_settle (f, gone);
  settle_both (f);
  close_client (f, DUTY);
  anx_restore_database (backup, path);
  anx_remove_database (backup);
  g_assert_true (is_anywhere (f->district->folder, sealed));
  open_client (f, DUTY);
  anx_settle (f->clients[DUTY]);
  g_assert_false (has (f->clients[DUTY], gone));
  wait_until_nowhere (f, sealed);
}

/* The hub goes back to before the order; whoever obeyed it tells it again, and nobody takes back what is erased. */
static void
see_hub_restored (Fixture *f)
{
  g_autofree char *gone = write_one (f, "gone");
  g_autofree char *path = g_build_filename (f->district->folder, "hub.db", NULL);
  g_autofree char *backup = g_build_filename (f->district->folder, "old.db", NULL);
  g_autoptr (GBytes) sealed = read_sealed (f->clients[DUTY], gone);
  anx_copy_database (path, backup);
  order_and_settle (f, gone);
  settle_both (f);
  close_client (f, ADMIN);
  anx_client_stop (f->clients[KIOSK]);
  anx_hub_fixture_stop (f->district, SIGKILL);
  anx_restore_database (backup, path);
  anx_remove_database (backup);
  anx_hub_fixture_start (f->district);
  g_assert_true (is_anywhere (f->district->folder, sealed));
  anx_settle (f->clients[DUTY]);
  wait_until_nowhere (f, sealed);
  anx_client_start (f->clients[KIOSK]);
  settle_both (f);
  g_assert_false (has (f->clients[DUTY], gone) || has (f->clients[KIOSK], gone));
  g_autofree char *after = write_one (f, "after");
  g_assert_true (has (f->clients[DUTY], after));
  open_client (f, ADMIN);
  anx_settle (f->clients[ADMIN]);
  g_assert_cmpuint (anx_client_count_set_aside (f->clients[ADMIN]), ==, 0);
  g_assert_false (is_anywhere (f->district->folder, sealed));
}

static guint
count_refused (AnxClient *client)
{
  g_autoptr (GPtrArray) notices = anx_client_list_notices (client, NULL);
  guint n = 0;
  for (guint i = 0; i < notices->len; i++)
    n += g_str_equal (((const AnxNotice *) notices->pdata[i])->name, "hub-refuses-order");
  return n;
}

/* The same, but whoever ordered it was revoked meanwhile: the hub refuses the order, which is told, as it still has what was to be erased. */
static void
see_order_refused (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *gone = write_one (f, "gone");
  g_autofree char *path = g_build_filename (f->district->folder, "hub.db", NULL);
  g_autofree char *backup = g_build_filename (f->district->folder, "old.db", NULL);
  g_autoptr (GBytes) sealed = read_sealed (f->clients[DUTY], gone);
  anx_copy_database (path, backup);
  order_and_settle (f, gone);
  settle_both (f);
  close_client (f, ADMIN);
  anx_client_stop (f->clients[KIOSK]);
  anx_hub_fixture_stop (f->district, SIGKILL);
  anx_restore_database (backup, path);
  anx_remove_database (backup);
  anx_hub_fixture_start (f->district);
  const char *serials[] = { anx_certificate_get_serial (anx_profile_get_sign_certificate (f->profiles[ADMIN])), NULL };
  g_autoptr (GBytes) crl = anx_authority_make_crl (f->district->authority, serials, 1, g_get_real_time (), &error);
  g_assert_no_error (error);
  g_autoptr (AnxHubAnswer) answer = anx_hub_fixture_request (f->district, "PUT", "/v1/crl", "application/pkix-crl", crl);
  g_assert_cmpuint (answer->status, ==, 204);
  g_assert_cmpuint (count_refused (f->clients[DUTY]), ==, 0);
  anx_settle (f->clients[DUTY]);
  g_assert_cmpuint (count_refused (f->clients[DUTY]), >=, 1);
  g_assert_false (has (f->clients[DUTY], gone));
  g_assert_true (is_anywhere (f->district->folder, sealed));
}

/* The end of the author's own chain is erased, and then its database is lost: it goes on behind it all the same. */
static void
see_head_erased (Fixture *f)
{
  g_autofree char *first = write_one (f, "first");
  g_autofree char *gone = write_one (f, "gone");
  order_and_settle (f, gone);
  settle_both (f);
  close_client (f, KIOSK);
  g_autofree char *path = anx_profile_build_path (f->profiles[KIOSK], "client.db");
  anx_remove_database (path);
  open_client (f, KIOSK);
  g_autofree char *after = write_one (f, "after");
  settle_both (f);
  g_assert_cmpuint (anx_client_count_set_aside (f->clients[KIOSK]), ==, 0);
  g_assert_true (has (f->clients[KIOSK], first) && has (f->clients[DUTY], after));
  g_assert_false (has (f->clients[KIOSK], gone));
  g_autoptr (GPtrArray) notices = anx_client_list_notices (f->clients[KIOSK], NULL);
  for (guint i = 0; i < notices->len; i++)
    g_assert_true (g_str_has_prefix (((const AnxNotice *) notices->pdata[i])->name, "own-"));
  assert_quiet (f->clients[DUTY]);
}

/* The hub's word, and that of somebody without the office, erase nothing. */
static void
see_forged (Fixture *f)
{
  g_autofree char *kept = write_one (f, "kept");
  order (f->clients[DUTY], f->clients[KIOSK], kept);
  settle_both (f);
  g_assert_cmpuint (anx_client_count_set_aside (f->clients[DUTY]), ==, 1);
  g_autoptr (GPtrArray) orders = anx_client_list_records (f->clients[DUTY], ANX_KIND_ERASURE, NULL);
  anx_client_take_record (f->clients[KIOSK], anx_inbox_record_get_envelope (orders->pdata[orders->len - 1]), NULL);
  g_assert_true (anx_client_erase_ordered (f->clients[KIOSK], NULL) && anx_client_erase_ordered (f->clients[DUTY], NULL));
  g_assert_true (has (f->clients[KIOSK], kept) && has (f->clients[DUTY], kept));
}

static gboolean
is_ready (gpointer data)
{
  return anx_record_index_is_ready (data);
}

/* Names in the index, and what somebody was just writing about it. */
static void
see_index_and_drafts (Fixture *f)
{
  static const char *const recipients[] = { "duty-east", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *id = anx_uuid_new (g_get_real_time ());
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", BOOKING);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, "screening", "kiosk-east-1", recipients, NULL, g_get_real_time (), routing);
  g_autoptr (JsonNode) node = json_from_string ("{\"resourceType\":\"Basic\",\"text\":\"gone\"}", NULL);
  g_assert_true (anx_client_write (f->clients[KIOSK], header, node, &error));
  settle_both (f);
  g_assert_true (anx_draft_keep (f->clients[DUTY], "note-" BOOKING, "she said", &error));
  g_assert_true (anx_draft_keep (f->clients[DUTY], "note-other", "kept", &error));
  g_autoptr (AnxRecordIndex) index = anx_record_index_new (f->clients[DUTY], 10);
  anx_record_index_start (index);
  anx_wait_until (is_ready, index, 20);
  g_assert_nonnull (anx_record_index_get (index, id));

  order_and_settle (f, id);
  settle_both (f);
  g_assert_null (anx_record_index_get (index, id));
  g_autoptr (GPtrArray) shown = anx_record_index_search (index, NULL, NULL, 10, NULL);
  g_assert_cmpuint (shown->len, ==, 0);
  g_auto (GStrv) drafts = anx_draft_list (f->clients[DUTY]);
  g_assert_cmpuint (g_strv_length (drafts), ==, 1);
  g_assert_cmpstr (drafts[0], ==, "note-other");
  anx_record_index_stop (index);

  g_autoptr (AnxRecordIndex) again = anx_record_index_new (f->clients[DUTY], 10);
  anx_record_index_start (again);
  anx_wait_until (is_ready, again, 20);
  g_assert_null (anx_record_index_get (again, id));
  anx_record_index_stop (again);
}

/* Several in one district: to make one takes longer than what is to be seen in it. */
static void
test_at_hand (Fixture *f,
              gconstpointer data)
{
  see_index_and_drafts (f);
  see_everywhere (f);
  see_forged (f);
}

static void
test_later (Fixture *f,
            gconstpointer data)
{
  see_offline (f);
  see_client_restored (f);
}

static void
test_lost (Fixture *f,
           gconstpointer data)
{
  see_head_erased (f);
  see_hub_restored (f);
  see_order_refused (f);
}

/* So many orders as a hub takes in one request, then those before them. */
static void
test_batches (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("anx-eraser-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (folder, "client.db", NULL);
  g_autoptr (AnxDatabase) database = anx_client_database_open (path, &error);
  g_assert_no_error (error);
  for (gint64 i = 1; i <= 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("order-%" G_GINT64_FORMAT, i);
      g_assert_true (anx_database_run (database, &error,
                                       "INSERT INTO record (id, kind, author, sequence, created, digest, header, envelope)"
                                       " VALUES (?, '" ANX_KIND_ERASURE "', 'chief', ?, 1, 'digest', '{}', zeroblob (1000000))", "si", id, i) &&
                     anx_database_run (database, &error, "INSERT INTO obeyed VALUES (?)", "s", id));
      g_assert_no_error (error);
    }
  g_assert_true (anx_eraser_tell_again (database, &error));
  static const char *const expected[] = { "order-5 order-4", "order-3 order-2", "order-1", "" };
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      gint64 place = 0;
      g_autoptr (AnxOutboxBatch) batch = anx_eraser_list_to_tell (database, "kiosk-east-1", &place, &error);
      g_assert_no_error (error);
      g_ptr_array_add (batch->ids, NULL);
      g_autofree char *ids = g_strjoinv (" ", (char **) batch->ids->pdata);
      g_assert_cmpstr (ids, ==, expected[i]);
      g_assert_true (anx_eraser_told (database, place, &error));
    }
  g_assert_false (anx_eraser_has_to_tell (database));
  g_clear_object (&database);
  anx_remove_database (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/sync/erasures/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("at-hand", test_at_hand);
  ADD ("later", test_later);
  ADD ("lost", test_lost);
  g_test_add_func ("/sync/erasures/batches", test_batches);
  return g_test_run ();
}
