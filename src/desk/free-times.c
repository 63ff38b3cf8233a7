/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "free-times.h"

#include <glib/gi18n.h>

#include "clock.h"
#include "desk-widgets.h"
#include "ui-text.h"

struct _AnxFreeTimes
{
  AdwBin parent_instance;
  AnxDeskService *service;
  GPtrArray *slots;       /* (element-type AnxDeskSlot) all of them, not owned */
  GPtrArray *shown;       /* (element-type AnxDeskSlot) of the day, as in the list */
  GtkWidget *earlier;
  GtkWidget *later;
  GtkMenuButton *day_button;
  GtkCalendar *calendar;
  GtkDropDown *time;
  guint day;              /* that is shown, as GDate counts days (Julian); 0 = none yet */
  gint64 chosen_usec;     /* which of its times begins when; 0 = none yet */
  gboolean placing;       /* calendar or list are being set by us */
};

G_DEFINE_FINAL_TYPE (AnxFreeTimes, anx_free_times, ADW_TYPE_BIN)

static guint changed_signal;

static void
anx_free_times_dispose (GObject *object)
{
  AnxFreeTimes *self = ANX_FREE_TIMES (object);
  g_clear_object (&self->service);
  g_clear_pointer (&self->slots, g_ptr_array_unref);
  g_clear_pointer (&self->shown, g_ptr_array_unref);
  G_OBJECT_CLASS (anx_free_times_parent_class)->dispose (object);
}

