# SPDX-License-Identifier: Apache-2.0
include configs/demo.mk
