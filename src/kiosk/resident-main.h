/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The resident process: `anxin-kiosk --resident FD`. */
int anx_resident_main (int fd, int width, int height, gboolean windowed);

G_END_DECLS
