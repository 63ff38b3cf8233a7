/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Frees an AnxScore, for the arrays of this folder. */
void anx_score_free (gpointer data);

G_END_DECLS
