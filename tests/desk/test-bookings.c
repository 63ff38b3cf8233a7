/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

#include "board-window.h"
#include "booking-code.h"
#include "booking-dialog.h"
#include "bookings-page.h"
#include "bounds.h"
#include "calendar-address.h"
#include "clock.h"
#include "closures-dialog.h"
#include "database.h"
#include "desk-bookings-private.h"
#include "desk-look.h"
#include "free-times.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "lent-times-dialog.h"
#include "plan-editor.h"
#include "sync-error.h"
#include "test-display.h"
#include "waiting-dialog.h"

/* What the staff book for somebody while the hub is away, against the real hub: nothing is booked or written twice, and nothing is lost. */
#define SERVICE "{\"id\":\"talk\",\"name\":\"Talk\",\"minutes\":50,\"before\":0,\"after\":10}"

typedef struct
{
  AnxHubFixture *district;
  AnxProfile *counsellor, *staff;
  AnxProfile *dead; /* (nullable) a kiosk that does not come back */
  AnxClock *clock;
  AnxClient *client;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
} Fixture;

/* Everybody can at every hour of every day: three with three rooms have the same times nine times. */
static void
put_full_plan (Fixture *f,
               const char *counsellor)
{
  g_autofree char *plan = g_strdup_printf ("{\"counsellor\":\"%s\",\"centres\":[\"east\"],\"timezone\":\"Asia/Shanghai\",\"services\":[\"talk\",\"hour\",\"young\"],\"holidays\":true,"
                                           "\"hours\":[{\"start\":\"2026-01-01T00:00:00\",\"end\":\"2026-01-02T00:00:00\",\"rrule\":\"FREQ=DAILY\"}],\"absences\":[]}",
                                           counsellor);
  g_autofree char *path = g_strconcat ("/v1/plans/", counsellor, NULL);
  g_autoptr (GBytes) body = g_bytes_new (plan, strlen (plan));
  g_autoptr (AnxHubAnswer) answer = anx_hub_fixture_request (f->district, "PUT", path, "application/json", body);
  g_assert_cmpuint (answer->status, ==, 204);
}

static void
put_plan (Fixture *f)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) day = g_date_time_add_days (now, -2);
  g_autofree char *date = g_date_time_format (day, "%Y-%m-%d");
  g_autofree char *plan = g_strdup_printf ("{\"counsellor\":\"li\",\"centres\":[\"east\"],\"timezone\":\"Asia/Shanghai\",\"services\":[\"talk\"],\"holidays\":true,"
                                           "\"hours\":[{\"start\":\"%sT08:00:00\",\"end\":\"%sT18:00:00\",\"rrule\":\"FREQ=DAILY\"}],\"absences\":[]}", date, date);
  g_autoptr (GBytes) body = g_bytes_new (plan, strlen (plan));
  g_autoptr (AnxHubAnswer) answer = anx_hub_fixture_request (f->district, "PUT", "/v1/plans/li", "application/json", body);
  g_assert_cmpuint (answer->status, ==, 204);
}

static const char *const MANY[] = { "li", "wang", "zhao" };

static void
add_many (Fixture *f)
{
  f->district->n_rooms = G_N_ELEMENTS (MANY);
  json_array_add_object_element (f->district->services, anx_json_parse_object ("{\"id\":\"hour\",\"name\":\"An hour\",\"minutes\":60}", -1, 4096, NULL));
  json_array_add_object_element (f->district->services, anx_json_parse_object ("{\"id\":\"young\",\"name\":\"Young\",\"minutes\":60,\"leastAge\":14,\"mostAge\":18}", -1, 4096, NULL));
  f->dead = anx_hub_fixture_add (f->district, "dead", "kiosk", NULL);
  for (gsize i = 1; i < G_N_ELEMENTS (MANY); i++)
    g_object_unref (anx_hub_fixture_add (f->district, MANY[i], "person", "counsellor"));
}

/* @data: (nullable): anything = three counsellors and three rooms */
static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->district = anx_hub_fixture_new ();
  json_array_add_object_element (f->district->services, anx_json_parse_object (SERVICE, -1, 4096, NULL));
  f->counsellor = anx_hub_fixture_add (f->district, "li", "person", "counsellor");
  f->staff = anx_hub_fixture_add (f->district, "chen", "person", "staff");
  if (data != NULL)
    add_many (f);
  f->clock = anx_clock_new_system ();
  anx_hub_fixture_start (f->district);
  anx_hub_fixture_publish (f->district);
  if (data == NULL)
    put_plan (f);
  for (gsize i = 0; data != NULL && i < G_N_ELEMENTS (MANY); i++)
    put_full_plan (f, MANY[i]);
  f->client = anx_hub_fixture_open_client (f->district, f->staff, f->clock);
  f->service = anx_desk_service_new (f->client);
  f->bookings = anx_desk_bookings_get (f->service);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  anx_client_stop (f->client);
  g_object_unref (f->service);
  g_object_unref (f->client);
  g_object_unref (f->clock);
  g_object_unref (f->counsellor);
  g_clear_object (&f->dead);
  g_object_unref (f->staff);
  anx_hub_fixture_free (f->district);
}

