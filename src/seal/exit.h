/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void anx_exit_before_libcrypto (void (*finish) (void));

G_END_DECLS
