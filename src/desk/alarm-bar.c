/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alarm-bar.h"

#include <glib/gi18n.h>

#include "desk-widgets.h"

#define BEAT_MS 1000

struct _AnxAlarmBar
{
  AdwBin parent_instance;
  AnxDeskService *service; /* (nullable) */
  GtkWidget *box;
  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *details;
  GtkWidget *button;
  char *shown;             /* (nullable) what the bar is about, so that something new brings the window up */
  guint beat_source;
};

G_DEFINE_FINAL_TYPE (AnxAlarmBar, anx_alarm_bar, ADW_TYPE_BIN)

static void
anx_alarm_bar_dispose (GObject *object)
{
  AnxAlarmBar *self = ANX_ALARM_BAR (object);
  g_clear_handle_id (&self->beat_source, g_source_remove);
  g_clear_object (&self->service);
  g_clear_pointer (&self->shown, g_free);
  G_OBJECT_CLASS (anx_alarm_bar_parent_class)->dispose (object);
}

static void
anx_alarm_bar_class_init (AnxAlarmBarClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_alarm_bar_dispose;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_ALERT);
}

static void
anx_alarm_bar_init (AnxAlarmBar *self)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16);
  self->icon = GTK_IMAGE (gtk_image_new ());
  gtk_image_set_pixel_size (self->icon, 40);
  self->title = GTK_LABEL (anx_desk_label_new ("", "title-2"));
  self->details = GTK_LABEL (anx_desk_label_new ("", NULL));
  self->button = anx_desk_button_new ("", "pill", NULL, NULL);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (self->details));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->icon));
  gtk_box_append (GTK_BOX (self->box), words);
  gtk_box_append (GTK_BOX (self->box), self->button);
  adw_bin_set_child (ADW_BIN (self), self->box);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

static void
ring (AnxAlarmBar *self)
{
  AnxDeskAlarm *alarm = anx_desk_service_get_alarm (self->service);

  if (anx_desk_alarm_take_bell (alarm, g_get_monotonic_time ()))
    gdk_display_beep (gtk_widget_get_display (GTK_WIDGET (self)));
}

static gboolean
on_beat (gpointer user_data)
{
  AnxAlarmBar *self = ANX_ALARM_BAR (user_data);

  ring (self);
  if (gtk_widget_has_css_class (self->box, "beat"))
    gtk_widget_remove_css_class (self->box, "beat");
  else
    gtk_widget_add_css_class (self->box, "beat");
  return G_SOURCE_CONTINUE;
}

static void
set_look (AnxAlarmBar *self,
          const char *css_class)
{
  static const char *const looks[] = { "red", "yellow", "check-in" };

  gtk_widget_add_css_class (self->box, "alarm");
  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    if (!g_str_equal (looks[i], css_class))
      gtk_widget_remove_css_class (self->box, looks[i]);
  gtk_widget_add_css_class (self->box, css_class);
}

static char *
describe_more (guint count)
{
  if (count <= 1)
    return g_strdup ("");
  return g_strdup_printf (ngettext (" · %u more is waiting", " · %u more are waiting", count - 1), count - 1);
}

static void
show_crisis (AnxAlarmBar *self,
             const char *id,
             const char *passed,
             const char *more)
{
  AnxDeskAlarm *alarm = anx_desk_service_get_alarm (self->service);
  const AnxDeskAlert *alert = anx_desk_model_get_alert (anx_desk_service_get_model (self->service), id);
  gboolean red = anx_desk_alarm_is_red (alarm);
  g_autofree char *title
      = g_strdup_printf ("%s — %s, %s", red ? _ ("CRISIS ALERT") : _ ("Alert: somebody needs attention"),
                         anx_desk_service_name_centre (self->service, alert->centre),
                         anx_desk_service_name_room (self->service, alert->centre, alert->room));
  /* Translators: "for 7 minutes" or "just now", then " · 1 more is waiting" or nothing. */
  g_autofree char *details = g_strdup_printf (_ ("Unanswered %s%s. It rings until somebody goes."), passed, more);

  set_look (self, red ? "red" : "yellow");
  gtk_image_set_from_icon_name (self->icon, "dialog-warning-symbolic");
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->details, details);
  anx_desk_button_set_label (GTK_BUTTON (self->button), _ ("I am _going"), NULL);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->button), "s", id);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), "win.acknowledge");
}

