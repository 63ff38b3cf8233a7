/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-problem.h"

#include <glib/gi18n.h>

#include "base-error.h"
#include "seal-error.h"
#include "store-error.h"
#include "sync-error.h"

static const AnxDeskProblemText texts[ANX_DESK_N_PROBLEMS] = {
  [ANX_DESK_PROBLEM_KEY_STORE_MISSING]
  = { "key-store-missing", "dialog-password-symbolic", N_ ("The key store of this computer is not running"),
      N_ ("Your records are safe: they stay sealed on this computer and at the hub. Nobody can open them without your "
          "keys."),
      N_ ("Sign out of the computer and sign in again, so that its password store (Secret Service) starts. If that "
          "does not help, ask the administrator.") },
  [ANX_DESK_PROBLEM_KEY_STORE_LOCKED]
  = { "key-store-locked", "changes-prevent-symbolic", N_ ("The key store of this computer is locked"),
      N_ ("Your keys and records are safe. Nothing was changed."),
      N_ ("Unlock the password store with your sign-in password, then try again.") },
  [ANX_DESK_PROBLEM_KEY_MISSING]
  = { "key-missing", "dialog-password-symbolic", N_ ("Your keys are not in this computer’s key store"),
      N_ ("Nothing is lost: records at the hub stay sealed to you. They can be opened again with your keys, or by the "
          "recovery officers."),
      N_ ("Sign in to the computer account you enrolled with. If the account was set up anew, ask the administrator "
          "for a new enrolment code.") },
  [ANX_DESK_PROBLEM_DATABASE_NEWER] = { "database-newer", "software-update-available-symbolic",
                                        N_ ("The data on this computer were written by a newer version of Anxin"),
                                        N_ ("Nothing was changed, so that nothing is lost."),
                                        N_ ("Install the newer version of Anxin on this computer, then start again.") },
  [ANX_DESK_PROBLEM_DATABASE_DAMAGED]
  = { "database-damaged", "drive-harddisk-symbolic", N_ ("The data file on this computer is damaged"),
      N_ ("What the hub has confirmed is safe at the hub. The damaged file was left as it is."),
      N_ ("Do not delete anything. Ask the administrator: records not yet sent may be rescued from the file.") },
  [ANX_DESK_PROBLEM_DATABASE_BUSY]
  = { "database-busy", "window-restore-symbolic", N_ ("Anxin is already open for this account"),
      N_ ("Nothing was changed."), N_ ("Use the window that is already open, or close it and try again.") },
  [ANX_DESK_PROBLEM_DISK_FULL] = { "disk-full", "drive-harddisk-symbolic", N_ ("The disk of this computer is full"),
                                   N_ ("What you saved before is safe. Nothing was half written."),
                                   N_ ("Delete files you no longer need or empty the waste basket, then try again.") },
  [ANX_DESK_PROBLEM_DISK]
  = { "disk", "drive-harddisk-symbolic", N_ ("The disk of this computer could not be read or written"),
      N_ ("What the hub has confirmed is safe at the hub."),
      N_ ("Check that the disk is connected and that your account may write to its data folder, then try again.") },
  [ANX_DESK_PROBLEM_PROFILE]
  = { "profile", "folder-symbolic", N_ ("The data folder of this desk is damaged or belongs to another district"),
      N_ ("Nothing was changed. Your keys are still in the key store."),
      N_ ("Do not delete the folder. Ask the administrator to restore it from a backup, or to enrol this desk "
          "again.") },
  [ANX_DESK_PROBLEM_HUB_UNTRUSTED]
  = { "hub-untrusted", "security-low-symbolic", N_ ("The hub cannot prove that it belongs to your district"),
      N_ ("Nothing was sent to it. What you wrote is safe on this computer."),
      N_ ("Do not go on by another way. Call the administrator and say that the hub’s certificate has changed.") },
  [ANX_DESK_PROBLEM_CERTIFICATE_EXPIRED]
  = { "certificate-expired", "security-medium-symbolic", N_ ("Your certificate is no longer valid"),
      N_ ("What you wrote is safe on this computer and will be sent once the certificate is renewed."),
      N_ ("Ask the administrator for a new certificate.") },
  [ANX_DESK_PROBLEM_REVOKED]
  = { "revoked", "security-low-symbolic", N_ ("This desk’s certificate was withdrawn"),
      N_ ("What you wrote is safe on this computer."),
      N_ ("Ask the administrator why. If you do not know about it, do not use this computer until you have talked.") },
  [ANX_DESK_PROBLEM_CLOCK] = { "clock", "preferences-system-time-symbolic", N_ ("The clock of this computer is wrong"),
                               N_ ("Nothing is lost. Records carry the hub’s time, not the wrong one."),
                               N_ ("Set date and time in the computer’s settings, best to automatic, then try again. "
                                   "Until then the hub’s time is used.") },
  [ANX_DESK_PROBLEM_HUB] = { "hub", "network-error-symbolic", N_ ("The hub does not work with this desk at the moment"),
                             N_ ("What you write stays safe on this computer and is sent as soon as the hub accepts "
                                 "it. You can go on working."),
                             N_ ("Read the line below to the administrator. It is tried again by itself.") },
  [ANX_DESK_PROBLEM_NO_ROLE]
  = { "no-role", "avatar-default-symbolic", N_ ("No work has been assigned to you yet"),
      N_ ("Your enrolment is complete and stays valid."),
      N_ ("Ask the administrator to give you a role in the directory. This page goes away by itself.") },
  [ANX_DESK_PROBLEM_START] = { "start", "dialog-warning-symbolic", N_ ("Anxin could not start"),
                               N_ ("Nothing was changed. Saved records stay sealed on this computer."),
                               N_ ("Try again. If it happens again, read the line below to the administrator.") },
};

