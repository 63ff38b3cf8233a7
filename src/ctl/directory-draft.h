/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "district-folder.h"

G_BEGIN_DECLS

/* From the administrator's draft to the signed directory. */
gboolean anx_directory_draft_merge (AnxDistrictFolder *folder, JsonObject *addition, GError **error);
gboolean anx_directory_draft_publish (AnxDistrictFolder *folder, gint64 *out_version, GError **error);

G_END_DECLS
