/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-model.h"
#include "record-index.h"

G_BEGIN_DECLS

/*
 * Records of all kinds that follow the same one and contradict one another, out of the whole list. No widgets. Main thread.
 * Each chain has a conflict. What must be read to decide and was not opened yet is asked for; the list is whole once that has come.
 */
GPtrArray *anx_desk_conflicts_list (AnxDeskModel *model, AnxRecordIndex *index) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxDeskChain) */

G_END_DECLS