/* --- asking --- */

static GPtrArray *
list_slots (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  gint64 now = g_get_real_time ();
  anx_desk_bookings_list_slots_async (f->bookings, "talk", NULL, NULL, now, now + 10 * ANX_USEC_PER_DAY, FALSE, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  GPtrArray *slots = anx_desk_bookings_list_slots_finish (f->bookings, result, NULL, &error);
  g_assert_no_error (error);
  return slots;
}

/* The code, or NULL with this code of ANX_SYNC_ERROR. */
static char *
book_or (Fixture *f,
         const AnxDeskWish *wish,
         int expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  anx_desk_bookings_book_async (f->bookings, wish, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  char *code = anx_desk_bookings_book_finish (f->bookings, result, NULL, &error);
  if (code == NULL)
    g_assert_error (error, ANX_SYNC_ERROR, expected);
  return code;
}

static char *
book (Fixture *f,
      const AnxDeskWish *wish)
{
  return book_or (f, wish, ANX_SYNC_ERROR_OFFLINE);
}

static gboolean
wait_for_time (Fixture *f,
               const char *entry,
               const AnxDeskWish *wish)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  anx_desk_bookings_wait_async (f->bookings, entry, wish, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  gboolean done = anx_desk_bookings_wait_finish (f->bookings, result, &error);
  if (!done)
    g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE);
  return done;
}

static gint64
count_at_hub (Fixture *f,
              const char *sql,
              const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (f->district->folder, "hub.db", NULL);
  g_autoptr (AnxDatabase) database = anx_database_open_reader (path, &error);
  g_assert_no_error (error);
  gint64 n = anx_database_query_int (database, -1, &error, sql, "s", id);
  g_assert_no_error (error);
  return n;
}

static guint
count_contacts (Fixture *f)
{
  g_autoptr (GPtrArray) records = anx_client_list_records (f->client, ANX_KIND_CONTACT, NULL);
  return records->len;
}

/* As when the answer is lost on its way: the hub has the very claim. */
static void
deliver_claim (Fixture *f)
{
  const AnxDeskProxy *lost = f->bookings->unanswered;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *path = g_strconcat ("/v1/bookings/", lost->id, NULL);
  g_autoptr (JsonNode) body = anx_json_node_from_object (lost->claim);
  anx_client_request_async (f->client, "PUT", path, body, NULL, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  g_autoptr (JsonNode) answer = anx_client_request_finish (f->client, result, NULL, &error);
  g_assert_no_error (error);
}

static AnxDeskSlot *
find_free (GPtrArray *slots)
{
  for (guint i = 0; i < slots->len; i++)
    {
      AnxDeskSlot *slot = g_ptr_array_index (slots, i);
      if (slot->lease == NULL && slot->start_usec > g_get_real_time () + ANX_USEC_PER_HOUR)
        return slot;
    }
  g_assert_not_reached ();
}

static void
go_away (Fixture *f)
{
  anx_wait_until (anx_is_online, f->client, 30);
  anx_hub_fixture_stop (f->district, SIGKILL);
  anx_wait_until (anx_is_offline, f->client, 30);
}

/* --- */

/* Asked for again, the time is booked once, with the code of the first try, for whom it is then. It is offered though the hub says it is taken.
 * On the waiting list it is the same entry and the same record, however often it is pressed. */
static void
test_lost_answer (Fixture *f,
                  gconstpointer data)
{
  AnxDeskWish later = { .service = "talk", .name = "赵秋", .phone = "13900001234" };
  g_autofree char *entry = anx_uuid_new (g_get_real_time ());
  g_autoptr (GPtrArray) slots = list_slots (f);
  const AnxDeskSlot *slot = find_free (slots);
  AnxDeskWish wish = { .service = "talk", .counsellor = slot->counsellor, .room = slot->room, .origin = "staff", .name = "林小雨", .phone = "13900001234",
                       .start_usec = slot->start_usec, .sessions = 1 };
  go_away (f);
  g_autofree char *none = book (f, &wish);
  g_assert_null (none);
  g_assert_nonnull (f->bookings->unanswered);
  g_assert_null (f->bookings->unanswered->name);
  g_autofree char *id = g_strdup (f->bookings->unanswered->id);
  g_autofree char *expected = anx_booking_code_format (f->bookings->unanswered->code);
  for (guint i = 0; i < 2; i++)
    g_assert_false (wait_for_time (f, entry, &later));
  g_assert_cmpuint (count_contacts (f), ==, 1);

  anx_hub_fixture_start (f->district);
  anx_wait_until (anx_is_online, f->client, 60);
  deliver_claim (f);
  g_autoptr (GPtrArray) after = list_slots (f);
  guint listed = after->len;
  for (guint i = 0; i < listed; i++)
    g_assert_cmpint (((const AnxDeskSlot *) g_ptr_array_index (after, i))->start_usec, !=, wish.start_usec);
  anx_desk_bookings_offer_unanswered (f->bookings, "walk", NULL, after);
  anx_desk_bookings_offer_unanswered (f->bookings, "talk", "another", after);
  g_assert_cmpuint (after->len, ==, listed);
  anx_desk_bookings_offer_unanswered (f->bookings, "talk", NULL, after);
  g_assert_cmpuint (after->len, ==, listed + 1);
  const AnxDeskSlot *offered = g_ptr_array_index (after, 0);
  g_assert_cmpint (offered->start_usec, ==, wish.start_usec);
  g_assert_cmpuint (offered->unanswered, ==, 1);

  wish.counsellor = offered->counsellor;
  wish.room = offered->room;
  wish.name = "林晓雨";
  g_autofree char *code = book (f, &wish);
  g_assert_cmpstr (code, ==, expected);
  g_assert_null (f->bookings->unanswered);
  g_assert_cmpint (count_at_hub (f, "SELECT count(*) FROM booking WHERE id = ?", id), ==, 1);
  g_assert_cmpint (count_at_hub (f, "SELECT count(*) FROM booking WHERE id <> ?", id), ==, 0);
  g_assert_cmpstr (anx_desk_model_get_contact (anx_desk_service_get_model (f->service), id)->name, ==, "林晓雨");

  for (guint i = 0; i < 2; i++)
    g_assert_true (wait_for_time (f, entry, &later));
  g_assert_cmpint (count_at_hub (f, "SELECT count(*) FROM waiting WHERE id = ? AND channel = 'staff'", entry), ==, 1);
  g_assert_cmpint (count_at_hub (f, "SELECT count(*) FROM waiting WHERE id <> ?", entry), ==, 0);
  g_assert_cmpuint (count_contacts (f), ==, 2);
}

/* A colleague found the booking without a name and called it off: the code of a booking that is none is not given out. */
static void
test_changed_meanwhile (Fixture *f,
                        gconstpointer data)
{
  g_autoptr (GPtrArray) slots = list_slots (f);
  const AnxDeskSlot *slot = find_free (slots);
  AnxDeskWish wish = { .service = "talk", .counsellor = slot->counsellor, .room = slot->room, .origin = "staff", .name = "林小雨", .phone = "13900001234",
                       .start_usec = slot->start_usec, .sessions = 1 };
  go_away (f);
  g_autofree char *none = book (f, &wish);
  g_assert_null (none);
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/status", f->bookings->unanswered->id);
  anx_hub_fixture_start (f->district);
  anx_wait_until (anx_is_online, f->client, 60);
  deliver_claim (f);
  g_autoptr (JsonNode) body = json_from_string ("{\"status\":\"cancelled\",\"reason\":\"desk\"}", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  anx_client_request_async (f->client, "POST", path, body, NULL, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  g_autoptr (JsonNode) answer = anx_client_request_finish (f->client, result, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *code = book_or (f, &wish, ANX_SYNC_ERROR_CONFLICT);
  g_assert_null (code);
  g_assert_null (f->bookings->unanswered);
  /* The next try is a booking of its own. */
  g_autofree char *fresh = book (f, &wish);
  g_assert_nonnull (fresh);
}

/* Whom to call now: the staff's own, of which a time became free. */
static void
test_due (void)
{
  AnxDeskWaiting entry = { .channel = (char *) "staff", .state = (char *) "open", .noticed_usec = 1 };
  g_assert_true (anx_desk_waiting_is_due (&entry));
  entry.noticed_usec = 0;
  g_assert_false (anx_desk_waiting_is_due (&entry));
  entry.noticed_usec = 1;
  entry.state = (char *) "closed";
  g_assert_false (anx_desk_waiting_is_due (&entry));
  entry.state = (char *) "open";
  entry.channel = (char *) "sms";
  g_assert_false (anx_desk_waiting_is_due (&entry));
}

/* --- by keys alone, and as a screen reader says it --- */

static gboolean
is_named (GtkWidget *widget)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);
  return gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL)
         || gtk_test_accessible_has_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

/* What keys can act on, in sight. What GTK itself makes focusable around them is none: it takes no key of its own. A window is closed by Escape,
 * and the arrow keys count. */
static void
list_stops (GtkWidget *widget,
            GPtrArray *stops)
{
  if (!gtk_widget_get_mapped (widget) || GTK_IS_WINDOW_CONTROLS (widget))
    return;
  gboolean inner = GTK_IS_SCROLLED_WINDOW (widget) || (GTK_IS_BUTTON (widget) && GTK_IS_SPIN_BUTTON (gtk_widget_get_parent (widget)))
                    || GTK_IS_LIST_BOX (widget) || g_str_equal (G_OBJECT_TYPE_NAME (widget), "GtkListItemWidget");
  if (gtk_widget_get_focusable (widget) && gtk_widget_is_sensitive (widget) && !inner)
    g_ptr_array_add (stops, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    list_stops (child, stops);
}

/* A text says itself; a field's text and a list's button are named by what they are in. */
static void
check_named (GtkWidget *stop)
{
  GtkWidget *widget = stop;
  while (GTK_IS_TEXT (stop) || GTK_IS_TOGGLE_BUTTON (stop))
    {
      GtkWidget *outer = gtk_widget_get_parent (widget);
      if (!GTK_IS_ENTRY (outer) && !GTK_IS_SEARCH_ENTRY (outer) && !GTK_IS_SPIN_BUTTON (outer) && !GTK_IS_DROP_DOWN (outer))
        break;
      widget = outer;
    }
  if (!GTK_IS_LABEL (widget) && !is_named (widget))
    g_error ("a %s in a %s has no name", G_OBJECT_TYPE_NAME (widget), G_OBJECT_TYPE_NAME (gtk_widget_get_parent (widget)));
}

typedef struct
{
  GtkWindow *window;
  guint n;
} Stops;

static gboolean
has_stops (gpointer data)
{
  const Stops *wanted = data;
  g_autoptr (GPtrArray) stops = g_ptr_array_new ();
  list_stops (GTK_WIDGET (wanted->window), stops);
  return stops->len >= wanted->n;
}

/* With Tab alone one comes to all of them, and each says what it is; once at least @n are there. */
static void
check_keys (GtkWindow *window,
            guint n)
{
  Stops wanted = { window, n };
  g_autoptr (GPtrArray) stops = g_ptr_array_new ();
  g_autoptr (GHashTable) reached = g_hash_table_new (NULL, NULL);
  anx_wait_until (has_stops, &wanted, 30);
  /* A booking that is come to is shown at the side: that is what there is then. */
  for (guint i = 0; i < 40; i++)
    gtk_widget_child_focus (GTK_WIDGET (window), GTK_DIR_TAB_FORWARD);
  list_stops (GTK_WIDGET (window), stops);
  for (guint i = 0; i < 3 * stops->len + 10; i++)
    {
      gtk_widget_child_focus (GTK_WIDGET (window), GTK_DIR_TAB_FORWARD);
      g_hash_table_add (reached, gtk_window_get_focus (window));
    }
  g_test_message ("%s: %u stops", gtk_window_get_title (window), stops->len);
  for (guint i = 0; i < stops->len; i++)
    {
      GtkWidget *stop = g_ptr_array_index (stops, i);
      check_named (stop);
      if (!g_hash_table_contains (reached, stop))
        g_error ("a %s in a %s is not reached", G_OBJECT_TYPE_NAME (stop), G_OBJECT_TYPE_NAME (gtk_widget_get_parent (stop)));
    }
}

static gboolean
is_mapped (gpointer data)
{
  return gtk_widget_get_mapped (data);
}

/* Of the window that is there beside the page. */
static void
check_dialog (GtkWindow *page,
              guint n)
{
  GListModel *all = gtk_window_get_toplevels ();
  g_assert_cmpuint (g_list_model_get_n_items (all), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (all, i);
      if (window == page)
        continue;
      anx_wait_until (is_mapped, window, 30);
      check_keys (window, n);
      anx_look_at (GTK_WIDGET (window), gtk_window_get_title (window));
      gtk_window_destroy (window);
      return;
    }
}

static GtkWidget *
find (GtkWidget *widget,
      const char *text)
{
  if (GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), g_dgettext (GETTEXT_PACKAGE, text)) == 0)
    return widget;
  GtkWidget *found = NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); found == NULL && child != NULL; child = gtk_widget_get_next_sibling (child))
    found = find (child, text);
  return found;
}

