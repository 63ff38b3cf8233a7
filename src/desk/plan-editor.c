/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan-editor.h"

#include <glib/gi18n.h>
#include <string.h>

#include "desk-bookings.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "dialog-data.h"
#include "dialog-fields.h"
#include "json.h"
#include "ui-text.h"

#define PREVIEW_DAYS 14
#define WEEK_DAYS 7
#define MOST_ROWS 32
/* Residents are not told of days by the hub beyond this. */
#define MOST_PER_DAY 50

static const char *const BYDAY[WEEK_DAYS] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

/* One line of weekly hours. */
typedef struct
{
  GtkWidget *row;
  GtkWidget *days[WEEK_DAYS];
  GtkEditable *from;
  GtkEditable *to;
  char *since; /* the date from which they hold */
} Hours;

/* One line of days away. */
typedef struct
{
  GtkWidget *row;
  GtkEditable *first;
  GtkEditable *last;
} Away;

typedef struct
{
  GtkWindow *window;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
  GPtrArray *counsellors; /* (element-type AnxPrincipal) */
  GPtrArray *services;    /* (element-type AnxService) */
  GPtrArray *boxes;       /* (element-type GtkCheckButton), one a service */
  GtkDropDown *counsellor;
  GPtrArray *hours;       /* (element-type Hours) */
  GPtrArray *aways;       /* (element-type Away) */
  JsonArray *other_hours; /* what these fields cannot say; goes back as it came */
  JsonArray *other_aways;
  JsonObject *plan;       /* (nullable) as the hub has it */
  GtkBox *hours_box;
  GtkBox *aways_box;
  GtkSpinButton *per_day;
  GtkSwitch *holidays;
  GtkLabel *kept;
  AdwBin *preview;
  GtkLabel *answer;
  GtkWidget *save;
  gboolean filling;
} Editor;

static void
hours_free (gpointer data)
{
  Hours *hours = data;
  g_free (hours->since);
  g_free (hours);
}

static void
editor_free (gpointer data)
{
  Editor *editor = data;
  g_object_unref (editor->service);
  g_ptr_array_unref (editor->counsellors);
  g_ptr_array_unref (editor->services);
  g_ptr_array_unref (editor->boxes);
  g_ptr_array_unref (editor->hours);
  g_ptr_array_unref (editor->aways);
  g_clear_pointer (&editor->other_hours, json_array_unref);
  g_clear_pointer (&editor->other_aways, json_array_unref);
  g_clear_pointer (&editor->plan, json_object_unref);
  g_free (editor);
}

static const char *
get_counsellor (Editor *editor)
{
  guint index = gtk_drop_down_get_selected (editor->counsellor);
  return index < editor->counsellors->len ? ((const AnxPrincipal *) g_ptr_array_index (editor->counsellors, index))->id
                                          : NULL;
}

static char *
format_at (GDateTime *day,
           int minute)
{
  g_autoptr (GDateTime) at = g_date_time_add_minutes (day, minute);
  return g_date_time_format (at, "%Y-%m-%dT%H:%M:%S");
}

/* The first day from @since on that is one of those: RFC 5545 counts the start itself as an instance. */
static GDateTime *
find_first (const Hours *hours)
{
  GDateTime *day = anx_dialog_parse_day (hours->since);

  for (int i = 0; day != NULL && i < WEEK_DAYS; i++)
    {
      if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (hours->days[g_date_time_get_day_of_week (day) - 1])))
        return day;
      GDateTime *next = g_date_time_add_days (day, 1);
      g_date_time_unref (day);
      day = next;
    }
  g_clear_pointer (&day, g_date_time_unref);
  return NULL;
}

