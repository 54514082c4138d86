/* SPDX-License-Identifier: Apache-2.0 */
#include <drv/iommu_hw.h>
