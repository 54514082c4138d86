/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of guest-physical ranges that trap and are emulated; from VM_TRAP_ARCH on the architecture's [asm/vcpu.h]. */
#pragma once

enum vm_trap_kind { VM_TRAP_NONE, VM_TRAP_ECAM, VM_TRAP_MSIX, VM_TRAP_ARCH };