static void
anx_free_times_class_init (AnxFreeTimesClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_free_times_dispose;
  changed_signal = g_signal_new ("changed", ANX_TYPE_FREE_TIMES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anx_free_times_init (AnxFreeTimes *self)
{
  self->slots = g_ptr_array_new ();
  self->shown = g_ptr_array_new ();
}

static guint
day_of (AnxFreeTimes *self,
        const AnxDeskSlot *slot)
{
  g_autoptr (GDateTime) time = anx_time_in_zone (slot->start_usec, anx_desk_service_get_zone (self->service));
  g_autoptr (GDate) date = g_date_new_dmy ((GDateDay) g_date_time_get_day_of_month (time), (GDateMonth) g_date_time_get_month (time),
                                           (GDateYear) g_date_time_get_year (time));
  return g_date_get_julian (date);
}

/* The next day before or after the one shown that has a free time; 0 = none. Where the next lies is seen from the order. */
static guint
find_day (AnxFreeTimes *self,
          gboolean later)
{
  guint found = 0;

  for (guint i = 0; i < self->slots->len; i++)
    {
      const AnxDeskSlot *slot = g_ptr_array_index (self->slots, i);
      guint day = day_of (self, slot);
      if (later && day > self->day && (found == 0 || day < found))
        found = day;
      if (!later && day < self->day && day > found)
        found = day;
    }
  return found;
}

static void
mark_days (AnxFreeTimes *self)
{
  g_autoptr (GDateTime) shown = gtk_calendar_get_date (self->calendar);

  gtk_calendar_clear_marks (self->calendar);
  for (guint i = 0; i < self->slots->len; i++)
    {
      const AnxDeskSlot *slot = g_ptr_array_index (self->slots, i);
      g_autoptr (GDateTime) time = anx_time_in_zone (slot->start_usec, anx_desk_service_get_zone (self->service));
      if (g_date_time_get_year (time) == g_date_time_get_year (shown) && g_date_time_get_month (time) == g_date_time_get_month (shown))
        gtk_calendar_mark_day (self->calendar, (guint) g_date_time_get_day_of_month (time));
    }
}

/* What the list says of a time: with whom and where. */
static char *
describe (AnxFreeTimes *self,
          const AnxDeskSlot *slot)
{
  const char *zone = anx_desk_service_get_zone (self->service);
  const char *centre = anx_desk_bookings_get_centre (anx_desk_bookings_get (self->service));
  const char *who = anx_desk_service_name_principal (self->service, slot->counsellor);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (self->service));
  g_autofree char *time = anx_ui_format_time (slot->start_usec, zone);

  if (slot->unanswered > 0)
    return g_strdup_printf ("%s · %s · %s", time, who, _ ("not answered yet"));
  if (slot->start_usec <= now)
    /* Translators: a time that has begun, a person, a room */
    return g_strdup_printf (_ ("%s, has begun · %s · %s"), time, who, anx_desk_service_name_room (self->service, centre, slot->room));
  return g_strdup_printf ("%s · %s · %s", time, who, anx_desk_service_name_room (self->service, centre, slot->room));
}

static char *
describe_day (AnxFreeTimes *self)
{
  g_autoptr (GDate) date = self->day > 0 ? g_date_new_julian (self->day) : NULL;
  g_autoptr (GDateTime) zone = anx_time_in_zone (0, anx_desk_service_get_zone (self->service));

  if (date == NULL)
    return g_strdup ("—");
  g_autoptr (GDateTime) noon = g_date_time_new (g_date_time_get_timezone (zone), g_date_get_year (date), g_date_get_month (date),
                                                g_date_get_day (date), 12, 0, 0);
  return anx_ui_format_day (g_date_time_to_unix (noon) * G_USEC_PER_SEC, anx_desk_service_get_zone (self->service));
}

/* The slots themselves come anew with each answer of the hub: what is chosen is known by its beginning. */
static void
choose (AnxFreeTimes *self)
{
  const AnxDeskSlot *chosen = anx_free_times_get_chosen (self);
  if (chosen != NULL)
    self->chosen_usec = chosen->start_usec;
  g_signal_emit (self, changed_signal, 0);
}

static void
show_day (AnxFreeTimes *self,
          guint day)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = 0;

  self->day = day;
  self->placing = TRUE;
  g_ptr_array_set_size (self->shown, 0);
  for (guint i = 0; i < self->slots->len; i++)
    {
      AnxDeskSlot *slot = g_ptr_array_index (self->slots, i);
      if (day_of (self, slot) != day)
        continue;
      g_autofree char *text = describe (self, slot);
      if (slot->start_usec == self->chosen_usec)
        selected = self->shown->len;
      g_ptr_array_add (self->shown, slot);
      gtk_string_list_append (names, text);
    }
  if (self->shown->len == 0)
    gtk_string_list_append (names, _ ("Nothing is free on this day"));
  gtk_drop_down_set_model (self->time, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->time, selected);
  gtk_widget_set_sensitive (GTK_WIDGET (self->time), self->shown->len > 0);
  gtk_widget_set_sensitive (self->earlier, find_day (self, FALSE) > 0);
  gtk_widget_set_sensitive (self->later, find_day (self, TRUE) > 0);
  g_autofree char *words = describe_day (self);
  gtk_menu_button_set_label (self->day_button, words);
  if (day > 0)
    {
      g_autoptr (GDate) date = g_date_new_julian (day);
      g_autoptr (GDateTime) there = g_date_time_new_local (g_date_get_year (date), g_date_get_month (date), g_date_get_day (date), 12, 0, 0);
      gtk_calendar_select_day (self->calendar, there);
    }
  mark_days (self);
  self->placing = FALSE;
  choose (self);
}

static void
on_earlier (AnxFreeTimes *self)
{
  guint day = find_day (self, FALSE);
  if (day > 0)
    show_day (self, day);
}

static void
on_later (AnxFreeTimes *self)
{
  guint day = find_day (self, TRUE);
  if (day > 0)
    show_day (self, day);
}

static void
on_day (AnxFreeTimes *self)
{
  g_autoptr (GDateTime) there = gtk_calendar_get_date (self->calendar);
  g_autoptr (GDate) date = g_date_new_dmy ((GDateDay) g_date_time_get_day_of_month (there), (GDateMonth) g_date_time_get_month (there),
                                           (GDateYear) g_date_time_get_year (there));
  if (!self->placing)
    show_day (self, g_date_get_julian (date));
}

