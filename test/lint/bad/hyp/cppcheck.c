/* SPDX-License-Identifier: Apache-2.0 */
int cpp(void);
int cpp(void)
{
	int a[4];

	a[0] = 1;
	return a[4];
}
