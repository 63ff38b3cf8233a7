/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "booking-model.h"

G_BEGIN_DECLS

/* One random operation of a kiosk or the desk, on the ledger and on the model; fails where they differ. */
void model_operate (Model *self);

G_END_DECLS