static void
on_time (AnxFreeTimes *self)
{
  if (!self->placing)
    choose (self);
}

static GtkWidget *
build_step (AnxFreeTimes *self,
            const char *icon,
            const char *spoken,
            GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  anx_ui_set_accessible_name (button, spoken);
  gtk_widget_set_tooltip_text (button, spoken);
  g_signal_connect_swapped (button, "clicked", callback, self);
  return button;
}

static GtkWidget *
build_label (const char *words,
             GtkWidget *field,
             const char *spoken)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (words);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  anx_desk_set_mnemonic (label, field, spoken);
  return label;
}

/**
 * anx_free_times_new:
 * @service: the service
 *
 * Returns: (transfer floating): the choice, with nothing to choose yet
 */
GtkWidget *
anx_free_times_new (AnxDeskService *service)
{
  AnxFreeTimes *self = g_object_new (ANX_TYPE_FREE_TIMES, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *popover = gtk_popover_new ();

  self->service = g_object_ref (service);
  self->calendar = GTK_CALENDAR (gtk_calendar_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->calendar), "free-days");
  self->day_button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  self->time = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  self->earlier = build_step (self, "go-previous-symbolic", _ ("Earlier day with a free time"), G_CALLBACK (on_earlier));
  self->later = build_step (self, "go-next-symbolic", _ ("Later day with a free time"), G_CALLBACK (on_later));
  gtk_popover_set_child (GTK_POPOVER (popover), GTK_WIDGET (self->calendar));
  gtk_menu_button_set_popover (self->day_button, popover);
  gtk_widget_set_hexpand (GTK_WIDGET (self->day_button), TRUE);
  anx_ui_set_accessible_name (GTK_WIDGET (self->calendar), _ ("Day; those with free times are marked"));
  g_signal_connect_swapped (self->calendar, "day-selected", G_CALLBACK (on_day), self);
  g_signal_connect_swapped (self->time, "notify::selected", G_CALLBACK (on_time), self);
  gtk_box_append (GTK_BOX (line), self->earlier);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->day_button));
  gtk_box_append (GTK_BOX (line), self->later);
  gtk_box_append (GTK_BOX (box), build_label (_ ("_Day"), GTK_WIDGET (self->day_button), _ ("Day")));
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), build_label (_ ("_Free times of this day"), GTK_WIDGET (self->time), _ ("Free times of this day")));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->time));
  adw_bin_set_child (ADW_BIN (self), box);
  show_day (self, 0);
  return GTK_WIDGET (self);
}

/**
 * anx_free_times_show:
 * @self: the choice
 * @slots: (element-type AnxDeskSlot): soonest first, one a start; their owner keeps them until others are shown
 * @begin: whether the first of them is chosen; else the chosen day and time stay as long as they are among them
 */
void
anx_free_times_show (AnxFreeTimes *self,
                     GPtrArray *slots,
                     gboolean begin)
{
  gboolean there = FALSE;

  g_ptr_array_set_size (self->slots, 0);
  for (guint i = 0; i < slots->len; i++)
    {
      AnxDeskSlot *slot = g_ptr_array_index (slots, i);
      g_ptr_array_add (self->slots, slot);
      there = there || (!begin && day_of (self, slot) == self->day);
    }
  if (begin && slots->len > 0)
    self->chosen_usec = ((const AnxDeskSlot *) g_ptr_array_index (slots, 0))->start_usec;
  show_day (self, there || slots->len == 0 ? self->day : day_of (self, g_ptr_array_index (slots, 0)));
}

/**
 * anx_free_times_get_chosen:
 * @self: the choice
 *
 * Returns: (transfer none) (nullable): the time that is chosen; %NULL when nothing is free on the day
 */
const AnxDeskSlot *
anx_free_times_get_chosen (AnxFreeTimes *self)
{
  guint index = gtk_drop_down_get_selected (self->time);
  return index < self->shown->len ? g_ptr_array_index (self->shown, index) : NULL;
}
