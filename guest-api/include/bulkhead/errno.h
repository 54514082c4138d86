/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results of every hypercall: 0 or positive is success, negative is one of these, with Linux's numbers.
 * The prefix keeps them apart from a C library's own <errno.h>, whose numbers may differ (newlib).
 */
#pragma once

#define BH_EPERM     1  /* you do not have the right for this (ability, role) */
#define BH_ENOENT    2  /* no such device, or it is not in an object of yours */
#define BH_EIO       5  /* the unit refused or timed out; the stream is blocked now */
#define BH_E2BIG     7  /* more than one call may do: split it */
#define BH_EBADF     9  /* no such object of yours */
#define BH_EAGAIN    11 /* nothing there now */
#define BH_ENOMEM    12 /* your pool of tables, objects or mapping records is used up */
#define BH_EACCES    13 /* address not in your memory, or not with these rights */
#define BH_EFAULT    14 /* no argument page registered, or it cannot be used */
#define BH_EBUSY     16 /* owned by another client */
#define BH_ENODEV    19 /* the hypervisor has no unit for this */
#define BH_EINVAL    22 /* malformed argument */
#define BH_ERANGE    34 /* outside what the unit can address */
#define BH_ENOSYS    38 /* no such call */
#define BH_ENOTCONN  107 /* smmu_init() has not been called */
#define BH_ETIMEDOUT 110 /* internal: hardware did not answer in time */
