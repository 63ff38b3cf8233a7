/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AnxCallError:
 * @ANX_CALL_ERROR_MEDIA: no camera or microphone, or it is in use; the message says which
 * @ANX_CALL_ERROR_UNTRUSTED: the other side's description is not signed by whom the booking says, or asks for weak protection
 * @ANX_CALL_ERROR_INVALID: a signalling message is not of the protocol
 * @ANX_CALL_ERROR_CONNECTION: the two sides find no way to each other
 * @ANX_CALL_ERROR_INSTALLATION: a GStreamer element is missing; the message names the package
 */
typedef enum
{
  ANX_CALL_ERROR_MEDIA,
  ANX_CALL_ERROR_UNTRUSTED,
  ANX_CALL_ERROR_INVALID,
  ANX_CALL_ERROR_CONNECTION,
  ANX_CALL_ERROR_INSTALLATION,
} AnxCallError;

#define ANX_CALL_ERROR (anx_call_error_quark ())
GQuark anx_call_error_quark (void);

G_END_DECLS
