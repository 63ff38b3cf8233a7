/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call-error.h"

G_DEFINE_QUARK (anx-call-error-quark, anx_call_error)
