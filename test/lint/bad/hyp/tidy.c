/* SPDX-License-Identifier: Apache-2.0 */
int tidy(int a, int b);
int tidy(int a, int b)
{
	int *p = 0;

	if (a == a) {
		return *p;
	}
	return b;
}
