/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AnxShellError:
 * @ANX_SHELL_ERROR_OFFLINE: the hub cannot be reached now
 * @ANX_SHELL_ERROR_REFUSED: the hub refused, or the shell's list does not allow the request
 * @ANX_SHELL_ERROR_CONFLICT: somebody was earlier; the message is the hub's problem object when it sent one
 * @ANX_SHELL_ERROR_UNKNOWN: the hub knows nothing under that name
 * @ANX_SHELL_ERROR_BUSY: too many requests just now
 * @ANX_SHELL_ERROR_STORAGE: this machine's disk did not take it; nothing was queued
 * @ANX_SHELL_ERROR_FAILED: anything else
 *
 * What crosses the private socket between the resident process and the shell, as org.anxin.Error.*.
 */
typedef enum
{
  ANX_SHELL_ERROR_OFFLINE,
  ANX_SHELL_ERROR_REFUSED,
  ANX_SHELL_ERROR_CONFLICT,
  ANX_SHELL_ERROR_UNKNOWN,
  ANX_SHELL_ERROR_BUSY,
  ANX_SHELL_ERROR_STORAGE,
  ANX_SHELL_ERROR_FAILED,
} AnxShellError;

#define ANX_SHELL_ERROR (anx_shell_error_quark ())
GQuark anx_shell_error_quark (void);

/* Where the shell answers on the private socket. */
#define ANX_SHELL_PATH "/org/anxin/Shell"

G_END_DECLS