static AnxDeskProblem
from_seal (int code)
{
  switch ((AnxSealError) code)
    {
    case ANX_SEAL_ERROR_STORE_MISSING:
      return ANX_DESK_PROBLEM_KEY_STORE_MISSING;
    case ANX_SEAL_ERROR_STORE_LOCKED:
      return ANX_DESK_PROBLEM_KEY_STORE_LOCKED;
    case ANX_SEAL_ERROR_KEY_MISSING:
      return ANX_DESK_PROBLEM_KEY_MISSING;
    case ANX_SEAL_ERROR_UNTRUSTED:
    case ANX_SEAL_ERROR_STALE:
    case ANX_SEAL_ERROR_TAMPERED:
      return ANX_DESK_PROBLEM_HUB_UNTRUSTED;
    case ANX_SEAL_ERROR_EXPIRED:
      return ANX_DESK_PROBLEM_CERTIFICATE_EXPIRED;
    case ANX_SEAL_ERROR_REVOKED:
      return ANX_DESK_PROBLEM_REVOKED;
    case ANX_SEAL_ERROR_INVALID:
    case ANX_SEAL_ERROR_TOO_LARGE:
    case ANX_SEAL_ERROR_NOT_RECIPIENT:
    case ANX_SEAL_ERROR_INTERNAL:
    default:
      return ANX_DESK_PROBLEM_START;
    }
}

static AnxDeskProblem
from_store (int code)
{
  switch ((AnxStoreError) code)
    {
    case ANX_STORE_ERROR_FULL:
      return ANX_DESK_PROBLEM_DISK_FULL;
    case ANX_STORE_ERROR_BUSY:
      return ANX_DESK_PROBLEM_DATABASE_BUSY;
    case ANX_STORE_ERROR_CORRUPT:
      return ANX_DESK_PROBLEM_DATABASE_DAMAGED;
    case ANX_STORE_ERROR_VERSION:
      return ANX_DESK_PROBLEM_DATABASE_NEWER;
    case ANX_STORE_ERROR_IO:
      return ANX_DESK_PROBLEM_DISK;
    case ANX_STORE_ERROR_CONSTRAINT:
    case ANX_STORE_ERROR_SCHEMA:
    default:
      return ANX_DESK_PROBLEM_START;
    }
}

/**
 * anx_desk_problem_from_error:
 * @error: what a library said
 *
 * Returns: which page to show for it
 */
AnxDeskProblem
anx_desk_problem_from_error (const GError *error)
{
  if (error->domain == ANX_SEAL_ERROR)
    return from_seal (error->code);
  if (error->domain == ANX_STORE_ERROR)
    return from_store (error->code);
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE))
    return ANX_DESK_PROBLEM_PROFILE;
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNTRUSTED))
    return ANX_DESK_PROBLEM_HUB_UNTRUSTED;
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_DATE))
    return ANX_DESK_PROBLEM_CLOCK;
  if (g_error_matches (error, ANX_BASE_ERROR, ANX_BASE_ERROR_STORAGE))
    return ANX_DESK_PROBLEM_DISK;
  if (error->domain == ANX_BASE_ERROR)
    return ANX_DESK_PROBLEM_PROFILE;
  return ANX_DESK_PROBLEM_START;
}

/**
 * anx_desk_problem_describe:
 * @problem: a problem
 *
 * Returns: its texts in the person's language; no part is %NULL
 */
AnxDeskProblemText
anx_desk_problem_describe (AnxDeskProblem problem)
{
  g_return_val_if_fail (problem < ANX_DESK_N_PROBLEMS, texts[ANX_DESK_PROBLEM_START]);
  AnxDeskProblemText text = texts[problem];
  text.title = _(text.title);
  text.safe = _(text.safe);
  text.to_do = _(text.to_do);
  return text;
}

/**
 * anx_desk_problem_explain:
 * @error: why something could not be done
 *
 * Keys and disk speak the library's English and name files; a person needs what happened and what to do.
 *
 * Returns: (transfer full): that, in the person's language
 */
char *
anx_desk_problem_explain (const GError *error)
{
  if (error->domain != ANX_SEAL_ERROR && error->domain != ANX_STORE_ERROR)
    return g_strdup (error->message);
  AnxDeskProblemText text = anx_desk_problem_describe (anx_desk_problem_from_error (error));
  return g_strdup_printf ("%s\n%s", text.title, text.to_do);
}