typedef struct
{
  GtkWindow *window;
  const char *text;
} Sought;

static gboolean
is_there (gpointer data)
{
  const Sought *sought = data;
  return find (GTK_WIDGET (sought->window), sought->text) != NULL;
}

static void
wait_for (GtkWindow *window,
          const char *text)
{
  Sought sought = { window, text };
  anx_wait_until (is_there, &sought, 30);
}

static void
press (GtkWindow *window,
       const char *text)
{
  wait_for (window, text);
  GtkWidget *button = find (GTK_WIDGET (window), text);
  if (GTK_IS_TOGGLE_BUTTON (button))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  else
    g_signal_emit_by_name (button, "clicked");
}

static GtkWidget *
find_search (GtkWidget *widget)
{
  GtkWidget *found = GTK_IS_SEARCH_ENTRY (widget) ? widget : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); found == NULL && child != NULL; child = gtk_widget_get_next_sibling (child))
    found = find_search (child);
  return found;
}

static void
present_plan (GtkWindow *parent,
              AnxDeskService *service)
{
  anx_plan_editor_present (parent, service, NULL);
}

static void
test_keys (Fixture *f,
           gconstpointer data)
{
  static const GActionEntry actions[] = { { .name = "booking-status", .parameter_type = "s" } };
  static const struct
  {
    void (*present) (GtkWindow *, AnxDeskService *);
    guint n; /* stops, once what it asks for is there */
  } dialogs[] = {
    { anx_booking_dialog_present, 7 }, { anx_closures_dialog_present, 7 }, { anx_waiting_dialog_present, 2 }, { present_plan, 1 }, { anx_calendar_address_present, 2 },
  };
  AnxDeskWish later = { .service = "talk", .name = "赵秋", .phone = "13900001234" };
  g_autofree char *entry = anx_uuid_new (g_get_real_time ());
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GPtrArray) slots = list_slots (f);
  const AnxDeskSlot *slot = find_free (slots);
  AnxDeskWish wish = { .service = "talk", .counsellor = slot->counsellor, .room = slot->room, .origin = "staff", .name = "林小雨", .phone = "13900001234",
                       .start_usec = slot->start_usec, .sessions = 1 };
  g_action_map_add_action_entries (G_ACTION_MAP (group), actions, G_N_ELEMENTS (actions), NULL);
  GtkWindow *window = GTK_WINDOW (gtk_window_new ());
  GtkWidget *page = anx_bookings_page_new (f->service);
  gtk_widget_insert_action_group (GTK_WIDGET (window), "win", G_ACTION_GROUP (group));
  gtk_window_set_title (window, "page");
  gtk_window_set_child (window, page);
  gtk_window_present (window);
  anx_wait_until (is_mapped, window, 30);
  g_assert_true (wait_for_time (f, entry, &later));
  press (window, "New ticket");
  wait_for (window, "Call");
  check_keys (window, 1);
  press (window, "Needs a look");
  check_keys (window, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (dialogs); i++)
    {
      dialogs[i].present (window, f->service);
      check_dialog (window, dialogs[i].n);
    }
  g_autofree char *code = book (f, &wish);
  g_assert_nonnull (code);
  check_keys (window, 1);
  /* In whichever week it lies. */
  gtk_editable_set_text (GTK_EDITABLE (find_search (page)), "1234");
  wait_for (window, "Show");
  check_keys (window, 1);
  press (window, "Show");
  wait_for (window, "_Move…");
  check_keys (window, 1);
  gtk_window_destroy (window);
}

