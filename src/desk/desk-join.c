/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-join.h"

#include <glib/gi18n.h>
#include <string.h>

#include "delegation.h"
#include "desk-widgets.h"
#include "id.h"
#include "json.h"
#include "profile.h"
#include "ui-text.h"

#define SECRET_BYTES 32
#define DELEGATION_USEC (2 * G_TIME_SPAN_HOUR)

/*
 * NONE ─begin─► LINK ─a browser asks with the secret─► ASKED ─agree─► AGREED
 *                                                          └─refuse─► NONE
 * J1 A link is good for one key: what asks after AGREED is not answered.
 */
struct _AnxDeskJoin
{
  AdwBin parent_instance;
  AnxDeskService *service;
  GCancellable *cancellable;
  char *booking; /* (nullable) */
  char *secret;  /* (nullable) hexadecimal; this and the link's fragment alone have it */
  char *key;     /* (nullable) the browser's, while it waits for an answer */
  gboolean agreed;
  JsonArray *ice; /* (nullable) */
  GtkLabel *link;
  GtkLabel *state;
  GtkWidget *agree;
  GtkWidget *refuse;
};

G_DEFINE_FINAL_TYPE (AnxDeskJoin, anx_desk_join, ADW_TYPE_BIN)

static void
forget (AnxDeskJoin *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->secret, g_free);
  g_clear_pointer (&self->key, g_free);
  g_clear_pointer (&self->ice, json_array_unref);
  self->agreed = FALSE;
}

static void
anx_desk_join_dispose (GObject *object)
{
  AnxDeskJoin *self = ANX_DESK_JOIN (object);
  forget (self);
  g_clear_object (&self->service);
  g_clear_pointer (&self->booking, g_free);
  G_OBJECT_CLASS (anx_desk_join_parent_class)->dispose (object);
}

static void
anx_desk_join_class_init (AnxDeskJoinClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_desk_join_dispose;
}

static void
anx_desk_join_init (AnxDeskJoin *self)
{
}

static void
show (AnxDeskJoin *self,
      const char *state)
{
  gboolean asked = self->key != NULL && !self->agreed;

  gtk_label_set_text (self->state, state);
  gtk_widget_set_visible (GTK_WIDGET (self->link), self->secret != NULL && self->key == NULL);
  gtk_widget_set_visible (self->agree, asked);
  gtk_widget_set_visible (self->refuse, asked);
  gtk_widget_set_visible (GTK_WIDGET (self), state != NULL && *state != '\0');
}

/* As makeTag() of the page: over the parts, a line each. */
static char *
make_tag (AnxDeskJoin *self,
          const char *text)
{
  guint8 secret[SECRET_BYTES];

  for (gsize i = 0; i < SECRET_BYTES; i++)
    secret[i] = (guint8) (g_ascii_xdigit_value (self->secret[2 * i]) << 4 | g_ascii_xdigit_value (self->secret[2 * i + 1]));
  return g_compute_hmac_for_string (G_CHECKSUM_SHA256, secret, sizeof secret, text, -1);
}

/* As numberOf() of the page. */
static guint32
number_of (const char *key)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;

  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_get_digest (checksum, digest, &length);
  return ((guint32) digest[0] << 24 | (guint32) digest[1] << 16 | (guint32) digest[2] << 8 | digest[3]) % 1000000;
}

static const char *
get_own_id (AnxDeskJoin *self)
{
  return anx_profile_get_principal (anx_client_get_profile (anx_desk_service_get_client (self->service)));
}

static void
answer (AnxDeskJoin *self,
        JsonObject *body)
{
  anx_client_send_signal (anx_desk_service_get_client (self->service), get_own_id (self), self->booking, body);
}

static void
on_refuse (AnxDeskJoin *self)
{
  g_autoptr (JsonObject) body = json_object_new ();

  json_object_set_string_member (body, "type", "join-refuse");
  answer (self, body);
  forget (self);
  show (self, _ ("Refused. The link does not work any more."));
}

static void
on_agree (AnxDeskJoin *self)
{
  AnxClient *client = anx_desk_service_get_client (self->service);
  AnxDirectory *directory = anx_client_get_directory (client);
  const AnxDeskBooking *booking = anx_desk_model_get_booking (anx_desk_service_get_model (self->service), self->booking);
  const AnxPrincipal *kiosk = directory != NULL && booking != NULL && booking->kiosk != NULL
                                ? anx_directory_get_principal (directory, booking->kiosk)
                                : NULL;
  g_autoptr (GError) error = NULL;

  if (kiosk == NULL || !kiosk->active || kiosk->sign_certificate == NULL)
    {
      show (self, _ ("The directory names no kiosk for this room. Nothing was signed."));
      return;
    }
  g_autofree char *context = g_strdup_printf ("call-delegation:%s", self->booking);
  g_autofree char *text
      = anx_delegation_write (self->key, anx_clock_now_usec (anx_client_get_clock (client)) + DELEGATION_USEC);
  g_autofree char *delegation = anx_client_sign_statement (client, context, text, &error);
  if (delegation == NULL)
    {
      show (self, error->message);
      return;
    }
  g_autofree char *kiosk_key = anx_delegation_dup_public_key (kiosk->sign_certificate);
  g_autofree char *whole = g_strjoin ("\n", "grant", self->key, delegation, kiosk->id, kiosk_key, NULL);
  g_autofree char *tag = make_tag (self, whole);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "type", "join-grant");
  json_object_set_string_member (body, "delegation", delegation);
  json_object_set_string_member (body, "kiosk", kiosk->id);
  json_object_set_string_member (body, "kioskKey", kiosk_key);
  if (self->ice != NULL)
    json_object_set_array_member (body, "ice", json_array_ref (self->ice));
  json_object_set_string_member (body, "tag", tag);
  self->agreed = TRUE;
  answer (self, body);
  show (self, _ ("The browser speaks for you in this session, and in no other."));
}

