/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portrait.h"

#include <string.h>

#define SIZE_PX 96
/* Base64 of a small JPEG or PNG; the directory that carries it is fetched by every kiosk. */
#define MOST_PHOTO_CHARS (96 * 1024)
#define MOST_PHOTO_PX 1024

/* Latin names: the first letters of the first and the last word. Others: the first character, in Chinese the family name. */
static char *
make_initials (const char *name)
{
  GString *out = g_string_new (NULL);
  g_auto (GStrv) words = g_strsplit (name, " ", -1);
  guint n = g_strv_length (words);
  if (*name != '\0')
    g_string_append_unichar (out, g_unichar_toupper (g_utf8_get_char (name)));
  if (n > 1 && g_utf8_get_char (name) < 0x2E80 && *words[n - 1] != '\0')
    g_string_append_unichar (out, g_unichar_toupper (g_utf8_get_char (words[n - 1])));
  return g_string_free (out, FALSE);
}

static GdkTexture *
read_photo (const char *photo)
{
  gsize length = 0;
  if (photo == NULL || strlen (photo) > MOST_PHOTO_CHARS)
    return NULL;
  guchar *data = g_base64_decode (photo, &length);
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, length);
  g_autoptr (GdkTexture) texture = length > 0 ? gdk_texture_new_from_bytes (bytes, NULL) : NULL;
  if (texture == NULL || gdk_texture_get_width (texture) > MOST_PHOTO_PX || gdk_texture_get_height (texture) > MOST_PHOTO_PX)
    return NULL;
  return g_steal_pointer (&texture);
}

/**
 * anx_portrait_new:
 * @name: valid UTF-8
 * @photo: (nullable): Base64 of a PNG or JPEG of at most 1024 px a side, from the signed directory
 *
 * Returns: (transfer floating): the photo, or initials where there is none that can be used; says nothing to a screen reader, since the
 *   name stands beside it
 */
GtkWidget *
anx_portrait_new (const char *name,
                  const char *photo)
{
  g_autoptr (GdkTexture) texture = read_photo (photo);
  g_autofree char *initials = make_initials (name);
  GtkWidget *portrait;
  if (texture != NULL)
    {
      GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (texture));
      portrait = g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
      gtk_widget_set_overflow (portrait, GTK_OVERFLOW_HIDDEN);
      gtk_picture_set_can_shrink (GTK_PICTURE (picture), TRUE);
      gtk_widget_set_size_request (picture, SIZE_PX, SIZE_PX);
      gtk_box_append (GTK_BOX (portrait), picture);
    }
  else
    portrait = g_object_new (GTK_TYPE_LABEL, "label", initials, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  gtk_widget_add_css_class (portrait, "anx-portrait");
  gtk_widget_set_size_request (portrait, SIZE_PX, SIZE_PX);
  gtk_widget_set_valign (portrait, GTK_ALIGN_CENTER);
  return portrait;
}