static GtkWidget *
find_class (GtkWidget *widget,
            const char *css_class)
{
  GtkWidget *found = gtk_widget_has_css_class (widget, css_class) ? widget : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); found == NULL && child != NULL; child = gtk_widget_get_next_sibling (child))
    found = find_class (child, css_class);
  return found;
}

/* --- a time on a day of one's choice --- */

static GtkWidget *
find_type (GtkWidget *widget,
           GType type)
{
  GtkWidget *found = G_TYPE_CHECK_INSTANCE_TYPE (widget, type) ? widget : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); found == NULL && child != NULL; child = gtk_widget_get_next_sibling (child))
    found = find_type (child, type);
  return found;
}

/* By what a screen reader says of it; it is there, and no mere words. */
static GtkWidget *
find_named (GtkWidget *widget,
            const char *name)
{
  g_autofree char *wrong = !GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) && gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL)
                             ? gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, g_dgettext (GETTEXT_PACKAGE, name))
                             : g_strdup ("none");
  GtkWidget *found = wrong == NULL ? widget : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); found == NULL && child != NULL; child = gtk_widget_get_next_sibling (child))
    found = find_named (child, name);
  return found;
}

static gboolean
has_chosen (gpointer times)
{
  return anx_free_times_get_chosen (times) != NULL;
}

