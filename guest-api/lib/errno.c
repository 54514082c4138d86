/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library's errno: owns smmu_errno and the one table that turns the ABI's numbers (Linux's) into those of
 * the C library this file was compiled with. Built freestanding both are the same.
 */
#include <stddef.h>

#include <bulkhead/guest_errno.h>

int smmu_errno;

static const struct {
	short abi;
	short own;
} translation[] = {
	{ BH_EPERM, EPERM },   { BH_ENOENT, ENOENT },     { BH_EIO, EIO },
	{ BH_E2BIG, E2BIG },   { BH_EBADF, EBADF },       { BH_EAGAIN, EAGAIN },
	{ BH_ENOMEM, ENOMEM }, { BH_EACCES, EACCES },     { BH_EFAULT, EFAULT },
	{ BH_EBUSY, EBUSY },   { BH_ENODEV, ENODEV },     { BH_EINVAL, EINVAL },
	{ BH_ERANGE, ERANGE }, { BH_ENOSYS, ENOSYS },     { BH_ENOTCONN, ENOTCONN },
	{ BH_ETIMEDOUT, ETIMEDOUT },
};

int *bh_errno_location(void)
{
	return &errno;
}

int bh_result(long long status)
{
	size_t i;

	if (status >= 0) {
		return (int)status;
	}
	errno = EIO; /* a number this library does not know */
	for (i = 0; i < sizeof(translation) / sizeof(translation[0]); i++) {
		if (translation[i].abi == -status) {
			errno = translation[i].own;
		}
	}
	return -1;
}
