/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct sigevent and pid_t for smmu_xfer_notify() and smmu_mapping_add(): the C library's where there is one,
 * else the smallest that serves. Bulkhead knows one kind of event, SIGEV_VIRQ: the virtual interrupt whose
 * number the configuration gave this partition (bh_fault_virq() of <bulkhead/ext.h>) becomes pending.
 */
#pragma once

#if __STDC_HOSTED__

#include <signal.h>
#include <sys/types.h>

#else

typedef int pid_t;

union sigval {
	int sival_int;
	void *sival_ptr;
};

struct sigevent {
	int sigev_notify;
	int sigev_signo;
	union sigval sigev_value;
};

#endif

#define SIGEV_VIRQ 0x5642 /* far from every C library's own SIGEV_* */

/* Fills in *evp for smmu_xfer_notify(). */
#define SIGEV_VIRQ_INIT(evp) ((void)((evp)->sigev_notify = SIGEV_VIRQ))
