/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "assign-box.h"

#include <glib/gi18n.h>
#include <string.h>

#include "bounds.h"
#include "desk-widgets.h"
#include "files.h"
#include "json.h"
#include "ui-text.h"

struct _AnxAssignBox
{
  AdwBin parent_instance;
  AnxDeskService *service;
  char *booking;      /* (nullable) */
  GHashTable *titles; /* id of a questionnaire → its title */
  GtkLabel *state;
  GCancellable *cancellable; /* of what is asked of the hub for this booking */
};

G_DEFINE_FINAL_TYPE (AnxAssignBox, anx_assign_box, ADW_TYPE_BIN)

static void
anx_assign_box_dispose (GObject *object)
{
  AnxAssignBox *self = ANX_ASSIGN_BOX (object);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->service);
  g_clear_pointer (&self->booking, g_free);
  g_clear_pointer (&self->titles, g_hash_table_unref);
  G_OBJECT_CLASS (anx_assign_box_parent_class)->dispose (object);
}

static void
anx_assign_box_class_init (AnxAssignBoxClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_assign_box_dispose;
}

static void
anx_assign_box_init (AnxAssignBox *self)
{
  self->titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static void
show (AnxAssignBox *self,
      const char *id)
{
  const char *title = id != NULL && *id != '\0' ? g_hash_table_lookup (self->titles, id) : NULL;
  g_autofree char *text = title != NULL ? g_strdup_printf (_ ("Offered when the resident checks in: %s"), title) : g_strdup ("");
  gtk_label_set_label (self->state, title == NULL && id != NULL && *id != '\0' ? id : text);
}

static void
on_asked (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (AnxAssignBox) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);
  if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
    show (self, anx_json_get_string (json_node_get_object (answer), "questionnaire", NULL));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_label_set_label (self->state, "");
}

static void
ask (AnxAssignBox *self)
{
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/assignment", self->booking);
  anx_client_request_async (anx_desk_service_get_client (self->service), "GET", path, NULL, self->cancellable, on_asked, g_object_ref (self));
}

static void
on_put (GObject *source,
        GAsyncResult *result,
        gpointer user_data)
{
  g_autoptr (AnxAssignBox) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);
  if (error == NULL)
    ask (self);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_label_set_label (self->state, _ ("The hub did not take it. Nothing has changed; please try again later."));
}

static void
assign (GSimpleAction *action,
        GVariant *parameter,
        gpointer user_data)
{
  AnxAssignBox *self = user_data;
  if (self->booking == NULL)
    return;
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/assignment", self->booking);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "questionnaire", g_variant_get_string (parameter, NULL));
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  anx_client_request_async (anx_desk_service_get_client (self->service), "PUT", path, node, self->cancellable, on_put, g_object_ref (self));
}

/* Only what residents may be asked without anybody's further approval; a kiosk offers nothing else. */
static char *
dup_title (const char *path,
           char **out_id)
{
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL);
  gsize length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  g_autoptr (JsonObject) fhir = text != NULL ? anx_json_parse_object (text, (gssize) length, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL) : NULL;
  if (fhir == NULL || !g_str_equal (anx_json_get_string (fhir, "status", ""), "active"))
    return NULL;
  g_autoptr (AnxQuestionnaire) questionnaire = anx_questionnaire_parse (fhir, NULL);
  if (questionnaire == NULL)
    return NULL;
  *out_id = g_strdup (anx_questionnaire_get_id (questionnaire));
  return anx_questionnaire_dup_title (questionnaire, anx_ui_get_language ());
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GMenu *
make_menu (AnxAssignBox *self)
{
  const char *data = g_getenv ("ANX_DATA_DIR");
  g_autofree char *folder = g_build_filename (data != NULL ? data : ANX_DATA_DIR, "questionnaires", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name = dir != NULL ? g_dir_read_name (dir) : NULL; name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      char *id = NULL;
      char *title = g_str_has_suffix (name, ".json") ? dup_title (path, &id) : NULL;
      if (title != NULL)
        g_hash_table_replace (self->titles, id, title);
    }
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (self->titles, NULL);
  guint n = g_hash_table_size (self->titles);
  qsort (keys, n, sizeof *keys, compare_ids);
  GMenu *menu = g_menu_new ();
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (g_hash_table_lookup (self->titles, keys[i]), NULL);
      g_menu_item_set_action_and_target (item, "assign.ask", "s", keys[i]);
      g_menu_append_item (menu, item);
    }
  g_autoptr (GMenuItem) none = g_menu_item_new (_ ("None"), NULL);
  g_menu_item_set_action_and_target (none, "assign.ask", "s", "");
  g_menu_append_item (menu, none);
  return menu;
}

/**
 * anx_assign_box_new:
 * @service: the service
 *
 * Returns: (transfer floating): the menu, without a booking and hidden
 */
GtkWidget *
anx_assign_box_new (AnxDeskService *service)
{
  static const GActionEntry entries[] = { { .name = "ask", .activate = assign, .parameter_type = "s" } };
  AnxAssignBox *self = g_object_new (ANX_TYPE_ASSIGN_BOX, "visible", FALSE, NULL);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *button = gtk_menu_button_new ();
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  self->service = g_object_ref (service);
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "assign", G_ACTION_GROUP (group));
  g_autoptr (GMenu) menu = make_menu (self);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), _ ("Ask for a questionnaire"));
  self->state = GTK_LABEL (anx_desk_label_new ("", "dim-label"));
  gtk_widget_set_hexpand (GTK_WIDGET (self->state), TRUE);
  gtk_box_append (GTK_BOX (line), button);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->state));
  adw_bin_set_child (ADW_BIN (self), line);
  return GTK_WIDGET (self);
}

/**
 * anx_assign_box_set_booking:
 * @self: the menu
 * @booking: (nullable): a booking of this counsellor's; %NULL hides the menu
 *
 * Asks the hub what is asked for now.
 */
void
anx_assign_box_set_booking (AnxAssignBox *self,
                            const char *booking)
{
  gtk_widget_set_visible (GTK_WIDGET (self), booking != NULL);
  if (g_strcmp0 (booking, self->booking) == 0)
    return;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_free (self->booking);
  self->booking = g_strdup (booking);
  gtk_label_set_label (self->state, "");
  if (booking != NULL)
    ask (self);
}