/* NULL with @out_problem when a field cannot be understood; a line without days says nothing and is left out. */
static gboolean
add_hours (JsonArray *array,
           const Hours *hours,
           const char **out_problem)
{
  g_autoptr (GString) days = g_string_new (NULL);
  g_autoptr (GDateTime) first = find_first (hours);
  int from;
  int to;

  for (int i = 0; i < WEEK_DAYS; i++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (hours->days[i])))
      g_string_append_printf (days, "%s%s", days->len > 0 ? "," : "", BYDAY[i]);
  if (days->len == 0 || first == NULL)
    return TRUE;
  if (!anx_dialog_parse_clock (gtk_editable_get_text (hours->from), &from) || !anx_dialog_parse_clock (gtk_editable_get_text (hours->to), &to)
      || to <= from)
    {
      *out_problem = _ ("Please write the hours like 9:00 and 17:30, the end after the beginning.");
      return FALSE;
    }
  JsonObject *object = json_object_new ();
  g_autofree char *start = format_at (first, from);
  g_autofree char *end = format_at (first, to);
  g_autofree char *rule = g_strdup_printf ("FREQ=WEEKLY;BYDAY=%s", days->str);
  json_object_set_string_member (object, "start", start);
  json_object_set_string_member (object, "end", end);
  json_object_set_string_member (object, "rrule", rule);
  json_array_add_object_element (array, object);
  return TRUE;
}

static gboolean
add_away (JsonArray *array,
          const Away *away,
          const char **out_problem)
{
  const char *first_text = gtk_editable_get_text (away->first);
  const char *last_text = gtk_editable_get_text (away->last);
  g_autoptr (GDateTime) first = anx_dialog_parse_day (first_text);
  g_autoptr (GDateTime) last = *last_text != '\0' ? anx_dialog_parse_day (last_text) : anx_dialog_parse_day (first_text);

  if (*first_text == '\0' && *last_text == '\0')
    return TRUE;
  if (first == NULL || last == NULL || g_date_time_compare (first, last) > 0)
    {
      *out_problem = _ ("Please write the days away like 2026-12-24, the last not before the first.");
      return FALSE;
    }
  JsonObject *object = json_object_new ();
  g_autofree char *start = format_at (first, 0);
  g_autofree char *end = format_at (last, 24 * 60);
  json_object_set_string_member (object, "start", start);
  json_object_set_string_member (object, "end", end);
  json_array_add_object_element (array, object);
  return TRUE;
}

static void
copy_members (JsonObject *to,
              JsonObject *from)
{
  g_autoptr (GList) members = from != NULL ? json_object_get_members (from) : NULL;
  for (GList *i = members; i != NULL; i = i->next)
    json_object_set_member (to, i->data, json_node_copy (json_object_get_member (from, i->data)));
}

static JsonObject *
build_plan (Editor *editor,
            const char **out_problem)
{
  g_autoptr (JsonObject) plan = json_object_new ();
  g_autoptr (GPtrArray) services = g_ptr_array_new ();
  g_autoptr (JsonArray) hours = json_array_new ();
  g_autoptr (JsonArray) aways = json_array_new ();
  const char *centre = anx_desk_bookings_get_centre (editor->bookings);
  const char *zone = anx_desk_service_get_zone (editor->service);
  int per_day = gtk_spin_button_get_value_as_int (editor->per_day);

  copy_members (plan, editor->plan);
  for (guint i = 0; i < editor->hours->len; i++)
    if (!add_hours (hours, g_ptr_array_index (editor->hours, i), out_problem))
      return NULL;
  for (guint i = 0; i < json_array_get_length (editor->other_hours); i++)
    json_array_add_element (hours, json_node_copy (json_array_get_element (editor->other_hours, i)));
  for (guint i = 0; i < editor->aways->len; i++)
    if (!add_away (aways, g_ptr_array_index (editor->aways, i), out_problem))
      return NULL;
  for (guint i = 0; i < json_array_get_length (editor->other_aways); i++)
    json_array_add_element (aways, json_node_copy (json_array_get_element (editor->other_aways, i)));
  for (guint i = 0; i < editor->services->len; i++)
    if (gtk_check_button_get_active (g_ptr_array_index (editor->boxes, i)))
      g_ptr_array_add (services, ((AnxService *) g_ptr_array_index (editor->services, i))->id);
  g_ptr_array_add (services, NULL);
  json_object_set_string_member (plan, "counsellor", get_counsellor (editor));
  if (!json_object_has_member (plan, "centres") && centre != NULL)
    anx_json_set_strings (plan, "centres", (const char *[]) { centre, NULL });
  if (!json_object_has_member (plan, "timezone"))
    json_object_set_string_member (plan, "timezone", zone != NULL ? zone : "Asia/Shanghai");
  anx_json_set_strings (plan, "services", (const char *const *) services->pdata);
  json_object_set_array_member (plan, "hours", g_steal_pointer (&hours));
  json_object_set_array_member (plan, "absences", g_steal_pointer (&aways));
  json_object_set_boolean_member (plan, "holidays", gtk_switch_get_active (editor->holidays));
  if (per_day > 0)
    json_object_set_int_member (plan, "perDay", per_day);
  else
    json_object_remove_member (plan, "perDay");
  return g_steal_pointer (&plan);
}

