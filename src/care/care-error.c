/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-error.h"

G_DEFINE_QUARK (anx-care-error-quark, anx_care_error)
