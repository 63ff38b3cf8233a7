/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What dialogs have in common. Main thread. */
void anx_desk_dialog_present (GtkWidget *dialog);
void anx_desk_guard_text (GtkWindow *window);
void anx_desk_ask_to_close (GtkWindow *window);
void anx_desk_say (GtkWindow *parent, const char *heading, const char *text);
void anx_desk_say_failure (GtkWindow *parent, const char *heading, const GError *error);

/* A dialog with fields, out of which something is written. */
typedef struct
{
  const char *failed;                                 /* heading, when it could not be written; not translated yet */
  gboolean (*send) (gpointer data, GError **error);   /* writes it */
  GDestroyNotify free;                                /* of the data */
} AnxDeskFormKind;

void anx_desk_form_present (GtkWindow *parent, const AnxDeskFormKind *kind, const char *heading, const char *body, const char *send_label,
                            GtkWidget *content, gpointer data);
void anx_desk_form_set_ready (GtkWidget *content, gboolean ready);

G_END_DECLS
