/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A person's picture, or the first letters of their name. Main thread. */
GtkWidget *anx_portrait_new (const char *name, const char *photo);

G_END_DECLS
