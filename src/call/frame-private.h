/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "frame.h"

G_BEGIN_DECLS

AnxFrame *anx_frame_new_take (GBytes *bytes, int width, int height, gsize stride) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
