/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * `anxinctl` is a table of commands: one or two words each, options and file names after them. Exit status 0: done; 1: not done, the
 * reason is on standard error; 2: the words were not understood.
 */
typedef struct _AnxCommand AnxCommand;
struct _AnxCommand
{
  const char *group;    /* the first word */
  const char *verb;     /* (nullable) the second */
  const char *operands; /* for --help: what stands after the options; not translated */
  const char *summary;  /* marked with N_() */
  gboolean (*run) (const AnxCommand *command, int argc, char **argv, GError **error);
};

/* Each table ends with an entry without a group. */
extern const AnxCommand anx_district_commands[];
extern const AnxCommand anx_directory_commands[];
extern const AnxCommand anx_enrol_commands[];
extern const AnxCommand anx_join_commands[];
extern const AnxCommand anx_plan_commands[];
extern const AnxCommand anx_revoke_commands[];
extern const AnxCommand anx_record_commands[];
extern const AnxCommand anx_letter_commands[];
extern const AnxCommand anx_referral_commands[];
extern const AnxCommand anx_questionnaire_commands[];
extern const AnxCommand anx_hub_commands[];
extern const AnxCommand anx_intake_commands[];
extern const AnxCommand anx_recovery_commands[];
extern const AnxCommand anx_subject_commands[];
extern const AnxCommand anx_retention_commands[];
extern const AnxCommand anx_load_commands[];

int anx_ctl_main (int argc, char **argv);

/* For a command's run: options into @entries, the operands that are left into @out_operands. %G_OPTION_ERROR ends with status 2. */
gboolean anx_command_parse (const AnxCommand *command, int argc, char **argv, const GOptionEntry *entries, guint min_operands,
                            guint max_operands, char ***out_operands, GError **error);
gboolean anx_command_need_option (const char *name, const char *value, GError **error);
void     anx_command_print (const char *text);

G_END_DECLS
