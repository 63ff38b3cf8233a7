/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A private Xvfb of that size for this test program, gone with it; FALSE when Xvfb is not installed. Then GTK is initialised. */
gboolean anx_test_display_open (int width, int height);

G_END_DECLS
