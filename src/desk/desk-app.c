/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-app.h"

#include <glib/gi18n.h>

#include "desk-window.h"
#include "ui-text.h"

struct _AnxDeskApp
{
  AdwApplication parent_instance;
  char *profile;
  char *hub;             /* (nullable) */
  gboolean test_media;
};

G_DEFINE_FINAL_TYPE (AnxDeskApp, anx_desk_app, ADW_TYPE_APPLICATION)

static void
anx_desk_app_finalize (GObject *object)
{
  AnxDeskApp *self = ANX_DESK_APP (object);
  g_free (self->profile);
  g_free (self->hub);
  G_OBJECT_CLASS (anx_desk_app_parent_class)->finalize (object);
}

static int
anx_desk_app_handle_local_options (GApplication *application,
                                   GVariantDict *options)
{
  AnxDeskApp *self = ANX_DESK_APP (application);

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("anxin-desk %s\n", ANX_VERSION);
      return 0;
    }
  g_variant_dict_lookup (options, "profile", "^ay", &self->profile);
  g_variant_dict_lookup (options, "hub", "s", &self->hub);
  g_variant_dict_lookup (options, "test-media", "b", &self->test_media);
  /* Without the option the one profile of this account. */
  if (self->profile == NULL)
    self->profile = g_build_filename (g_get_user_data_dir (), "anxin", "desk", NULL);
  return -1;
}

static void
anx_desk_app_activate (GApplication *application)
{
  AnxDeskApp *self = ANX_DESK_APP (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    window
        = GTK_WINDOW (anx_desk_window_new (GTK_APPLICATION (application), self->profile, self->hub, self->test_media));
  gtk_window_present (window);
}

static void
show_about (GSimpleAction *action,
            GVariant *parameter,
            gpointer user_data)
{
  GtkApplication *application = GTK_APPLICATION (user_data);

  adw_show_about_window (gtk_application_get_active_window (application), "application-name", _ ("Anxin desk"),
                         "application-icon", "org.anxin.Desk", "version", ANX_VERSION, "license-type",
                         GTK_LICENSE_GPL_3_0, "developer-name", _ ("The Anxin project"), NULL);
}

static const struct
{
  const char *action;
  const char *accels[3];
} keys[] = {
  { "win.nth-page(1)", { "<Alt>1" } },    { "win.nth-page(2)", { "<Alt>2" } },
  { "win.nth-page(3)", { "<Alt>3" } },    { "win.nth-page(4)", { "<Alt>4" } },
  { "win.nth-page(5)", { "<Alt>5" } },    { "win.nth-page(6)", { "<Alt>6" } },
  { "win.answer-alarm", { "F8" } },       { "win.save-note", { "<Control>s" } },
  { "win.refer", { "<Control>r" } },      { "win.refresh", { "F5" } },
  { "win.show-help-overlay", { "F1", "<Control>question" } },
  { "window.close", { "<Control>q", "<Control>w" } },
};

/* Without a Chinese locale the glyphs of another language would be taken; in English the wide quotation marks of a
 * Chinese font look wrong. */
static void
choose_font (void)
{
  GdkDisplay *display = gdk_display_get_default ();
  g_autoptr (GtkCssProvider) provider = NULL;

  if (display == NULL || !g_str_equal (anx_ui_get_language (), "zh"))
    return;
  provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_data (provider, "window { font-family: \"Noto Sans CJK SC\", sans-serif; }", -1);
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
anx_desk_app_startup (GApplication *application)
{
  static const GActionEntry entries[] = { { .name = "about", .activate = show_about } };

  G_APPLICATION_CLASS (anx_desk_app_parent_class)->startup (application);
  choose_font ();
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), keys[i].action, keys[i].accels);
}

static void
anx_desk_app_class_init (AnxDeskAppClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = anx_desk_app_finalize;
  application_class->handle_local_options = anx_desk_app_handle_local_options;
  application_class->activate = anx_desk_app_activate;
  application_class->startup = anx_desk_app_startup;
}

static void
anx_desk_app_init (AnxDeskApp *self)
{
  static const GOptionEntry options[] = {
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Folder of this person’s profile"), N_ ("DIR") },
    { "hub", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Address of the hub for enrolment"), N_ ("URL") },
    { "test-media", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Test picture and tone in place of camera and microphone"),
      NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version"), NULL },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

/**
 * anx_desk_app_new:
 *
 * Several desks may run side by side, each with its own profile.
 *
 * Returns: (transfer full): the application
 */
AnxDeskApp *
anx_desk_app_new (void)
{
  return g_object_new (ANX_TYPE_DESK_APP, "application-id", "org.anxin.Desk", "flags", G_APPLICATION_NON_UNIQUE,
                       "resource-base-path", "/org/anxin/desk", NULL);
}
