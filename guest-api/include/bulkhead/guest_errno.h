/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The errno that <smmu.h> functions set, under the names drivers use. With a C library (hosted compilation:
 * picolibc, newlib) it is that library's errno with that library's numbers. In a freestanding guest it is the
 * one int smmu_errno of the library, shared by all vCPUs, with the numbers of <bulkhead/errno.h>.
 */
#pragma once

#include <bulkhead/errno.h>

extern int smmu_errno;

#if __STDC_HOSTED__

#include <errno.h>

#else

#define errno smmu_errno

#define EPERM     BH_EPERM
#define ENOENT    BH_ENOENT
#define EIO       BH_EIO
#define E2BIG     BH_E2BIG
#define EBADF     BH_EBADF
#define EAGAIN    BH_EAGAIN
#define ENOMEM    BH_ENOMEM
#define EACCES    BH_EACCES
#define EFAULT    BH_EFAULT
#define EBUSY     BH_EBUSY
#define ENODEV    BH_ENODEV
#define EINVAL    BH_EINVAL
#define ERANGE    BH_ERANGE
#define ENOSYS    BH_ENOSYS
#define ENOTCONN  BH_ENOTCONN
#define ETIMEDOUT BH_ETIMEDOUT

#endif

/* The address of the errno in use: for debuggers and for languages that cannot use the macro. */
int *bh_errno_location(void);

/* Turns a hypercall result into the library's convention: negative → errno set and -1; else unchanged. */
int bh_result(long long status);