static gboolean
has_code (gpointer window)
{
  GtkWidget *code = find_class (window, "code");
  return code != NULL && gtk_widget_get_mapped (code);
}

static gboolean
is_sensitive (gpointer widget)
{
  return gtk_widget_get_sensitive (widget);
}

static gboolean
is_insensitive (gpointer widget)
{
  return !gtk_widget_get_sensitive (widget);
}

static void
choose (GtkWindow *window,
        const char *name,
        guint index)
{
  gtk_drop_down_set_selected (GTK_DROP_DOWN (find_named (GTK_WIDGET (window), name)), index);
}

/* One each hour; later answers bring the rest of a day at which one ends. */
static gboolean
has_whole_day (gpointer times)
{
  return g_list_model_get_n_items (gtk_drop_down_get_model (GTK_DROP_DOWN (find_named (times, "Free times of this day")))) == 24;
}

/* The form for a booking, for an hour of "hour". */
static GtkWindow *
open_form (Fixture *f,
           AnxFreeTimes **out_times)
{
  GtkWindow *window = NULL;
  GListModel *all = gtk_window_get_toplevels ();
  anx_wait_until (anx_is_online, f->client, 30);
  anx_booking_dialog_present (NULL, f->service);
  g_assert_cmpuint (g_list_model_get_n_items (all), ==, 1);
  window = g_list_model_get_item (all, 0);
  g_object_unref (window);
  anx_wait_until (is_mapped, window, 30);
  *out_times = ANX_FREE_TIMES (find_type (GTK_WIDGET (window), ANX_TYPE_FREE_TIMES));
  choose (window, "What for", 1);
  anx_wait_until (has_chosen, *out_times, 30);
  return window;
}

