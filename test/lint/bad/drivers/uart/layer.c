/* SPDX-License-Identifier: Apache-2.0 */
#include "../../hyp/include/hyp/vm.h"