/* ---- what follows from it ---- */

static const AnxService *
find_shown_service (Editor *editor)
{
  for (guint i = 0; i < editor->services->len; i++)
    if (gtk_check_button_get_active (g_ptr_array_index (editor->boxes, i)))
      return g_ptr_array_index (editor->services, i);
  return NULL;
}

static void
add_preview_day (Editor *editor,
                 GtkWidget *list,
                 gint64 from_usec,
                 GArray *slots)
{
  const char *zone = anx_desk_service_get_zone (editor->service);
  g_autofree char *day = anx_ui_format_day (from_usec, zone);
  g_autoptr (GString) times = g_string_new (NULL);

  for (guint i = 0; i < slots->len; i++)
    {
      g_autofree char *time = anx_ui_format_time (g_array_index (slots, AnxSpan, i).start_usec, zone);
      g_string_append_printf (times, "%s%s", i > 0 ? "  " : "", time);
    }
  GtkWidget *row = anx_desk_row_new (day, slots->len > 0 ? times->str : _ ("Free day"));
  g_autofree char *count = g_strdup_printf ("%u", slots->len);
  gtk_widget_add_css_class (row, "dense");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_label_new (count));
  gtk_list_box_append (GTK_LIST_BOX (list), row);
}

static void
refresh_preview (Editor *editor)
{
  const char *problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) json = NULL;
  g_autoptr (AnxPlan) plan = NULL;
  const AnxService *service = find_shown_service (editor);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (editor->service));
  GtkWidget *box;

  if (editor->filling)
    return;
  json = build_plan (editor, &problem);
  plan = json != NULL ? anx_plan_parse (json, &error) : NULL;
  if (plan == NULL || service == NULL)
    {
      gtk_label_set_text (editor->answer, problem != NULL ? problem
                                          : error != NULL ? error->message
                                                          : _ ("Please choose what this person offers."));
      gtk_widget_set_sensitive (editor->save, FALSE);
      return;
    }
  gtk_label_set_text (editor->answer, "");
  gtk_widget_set_sensitive (editor->save, TRUE);
  if (anx_desk_bookings_get_calendar (editor->bookings) != NULL)
    anx_plan_close_on (plan, anx_desk_bookings_get_calendar (editor->bookings));
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  g_autofree char *heading
      = g_strdup_printf (_ ("Beginnings in the next two weeks: %s"),
                         anx_desk_service_name_service (editor->service, service->id));
  GtkWidget *list = anx_desk_list_new ();
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (heading, "heading"));
  gtk_box_append (GTK_BOX (box), list);
  gint64 at = now;
  for (int day = 0; day < PREVIEW_DAYS; day++)
    {
      gint64 from;
      gint64 to;
      anx_plan_get_day (plan, at, &from, &to);
      g_autoptr (GArray) slots = anx_plan_list_slots (plan, service, from, to, NULL);
      if (slots != NULL)
        add_preview_day (editor, list, from, slots);
      at = to;
    }
  anx_desk_place_update (editor->preview, box);
}

/* ---- fields ---- */

static void
remove_line (Editor *editor,
             GPtrArray *lines,
             GtkBox *box,
             GtkWidget *row)
{
  for (guint i = 0; i < lines->len; i++)
    /* The row is the first member of both kinds of line. */
    if (*(GtkWidget **) g_ptr_array_index (lines, i) == row)
      {
        g_ptr_array_remove_index (lines, i);
        gtk_box_remove (box, row);
        break;
      }
  refresh_preview (editor);
}

static void
on_remove_hours (GtkButton *button,
                 Editor *editor)
{
  remove_line (editor, editor->hours, editor->hours_box, gtk_widget_get_parent (GTK_WIDGET (button)));
}

static void
on_remove_away (GtkButton *button,
                Editor *editor)
{
  remove_line (editor, editor->aways, editor->aways_box, gtk_widget_get_parent (GTK_WIDGET (button)));
}

