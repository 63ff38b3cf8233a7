/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AnxFhirpathError:
 * @ANX_FHIRPATH_ERROR_SYNTAX: the expression is not FHIRPath; the message says where
 * @ANX_FHIRPATH_ERROR_UNSUPPORTED: a function, operator or unit that this evaluator does not have; named, with its
 *   place. Functions and operators are found when compiling, units when evaluating
 * @ANX_FHIRPATH_ERROR_TOO_LARGE: over one of the bounds in fhirpath-bounds.h
 * @ANX_FHIRPATH_ERROR_VALUE: while evaluating: a value of the wrong type, or several where one is allowed
 * @ANX_FHIRPATH_ERROR_UNDEFINED: while evaluating: a %variable, the time or a host function that the environment does
 *   not have
 *
 * Messages name functions, operators and places of the expression, never a value of the data.
 */
typedef enum
{
  ANX_FHIRPATH_ERROR_SYNTAX,
  ANX_FHIRPATH_ERROR_UNSUPPORTED,
  ANX_FHIRPATH_ERROR_TOO_LARGE,
  ANX_FHIRPATH_ERROR_VALUE,
  ANX_FHIRPATH_ERROR_UNDEFINED,
} AnxFhirpathError;

#define ANX_FHIRPATH_ERROR (anx_fhirpath_error_quark ())
GQuark anx_fhirpath_error_quark (void);

G_END_DECLS