static void
book_in_form (Fixture *f,
              GtkWindow *window,
              gint64 start_usec,
              const char *origin)
{
  g_autofree char *start = g_strdup_printf ("%" G_GINT64_FORMAT, start_usec);
  g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM booking WHERE start = CAST (? AS INTEGER) AND origin = '%s' AND status = 'booked'", origin);
  gtk_editable_set_text (GTK_EDITABLE (find_named (GTK_WIDGET (window), "Name of the resident")), "林小雨");
  press (window, "_Book");
  anx_wait_until (has_code, window, 30);
  g_assert_cmpint (count_at_hub (f, sql, start), ==, 1);
  gtk_window_destroy (window);
}

/* With three counsellors and three rooms each time stands there once, on each of the days that can be booked; these are more than one answer of
 * the hub holds. What is chosen in the calendar far ahead is booked there. */
static void
test_days (Fixture *f,
           gconstpointer data)
{
  AnxFreeTimes *times = NULL;
  GtkWindow *window = open_form (f, &times);
  GtkWidget *later = find_named (GTK_WIDGET (times), "Later day with a free time");
  gint64 last_usec = anx_free_times_get_chosen (times)->start_usec;
  g_assert_cmpint (last_usec, >, g_get_real_time () - ANX_USEC_PER_MINUTE);
  for (guint day = 1; day < ANX_BOUND_SLOT_DAYS; day++)
    {
      anx_wait_until (is_sensitive, later, 30);
      g_signal_emit_by_name (later, "clicked");
      gint64 start_usec = anx_free_times_get_chosen (times)->start_usec;
      g_assert_cmpint (start_usec, >, last_usec);
      g_assert_cmpint (start_usec - last_usec, <=, ANX_USEC_PER_DAY);
      last_usec = start_usec;
      if (day < ANX_BOUND_SLOT_DAYS - 1)
        anx_wait_until (has_whole_day, times, 30);
    }

  GtkCalendar *calendar = GTK_CALENDAR (find_type (GTK_WIDGET (times), GTK_TYPE_CALENDAR));
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) far = g_date_time_add_days (now, 40);
  gtk_calendar_select_day (calendar, far);
  g_assert_true (has_whole_day (times));
  g_assert_true (gtk_calendar_get_day_is_marked (calendar, (guint) g_date_time_get_day_of_month (far)));
  anx_look_at (GTK_WIDGET (window), "days");
  g_autoptr (GDateTime) end = g_date_time_add_days (now, ANX_BOUND_SLOT_DAYS - 8);
  GtkWidget *day = find_type (GTK_WIDGET (times), GTK_TYPE_MENU_BUTTON);
  gtk_calendar_select_day (calendar, end);
  gtk_menu_button_popup (GTK_MENU_BUTTON (day));
  anx_wait_until (is_mapped, calendar, 30);
  anx_look_at (GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (day))), "calendar");
  gtk_menu_button_popdown (GTK_MENU_BUTTON (day));
  gtk_calendar_select_day (calendar, far);
  choose (window, "Free times of this day", 7);
  gint64 far_usec = anx_free_times_get_chosen (times)->start_usec;
  g_assert_cmpint (far_usec, >, g_get_real_time () + 38 * ANX_USEC_PER_DAY);
  g_autoptr (GDateTime) beyond = g_date_time_add_days (now, ANX_BOUND_SLOT_DAYS + 3);
  gtk_calendar_select_day (calendar, beyond);
  g_assert_null (anx_free_times_get_chosen (times));
  g_assert_true (is_insensitive (later));
  gtk_calendar_select_day (calendar, far);
  g_assert_cmpint (anx_free_times_get_chosen (times)->start_usec, ==, far_usec);
  book_in_form (f, window, far_usec, "staff");
}

/* Who is there can have what is left of a time that has begun; nobody else is offered it. */
static void
test_begun (Fixture *f,
            gconstpointer data)
{
  AnxFreeTimes *times = NULL;
  GtkWindow *window = open_form (f, &times);
  gint64 ahead_usec = anx_free_times_get_chosen (times)->start_usec;
  g_assert_cmpint (ahead_usec, >, g_get_real_time () - ANX_USEC_PER_MINUTE);
  choose (window, "How it came about", 2);
  gint64 start_usec = anx_free_times_get_chosen (times)->start_usec;
  g_assert_cmpint (start_usec, <, ahead_usec);
  g_assert_cmpint (start_usec, >, g_get_real_time () - ANX_USEC_PER_HOUR);
  anx_look_at (GTK_WIDGET (window), "begun");
  choose (window, "How it came about", 0);
  g_assert_cmpint (anx_free_times_get_chosen (times)->start_usec, ==, ahead_usec);
  choose (window, "How it came about", 2);
  book_in_form (f, window, start_usec, "walk-in");
}

