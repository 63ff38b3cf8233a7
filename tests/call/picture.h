/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "frame.h"

G_BEGIN_DECLS

/* What the test media of a call look like. */
gboolean picture_shows_smpte (AnxFrame *frame); /* the seven bars of ANX_CALL_MEDIA_TEST_A */
gboolean picture_shows_ball (AnxFrame *frame);  /* the white ball of ANX_CALL_MEDIA_TEST_B */
gboolean picture_shows_green (AnxFrame *frame); /* ANX_CALL_MEDIA_TEST_C */
gboolean picture_shows_black (AnxFrame *frame);

G_END_DECLS
