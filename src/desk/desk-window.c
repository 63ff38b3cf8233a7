/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-window.h"

#include <glib/gi18n.h>

#include "alerts-page.h"
#include "bookings-page.h"
#include "day-page.h"
#include "department-page.h"
#include "desk-dialog.h"
#include "desk-widgets.h"
#include "desk-window-private.h"
#include "enrol-page.h"
#include "follow-ups-page.h"
#include "journal.h"
#include "key-store.h"
#include "problem-page.h"
#include "records-page.h"
#include "referrals-page.h"
#include "ui-text.h"

G_DEFINE_FINAL_TYPE (AnxDeskWindow, anx_desk_window, ADW_TYPE_APPLICATION_WINDOW)

static void
drop_service (AnxDeskWindow *self)
{
  if (self->service == NULL)
    return;
  if (self->alarm_bar != NULL)
    anx_alarm_bar_set_service (self->alarm_bar, NULL);
  g_signal_handlers_disconnect_by_data (self->service, self);
  anx_desk_service_stop (self->service);
  g_clear_object (&self->service);
}

static void
anx_desk_window_dispose (GObject *object)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (object);
  g_clear_handle_id (&self->start_source, g_source_remove);
  self->alarm_bar = NULL;
  g_clear_weak_pointer (&self->toast);
  drop_service (self);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->hub_url, g_free);
  G_OBJECT_CLASS (anx_desk_window_parent_class)->dispose (object);
}

static gboolean
on_close_idle (gpointer user_data)
{
  gtk_window_close (GTK_WINDOW (user_data));
  return G_SOURCE_REMOVE;
}

static void
on_close_answer (AdwMessageDialog *dialog,
                 const char *response,
                 AnxDeskWindow *self)
{
  if (!g_str_equal (response, "close"))
    return;
  self->may_close = TRUE;
  /* Not from within: the dialog still looks at its parent after this. */
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_close_idle, g_object_ref (self), g_object_unref);
}

/* A note that was not saved exists only in this window; a call ends with it. */
static gboolean
anx_desk_window_close_request (GtkWindow *window)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (window);
  gboolean unsaved = self->session != NULL && anx_session_page_has_unsaved (self->session);
  gboolean calling = self->session != NULL && anx_session_page_is_calling (self->session);

  if (self->may_close || (!unsaved && !calling))
    return GTK_WINDOW_CLASS (anx_desk_window_parent_class)->close_request (window);
  GtkWidget *dialog = adw_message_dialog_new (window, unsaved ? _ ("A note is not saved yet") : _ ("A call is open"),
                                              unsaved ? _ ("If you close now, the text you have not saved is lost.")
                                                      : _ ("If you close now, the call ends."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "stay", _ ("_Go back"), "close", _ ("_Close anyway"),
                                    NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "close", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "stay");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "stay");
  g_signal_connect (dialog, "response", G_CALLBACK (on_close_answer), self);
  anx_desk_dialog_present (dialog);
  return TRUE;
}

static void
anx_desk_window_class_init (AnxDeskWindowClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_desk_window_dispose;
  GTK_WINDOW_CLASS (class)->close_request = anx_desk_window_close_request;
}

static void
set_stage (AnxDeskWindow *self,
           const char *name,
           GtkWidget *page)
{
  GtkWidget *old = gtk_stack_get_child_by_name (self->stages, name);

  if (page != NULL)
    {
      if (old != NULL)
        gtk_stack_remove (self->stages, old);
      gtk_stack_add_named (self->stages, page, name);
    }
  gtk_stack_set_visible_child_name (self->stages, name);
}

static void
show_problem (AnxDeskWindow *self,
              AnxDeskProblem problem,
              const char *detail)
{
  anx_journal ("anxin-desk", "problem", "key", anx_desk_problem_describe (problem).key, NULL);
  adw_window_title_set_subtitle (self->title, "");
  set_stage (self, "problem", anx_problem_page_new (problem, detail));
}