static GtkEditable *
add_entry (Editor *editor,
           GtkWidget *row,
           const char *text,
           const char *name,
           const char *placeholder,
           int width)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), width);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), width);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), placeholder);
  anx_ui_set_accessible_name (entry, name);
  g_signal_connect_swapped (entry, "changed", G_CALLBACK (refresh_preview), editor);
  gtk_box_append (GTK_BOX (row), entry);
  return GTK_EDITABLE (entry);
}

static void
add_hours_line (Editor *editor,
                gboolean days[WEEK_DAYS],
                const char *from,
                const char *to,
                const char *since)
{
  const char *words[WEEK_DAYS] = { _ ("Mon"), _ ("Tue"), _ ("Wed"), _ ("Thu"), _ ("Fri"), _ ("Sat"), _ ("Sun") };
  Hours *hours = g_new0 (Hours, 1);
  GtkWidget *linked = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *remove = anx_desk_icon_button_new ("user-trash-symbolic", _ ("Remove these hours"), NULL, NULL);

  hours->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  hours->since = g_strdup (since);
  gtk_widget_add_css_class (linked, "linked");
  for (int i = 0; i < WEEK_DAYS; i++)
    {
      hours->days[i] = gtk_toggle_button_new_with_label (words[i]);
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (hours->days[i]), days[i]);
      g_signal_connect_swapped (hours->days[i], "toggled", G_CALLBACK (refresh_preview), editor);
      gtk_box_append (GTK_BOX (linked), hours->days[i]);
    }
  gtk_box_append (GTK_BOX (hours->row), linked);
  hours->from = add_entry (editor, hours->row, from, _ ("From"), "9:00", 5);
  gtk_box_append (GTK_BOX (hours->row), gtk_label_new ("–"));
  hours->to = add_entry (editor, hours->row, to, _ ("Until"), "17:00", 5);
  g_signal_connect (remove, "clicked", G_CALLBACK (on_remove_hours), editor);
  gtk_box_append (GTK_BOX (hours->row), remove);
  gtk_box_append (editor->hours_box, hours->row);
  g_ptr_array_add (editor->hours, hours);
}

static void
add_away_line (Editor *editor,
               const char *first,
               const char *last)
{
  Away *away = g_new0 (Away, 1);
  GtkWidget *remove = anx_desk_icon_button_new ("user-trash-symbolic", _ ("Remove these days away"), NULL, NULL);

  away->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  away->first = add_entry (editor, away->row, first, _ ("First day away"), "2026-12-24", 11);
  gtk_box_append (GTK_BOX (away->row), gtk_label_new ("–"));
  away->last = add_entry (editor, away->row, last, _ ("Last day away"), "2026-12-26", 11);
  g_signal_connect (remove, "clicked", G_CALLBACK (on_remove_away), editor);
  gtk_box_append (GTK_BOX (away->row), remove);
  gtk_box_append (editor->aways_box, away->row);
  g_ptr_array_add (editor->aways, away);
}

static char *
get_today (Editor *editor)
{
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (editor->service));
  g_autoptr (GDateTime) local = anx_time_in_zone (now, anx_desk_service_get_zone (editor->service));
  return g_date_time_format (local, "%Y-%m-%d");
}

static void
on_add_hours (Editor *editor)
{
  gboolean days[WEEK_DAYS] = { TRUE, TRUE, TRUE, TRUE, TRUE, FALSE, FALSE };
  g_autofree char *today = get_today (editor);

  if (editor->hours->len < MOST_ROWS)
    add_hours_line (editor, days, "9:00", "17:00", today);
  refresh_preview (editor);
}

static void
on_add_away (Editor *editor)
{
  if (editor->aways->len < MOST_ROWS)
    add_away_line (editor, "", "");
}

