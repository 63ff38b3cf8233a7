/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A data folder of its own for a test, named by ANX_DATA_DIR: a rule file, and the shipped questionnaires beside what the test adds. */
void anx_test_data_open (const char *rules);
void anx_test_data_set_rules (const char *rules);
void anx_test_data_add (const char *id, const char *json); /* a questionnaire of the test */
void anx_test_data_close (void);

G_END_DECLS