/* The pages, in the order of the sidebar. */
static const struct
{
  AnxDeskPages page;
  const char *name;
  const char *title;
  const char *icon;
  GtkWidget *(*build) (AnxDeskService *service);
} pages[] = {
  { ANX_DESK_PAGE_DAY, "day", N_ ("My day"), "x-office-calendar-symbolic", anx_day_page_new },
  { ANX_DESK_PAGE_FOLLOW_UPS, "follow-ups", N_ ("Follow-ups"), "call-start-symbolic", anx_follow_ups_page_new },
  { ANX_DESK_PAGE_BOOKINGS, "bookings", N_ ("Bookings"), "view-list-symbolic", anx_bookings_page_new },
  { ANX_DESK_PAGE_DEPARTMENT, "department", N_ ("Received referrals"), "mail-unread-symbolic",
    anx_department_page_new },
  { ANX_DESK_PAGE_ALERTS, "alerts", N_ ("Alerts"), "dialog-warning-symbolic", anx_alerts_page_new },
  { ANX_DESK_PAGE_REFERRALS, "referrals", N_ ("Referrals"), "mail-send-symbolic", anx_referrals_page_new },
  { ANX_DESK_PAGE_RECORDS, "records", N_ ("Records"), "system-search-symbolic", anx_records_page_new },
};

static guint
count_open_alerts (AnxDeskWindow *self)
{
  g_autoptr (GPtrArray) alerts = anx_desk_model_list_alerts (anx_desk_service_get_model (self->service));
  guint count = 0;
  for (guint i = 0; i < alerts->len; i++)
    count += ((const AnxDeskAlert *) g_ptr_array_index (alerts, i))->acknowledged ? 0 : 1;
  return count;
}

static guint
count_pressing_follow_ups (AnxDeskWindow *self)
{
  g_autoptr (GPtrArray) all = anx_desk_model_list_follow_ups (anx_desk_service_get_model (self->service),
                                                              anx_desk_service_get_zone (self->service));
  guint count = 0;
  for (guint i = 0; i < all->len; i++)
    {
      AnxFollowUpState state = ((const AnxDeskFollowUp *) g_ptr_array_index (all, i))->state;
      count += state == ANX_FOLLOW_UP_OVERDUE || state == ANX_FOLLOW_UP_DUE || state == ANX_FOLLOW_UP_LOST ? 1 : 0;
    }
  return count;
}

static guint
count_open_referrals (AnxDeskWindow *self)
{
  g_autoptr (GPtrArray) referrals = anx_desk_model_list_referrals (anx_desk_service_get_model (self->service));
  guint count = 0;
  for (guint i = 0; i < referrals->len; i++)
    count += anx_referral_is_final (((const AnxDeskReferral *) g_ptr_array_index (referrals, i))->status) ? 0 : 1;
  return count;
}

static GtkWidget *
build_page_button (const char *name,
                   const char *title,
                   const char *icon,
                   guint number,
                   guint count,
                   gboolean current)
{
  g_autofree char *action_name = g_strdup_printf ("page-button %s", name);
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *label = anx_desk_label_new (title, NULL);
  g_autofree char *spoken = count > 0 ? g_strdup_printf ("%s (%u)", title, count) : g_strdup (title);
  g_autofree char *hint = g_strdup_printf ("Alt+%u", number);

  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (line), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (line), label);
  if (count > 0)
    {
      g_autofree char *text = g_strdup_printf ("%u", count);
      GtkWidget *mark = gtk_label_new (text);
      gtk_widget_add_css_class (mark, "count");
      gtk_box_append (GTK_BOX (line), mark);
    }
  gtk_button_set_child (GTK_BUTTON (button), line);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_name (button, action_name);
  gtk_widget_set_tooltip_text (button, hint);
  if (current)
    gtk_widget_add_css_class (button, "current");
  anx_ui_set_accessible_name (button, spoken);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", name);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.page");
  return button;
}

static void
refresh_sidebar (AnxDeskWindow *self)
{
  const char *current = gtk_stack_get_visible_child_name (self->content);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  AdwBin *place = ADW_BIN (gtk_widget_get_first_child (GTK_WIDGET (self->sidebar)));
  guint number = 1;

  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      guint count = 0;
      if ((self->pages & pages[i].page) == 0)
        continue;
      if (pages[i].page == ANX_DESK_PAGE_ALERTS)
        count = count_open_alerts (self);
      else if (pages[i].page == ANX_DESK_PAGE_DEPARTMENT)
        count = count_open_referrals (self);
      else if (pages[i].page == ANX_DESK_PAGE_FOLLOW_UPS)
        count = count_pressing_follow_ups (self);
      gtk_box_append (GTK_BOX (box), build_page_button (pages[i].name, _ (pages[i].title), pages[i].icon, number++,
                                                        count, g_strcmp0 (current, pages[i].name) == 0));
    }
  if (self->session != NULL && anx_session_page_get_booking (self->session) != NULL)
    {
      g_autofree char *person = anx_desk_describe_person (self->service, anx_session_page_get_booking (self->session));
      g_autofree char *title = g_strdup_printf (_ ("Session: %s"), person);
      gtk_box_append (GTK_BOX (box), build_page_button ("session", title, "avatar-default-symbolic", number++, 0,
                                                        g_strcmp0 (current, "session") == 0));
    }
  anx_desk_place_update (place, box);
}

