/* SPDX-License-Identifier: Apache-2.0 */
/* Host memory at an address of the test's choice. A file of its own: the system's PROT_READ is not ours. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "vm_memory.h"

void *vm_memory(uintptr_t at, size_t size)
{
	return mmap((void *)at, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);
}