/* What is for some ages only is booked when somebody has said that the age fits. */
static void
test_ages (Fixture *f,
           gconstpointer data)
{
  AnxFreeTimes *times = NULL;
  GtkWindow *window = open_form (f, &times);
  GtkWidget *of_age = find_type (GTK_WIDGET (window), GTK_TYPE_CHECK_BUTTON);
  g_assert_false (gtk_widget_get_visible (of_age));
  gtk_editable_set_text (GTK_EDITABLE (find_named (GTK_WIDGET (window), "Name of the resident")), "林小雨");
  GtkWidget *book = find (GTK_WIDGET (window), "_Book");
  g_assert_true (gtk_widget_get_sensitive (book));
  choose (window, "What for", 2);
  anx_wait_until (has_chosen, times, 30);
  g_assert_true (gtk_widget_get_visible (of_age));
  g_assert_false (gtk_widget_get_sensitive (book));
  anx_look_at (GTK_WIDGET (window), "ages");
  gtk_check_button_set_active (GTK_CHECK_BUTTON (of_age), TRUE);
  g_assert_true (gtk_widget_get_sensitive (book));
  choose (window, "What for", 1);
  choose (window, "What for", 2);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (of_age)));
  gtk_window_destroy (window);
}

/* Somebody who drew a number has come: room and counsellor are theirs, the number and the booking know of each other, and the counsellor sees
 * them waiting. Nobody has to say a name. */
static gboolean
is_called (gpointer bookings)
{
  GPtrArray *tickets = anx_desk_bookings_get_tickets (bookings);
  return tickets->len == 1 && g_str_equal (((const AnxDeskTicket *) g_ptr_array_index (tickets, 0))->state, "called");
}

typedef struct
{
  Fixture *f;
  const char *sql;
  char *id;
} Row;

static gboolean
is_at_hub (gpointer data)
{
  const Row *row = data;
  return count_at_hub (row->f, row->sql, row->id) == 1;
}

static void
test_ticket (Fixture *f,
             gconstpointer data)
{
  g_autoptr (GAsyncResult) added = NULL, called = NULL;
  GListModel *all = gtk_window_get_toplevels ();
  anx_wait_until (anx_is_online, f->client, 30);
  anx_desk_bookings_add_ticket_async (f->bookings, "hour", anx_keep_result, &added);
  anx_wait_until (anx_has_result, &added, 30);
  anx_desk_bookings_call_next_async (f->bookings, "east-2", anx_keep_result, &called);
  anx_wait_until (anx_has_result, &called, 30);
  g_autoptr (JsonObject) ticket = anx_desk_bookings_finish (f->bookings, called, NULL);
  g_assert_cmpstr (anx_json_get_string (ticket, "state", ""), ==, "called");
  anx_wait_until (is_called, f->bookings, 30);
  Row row = { f, "SELECT count(*) FROM ticket AS t JOIN booking AS b ON t.booking = b.id WHERE t.id = ? AND t.state = 'serving' AND b.room = 'east-2'"
                 " AND b.origin = 'walk-in' AND b.status = 'checked-in'", g_strdup (anx_json_get_string (ticket, "id", "")) };
  g_autofree char *id = row.id;
  anx_booking_dialog_present_ticket (NULL, f->service, id);
  GtkWindow *window = g_list_model_get_item (all, 0);
  g_object_unref (window);
  anx_wait_until (is_mapped, window, 30);
  AnxFreeTimes *times = ANX_FREE_TIMES (find_type (GTK_WIDGET (window), ANX_TYPE_FREE_TIMES));
  anx_wait_until (has_chosen, times, 30);
  g_assert_cmpint (anx_free_times_get_chosen (times)->start_usec, <=, g_get_real_time ());
  anx_look_at (GTK_WIDGET (window), "has-come");
  press (window, "_Book");
  anx_wait_until (has_code, window, 30);
  anx_wait_until (is_at_hub, &row, 30);
  gtk_window_destroy (window);
}

/* What a kiosk or desk has for itself is told with its name, and is everybody's again when it is taken back. */
static gboolean
has_leases (gpointer bookings)
{
  GPtrArray *leases = anx_desk_bookings_get_leases (bookings);
  for (guint i = 0; i < leases->len; i++)
    if (g_str_equal (((const AnxDeskLease *) g_ptr_array_index (leases, i))->kiosk, "dead"))
      return TRUE;
  return FALSE;
}

static gboolean
has_no_leases (gpointer bookings)
{
  return !has_leases (bookings);
}

