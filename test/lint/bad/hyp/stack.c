/* SPDX-License-Identifier: Apache-2.0 */
void use(char *p);
void stack(void);
void stack(void)
{
	char big[2000];

	use(big);
}