static void
show_check_in (AnxAlarmBar *self,
               const char *id,
               const char *passed,
               const char *more)
{
  const AnxDeskBooking *booking = anx_desk_model_get_booking (anx_desk_service_get_model (self->service), id);
  g_autofree char *person = anx_desk_describe_person (self->service, id);
  g_autofree char *title = g_strdup_printf (_ ("%s is here and waiting"), person);
  g_autofree char *details
      = g_strdup_printf ("%s · %s%s",
                         booking != NULL ? anx_desk_service_name_room (self->service, booking->centre, booking->room)
                                         : "",
                         passed, more);

  set_look (self, "check-in");
  gtk_image_set_from_icon_name (self->icon, "alarm-symbolic");
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->details, details);
  anx_desk_button_set_label (GTK_BUTTON (self->button), _ ("_Open"), NULL);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->button), "s", id);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), "win.open-booking");
}

/* Brings the window up and tells the desktop, without a word about the person. */
static void
call_attention (AnxAlarmBar *self,
                gboolean crisis)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkApplication *application = GTK_IS_WINDOW (root) ? gtk_window_get_application (GTK_WINDOW (root)) : NULL;

  if (GTK_IS_WINDOW (root))
    gtk_window_present (GTK_WINDOW (root));
  if (application == NULL)
    return;
  g_autoptr (GNotification) notification = g_notification_new (crisis ? _ ("Crisis alert") : _ ("Somebody is waiting"));
  g_notification_set_priority (notification, crisis ? G_NOTIFICATION_PRIORITY_URGENT : G_NOTIFICATION_PRIORITY_HIGH);
  g_application_send_notification (G_APPLICATION (application), "alarm", notification);
}

static void
set_quiet (AnxAlarmBar *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkApplication *application = GTK_IS_WINDOW (root) ? gtk_window_get_application (GTK_WINDOW (root)) : NULL;

  g_clear_handle_id (&self->beat_source, g_source_remove);
  if (self->shown != NULL && application != NULL)
    g_application_withdraw_notification (G_APPLICATION (application), "alarm");
  g_clear_pointer (&self->shown, g_free);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

static void
refresh (AnxAlarmBar *self)
{
  AnxDeskAlarm *alarm = anx_desk_service_get_alarm (self->service);
  AnxDeskAlarmState state = anx_desk_alarm_get_state (alarm);
  g_autofree char *id = g_strdup (anx_desk_alarm_get_id (alarm));

  if (state == ANX_DESK_ALARM_QUIET)
    {
      set_quiet (self);
      return;
    }
  gint64 since = anx_desk_alarm_get_since_usec (alarm);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (self->service));
  g_autofree char *passed = anx_desk_minutes_text (MAX (0, now - since) / ANX_USEC_PER_MINUTE);
  g_autofree char *more = describe_more (anx_desk_alarm_count (alarm));
  if (state == ANX_DESK_ALARM_CRISIS)
    show_crisis (self, id, passed, more);
  else
    show_check_in (self, id, passed, more);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  if (g_strcmp0 (self->shown, id) != 0)
    {
      g_free (self->shown);
      self->shown = g_steal_pointer (&id);
      call_attention (self, state == ANX_DESK_ALARM_CRISIS);
    }
  ring (self);
  if (self->beat_source == 0)
    self->beat_source = g_timeout_add (BEAT_MS, on_beat, self);
}

/**
 * anx_alarm_bar_new:
 *
 * Returns: (transfer floating): a quiet bar
 */
GtkWidget *
anx_alarm_bar_new (void)
{
  return g_object_new (ANX_TYPE_ALARM_BAR, NULL);
}

/**
 * anx_alarm_bar_set_service:
 * @self: the bar
 * @service: (nullable): where its alarm is
 */
void
anx_alarm_bar_set_service (AnxAlarmBar *self,
                           AnxDeskService *service)
{
  if (self->service != NULL)
    {
      set_quiet (self);
      g_signal_handlers_disconnect_by_data (self->service, self);
      g_clear_object (&self->service);
    }
  if (service == NULL)
    return;
  self->service = g_object_ref (service);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
}