/* The kiosk is lent what it asks for, and never heard of again. */
static void
lend (Fixture *f)
{
  g_autoptr (AnxClient) kiosk = anx_hub_fixture_open_client (f->district, f->dead, f->clock);
  g_autoptr (JsonNode) body = json_from_string ("{\"installation\":\"first\",\"held\":[],\"returned\":[]}", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  anx_client_request_async (kiosk, "POST", "/v1/leases", body, NULL, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  g_autoptr (JsonNode) answer = anx_client_request_finish (kiosk, result, NULL, &error);
  g_assert_no_error (error);
  anx_client_stop (kiosk);
}

static GtkWidget *
find_id (GtkWidget *widget,
         const char *id)
{
  GtkWidget *found = g_str_equal (gtk_widget_get_name (widget), id) ? widget : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); found == NULL && child != NULL; child = gtk_widget_get_next_sibling (child))
    found = find_id (child, id);
  return found;
}

static void
test_lent (Fixture *f,
           gconstpointer data)
{
  GListModel *all = gtk_window_get_toplevels ();
  anx_wait_until (anx_is_online, f->client, 30);
  lend (f);
  anx_desk_bookings_refresh (f->bookings);
  anx_wait_until (has_leases, f->bookings, 30);
  anx_lent_times_dialog_present (NULL, f->service);
  GtkWindow *window = g_list_model_get_item (all, 0);
  g_object_unref (window);
  anx_wait_until (is_mapped, window, 30);
  check_keys (window, 1);
  anx_look_at (GTK_WIDGET (window), "lent");
  g_signal_emit_by_name (find_id (GTK_WIDGET (window), "reclaim dead"), "clicked");
  g_assert_cmpuint (g_list_model_get_n_items (all), ==, 2);
  GtkWindow *question = g_list_model_get_item (all, 0);
  g_object_unref (question);
  if (question == window)
    {
      question = g_list_model_get_item (all, 1);
      g_object_unref (question);
    }
  anx_wait_until (is_mapped, question, 30);
  anx_look_at (GTK_WIDGET (question), "take-back");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (question), "reclaim");
  anx_wait_until (has_no_leases, f->bookings, 30);
  g_assert_cmpint (count_at_hub (f, "SELECT count(*) FROM lease WHERE state = 'lent' AND kiosk = ?", "dead"), ==, 0);
  g_assert_cmpint (count_at_hub (f, "SELECT count(*) > 0 FROM lease WHERE state = 'reclaimed' AND kiosk = ?", "dead"), ==, 1);
  gtk_window_destroy (window);
}

static gboolean
is_clock_inside (gpointer window)
{
  GtkWidget *clock = find_class (window, "board-clock");
  double x = 0, y = 0;
  return clock != NULL && gtk_widget_get_height (window) > 0 && gtk_widget_translate_coordinates (clock, window, 0, 0, &x, &y)
         && gtk_widget_get_height (clock) > gtk_widget_get_height (window) / 40
         && y + gtk_widget_get_height (clock) <= gtk_widget_get_height (window) && x + gtk_widget_get_width (clock) <= gtk_widget_get_width (window);
}

/* The letters of the board are as large as its window lets them be: the clock, at the end of it, is all there and can be read. */
static void
test_board (Fixture *f,
            gconstpointer data)
{
  static const int sizes[][2] = { { 1280, 720 }, { 640, 360 }, { 1400, 860 } };
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      GtkWindow *window = anx_board_window_new (f->service);
      gtk_window_set_default_size (window, sizes[i][0], sizes[i][1]);
      gtk_window_present (window);
      anx_wait_until (is_mapped, window, 30);
      anx_wait_until (is_clock_inside, window, 30);
      g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (window)), ==, sizes[i][0]);
      gtk_window_destroy (window);
    }
}

static void
skip_without_display (void)
{
  g_test_skip ("no Xvfb");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (anx_test_display_open (1440, 900))
    {
      /* GTK then keeps what it would tell a screen reader; read with the first widget. */
      g_setenv ("GTK_A11Y", "test", TRUE);
      adw_init ();
      g_test_add ("/desk/bookings/keys", Fixture, NULL, set_up, test_keys, tear_down);
      anx_look_begin ();
      g_test_add ("/desk/bookings/days", Fixture, "many", set_up, test_days, tear_down);
      g_test_add ("/desk/bookings/ages", Fixture, "many", set_up, test_ages, tear_down);
      g_test_add ("/desk/bookings/ticket", Fixture, "many", set_up, test_ticket, tear_down);
      g_test_add ("/desk/bookings/lent", Fixture, "many", set_up, test_lent, tear_down);
      g_test_add ("/desk/bookings/begun", Fixture, "many", set_up, test_begun, tear_down);
      g_test_add ("/desk/bookings/board", Fixture, NULL, set_up, test_board, tear_down);
    }
  else
    g_test_add_func ("/desk/bookings/windows", skip_without_display);
  g_test_add ("/desk/bookings/lost-answer", Fixture, NULL, set_up, test_lost_answer, tear_down);
  g_test_add ("/desk/bookings/changed-meanwhile", Fixture, NULL, set_up, test_changed_meanwhile, tear_down);
  g_test_add_func ("/desk/bookings/due", test_due);
  return g_test_run ();
}