/* "FREQ=WEEKLY;BYDAY=…" alone, or daily; anything more is another story. */
static gboolean
read_days (const char *rule,
           gboolean days[WEEK_DAYS])
{
  const char *prefix = "FREQ=WEEKLY;BYDAY=";

  for (int i = 0; i < WEEK_DAYS; i++)
    days[i] = g_strcmp0 (rule, "FREQ=DAILY") == 0;
  if (days[0])
    return TRUE;
  if (rule == NULL || !g_str_has_prefix (rule, prefix) || strchr (rule + strlen (prefix), ';') != NULL)
    return FALSE;
  g_auto (GStrv) parts = g_strsplit (rule + strlen (prefix), ",", -1);
  for (char **part = parts; *part != NULL; part++)
    {
      int day = 0;
      while (day < WEEK_DAYS && !g_str_equal (BYDAY[day], *part))
        day++;
      if (day == WEEK_DAYS)
        return FALSE;
      days[day] = TRUE;
    }
  return TRUE;
}

static GDateTime *
parse_local (const char *text)
{
  g_autofree char *full = text != NULL ? g_strconcat (text, "Z", NULL) : NULL;
  return full != NULL ? g_date_time_new_from_iso8601 (full, NULL) : NULL;
}

static void
read_hours (Editor *editor,
            JsonObject *json)
{
  gboolean days[WEEK_DAYS];
  g_autoptr (GDateTime) start = parse_local (anx_json_get_string (json, "start", NULL));
  g_autoptr (GDateTime) end = parse_local (anx_json_get_string (json, "end", NULL));
  gint64 minutes = start != NULL && end != NULL ? g_date_time_difference (end, start) / ANX_USEC_PER_MINUTE : 0;

  if (start == NULL || minutes <= 0 || json_object_has_member (json, "exdate") || json_object_has_member (json, "rdate")
      || !read_days (anx_json_get_string (json, "rrule", NULL), days)
      || g_date_time_get_hour (start) * 60 + g_date_time_get_minute (start) + minutes > 24 * 60)
    {
      json_array_add_object_element (editor->other_hours, json_object_ref (json));
      return;
    }
  gint64 until = g_date_time_get_hour (start) * 60 + g_date_time_get_minute (start) + minutes;
  g_autofree char *from = g_date_time_format (start, "%-H:%M");
  g_autofree char *to = g_strdup_printf ("%d:%02d", (int) (until / 60), (int) (until % 60));
  g_autofree char *since = g_date_time_format (start, "%Y-%m-%d");
  add_hours_line (editor, days, from, to, since);
}

static void
read_away (Editor *editor,
           JsonObject *json)
{
  g_autoptr (GDateTime) start = parse_local (anx_json_get_string (json, "start", NULL));
  g_autoptr (GDateTime) end = parse_local (anx_json_get_string (json, "end", NULL));
  gboolean whole = start != NULL && end != NULL && g_date_time_get_hour (start) + g_date_time_get_minute (start) == 0
                   && g_date_time_get_hour (end) + g_date_time_get_minute (end) == 0;

  if (!whole)
    {
      json_array_add_object_element (editor->other_aways, json_object_ref (json));
      return;
    }
  g_autoptr (GDateTime) last = g_date_time_add_days (end, -1);
  g_autofree char *first_text = g_date_time_format (start, "%Y-%m-%d");
  g_autofree char *last_text = g_date_time_format (last, "%Y-%m-%d");
  add_away_line (editor, first_text, last_text);
}