static void
refresh_status (AnxDeskWindow *self)
{
  AnxClient *client = anx_desk_service_get_client (self->service);
  AnxClientState state = anx_client_get_state (client);
  guint queued = anx_client_count_queued (client);
  guint aside = anx_client_count_set_aside (client);
  gint64 fetched = anx_desk_service_get_fetched_usec (self->service);
  GString *outbox = g_string_new (NULL);
  g_autofree char *status = NULL;

  if (state == ANX_CLIENT_ONLINE)
    status = g_strdup (_ ("● Online"));
  else if (fetched > 0)
    {
      g_autofree char *when = anx_ui_format_time (fetched, anx_desk_service_get_zone (self->service));
      status = g_strdup_printf (_ ("○ Offline: bookings as of %s. You can go on working."), when);
    }
  else
    status = g_strdup (_ ("○ Offline. You can go on working."));
  gtk_label_set_text (self->status, status);
  if (state == ANX_CLIENT_ONLINE)
    gtk_widget_remove_css_class (GTK_WIDGET (self->status), "offline");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->status), "offline");

  if (queued > 0)
    g_string_append_printf (outbox,
                            ngettext ("%u record waiting to be sent; it is safe on this computer",
                                      "%u records waiting to be sent; they are safe on this computer", queued),
                            queued);
  else
    g_string_append (outbox, _ ("Everything is sent"));
  if (aside > 0)
    {
      g_string_append (outbox, " · ");
      g_string_append_printf (outbox,
                              ngettext ("%u record was refused by the hub: tell the administrator",
                                        "%u records were refused by the hub: tell the administrator", aside),
                              aside);
      gtk_widget_add_css_class (GTK_WIDGET (self->outbox), "attention");
    }
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->outbox), "attention");
  gtk_label_set_text (self->outbox, outbox->str);
  g_string_free (outbox, TRUE);
}

static void
refresh_problem_bar (AnxDeskWindow *self)
{
  const char *problem = anx_client_get_problem (anx_desk_service_get_client (self->service));

  gtk_label_set_text (self->problem_text, problem != NULL ? problem : "");
  gtk_widget_set_visible (self->problem_bar, problem != NULL);
}

static void
refresh_title (AnxDeskWindow *self)
{
  const char *principal = anx_desk_model_get_principal (anx_desk_service_get_model (self->service));
  adw_window_title_set_subtitle (self->title, anx_desk_service_name_principal (self->service, principal));
}

/* Roles may change while the desk runs: pages come and go with the directory. */
static void
build_pages (AnxDeskWindow *self)
{
  AnxDeskPages wanted = anx_desk_service_get_pages (self->service);
  gboolean first = self->pages == 0;

  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      GtkWidget *old = gtk_stack_get_child_by_name (self->content, pages[i].name);
      if ((wanted & pages[i].page) != 0 && old == NULL)
        gtk_stack_add_named (self->content, pages[i].build (self->service), pages[i].name);
      else if ((wanted & pages[i].page) == 0 && old != NULL)
        gtk_stack_remove (self->content, old);
    }
  if ((wanted & ANX_DESK_PAGE_DAY) != 0 && self->session == NULL)
    {
      self->session = ANX_SESSION_PAGE (anx_session_page_new (self->service, self->test_media));
      gtk_stack_add_named (self->content, GTK_WIDGET (self->session), "session");
    }
  self->pages = wanted;
  if (gtk_stack_get_child_by_name (self->content, "none") == NULL)
    gtk_stack_add_named (self->content, anx_problem_page_new (ANX_DESK_PROBLEM_NO_ROLE, NULL), "none");
  if (wanted == 0)
    gtk_stack_set_visible_child_name (self->content, "none");
  else if (first)
    for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
      if ((wanted & pages[i].page) != 0)
        {
          anx_desk_window_show_page (self, pages[i].name);
          break;
        }
}