static void
on_message (AnxDeskService *service,
            const char *booking,
            JsonObject *body,
            const char *from,
            AnxDeskJoin *self)
{
  const char *key = anx_json_get_string (body, "key", "");
  const char *tag = anx_json_get_string (body, "tag", "");

  if (self->secret == NULL || self->agreed || g_strcmp0 (booking, self->booking) != 0 || g_strcmp0 (from, get_own_id (self)) != 0
      || !g_str_equal (anx_json_get_string (body, "type", ""), "join-ask"))
    return;
  g_autofree char *whole = g_strjoin ("\n", "ask", key, NULL);
  g_autofree char *wanted = make_tag (self, whole);
  if (*key == '\0' || strlen (key) > 256 || g_strcmp0 (tag, wanted) != 0)
    return;
  g_free (self->key);
  self->key = g_strdup (key);
  /* Translators: six digits that stand in the browser too. */
  g_autofree char *text
      = g_strdup_printf (_ ("A browser with your link asks to speak for you. Is this its number: %06u?"), number_of (key));
  show (self, text);
}

static void
on_ice (GObject *source,
        GAsyncResult *result,
        gpointer user_data)
{
  g_autoptr (AnxDeskJoin) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) reply = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);
  JsonArray *servers = reply != NULL && JSON_NODE_HOLDS_OBJECT (reply)
                         ? anx_json_get_array (json_node_get_object (reply), "servers")
                         : NULL;

  if (self->secret != NULL && servers != NULL && self->ice == NULL)
    self->ice = json_array_ref (servers);
}

static void
on_join (GObject *source,
         GAsyncResult *result,
         gpointer user_data)
{
  g_autoptr (AnxDeskJoin) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) reply = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);
  const char *id = reply != NULL && JSON_NODE_HOLDS_OBJECT (reply)
                     ? anx_json_get_string (json_node_get_object (reply), "id", NULL)
                     : NULL;
  guint8 random[SECRET_BYTES];

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->service == NULL)
    return;
  if (id == NULL)
    {
      show (self, error != NULL ? error->message : _ ("The hub made no link."));
      return;
    }
  anx_random_bytes (random, sizeof random);
  GString *secret = g_string_new (NULL);
  for (gsize i = 0; i < sizeof random; i++)
    g_string_append_printf (secret, "%02x", random[i]);
  self->secret = g_string_free (secret, FALSE);
  const char *hub = anx_profile_get_hub_url (anx_client_get_profile (ANX_CLIENT (source)));
  g_autofree char *link = g_strdup_printf ("%s%sv1/join/page.html#%s.%s", hub, g_str_has_suffix (hub, "/") ? "" : "/", id, self->secret);
  gtk_label_set_text (self->link, link);
  show (self, _ ("Open this link in the browser, within two hours. It works once; whoever has it is asked about here."));
  anx_client_request_async (ANX_CLIENT (source), "GET", "/v1/ice", NULL, NULL, on_ice, g_object_ref (self));
}

/**
 * anx_desk_join_begin:
 * @self: the invitation
 *
 * Asks the hub for a way in and shows the link. The one before does not work any more.
 */
void
anx_desk_join_begin (AnxDeskJoin *self)
{
  g_return_if_fail (ANX_IS_DESK_JOIN (self));
  if (self->booking == NULL)
    return;
  forget (self);
  self->cancellable = g_cancellable_new ();
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "booking", self->booking);
  g_autoptr (JsonNode) body = json_node_init_object (json_node_alloc (), object);
  anx_client_request_async (anx_desk_service_get_client (self->service), "POST", "/v1/joins", body, self->cancellable, on_join,
                            g_object_ref (self));
}

/**
 * anx_desk_join_set_booking:
 * @self: the invitation
 * @booking: (nullable): a booking's id
 */
void
anx_desk_join_set_booking (AnxDeskJoin *self,
                           const char *booking)
{
  g_return_if_fail (ANX_IS_DESK_JOIN (self));
  forget (self);
  g_free (self->booking);
  self->booking = g_strdup (booking);
  show (self, NULL);
}

/**
 * anx_desk_join_new:
 * @service: the service
 *
 * Returns: (transfer floating): the invitation, hidden until there is one
 */
GtkWidget *
anx_desk_join_new (AnxDeskService *service)
{
  AnxDeskJoin *self = g_object_new (ANX_TYPE_DESK_JOIN, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->service = g_object_ref (service);
  self->state = GTK_LABEL (anx_desk_label_new ("", NULL));
  self->link = GTK_LABEL (anx_desk_label_new ("", "monospace"));
  gtk_widget_set_name (GTK_WIDGET (self->link), "join-link");
  gtk_label_set_selectable (self->link, TRUE);
  gtk_label_set_wrap_mode (self->link, PANGO_WRAP_CHAR);
  self->agree = anx_desk_button_new (_ ("Let it _join"), "suggested-action", NULL, NULL);
  self->refuse = anx_desk_button_new (_ ("Refuse"), NULL, NULL, NULL);
  g_signal_connect_swapped (self->agree, "clicked", G_CALLBACK (on_agree), self);
  g_signal_connect_swapped (self->refuse, "clicked", G_CALLBACK (on_refuse), self);
  gtk_box_append (GTK_BOX (line), self->agree);
  gtk_box_append (GTK_BOX (line), self->refuse);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->state));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->link));
  gtk_box_append (GTK_BOX (box), line);
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect_object (service, "call-message", G_CALLBACK (on_message), self, 0);
  show (self, NULL);
  return GTK_WIDGET (self);
}
