/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-problem.h"

G_BEGIN_DECLS

/* One problem: what happened, what is safe, what to do, and "Try again". Main thread. */
GtkWidget *anx_problem_page_new (AnxDeskProblem problem, const char *detail);

G_END_DECLS
