/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fhirpath-error.h"

G_DEFINE_QUARK (anx - fhirpath - error - quark, anx_fhirpath_error)
