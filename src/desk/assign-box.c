/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "assign-box.h"

#include <glib/gi18n.h>
#include <string.h>

#include "desk-widgets.h"
#include "json.h"
#include "ui-text.h"

struct _AnxAssignBox
{
  AdwBin parent_instance;
  AnxDeskService *service;
  char *booking;      /* (nullable) */
  GHashTable *titles; /* id of a questionnaire → its title */
  GtkLabel *state;
  GtkWidget *warning; /* with its sign; holds @warning_text */
  GtkLabel *warning_text;
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

/* When this resident last answered it, as far as this desk may read; 0 = never. */
static gint64
find_last_usec (AnxAssignBox *self,
                const char *id)
{
  g_autoptr (GPtrArray) history = anx_desk_model_list_history (anx_desk_service_get_model (self->service), self->booking);
  gint64 last_usec = 0;
  for (guint i = 0; i < history->len; i++)
    {
      const AnxDeskScreening *screening = g_ptr_array_index (history, i);
      for (guint k = 0; k < screening->parts->len; k++)
        {
          const AnxScreeningPart *part = g_ptr_array_index (screening->parts, k);
          AnxQuestionnaire *questionnaire = anx_desk_service_get_questionnaire (self->service, part->canonical);
          if (questionnaire != NULL && g_strcmp0 (anx_questionnaire_get_id (questionnaire), id) == 0)
            last_usec = MAX (last_usec, screening->record->created_usec);
        }
    }
  return last_usec;
}

/* Asked again too soon, a result says little about the time since; it is the counsellor's decision all the same. */
static char *
dup_warning (AnxAssignBox *self,
             const char *id)
{
  g_autoptr (AnxQuestionnaire) questionnaire
      = anx_questionnaire_shelf_open (anx_desk_service_get_shelf (self->service), id, ANX_SHELF_ASSIGNED, NULL);
  guint days = questionnaire != NULL ? anx_questionnaire_get_retest_days (questionnaire) : 0;
  gint64 last_usec = days > 0 ? find_last_usec (self, id) : 0;
  gint64 passed = (anx_desk_model_now_usec (anx_desk_service_get_model (self->service)) - last_usec) / G_TIME_SPAN_DAY;
  if (last_usec == 0 || passed >= days)
    return NULL;
  g_autofree char *when = passed < 1 ? g_strdup (_ ("It was answered less than a day ago."))
                                     : g_strdup_printf (ngettext ("It was answered %d day ago.", "It was answered %d days ago.", (gulong) passed), (int) passed);
  g_autofree char *rule = g_strdup_printf (ngettext ("It is usually not asked again within %u day.", "It is usually not asked again within %u days.", days), days);
  return g_strdup_printf ("%s %s", when, rule);
}

static void
show_words (AnxAssignBox *self,
            const char *state,
            const char *warning)
{
  gtk_label_set_label (self->state, state != NULL ? state : "");
  gtk_widget_set_visible (GTK_WIDGET (self->state), state != NULL);
  gtk_label_set_label (self->warning_text, warning != NULL ? warning : "");
  gtk_widget_set_visible (self->warning, warning != NULL);
}

static void
show (AnxAssignBox *self,
      const char *id)
{
  if (id == NULL || *id == '\0')
    {
      show_words (self, NULL, NULL);
      return;
    }
  const char *title = g_hash_table_lookup (self->titles, id);
  g_autofree char *offered = title != NULL ? g_strdup_printf (_ ("Offered when the resident checks in: %s"), title) : g_strdup (id);
  g_autofree char *warning = dup_warning (self, id);
  show_words (self, offered, warning);
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
    show_words (self, NULL, NULL);
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
    show_words (self, NULL, _ ("The hub did not take it. Nothing has changed; please try again later."));
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

/* In plain words, and by the short name colleagues know it by. */
static char *
dup_title (const AnxShelfEntry *entry)
{
  g_autofree char *title = anx_questionnaire_dup_title (entry->questionnaire, anx_ui_get_language ());
  g_autofree char *name = g_ascii_strup (entry->id, -1);
  return g_strdup_printf ("%s · %s", title, name);
}

/* What the counsellor may ask for: everything that may be asked of residents here, and what only counsellors hand out. */
static void
fill_titles (AnxAssignBox *self)
{
  GPtrArray *entries = anx_questionnaire_shelf_list (anx_desk_service_get_shelf (self->service));
  g_hash_table_remove_all (self->titles);
  for (guint i = 0; i < entries->len; i++)
    {
      const AnxShelfEntry *entry = g_ptr_array_index (entries, i);
      /* The last version of an id is the one a kiosk asks. */
      if (anx_shelf_entry_allows (entry, ANX_SHELF_ASSIGNED, NULL))
        g_hash_table_replace (self->titles, g_strdup (entry->id), dup_title (entry));
      else
        g_hash_table_remove (self->titles, entry->id);
    }
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
  fill_titles (self);
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

/* Made anew each time: what is approved may have changed with the directory. */
static void
on_popup (GtkMenuButton *button,
          gpointer user_data)
{
  g_autoptr (GMenu) menu = make_menu (user_data);
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
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
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *button = gtk_menu_button_new ();
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  self->service = g_object_ref (service);
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "assign", G_ACTION_GROUP (group));
  g_autoptr (GMenu) menu = make_menu (self);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (button), on_popup, self, NULL);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), _ ("Ask for a questionnaire"));
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  self->state = GTK_LABEL (anx_desk_label_new ("", NULL));
  self->warning = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->warning_text = GTK_LABEL (anx_desk_label_new ("", NULL));
  gtk_widget_add_css_class (self->warning, "warning");
  gtk_box_append (GTK_BOX (self->warning), gtk_image_new_from_icon_name ("dialog-warning-symbolic"));
  gtk_box_append (GTK_BOX (self->warning), GTK_WIDGET (self->warning_text));
  gtk_box_append (GTK_BOX (box), button);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->state));
  gtk_box_append (GTK_BOX (box), self->warning);
  show_words (self, NULL, NULL);
  adw_bin_set_child (ADW_BIN (self), box);
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
  show_words (self, NULL, NULL);
  if (booking != NULL)
    ask (self);
}