static void
clear_lines (GPtrArray *lines,
             GtkBox *box)
{
  GtkWidget *child;

  g_ptr_array_set_size (lines, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

static void
read_each (Editor *editor,
           const char *member,
           void (*read) (Editor *editor, JsonObject *json))
{
  JsonArray *array = editor->plan != NULL ? anx_json_get_array (editor->plan, member) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (JSON_NODE_HOLDS_OBJECT (node))
        read (editor, json_node_get_object (node));
    }
}

static void
fill_in (Editor *editor)
{
  const char *counsellor = get_counsellor (editor);
  JsonObject *plan = counsellor != NULL ? anx_desk_bookings_get_plan (editor->bookings, counsellor) : NULL;
  g_auto (GStrv) services = NULL;

  editor->filling = TRUE;
  g_clear_pointer (&editor->plan, json_object_unref);
  g_clear_pointer (&editor->other_hours, json_array_unref);
  g_clear_pointer (&editor->other_aways, json_array_unref);
  editor->plan = plan != NULL ? json_object_ref (plan) : NULL;
  editor->other_hours = json_array_new ();
  editor->other_aways = json_array_new ();
  clear_lines (editor->hours, editor->hours_box);
  clear_lines (editor->aways, editor->aways_box);
  services = plan != NULL ? anx_json_need_strings (plan, "services", 100, NULL) : NULL;
  for (guint i = 0; i < editor->services->len; i++)
    gtk_check_button_set_active (
        g_ptr_array_index (editor->boxes, i),
        services != NULL && g_strv_contains ((const char *const *) services,
                                             ((AnxService *) g_ptr_array_index (editor->services, i))->id));
  gtk_spin_button_set_value (editor->per_day, plan != NULL ? (double) anx_json_get_int (plan, "perDay", 0) : 0);
  gtk_switch_set_active (editor->holidays, plan != NULL && anx_json_get_boolean (plan, "holidays", FALSE));
  read_each (editor, "hours", read_hours);
  read_each (editor, "absences", read_away);
  guint kept = json_array_get_length (editor->other_hours) + json_array_get_length (editor->other_aways);
  g_autofree char *text
      = kept > 0 ? g_strdup_printf (ngettext ("%u other entry of this plan stays as it is.",
                                              "%u other entries of this plan stay as they are.", kept),
                                    kept)
                 : g_strdup ("");
  gtk_label_set_text (editor->kept, text);
  editor->filling = FALSE;
  refresh_preview (editor);
}

static void
on_saved (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (GtkWindow) window = user_data;
  Editor *editor = anx_dialog_data_get (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (editor == NULL)
    return;
  g_autofree char *reason = answer == NULL ? anx_desk_problem_explain (error) : NULL;
  gtk_widget_set_sensitive (editor->save, TRUE);
  gtk_label_set_text (editor->answer, reason != NULL ? reason
                                                     : _ ("Saved. Bookings that exist stay as they are; please look whether "
                                                          "any lies outside the new hours."));
}

static void
on_save (Editor *editor)
{
  const char *problem = NULL;
  g_autoptr (JsonObject) plan = build_plan (editor, &problem);

  if (plan == NULL)
    {
      gtk_label_set_text (editor->answer, problem);
      return;
    }
  gtk_widget_set_sensitive (editor->save, FALSE);
  gtk_label_set_text (editor->answer, _ ("Asking the hub…"));
  anx_desk_bookings_save_plan_async (editor->bookings, get_counsellor (editor), plan, on_saved,
                                     g_object_ref (editor->window));
}

static GtkWidget *
build_fields (Editor *editor)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  GtkWidget *more = anx_desk_button_new (_ ("Add _hours"), NULL, NULL, NULL);
  GtkWidget *away = anx_desk_button_new (_ ("Add days _away"), NULL, NULL, NULL);
  GtkWidget *limit = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *spin = gtk_spin_button_new_with_range (0, MOST_PER_DAY, 1);
  GtkWidget *list = anx_desk_list_new ();
  GtkWidget *label = gtk_label_new_with_mnemonic (_ ("_Most bookings a day (0: as many as fit)"));

  for (guint i = 0; i < editor->services->len; i++)
    {
      GtkWidget *check = gtk_check_button_new_with_label (anx_desk_service_name_service (
          editor->service, ((AnxService *) g_ptr_array_index (editor->services, i))->id));
      g_signal_connect_swapped (check, "toggled", G_CALLBACK (refresh_preview), editor);
      g_ptr_array_add (editor->boxes, check);
      gtk_box_append (GTK_BOX (line), check);
    }
  editor->hours_box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  editor->aways_box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  editor->per_day = GTK_SPIN_BUTTON (spin);
  editor->kept = GTK_LABEL (anx_desk_label_new ("", "dim-label"));
  editor->answer = GTK_LABEL (anx_desk_label_new ("", "answer"));
  anx_desk_set_mnemonic (label, spin, _ ("Most bookings a day"));
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (refresh_preview), editor);
  gtk_list_box_append (GTK_LIST_BOX (list),
                       anx_desk_switch_row_new (_ ("Works on public holidays"), NULL, &editor->holidays));
  g_signal_connect_swapped (editor->holidays, "notify::active", G_CALLBACK (refresh_preview), editor);
  gtk_widget_set_halign (more, GTK_ALIGN_START);
  gtk_widget_set_halign (away, GTK_ALIGN_START);
  g_signal_connect_swapped (more, "clicked", G_CALLBACK (on_add_hours), editor);
  g_signal_connect_swapped (away, "clicked", G_CALLBACK (on_add_away), editor);
  gtk_box_append (GTK_BOX (limit), label);
  gtk_box_append (GTK_BOX (limit), spin);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (editor->answer));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Offers")));
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Hours of every week")));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (editor->hours_box));
  gtk_box_append (GTK_BOX (box), more);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (editor->kept));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Days away")));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (editor->aways_box));
  gtk_box_append (GTK_BOX (box), away);
  gtk_box_append (GTK_BOX (box), limit);
  gtk_box_append (GTK_BOX (box), list);
  return box;
}