static void
on_changed (AnxDeskWindow *self)
{
  if (anx_desk_service_get_pages (self->service) != self->pages || gtk_stack_get_visible_child (self->content) == NULL)
    build_pages (self);
  refresh_sidebar (self);
  refresh_status (self);
  refresh_problem_bar (self);
  refresh_title (self);
}

/**
 * anx_desk_window_show_page:
 * @self: the window
 * @name: a page's name; one that this person does not have is ignored
 */
void
anx_desk_window_show_page (AnxDeskWindow *self,
                           const char *name)
{
  if (gtk_stack_get_child_by_name (self->content, name) == NULL)
    return;
  gtk_stack_set_visible_child_name (self->content, name);
  g_action_group_change_action_state (G_ACTION_GROUP (self), "page", g_variant_new_string (name));
  adw_window_title_set_title (self->title, g_str_equal (name, "session") ? _ ("Session") : _ ("Anxin"));
  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    if (g_str_equal (pages[i].name, name))
      adw_window_title_set_title (self->title, _ (pages[i].title));
  refresh_sidebar (self);
}

static void
clear_pages (AnxDeskWindow *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->content))) != NULL)
    gtk_stack_remove (self->content, child);
  self->session = NULL;
  self->pages = 0;
}

static void
start_service (AnxDeskWindow *self,
               AnxClient *client)
{
  clear_pages (self);
  self->service = anx_desk_service_new (client);
  g_signal_connect_object (self->service, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  anx_alarm_bar_set_service (self->alarm_bar, self->service);
  set_stage (self, "work", NULL);
  anx_desk_service_start (self->service);
}

static gboolean
on_start_idle (gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxClient) client = NULL;

  self->start_source = 0;
  g_autoptr (AnxProfile) profile = anx_profile_open (self->folder, &error);
  if (profile != NULL)
    {
      g_autoptr (AnxKeyStore) store = anx_secret_key_store_new (anx_profile_get_district (profile));
      g_autoptr (AnxClock) clock = anx_clock_new_system ();
      client = anx_client_new (profile, store, clock, &error);
    }
  if (client == NULL)
    {
      show_problem (self, anx_desk_problem_from_error (error), error->message);
      return G_SOURCE_REMOVE;
    }
  start_service (self, client);
  return G_SOURCE_REMOVE;
}

static void
on_enrolled (AnxDeskWindow *self)
{
  anx_desk_window_try_start (self);
}

/**
 * anx_desk_window_try_start:
 * @self: the window
 *
 * From the beginning: enrolment when there is no profile, else keys and database, else the page that says what is
 * wrong. Safe to call again and again.
 */
void
anx_desk_window_try_start (AnxDeskWindow *self)
{
  drop_service (self);
  if (!anx_profile_exists (self->folder))
    {
      GtkWidget *page = anx_enrol_page_new (self->folder, self->hub_url);
      g_signal_connect_object (page, "enrolled", G_CALLBACK (on_enrolled), self, G_CONNECT_SWAPPED);
      set_stage (self, "enrol", page);
      return;
    }
  set_stage (self, "busy", NULL);
  /* The key store may take seconds; the window is on the screen before it is asked. */
  if (self->start_source == 0)
    self->start_source = g_timeout_add (50, on_start_idle, self);
}

static GtkWidget *
build_busy (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *spinner = gtk_spinner_new ();

  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_set_size_request (spinner, 32, 32);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), spinner);
  gtk_box_append (GTK_BOX (box), gtk_label_new (_ ("Opening your keys…")));
  return box;
}

static GtkWidget *
build_problem_bar (AnxDeskWindow *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);

  self->problem_text = GTK_LABEL (anx_desk_label_new ("", NULL));
  gtk_widget_set_hexpand (GTK_WIDGET (self->problem_text), TRUE);
  gtk_widget_add_css_class (bar, "problem-bar");
  gtk_box_append (GTK_BOX (bar), gtk_image_new_from_icon_name ("dialog-warning-symbolic"));
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->problem_text));
  gtk_box_append (GTK_BOX (bar), anx_desk_button_new (_ ("What to do"), "flat", "win.show-problem", NULL));
  gtk_widget_set_visible (bar, FALSE);
  self->problem_bar = bar;
  return bar;
}

static GtkWidget *
build_status_bar (AnxDeskWindow *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);

  self->status = GTK_LABEL (anx_desk_label_new ("", NULL));
  self->outbox = GTK_LABEL (anx_desk_label_new ("", NULL));
  gtk_widget_set_hexpand (GTK_WIDGET (self->status), TRUE);
  gtk_widget_add_css_class (bar, "status-bar");
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->status));
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->outbox));
  return bar;
}

