/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell-error.h"

static const GDBusErrorEntry entries[] = {
  { ANX_SHELL_ERROR_OFFLINE, "org.anxin.Error.Offline" },   { ANX_SHELL_ERROR_REFUSED, "org.anxin.Error.Refused" },
  { ANX_SHELL_ERROR_CONFLICT, "org.anxin.Error.Conflict" }, { ANX_SHELL_ERROR_UNKNOWN, "org.anxin.Error.Unknown" },
  { ANX_SHELL_ERROR_BUSY, "org.anxin.Error.Busy" },         { ANX_SHELL_ERROR_STORAGE, "org.anxin.Error.Storage" },
  { ANX_SHELL_ERROR_FAILED, "org.anxin.Error.Failed" },
};

/**
 * anx_shell_error_quark:
 *
 * Returns: the domain of #AnxShellError; asking for it once makes GDBus translate the domain's errors on the wire, so
 * both processes ask before their first message
 */
GQuark
anx_shell_error_quark (void)
{
  static gsize quark = 0;
  g_dbus_error_register_error_domain ("anx-shell-error", &quark, entries, G_N_ELEMENTS (entries));
  return (GQuark) quark;
}