/* Staff plans for everybody of the centre, a counsellor for themselves. */
static GPtrArray *
list_whose (AnxDeskBookings *bookings,
            AnxDeskService *service,
            const char *counsellor)
{
  const char *own = anx_desk_model_get_principal (anx_desk_service_get_model (service));
  gboolean staff = anx_desk_service_has_role (service, "staff");
  GPtrArray *list = anx_desk_bookings_list_counsellors (bookings);

  for (guint i = list->len; i > 0; i--)
    {
      const char *id = ((const AnxPrincipal *) g_ptr_array_index (list, i - 1))->id;
      if ((counsellor != NULL && !g_str_equal (id, counsellor)) || (!staff && !g_str_equal (id, own)))
        g_ptr_array_remove_index (list, i - 1);
    }
  return list;
}

/**
 * anx_plan_editor_present:
 * @parent: the window of the desk
 * @service: the service
 * @counsellor: (nullable): whose plan alone; %NULL = everybody whose plan this person may change
 */
void
anx_plan_editor_present (GtkWindow *parent,
                         AnxDeskService *service,
                         const char *counsellor)
{
  Editor *editor = g_new0 (Editor, 1);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *sides = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *bar = adw_header_bar_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  editor->window = GTK_WINDOW (adw_window_new ());
  editor->service = g_object_ref (service);
  editor->bookings = anx_desk_bookings_get (service);
  editor->counsellors = list_whose (editor->bookings, service, counsellor);
  editor->services = anx_desk_bookings_list_services (editor->bookings);
  editor->boxes = g_ptr_array_new ();
  editor->hours = g_ptr_array_new_with_free_func (hours_free);
  editor->aways = g_ptr_array_new_with_free_func (g_free);
  editor->preview = ADW_BIN (adw_bin_new ());
  editor->save = anx_desk_button_new (_ ("_Save plan"), "suggested-action", NULL, NULL);
  for (guint i = 0; i < editor->counsellors->len; i++)
    gtk_string_list_append (
        names, anx_desk_service_name_principal (service,
                                                ((AnxPrincipal *) g_ptr_array_index (editor->counsellors, i))->id));
  editor->counsellor = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (g_object_ref (names)), NULL));
  anx_ui_set_accessible_name (GTK_WIDGET (editor->counsellor), _ ("Whose plan"));
  anx_dialog_data_set (editor->window, editor, editor_free);
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), GTK_WIDGET (editor->counsellor));
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), editor->save);
  GtkWidget *fields = anx_desk_page_new (build_fields (editor), 620);
  GtkWidget *preview = anx_desk_page_new (GTK_WIDGET (editor->preview), 420);
  gtk_widget_set_hexpand (fields, TRUE);
  gtk_widget_set_size_request (preview, 360, -1);
  gtk_box_append (GTK_BOX (sides), fields);
  gtk_box_append (GTK_BOX (sides), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (sides), preview);
  gtk_widget_set_vexpand (sides, TRUE);
  gtk_box_append (GTK_BOX (whole), bar);
  gtk_box_append (GTK_BOX (whole), sides);
  adw_window_set_content (ADW_WINDOW (editor->window), whole);
  gtk_window_set_title (editor->window, _ ("Working plan"));
  gtk_window_set_default_size (editor->window, 1060, 700);
  gtk_window_set_transient_for (editor->window, parent);
  gtk_window_set_modal (editor->window, TRUE);
  fill_in (editor);
  g_signal_connect_swapped (editor->counsellor, "notify::selected", G_CALLBACK (fill_in), editor);
  g_signal_connect_swapped (editor->save, "clicked", G_CALLBACK (on_save), editor);
  gtk_window_present (editor->window);
}