static GtkWidget *
build_work (AnxDeskWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *sidebar = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *flap = adw_flap_new ();

  self->sidebar = GTK_BOX (sidebar);
  self->flap = ADW_FLAP (flap);
  self->content = GTK_STACK (gtk_stack_new ());
  anx_ui_hide_covered_pages (self->content);
  gtk_widget_set_hexpand (GTK_WIDGET (self->content), TRUE);
  gtk_widget_set_size_request (sidebar, 230, -1);
  gtk_widget_add_css_class (sidebar, "sidebar");
  gtk_widget_add_css_class (sidebar, "background");
  /* The words in the buttons expand; the sidebar as a whole does not. */
  gtk_widget_set_hexpand (sidebar, FALSE);
  gtk_box_append (self->sidebar, adw_bin_new ());
  adw_flap_set_flap (self->flap, sidebar);
  adw_flap_set_separator (self->flap, gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  adw_flap_set_content (self->flap, GTK_WIDGET (self->content));
  gtk_widget_set_vexpand (flap, TRUE);
  gtk_box_append (GTK_BOX (box), build_problem_bar (self));
  gtk_box_append (GTK_BOX (box), flap);
  gtk_box_append (GTK_BOX (box), build_status_bar (self));
  return box;
}

static GtkWidget *
build_menu (void)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new ();

  g_menu_append (menu, _ ("_Ask the hub again"), "win.refresh");
  g_menu_append (menu, _ ("_Keyboard shortcuts"), "win.show-help-overlay");
  g_menu_append (menu, _ ("A_bout Anxin"), "app.about");
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "open-menu-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_menu_button_set_primary (GTK_MENU_BUTTON (button), TRUE);
  gtk_widget_set_tooltip_text (button, _ ("Main menu"));
  anx_ui_set_accessible_name (button, _ ("Main menu"));
  return button;
}

static void
anx_desk_window_init (AnxDeskWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();

  self->title = ADW_WINDOW_TITLE (adw_window_title_new (_ ("Anxin"), ""));
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), GTK_WIDGET (self->title));
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), build_menu ());
  self->alarm_bar = ANX_ALARM_BAR (anx_alarm_bar_new ());
  self->stages = GTK_STACK (gtk_stack_new ());
  anx_ui_hide_covered_pages (self->stages);
  gtk_stack_add_named (self->stages, build_busy (), "busy");
  gtk_stack_add_named (self->stages, build_work (self), "work");
  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  adw_toast_overlay_set_child (self->toasts, GTK_WIDGET (self->stages));
  gtk_widget_set_vexpand (GTK_WIDGET (self->toasts), TRUE);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->alarm_bar));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->toasts));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), box);
  gtk_window_set_default_size (GTK_WINDOW (self), 1280, 800);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Anxin desk"));
  anx_desk_window_install_actions (self);
}

/**
 * anx_desk_window_new:
 * @application: the application
 * @profile_folder: the folder of this person's profile
 * @hub_url: (nullable): the address that enrolment begins with
 * @test_media: whether test pictures and tones take the place of camera and microphone
 *
 * Returns: (transfer none): the window; it begins to start up at once
 */
AnxDeskWindow *
anx_desk_window_new (GtkApplication *application,
                     const char *profile_folder,
                     const char *hub_url,
                     gboolean test_media)
{
  AnxDeskWindow *self = g_object_new (ANX_TYPE_DESK_WINDOW, "application", application, NULL);

  self->folder = g_strdup (profile_folder);
  self->hub_url = g_strdup (hub_url);
  self->test_media = test_media;
  anx_desk_window_try_start (self);
  return self;
}

/**
 * anx_desk_window_toast:
 * @window: (nullable): a window
 * @text: a passing message, nothing that must not be missed
 */
void
anx_desk_window_toast (GtkWindow *window,
                       const char *text)
{
  if (window == NULL || !ANX_IS_DESK_WINDOW (window))
    return;
  AnxDeskWindow *self = ANX_DESK_WINDOW (window);
  /* Toasts read markup. */
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  /* What was said before is over: in a line behind it the newest would come too late. */
  if (self->toast != NULL)
    adw_toast_dismiss (self->toast);
  g_set_weak_pointer (&self->toast, adw_toast_new (escaped));
  adw_toast_overlay_add_toast (self->toasts, self->toast);
}
