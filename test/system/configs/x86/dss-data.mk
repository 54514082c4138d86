# SPDX-License-Identifier: Apache-2.0
include test/system/configs/dss.mk
